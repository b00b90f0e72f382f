//! The rules of inference (`docs/inference.md`), one small document each: what provides and invalidates what.

mod mutations;
mod queries;
mod things;
mod tiny;

use expect_test::Expect;
use larder_codegen::Generator;
use larder_codegen::plan::{Plan, Scope, Source, Tag};

/// The plan of a document in few words.
fn plan(text: &str) -> Plan {
    let text = tiny::document(text);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    std::fs::write(&path, &text).expect("the document can be written");
    let generated = Generator::new(&path).generate().unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(generated.warnings.is_empty(), "{:?}", generated.warnings);
    generated.plan
}

/// Compares the plan of a document with `METHOD /path: tags`, a line an operation.
fn check(text: &str, expected: &Expect) {
    let plan = plan(text);
    let lines = plan.operations.iter().map(|operation| {
        let mut words: Vec<String> = operation.provides.iter().chain(&operation.invalidates).map(shown).collect();
        words.extend(operation.writes.iter().map(|write| format!("writes {}", write.operation)));
        format!("{} {}: {}\n", operation.method, operation.path, words.join("  "))
    });
    expected.assert_eq(&lines.collect::<String>());
}

fn shown(tag: &Tag) -> String {
    let scope = match &tag.scope {
        Scope::Type {} => String::new(),
        Scope::Id { id } => format!(":{}", id.iter().map(source).collect::<Vec<_>>().join("+")),
        Scope::List { list, filtered } => {
            let constraints: Vec<String> = list.iter().map(|(name, from)| format!("{name}={}", source(from))).collect();
            format!("{}{{{}}}", if *filtered { ":FILTERED" } else { ":LIST" }, constraints.join(","))
        }
    };
    let marks = [(tag.gone, " gone"), (tag.reference, " ref")];
    let marks: String = marks.iter().filter(|(on, _)| *on).map(|(_, mark)| *mark).collect();
    format!("{}{scope}{marks}", tag.tag_type)
}

fn source(source: &Source) -> String {
    match source {
        Source::Path { name } => name.clone(),
        Source::Query { name } => format!("?{name}"),
        Source::Header { name } => format!("header {name}"),
        Source::Body { pointer } => format!("body{pointer}"),
        Source::Response { pointer } => format!("={pointer}"),
        Source::Value { value } => format!("'{value}'"),
    }
}

#[test]
fn the_plan_of_the_social_network() {
    let document = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/social/openapi.yaml");
    let plan = Generator::new(document).generate().expect("it generates").plan;
    let provided = |id: &str| -> Vec<String> {
        let operation = plan.operations.iter().find(|operation| operation.id == id).expect("it is there");
        operation.provides.iter().chain(&operation.invalidates).map(shown).collect()
    };
    assert_eq!(provided("getTimeline"), ["Post:LIST{}", "Post:=/items/*/id", "Comment:LIST{post_id==/items/*/id}"]);
    assert_eq!(provided("favouritePost"), ["Post:post_id"]);
    assert_eq!(provided("createComment"), ["Comment:LIST{post_id=post_id}", "Post:post_id"]);
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
}
