//! B30: answers of which a document says nothing, and results read as a type that it does not have.

use super::*;

fn get_status() -> Query<Json> {
    Query::undescribed(Request::get("getStatus", "/status")).provides(POST.all())
}

fn sign_in() -> Mutation<()> {
    Mutation::empty(Request::post("signIn", "/sign-in")).invalidates(POST.all())
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Status {
    uptime: u64,
}

fn answer(content_type: Option<&str>, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(ResponseBody::from(body.into()));
    if let Some(content_type) = content_type {
        response.headers_mut().insert("content-type", content_type.parse().unwrap());
    }
    Ok(response)
}

// B30
#[tokio::test(start_paused = true)]
async fn b30_what_no_document_describes_is_json_or_a_text_or_nothing() {
    let (client, server) = setup();
    for (content_type, body, expected) in [
        (Some("application/json"), r#"{"uptime":7}"#, serde_json::json!({ "uptime": 7 })),
        (None, "[1]", serde_json::json!([1])),
        (None, "", Json::Null),
        (Some("text/plain; charset=utf-8"), "12", Json::from("12")),
        (Some("Text/HTML"), "<p>", Json::from("<p>")),
        (None, "it works", Json::from("it works")),
        (Some("text/plain"), "", Json::from("")),
    ] {
        let asked = tokio::spawn(client.refetch(&get_status()));
        server.next().await.send(answer(content_type, body));
        assert_eq!(*asked.await.unwrap().unwrap(), expected, "{content_type:?} {body}");
    }
    for (content_type, body, said) in [
        (Some("application/problem+json"), b"{".as_slice(), "EOF"),
        (None, b"\xff\xfe".as_slice(), "as_bytes"),
        (Some("text/plain"), b"\xff".as_slice(), "UTF-8"),
    ] {
        let asked = tokio::spawn(client.refetch(&get_status()));
        server.next().await.send(answer(content_type, Bytes::from_static(body)));
        let error = asked.await.unwrap().unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}

// B30, B1
#[tokio::test(start_paused = true)]
async fn b30_a_result_can_be_read_as_json_of_another_type() {
    let (client, server) = setup();
    let asked = tokio::spawn(client.fetch(get_status().as_json::<Status>()));
    let request = server.next().await;
    assert_eq!(request.request.headers()["accept"], "application/json");
    request.ok(json(r#"{"uptime":7}"#));
    assert_eq!(*asked.await.unwrap().unwrap(), Status { uptime: 7 });
    // What the args tell still counts.
    assert!(!client.would_reach(POST.all()).is_empty());

    let signing = tokio::spawn(client.mutate(sign_in().as_json::<Status>()).into_future());
    server.next().await.ok(json(r#"{"uptime":8}"#));
    assert_eq!(signing.await.unwrap().unwrap(), Status { uptime: 8 });
    let refetched = tokio::spawn(client.fetch(get_status().as_json::<Status>()));
    server.next().await.ok(json("{}"));
    let error = refetched.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("uptime"), "{error}");
}

// B11, B30
#[tokio::test(start_paused = true)]
async fn b30_tags_that_are_looked_up_in_json_stay_when_it_is_read_otherwise() {
    let (client, server) = setup();
    let list = Query::<Json>::new(Request::get("listPosts", "/posts")).provides_at(POST.id_at().part_at("/*/id"));
    let asked = tokio::spawn(client.fetch(list.as_json::<Vec<Json>>()));
    server.next().await.ok(json(r#"[{"id":3}]"#));
    asked.await.unwrap().unwrap();
    assert_eq!((client.would_reach(POST.id(3)).len(), client.would_reach(POST.id(4)).len()), (1, 0));
}
