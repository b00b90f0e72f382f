//! What an error's text says, and the body that comes with it.

use serde_json::Value as Json;

use super::*;

fn refused(body: &str) -> Error {
    let call = Call { operation: "updatePost", method: Method::PATCH, template: "/posts/{post_id}" };
    let (status, body) = (StatusCode::UNPROCESSABLE_ENTITY, Bytes::copy_from_slice(body.as_bytes()));
    let response = RawResponse { status, headers: Arc::default(), body };
    let view = ErrorView::read(&response);
    Error::refused(call, response, view)
}

#[test]
fn texts_name_the_call_and_what_the_server_said() {
    let start = "PATCH /posts/{post_id} (updatePost): the server answered 422 Unprocessable Entity";
    let table = [
        (r#"{"detail": "title is empty", "title": "Bad"}"#, ": title is empty"),
        (r#"{"error": {"code": 3, "message": "no such post"}}"#, ": no such post"),
        (r#"{"error": "nope"}"#, ": nope"),
        (r#""just text""#, ": just text"),
        ("plain\n  text", ": plain text"),
        ("<html><title>Bad  title</title>not for people</html>", ": Bad title"),
        ("<p>not for people", ""),
        ("{}", ""),
        ("", ""),
    ];
    for (body, end) in table {
        assert_eq!(refused(body).to_string(), format!("{start}{end}"));
    }
    let long = refused(&"é".repeat(500)).to_string();
    assert!(long.ends_with('…') && long.chars().count() < 300, "{long}");
}

#[test]
fn a_documented_body_is_decoded_on_demand() {
    let error = refused(r#"{"code": 7}"#);
    assert_eq!(error.body::<Json>().and_then(|json| json["code"].as_i64()), Some(7));
    assert_eq!(error.body::<Vec<u8>>(), None);
    assert!(error.was_sent());
}
