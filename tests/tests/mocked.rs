//! The generated mock: every answer is read by the generated function that asks for it.

use std::env;
use std::path::Path;

use larder::http::Method;
use larder::{Client, MockAnswer};
use larder_codegen::Generator;
use larder_tests::mocked::mock;
use larder_tests::mocked::mock_api as api;
use larder_tests::mocked::types::{Shape, StartJobResponse, ThingKind};

fn client() -> Client {
    Client::builder("https://api.example.com/v1").transport(mock::transport()).build().expect("a client")
}

#[tokio::test]
async fn b28_every_answer_is_what_its_function_reads() {
    let client = client();
    let given = client.fetch(api::get_given()).await.expect("the example");
    assert_eq!((given.id, given.name.as_str()), (7, "A \"quoted\"# name\nof two lines"));
    let several = client.fetch(api::get_several()).await.expect("the first that is valid");
    assert_eq!(several.iter().map(|thing| thing.id).collect::<Vec<_>>(), [1, 2]);
    let broken = client.fetch(api::get_broken()).await.expect("a value made up");
    assert_eq!((broken.id, broken.name.as_str(), &broken.kind), (100, "Quince", &ThingKind::Small));
    let page = client.fetch(api::get_composed()).await.expect("examples of properties");
    assert_eq!((page.total, page.items.len()), (42, 1));
    let tree = client.fetch(api::get_tree()).await.expect("a type that holds itself");
    assert!(tree.children.is_empty());
    let shapes = client.fetch(api::list_shapes()).await.expect("unions");
    assert!(matches!(&shapes.tagged, Shape::Round(round) if round.radius == 2.5), "{shapes:?}");
    let started = client.mutate(api::start_job("7")).await.expect("one of several answers");
    assert!(matches!(started, StartJobResponse::Ok(_)), "{started:?}");
    client.mutate(api::stop_job("7")).await.expect("an empty answer");
    assert_eq!(*client.fetch(api::get_text()).await.expect("text"), "hello");
    assert_eq!(client.fetch(api::get_lines()).await.expect("lines").len(), 1);
    assert!(client.fetch(api::get_picture()).await.expect("bytes").is_empty());
}

#[tokio::test]
async fn b28_an_answer_of_a_generated_mock_can_be_replaced() {
    let mock = mock::transport().route(Method::GET, "/text", MockAnswer::new(503, "text/plain", "not today"));
    let client = Client::builder("https://api.example.com").transport(mock).build().expect("a client");
    let error = client.fetch(api::get_text()).await.expect_err("it was replaced");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
}

#[test]
fn without_the_setting_there_is_no_mock() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/mock/openapi.yaml");
    let generated = Generator::new(&document).generate().expect("it can be generated");
    let names: Vec<_> = generated.files.iter().map(|file| file.path.display().to_string()).collect();
    assert!(names.contains(&"mock.rs".to_owned()), "the group's own module: {names:?}");
    assert!(generated.files.iter().all(|file| !file.text.contains("MockTransport")));
    let mocked = Generator::new(&document).mock(true).generate().expect("it can be generated");
    assert!(mocked.files.iter().any(|file| file.text.contains("MockTransport")));
}
