//! Optimistic changes, as an application sees them.

mod ending;
mod finding;
mod hostile;

use super::*;
use crate::{Optimistic, Part};

/// A post, as far as these tests look at it.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
struct Post {
    id: i64,
    title: String,
}

/// A page of posts.
#[derive(Clone, Debug, serde::Deserialize)]
struct Page {
    items: Vec<Part<Post>>,
}

fn post(id: i64) -> Query<Post> {
    Query::new(Request::get("post", "/posts/{id}").path_param("id", &id)).provides(POST.id(id))
}

fn posts_by(author: i64) -> Query<Page> {
    Query::<Page>::new(Request::get("postsBy", "/posts").query_param("author", &author))
        .provides(POST.list().with("author", author))
        .provides_from(|page| page.items.iter().map(|post| POST.id(post.id)).collect())
        .holds(|page, held| held.list(&mut page.items, |post| POST.id(post.id)))
}

/// A mutation that renames a post, and shows that at once.
fn rename(id: i64, title: &'static str) -> Mutation<Json> {
    changing(POST.id(id))
        .optimistic(Optimistic::new().change(POST.id(id), move |post: &mut Post| post.title = title.into()))
}

/// A mutation that adds something to a post's title, so that the order of layers is seen.
fn adding(id: i64, more: &'static str) -> Mutation<Json> {
    changing(POST.id(id)).optimistic(Optimistic::new().change(POST.id(id), move |post: &mut Post| post.title += more))
}

/// The title that the watcher sees.
fn title(watcher: &Watcher<Post>) -> String {
    seen(watcher).data.map(|post| post.title.clone()).unwrap_or_default()
}

/// The titles of the posts that the watcher sees.
fn titles(watcher: &Watcher<Page>) -> Vec<String> {
    let page = seen(watcher).data;
    page.iter().flat_map(|page| &page.items).map(|post| post.title.clone()).collect()
}

/// Watches a query and answers its first request.
async fn watched_with<T: Send + Sync + 'static>(
    client: &Client,
    server: &Server,
    query: Query<T>,
    body: &'static str,
) -> Watcher<T> {
    let watcher = client.watch(query);
    server.next().await.ok(json(body));
    server.settled().await;
    watcher
}

const A: &str = r#"{"id":7,"title":"a"}"#;
const B: &str = r#"{"id":7,"title":"b"}"#;
