//! Scene 1: one heart, and only the screen that shows it asks again.

use crate::api::comments::list_comments;
use crate::api::posts::{favourite_post, get_post};
use crate::api::timeline::get_timeline;
use crate::api::types::GetTimeline;
use crate::api::users::list_users;
use crate::finding::Finding;
use crate::stage::{Failure, Stage};

pub(super) const TITLE: &str = "One heart, one refetch";
pub(super) const PREMISE: &str = "The timeline is open, and so are another post, its comments, and the list of \
    people; then a post in the timeline gets a heart. The answer to that is empty, so it does not say which \
    screens are out of date. The cache has to know, and has to leave the other three alone.";

pub(super) async fn play(stage: &mut Stage) -> Result<Vec<Finding>, Failure> {
    let liked = 12;
    let elsewhere = *stage.server.write_posts(4, 30)?.first().ok_or("no post was written")?;
    let page = GetTimeline { limit: Some(100) };

    stage.say("Four screens open.");
    let mut timeline = stage.client.watch(get_timeline(&page));
    let mut other_post = stage.client.watch(get_post(elsewhere));
    let mut comments = stage.client.watch(list_comments(elsewhere));
    let mut people = stage.client.watch(list_users());
    timeline.ready().await?;
    other_post.ready().await?;
    comments.ready().await?;
    people.ready().await?;
    stage.quiet().await;

    stage.say("Somebody favourites post 12.");
    stage.mark();
    stage.mutate(favourite_post(liked)).await?;

    let shown = timeline.ready().await?;
    let hearts = shown.items.iter().filter(|post| post.id == liked && post.favourited).count();
    let timelines = stage.sent("GET /api/timeline");
    Ok(vec![
        Finding::at_the_server("requests for the timeline", 1, timelines),
        Finding::at_the_server("requests for the other three screens", 0, stage.sent("GET ") - timelines),
        Finding::on_the_screen("posts whose new heart shows", 1, hearts),
    ])
}
