//! Tags that a call says itself, and that a client says of all calls of an operation.

use super::*;
use crate::{ErrorKind, Tag, Tags};

const USER: TagType = TagType::new("User");

async fn watched(client: &Client, server: &Server, query: Query<Json>) -> crate::Watcher<Json> {
    let mut watcher = client.watch(query);
    server.next().await.ok(json(r#"{"id": 1}"#));
    watcher.changed().await;
    watcher
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_call_can_replace_all_of_its_tags() {
    let (client, server) = setup();
    let own = get_post(1).provides_from(|_| POST.list().into()).provides_with(|_| POST.all()).provides_only(USER.id(7));
    let watcher = watched(&client, &server, own).await;
    client.invalidate([POST.id(1), POST.list(), POST.all()]);
    assert_eq!(server.settled().await, 1);

    let update = update_post(1).invalidates_from(|_| USER.all().into()).invalidates_with(|_| USER.all());
    let mutating = client.mutate(update.clone().invalidates_only(POST.id(1)));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(server.settled().await, 2, "what it said before is gone");

    let mutating = client.mutate(update.invalidates_only(Tags::none()).invalidates(USER.id(7)));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    server.next().await.ok(json(r#"{"id": 2}"#));
    assert_eq!(server.settled().await, 4);
    assert_eq!(watcher.snapshot().data.unwrap()["id"], 2);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_a_call_can_write_nothing() {
    let (client, server) = setup();
    let _watcher = watched(&client, &server, get_post(1)).await;
    let update = update_post(1).writes(get_post(1)).writes_from(|_| get_post(1)).without_writes();
    let mutating = client.mutate(update);
    server.next().await.ok(json(r#"{"id": 9}"#));
    mutating.await.unwrap();
    assert_eq!(server.settled().await, 3, "it is asked for again");
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_a_function_of_result_and_args_is_asked_without_a_result_when_that_is_lost() {
    fn by(user: i64) -> impl Fn(Option<&Json>) -> Vec<Tag> {
        move |post| vec![USER.id(user), POST.id(post.map(|post| &post["id"]))]
    }
    let lost = |asked: Asked| asked.send(Err(TransportError::lost("reset")));
    let unreadable = |asked: Asked| asked.ok(json("{"));
    let done = |asked: Asked| asked.ok(json(r#"{"id": 1}"#));
    let refused = |asked: Asked| asked.with(422, json("{}"));
    type End = fn(Asked);
    let ends: [(&str, End, [bool; 2]); 4] = [
        ("lost", lost, [true, false]),
        ("unreadable", unreadable, [true, false]),
        ("done", done, [true, true]),
        ("refused", refused, [false, false]),
    ];
    for (name, end, expected) in ends {
        let (client, server) = setup();
        let user = watched(&client, &server, get_post(5).provides_only(USER.id(5))).await;
        let post = watched(&client, &server, get_post(1)).await;
        let mutating = client.mutate(Mutation::<Json>::new(Request::post("act", "/act")).invalidates_with(by(5)));
        end(server.next().await);
        let _ = mutating.await;
        server.settled().await;
        assert_eq!([user.snapshot().is_stale, post.snapshot().is_stale], expected, "{name}");
    }
}

// B21, B36
#[tokio::test(start_paused = true)]
async fn b36_a_panic_in_a_function_of_result_and_args_leaves_the_other_tags() {
    for body in ["{}", "{"] {
        let (client, server, events) = listening();
        let _watcher = client.watch(get_post(1));
        server.next().await.ok(json("1"));
        let mutating = client.mutate(update_post(1).invalidates_with(|_| -> Tag { panic!("tags") }));
        server.next().await.ok(json(body));
        let _ = mutating.await;
        assert_eq!(server.settled().await, 3);
        assert!(lock(&events).iter().any(|event| matches!(event, Event::TagsIncomplete { .. })));
    }
    let (client, server) = setup();
    let fetching = tokio::spawn(client.fetch(get_post(1).provides_with(|_| -> Tag { panic!("tags") })));
    server.next().await.ok(json("1"));
    assert_eq!(fetching.await.unwrap().unwrap_err().kind(), ErrorKind::Panicked);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_client_changes_all_calls_of_an_operation() {
    let server = Server::default();
    let client = builder(&server)
        .enhance_query("getPost", |post: Query<Json>| post.provides_from(|post| USER.id(&post["author"]).into()))
        .enhance_mutation("updatePost", |update: Mutation<Json>| update.invalidates_only(USER.id(7)))
        .build()
        .unwrap();
    let mut posts = [client.watch(get_post(1)), client.watch(get_post(2))];
    server.next().await.ok(json(r#"{"author": 7}"#));
    server.next().await.ok(json(r#"{"author": 8}"#));
    posts[0].changed().await;
    posts[1].changed().await;
    let mutating = client.mutate(update_post(2));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    let refetched = server.next().await;
    assert!(refetched.url().ends_with("/posts/1"), "not 2, as the call says: {}", refetched.url());
    refetched.ok(json(r#"{"author": 7}"#));

    // What a mutation writes is the same query, and so carries the same tags.
    let mutating = client.mutate(update_post(3).writes(get_post(3)));
    server.next().await.ok(json(r#"{"author": 9}"#));
    mutating.await.unwrap();
    server.next().await.ok(json(r#"{"author": 7}"#));
    server.settled().await;
    assert_eq!(client.would_reach(USER.id(9)).len(), 1);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_what_a_call_says_itself_counts_over_what_the_client_says() {
    let server = Server::default();
    let client = builder(&server)
        .enhance_query("getPost", |post: Query<Json>| post.provides_only(USER.all()).keep_unused(SECOND))
        .enhance_mutation("updatePost", |update: Mutation<Json>| update.invalidates_only(USER.all()))
        .build()
        .unwrap();
    let _watcher = watched(&client, &server, get_post(1).provides_only(POST.id(1)).keep_unused(SECOND * 9)).await;
    assert!(client.would_reach(USER.all()).is_empty());
    assert_eq!(client.would_reach(POST.id(1)).len(), 1);
    for update in [update_post(1).invalidates_only(USER.id(1)), update_post(1).without_invalidation()] {
        let mutating = client.mutate(update);
        server.next().await.ok(json("{}"));
        mutating.await.unwrap();
    }
    assert_eq!(server.settled().await, 3);
    drop(_watcher);
    tokio::time::advance(SECOND * 5).await;
    yield_often().await;
    assert!(client.peek(&get_post(1)).is_some(), "it is kept for as long as the call said");
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_change_that_panics_or_is_of_another_type_is_an_error_of_the_call_and_nothing_is_sent() {
    let server = Server::default();
    let client = builder(&server)
        .enhance_query("getPost", |_: Query<Json>| -> Query<Json> { panic!("change") })
        .enhance_mutation("updatePost", |update: Mutation<Vec<Json>>| update)
        .build()
        .unwrap();
    let error = client.fetch(get_post(1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("the function that changes every call of getPost panicked"), "{error}");
    let error = client.mutate(update_post(1)).await.unwrap_err();
    assert!(error.to_string().contains("told how to change updatePost, but not as what it is"), "{error}");
    assert_eq!(server.settled().await, 0);
    let reading = tokio::spawn(client.fetch(get_post(1).as_text("text/plain")));
    server.next().await.ok(json("text"));
    assert_eq!(reading.await.unwrap().unwrap().as_str(), "text", "nothing was said of the response as text");
}
