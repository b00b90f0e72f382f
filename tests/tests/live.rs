//! The golden client of the social network against its live server: what is asked for, and what is not.

use larder::{Client, ErrorKind, Prefetch};
use larder_tests::social::comments::{create_comment, delete_comment, list_comments};
use larder_tests::social::posts::{create_post, delete_post, favourite_post, get_post, list_posts, update_post};
use larder_tests::social::timeline::get_timeline;
use larder_tests::social::types::{
    ApiError, GetTimeline, ListPosts, NewComment, NewPost, PostPatch, Problem, Visibility,
};
use larder_tests::social::users::get_user;
use social::server::{LoggedRequest, Server};

async fn start() -> (Server, Client) {
    let server = Server::start().await.expect("the server starts");
    let client = Client::new(server.url()).expect("its address is valid");
    (server, client)
}

/// What arrived since the last time, without the base path.
fn asked(server: &Server) -> Vec<String> {
    let mut calls: Vec<String> = server.take_requests().iter().map(LoggedRequest::call).collect();
    calls.sort();
    calls
}

#[tokio::test]
async fn a_refusal_carries_what_the_server_said() {
    let (_server, client) = start().await;
    let error = client.fetch(get_post(4_000)).await.expect_err("there is no such post");
    assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (ErrorKind::Status, Some(404)));
    let problem: Problem = error.body().expect("the documented body");
    assert_eq!(problem.status, 404);
    let told = error.to_string();
    assert!(told.starts_with("GET /posts/{post_id} (getPost, request "), "{told}");
    assert!(told.contains("): the server answered 404"), "{told}");
    assert!(matches!(error.by_status(), Some(ApiError::NotFound(problem)) if problem.status == 404));

    let empty = NewPost { author_id: 1, content: String::new(), visibility: None, attachments: None };
    let error = client.mutate(create_post(&empty)).await.expect_err("the text is empty");
    assert_eq!(error.body::<Problem>().map(|problem| problem.status), Some(422));
}

// B15
#[tokio::test]
async fn b15_a_refused_mutation_invalidates_nothing() {
    let (server, client) = start().await;
    let mut list = client.watch(list_posts(&ListPosts::default()));
    list.ready().await.expect("the list");
    asked(&server);
    let empty = NewPost { author_id: 1, content: String::new(), visibility: None, attachments: None };
    client.mutate(create_post(&empty)).refetched().await.expect_err("the text is empty");
    assert_eq!(asked(&server), ["POST /posts"]);
    assert!(!list.snapshot().is_stale);
}

// B16
#[tokio::test]
async fn b16_an_update_writes_the_detail_and_refetches_the_lists_that_hold_it() {
    let (server, client) = start().await;
    let mut detail = client.watch(get_post(3));
    let mut timeline = client.watch(get_timeline(&GetTimeline::default()));
    let mut private =
        client.watch(list_posts(&ListPosts { visibility: Some(Visibility::Private), ..ListPosts::default() }));
    let mut other = client.watch(get_post(4));
    for ready in [
        detail.ready().await.is_ok(),
        timeline.ready().await.is_ok(),
        private.ready().await.is_ok(),
        other.ready().await.is_ok(),
    ] {
        assert!(ready);
    }
    asked(&server);
    let patch = PostPatch {
        content: Some("New words".to_owned()),
        visibility: Some(Visibility::Private),
        ..PostPatch::default()
    };
    client.mutate(update_post(3, &patch)).refetched().await.expect("the server takes it");
    assert_eq!(asked(&server), ["GET /posts?visibility=private", "GET /timeline", "PATCH /posts/3"]);
    assert_eq!(detail.snapshot().data.expect("it is there").content, "New words");
    assert!(private.snapshot().data.expect("it is there").items.iter().any(|post| post.id == 3), "it moved in");
}

#[tokio::test]
async fn a_comment_reaches_what_counts_it_and_nothing_else() {
    let (server, client) = start().await;
    let (mut post, mut other, mut comments, mut user) = (
        client.watch(get_post(2)),
        client.watch(get_post(3)),
        client.watch(list_comments(2)),
        client.watch(get_user(1)),
    );
    let before = post.ready().await.expect("the post").comments_count;
    other.ready().await.expect("the other post");
    comments.ready().await.expect("the comments");
    user.ready().await.expect("the user");
    asked(&server);

    let new = NewComment { author_id: 1, content: "Indeed".to_owned() };
    let comment = client.mutate(create_comment(2, &new)).refetched().await.expect("it is taken").data;
    assert_eq!(asked(&server), ["GET /posts/2", "GET /posts/2/comments", "POST /posts/2/comments"]);
    assert_eq!(post.snapshot().data.expect("it is there").comments_count, before + 1);

    client.mutate(delete_comment(2, comment.id)).refetched().await.expect("it is deleted");
    let path = format!("DELETE /posts/2/comments/{}", comment.id);
    assert_eq!(asked(&server), [path.as_str(), "GET /posts/2", "GET /posts/2/comments"]);
    assert_eq!(post.snapshot().data.expect("it is there").comments_count, before);
}

#[tokio::test]
async fn what_is_deleted_is_not_asked_for_again() {
    let (server, client) = start().await;
    let mut watched = client.watch(get_post(5));
    watched.ready().await.expect("the post");
    client.fetch(get_post(6)).await.expect("the other post");
    asked(&server);
    for id in [5, 6] {
        client.mutate(delete_post(id)).refetched().await.expect("it is deleted");
    }
    assert_eq!(asked(&server), ["DELETE /posts/5", "DELETE /posts/6"]);
    assert!(client.peek(&get_post(6)).is_none(), "nobody used it, so it is dropped");
    assert!(watched.snapshot().is_stale && watched.snapshot().data.is_some(), "who looks at it keeps it, marked stale");
}

// B14
#[tokio::test]
async fn b14_an_entry_without_subscribers_is_marked_and_refetched_by_the_next_reader() {
    let (server, client) = start().await;
    client.prefetch(get_post(7), Prefetch::IfMissing);
    let before = client.fetch(get_post(7)).await.expect("the post");
    client.mutate(favourite_post(7)).refetched().await.expect("it is done");
    assert_eq!(asked(&server), ["GET /posts/7", "POST /posts/7/favourite"]);
    assert_eq!(client.peek(&get_post(7)).expect("it is kept").favourites_count, before.favourites_count);
    let after = client.fetch(get_post(7)).await.expect("the post");
    assert_eq!((asked(&server).len(), after.favourites_count), (1, before.favourites_count + 1));
}

// B11, B18
#[tokio::test]
async fn b18_tags_can_be_written_by_hand() {
    let (server, client) = start().await;
    let mut post = client.watch(get_post(7));
    post.ready().await.expect("the post");
    asked(&server);
    assert_eq!(client.would_reach(("Post", 7)).len(), 1);
    assert!(client.would_reach(("Post", "8")).is_empty());
    for tags in [larder::Tags::from("Post"), ("Post", "7").into(), larder_tests::social::tags::POST.id(7).into()] {
        client.invalidate(tags);
        client.refetch(&get_post(7)).await.expect("it joins what is under way");
        assert_eq!(asked(&server), ["GET /posts/7"]);
    }
}
