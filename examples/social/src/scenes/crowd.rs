//! Scene 4: a thousand callers share one request, and equal data wakes nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::api::timeline::get_timeline;
use crate::api::types::{GetTimeline, PostPage};
use crate::finding::Finding;
use crate::stage::{Failure, Stage};

pub(super) const TITLE: &str = "A thousand callers, one request";
pub(super) const PREMISE: &str = "A thousand tasks ask for the timeline at the same moment, while the server is \
    slow. None has an answer that the others could use, and still one request has to do. Later the timeline is \
    asked for again and nothing is new: whoever draws it must not be made to draw it twice.";

const CALLERS: usize = 1000;

pub(super) async fn play(stage: &mut Stage) -> Result<Vec<Finding>, Failure> {
    let timeline = get_timeline(&GetTimeline::default());

    stage.say("A thousand tasks ask for the timeline.");
    stage.mark();
    let slow = stage.server.hold("GET /api/timeline");
    let together = Arc::new(Barrier::new(CALLERS));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (client, query, together) = (stage.client.clone(), timeline.clone(), Arc::clone(&together));
        callers.spawn(async move {
            together.wait().await;
            client.fetch(query).await
        });
    }
    slow.reached().await;
    stage.joined(CALLERS - 1).await;
    slow.release();
    let answers: Vec<Arc<PostPage>> = callers.join_all().await.into_iter().collect::<Result<_, _>>()?;
    stage.quiet().await;
    let requests = stage.sent("");
    let first = answers.first().ok_or("no caller was answered")?;
    let shared = answers.iter().filter(|answer| Arc::ptr_eq(first, answer)).count();

    stage.say("One more asks, and a screen opens; the cache has what they need.");
    stage.mark();
    stage.client.fetch(timeline.clone()).await?;
    let mut screen = stage.client.watch(timeline.clone());
    let before = screen.ready().await?;
    stage.quiet().await;
    let late = stage.sent("");

    stage.say("The timeline is asked for once more. Nothing has changed.");
    stage.mark();
    stage.client.refetch(&timeline).await?;
    stage.quiet().await;
    let again = stage.sent("");
    let after = screen.ready().await?;
    // With no time to wait, this only looks whether a change is there already.
    let woken = timeout(Duration::ZERO, screen.data_changed()).await.is_ok();

    Ok(vec![
        Finding::at_the_server("requests for a thousand callers", 1, requests),
        Finding::on_the_screen("callers who hold the same data, not a copy", CALLERS, shared),
        Finding::at_the_server("requests for one more caller, and a screen", 0, late),
        Finding::at_the_server("requests when it is asked for again", 1, again),
        Finding::on_the_screen("screens that kept their data as it was", 1, usize::from(Arc::ptr_eq(&before, &after))),
        Finding::on_the_screen("screens woken to draw the same again", 0, usize::from(woken)),
    ])
}
