//! Structural sharing: what a refetch brings again keeps its identity.

use super::*;
use crate::{Part, Watcher};

#[derive(Clone, Debug, PartialEq)]
struct Post {
    id: i64,
    title: String,
}

crate::object! { Post { id = "id" required, title = "title" required } }

type Posts = Vec<Part<Post>>;

fn posts() -> Query<Posts> {
    Query::new(Request::get("listPosts", "/posts")).provides(POST.list())
}

fn page(titles: &[String]) -> Bytes {
    let posts = titles.iter().enumerate().map(|(id, title)| Post { id: id as i64, title: title.clone() });
    serde_json::to_vec(&posts.map(Part::from).collect::<Posts>()).unwrap().into()
}

fn titles(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("Post {number}")).collect()
}

/// What the next response makes of the watched list, and whether that was news.
async fn refetched<T: Send + Sync + 'static>(
    client: &Client,
    server: &Server,
    watcher: &mut Watcher<T>,
    body: impl Into<ResponseBody>,
) -> (Arc<T>, bool) {
    client.invalidate(POST.list());
    server.next().await.ok(body);
    server.settled().await;
    let news = tokio::time::timeout(SECOND, watcher.data_changed()).await.is_ok();
    (watcher.snapshot().data.unwrap(), news)
}

async fn watching<T: Send + Sync + 'static>(query: Query<T>, body: Bytes) -> (Client, Server, Watcher<T>, Arc<T>) {
    let (client, server) = setup();
    let mut watcher = client.watch(query);
    server.next().await.ok(body);
    let first = watcher.data_changed().await.data.unwrap();
    (client, server, watcher, first)
}

fn kept<T>(before: &[Part<T>], now: &[Part<T>]) -> usize {
    before.iter().zip(now).filter(|(one, other)| Part::ptr_eq(one, other)).count()
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_one_changed_post_of_a_thousand_leaves_the_other_999_as_they_were() {
    let mut titles = titles(1000);
    let (client, server, mut watcher, first) = watching(posts(), page(&titles)).await;
    titles[500] = "News".to_owned();
    let (second, news) = refetched(&client, &server, &mut watcher, page(&titles)).await;
    assert!(news && !Arc::ptr_eq(&first, &second));
    assert_eq!((kept(&first, &second), second[500].title.as_str()), (999, "News"));
    let (third, news) = refetched(&client, &server, &mut watcher, page(&titles)).await;
    assert!(!news && Arc::ptr_eq(&second, &third));
    // What was not decoded twice running is known still.
    titles[0] = "More".to_owned();
    let (fourth, _) = refetched(&client, &server, &mut watcher, page(&titles)).await;
    assert_eq!(kept(&third, &fourth), 999);
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_an_error_between_does_not_cost_the_identity() {
    let mut titles = titles(10);
    let (client, server, mut watcher, first) = watching(posts(), page(&titles)).await;
    let (same, news) = refetched(&client, &server, &mut watcher, json(r#"[{"id": 1, "title": "a"}, {"id": 2}]"#)).await;
    assert!(!news && Arc::ptr_eq(&first, &same));
    let error = watcher.snapshot().error.unwrap();
    assert_eq!((error.kind(), error.json_path()), (crate::ErrorKind::Decode, Some("[1]")));
    titles[3] = "News".to_owned();
    let (second, _) = refetched(&client, &server, &mut watcher, page(&titles)).await;
    assert_eq!(kept(&first, &second), 9);
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_json_in_another_order_and_with_other_white_space_is_the_same() {
    let (client, server, mut watcher, first) = watching(posts(), json(r#"[{"id":1,"title":"a b"}]"#)).await;
    let (same, news) = refetched(&client, &server, &mut watcher, json("[ {\"title\": \"a b\",\n \"id\": 1} ]")).await;
    assert!(!news && Arc::ptr_eq(&first, &same));
    let (other, news) = refetched(&client, &server, &mut watcher, json(r#"[{"id":1,"title":"ab "}]"#)).await;
    assert!(news && other[0].title == "ab ");
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_text_in_another_order_is_another_text() {
    let text = || Query::text(Request::get("getText", "/text")).provides(POST.list());
    let (client, server, mut watcher, _) = watching(text(), json(r#"{"a":1,"b":2}"#)).await;
    let (other, news) = refetched(&client, &server, &mut watcher, json(r#"{"b":2,"a":1}"#)).await;
    assert!(news && *other == r#"{"b":2,"a":1}"#);
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_switched_off_each_response_is_new_data() {
    let page = page(&titles(3));
    let (client, server, mut watcher, first) = watching(posts().structural_sharing(false), page.clone()).await;
    let (second, news) = refetched(&client, &server, &mut watcher, page.clone()).await;
    assert!(news && !Arc::ptr_eq(&first, &second));
    assert_eq!(kept(&first, &second), 0);
    assert_eq!(first, second);
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_lines_of_json_keep_theirs_too() {
    let lines = || Query::<Posts>::json_lines(Request::get("listPosts", "/posts")).provides(POST.list());
    let one = "{\"id\": 1, \"title\": \"a\"}\n";
    let (client, server, mut watcher, first) = watching(lines(), json("{\"id\": 1, \"title\": \"a\"}\n")).await;
    let more = format!("{one}{}", r#"{"id": 2, "title": "b"}"#);
    let (second, news) = refetched(&client, &server, &mut watcher, Bytes::from(more)).await;
    assert!(news && second.len() == 2);
    assert_eq!(kept(&first, &second), 1);
}

// B4
#[tokio::test(start_paused = true)]
async fn b4_a_mutation_that_writes_the_list_keeps_what_it_did_not_change() {
    let mut titles = titles(10);
    let (client, server, watcher, first) = watching(posts(), page(&titles)).await;
    titles[4] = "News".to_owned();
    let reorder =
        Mutation::<Json>::new(Request::post("sortPosts", "/posts/sort")).writes(posts()).invalidates(POST.id(4));
    let mutating = tokio::spawn(client.mutate(reorder));
    server.next().await.ok(page(&titles));
    mutating.await.unwrap().unwrap();
    let second = watcher.snapshot().data.unwrap();
    assert_eq!((kept(&first, &second), second[4].title.as_str()), (9, "News"));
}

// B4, B23
#[tokio::test(start_paused = true)]
async fn b4_what_is_changed_by_hand_does_not_cost_the_others_their_identity() {
    let mut titles = titles(10);
    let (client, server, mut watcher, first) = watching(posts(), page(&titles)).await;
    assert!(client.update(&posts(), |posts| Part::make_mut(&mut posts[4]).title = "Mine".to_owned()).unwrap());
    let mine = watcher.snapshot().data.unwrap();
    assert_eq!((kept(&first, &mine), mine[4].title.as_str()), (9, "Mine"));
    titles[4] = "Theirs".to_owned();
    let (second, _) = refetched(&client, &server, &mut watcher, page(&titles)).await;
    assert_eq!((kept(&first, &second), second[4].title.as_str()), (9, "Theirs"));
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_panic_while_decoding_leaves_the_parts_of_before() {
    #[derive(Debug)]
    struct Fragile(i64);
    impl<'de> crate::serde::Deserialize<'de> for Fragile {
        fn deserialize<D: crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Fragile, D::Error> {
            let number = i64::deserialize(deserializer)?;
            assert!(number != 13, "asked for");
            Ok(Fragile(number))
        }
    }
    let numbers = Query::<Vec<Part<Fragile>>>::new(Request::get("listNumbers", "/numbers")).provides(POST.list());
    let (client, server, mut watcher, first) = watching(numbers, json("[1, 2, 3]")).await;
    let (same, _) = refetched(&client, &server, &mut watcher, json("[1, 2, 13]")).await;
    assert!(Arc::ptr_eq(&first, &same));
    assert_eq!(watcher.snapshot().error.unwrap().kind(), crate::ErrorKind::Panicked);
    let (now, _) = refetched(&client, &server, &mut watcher, json("[1, 2, 4]")).await;
    assert_eq!((kept(&first, &now), now[2].0), (2, 4));
}
