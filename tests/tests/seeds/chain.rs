//! Chain a DataSource refetch: a favourite, and the list that shows it.

use larder_tests::social::posts::{favourite_post, unfavourite_post};
use larder_tests::social::timeline::get_timeline;
use larder_tests::social::types::GetTimeline;

use super::{Outcome, asked, start};

#[tokio::test]
async fn nothing_is_chained_because_the_document_tells() -> Outcome {
    let (server, client) = start().await;
    let mut timeline = client.watch(get_timeline(&GetTimeline::default()));
    let item = timeline.ready().await?.items[0].clone();
    asked(&server);

    if item.favourited {
        client.mutate(unfavourite_post(item.id)).refetched().await?;
    } else {
        client.mutate(favourite_post(item.id)).refetched().await?;
    }

    let shown = timeline.ready().await?;
    assert_ne!(shown.items[0].favourited, item.favourited);
    assert_eq!(asked(&server).iter().filter(|line| line.starts_with("GET")).count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_refetch_can_be_chained_by_hand() -> Outcome {
    let (server, client) = start().await;
    let mut timeline = client.watch(get_timeline(&GetTimeline::default()));
    let id = timeline.ready().await?.items[0].id;
    asked(&server);

    // Nothing is stale by this write, so the refetch by hand is the only one.
    client.mutate(favourite_post(id).without_invalidation()).await?;
    let fresh = timeline.refetch().await?;

    assert!(fresh.items[0].favourited);
    assert_eq!(asked(&server).len(), 2);
    Ok(())
}
