//! The rules of `docs/behaviour.md` and the tests that hold them name one another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rules that the cache's core is made of, each of which must have a heading and a test.
const CORE: [u32; 29] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 27, 32, 35, 36];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    fs::read_to_string(root().join("docs/behaviour.md")).expect("the page is there")
}

/// The number in front of a name such as `b13_…`, or of a heading such as `B13 …`.
fn number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix(['b', 'B'])?;
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// The tests that are named after a rule, with the file of each.
fn tests() -> BTreeMap<String, String> {
    let mut open = vec![root().join("runtime"), root().join("tests/tests")];
    let mut found = BTreeMap::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a file");
            for line in text.lines() {
                let line = line.trim_start();
                let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) else { continue };
                let name = rest.split('(').next().unwrap_or_default();
                if number(name).is_some() && name.contains('_') {
                    found.insert(name.to_owned(), path.display().to_string());
                }
            }
        }
    }
    found
}

/// The rules that the page has a heading for.
fn told() -> BTreeSet<u32> {
    page().lines().filter_map(|line| line.strip_prefix("### ").and_then(number)).collect()
}

#[test]
fn every_rule_of_the_core_is_told_and_has_tests() {
    let held: BTreeSet<u32> = tests().keys().filter_map(|name| number(name)).collect();
    let told = told();
    for rule in CORE {
        assert!(told.contains(&rule), "docs/behaviour.md does not tell of B{rule}");
        assert!(held.contains(&rule), "no test is named b{rule}_…");
    }
}

#[test]
fn every_test_that_is_named_after_a_rule_names_one_that_is_told() {
    let told = told();
    for (name, file) in tests() {
        assert!(number(&name).is_some_and(|rule| told.contains(&rule)), "{file}: {name} is of no rule that is told");
    }
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let tests = tests();
    let page = page();
    let (_, scenarios) = page.split_once("## Scenarios taken from other projects").expect("the scenarios are told");
    let named: Vec<&str> = scenarios.split('`').filter(|word| number(word).is_some() && word.contains('_')).collect();
    assert!(named.len() > 80, "only {} tests are named", named.len());
    for name in named {
        assert!(tests.contains_key(name), "there is no test {name}");
    }
}

#[test]
fn every_scenario_has_a_test_or_says_why_not() {
    let page = page();
    let (_, scenarios) = page.split_once("## Scenarios taken from other projects").expect("the scenarios are told");
    for row in scenarios.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| project |")) {
        let here = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap_or_default().trim();
        let is_test = here.split('`').any(|word| number(word).is_some() && word.contains('_'));
        let is_sentence = here.ends_with('.') && here.split_whitespace().count() > 3;
        assert!(is_test || is_sentence || here == "here", "{row}");
    }
}
