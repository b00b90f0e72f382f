//! Mutations through the shell.

use super::*;
use crate::{ErrorKind, Outcome};

// B13
#[tokio::test(start_paused = true)]
async fn b13_a_mutation_during_a_slow_first_fetch_leaves_nothing_stale() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    let slow = server.next().await;
    let mutating = client.mutate(update_post(1));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    slow.ok(json("1"));
    let state = watcher.changed().await;
    assert!(state.is_stale && state.is_fetching && state.data.is_some());
    server.next().await.ok(json("2"));
    assert_eq!(*watcher.data_changed().await.data.unwrap(), 2);
    assert!(!watcher.snapshot().is_stale);
    assert_eq!(server.settled().await, 3);
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_which_outcomes_invalidate() {
    let refused = |asked: Asked| asked.with(422, json("{}"));
    let broken = |asked: Asked| asked.with(503, json("{}"));
    let lost = |asked: Asked| asked.send(Err(TransportError::lost("reset")));
    let unsent = |asked: Asked| asked.send(Err(TransportError::not_sent("no route")));
    let unreadable = |asked: Asked| asked.ok(json("{"));
    type End = fn(Asked);
    let table: [(&str, End, Outcome, usize); 5] = [
        ("refused", refused, Outcome::Refused, 0),
        ("5xx", broken, Outcome::Unknown, 1),
        ("lost", lost, Outcome::Unknown, 1),
        ("not sent", unsent, Outcome::NotSent, 0),
        ("unreadable", unreadable, Outcome::Succeeded, 1),
    ];
    for (name, end, expected, refetches) in table {
        let (client, server, events) = listening();
        let _watcher = client.watch(get_post(1));
        server.next().await.ok(json("1"));
        let mutating = client.mutate(update_post(1));
        end(server.next().await);
        mutating.await.unwrap_err();
        assert_eq!(server.settled().await, 2 + refetches, "{name}");
        let settled = lock(&events).iter().find_map(|event| match event {
            Event::MutationSettled { outcome, .. } => Some(*outcome),
            _ => None,
        });
        assert_eq!(settled, Some(expected), "{name}");
    }
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_what_only_a_result_tells_is_stale_as_a_whole_when_the_result_is_lost() {
    let answered = |asked: Asked| asked.ok(json("[2]"));
    let lost = |asked: Asked| asked.send(Err(TransportError::lost("reset")));
    let unreadable = |asked: Asked| asked.ok(json("["));
    type End = fn(Asked);
    let table: [(&str, End, usize); 3] = [("answered", answered, 0), ("lost", lost, 1), ("unreadable", unreadable, 1)];
    for (name, end, refetches) in table {
        let (client, server) = setup();
        let _watcher = client.watch(get_post(1));
        server.next().await.ok(json("1"));
        let sweep = Mutation::<Vec<i64>>::new(Request::post("sweepPosts", "/posts/sweep"))
            .invalidates_from(|deleted| deleted.iter().map(|id| POST.id(id)).collect())
            .invalidates_when_lost(POST.all());
        let mutating = client.mutate(sweep);
        end(server.next().await);
        let _ = mutating.await;
        assert_eq!(server.settled().await, 2 + refetches, "{name}");
    }
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_a_timeout_is_an_unknown_outcome() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let mutating = client.mutate(update_post(1));
    let _held = server.next().await;
    assert_eq!(mutating.await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(server.settled().await, 3);
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_a_mutation_that_cannot_be_built_is_never_sent() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let request = Request::delete("deletePost", "/posts/{id}").path_param("id", "");
    let error = client.mutate(Mutation::empty(request).invalidates(POST.all())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert_eq!(server.settled().await, 1);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_the_result_of_a_mutation_is_written_and_shown_without_a_request() {
    let (client, server) = setup();
    let mut watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    watcher.changed().await;
    let mutating = client.mutate(update_post(1).writes(get_post(1)));
    server.next().await.ok(json("2"));
    assert_eq!(mutating.await.unwrap(), 2);
    assert_eq!(*watcher.snapshot().data.unwrap(), 2, "before the caller has its result");
    assert_eq!(server.settled().await, 2);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_what_is_written_can_be_told_by_the_result() {
    let (client, server) = setup();
    let create = Mutation::<Json>::new(Request::post("createPost", "/posts").json(&1))
        .invalidates_from(|post: &Json| POST.id(&post["id"]).into())
        .writes_from(|post: &Json| get_post(post["id"].as_i64().unwrap_or_default()));
    let mutating = client.mutate(create);
    server.next().await.with(201, json(r#"{"id": 9}"#));
    mutating.await.unwrap();
    assert_eq!(client.peek(&get_post(9)).unwrap()["id"], 9);
    assert_eq!(server.settled().await, 1);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_waiting_for_the_refetches_and_hearing_of_their_errors() {
    let (client, server) = setup();
    let watchers = [client.watch(get_post(1)), client.watch(get_post(2))];
    server.next().await.ok(json("1"));
    server.next().await.ok(json("2"));
    let all = Mutation::<()>::empty(Request::post("reset", "/reset")).invalidates(POST.all());
    let refetching = tokio::spawn(client.mutate(all).refetched());
    server.next().await.with(204, Bytes::new());
    server.next().await.ok(json("3"));
    server.settled().await;
    assert!(!refetching.is_finished());
    server.next().await.with(500, json("{}"));
    let refetched = refetching.await.unwrap().unwrap();
    assert_eq!(refetched.errors.len(), 1);
    assert_eq!(*watchers[0].snapshot().data.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_handle_loses_neither_the_mutation_nor_its_invalidation() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    drop(client.mutate(update_post(1)));
    server.next().await.ok(json("{}"));
    assert_eq!(server.settled().await, 3);
}

// B21, B36
#[tokio::test(start_paused = true)]
async fn b36_a_panic_in_a_tag_function_leaves_the_mutation_done_and_the_other_tags_invalidated() {
    let (client, server, events) = listening();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let mutating = client.mutate(update_post(1).invalidates_from(|_: &Json| panic!("tags")));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(server.settled().await, 3);
    assert!(lock(&events).iter().any(|event| matches!(event, Event::TagsIncomplete { .. })));
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_invalidation_can_be_turned_off_for_a_call_however_it_ends() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let inferred = || {
        update_post(1)
            .invalidates_from(|_| POST.all().into())
            .invalidates_with(|_| POST.all())
            .invalidates_when_lost(POST.all())
            .invalidates_when_refused(POST.all())
    };
    let ways = [inferred().without_invalidation(), inferred().invalidates_only(crate::Tags::none())];
    for (sent, (update, status)) in
        ways.into_iter().flat_map(|way| [200, 422, 503].map(|status| (way.clone(), status))).enumerate()
    {
        let mutating = client.mutate(update);
        server.next().await.with(status, json("{}"));
        assert_eq!(mutating.await.is_ok(), status == 200);
        assert_eq!(server.settled().await, sent + 2, "{status}");
    }
    let mutating = client.mutate(update_post(1).invalidates(crate::Tags::none()));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    server.next().await.ok(json("2"));
    assert_eq!(server.settled().await, 9, "nothing added is nothing taken away");
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_events_tell_the_story_in_order() {
    let (client, server, events) = listening();
    let mut list = client.watch(list_posts());
    server.next().await.ok(json(r#"[{"id": 1}]"#));
    list.changed().await;
    let refetching = client.mutate(update_post(1)).refetched();
    server.next().await.ok(json("{}"));
    server.next().await.ok(json(r#"[{"id": 1}]"#));
    refetching.await.unwrap();
    let story: Vec<String> = lock(&events)
        .iter()
        .map(|event| match event {
            Event::Requested { entry, cause, .. } => format!("requested {entry} {cause:?}"),
            Event::Received { entry, status, changed, .. } => {
                format!("received {} {status} {changed}", entry.operation)
            }
            Event::MutationStarted { call } => format!("started {call}"),
            Event::MutationSettled { call, outcome, tags } => {
                format!("settled {} {outcome:?} {}", call.operation, tags.iter().next().unwrap())
            }
            Event::Invalidated { refetching, .. } => format!("refetching {refetching:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    let expected = [
        "Subscribed { entry: #1 GET /posts (listPosts), subscribers: 1 }",
        "requested GET /posts (listPosts) Watch",
        "received listPosts 200 OK true",
        "started PATCH /posts/1 (updatePost)",
        "settled updatePost Succeeded Post:1",
        "refetching [#1 GET /posts (listPosts)]",
        "requested GET /posts (listPosts) Invalidated",
        "received listPosts 200 OK false",
    ];
    assert_eq!(story, expected);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_an_answer_without_the_data_writes_nothing_and_the_entry_is_asked_for() {
    for (status, body) in [(204, ""), (202, r#"{"job": "queued"}"#)] {
        let (client, server, _) = listening();
        let any =
            || Query::<Json>::new(Request::get("getPost", "/posts/{id}").path_param("id", &1)).provides(POST.id(1));
        let mut post = client.watch(any());
        server.next().await.ok(json("1"));
        post.changed().await;
        let refetching = client.mutate(update_post(1).writes(any())).refetched();
        server.next().await.with(status, json(body));
        server.next().await.ok(json("2"));
        refetching.await.unwrap();
        assert_eq!(post.snapshot().data.as_deref(), Some(&serde_json::json!(2)), "{status}");
    }
}
