//! DataSource: conditions, sharing, flags, polling.

use std::sync::Arc;
use std::time::Duration;

use larder::Part;
use larder_tests::social::posts::{get_post, list_posts, update_post};
use larder_tests::social::timeline::get_timeline;
use larder_tests::social::types::{GetTimeline, ListPosts, PostPatch};
use larder_tests::social::users::get_user;

use super::{Outcome, asked, start};

#[tokio::test]
async fn when() -> Outcome {
    let (server, client) = start().await;

    let mut selected_user: Option<i64> = None;
    let mut profile = client.watch(get_user(selected_user.unwrap_or_default()).when(selected_user.is_some()));
    assert!(asked(&server).is_empty());

    selected_user = Some(2);
    profile.set_query(get_user(selected_user.unwrap_or_default()).when(selected_user.is_some()));
    assert_eq!(profile.ready().await?.id, 2);

    assert_eq!(asked(&server), ["GET /users/2"]);
    Ok(())
}

#[tokio::test]
async fn structural_sharing() -> Outcome {
    let (_server, client) = start().await;
    let query = || get_timeline(&GetTimeline::default());
    let mut timeline = client.watch(query());
    let before = timeline.ready().await?;

    // Equal data is the same data.
    assert!(Arc::ptr_eq(&before, &timeline.refetch().await?));

    // Where one post changed, the others are the very same.
    let patch = PostPatch { content: Some("New words".to_owned()), ..PostPatch::default() };
    client.mutate(update_post(before.items[0].id, &patch)).refetched().await?;
    let after = timeline.ready().await?;
    assert!(!Part::ptr_eq(&before.items[0], &after.items[0]));
    assert!(Part::ptr_eq(&before.items[1], &after.items[1]));

    // It can be switched off.
    let unshared = client.fetch(query().structural_sharing(false)).await?;
    let _ = unshared;
    Ok(())
}

#[tokio::test]
async fn the_wrapper_and_the_value() -> Outcome {
    let (_server, client) = start().await;

    let mut user = client.watch(get_user(1));
    let state = user.snapshot();
    assert!(state.is_loading && state.data.is_none()); // inProgress, and no value yet
    let value = user.ready().await?; // .value
    let state = user.snapshot();
    assert!(!state.is_fetching && state.error.is_none()); // inProgress, isRefetching, error
    assert_eq!(state.headers.expect("a response")["content-type"], "application/json"); // responseHeaders

    assert_eq!(value.id, 1);
    Ok(())
}

#[tokio::test]
async fn poll_interval() -> Outcome {
    let (server, client) = start().await;

    let mut post = client.watch(get_post(3).poll_every(Duration::from_millis(1)));
    post.ready().await?;

    while asked(&server).is_empty() {
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tokio::test]
async fn query_params() -> Outcome {
    let (server, client) = start().await;

    let by_one_author = ListPosts { author_id: Some(2), limit: Some(5), ..ListPosts::default() };
    let posts = client.fetch(list_posts(&by_one_author)).await?;

    assert!(posts.items.iter().all(|post| post.author_id == 2));
    assert_eq!(asked(&server), ["GET /posts?author_id=2&limit=5"]);
    Ok(())
}
