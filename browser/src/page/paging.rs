//! Pages of a list.

use larder::{Json, Paging, Query, Request};
use serde_json::json;

use crate::trial::{NOTE, Trial};

fn pages() -> Query<Json> {
    Query::new(Request::get("listNotes", "/notes")).provides(NOTE.list()).paged(Paging::link())
}

async fn three_pages(trial: &Trial) {
    for (page, next) in [("", Some(2)), ("?page=2", Some(3)), ("?page=3", None)] {
        let mut headers = json!({ "content-type": "application/json" });
        if let Some(next) = next {
            headers["link"] = format!("<notes?page={next}>; rel=\"next\"").into();
        }
        let answer = json!({ "headers": headers, "body": json!([format!("/notes{page}")]).to_string() });
        trial.server.answers(&format!("GET /notes{page}"), answer).await;
    }
}

pub async fn pages_follow_links(trial: Trial) {
    three_pages(&trial).await;
    let client = trial.client();
    let mut watched = client.watch_pages(pages());
    watched.ready().await.expect("the first page");
    while watched.snapshot().has_next() {
        watched.fetch_next().await.expect("a page");
    }
    let all = watched.snapshot().data.expect("pages");
    let bodies: Vec<_> = all.iter().map(|page| page.data()[0].clone()).collect();
    assert_eq!(bodies, ["/notes", "/notes?page=2", "/notes?page=3"]);
    let last = all.last().expect("a page");
    assert_eq!((last.status().as_u16(), last.headers().contains_key("link")), (200, false));
}

pub async fn a_refetch_brings_all_pages(trial: Trial) {
    three_pages(&trial).await;
    let client = trial.client();
    let mut watched = client.watch_pages(pages());
    watched.ready().await.expect("the first page");
    watched.fetch_next().await.expect("the second page");
    assert!(client.invalidate(NOTE.list()).await.is_empty());
    assert_eq!(trial.server.calls(0).await, ["GET /notes", "GET /notes?page=2", "GET /notes", "GET /notes?page=2"]);
    assert_eq!(watched.snapshot().data.expect("pages").len(), 2);
}

pub async fn a_stream_of_pages(trial: Trial) {
    three_pages(&trial).await;
    let client = trial.client();
    let mut stream = client.pages(pages());
    let mut count = 0;
    while let Some(page) = next(&mut stream).await {
        page.expect("a page");
        count += 1;
    }
    assert_eq!(count, 3);
}

async fn next<S: futures_core::Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}
