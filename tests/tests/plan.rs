//! The rules of inference, one small document each: what provides and invalidates what.

use expect_test::{Expect, expect};
use larder_codegen::Generator;
use larder_codegen::plan::{Plan, Scope, Source, Tag};

fn plan(paths: &str, schemas: &str) -> Plan {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths:\n{}components:\n  schemas:\n{}",
        indent(paths, 2),
        indent(schemas, 4)
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    std::fs::write(&path, &text).expect("the document can be written");
    let generated = Generator::new(&path).generate().unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(generated.warnings.is_empty(), "{:?}", generated.warnings);
    generated.plan
}

fn indent(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// `METHOD /path: tags`, a line an operation.
fn check(paths: &str, schemas: &str, expected: &Expect) {
    let plan = plan(paths, schemas);
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

const POST: &str = "Post:
  type: object
  required: [id]
  properties:
    id: { type: integer }
    author_id: { type: integer }
    status: { type: string, enum: [draft, done] }
    tags: { type: array, items: { type: string } }
PostPage:
  type: object
  properties:
    items: { type: array, items: { $ref: '#/components/schemas/Post' } }
    next: { type: string }
";

/// An operation with a path's id, a body and a response by the names of their schemas.
fn operation(method: &str, parameters: &str, body: Option<&str>, response: Option<&str>) -> String {
    let schema = |name: &str| match name.strip_suffix("[]") {
        Some(name) => format!("{{ type: array, items: {{ $ref: '#/components/schemas/{name}' }} }}"),
        None => format!("{{ $ref: '#/components/schemas/{name}' }}"),
    };
    let content = |name: &str| format!("{{ application/json: {{ schema: {} }} }}", schema(name));
    let mut text = format!("  {method}:\n    parameters: [{parameters}]\n");
    if let Some(body) = body {
        text.push_str(&format!("    requestBody: {{ required: true, content: {} }}\n", content(body)));
    }
    let response = response.map_or_else(
        || "{ description: ok }".to_owned(),
        |name| format!("{{ description: ok, content: {} }}", content(name)),
    );
    text.push_str(&format!("    responses: {{ '200': {response} }}\n"));
    text
}

const ID: &str = "{ name: id, in: path, required: true, schema: { type: integer } }";

#[test]
fn a_collection_and_its_member() {
    let paths = [
        "/posts:\n".to_owned(),
        operation(
            "get",
            "{ name: author_id, in: query, schema: { type: integer } }, { name: page, in: query, schema: { type: integer } }",
            None,
            Some("PostPage"),
        ),
        operation("post", "", Some("Post"), Some("Post")),
        "/posts/{id}:\n".to_owned(),
        operation("get", ID, None, Some("Post")),
        operation("put", ID, Some("Post"), Some("Post")),
        operation("delete", ID, None, None),
    ];
    check(
        &paths.concat(),
        POST,
        &expect![[r#"
            GET /posts: Post:LIST{author_id=?author_id}  Post:=/items/*/id
            POST /posts: Post:LIST{author_id=body/author_id}  Post:body/id
            GET /posts/{id}: Post:id
            PUT /posts/{id}: Post:id  Post:FILTERED{author_id=body/author_id}  writes GET /posts/{id}
            DELETE /posts/{id}: Post:id gone ref  Post:LIST{}
        "#]],
    );
}

#[test]
fn lists_are_cut_down_by_fields_alone() {
    let parameters = "{ name: status, in: query, schema: { type: array, items: { type: string } } }, \
        { name: tag, in: query, schema: { type: string } }, { name: q, in: query, schema: { type: string } }, \
        { name: sort, in: query, schema: { type: string } }";
    let paths = [
        "/posts:\n".to_owned(),
        operation("get", parameters, None, Some("Post[]")),
        "/posts/{id}:\n".to_owned(),
        operation("patch", ID, Some("Post"), None),
        operation("delete", ID, None, None),
    ];
    check(
        &paths.concat(),
        POST,
        &expect![[r#"
            GET /posts: Post:LIST{status=?status,tag=?tag}  Post:=/*/id
            DELETE /posts/{id}: Post:id gone ref  Post:LIST{}
            PATCH /posts/{id}: Post:id  Post:FILTERED{status=body/status,tag=body/tags/*}  Post:LIST{shows='contents'}
        "#]],
    );
}

#[test]
fn nested_collections_actions_and_counters() {
    let schemas = "Post:
  type: object
  properties: { id: { type: integer }, comments_count: { type: integer }, favourited: { type: boolean } }
Comment:
  type: object
  properties: { id: { type: integer }, post_id: { type: integer }, author: { $ref: '#/components/schemas/User' } }
User:
  type: object
  properties: { id: { type: integer }, name: { type: string } }
";
    let paths = [
        "/posts:\n".to_owned(),
        operation("get", "{ name: favourited, in: query, schema: { type: boolean } }", None, Some("Post[]")),
        "/posts/{id}:\n".to_owned(),
        operation("get", ID, None, Some("Post")),
        operation("delete", ID, None, None),
        "/posts/{id}/favourite:\n".to_owned(),
        operation("post", ID, None, None),
        "/posts/{id}:publish:\n".to_owned(),
        operation("post", ID, None, None),
        "/posts/{id}/comments:\n".to_owned(),
        operation("get", ID, None, Some("Comment[]")),
        operation("post", ID, Some("Comment"), Some("Comment")),
        "/comments/{id}:\n".to_owned(),
        operation("delete", ID, None, None),
        "/users/{id}:\n".to_owned(),
        operation("get", ID, None, Some("User")),
    ];
    check(
        &paths.concat(),
        schemas,
        &expect![[r#"
            GET /posts: Post:LIST{favourited=?favourited}  Post:=/*/id  Comment:LIST{post_id==/*/id}
            GET /posts/{id}: Post:id  Comment:LIST{post_id==/id}
            DELETE /posts/{id}: Post:id gone ref
            POST /posts/{id}/favourite: Post:id  Post:FILTERED{favourited='true'}  Post:FILTERED{favourited='false'}
            POST /posts/{id}:publish: Post:id
            GET /posts/{id}/comments: Comment:LIST{post_id=id}  Comment:=/*/id  Post:id ref  User:=/*/author/id
            POST /posts/{id}/comments: Comment:LIST{post_id=id}  Comment:body/id
            DELETE /comments/{id}: Comment:id gone ref  Comment:LIST{}
            GET /users/{id}: User:id
        "#]],
    );
}

#[test]
fn singletons_searches_and_the_floor() {
    let schemas = format!(
        "{POST}Settings:
  type: object
  properties: {{ theme: {{ type: string }} }}
Numbers:
  type: array
  items: {{ type: integer }}
"
    );
    let paths = [
        "/settings:\n".to_owned(),
        operation("get", "", None, Some("Settings")),
        operation("put", "", Some("Settings"), Some("Settings")),
        "/posts/search:\n".to_owned(),
        operation("post", "", Some("Settings"), Some("Post[]")),
        "/posts:\n".to_owned(),
        operation("get", "", None, Some("Post[]")),
        "/posts/import:\n".to_owned(),
        operation("post", "", Some("Post[]"), None),
        "/posts/rebuild:\n".to_owned(),
        operation("post", "", None, None),
        "/lottery/numbers:\n".to_owned(),
        operation("get", "", None, Some("Numbers")),
        "/lottery/draw:\n".to_owned(),
        operation("post", "", None, None),
    ];
    check(
        &paths.concat(),
        &schemas,
        &expect![[r#"
            GET /settings: Settings:'/settings'
            PUT /settings: Settings:'/settings'  Activity:LIST{}  writes GET /settings
            POST /posts/search: Post:LIST{}  Post:=/*/id
            GET /posts: Post:LIST{}  Post:=/*/id
            POST /posts/import: Post  Activity:LIST{}
            POST /posts/rebuild: Post  Activity:LIST{}
            GET /lottery/numbers: Number:LIST{}  Activity:LIST{}
            POST /lottery/draw: Number  Activity:LIST{}
        "#]],
    );
}

#[test]
fn ids_of_several_parts_and_text() {
    let schemas = "Repo:
  type: object
  properties: { owner: { type: string }, name: { type: string }, stars: { type: integer } }
Envelope:
  type: object
  properties: { repository: { $ref: '#/components/schemas/Repo' } }
";
    let parts = "{ name: owner, in: path, required: true, schema: { type: string } }, { name: name, in: path, required: true, schema: { type: string } }";
    let paths = [
        "/repos:\n".to_owned(),
        operation("get", "", None, Some("Repo[]")),
        "/repos/{owner}/{name}:\n".to_owned(),
        operation("get", parts, None, Some("Envelope")),
        operation("patch", parts, Some("Repo"), Some("Envelope")),
    ];
    check(
        &paths.concat(),
        schemas,
        &expect![[r#"
        GET /repos: Repo:LIST{}  Repo:=/*/owner+=/*/name
        GET /repos/{owner}/{name}: Repo:owner+name  Repo:=/repository/owner+=/repository/name
        PATCH /repos/{owner}/{name}: Repo:owner+name
    "#]],
    );
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
    assert_eq!(provided("createComment"), ["Comment:LIST{post_id=post_id}"]);
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
}
