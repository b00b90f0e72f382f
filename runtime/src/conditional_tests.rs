//! Validators and headers alone; what follows from them is in the scenarios.

use super::*;

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
}

fn known(pairs: &[(&str, &str)]) -> Known {
    let body = Bytes::from_static(b"{}");
    Known {
        value: Arc::new(()),
        response: Some((StatusCode::OK, body)),
        parts: None,
        revalidated: Some(Arc::new(headers(pairs))),
    }
}

type Headers<'h> = &'h [(&'h str, &'h str)];

const MODIFIED: (&str, &str) = ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");

// B28
#[test]
fn b28_a_validator_is_sent_back_if_it_can_be_relied_on() {
    let (same, later) = (("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("date", "Sun, 06 Nov 1994 08:49:38 GMT"));
    let table: [(Headers<'_>, Option<&str>, bool); 12] = [
        (&[("etag", "\"a\"")], Some("\"a\""), false),
        (&[("etag", "W/\"a\"")], Some("W/\"a\""), false),
        (&[("etag", "\"\"")], Some("\"\""), false),
        (&[("etag", "*")], None, false),
        (&[("etag", "a")], None, false),
        (&[("etag", "\"a\", \"b\"")], None, false),
        (&[("etag", "\"a\""), ("etag", "\"b\"")], None, false),
        (&[MODIFIED, later], None, true),
        (&[MODIFIED, later, ("etag", "\"a\"")], Some("\"a\""), true),
        (&[MODIFIED, same, ("etag", "\"a\"")], Some("\"a\""), false),
        // What was sent within the second of its last change may have changed once more.
        (&[MODIFIED, same], None, false),
        (&[MODIFIED], None, false),
    ];
    for (pairs, etag, is_dated) in table {
        let known = known(pairs);
        let stored = Stored::of(&known);
        let sent = stored.as_ref().and_then(|stored| stored.etag).map(|etag| etag.to_str().unwrap());
        assert_eq!(sent, etag, "{pairs:?}");
        let dated = stored.as_ref().and_then(|stored| stored.last_modified);
        assert_eq!(dated.is_some(), is_dated, "{pairs:?}");
        assert_eq!(stored.is_some(), etag.is_some() || is_dated);
    }
    assert!(Stored::of(&Known { revalidated: None, ..known(&[("etag", "\"a\"")]) }).is_none());
    assert!(Stored::of(&Known { response: None, ..known(&[("etag", "\"a\"")]) }).is_none());
}

// B28
#[test]
fn b28_a_confirmation_is_of_what_is_there_or_of_nothing() {
    let known = known(&[("etag", "W/\"a\"")]);
    let stored = Stored::of(&known).unwrap();
    for (said, is_it) in [("\"a\"", true), ("W/\"a\"", true), ("\"b\"", false)] {
        assert_eq!(stored.confirmed(&headers(&[("etag", said)])).is_some(), is_it, "{said}");
    }
    let response = stored.confirmed(&HeaderMap::new()).unwrap();
    assert_eq!((response.status, &response.body[..]), (StatusCode::OK, &b"{}"[..]));
}

// B28
#[test]
fn b28_a_confirmation_brings_headers_up_to_date() {
    let stored =
        [("etag", "\"a\""), ("age", "50"), ("cache-control", "max-age=60"), ("x-old", "1"), ("vary", "accept")];
    let body = [("content-type", "application/json"), ("content-length", "2")];
    let said =
        [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("cache-control", "max-age=5"), ("cache-control", "private")];
    let nothing = [("content-length", "0"), ("content-type", "text/plain"), ("connection", "close")];
    let found = updated(&headers(&[&stored[..], &body].concat()), &headers(&[&said[..], &nothing].concat()));
    let expected = [("etag", "\"a\""), ("x-old", "1"), ("vary", "accept")];
    assert_eq!(found, headers(&[&expected[..], &body, &said].concat()));
}

// B28
#[test]
fn b28_a_request_with_a_condition_of_its_own_is_left_alone() {
    let request = |method: Method, header: Option<&str>| {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        request
            .headers_mut()
            .extend(header.map(|name| (name.parse::<HeaderName>().unwrap(), "\"a\"".parse().unwrap())));
        request
    };
    assert!(is_free(&request(Method::GET, None)) && is_free(&request(Method::GET, Some("accept"))));
    assert!(!is_free(&request(Method::POST, None)) && !is_free(&request(Method::PUT, None)));
    for name in ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range"] {
        assert!(!is_free(&request(Method::GET, Some(name))), "{name}");
    }
}
