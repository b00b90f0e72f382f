//! Scene 5: a heart is given while the first, slow answer is still on its way.

use crate::api::posts::{favourite_post, get_post};
use crate::finding::Finding;
use crate::stage::{Failure, Stage};

pub(super) const TITLE: &str = "A heart during a slow first answer";
pub(super) const PREMISE: &str = "A post is opened, and the server reads it and is slow to answer; meanwhile the \
    post gets a heart. The slow answer was made before the heart and arrives after it. The cache knew nothing \
    about the post when the heart was given, so there was nothing to mark; yet what it shows in the end must \
    not be that old answer.";

pub(super) async fn play(stage: &mut Stage) -> Result<Vec<Finding>, Failure> {
    let id = 7;
    let slow = stage.server.hold("GET /api/posts/7");

    stage.say("Post 7 opens. The server has read it, and takes its time.");
    stage.mark();
    let mut screen = stage.client.watch(get_post(id));
    slow.reached().await;

    stage.say("Somebody favourites post 7, and the server says that this is done.");
    stage.client.mutate(favourite_post(id)).await?;

    stage.say("Only now the slow answer, from before the heart, is sent.");
    slow.release();
    let mut state = screen.snapshot();
    while state.data.is_none() || state.is_fetching || state.is_stale {
        state = screen.changed().await;
    }
    stage.quiet().await;

    Ok(vec![
        Finding::at_the_server("requests for the post, the slow one among them", 2, stage.sent("GET /api/posts/7")),
        Finding::at_the_server("mutations", 1, stage.sent("POST ")),
        Finding::on_the_screen(
            "hearts by the reader that show",
            1,
            state.data.iter().filter(|post| post.favourited).count(),
        ),
        Finding::on_the_screen("screens that show something stale", 0, usize::from(screen.snapshot().is_stale)),
    ])
}
