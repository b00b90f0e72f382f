//! `larder explain`: what it says of a plan, and of the difference of two.

mod program;

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect;
use larder_codegen::explain::{self, Diff, Explained};
use larder_codegen::plan::{Kind, Plan};
use program::{run, text};
use serde_json::{Value, json};

/// Posts with comments: a plan as `--format json` writes it, so that no change of the inference changes this test.
fn posts() -> Value {
    let post =
        json!({ "type": "Post", "id": [{ "in": "path", "name": "postId" }], "why": "its path picks one `Post`" });
    let with = |tag: &Value, more: Value| {
        let mut tag = tag.clone();
        let fields = more.as_object().expect("an object").clone();
        tag.as_object_mut().expect("an object").extend(fields);
        tag
    };
    let shown =
        json!({ "type": "Post", "id": [{ "in": "response", "pointer": "/items/*/id" }], "why": "it lists `Post`" });
    let by_status = json!({ "type": "Post", "list": { "status": { "in": "query", "name": "status" } }, "from_args": true,
                            "why": "it lists `Post`" });
    let operation = |id: &str, kind: &str, call: &str, key: &str, tags: Value| {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let mut operation = json!({ "id": id, "kind": kind, "method": method, "path": path,
                                    "function": format!("posts::{}", id.to_lowercase()), "why": [] });
        operation[key] = tags;
        operation
    };
    let mut update = operation(
        "updatePost",
        "mutation",
        "PATCH /posts/{postId}",
        "invalidates",
        json!([
            with(&post, json!({ "why": "it changes one `Post`" })),
            { "type": "Post", "list": { "status": { "in": "body", "pointer": "/status" } }, "filtered": true,
              "confidence": 0.8, "why": "lists filtered by status may gain it" },
        ]),
    );
    update["writes"] = json!([{ "operation": "getPost", "args": { "postId": { "in": "path", "name": "postId" } },
                                "pointer": "" }]);
    json!({
        "larder": 1, "title": "Posts", "version": "1",
        "tag_types": [
            { "name": "Post", "collections": ["/posts"], "members": ["/posts/{postId}"], "schemas": ["Post"], "id": ["id"] },
            { "name": "Stats", "collections": [], "members": [], "schemas": [], "id": [] },
        ],
        "operations": [
            operation("listPosts", "query", "GET /posts", "provides", json!([by_status, shown])),
            operation("getPost", "query", "GET /posts/{postId}", "provides", json!([with(&post, json!({ "from_args": true }))])),
            operation("getStats", "query", "GET /stats", "provides", json!([
                { "type": "Stats", "from_args": true, "confidence": 0.3, "why": "nothing says what it shows" }])),
            operation("createPost", "mutation", "POST /posts", "invalidates", json!([
                { "type": "Post", "list": {}, "why": "it creates one `Post`" },
                { "type": "Stats", "confidence": 0.3, "why": "its group shows it" }])),
            update,
            operation("deletePost", "mutation", "DELETE /posts/{postId}", "invalidates", json!([
                with(&post, json!({ "gone": true, "reference": true, "why": "it deletes one `Post`" }))])),
        ],
        "warnings": [{ "operation": "getStats", "message": "its tags are a guess by group" }],
    })
}

fn plan(value: &Value) -> Plan {
    serde_json::from_value(value.clone()).expect("it is a plan")
}

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
    for shown in [explain::table(&plan), explain::diff_table(&Diff::of(&plan, &self::plan(&posts())))] {
        for line in shown.lines() {
            assert!(line.chars().map(wide).sum::<usize>() <= 100, "{line}");
            assert!(!line.contains('\u{1b}'), "{line:?}");
        }
    }
}

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
        Posts 1 → Posts 2: 2 edges lost, 1 edge gained

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
