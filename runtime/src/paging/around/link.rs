//! The header `Link` (RFC 8288).

use http::HeaderMap;
use http::header::LINK;

/// The first URL with this relation.
pub(super) fn of(headers: &HeaderMap, relation: &str) -> Option<String> {
    let values = headers.get_all(LINK).into_iter().filter_map(|value| value.to_str().ok());
    values.into_iter().find_map(|value| in_value(value, relation)).map(str::to_owned)
}

fn in_value<'v>(value: &'v str, relation: &str) -> Option<&'v str> {
    let mut rest = value;
    loop {
        let (url, after) = rest.split_once('<')?.1.split_once('>')?;
        let (attributes, more) = split_at_comma(after);
        if attributes.iter().skip(1).any(|attribute| has_relation(attribute, relation)) {
            return Some(url.trim());
        }
        rest = more;
    }
}

/// What follows a link's URL: nothing, then its attributes, and what follows the comma after them.
fn split_at_comma(text: &str) -> (Vec<&str>, &str) {
    let (mut attributes, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                attributes.push(&text[start..at]);
                start = at + 1;
            }
            b',' if !quoted => {
                attributes.push(&text[start..at]);
                return (attributes, &text[at + 1..]);
            }
            _ => {}
        }
    }
    attributes.push(&text[start..]);
    (attributes, "")
}

fn has_relation(attribute: &str, relation: &str) -> bool {
    let Some((name, value)) = attribute.split_once('=') else { return false };
    let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
    name.trim().eq_ignore_ascii_case("rel") && relations.any(|other| other.eq_ignore_ascii_case(relation))
}

#[cfg(test)]
mod tests {
    use super::*;

    // B31
    #[test]
    fn b31_links_are_found_by_their_relation() {
        let found = |values: &[&str], relation: &str| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(LINK, value.parse().unwrap());
            }
            of(&headers, relation)
        };
        let usual = "<https://a.b/c?page=3>; rel=\"next\", <https://a.b/c?page=1>; rel=\"prev\"";
        assert_eq!(found(&[usual], "next").as_deref(), Some("https://a.b/c?page=3"));
        assert_eq!(found(&[usual], "prev").as_deref(), Some("https://a.b/c?page=1"));
        assert_eq!(found(&[usual], "first"), None);
        let odd = "< ?q=a,b;c >; title=\"x, <y>; rel=next \\\" z\"; REL=\"last Next\",</d>;rel=prev";
        assert_eq!(found(&[odd], "next").as_deref(), Some("?q=a,b;c"));
        assert_eq!(found(&[odd], "prev").as_deref(), Some("/d"));
        assert_eq!(found(&["</x>; rel=up", "</y>; rel=next"], "next").as_deref(), Some("/y"));
        for broken in ["", "<", "</x; rel=next", "/x; rel=next", "</x> rel=next", "</x>; next"] {
            assert_eq!(found(&[broken], "next"), None, "{broken}");
        }
    }
}
