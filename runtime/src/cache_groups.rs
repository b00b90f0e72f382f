//! Cache groups: what a server says itself of data that goes stale together (RFC 9875).

use std::error::Error as StdError;
use std::fmt;

use http::{HeaderMap, Uri};
use sfv::visitor::{EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ListVisitor, Never, ParameterVisitor};
use sfv::{BareItemFromInput, GenericBareItem, Parser};

use crate::exchange::Exchange;
use crate::request::Request;
use crate::tag::Tag;

/// Names the groups that a response belongs to.
const PROVIDED: &str = "cache-groups";
/// Names the groups that a response makes stale.
const INVALIDATED: &str = "cache-group-invalidation";

/// How many groups of a field count. A server can rely on 32.
const MOST_GROUPS: usize = 256;

impl Exchange {
    /// The groups that the response to a query belongs to.
    pub(crate) fn provided_groups(&self, request: &Request, headers: &HeaderMap) -> Vec<Tag> {
        self.groups(request, headers, PROVIDED)
    }

    /// The groups that the response to a mutation makes stale. One that only reads, by its method, has none.
    pub(crate) fn invalidated_groups(&self, request: &Request, headers: Option<&HeaderMap>) -> Vec<Tag> {
        let headers = headers.filter(|_| !request.method().is_safe());
        headers.map(|headers| self.groups(request, headers, INVALIDATED)).unwrap_or_default()
    }

    fn groups(&self, request: &Request, headers: &HeaderMap, field: &str) -> Vec<Tag> {
        if !self.cache_groups || !headers.contains_key(field) {
            return Vec::new();
        }
        groups(headers, field, || origin(&request.base(&self.base).parse().ok()?))
    }
}

/// The groups that a field names, as tags of the origin that the request was sent to. A field that is no list of texts names
/// none; parameters mean nothing.
fn groups(headers: &HeaderMap, field: &str, sent_to: impl FnOnce() -> Option<String>) -> Vec<Tag> {
    let Some(names) = names(headers, field).filter(|names| !names.is_empty()) else { return Vec::new() };
    let Some(origin) = sent_to() else { return Vec::new() };
    names.into_iter().take(MOST_GROUPS).map(|name| Tag::of_group(&origin, name)).collect()
}

/// The origin of an address (RFC 9110, section 4.3.1), with its port only where that is not the usual one.
pub(crate) fn origin(uri: &Uri) -> Option<String> {
    let (scheme, host) = (uri.scheme_str()?.to_ascii_lowercase(), uri.host()?.to_ascii_lowercase());
    let usual = if scheme == "https" { 443 } else { 80 };
    Some(match uri.port_u16().filter(|port| *port != usual) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// Takes out what the server of another origin named, to which a redirect led.
#[cfg(feature = "reqwest")]
pub(crate) fn keep_to_origin(headers: &mut HeaderMap, asked: &Uri, answered: &str) {
    let is_same = || Some(origin(asked)? == origin(&answered.parse().ok()?)?);
    for field in [PROVIDED, INVALIDATED] {
        if headers.contains_key(field) && is_same() != Some(true) {
            headers.remove(field);
        }
    }
}

fn names(headers: &HeaderMap, field: &str) -> Option<Vec<String>> {
    let lines: Vec<&[u8]> = headers.get_all(field).iter().map(|line| line.as_bytes()).collect();
    if lines.is_empty() {
        return None;
    }
    Parser::new(&lines.join(&b", "[..])).parse_list_with_visitor(Names(Vec::new())).ok()
}

/// The members of a list of texts, as they are read.
struct Names(Vec<String>);

/// One of them.
struct Name<'n>(&'n mut Vec<String>);

/// A member of the list is something else.
#[derive(Debug)]
struct NoText;

impl<'de> ListVisitor<'de> for Names {
    type Out = Vec<String>;
    type Error = NoText;

    fn entry(&mut self) -> Result<impl EntryVisitor<'de>, NoText> {
        Ok(Name(&mut self.0))
    }

    fn finish(self) -> Result<Vec<String>, NoText> {
        Ok(self.0)
    }
}

impl<'de> EntryVisitor<'de> for Name<'_> {
    type Error = NoText;

    fn item(self) -> Result<impl ItemVisitor<'de>, NoText> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, NoText> {
        Err::<Never, _>(NoText)
    }
}

impl<'de> ItemVisitor<'de> for Name<'_> {
    type Out = ();
    type Error = NoText;

    fn bare_item(self, item: BareItemFromInput<'de>) -> Result<impl ParameterVisitor<'de, Out = ()>, NoText> {
        let GenericBareItem::String(name) = item else { return Err(NoText) };
        self.0.push(name.as_str().to_owned());
        Ok(Ignored)
    }
}

impl fmt::Display for NoText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member of the list is no text")
    }
}

impl StdError for NoText {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Option<Vec<String>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(PROVIDED, line.parse().unwrap());
        }
        names(&headers, PROVIDED)
    }

    // B38
    #[test]
    fn b38_a_field_is_a_list_of_texts_or_nothing() {
        let table: [(&[&str], Option<&[&str]>); 16] = [
            (&[r#""a""#], Some(&["a"])),
            (&[r#""a", "b c" ,	"d""#], Some(&["a", "b c", "d"])),
            (&[r#""a""#, r#""b""#], Some(&["a", "b"])),
            (&[r#""a";q=1, "b";x;y="z""#], Some(&["a", "b"])),
            (&[r#""\"quoted\" \\""#], Some(&[r#""quoted" \"#])),
            (&[r#""a,b""#], Some(&["a,b"])),
            (&[r#""""#], Some(&[""])),
            (&[""], Some(&[])),
            (&["a"], None),
            (&[r#""a", b"#], None),
            (&[r#""a", ("b" "c")"#], None),
            (&[r#""a", 5"#], None),
            (&[r#""a" "b""#], None),
            (&[r#""a"#], None),
            (&[r#""a","#], None),
            (&[], None),
        ];
        for (lines, expected) in table {
            let found = read(lines);
            assert_eq!(
                found.as_deref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(),
                expected,
                "{lines:?}"
            );
        }
        let mut headers = HeaderMap::new();
        headers.append(PROVIDED, http::HeaderValue::from_bytes(b"\"\xff\"").unwrap());
        assert!(names(&headers, PROVIDED).is_none());
    }

    // B38
    #[test]
    fn b38_many_groups_count_and_not_without_end() {
        let line = |many: usize| (0..many).map(|id| format!("\"{id:032}\"")).collect::<Vec<_>>().join(", ");
        for (many, expected) in [(32, 32), (128, 128), (256, 256), (1000, 256)] {
            let mut headers = HeaderMap::new();
            headers.append(PROVIDED, line(many).parse().unwrap());
            assert_eq!(groups(&headers, PROVIDED, || Some("https://a".to_owned())).len(), expected);
        }
    }

    // B38
    #[test]
    fn b38_an_origin_is_scheme_host_and_port() {
        let same = ["https://Api.example.com/a", "https://api.example.com:443", "HTTPS://api.example.com/b?c"];
        for uri in same {
            assert_eq!(origin(&uri.parse().unwrap()).as_deref(), Some("https://api.example.com"), "{uri}");
        }
        for uri in ["http://api.example.com", "https://api.example.com:8443", "https://example.com", "/path"] {
            assert_ne!(origin(&uri.parse().unwrap()).as_deref(), Some("https://api.example.com"), "{uri}");
        }
    }
}
