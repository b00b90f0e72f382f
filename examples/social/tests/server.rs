//! The server, asked over HTTP.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use social::server::Server;

struct Caller {
    server: Server,
    http: Client,
}

impl Caller {
    async fn new() -> Self {
        Self { server: Server::start().await.expect("a free port"), http: Client::new() }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&str>) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.server.url()));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        request.send().await.expect("an answer")
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.send(Method::GET, path, None).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.expect("JSON")
    }

    async fn json(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let response = self.send(method, path, Some(&body.to_string())).await;
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    async fn post(&self, path: &str) -> u16 {
        self.send(Method::POST, path, None).await.status().as_u16()
    }

    async fn delete(&self, path: &str) -> u16 {
        self.send(Method::DELETE, path, None).await.status().as_u16()
    }

    /// Sends something the server has to refuse, and checks how it does.
    async fn refused(&self, method: Method, path: &str, body: Option<&str>, status: u16) {
        let what = format!("{method} {path} {body:?}");
        let response = self.send(method, path, body).await;
        assert_eq!(response.status(), status, "{what}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{what}");
        let problem: Value = response.json().await.expect("a problem");
        assert_eq!(problem["status"], status, "{what}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{what}: {problem}");
    }
}

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|post| post["id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn the_timeline_is_newest_first_and_limited() {
    let caller = Caller::new().await;
    let page = caller.get("/timeline").await;
    assert_eq!(ids(&page), (1..=12).rev().collect::<Vec<_>>());
    assert_eq!(page["total"], 12);

    caller.server.write_posts(6, 30).expect("posts");
    assert_eq!(ids(&caller.get("/timeline").await).len(), 20);
    let page = caller.get("/timeline?limit=2").await;
    assert_eq!((ids(&page).len(), &page["total"]), (2, &json!(42)));
}

#[tokio::test]
async fn posts_are_filtered() {
    let caller = Caller::new().await;
    assert_eq!(ids(&caller.get("/posts?author_id=5").await), [9, 4]);
    assert_eq!(ids(&caller.get("/posts?visibility=private").await), [10]);
    let page = caller.get("/posts?author_id=6&visibility=public&limit=1").await;
    assert_eq!((ids(&page), &page["total"]), (vec![11], &json!(1)));
    assert_eq!(ids(&caller.get("/posts?author_id=999").await), [0; 0]);
}

#[tokio::test]
async fn a_post_lives_and_dies() {
    let caller = Caller::new().await;
    let link = json!({ "kind": "link", "url": "https://tea.example", "title": "Tea" });
    let new = json!({ "author_id": 4, "content": "Tea?", "attachments": [link] });
    let (status, post) = caller.json(Method::POST, "/posts", new).await;
    assert_eq!(status, 201);
    assert_eq!(post["author"], "Ivo Marković");
    assert_eq!((&post["visibility"], &post["edited_at"]), (&json!("public"), &Value::Null));
    assert_eq!((&post["attachments"], &post["reactions"]), (&json!([link]), &json!({})));

    let path = format!("/posts/{}", post["id"]);
    assert_eq!(caller.get(&path).await, post);
    let edited_at = "2026-03-03T09:00:00Z";
    let patch = json!({ "content": "Coffee?", "edited_at": edited_at });
    let (status, changed) = caller.json(Method::PATCH, &path, patch).await;
    assert_eq!(status, 200);
    assert_eq!((&changed["content"], &changed["edited_at"]), (&json!("Coffee?"), &json!(edited_at)));
    let (_, changed) = caller.json(Method::PATCH, &path, json!({ "visibility": "followers" })).await;
    assert_eq!((&changed["content"], &changed["edited_at"]), (&json!("Coffee?"), &json!(edited_at)));
    let (_, changed) = caller.json(Method::PATCH, &path, json!({ "edited_at": null })).await;
    assert_eq!((&changed["visibility"], &changed["edited_at"]), (&json!("followers"), &Value::Null));

    assert_eq!(caller.delete(&path).await, 204);
    caller.refused(Method::GET, &path, None, 404).await;
    caller.refused(Method::DELETE, &path, None, 404).await;
}

#[tokio::test]
async fn favourites_are_counted_once() {
    let caller = Caller::new().await;
    let before = caller.get("/posts/12").await;
    assert_eq!((&before["favourited"], &before["favourites_count"]), (&json!(false), &json!(1)));
    assert_eq!(caller.post("/posts/12/favourite").await, 204);
    assert_eq!(caller.post("/posts/12/favourite").await, 204);
    let after = caller.get("/posts/12").await;
    assert_eq!((&after["favourited"], &after["favourites_count"]), (&json!(true), &json!(2)));
    assert_eq!(caller.post("/posts/12/unfavourite").await, 204);
    assert_eq!(caller.get("/posts/12").await, before);
}

#[tokio::test]
async fn comments_belong_to_their_post() {
    let caller = Caller::new().await;
    let new = json!({ "author_id": 7, "content": "Here!" });
    let (status, comment) = caller.json(Method::POST, "/posts/2/comments", new).await;
    assert_eq!((status, &comment["post_id"], &comment["author"]), (201, &json!(2), &json!("Dara Flynn")));
    let comments = caller.get("/posts/2/comments").await;
    assert_eq!(comments.as_array().map(Vec::len), Some(3));
    assert_eq!(comments[2], comment);
    assert_eq!(caller.get("/posts/2").await["comments_count"], 3);

    caller.refused(Method::DELETE, &format!("/posts/3/comments/{}", comment["id"]), None, 404).await;
    assert_eq!(caller.delete(&format!("/posts/2/comments/{}", comment["id"])).await, 204);
    assert_eq!(caller.get("/posts/2").await["comments_count"], 2);

    assert_eq!(caller.delete("/posts/2").await, 204);
    caller.refused(Method::GET, "/posts/2/comments", None, 404).await;
    caller.refused(Method::DELETE, "/posts/2/comments/1", None, 404).await;
}

#[tokio::test]
async fn an_array_is_no_object() {
    let caller = Caller::new().await;
    caller.refused(Method::POST, "/posts", Some(r#"[1, "a"]"#), 422).await;
    caller.refused(Method::PATCH, "/posts/1", Some("[]"), 422).await;
    caller.refused(Method::POST, "/posts/1/comments", Some(r#"[1, "a"]"#), 422).await;
    let attached = r#"{ "author_id": 1, "content": "a", "attachments": [["image", "u"]] }"#;
    caller.refused(Method::POST, "/posts", Some(attached), 422).await;
}

#[tokio::test]
async fn what_is_held_passes_when_the_server_ends() {
    let server = Server::start().await.expect("a free port");
    let hold = server.hold("GET /api/users");
    let asking = tokio::spawn(reqwest::get(format!("{}/users", server.url())));
    hold.reached().await;
    drop(server);
    assert!(asking.await.expect("it ends").is_ok());
}

#[tokio::test]
async fn users_are_listed_by_name() {
    let caller = Caller::new().await;
    let users = caller.get("/users").await;
    let names: Vec<_> = users.as_array().expect("users").iter().map(|user| user["name"].as_str()).collect();
    assert!(names.len() >= 6 && names.is_sorted());
    assert_eq!(caller.get("/users/6").await, json!({ "id": 6, "name": "Rosa Quispe" }));
}

#[tokio::test]
async fn bad_requests_get_problems() {
    let caller = Caller::new().await;
    let long = json!({ "author_id": 1, "content": "a".repeat(501) }).to_string();
    for path in ["/nothing", "/posts/999", "/posts/x", "/posts/99999999999999999999", "/posts/%FF", "/users/0"] {
        caller.refused(Method::GET, path, None, 404).await;
    }
    for query in ["limit=0", "limit=101", "limit=x", "author_id=", "visibility=secret", "limit=1&limit=2"] {
        caller.refused(Method::GET, &format!("/posts?{query}"), None, 422).await;
    }
    for body in [
        "",
        "{",
        "[]",
        "\u{0}",
        r#"{"author_id":1}"#,
        r#"{"author_id":"1","content":"a"}"#,
        r#"{"author_id":1,"content":""}"#,
        r#"{"author_id":1,"content":"a","visibility":"secret"}"#,
        r#"{"author_id":1,"content":"a","attachments":[{"kind":"film","url":"u"}]}"#,
        &long,
    ] {
        caller.refused(Method::POST, "/posts", Some(body), 422).await;
    }
    for body in ["{", r#"{"content":null}"#, r#"{"content":""}"#, r#"{"edited_at":"now"}"#] {
        caller.refused(Method::PATCH, "/posts/1", Some(body), 422).await;
    }
    let by_nobody = Some(r#"{"author_id":99,"content":"a"}"#);
    caller.refused(Method::POST, "/posts", by_nobody, 404).await;
    caller.refused(Method::POST, "/posts/1/comments", by_nobody, 404).await;
    caller.refused(Method::POST, "/posts/999/comments", Some(r#"{"author_id":1,"content":"a"}"#), 404).await;
    caller.refused(Method::POST, "/posts/1/comments", Some(r#"{"author_id":1,"content":""}"#), 422).await;
    caller.refused(Method::POST, "/posts/999/favourite", None, 404).await;
    caller.refused(Method::POST, "/posts/999/unfavourite", None, 404).await;
    caller.refused(Method::PUT, "/posts/1", None, 405).await;
    assert_eq!(ids(&caller.get("/timeline").await).len(), 12);
}

#[tokio::test]
async fn requests_are_counted_at_the_server() {
    let caller = Caller::new().await;
    caller.get("/posts?limit=1").await;
    caller.post("/posts/999/favourite").await;
    let seen: Vec<_> = caller.server.requests().iter().map(|seen| (seen.to_string(), seen.status)).collect();
    let expected =
        [("GET /api/posts?limit=1".to_owned(), Some(200)), ("POST /api/posts/999/favourite".to_owned(), Some(404))];
    assert_eq!(seen, expected);
    assert_eq!(caller.server.take_requests().len(), 2);
    assert_eq!(caller.server.requests(), []);
}

#[tokio::test]
async fn a_held_answer_keeps_the_data_it_was_made_of() {
    let caller = Caller::new().await;
    let hold = caller.server.hold("GET /api/posts/7");
    let slow = tokio::spawn(caller.http.get(format!("{}/posts/7", caller.server.url())).send());
    hold.reached().await;
    assert_eq!(caller.server.requests()[0].status, None);
    assert_eq!(caller.post("/posts/7/favourite").await, 204);
    assert_eq!(caller.get("/posts/7").await["favourited"], true, "the next one passes");
    assert!(!slow.is_finished());

    hold.release();
    let held: Value = slow.await.expect("a task").expect("an answer").json().await.expect("JSON");
    assert_eq!(held["favourited"], false);
    assert_eq!(caller.server.requests()[0].status, Some(200));
}

#[tokio::test]
async fn a_gate_that_is_dropped_holds_nothing() {
    let caller = Caller::new().await;
    drop(caller.server.hold("GET /api/timeline"));
    let query_matters = caller.server.hold("GET /api/timeline?limit=3");
    caller.get("/timeline?limit=2").await;
    query_matters.release();
    caller.get("/timeline?limit=3").await;
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let Caller { server, http } = Caller::new().await;
    let url = format!("{}/users", server.url());
    assert!(http.get(&url).send().await.is_ok());
    drop(server);
    // The port closes a moment later.
    for _ in 0..200 {
        if http.get(&url).send().await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the server still answers");
}
