//! The generated mock: every answer is read by the generated function that asks for it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use larder::http::Method;
use larder::{Client, MockAnswer};
use larder_codegen::Generator;
use larder_codegen::plan::evaluate::Call;
use larder_corpus::{Answered, Scratch, replay};
use larder_tests::mocked::mock;
use larder_tests::mocked::mock_api as api;
use larder_tests::mocked::types::{Shape, StartJobResponse, ThingKind};
use serde_json::{Map, Value};

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

/// Real documents that are small; `museum31.yaml` and `train-travel31.json` have examples, the others few or none.
const SMALL: [&str; 4] = ["petstore3.yaml", "realworld.yaml", "museum31.yaml", "train-travel31.json"];

fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("the repository is there")
}

#[test]
fn b28_what_is_made_of_real_documents_is_what_their_functions_read() {
    let Some(folder) = env::var_os("LARDER_SPECS") else {
        assert!(env::var_os("CI").is_none(), "LARDER_SPECS is not set: real documents must not be left out in CI");
        eprintln!("left out: real documents (LARDER_SPECS is not set)");
        return;
    };
    let scratch = Scratch::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("mocked"), root());
    for name in SMALL {
        let generator = Generator::new(root().join(&folder).join(name));
        let testable = generator.generate_for_tests().expect("it can be generated");
        let calls: Vec<Answered> = testable
            .answers
            .iter()
            .filter_map(|(id, status, response)| {
                let signature = testable.signatures.iter().find(|signature| signature.id == *id)?;
                let params = signature.params.iter().flat_map(|(_, fields)| fields);
                let required = |place: &str| -> Map<String, Value> {
                    let all = signature.arguments.iter().chain(params.clone());
                    let wanted = all.filter(|argument| argument.required && argument.place == place);
                    wanted.map(|argument| (argument.wire.clone(), Value::from("1"))).collect()
                };
                let call = Call {
                    operation_id: id.clone(),
                    path_params: required("path"),
                    query: required("query"),
                    headers: required("header"),
                    body: Value::Null,
                };
                Some(Answered { call, status: *status, response: response.clone() })
            })
            .collect();
        let replayed = replay(&generator, &calls, &scratch, name).expect("the program runs");
        // Bodies that are required are not made up, nor files: those calls cannot be made.
        let unread: Vec<_> = replayed.unfit.keys().filter(|(_, why)| why.starts_with("response")).collect();
        assert!(unread.is_empty(), "{name}: {unread:?}");
        let unfit: usize = replayed.unfit.values().sum();
        assert!(unfit < calls.len(), "{name}: {unfit} of {} calls could not be made", calls.len());
    }
}
