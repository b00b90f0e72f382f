//! Cache groups: what a server says itself of data that goes stale together.

use ::http::Response;

use super::*;
use crate::RefetchOf;

const GROUPS: &str = "cache-groups";
const STALE: &str = "cache-group-invalidation";

fn answer(status: u16, field: &str, groups: &str, body: &'static str) -> Answer {
    Ok(Response::builder().status(status).header(field, groups).body(json(body).into()).unwrap())
}

fn plain(path: &'static str) -> Query<Json> {
    Query::new(Request::get("plain", path))
}

fn act() -> Mutation<Json> {
    Mutation::new(Request::post("act", "/act"))
}

/// Watches a query, whose answer belongs to these groups.
async fn in_groups(client: &Client, server: &Server, query: Query<Json>, groups: &str) -> Watcher<Json> {
    let watcher = client.watch(query);
    server.next().await.send(answer(200, GROUPS, groups, "1"));
    server.settled().await;
    watcher
}

/// Runs a mutation, whose answer makes these groups stale, and says what is asked for then.
async fn asked_after(
    client: &Client,
    server: &Server,
    mutation: Mutation<Json>,
    status: u16,
    groups: &str,
) -> Vec<String> {
    let mutating = client.mutate(mutation);
    server.next().await.send(answer(status, STALE, groups, "{}"));
    assert_eq!(mutating.await.is_ok(), status == 200);
    server.settled().await;
    let asked: Vec<Asked> = lock(&server.asked).drain(..).collect();
    let mut paths: Vec<String> = asked.iter().map(|asked| asked.request.uri().path().to_owned()).collect();
    asked.into_iter().for_each(|asked| asked.send(answer(200, GROUPS, "\"again\"", "2")));
    server.settled().await;
    paths.sort();
    paths
}

// B38
#[tokio::test(start_paused = true)]
async fn b38_a_server_says_what_goes_stale_together() {
    let (client, server) = setup();
    let a = in_groups(&client, &server, plain("/a"), "\"x\"").await;
    let b = in_groups(&client, &server, plain("/b"), "\"x\";why=1, \"y\"").await;
    let _other = in_groups(&client, &server, plain("/c"), "\"z\"").await;
    let table = client.inspect().to_string();
    assert!(table.contains("group \"x\" of https://api.example.com, group \"y\""), "{table}");
    assert_eq!(
        asked_after(&client, &server, act(), 200, "\"y\", \"no one\"").await,
        ["/v1/b"],
        "and nothing that shares a group"
    );
    assert_eq!((number(&a), number(&b)), (1, 2));
    assert_eq!(
        asked_after(&client, &server, act(), 200, "\"x\"").await,
        ["/v1/a"],
        "the last answer says where it belongs"
    );
    assert_eq!(asked_after(&client, &server, act(), 200, "\"again\"").await, ["/v1/a", "/v1/b"]);
    assert!(asked_after(&client, &server, act(), 200, "\"X\"").await.is_empty(), "case matters");
}

// B15, B38
#[tokio::test(start_paused = true)]
async fn b38_only_who_changes_something_makes_groups_stale_and_refused_or_not() {
    let (client, server) = setup();
    let _watcher = in_groups(&client, &server, plain("/a"), "\"again\"").await;
    let asked = async |mutation, status, groups| asked_after(&client, &server, mutation, status, groups).await;
    assert_eq!(asked(act(), 409, "\"again\"").await, ["/v1/a"], "the server says so itself");
    assert_eq!(asked(act(), 500, "\"again\"").await, ["/v1/a"]);
    assert!(asked(act().without_invalidation(), 200, "\"again\"").await.is_empty());
    assert!(asked(act(), 200, "again").await.is_empty(), "what is malformed is nothing");
    assert!(asked(act(), 200, "\"again\", 5").await.is_empty(), "as a whole");
    let reading = Mutation::new(Request::get("logout", "/logout"));
    assert!(asked(reading, 200, "\"again\"").await.is_empty(), "a method that only reads changes nothing");
    let refetching = tokio::spawn(client.refetch(&plain("/b")));
    server.next().await.send(answer(200, STALE, "\"again\"", "1"));
    refetching.await.unwrap().unwrap();
    let mut none = lock(&server.asked);
    assert!(none.pop_front().is_none(), "nor does a query");
}

// B38
#[tokio::test(start_paused = true)]
async fn b38_switched_off_servers_say_nothing() {
    let (client, server) = setup_with(|builder| builder.cache_groups(false));
    let _watcher = in_groups(&client, &server, plain("/a"), "\"x\"").await;
    assert!(client.inspect().entries[0].tags.is_empty());
    assert!(asked_after(&client, &server, act(), 200, "\"x\"").await.is_empty());
}

// B38
#[tokio::test(start_paused = true)]
async fn b38_a_group_is_of_its_origin_and_no_tag_of_a_document() {
    let (client, server) = setup();
    let elsewhere = || Query::<Json>::new(Request::get("other", "/o").server("https://other.example.com/x"));
    let same = || Query::<Json>::new(Request::get("same", "/s").server("https://API.example.com:443/y"));
    let _here = in_groups(&client, &server, plain("/a"), "\"LIST\", \"1\"").await;
    let _same = in_groups(&client, &server, same(), "\"LIST\"").await;
    let _other = in_groups(&client, &server, elsewhere(), "\"LIST\"").await;
    assert_eq!(asked_after(&client, &server, act(), 200, "\"LIST\"").await, ["/v1/a", "/y/s"]);
    const ORIGIN: TagType = TagType::new("https://other.example.com");
    for tag in [ORIGIN.all(), ORIGIN.list(), ORIGIN.id("LIST"), ORIGIN.all().reference()] {
        assert!(client.would_reach(tag).is_empty());
    }
    let tags: Vec<crate::Tag> = client.inspect().entries.iter().flat_map(|entry| entry.tags.iter().cloned()).collect();
    let other = tags.iter().find(|tag| tag.to_string().ends_with("of https://other.example.com")).unwrap();
    assert!(!other.reaches(&ORIGIN.id("LIST")) && !other.reaches(&ORIGIN.list()));
    for tag in [other.clone(), other.clone().reference(), other.clone().gone(), other.clone().filtered()] {
        let reached = client.would_reach(tag);
        assert_eq!(reached.iter().map(|call| &*call.url).collect::<Vec<_>>(), ["/o"], "by hand it can be named");
    }
}

// B12, B13, B38
#[tokio::test(start_paused = true)]
async fn b38_groups_made_stale_during_the_first_flight_are_not_lost() {
    let (client, server) = setup();
    let watcher = client.watch(plain("/a"));
    let first = server.next().await;
    assert!(asked_after(&client, &server, act(), 200, "\"x\"").await.is_empty(), "nobody knows of it yet");
    first.send(answer(200, GROUPS, "\"x\"", "1"));
    let second = server.next().await;
    assert!(seen(&watcher).is_stale);
    second.send(answer(200, GROUPS, "\"x\"", "2"));
    server.settled().await;
    assert_eq!((number(&watcher), seen(&watcher).is_stale, server.settled().await), (2, false, 3));
}

// B23, B38
#[tokio::test(start_paused = true)]
async fn b38_writes_leave_an_entry_in_its_groups() {
    let (client, server) = setup();
    let _watcher = in_groups(&client, &server, plain("/a"), "\"again\"").await;
    client.set(&plain("/a"), 5.into()).unwrap();
    assert_eq!(asked_after(&client, &server, act(), 200, "\"again\"").await, ["/v1/a"]);
    client.update(&plain("/a"), |data| *data = 6.into()).unwrap();
    assert_eq!(asked_after(&client, &server, act(), 200, "\"again\"").await, ["/v1/a"]);
    let writing = client.mutate(Mutation::<Json>::new(Request::put("put", "/a")).writes(plain("/a")));
    server.next().await.ok(json("7"));
    writing.await.unwrap();
    assert_eq!(*client.peek(&plain("/a")).unwrap(), 7);
    assert_eq!(asked_after(&client, &server, act(), 200, "\"again\"").await, ["/v1/a"]);
}

// B28, B38
#[tokio::test(start_paused = true)]
async fn b38_a_confirmed_response_stays_in_its_groups_unless_it_says_others() {
    let (client, server) = setup();
    let watcher = client.watch(plain("/a"));
    let first = Response::builder().header("etag", "\"1\"").header(GROUPS, "\"x\"").body(json("1").into());
    server.next().await.send(Ok(first.unwrap()));
    server.settled().await;
    let refetch = async |headers: &[(&str, &str)]| {
        let refetching = tokio::spawn(client.refetch(&plain("/a")));
        let built =
            headers.iter().fold(Response::builder().status(304), |all, (name, value)| all.header(*name, *value));
        server.next().await.send(Ok(built.body(json("").into()).unwrap()));
        refetching.await.unwrap().unwrap();
        client.inspect().entries[0].tags.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(refetch(&[]).await, ["group \"x\" of https://api.example.com"]);
    assert_eq!(refetch(&[(GROUPS, "\"y\"")]).await, ["group \"y\" of https://api.example.com"]);
    drop(client.invalidate_and(POST.list(), RefetchOf::Nothing));
    drop(watcher);
}
