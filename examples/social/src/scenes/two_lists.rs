//! Scene 3: two lists of posts, and a new post belongs to one of them.

use crate::api::posts::{create_post, list_posts};
use crate::api::types::{ListPosts, NewPost};
use crate::finding::Finding;
use crate::stage::{Failure, Stage};

pub(super) const TITLE: &str = "Two lists, and a post for one of them";
pub(super) const PREMISE: &str = "The posts of Mei (user 5) and the posts of Rosa (user 6) are open side by side; \
    then Mei writes one. Both are lists of posts, so the type alone does not tell them apart. What they were \
    asked for does: a list of Rosa's posts cannot contain a post by Mei.";

pub(super) async fn play(stage: &mut Stage) -> Result<Vec<Finding>, Failure> {
    stage.say("Two lists open.");
    let mut by_mei = stage.client.watch(list_posts(&posts_by(5)));
    let mut by_rosa = stage.client.watch(list_posts(&posts_by(6)));
    let before = by_mei.ready().await?.total;
    by_rosa.ready().await?;
    stage.quiet().await;

    stage.say("Mei writes a post.");
    stage.mark();
    let content = "Day ten. We have come to an understanding.".to_owned();
    let new = NewPost { author_id: 5, content, visibility: None, attachments: None };
    stage.mutate(create_post(&new)).await?;

    let grown = by_mei.ready().await?.total - before;
    Ok(vec![
        Finding::at_the_server("requests for Mei's posts", 1, stage.sent("GET /api/posts?author_id=5")),
        Finding::at_the_server("requests for Rosa's posts", 0, stage.sent("GET /api/posts?author_id=6")),
        Finding::at_the_server("requests of any kind, the new post among them", 2, stage.sent("")),
        Finding::on_the_screen("posts more in Mei's list", 1, usize::try_from(grown)?),
    ])
}

fn posts_by(author_id: i64) -> ListPosts {
    ListPosts { author_id: Some(author_id), ..ListPosts::default() }
}
