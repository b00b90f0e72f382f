//! Optimistic updates: what kweri does with a snapshot, a rollback and an invalidation by hand.

use larder::Optimistic;
use larder_tests::social::posts::{create_post, delete_post, favourite_post, get_post, list_posts};
use larder_tests::social::tags::POST;
use larder_tests::social::timeline::get_timeline;
use larder_tests::social::types::{GetTimeline, ListPosts, NewPost, Post};

use super::{Outcome, start};

#[tokio::test]
async fn a_favourite_shows_at_once_wherever_the_post_is() -> Outcome {
    let (_server, client) = start().await;
    let mut timeline = client.watch(get_timeline(&GetTimeline::default()));
    let id = timeline.ready().await?.items[0].id;
    let mut detail = client.watch(get_post(id));
    let before = detail.ready().await?.favourites_count;

    let liked = Optimistic::new().change(POST.id(id), |post: &mut Post| {
        post.favourited = true;
        post.favourites_count += 1;
    });
    let liking = client.mutate(favourite_post(id).optimistic(liked));

    // Nothing was answered yet, and both screens show it.
    assert!(timeline.snapshot().data.expect("it is there").items[0].favourited);
    assert_eq!(detail.snapshot().data.expect("it is there").favourites_count, before + 1);
    liking.refetched().await?;
    assert_eq!(detail.ready().await?.favourites_count, before + 1);
    Ok(())
}

#[tokio::test]
async fn what_is_refused_is_rolled_back() -> Outcome {
    let (_server, client) = start().await;
    let mut posts = client.watch(list_posts(&ListPosts::default()));
    let before = posts.ready().await?;

    let nobody = -1;
    let gone = before.items[0].id;
    let deleted = Optimistic::new().remove(POST.id(gone));
    let deleting = client.mutate(delete_post(nobody).optimistic(deleted));
    assert!(posts.snapshot().data.expect("a list").items.iter().all(|post| post.id != gone));

    // There is no such post: what was shown meanwhile is taken away, and nothing is fetched.
    assert!(deleting.await.is_err());
    assert!(posts.snapshot().data.expect("a list").items.iter().any(|post| post.id == gone));
    Ok(())
}

#[tokio::test]
async fn a_new_post_stands_in_its_list_at_once() -> Outcome {
    let (_server, client) = start().await;
    let mut posts = client.watch(list_posts(&ListPosts { author_id: Some(2), ..ListPosts::default() }));
    let draft = posts.ready().await?.items[0].clone();

    let new = NewPost { author_id: 2, content: "Quinces".to_owned(), visibility: None, attachments: None };
    let shown = Post { id: 0, content: new.content.clone(), ..Post::clone(&draft) };
    let written = Optimistic::new().insert(POST.list().with("author_id", 2), shown);
    let writing = client.mutate(create_post(&new).optimistic(written));
    assert_eq!(posts.snapshot().data.expect("a list").items[0].id, 0);

    let post = writing.refetched().await?.data;
    assert_eq!(posts.ready().await?.items[0].id, post.id);
    Ok(())
}
