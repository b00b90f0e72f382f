//! The shapes of errors that servers use, each as one view; and that nothing a server sends breaks it.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;

use super::ErrorView;
use crate::redact::Secrets;
use crate::response::RawResponse;

fn response(status: u16, body: impl Into<Bytes>) -> RawResponse {
    RawResponse { status: StatusCode::from_u16(status).unwrap(), headers: Arc::default(), body: body.into() }
}

fn view(status: u16, body: &'static str) -> ErrorView {
    ErrorView::read(&response(status, body))
}

/// What a view says, in one text: `title | message | code | details | field=messages`.
fn told(view: &ErrorView) -> String {
    let fields: Vec<_> = view.fields.iter().map(|one| format!("{}={}", one.field, one.messages.join("+"))).collect();
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let parts =
        [optional(&view.title), view.message.clone(), optional(&view.code), view.details.join("+"), fields.join(" ")];
    parts.join(" | ")
}

// B29
#[test]
fn b29_every_usual_shape_is_one_view() {
    let table = [
        // Problem details, RFC 9457, and `invalid-params` of its predecessor.
        (
            r#"{"type":"https://e.example/out","title":"No credit","detail":"30 of 50","status":403,
            "errors":[{"detail":"must be positive","pointer":"\#/items/0/age"}]}"#,
            "No credit | 30 of 50 | https://e.example/out |  | items.0.age=must be positive",
        ),
        (
            r#"{"type":"about:blank","title":"Bad","invalid-params":[{"name":"age","reason":"negative"}]}"#,
            "Bad | Bad |  |  | age=negative",
        ),
        // Microsoft's API guidelines and OData.
        (
            r#"{"error":{"code":"BadArgument","message":"Several errors","target":"Contact","details":[
            {"code":"NullValue","target":"PhoneNumber","message":"must not be null"},
            {"code":"Odd","message":"odd in general"}],"innererror":{"code":"x"}}}"#,
            " | Several errors | BadArgument | odd in general | PhoneNumber=must not be null",
        ),
        // GraphQL, and those who answer as it does.
        (
            r#"{"errors":[{"message":"Invalid user credentials.","extensions":{"code":"INVALID_CREDENTIALS"}}]}"#,
            " | Invalid user credentials. | INVALID_CREDENTIALS |  | ",
        ),
        // A name, and what belongs to it.
        (
            r#"{"name":"NotFoundError","data":{"message":"Session not found: 7"}}"#,
            " | Session not found: 7 | NotFoundError |  | ",
        ),
        (r#"{"error":{"statusCode":404,"name":"NotFoundError","message":"gone"}}"#, " | gone | NotFoundError |  | "),
        // Google's `google.rpc.Status`, and its older errors.
        (
            r#"{"error":{"code":422,"message":"Invalid book","status":"INVALID_ARGUMENT","details":[
            {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[
                {"field":"book.title","description":"is empty"},{"field":"book.isbn","description":"is no number"}]}]}}"#,
            " | Invalid book | INVALID_ARGUMENT |  | book.title=is empty book.isbn=is no number",
        ),
        (
            r#"{"error":{"code":422,"message":"Daily limit","errors":[{"domain":"usage","reason":"dailyLimit","message":"Daily limit"}]}}"#,
            " | Daily limit |  |  | ",
        ),
        // JSON:API.
        (
            r#"{"errors":[{"code":"E7","title":"Invalid","detail":"too short","source":{"pointer":"/data/attributes/name"}},
            {"detail":"unknown","source":{"parameter":"sort"}}]}"#,
            "Invalid | name: too short | E7 |  | name=too short sort=unknown",
        ),
        // ASP.NET, Laravel, Rails, Django.
        (
            r#"{"type":"https://tools.ietf.org/html/rfc9110","title":"One or more validation errors occurred.",
            "errors":{"$.age":["no number","too odd"],"Title":["required"]}}"#,
            "One or more validation errors occurred. | One or more validation errors occurred. | https://tools.ietf.org/html/rfc9110 |  | age=no number+too odd Title=required",
        ),
        (
            r#"{"message":"The title is required.","errors":{"tags.0":["bad"],"title":["The title is required."]}}"#,
            " | The title is required. |  |  | tags.0=bad title=The title is required.",
        ),
        (
            r#"{"errors":{"title":["can't be blank"],"base":["closed today"]}}"#,
            " | closed today |  |  | title=can't be blank",
        ),
        (r#"{"errors":["Title can't be blank","Body is short"]}"#, " | Title can't be blank |  | Body is short | "),
        (
            r#"{"title":["This field is required."],"non_field_errors":["Bad together"]}"#,
            " | Bad together |  |  | title=This field is required.",
        ),
        (r#"{"errors":{"address":{"city":["unknown"]}}}"#, " | address.city: unknown |  |  | address.city=unknown"),
        // FastAPI, with and without a list.
        (
            r#"{"detail":[{"type":"missing","loc":["body","items",0,"name"],"msg":"Field required","input":{}}]}"#,
            " | items.0.name: Field required |  |  | items.0.name=Field required",
        ),
        (r#"{"detail":"Not found"}"#, " | Not found |  |  | "),
        (r#"{"detail":{"code":"gone","message":"No more"}}"#, " | No more |  |  | "),
        // OAuth 2, GitHub, Zod, Symfony, AWS, Apigee.
        (
            r#"{"error":"invalid_grant","error_description":"The token is old"}"#,
            " | The token is old | invalid_grant |  | ",
        ),
        (
            r#"{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"}],"status":"422"}"#,
            " | Validation Failed | missing_field |  | title=missing_field",
        ),
        (
            r#"{"error":{"issues":[{"path":["user","age"],"message":"Expected number","code":"invalid_type"}],"name":"ZodError"}}"#,
            " | user.age: Expected number | ZodError |  | user.age=Expected number",
        ),
        (
            r#"{"title":"An error occurred","detail":"name: too long","violations":[{"propertyPath":"name","message":"too long"}]}"#,
            "An error occurred | name: too long |  |  | name=too long",
        ),
        (r#"{"__type":"ValidationException","message":"1 error"}"#, " | 1 error | ValidationException |  | "),
        (
            r#"{"fault":{"faultstring":"Quota exceeded","detail":{"errorcode":"policies.Quota"}}}"#,
            " | Quota exceeded | policies.Quota |  | ",
        ),
        // Plain ones, and none.
        (r#"{"message":"no"}"#, " | no |  |  | "),
        (r#"{"error":"nope","code":17}"#, " | nope | 17 |  | "),
        (r#""only text""#, " | only text |  |  | "),
        ("plain\n text", " | plain text |  |  | "),
        ("<!doctype html><html><head><title>502 Bad &amp; Gateway</title>", " | 502 Bad & Gateway |  |  | "),
        ("<html><body><h1 class='x'>Gone</h1>", " | Gone |  |  | "),
        ("<Error><Code>7</Code></Error>", " |  |  |  | "),
        ("{}", " |  |  |  | "),
        ("null", " |  |  |  | "),
        ("", " |  |  |  | "),
    ];
    let mut wrong = Vec::new();
    for (body, expected) in table {
        let body = body.replace("\\#", "#");
        let told = told(&ErrorView::read(&response(422, body.clone())));
        if told != expected {
            wrong.push(format!("{body}\n  is read as {told}\n  and not as {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// B29
#[test]
fn b29_a_map_of_texts_is_fields_only_where_something_was_wrong_with_what_was_sent() {
    let body = r#"{"allowed":["GET","PUT"]}"#;
    assert_eq!(view(405, body).fields, []);
    assert_eq!(view(400, body).messages_of("allowed"), ["GET", "PUT"]);
    assert_eq!(view(400, body).messages_of("other"), [""; 0]);
}

// B29 B36
#[test]
fn b29_a_view_is_bounded_whatever_a_server_sends() {
    let many: Vec<String> = (0..10_000).map(|at| format!("\"f{at}\":[\"{}\"]", "é".repeat(2000))).collect();
    let body = format!("{{\"errors\":{{{}}}}}", many[..20].join(","));
    let fields = ErrorView::read(&response(422, body)).fields;
    assert_eq!(fields.len(), 20);
    assert!(fields.iter().all(|one| one.messages[0].chars().count() == 1001));
    let short: Vec<String> = (0..5000).map(|at| format!("\"f{at}\":[\"x\"]")).collect();
    assert_eq!(ErrorView::read(&response(422, format!("{{\"errors\":{{{}}}}}", short.join(",")))).fields.len(), 100);
    // Larger than what is for people: not even read.
    assert_eq!(
        told(&ErrorView::read(&response(422, format!("{{\"errors\":{{{}}}}}", many.join(","))))),
        " |  |  |  | "
    );
    let deep = format!("{}{}{}", r#"{"errors":"#.repeat(100), r#"{"a":["x"]}"#, "}".repeat(100));
    assert!(ErrorView::read(&response(422, deep)).fields.len() <= 1);
    assert_eq!(view(500, "cut within \u{e9}").message, "cut within é");
    assert_eq!(ErrorView::read(&response(500, &b"cut within \xc3"[..])).message, "cut within");
    assert_eq!(ErrorView::read(&response(500, &b"\xff\xfe\x00"[..])).message, "");
    assert_eq!(ErrorView::read(&response(500, &b"\x00\x01"[..])).message, "");
}

/// Random JSON of the words that the shapes use, so that every branch meets every type.
fn random_json(next: &mut impl FnMut(usize) -> usize, depth: usize) -> String {
    const WORDS: [&str; 22] = [
        "error",
        "errors",
        "detail",
        "details",
        "message",
        "title",
        "code",
        "status",
        "type",
        "source",
        "pointer",
        "loc",
        "field",
        "path",
        "fieldViolations",
        "invalid-params",
        "",
        "base",
        "_errors",
        "msg",
        "non_field_errors",
        "issues",
    ];
    match next(if depth == 0 { 5 } else { 8 }) {
        0 => "null".to_owned(),
        1 => "7".to_owned(),
        2 | 3 => format!(
            "\"{}\"",
            ["", "#/a~1b/0", "$.a[0]['b']", " ", "x y", "é…", "/", "#/", "[[", "about:blank"][next(10)]
        ),
        4 => "true".to_owned(),
        5 => {
            let items: Vec<String> = (0..next(4)).map(|_| random_json(next, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => {
            let members: Vec<String> = (0..next(5))
                .map(|_| format!("\"{}\":{}", WORDS[next(WORDS.len())], random_json(next, depth - 1)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

// B29 B36
#[test]
fn b29_no_body_breaks_the_view_or_shows_a_secret() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    };
    let headers = [("authorization", "Bearer x y"), ("x-api-key", "#/a~1b/0")];
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let secrets = Secrets::of_headers(&headers);
    let mut said = 0;
    for _ in 0..20_000 {
        let body = random_json(&mut next, 4);
        let status = [400, 404, 422, 500][next(4)];
        let view = ErrorView::read_hiding(&response(status, body.clone()), &secrets);
        assert!(!told(&view).contains("#/a~1b/0"), "{body}: {view:?}");
        said += usize::from(!view.message.is_empty());
        // Any cut of it is no JSON, or other JSON.
        let cut = next(body.len() + 1);
        ErrorView::read(&response(status, body.as_bytes()[..cut].to_vec()));
    }
    assert!(2_000 < said, "the bodies were of no shape: {said}");
}

#[test]
fn a_view_can_be_made_by_hand() {
    let view = ErrorView::new("no").title("No").code("e1").detail("d").detail("d").field("a", "x").field("a", "y");
    assert_eq!(told(&view), "No | no | e1 | d | a=x+y");
    assert_eq!(ErrorView::default().of_status(StatusCode::NOT_FOUND).message, "Not Found");
    assert_eq!(ErrorView::default().of_status(StatusCode::from_u16(499).unwrap()).message, "499");
}
