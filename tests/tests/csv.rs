//! Rows of `text/csv` as structs, in and out.

mod echo;

use echo::server;
use larder::serde::{Deserialize, Serialize};
use larder::{Client, ErrorKind, Mutation, Query, Request, ResponseBody, http, transport_fn};
use larder_tests::requests::jobs::get_job;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(crate = "larder::serde")]
struct Row {
    name: String,
    age: Option<u8>,
}

fn row(name: &str, age: Option<u8>) -> Row {
    Row { name: name.to_owned(), age }
}

async fn read(body: &'static [u8]) -> Result<Vec<Row>, larder::Error> {
    let transport = transport_fn(move |_request| async move { Ok(http::Response::new(ResponseBody::from(body))) });
    let client = Client::builder("https://api.example.com").transport(transport).build().expect("it is valid");
    let people = Query::<Vec<Row>>::csv(Request::get("listPeople", "/people"));
    client.fetch(people).await.map(|rows| rows.to_vec())
}

// B30
#[tokio::test]
async fn b30_rows_are_read_by_the_names_in_the_first() {
    let rows = read(b"\xef\xbb\xbfage,name\n36,Ada\n,\"Bob, the \"\"elder\"\"\"\r\n").await.expect("rows");
    assert_eq!(rows, [row("Ada", Some(36)), row("Bob, the \"elder\"", None)]);
    assert!(read(b"").await.expect("no rows").is_empty());
}

// B29
#[tokio::test]
async fn b29_what_is_wrong_is_told_by_line_and_column_and_not_by_what_stands_there() {
    for (body, expected) in [
        (&b"name,age\nAda,36\nBob,old-secret\n"[..], "line 3, column \"age\": it is no integer that fits"),
        (b"name,age\nAda\n", "line 2: the row has 1 fields instead of 2"),
        (b"age\n7\n", "line 2: missing field `name`"),
        (b"name,age\n\xff,1\n", "line 2"),
    ] {
        let error = read(body).await.expect_err("it is wrong");
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(text.contains(expected) && !text.contains("secret"), "{text}");
    }
}

// B30
#[tokio::test]
async fn b30_rows_are_sent_and_asked_for_where_the_server_offers_them() {
    let (client, mut arrived) = server().await;
    let rows = [row("Ada", Some(36)), row("Bob", None)];
    client.mutate(Mutation::empty(Request::post("send", "/bodies/csv").csv(&rows))).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "POST /base/bodies/csv");
    assert_eq!(request.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(request.body, "name,age\nAda,36\nBob,\n");
    let none = client.fetch(get_job(200).as_csv::<Row>()).await.expect("a row of names alone");
    assert!(none.is_empty());
    assert_eq!(arrived.recv().await.expect("a request arrived").header("accept"), Some("text/csv"));
}
