//! Where a reference in a response leads, and whether that is where the operation was sent.

use http::Uri;

/// The URL that a reference means in the answer to a request that was sent to `base` (RFC 3986, section 5); `None` where it is
/// none that can be asked.
pub(super) fn resolve(base: &Uri, reference: &str) -> Option<Uri> {
    let reference = reference.trim().split('#').next().unwrap_or_default();
    let (scheme, authority) = (base.scheme_str()?, base.authority()?.as_str());
    let path = base.path();
    let text = if reference.is_empty() {
        return None;
    } else if has_scheme(reference) {
        reference.to_owned()
    } else if let Some(rest) = reference.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if let Some(query) = reference.strip_prefix('?') {
        format!("{scheme}://{authority}{path}?{query}")
    } else {
        let (target, query) = match reference.split_once('?') {
            Some((target, query)) => (target, format!("?{query}")),
            None => (reference, String::new()),
        };
        let folder = if target.starts_with('/') { "" } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
        let joint = if target.starts_with('/') { "" } else { "/" };
        format!("{scheme}://{authority}{}{query}", without_dots(&format!("{folder}{joint}{target}")))
    };
    let uri: Uri = text.parse().ok()?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority()?;
    (is_http && !authority.as_str().contains('@') && !authority.host().is_empty()).then_some(uri)
}

/// Whether a reference begins with a scheme.
fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// A path without `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut steps = path.split('/').skip(1).peekable();
    while let Some(step) = steps.next() {
        let is_last = steps.peek().is_none();
        match step {
            "." | ".." => {
                if step == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            step => kept.push(step),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Whether both are served by the same one: scheme, host and port.
pub(super) fn is_same_origin(one: &Uri, other: &Uri) -> bool {
    origin(one).is_some_and(|origin| Some(origin) == self::origin(other))
}

fn origin(uri: &Uri) -> Option<(String, String, u16)> {
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let usual = if scheme == "https" { 443 } else { 80 };
    Some((scheme, uri.host()?.to_ascii_lowercase(), uri.port_u16().unwrap_or(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_browsers_do() {
        let base: Uri = "https://a.example:8443/v1/jobs/start?x=1".parse().unwrap();
        for (reference, expected) in [
            ("https://b.example/s/7", Some("https://b.example/s/7")),
            ("//b.example/s", Some("https://b.example/s")),
            ("/s/7?q=1#part", Some("https://a.example:8443/s/7?q=1")),
            ("7", Some("https://a.example:8443/v1/jobs/7")),
            ("./7/../8", Some("https://a.example:8443/v1/jobs/8")),
            ("../../../../7", Some("https://a.example:8443/7")),
            ("..", Some("https://a.example:8443/v1/")),
            ("?id=7", Some("https://a.example:8443/v1/jobs/start?id=7")),
            ("s:7/8", None),
            ("file:///etc/passwd", None),
            ("https://me:secret@a.example/s", None),
            ("", None),
            ("#here", None),
            ("https://", None),
        ] {
            let resolved = resolve(&base, reference).map(|uri| uri.to_string());
            assert_eq!(resolved.as_deref(), expected, "{reference}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |one: &str, other: &str| is_same_origin(&one.parse().unwrap(), &other.parse().unwrap());
        assert!(same("https://a.example/x", "https://A.example:443/y?z"));
        assert!(!same("https://a.example/", "http://a.example/"));
        assert!(!same("https://a.example/", "https://a.example:444/"));
        assert!(!same("https://a.example/", "https://b.a.example/"));
        assert!(!same("/x", "/x"));
    }
}
