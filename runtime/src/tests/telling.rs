//! What a client tells of itself: events as a stream, and a table.

use super::*;
use crate::{Cause, Removal};

// B35
#[tokio::test(start_paused = true)]
async fn b35_a_stream_tells_what_happens_from_now_on() {
    let (client, server) = setup();
    let mut events = client.events();
    let mut post = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    post.changed().await;
    drop(post);
    client.invalidate(POST.id(1));
    client.remove(&get_post(1));
    let mut told = Vec::new();
    for _ in 0..6 {
        told.push(events.next().await.unwrap());
    }
    assert!(matches!(told[0], Event::Subscribed { subscribers: 1, .. }));
    assert!(matches!(told[1], Event::Requested { cause: Cause::Watch, request: 1, .. }));
    assert!(matches!(told[2], Event::Received { changed: true, request: 1, .. }));
    assert!(matches!(told[3], Event::Unsubscribed { subscribers: 0, .. }));
    assert!(matches!(&told[4], Event::Invalidated { marked_stale, .. } if marked_stale[0].id == 1));
    assert!(matches!(told[5], Event::Removed { why: Removal::ByHand, .. }));
    drop(client);
    yield_often().await;
    assert!(events.next().await.is_none(), "it ends with the client");
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_a_slow_reader_is_told_how_much_it_missed_and_holds_nobody_up() {
    let (client, server) = setup();
    let mut events = client.events();
    for _ in 0..2000 {
        drop(client.watch(get_post(1)));
    }
    server.next().await.ok(json("1"));
    yield_often().await;
    let (mut read, mut missed) = (0, 0);
    // One more event after there is room again tells of the gap.
    for online in [None, Some(false)] {
        if let Some(online) = online {
            client.online(online);
        }
        let drained = tokio::time::timeout(SECOND, async {
            while let Some(event) = events.next().await {
                match event {
                    Event::Missed { events } => missed += events,
                    _ => read += 1,
                }
            }
        });
        assert!(drained.await.is_err());
    }
    // A subscription and its end for each; the first sent a request and the others joined it; the answer; the last event.
    assert_eq!(read + missed, 2000 * 3 + 2);
    assert!(missed > 0);
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_a_table_shows_entries_tags_watchers_and_timers() {
    let (client, server) = setup();
    let mut list = client.watch(list_posts().poll_every(SECOND * 30));
    server.next().await.ok(json(r#"[{"id": 7}]"#));
    list.changed().await;
    let waiting = client.fetch(get_post(7));
    let waiting = tokio::spawn(waiting);
    server.next().await.ok(json("7"));
    waiting.await.unwrap().unwrap();
    let _under_way = client.mutate(update_post(9));
    tokio::time::advance(SECOND * 5).await;
    let _again = tokio::spawn(client.fetch(get_post(8)));
    yield_often().await;
    let expected = "\
entry  query                    state            age    watched  waiting  timer             tags
#1     GET /posts (listPosts)   fresh            5.0 s  1        0        poll in 25.0 s    Post:LIST{}, Post:7
#2     GET /posts/7 (getPost)   fresh            5.0 s  0        0        removal in 55.0 s  Post:7
#3     GET /posts/8 (getPost)   empty, fetching         0        1                          Post:8
entries: 3, about 1224 bytes; mutations under way: 1; focused, online; timer in 25.0 s";
    let squeezed = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(squeezed(&client.inspect().to_string()), squeezed(expected));
}
