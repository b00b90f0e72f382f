//! What the README shows is what is there: its code is compiled and its commands exist.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = read("README.md");
    let open = format!("```{language}\n");
    readme.split(&open).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_rust_of_the_readme_is_the_quickstart_and_the_golden_code() {
    let places = [
        read("examples/quickstart/build.rs"),
        read("examples/quickstart/src/lib.rs"),
        read("fixtures/social/generated/posts.rs"),
        read("tests/tests/access.rs"),
    ];
    let blocks = blocks("rust");
    assert_eq!(blocks.len(), places.len());
    for (block, place) in blocks.iter().zip(&places) {
        assert!(place.contains(block.trim_end()), "this is not in the repository:\n{block}");
    }
}

#[test]
fn the_manifest_of_the_readme_is_the_quickstarts_and_its_overrides_are_a_fixtures() {
    let manifest = read("examples/quickstart/Cargo.toml");
    // Within the workspace the same lines also say where the crates are.
    let published = manifest
        .replace("{ path = \"../../runtime\", version = \"0.1\" }", "\"0.1\"")
        .replace("{ path = \"../../codegen\", version = \"0.1\" }", "\"0.1\"");
    let overrides = read("fixtures/overrides/larder.toml");
    for block in blocks("toml") {
        let there = [&published, &overrides].iter().any(|text| text.contains(block.trim_end()));
        assert!(there, "this is neither in the quickstart's manifest nor in a fixture's larder.toml:\n{block}");
    }
}

#[test]
fn the_first_commands_of_the_readme_are_the_two_that_do_everything() {
    let commands: Vec<String> =
        blocks("sh")[0].lines().map(|line| line.split('#').next().unwrap_or_default().trim().to_owned()).collect();
    assert_eq!(commands, ["cargo xtask demo", "cargo xtask test"]);
    assert!(read(".cargo/config.toml").contains("xtask = "), "the alias is there");
}
