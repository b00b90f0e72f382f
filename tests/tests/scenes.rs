//! The scenes of the demo, each with the requests counted at the server.

use social::scenes::Scene;
use social::stage::SharedTranscript;
use social::transcript::Transcript;

async fn play(scene: Scene) {
    let transcript = SharedTranscript::new(Transcript::silent());
    let outcome = scene.play(&transcript).await.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(!outcome.findings.is_empty(), "the scene counts something");
    for finding in &outcome.findings {
        assert!(finding.holds(), "{}: {finding:?}", scene.title());
    }
}

#[tokio::test]
async fn a_favourite_refetches_the_timeline_once_and_no_other_screen() {
    play(Scene::Favourite).await;
}

#[tokio::test]
async fn a_new_post_refetches_one_list_and_none_of_a_hundred_details() {
    play(Scene::ManyDetails).await;
}

#[tokio::test]
async fn a_post_by_one_author_refetches_only_lists_that_can_hold_it() {
    play(Scene::TwoLists).await;
}

#[tokio::test]
async fn a_thousand_callers_share_a_request_and_equal_data_wakes_nobody() {
    play(Scene::Crowd).await;
}

// B13
#[tokio::test]
async fn a_mutation_during_a_slow_first_fetch_leaves_nothing_stale() {
    play(Scene::Overlap).await;
}
