//! Responses that their status tells apart.

use super::*;
use crate::RawResponse;

#[derive(Clone, Debug, PartialEq)]
enum Job {
    Done(Json),
    Waiting(Json),
}
crate::by_status! { Job { 200 => Done json, 202 => Waiting json } }

fn get_job() -> Query<Job> {
    Query::by_status(Request::get("getJob", "/job"))
}

#[tokio::test(start_paused = true)]
async fn the_same_bytes_under_another_status_are_other_data() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_job());
    server.next().await.with(202, json("{}"));
    assert!(matches!(&*watcher.ready().await.unwrap(), Job::Waiting(_)));
    let refetch = tokio::spawn(client.refetch(&get_job()));
    server.next().await.with(200, json("{}"));
    assert!(matches!(&*refetch.await.unwrap().unwrap(), Job::Done(_)));
    assert!(matches!(&*watcher.snapshot().data.unwrap(), Job::Done(_)));
}

#[tokio::test(start_paused = true)]
async fn the_same_bytes_under_the_same_status_keep_their_arc() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_job());
    server.next().await.with(202, json("{}"));
    let before = watcher.ready().await.unwrap();
    let refetch = tokio::spawn(client.refetch(&get_job()));
    server.next().await.with(202, json("{}"));
    assert!(Arc::ptr_eq(&before, &refetch.await.unwrap().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_success_without_a_row_is_an_error_that_names_its_status() {
    let (client, server) = setup();
    let fetched = tokio::spawn(client.fetch(get_job()));
    server.next().await.with(203, json("{}"));
    let error = fetched.await.unwrap().unwrap_err();
    assert!(error.to_string().ends_with("the status 203 is not documented"), "{error}");
    assert!(error.by_status::<Job>().is_none());
}

#[tokio::test(start_paused = true)]
async fn another_media_type_is_another_entry_and_reads_as_text() {
    let (client, server) = setup();
    let text = tokio::spawn(client.fetch(get_post(1).as_text("text/csv")));
    let asked = server.next().await;
    assert_eq!(asked.request.headers()["accept"], "text/csv");
    asked.ok(json("a,b"));
    assert_eq!(*text.await.unwrap().unwrap(), "a,b");
    assert!(client.peek(&get_post(1)).is_none());
    // What the args tell still holds.
    assert_eq!(client.would_reach(POST.id(1)).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn lines_are_read_one_by_one() {
    let (client, server) = setup();
    let lines = || Query::<Vec<Json>>::json_lines(Request::get("listLines", "/lines"));
    let fetched = tokio::spawn(client.fetch(lines()));
    server.next().await.ok(json("{\"a\":1}\r\n\n\u{1e}2\n"));
    assert_eq!(*fetched.await.unwrap().unwrap(), [serde_json::json!({ "a": 1 }), 2.into()]);
    let fetched = tokio::spawn(client.refetch(&lines()));
    server.next().await.ok(json("1\n{"));
    let error = fetched.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn a_response_does_not_show_its_body() {
    let body = Bytes::from_static(b"secret");
    let response = RawResponse { status: Default::default(), headers: Arc::default(), body };
    assert!(!format!("{response:?}").contains("secret"));
}
