//! `only`: what is selected is generated, with what it uses, and nothing else changes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use larder_codegen::{Error, Generated, Generator, ProblemKind};

const DOCUMENT: &str = r##"
openapi: 3.0.3
info: { title: Shop, version: "1" }
tags: [{ name: posts }, { name: users }]
paths:
  /posts:
    get:
      operationId: listPosts
      tags: [posts, public]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Post" } } } } } }
    post:
      operationId: createPost
      tags: [posts]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } }
      responses: { "201": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
  /posts/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get:
      operationId: getPost
      tags: [posts, public]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
    put:
      operationId: updatePost
      tags: [posts]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
  /users/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get:
      operationId: getUser
      deprecated: no
      tags: [users]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/User" } } } } }
  /broken:
    get: [what stands here is no operation]
components:
  schemas:
    Post:
      type: object
      required: [id]
      properties: { id: { type: integer }, odd: { $ref: "#/components/schemas/Missing" } }
    User:
      type: object
      required: [id]
      properties: { id: { type: integer }, strange: { $ref: "#/components/schemas/Gone" } }
"##;

struct Api {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn api() -> Api {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.yaml");
    std::fs::write(&path, DOCUMENT).expect("it can be written");
    Api { _folder: folder, path }
}

impl Api {
    fn only(&self, selectors: &[&str]) -> Result<Generated, Error> {
        Generator::new(&self.path).only(selectors.iter().copied()).generate()
    }
}

fn ids(generated: &Generated) -> Vec<&str> {
    generated.plan.operations.iter().map(|operation| operation.id.as_str()).collect()
}

fn all_text(generated: &Generated) -> String {
    generated.files.iter().map(|file| file.text.as_str()).collect()
}

#[test]
fn selectors_name_operations_by_id_tag_method_and_path() {
    let api = api();
    for (selectors, expected) in [
        (vec!["getPost"], vec!["getPost"]),
        (vec!["tag:public"], vec!["listPosts", "getPost"]),
        (vec!["POST /posts", "getUser"], vec!["createPost", "getUser"]),
        (vec!["path:/posts/**"], vec!["listPosts", "createPost", "getPost", "updatePost"]),
        (vec!["path:/*/{id}"], vec!["getPost", "updatePost", "getUser"]),
        (vec!["*User"], vec!["getUser"]),
    ] {
        assert_eq!(ids(&api.only(&selectors).expect("it generates")), expected, "{selectors:?}");
    }
}

#[test]
fn only_the_types_and_tags_that_are_used_are_generated() {
    let api = api();
    let posts = api.only(&["tag:posts"]).expect("it generates");
    let text = all_text(&posts);
    assert!(text.contains("struct Post") && !text.contains("struct User"), "{text}");
    assert!(!text.contains("users"), "no module, no link and no tag of what was left out: {text}");
    let files: BTreeSet<String> = posts.files.iter().map(|file| file.path.display().to_string()).collect();
    assert!(files.contains("posts.rs") && !files.contains("users.rs"), "{files:?}");
}

#[test]
fn a_write_to_a_query_that_is_not_generated_is_left_out() {
    let api = api();
    let whole = Generator::new(&api.path).generate().expect("it generates");
    assert!(all_text(&whole).contains(".writes(get_post("));
    let update = api.only(&["updatePost"]).expect("it generates");
    assert!(!all_text(&update).contains("get_post"), "{}", all_text(&update));
}

#[test]
fn clients_with_different_selections_agree_on_tags() {
    let api = api();
    let whole = Generator::new(&api.path).generate().expect("it generates");
    for selector in ["tag:posts", "tag:public", "updatePost", "getUser"] {
        let part = api.only(&[selector]).expect("it generates");
        for operation in &part.plan.operations {
            let same = whole.plan.operations.iter().find(|other| other.id == operation.id).expect("it is there");
            assert_eq!((&operation.provides, &operation.invalidates), (&same.provides, &same.invalidates));
            assert_eq!(operation.function, same.function);
        }
        for tag_type in &part.plan.tag_types {
            assert!(whole.plan.tag_types.iter().any(|other| other.name == tag_type.name));
        }
    }
}

#[test]
fn warnings_are_of_what_was_selected() {
    let api = api();
    let told = |selectors: &[&str]| {
        let generated = api.only(selectors).expect("it generates");
        generated.warnings.iter().map(|warning| warning.message.clone()).collect::<Vec<_>>().join("\n")
    };
    let posts = told(&["tag:posts"]);
    assert!(posts.contains("Missing") && !posts.contains("Gone") && !posts.contains("nowhere"), "{posts}");
    let users = told(&["getUser"]);
    assert!(users.contains("Gone") && !users.contains("Missing"), "{users}");
    assert!(users.contains("`no`") && !posts.contains("`no`"), "what is told of before operations are read, too");
}

#[test]
fn an_operation_that_is_left_out_can_be_selected_and_is_told_of() {
    let generated = api().only(&["GET /broken"]).expect("it generates");
    assert!(ids(&generated).is_empty());
    let [warning] = generated.warnings.as_slice() else { panic!("{:?}", generated.warnings) };
    assert_eq!((warning.kind, warning.operation.as_deref()), (ProblemKind::OperationLeftOut, Some("GET /broken")));
}

#[test]
fn a_selector_that_names_nothing_is_an_error_with_a_suggestion() {
    let api = api();
    for (selector, help) in [
        ("getPots", "did you mean `getPost`"),
        ("tag:post", "did you mean `tag:posts`"),
        ("GET /user/{id}", "`GET /users/{id}`"),
        ("path:/post", "`path:/posts`"),
        ("tag:zzzzzz", "its tags are `tag:posts`, `tag:public`, `tag:users`"),
    ] {
        let Err(Error::Document(problems)) = api.only(&[selector]) else { panic!("{selector} names something") };
        assert!(problems.iter().any(|problem| problem.help.contains(help)), "{selector}: {problems:?}");
    }
    let Err(Error::Document(problems)) = api.only(&["nobody", "getPost", "tag:nothing"]) else { panic!() };
    assert_eq!(problems.len(), 2, "all in one run");
}

#[test]
fn what_stayed_untyped_is_counted_where_it_was_selected() {
    let api = api();
    let posts = api.only(&["getPost"]).expect("it generates");
    let [untyped] = posts.coverage.untyped.as_slice() else { panic!("{:?}", posts.coverage) };
    assert_eq!(untyped.pointer, "/components/schemas/Post/properties/odd");
    assert!(untyped.why.contains("Missing") && untyped.line > 0, "{untyped:?}");
    let whole = Generator::new(&api.path).generate().expect("it generates");
    assert_eq!(whole.coverage.untyped.len(), 2);
    assert!(whole.coverage.uses > posts.coverage.uses && whole.coverage.untyped_share() < 0.5);
}

#[test]
fn a_schema_that_says_nothing_is_no_loss() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("open.yaml");
    let document = r#"
openapi: 3.1.0
info: { title: Open, version: "1" }
paths:
  /things:
    get:
      operationId: getThings
      responses: { "200": { description: ok, content: { application/json: { schema: { type: object, properties: { any: {}, all: true, free: { type: object }, either: { oneOf: [{ type: string }, {}] } } } } } } }
"#;
    std::fs::write(&path, document).expect("it can be written");
    let generated = Generator::new(&path).generate().expect("it generates");
    assert_eq!(generated.coverage.untyped, []);
    assert!(generated.coverage.uses >= 5, "{:?}", generated.coverage);
}

#[test]
fn a_selection_brings_only_the_errors_of_its_operations() {
    const ERRORS: &str = r##"
openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /posts:
    get:
      operationId: listPosts
      responses:
        "200": { description: ok }
        "404": { description: none, content: { application/json: { schema: { $ref: "#/components/schemas/Missing" } } } }
    post:
      operationId: createPost
      responses:
        "201": { description: ok }
        "409": { description: taken, content: { application/json: { schema: { $ref: "#/components/schemas/Taken" } } } }
components:
  schemas:
    Missing: { type: object, properties: { id: { type: integer } } }
    Taken: { type: object, properties: { by: { type: string } } }
"##;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    std::fs::write(&path, ERRORS).expect("it is written");
    let types = |generator: Generator| {
        let generated = generator.generate().expect("it generates");
        generated.files.iter().map(|file| file.text.as_str()).collect::<String>()
    };
    let whole = types(Generator::new(&path));
    assert!(whole.contains("404 => NotFound json, 409 => Conflict json"), "{whole}");
    let one = types(Generator::new(&path).only(["listPosts"]));
    assert!(one.contains("larder::by_status! { ApiError { 404 => NotFound json } }"), "{one}");
    assert!(!one.contains("Taken"), "{one}");
}
