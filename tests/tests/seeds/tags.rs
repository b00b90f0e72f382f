//! Tags, as RTK Query has them: types, ids, lists.

use larder::Tags;
use larder_tests::social::posts::{create_post, get_post, list_posts, update_post};
use larder_tests::social::tags::POST;
use larder_tests::social::types::{ListPosts, NewPost, PostPatch};

use super::{Outcome, asked, start, start_with};

#[tokio::test]
async fn everything_of_a_type() -> Outcome {
    let (server, client) = start().await;
    let (mut one, mut other) = (client.watch(get_post(1)), client.watch(get_post(2)));
    one.ready().await?;
    other.ready().await?;
    asked(&server);

    let new = NewPost { author_id: 1, content: "Hello".to_owned(), visibility: None, attachments: None };
    client.mutate(create_post(&new).invalidates("Post")).refetched().await?;
    assert_eq!(asked(&server), ["GET /posts/1", "GET /posts/2", "POST /posts"]);
    Ok(())
}

#[tokio::test]
async fn lists_alone() -> Outcome {
    let (server, client) = start().await;
    let (mut list, mut detail) = (client.watch(list_posts(&ListPosts::default())), client.watch(get_post(1)));
    list.ready().await?;
    detail.ready().await?;
    asked(&server);

    // The generated function says `POST.list()` itself: nobody writes it down.
    let new = NewPost { author_id: 1, content: "Hello".to_owned(), visibility: None, attachments: None };
    client.mutate(create_post(&new)).refetched().await?;
    assert_eq!(asked(&server), ["GET /posts", "POST /posts"]);
    Ok(())
}

#[tokio::test]
async fn tags_by_hand() -> Outcome {
    let (server, client) = start_with(|builder| {
        // For all calls of an operation: a string, `(type, id)`, a list, or a function of result and args.
        builder
            .enhance_query("getPost", |query: larder::Query<larder_tests::social::types::Post>| {
                query.provides(("Author", 1)).provides_from(|post| POST.id(post.id).into())
            })
            .enhance_mutation("updatePost", |mutation: larder::Mutation<larder_tests::social::types::Post>| {
                mutation.invalidates(("Author", 1)).invalidates([POST.id(8), POST.id(9)])
            })
    })
    .await;
    let mut post = client.watch(get_post(5));
    post.ready().await?;
    asked(&server);

    // For one call: added, replaced, none.
    let patch = PostPatch { content: Some("Words".to_owned()), ..PostPatch::default() };
    client.mutate(update_post(6, &patch).invalidates("Timeline")).refetched().await?;
    assert_eq!(asked(&server), ["GET /posts/5", "PATCH /posts/6"]);
    client.mutate(update_post(6, &patch).invalidates_only(POST.id(7))).refetched().await?;
    client.mutate(update_post(6, &patch).invalidates_only(Tags::none())).refetched().await?;
    assert_eq!(asked(&server), ["PATCH /posts/6", "PATCH /posts/6"]);
    Ok(())
}
