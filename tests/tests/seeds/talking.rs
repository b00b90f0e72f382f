//! What DataSource tells its users: notifications, errors of any shape, parts of a response.

use larder::{ErrorView, Json, NotificationPhase, Notify, path};
use larder_tests::social::posts::{create_post, list_posts};
use larder_tests::social::types::{ListPosts, NewPost, Post, Problem};

use super::{Outcome, asked, start, start_with};

#[tokio::test]
async fn notifications() -> Outcome {
    let (_server, client) = start().await;
    let new = NewPost { author_id: 1, content: "Hello".to_owned(), visibility: None, attachments: None };

    let mut toasts = client.notifications();
    let told = Notify::new()
        .in_progress("Saving…")
        .completed(|post: &Post| format!("Saved as {}", post.id))
        .failed(|error| format!("Not saved: {}", error.view().message));
    let post = client.mutate(create_post(&new).notify(told)).await?;

    let begun = toasts.next().await.expect("the client is there");
    let done = toasts.next().await.expect("the client is there");
    assert_eq!((begun.phase, begun.text.as_str()), (NotificationPhase::InProgress, "Saving…"));
    assert_eq!((done.id, done.text), (begun.id, format!("Saved as {}", post.id)));
    Ok(())
}

#[tokio::test]
async fn errors_of_the_usual_shapes_are_read_alike() -> Outcome {
    let (_server, client) = start().await;
    let empty = NewPost { author_id: 1, content: String::new(), visibility: None, attachments: None };

    let error = client.mutate(create_post(&empty)).await.expect_err("it is empty");
    let view = error.view(); // statusCode, message, details
    assert_eq!(view.status.map(|status| status.as_u16()), Some(422));
    assert!(!view.message.is_empty());
    let problem: Problem = error.body().expect("what the document says of it"); // typed

    assert_eq!(problem.status, 422);
    Ok(())
}

#[tokio::test]
async fn error_response_transform() -> Outcome {
    let (_server, client) = start_with(|builder| {
        // {{ statusCode: $response.code, message: $response.error }}
        builder.error_view(|response| {
            let body: Json = serde_json::from_slice(response.body()).ok()?;
            Some(ErrorView::new(body["title"].as_str()?).code(body["status"].to_string()))
        })
    })
    .await;
    let empty = NewPost { author_id: 1, content: String::new(), visibility: None, attachments: None };
    let error = client.mutate(create_post(&empty)).await.expect_err("it is empty");
    assert_eq!(error.view().code.as_deref(), Some("422"));
    Ok(())
}

#[tokio::test]
async fn result_selector_and_transform() -> Outcome {
    let (server, client) = start().await;
    let whole = list_posts(&ListPosts::default());

    // A path that the compiler checks, and a function; both are parts of one entry.
    let contents = whole.clone().select(path!(items[].content)).fetch(&client).await?;
    let favourites = whole.select(|page| page.items.iter().filter(|post| post.favourited).count());
    let shown = favourites.watch(&client);

    assert!(shown.snapshot().data.is_some_and(|count| *count <= contents.len()));
    assert_eq!(asked(&server), ["GET /posts"]);
    Ok(())
}
