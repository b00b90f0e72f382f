//! Every scene of the demonstration, as a test: the counts have to come out right.

use social::scenes::Scene;
use social::stage::SharedTranscript;

async fn plays_as_expected(scene: Scene) {
    let outcome = scene.play(&SharedTranscript::silent()).await.expect("the scene comes to its end");
    assert!(!outcome.findings.is_empty());
    let wrong: Vec<_> = outcome.findings.iter().filter(|finding| !finding.holds()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_heart_refetches_only_the_timeline() {
    plays_as_expected(Scene::Favourite).await;
}

#[tokio::test]
async fn a_new_post_refetches_only_the_list() {
    plays_as_expected(Scene::ManyDetails).await;
}

#[tokio::test]
async fn a_new_post_refetches_only_the_list_it_belongs_to() {
    plays_as_expected(Scene::TwoLists).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_share_one_request() {
    plays_as_expected(Scene::Crowd).await;
}

#[tokio::test]
async fn a_mutation_during_a_slow_first_answer_leaves_nothing_stale() {
    plays_as_expected(Scene::Overlap).await;
}
