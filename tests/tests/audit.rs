//! The auditor on a real server, from what it finds to the lines of `larder.toml` that mend it.

use std::fs;
use std::path::Path;

use larder::audit::Audit;
use larder::{Client, ErrorKind, Mutation};
use larder_codegen::learn::{self, Care};
use larder_codegen::{Generator, recording};
use larder_tests::social::posts::{favourite_post, get_post, list_posts, update_post};
use larder_tests::social::types::{ListPosts, PostPatch};
use larder_tests::social::users::get_user;
use social::server::{LoggedRequest, Server};

fn requests(server: &Server) -> Vec<String> {
    server.take_requests().iter().map(LoggedRequest::call).collect()
}

fn patch() -> PostPatch {
    PostPatch { content: Some("New words".to_owned()), ..PostPatch::default() }
}

// B37
#[tokio::test]
async fn b37_generated_tags_leave_nothing_stale_on_a_real_server() {
    let server = Server::start().await.expect("the server starts");
    // What docs/auditing.md shows.
    let audit = Audit::new().requests_per_mutation(50);
    let client = Client::builder(server.url()).audit(&audit).build().expect("its address is valid");

    let mut list = client.watch(list_posts(&ListPosts::default()));
    list.ready().await.expect("the list");
    client.fetch(get_user(1)).await.expect("the user");
    client.mutate(favourite_post(3)).await.expect("it is done");

    audit.finished().await;
    assert!(audit.misses().is_empty(), "{audit}");
    assert_eq!(audit.reports()[0].compared, 2, "{audit}");
    let error = client.fetch(get_post(4_000)).await.expect_err("there is no such post");
    assert_eq!(error.kind(), ErrorKind::Status);
}

// B37
#[tokio::test]
async fn b37_a_mutation_that_says_too_little_is_found_recorded_and_mended() {
    let server = Server::start().await.expect("the server starts");
    let folder = tempfile::tempdir().expect("a folder");
    let lines = folder.path().join("AUDIT.jsonl");
    let audit = Audit::new().jsonl(&lines).expect("the file can be made");
    let client =
        Client::builder(server.url()).bearer_token("hidden").audit(&audit).build().expect("its address is valid");
    let mut detail = client.watch(get_post(3));
    let mut list = client.watch(list_posts(&ListPosts::default()));
    detail.ready().await.expect("the post");
    let before = list.ready().await.expect("the list");
    requests(&server);
    let silent: Mutation<_> = update_post(3, &patch()).without_invalidation();
    client.mutate(silent).await.expect("the server takes it");
    audit.finished().await;

    let misses = audit.misses();
    let stale: Vec<&str> = misses.iter().map(|miss| miss.query.operation_id.as_str()).collect();
    assert_eq!(stale, ["listPosts"], "the detail was written: {audit}");
    assert!(
        misses[0].mend.contains("[api.operations.updatePost]\ninvalidates_also = [{ type = \"Post\", id = "),
        "{audit}"
    );
    let seen = list.snapshot().data.expect("it is there");
    assert!(std::sync::Arc::ptr_eq(&before, &seen), "nobody sees anything of the audit");
    let asked = requests(&server);
    assert!(asked.iter().skip(1).all(|line| ["GET /posts", "GET /posts/3"].contains(&line.as_str())), "{asked:?}");
    assert!(!fs::read_to_string(&lines).expect("the file").contains("hidden"));

    // A plan that says as little learns from the file what it lacks.
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/social/openapi.yaml");
    let document = serde_json::to_string(&document.canonicalize().expect("it is there")).expect("a text");
    let config = folder.path().join("larder.toml");
    let text = format!("[[api]]\ndocument = {document}\n[api.operations.updatePost]\ninvalidates = []\n");
    fs::write(&config, &text).expect("it can be written");
    let steps = recording::read(&lines).expect("it is a recording");
    let generator = || Generator::from_config(&config).expect("it can be read").swap_remove(0);
    let (plan, learned) = generator().learn(steps.clone(), Care::default()).expect("it can be learned from");
    assert!(recording::score(&plan, &steps).recall() < 1.0);
    fs::write(&config, learn::merge(&text, 0, &learned).expect("it can be merged")).expect("it can be written");
    let mended = generator().generate().expect("it names what there is").plan;
    assert_eq!(recording::score(&mended, &steps).recall(), 1.0, "{}", learn::render(&learned));
}

#[test]
fn the_example_of_the_docs_is_this_test() {
    let read = |path: &str| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).expect("the file is there")
    };
    let (page, code) = (read("docs/auditing.md"), read("tests/tests/audit.rs"));
    let blocks: Vec<&str> = page.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    let trimmed = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    for block in blocks {
        assert!(trimmed(&code).contains(trimmed(block).trim()), "this is not in the test:\n{block}");
    }
}
