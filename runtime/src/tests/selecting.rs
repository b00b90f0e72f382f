//! Queries of which a part is wanted.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{ErrorKind, Part, path};

/// What counts how often a part was selected.
fn counting() -> (Arc<AtomicUsize>, impl Fn(&Vec<Json>) -> Vec<Json> + Send + Sync + 'static) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let titles = move |posts: &Vec<Json>| {
        counted.fetch_add(1, Ordering::Relaxed);
        posts.iter().map(|post| post["title"].clone()).collect()
    };
    (count, titles)
}

// B6
#[tokio::test(start_paused = true)]
async fn b6_one_request_serves_all_who_want_a_part_or_the_whole() {
    let (client, server) = setup();
    let (count, titles) = counting();
    let titles = list_posts().select(titles);
    let ids = list_posts().select(|posts: &Vec<Json>| posts.len());
    let asked = (
        tokio::spawn(titles.fetch(&client)),
        tokio::spawn(ids.fetch(&client)),
        tokio::spawn(client.fetch(list_posts())),
    );
    server.next().await.ok(json(r#"[{"id":1,"title":"a"},{"id":2,"title":"b"}]"#));
    let first = asked.0.await.unwrap().unwrap();
    assert_eq!(*first, ["a", "b"]);
    assert_eq!(*asked.1.await.unwrap().unwrap(), 2);
    assert_eq!(asked.2.await.unwrap().unwrap().len(), 2);
    // Once for new data, not once for a read, by whichever clone.
    for _ in 0..5 {
        assert!(Arc::ptr_eq(&first, &titles.clone().fetch(&client).await.unwrap()));
        assert!(Arc::ptr_eq(&first, &titles.peek(&client).unwrap()));
    }
    assert_eq!(count.load(Ordering::Relaxed), 1);
    // Other data with an equal part: selected anew, and the same as before.
    let again = tokio::spawn(titles.refetch(&client));
    server.next().await.ok(json(r#"[{"id":1,"title":"a"},{"id":3,"title":"b"}]"#));
    assert!(Arc::ptr_eq(&first, &again.await.unwrap().unwrap()));
    assert_eq!(count.load(Ordering::Relaxed), 2);
    // The tags are those of the whole.
    assert_eq!(client.would_reach(POST.id(3)).len(), 1);
    assert_eq!(server.settled().await, 2);
}

// B6
#[tokio::test(start_paused = true)]
async fn b6_a_selection_is_watched_and_hears_of_its_part_alone() {
    let (client, server) = setup();
    let (_, titles) = counting();
    let mut watched = list_posts().select(titles).watch(&client);
    server.next().await.ok(json(r#"[{"id":1,"title":"a"}]"#));
    assert_eq!(*watched.changed().await.data.unwrap(), ["a"]);
    client.invalidate(POST.list());
    server.next().await.ok(json(r#"[{"id":1,"title":"a","likes":7}]"#));
    client.invalidate(POST.list());
    server.next().await.ok(json(r#"[{"id":1,"title":"c","likes":7}]"#));
    assert_eq!(*watched.changed().await.data.unwrap(), ["c"]);
}

// B6
#[tokio::test(start_paused = true)]
async fn b6_a_selection_keeps_no_data_alive_and_a_panic_in_it_is_an_error() {
    let (client, server) = setup();
    let (count, titles) = counting();
    let titles = list_posts().select(titles);
    let fetched = tokio::spawn(titles.fetch(&client));
    server.next().await.ok(json(r#"[{"title":"a"}]"#));
    fetched.await.unwrap().unwrap();
    let whole = Arc::downgrade(&client.peek(&list_posts()).unwrap());
    client.remove(crate::Target::everything());
    assert!(whole.upgrade().is_none());
    // What is there next may have the same place in memory, and is other data.
    let fetched = tokio::spawn(titles.fetch(&client));
    server.next().await.ok(json(r#"[{"title":"b"}]"#));
    assert_eq!(*fetched.await.unwrap().unwrap(), ["b"]);
    assert_eq!(count.load(Ordering::Relaxed), 2);
    let panics =
        list_posts().select(|posts: &Vec<Json>| assert!(posts.is_empty(), "a panic in the application's code"));
    assert_eq!(panics.fetch(&client).await.unwrap_err().kind(), ErrorKind::Panicked);
    assert!(panics.peek(&client).is_none());
    assert_eq!(client.fetch(list_posts()).await.unwrap().len(), 1);
}

// B6
#[tokio::test(start_paused = true)]
async fn b6_a_path_selects_for_queries_and_watchers() {
    #[derive(serde::Deserialize)]
    struct Page {
        items: Vec<Part<(u8, Option<String>)>>,
    }
    let page = || Query::<Page>::new(Request::get("getPage", "/page"));
    let (client, server) = setup();
    let names = page().select(path!(items[].1?));
    let mut watched = client.watch(page()).select(path!(items[].0));
    server.next().await.ok(json(r#"{"items":[[1,"a"],[2,null]]}"#));
    assert_eq!(*watched.changed().await.data.unwrap(), [1, 2]);
    assert_eq!(*names.fetch(&client).await.unwrap(), ["a"]);
}
