//! What an invalidation by hand can name.

use super::*;
use crate::Target;

fn comments(post: i64, page: i64) -> Query<Json> {
    let request = Request::get("listComments", "/posts/{id}/comments").path_param("id", &post);
    Query::new(request.query_param("page", &page)).provides("Comment")
}

fn reached(client: &Client, target: impl Into<Target>) -> Vec<String> {
    client.would_reach(target).iter().map(|call| call.url.to_string()).collect()
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_a_path_means_all_below_it_segment_by_segment() {
    let (client, _server) = counting();
    for query in [get_post(1), get_post(12), comments(1, 1), comments(1, 2), of("/postscript", USER.all())] {
        client.fetch(query).await.unwrap();
    }
    let all = ["/posts/1", "/posts/12", "/posts/1/comments?page=1", "/posts/1/comments?page=2"];
    let table: [(&str, &[&str]); 9] = [
        ("/posts", &all),
        ("/posts/", &all),
        ("posts", &all),
        ("/posts/1", &[all[0], all[2], all[3]]),
        ("/posts/*/comments", &[all[2], all[3]]),
        ("/*/12", &[all[1]]),
        ("/post", &[]),
        ("/posts/1/comments/7", &[]),
        ("/postscript", &["/postscript"]),
    ];
    for (pattern, expected) in table {
        assert_eq!(reached(&client, Target::path(pattern)), expected, "{pattern}");
    }
    assert_eq!(reached(&client, Target::path("")).len(), 5);
    assert_eq!(reached(&client, Target::everything()).len(), 5);
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_an_operation_means_all_of_its_calls() {
    let (client, server) = counting();
    let _post = watched(&client, get_post(1)).await;
    let _first = watched(&client, comments(1, 1)).await;
    client.fetch(comments(2, 1)).await.unwrap();
    client.invalidate(Target::operation("listComments")).await;
    assert_eq!(server.of("/posts/1/comments?page=1"), 2);
    assert_eq!([server.of("/posts/1"), server.of("/posts/2/comments?page=1")], [1, 1]);
    assert!(reached(&client, Target::operation("listcomments")).is_empty());
}

// B18
#[tokio::test(start_paused = true)]
async fn b18_one_query_means_its_args_alone() {
    let (client, server) = counting();
    let _watchers = [watched(&client, comments(1, 1)).await, watched(&client, comments(1, 2)).await];
    client.invalidate(&comments(1, 2)).await;
    assert_eq!([server.of("/posts/1/comments?page=1"), server.of("/posts/1/comments?page=2")], [1, 2]);
}

// B1
#[tokio::test(start_paused = true)]
async fn b1_the_order_of_args_makes_no_other_entry_and_a_value_does() {
    let (client, server) = counting();
    let search = |pairs: &[(&'static str, &str)]| {
        let add = |request: Request, pair: &(&'static str, &str)| request.query_param(pair.0, pair.1);
        Query::<Json>::new(pairs.iter().fold(Request::get("search", "/search"), add))
    };
    client.fetch(search(&[("a", "1"), ("b", "2")])).await.unwrap();
    client.fetch(search(&[("b", "2"), ("a", "1")])).await.unwrap();
    assert_eq!(server.all(), 1);
    client.fetch(search(&[("a", "1"), ("b", "3")])).await.unwrap();
    client.fetch(search(&[("a", "1")])).await.unwrap();
    client.fetch(search(&[("a", ""), ("b", "2")])).await.unwrap();
    assert_eq!(server.all(), 4);
}

// B1
#[tokio::test(start_paused = true)]
async fn b1_large_numbers_are_told_apart() {
    let (client, server) = counting();
    for id in [i64::MAX, i64::MAX - 1, i64::MIN, i64::MAX] {
        client.fetch(get_post(id)).await.unwrap();
    }
    assert_eq!(server.all(), 3);
    client.invalidate(POST.id(i64::MAX)).await;
    client.fetch(get_post(i64::MAX - 1)).await.unwrap();
    assert_eq!(server.all(), 3);
    assert_eq!(reached(&client, POST.id(u64::try_from(i64::MAX).unwrap())).len(), 1);
}

// B1
#[tokio::test(start_paused = true)]
async fn b1_another_type_of_result_is_another_entry() {
    let (client, server) = counting();
    let request = || Request::get("getPost", "/posts/{id}").path_param("id", &1);
    assert_eq!(*client.fetch(Query::<Json>::new(request())).await.unwrap(), 1);
    assert_eq!(*client.fetch(Query::text(request())).await.unwrap(), "2");
    assert_eq!(*client.fetch(Query::<i64>::new(request())).await.unwrap(), 3);
    assert_eq!(*client.fetch(Query::<Json>::new(request())).await.unwrap(), 1);
    assert_eq!(server.all(), 3);
}

// B1
#[tokio::test(start_paused = true)]
async fn b1_a_number_and_its_text_zero_and_nothing() {
    let (client, server) = counting();
    let page = |page: Json| Query::<Json>::new(Request::get("list", "/list").query_param("page", &page));
    client.fetch(page(7.into())).await.unwrap();
    client.fetch(page("7".into())).await.unwrap();
    assert_eq!(server.all(), 1);
    for other in [Json::from(0), "".into(), Json::Null] {
        client.fetch(page(other)).await.unwrap();
    }
    assert_eq!(server.all(), 4);
    client.fetch(Query::<Json>::new(Request::get("list", "/list"))).await.unwrap();
    assert_eq!(server.all(), 4, "nothing is the same as left out");
}
