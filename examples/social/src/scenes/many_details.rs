//! Scene 2: a hundred posts are open, one is written, and only the list asks again.

use crate::api::posts::{create_post, get_post, list_posts};
use crate::api::tags::POST;
use crate::api::types::{ListPosts, NewPost};
use crate::finding::Finding;
use crate::stage::{Failure, Stage};

pub(super) const TITLE: &str = "A hundred posts open, one is written";
pub(super) const PREMISE: &str = "A hundred posts are open one by one, and the list of posts beside them; then \
    a new one is written. A cache that knows only “something about posts changed” asks for all of them again. \
    A new post is in the list and nowhere else, so one request is enough. The second half shows the other way.";

const OPEN: usize = 100;

pub(super) async fn play(stage: &mut Stage) -> Result<Vec<Finding>, Failure> {
    let ids = stage.server.write_posts(2, OPEN)?;

    stage.say("A hundred posts and the list open.");
    let mut details: Vec<_> = ids.iter().map(|&id| stage.client.watch(get_post(id))).collect();
    let mut list = stage.client.watch(list_posts(&ListPosts::default()));
    for detail in &mut details {
        detail.ready().await?;
    }
    let before = list.ready().await?.total;
    stage.quiet().await;

    stage.say("Somebody writes a post.");
    stage.mark();
    let new = new_post("Has anyone seen the second heron today?");
    stage.mutate(create_post(&new)).await?;
    let lists = stage.sent("GET /api/posts?") + stage.sent_exactly("GET /api/posts");
    let gets = stage.sent("GET ");
    let grown = list.ready().await?.total - before;

    stage.say("Somebody writes another; now all that is of type Post is invalidated.");
    stage.mark();
    let new = new_post("Found it. By the lock, as ever.");
    stage.mutate(create_post(&new).invalidates(POST.all())).await?;

    Ok(vec![
        Finding::at_the_server("requests for the list after the first post", 1, lists),
        Finding::at_the_server("requests for single posts after it", 0, gets - lists),
        Finding::on_the_screen("posts more in the list after it", 1, usize::try_from(grown)?),
        Finding::at_the_server("requests when the whole type is invalidated", OPEN + 1, stage.sent("GET ")),
    ])
}

fn new_post(content: &str) -> NewPost {
    NewPost { author_id: 3, content: content.to_owned(), visibility: None, attachments: None }
}
