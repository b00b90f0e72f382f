//! The smallest crate that uses Larder.

/// The API, as the build script generated it.
pub mod api {
    larder::include_api!("openapi");
}

use api::posts::{create_post, list_posts};
use api::types::{ListPosts, NewPost};
use larder::{Client, Error};

/// Writes a post, and returns what the newest one says once the list is fresh.
pub async fn write(client: &Client, content: &str) -> Result<Option<String>, Error> {
    // A subscriber: it has the list as it is now, and hears of each change.
    let mut posts = client.watch(list_posts(&ListPosts::default()));
    posts.ready().await?;

    // The document says that this creates a post, so the list refetches; nothing else does.
    let new = NewPost { author_id: 1, content: content.to_owned() };
    client.mutate(create_post(&new)).refetched().await?;

    let page = posts.ready().await?;
    Ok(page.items.first().map(|post| post.content.clone()))
}
