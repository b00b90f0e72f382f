//! Requests: what is put where, and what is refused.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};

use super::*;
use crate::ErrorKind;
use crate::credential::Credential;
use crate::error::Error;

const BASE: &str = "https://api.example.com/v1";

fn get(template: &'static str) -> Request {
    Request::get("op", template)
}

fn url(request: &Request) -> Result<String, Error> {
    request.build(BASE, &[]).map(|request| request.uri().to_string())
}

#[test]
fn parameters_land_in_their_places() {
    let request = get("/a/{x}/b/{y}")
        .path_param("x", "s p/c?")
        .path_param("y", &7)
        .query_param("q", &Some("ä&b"))
        .query_param("none", &None::<i32>)
        .query_param_as(Style::Form, "ids", &[1, 2])
        .header_param("X-Trace", &["a", "b"])
        .cookie_param("c", "1 2")
        .cookie_param("d", &true);
    let built = request.accept("application/json").build(BASE, &[]).unwrap();
    assert_eq!(built.uri(), "https://api.example.com/v1/a/s%20p%2Fc%3F/b/7?q=%C3%A4%26b&ids=1,2");
    assert_eq!(built.headers()["x-trace"], "a,b");
    assert_eq!(built.headers()["cookie"], "c=1%202; d=true");
    assert_eq!(built.headers()["accept"], "application/json");
}

#[test]
fn a_path_that_would_change_the_route_is_refused() {
    let refused = [
        get("/a/{x}").path_param("x", ""),
        get("/a/{x}").path_param("x", &None::<i32>),
        get("/a/{x}").path_param("x", &Vec::<i32>::new()),
        get("/a/{x}").path_param("x", "."),
        get("/a/{x}/b").path_param("x", ".."),
        get("/a/{x}{y}").path_param("x", ".").path_param("y", "."),
        get("/a/{x}"),
        get("/a").path_param("x", "1"),
    ];
    for request in refused {
        assert_eq!(url(&request).unwrap_err().kind(), ErrorKind::Request, "{}", request.path());
    }
    assert_eq!(url(&get("/a/{x}").path_param("x", "...")).unwrap(), format!("{BASE}/a/..."));
    assert_eq!(url(&get("/a/{x}").path_param("x", "{y}")).unwrap(), format!("{BASE}/a/%7By%7D"));
}

#[test]
fn path_styles_fill_the_template() {
    assert_eq!(get("/c{x}").path_param_as(Style::MatrixExploded, "x", &[1, 2]).path(), "/c;x=1;x=2");
    assert_eq!(get("/c{x}").path_param_as(Style::Label, "x", &[1, 2]).path(), "/c.1,2");
    assert_eq!(get("/c/{x}").path_param_as(Style::Json, "x", &[1]).path(), "/c/%5B1%5D");
}

#[test]
fn whole_numbers_have_no_fraction_whatever_their_type() {
    let request = get("/a/{x}/{y}").path_param("x", &2.0).path_param_as(Style::Label, "y", &[3.0, 0.5]);
    let request = request.query_param("z", &4.0).query_param_as(Style::Json, "j", &[5.0]);
    assert_eq!(url(&request).unwrap(), format!("{BASE}/a/2/.3,0.5?z=4&j=%5B5%5D"));
    assert!(is_same(&get("/a/{x}").path_param("x", &2.0), &get("/a/{x}").path_param("x", &2)));
}

#[test]
fn bodies() {
    let build = |request: Request| request.build(BASE, &[]).unwrap();
    let json = build(Request::post("op", "/a").json(&[1, 2]));
    assert_eq!(
        (json.headers()["content-type"].as_bytes(), json.body().as_ref()),
        (&b"application/json"[..], &b"[1,2]"[..])
    );
    let form = build(Request::post("op", "/a").form(&serde_json::json!({ "a b": "c&d", "e": [1, 2], "f": null })));
    assert_eq!(form.body().as_ref(), b"a%20b=c%26d&e=1&e=2");
    let none = build(Request::post("op", "/a").json_opt(None::<&i32>));
    assert!(none.body().is_empty() && none.headers().get("content-type").is_none());
}

#[test]
fn a_body_can_go_by_another_content_type() {
    let content_type = |request: Request| {
        let built = request.build(BASE, &[]).unwrap();
        built.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned())
    };
    let patch = Request::patch("op", "/a").json(&1).content_type("application/merge-patch+json");
    assert_eq!(content_type(patch).unwrap(), "application/merge-patch+json");
    let related = Request::post("op", "/a").multipart(&serde_json::json!({ "a": 1 })).content_type("multipart/related");
    assert!(content_type(related).unwrap().starts_with("multipart/related; boundary=larder-"));
    let none = Request::patch("op", "/a").json_opt(None::<&i32>).content_type("application/merge-patch+json");
    assert_eq!(content_type(none), None);
}

#[test]
fn forms_keep_the_styles_of_their_fields() {
    let body = serde_json::json!({ "a": { "b": 1 }, "c": ["x", "y"], "d": "e" });
    let text = |request: Request| {
        let built = request.build(BASE, &[]).unwrap();
        percent_encoding::percent_decode(built.body()).decode_utf8().unwrap().into_owned()
    };
    let post = || Request::post("op", "/a");
    assert_eq!(text(post().form(&body)), r#"a={"b":1}&c=x&c=y&d=e"#);
    assert_eq!(text(post().form_as(Style::DeepObject, &body)), "a[b]=1&c[]=x&c[]=y&d=e");
    assert_eq!(text(post().form_with(&[("c", Style::Form)], &body)), r#"a={"b":1}&c=x,y&d=e"#);
    assert_eq!(text(post().form(&None::<i32>)), "");
}

#[test]
fn an_operation_can_have_its_own_server_and_path_keys_their_own_query() {
    let own = |server| url(&get("/x").server(server)).unwrap();
    assert_eq!(own("https://upload.example.com/v2/"), "https://upload.example.com/v2/x");
    assert_eq!(own("/v2"), "https://api.example.com/v2/x");
    assert_eq!(own("/"), "https://api.example.com/x");
    assert_eq!(url(&get("/x?beta=true").query_param("q", &1)).unwrap(), format!("{BASE}/x?beta=true&q=1"));
    assert_eq!(url(&get("/a b/\u{e9}")).unwrap(), format!("{BASE}/a%20b/%C3%A9"));
    let kept = get("/x").query_param_reserved(Style::FormExploded, "to", "a/b?c=d&e#f");
    assert_eq!(url(&kept).unwrap(), format!("{BASE}/x?to=a/b?c=d%26e%23f"));
}

#[test]
fn credentials_go_where_their_scheme_says() {
    let given = [
        Credential::in_query("key", "api key", "s&t"),
        Credential::in_cookie("session", "sid", "1"),
        Credential::basic("user", "Aladdin", "open sesame"),
    ];
    let both = get("/x").cookie_param("c", &1).security(&[&["key", "session", "user"]]).build(BASE, &given).unwrap();
    assert_eq!(both.uri(), "https://api.example.com/v1/x?api%20key=s%26t");
    assert_eq!(both.headers()["cookie"], "c=1; sid=1");
    assert_eq!(both.headers()["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    let none = get("/x").security(&[]).build(BASE, &given).unwrap();
    assert!(none.uri().query().is_none() && none.headers().get("authorization").is_none());
}

#[test]
fn what_cannot_be_encoded_is_an_error_when_sent() {
    let keyed: HashMap<(i32, i32), i32> = [((1, 2), 3)].into();
    let table = [
        (Request::post("op", "/a").json(&keyed), "body"),
        (Request::post("op", "/a").form(&[1]), "object"),
        (get("/a").query_param("q", &keyed), "parameter q"),
        (get("/a").header_param("X-A", "line\nbreak"), "X-A"),
        (get("/a").header_param("bad name", "1"), "header name"),
    ];
    for (request, expected) in table {
        let text = url(&request).unwrap_err().to_string();
        assert!(text.starts_with("POST /a (op): ") || text.starts_with("GET /a (op): "), "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

fn hash(request: &Request) -> u64 {
    let mut state = DefaultHasher::new();
    request.args().hash_key(request.common(), &mut state);
    state.finish()
}

fn is_same(one: &Request, other: &Request) -> bool {
    let same = one.args().is_same_call(one.common(), other.args(), other.common());
    assert_eq!(same, other.args().is_same_call(other.common(), one.args(), one.common()), "it goes both ways");
    assert!(
        one.args().is_same_call(one.common(), &one.args().clone(), one.common()) && hash(one) == hash(&one.clone())
    );
    assert!(!same || hash(one) == hash(other), "what is the same has the same hash");
    same
}

// B1
#[test]
fn b1_equal_args_are_one_call_whatever_their_order() {
    let one = get("/a").query_param("x", &1).query_param("y", &"2").header_param("H", &1).header_param("G", &2);
    let other = get("/a").header_param("G", &2).header_param("h", &"1").query_param("y", &2).query_param("x", &"1");
    assert!(is_same(&one, &other));
    assert_eq!((one.path_and_query(), other.path_and_query()), ("/a?x=1&y=2".to_owned(), "/a?y=2&x=1".to_owned()));
    let baked = get("/a").cookie_param("x", &1).cookie_param("y", &2);
    assert!(is_same(&baked, &get("/a").cookie_param("y", &2).cookie_param("x", &1)));
    let absent = get("/a").query_param("x", &None::<i32>).header_param("H", &None::<i32>);
    assert!(is_same(&absent, &get("/a")));
    assert!(is_same(&get("/a/{x}").path_param("x", &7), &get("/a/{x}").path_param("x", "7")));
    assert!(is_same(&get("/a").security(&[]), &get("/a")), "who asks is the client's affair");
}

// B1
#[test]
fn b1_what_asks_for_something_else_is_another_call() {
    let calls = [
        get("/a"),
        get("/b"),
        get("/a").query_param("x", ""),
        get("/a").query_param("x", &0),
        get("/a").query_param("y", &0),
        get("/a").query_param("x", &0).query_param("x", &1),
        get("/a").query_param("x", &1).query_param("x", &0),
        get("/a").cookie_param("x", &0),
        get("/a").header_param("x", &0),
        get("/a").header_param("x", ""),
        get("/a").accept("text/csv"),
        get("/a").server("https://other.example.com"),
        get("/a").text("x"),
        get("/a").bytes("application/octet-stream", "x".into()),
        get("/a").header_param("bad name", &0),
        Request::get("other", "/a"),
        Request::post("op", "/a"),
        Request::with_method("QUERY", "op", "/a"),
        Request::with_method("LINK", "op", "/a"),
    ];
    for (at, one) in calls.iter().enumerate() {
        for (to, other) in calls.iter().enumerate() {
            assert_eq!(is_same(one, other), at == to, "{one:?} ({at}) and {other:?} ({to})");
        }
    }
}

// B1
#[test]
fn b1_bodies_that_say_the_same_are_one_call_and_are_sent_as_they_are() {
    let body = |text: &'static str, content_type| get("/a").bytes(content_type, text.into()).keyed();
    let (one, other) = (r#"{"a":{"d":1,"c":[2]},"b":"x"}"#, r#"{ "b":"x", "a":{"c":[2],"d":1} }"#);
    for content_type in ["application/json", "application/vnd.api+json; charset=utf-8", "Application/JSONL"] {
        assert!(is_same(&body(one, content_type), &body(other, content_type)), "{content_type}");
        assert_eq!(body(other, content_type).build(BASE, &[]).unwrap().body().as_ref(), other.as_bytes());
    }
    assert!(!is_same(&body(one, "text/plain"), &body(other, "text/plain")));
    assert!(!is_same(&body(one, "application/json"), &body(one, "application/x-json")));
    for (one, other) in
        [("[1,2]", "[2,1]"), (r#"{"a":1}"#, r#"{"a":"1"}"#), ("[18446744073709551616]", "[18446744073709551617]")]
    {
        assert!(!is_same(&body(one, "application/json"), &body(other, "application/json")), "{one} and {other}");
    }
    let of = |pairs: &[(&str, i32)]| get("/a").json(&pairs.iter().copied().collect::<HashMap<_, _>>()).keyed();
    let pairs = [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)];
    for _ in 0..20 {
        assert!(is_same(&of(&pairs), &of(&pairs)), "a map has another order each time");
    }
}

/// Requests are held by the million, so this may not grow unseen.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_request_is_small() {
    assert!(size_of::<Request>() <= 96, "{}", size_of::<Request>());
    #[cfg(not(feature = "audit"))]
    assert!(size_of::<Rare>() <= 144, "{}", size_of::<Rare>());
    #[cfg(not(feature = "audit"))]
    assert!(get("/a/{x}").path_param("x", &7).args.rare.is_none());
}

#[test]
fn paths_of_any_length_are_filled_to_the_letter() {
    for length in 0..70 {
        let text = "ä".repeat(length % 7) + &"x".repeat(length + 1);
        let request = get("/a/{x}/b/{y}").path_param("y", &7).path_param("x", &text);
        let expected = format!("/a/{}/b/7", percent_encode(&text));
        assert_eq!(request.path(), expected);
        assert!(is_same(&request, &get("/a/{x}/b/{y}").path_param("x", &text).path_param("y", "7")));
        assert!(!is_same(&request, &get("/a/{x}/b/{y}").path_param("x", &text).path_param("y", "8")));
    }
    assert_eq!(get("/{x}/{y}/{x}").path_param("x", &-7).path_param("y", "{x}").path(), "/-7/%7Bx%7D/-7");
}

#[test]
fn debug_text_holds_no_values() {
    let request =
        get("/a/{x}").path_param("x", "secret").query_param("token", "secret").header_param("Authorization", "secret");
    assert!(!format!("{request:?}").contains("secret"));
}
