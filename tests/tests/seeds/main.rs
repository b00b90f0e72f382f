//! What the documents that Larder started from describe, in Larder's form: the code that `docs/from-the-seeds.md` shows, run.

mod chain;
mod data_source;
mod mutations;
mod optimistic;
mod pages;
mod sending;
mod tags;
mod talking;

use std::fs;
use std::path::Path;

use larder::{Client, ClientBuilder};
use social::server::{LoggedRequest, Server};

/// Whatever goes wrong in what the page shows.
type Outcome = Result<(), Box<dyn std::error::Error>>;

async fn start() -> (Server, Client) {
    start_with(|builder| builder).await
}

async fn start_with(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> (Server, Client) {
    let server = Server::start().await.expect("the server starts");
    let client = set_up(Client::builder(server.url())).build().expect("it is valid");
    (server, client)
}

/// What arrived since the last time, without the base path.
fn asked(server: &Server) -> Vec<String> {
    let mut calls: Vec<String> = server.take_requests().iter().map(LoggedRequest::call).collect();
    calls.sort();
    calls
}

/// Lines without their indentation, so that a page may show what stands within a function.
fn dedented(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn all_rust_of_the_page_is_run_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("../docs/from-the-seeds.md")).expect("the page is there");
    let files = fs::read_dir(root.join("tests/seeds")).expect("the tests are there");
    let code: Vec<String> = files
        .map(|file| fs::read_to_string(file.expect("a file").path()).expect("it can be read"))
        .map(|text| dedented(&text))
        .collect();
    let blocks: Vec<&str> =
        page.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert!(blocks.len() > 20, "only {} blocks are shown", blocks.len());
    for block in blocks {
        let shown = dedented(block);
        assert!(code.iter().any(|file| file.contains(&shown)), "no test runs this:\n{block}");
    }
}
