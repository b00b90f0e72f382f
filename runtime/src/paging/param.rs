//! What tells the request for one page from that for another.

use percent_encoding::percent_decode_str;

use crate::request::Request;

/// What tells the request for one page from that for another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Param {
    /// The request as the query has it.
    First,
    /// A parameter with this value.
    Named(&'static str, Box<str>),
    /// The whole query string, as it is in a URL of the server's.
    Query(Box<str>),
    /// A URL that is not asked, and why.
    Refused(Box<str>),
}

impl Param {
    /// The request for the page, or why there is none.
    pub(crate) fn ask(&self, base: &Request) -> Result<Request, String> {
        match self {
            Param::First => Ok(base.clone()),
            Param::Named(name, value) => Ok(base.clone().query_param(name, &**value)),
            Param::Query(query) => Ok(base.with_query(query)),
            Param::Refused(why) => Err(why.to_string()),
        }
    }

    /// What people know it by: the parameter's value, or the query string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Param::Named(_, value) => Some(value),
            Param::Query(query) => Some(query),
            Param::First | Param::Refused(_) => None,
        }
    }

    /// What a URL of a page says, which came in a response to a request that goes to `base`. Pairs of these names are left
    /// out: they are credentials, which are added when a request is sent.
    pub(crate) fn of_url(url: &str, base: &str, secret: &[String]) -> Param {
        let is_same_host = match host(url) {
            Some(there) => host(base).is_some_and(|here| here.eq_ignore_ascii_case(there)),
            None => true,
        };
        if !is_same_host {
            // The rest of the URL may hold what is nobody's business.
            let there = host(url).unwrap_or_default();
            let why = format!("the server says that the next page is on another host, {there:?}, which is not asked");
            return Param::Refused(why.into());
        }
        let Some((_, query)) = url.split('#').next().unwrap_or_default().split_once('?') else {
            return Param::Refused("the URL of the page has no query string to take over".into());
        };
        let is_secret = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or_default();
            let name = percent_decode_str(name).decode_utf8_lossy();
            secret.iter().any(|secret| *secret == name)
        };
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_secret(pair)).collect();
        Param::Query(kept.join("&").into())
    }
}

/// The host of a URL with its port; none in a relative one. `http` and `https` on their own ports are one: servers behind
/// others often do not know by which of them they were asked.
fn host(url: &str) -> Option<&str> {
    let (rest, port) = if let Some(rest) = strip(url, "https://") {
        (rest, ":443")
    } else if let Some(rest) = strip(url, "http://") {
        (rest, ":80")
    } else if let Some(rest) = url.strip_prefix("//") {
        (rest, "")
    } else {
        let scheme = url.split(['/', '?', '#']).next().unwrap_or_default();
        // Another scheme is no place to ask.
        return scheme.contains(':').then_some(url);
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some(host.strip_suffix(port).unwrap_or(host))
}

fn strip<'u>(url: &'u str, scheme: &str) -> Option<&'u str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://api.example.com/v1";

    fn query(url: &str) -> Result<String, String> {
        match Param::of_url(url, BASE, &["api_key".to_owned()]) {
            Param::Query(query) => Ok(query.into()),
            other => Err(format!("{other:?}")),
        }
    }

    // B31
    #[test]
    fn b31_of_a_url_the_query_string_is_taken_over_from_the_same_host_alone() {
        for url in [
            "https://api.example.com/v1/posts?page=2&q=a%20b",
            "http://api.example.com/elsewhere?page=2&q=a%20b#top",
            "https://API.example.com:443/v1/posts?page=2&q=a%20b&api_key=secret",
            "//api.example.com/posts?api%5Fkey=secret&page=2&q=a%20b",
            "/v1/posts?page=2&q=a%20b",
            "posts?page=2&&q=a%20b",
            "?page=2&q=a%20b",
        ] {
            assert_eq!(query(url).as_deref(), Ok("page=2&q=a%20b"), "{url}");
        }
        for url in [
            "https://evil.example/v1/posts?page=2",
            "https://api.example.com@evil.example/v1/posts?page=2",
            "https://api.example.com:8443/v1/posts?page=2",
            "https://api.example.com.evil.example/?page=2",
            "https://evil.example\\@api.example.com/?page=2",
            "//evil.example/?page=2",
            "javascript:alert(1)?page=2",
            "https://?page=2",
            "https://api.example.com/v1/posts",
        ] {
            let refused = query(url);
            assert!(refused.as_ref().is_err_and(|why| why.contains("Refused")), "{url}: {refused:?}");
        }
    }
}
