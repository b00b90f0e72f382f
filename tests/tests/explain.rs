//! `larder explain`: what it says of a plan and of one operation.

mod posts;
mod program;

use std::path::{Path, PathBuf};

use expect_test::expect;
use larder_codegen::explain::{self, Diff, Explained};
use larder_codegen::plan::Kind;
use posts::{plan, posts};
use program::{run, text};
use serde_json::{Value, json};

fn about(kind: Kind, name: &str) -> String {
    let plan = plan(&posts());
    let place = explain::find(&plan, kind, name).expect("it is there");
    explain::one(&plan, &Explained::at(&plan, place).expect("it is there"))
}

#[test]
fn the_table_says_what_each_mutation_reaches_why_and_how_sure() {
    expect![[r#"
        Posts 1: 3 queries, 3 mutations, 2 tag types
        A mutation reaches 2.0 of the 3 queries on average (67%), most of them only where an id or a
        constraint is the same; 1 of these edges is less than 50% sure.

        Post ───────────────────────────────────────────────────────────────────────────────────────────────
          by id; /posts, /posts/{postId}

          query listPosts                                 GET /posts
            provides  Post:LIST{status}: status from query status                                       100%
                      because it lists `Post`
            provides  Post:{id}: response /items/*/id                                                   100%
                      because it lists `Post`
            3 mutations reach it

          query getPost                                   GET /posts/{postId}
            provides  Post:{postId}: path postId                                                        100%
                      because its path picks one `Post`
            2 mutations reach it

          mutation createPost                             POST /posts
            refetches listPosts: every list of `Post`                                                   100%
                      because it creates one `Post`
            refetches getStats: always: all of `Stats` is invalidated                                    30%
                      because its group shows it

          mutation updatePost                             PATCH /posts/{postId}
            fills     getPost: of the same postId, from the response                                    100%
                      because it changes one `Post`
            refetches listPosts: lists of `Post` filtered by status; where it shows the same `Post`     100%
                      because it changes one `Post`
                      because lists filtered by status may gain it

          mutation deletePost                             DELETE /posts/{postId}
            drops     getPost: of the same postId                                                       100%
                      because it deletes one `Post`
            refetches listPosts: where it shows the same `Post`                                         100%
                      because it deletes one `Post`

        Stats ──────────────────────────────────────────────────────────────────────────────────────────────
          what the document tells nothing of but its group

          query getStats                                  GET /stats
            provides  Stats: all of it                                                                   30%
                      because nothing says what it shows
            1 mutation reaches it

        Look at ────────────────────────────────────────────────────────────────────────────────────────────
          getStats                        its tags are a guess by group

        All about one: `larder explain --mutation NAME`, `larder explain --query NAME`.
    "#]]
    .assert_eq(&explain::table(&plan(&posts())));
}

#[test]
fn all_about_a_mutation() {
    expect![[r#"
        updatePost is a mutation
          PATCH /posts/{postId}, in Rust `posts::updatepost`

        What it invalidates ────────────────────────────────────────────────────────────────────────────────
            id        Post:{postId}: path postId                                                        100%
                      because it changes one `Post`
            list      Post:LIST{status} (where a list names it): status from body /status                80%
                      because lists filtered by status may gain it

        It reaches 2 queries ───────────────────────────────────────────────────────────────────────────────

          fills          getPost: of the same postId, from the response                                 100%
                         GET /posts/{postId}
                         Post:{postId} reaches Post:{postId}
                         changed: it changes one `Post`
                         shown:   its path picks one `Post`

          refetches      listPosts: lists of `Post` filtered by status; where it shows the same `Post`  100%
                         GET /posts
                         Post:{postId} reaches Post:{id}
                         Post:LIST{status} (where a list names it) reaches Post:LIST{status}
                         changed: it changes one `Post`
                         changed: lists filtered by status may gain it
                         shown:   it lists `Post`

        To say otherwise, in larder.toml below its [[api]] ─────────────────────────────────────────────────
        [api.operations.updatePost]
        invalidates = [
            { type = "Post", id = "path.postId" },
            { type = "Post", list = { status = "body./status" }, filtered = true },
        ]
        # invalidates_also = ["Type"]   adds to what was inferred
        # kind = "query"
    "#]]
    .assert_eq(&about(Kind::Mutation, "updatePost"));
}

#[test]
fn all_about_a_query() {
    expect![[r#"
        getPost is a query
          GET /posts/{postId}, in Rust `posts::getpost`

        What it provides ───────────────────────────────────────────────────────────────────────────────────
            id        Post:{postId}: path postId                                                        100%
                      because its path picks one `Post`

        2 mutations reach it ───────────────────────────────────────────────────────────────────────────────

          fills it       updatePost: of the same postId, from the response                              100%
                         PATCH /posts/{postId}
                         Post:{postId} reaches Post:{postId}
                         changed: it changes one `Post`
                         shown:   its path picks one `Post`

          drops it       deletePost: of the same postId                                                 100%
                         DELETE /posts/{postId}
                         Post:{postId} (gone, and what refers to it) reaches Post:{postId}
                         changed: it deletes one `Post`
                         shown:   its path picks one `Post`

        To say otherwise, in larder.toml below its [[api]] ─────────────────────────────────────────────────
        [api.operations.getPost]
        provides = [
            { type = "Post", id = "path.postId" },
        ]
        # provides_also = ["Type"]   adds to what was inferred
        # kind = "mutation"
    "#]]
    .assert_eq(&about(Kind::Query, "getPost"));
}

#[test]
fn an_operation_goes_by_its_id_its_function_or_its_path() {
    let plan = plan(&posts());
    let find = |kind, name: &str| explain::find(&plan, kind, name).map_err(|unknown| unknown.message);
    for name in ["updatePost", "posts::updatepost", "updatepost", "patch /posts/{postId}"] {
        assert_eq!(find(Kind::Mutation, name), Ok(4), "{name}");
    }
    let told: Vec<String> = [
        (Kind::Mutation, "updatePosts"),
        (Kind::Mutation, "PATCH /post/{postId}"),
        (Kind::Query, "zebra"),
        (Kind::Query, "updatePost"),
    ]
    .into_iter()
    .filter_map(|(kind, name)| find(kind, name).err())
    .collect();
    expect![[r#"
        the document has no mutation `updatePosts`; did you mean `updatePost` or `updatepost` or `createPost`?
        the document has no mutation `PATCH /post/{postId}`; did you mean `PATCH /posts/{postId}` or `DELETE /posts/{postId}` or `POST /posts`?
        the document has no query `zebra`; `larder explain` names all 3 of them
        `updatePost` is no query: `--mutation updatePost` explains it"#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_thousand_operations_with_long_names_fit_the_terminal() {
    let mut value = posts();
    let operations = value["operations"].as_array().expect("operations").clone();
    for number in 0..200 {
        for operation in &operations {
            let mut copy = operation.clone();
            let long =
                format!("{}_{}_{number}", operation["id"].as_str().unwrap_or_default(), "名前x\u{1b}[2J".repeat(20));
            copy["id"] = json!(long);
            copy["path"] = json!(format!("/{long}/{{{long}}}"));
            value["operations"].as_array_mut().expect("operations").push(copy);
        }
    }
    let plan = plan(&value);
    let wide = |c: char| if ('\u{2e80}'..'\u{ffff}').contains(&c) { 2 } else { 1 };
    for shown in [explain::table(&plan), explain::diff_table(&Diff::of(&plan, &self::posts::plan(&posts())))] {
        for line in shown.lines() {
            assert!(line.chars().map(wide).sum::<usize>() <= 100, "{line}");
            assert!(!line.contains('\u{1b}'), "{line:?}");
        }
    }
}

fn social() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/social/openapi.yaml")
}

#[test]
fn the_command_explains_one_operation_and_suggests_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = social();
    let document = document.to_str().expect("text");
    let one = run(folder.path(), &["explain", document, "--mutation", "update_post"]);
    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stderr));
    assert!(text(&one.stdout).contains("updatePost is a mutation"), "{}", text(&one.stdout));

    let json = run(folder.path(), &["explain", document, "--query", "GET /posts/{post_id}", "--format", "json"]);
    let explained: Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    assert_eq!(explained["operation"]["id"], "getPost");
    assert!(
        explained["edges"].as_array().is_some_and(|edges| edges.iter().any(|edge| edge["mutation"] == "updatePost"))
    );

    let unknown = run(folder.path(), &["explain", document, "--mutation", "updatePots"]);
    let told = text(&unknown.stderr);
    assert_eq!((unknown.status.code(), told.contains("did you mean `updatePost`")), (Some(2), true), "{told}");
}

#[test]
fn the_command_writes_the_page_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = social();
    let document = document.to_str().expect("text");
    let written = run(folder.path(), &["explain", document, "--html", "out/plan.html"]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let page = std::fs::read_to_string(folder.path().join("out/plan.html")).expect("the page");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("updatePost"));
    assert!(text(&written.stdout).is_empty(), "it goes to the file");
}
