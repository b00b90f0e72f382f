//! `larder explain --diff`: what a new version of a document changes.

mod posts;
mod program;

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect;
use larder_codegen::explain::{self, Diff};
use posts::{plan, posts};
use program::{run, text};
use serde_json::{Value, json};

/// A later version: `getPost` shows the post under another name of its type, `updatePost` is renamed and no longer says
/// what it changes, a query is new, another one is gone.
fn later() -> Value {
    let mut value: Value =
        serde_json::from_str(&posts().to_string().replace("\"Post\"", "\"Article\"").replace("updatePost", "editPost"))
            .expect("it is JSON");
    value["version"] = json!("2");
    let operations = value["operations"].as_array_mut().expect("operations");
    let mut recent = operations[0].clone();
    recent["id"] = json!("recentPosts");
    recent["path"] = json!("/posts/recent");
    operations[4]["invalidates"].as_array_mut().expect("tags").pop();
    operations[4].as_object_mut().expect("an object").remove("writes");
    operations[4]["invalidates"][0]["id"] =
        json!([{ "in": "body", "pointer": "/a" }, { "in": "body", "pointer": "/b" }]);
    operations[3]["invalidates"][0] = json!({ "type": "Article", "why": "it may change any `Article`" });
    operations.remove(2);
    operations.push(recent);
    value
}

#[test]
fn a_difference_tells_first_what_may_go_stale() {
    let diff = Diff::of(&plan(&posts()), &plan(&later()));
    expect![[r#"
        Posts 1 → Posts 2: 2 edges lost, 0 narrowed, 1 gained

        LOST edges ─────────────────────────────────────────────────────────────────────────────────────────
        These mutations no longer reach these queries. If the server still changes what a query shows, it
        goes stale without a word: look at each, and say otherwise in larder.toml where it is wrong.

          editPost
            listPosts                           was: refetches it; lists of `Article` filtered by status;
                                                where it shows the same `Article`; 100%
                                                  it changes one `Post`
                                                  lists filtered by status may gain it
                                                  it lists `Post`
            getPost                             was: fills it; of the same postId, from the response; 100%
                                                  it changes one `Post`
                                                  its path picks one `Post`

        Gained edges ───────────────────────────────────────────────────────────────────────────────────────
        These mutations reach these queries now, at the cost of more requests.

          createPost
            getPost                             refetches it; always: all of `Article` is invalidated; 100%
                                                  it may change any `Article`
                                                  its path picks one `Post`

        Operations removed ─────────────────────────────────────────────────────────────────────────────────
          getStats

        Operations added ───────────────────────────────────────────────────────────────────────────────────
          recentPosts

        Operations renamed ─────────────────────────────────────────────────────────────────────────────────
          updatePost                            is now editPost

        Tag types renamed ──────────────────────────────────────────────────────────────────────────────────
          Post                                  is now Article

        Operations changed ─────────────────────────────────────────────────────────────────────────────────

          createPost
            - Article:LIST
            + Article: all of it

          editPost
            - Article:{postId}: path postId
            - Article:LIST{status} (where a list names it): status from body /status
            + Article:{a},{b}: body /a and body /b
            - fills getPost from its response
    "#]]
    .assert_eq(&explain::diff_table(&diff));
    assert_eq!(diff.edges_lost.iter().map(|edge| edge.query.as_str()).collect::<Vec<_>>(), ["listPosts", "getPost"]);
}

#[test]
fn the_same_plan_has_no_difference() {
    let mut value = posts();
    assert!(Diff::of(&plan(&posts()), &plan(&value)).is_empty());
    value["operations"][0]["provides"][0]["why"] = json!("another reason");
    value["operations"][0]["provides"][0]["confidence"] = json!(0.75);
    assert!(Diff::of(&plan(&posts()), &plan(&value)).is_empty(), "reasons are for people");
}

#[test]
fn an_edge_that_reaches_less_is_told_of() {
    let narrowed = |change: &dyn Fn(&mut Value)| {
        let mut value = posts();
        change(&mut value);
        let diff = Diff::of(&plan(&posts()), &plan(&value));
        assert!(diff.edges_lost.is_empty(), "{:?}", diff.edges_lost);
        diff.edges_narrowed.into_iter().map(|edge| (edge.mutation, edge.query)).collect::<Vec<_>>()
    };
    let update_lists = vec![("updatePost".to_owned(), "listPosts".to_owned())];
    let without_list = |value: &mut Value| drop(value["operations"][4]["invalidates"].as_array_mut().map(Vec::pop));
    assert_eq!(narrowed(&without_list), update_lists, "a list that gains the post is no longer reached");
    let author = json!({ "author": { "in": "body", "pointer": "/author" } });
    let other_list = |value: &mut Value| value["operations"][3]["invalidates"][0]["list"] = author.clone();
    assert_eq!(narrowed(&other_list), [], "the query's lists do not name the author, so it reaches each of them");
    let all = |value: &mut Value| value["operations"][4]["invalidates"][1] = json!({ "type": "Post" });
    assert_eq!(narrowed(&all), [], "all of a type is more than some of its lists");
    let renamed = |value: &mut Value| {
        *value = serde_json::from_str(&value.to_string().replace("postId", "id")).expect("it is JSON");
    };
    assert_eq!(narrowed(&renamed), [], "a parameter by another name picks the same thing");
}

#[test]
fn a_query_that_becomes_a_mutation_is_told_of() {
    let mut value = posts();
    value["operations"][0]["kind"] = json!("mutation");
    value["operations"][0]["invalidates"] = value["operations"][0]["provides"].take();
    value["operations"][0].as_object_mut().expect("an object").remove("provides");
    let shown = explain::diff_table(&Diff::of(&plan(&posts()), &plan(&value)));
    assert!(shown.contains("listPosts") && shown.contains("was a query, and is a mutation now"), "{shown}");
}

fn social() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/social/openapi.yaml")
}

#[test]
fn the_command_compares_documents_and_plans() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = fs::read_to_string(social()).expect("the document");
    fs::write(folder.path().join("old.yaml"), &document).expect("a file");
    fs::write(folder.path().join("new.yaml"), document.replace("operationId: updatePost", "operationId: changePost"))
        .expect("a file");
    let plan = run(folder.path(), &["explain", "old.yaml", "--format", "json"]);
    fs::write(folder.path().join("plan.json"), &plan.stdout).expect("a file");

    let same = run(folder.path(), &["explain", "--diff", "plan.json", "old.yaml"]);
    assert_eq!(
        (same.status.code(), text(&same.stdout).contains("the same")),
        (Some(0), true),
        "{}",
        text(&same.stderr)
    );
    let other = run(folder.path(), &["explain", "--diff", "plan.json", "new.yaml", "--format", "json"]);
    let diff: Value = serde_json::from_slice(&other.stdout).expect("it is JSON");
    assert_eq!(other.status.code(), Some(1));
    assert_eq!(diff["operations_renamed"], json!([{ "from": "updatePost", "to": "changePost" }]));
    assert_eq!(diff["edges_lost"], json!([]));

    fs::write(folder.path().join("broken.json"), r#"{ "larder": 1, "operations": 7 }"#).expect("a file");
    let broken = run(folder.path(), &["explain", "--diff", "broken.json", "new.yaml"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        text(&broken.stderr).contains("broken.json is a plan, but none that can be read"),
        "{}",
        text(&broken.stderr)
    );
    for wrong in [&["explain", "--diff", "old.yaml"][..], &["explain", "old.yaml", "--html", "a", "--mutation", "b"]] {
        assert_eq!(run(folder.path(), wrong).status.code(), Some(2), "{wrong:?}");
    }
}
