//! What people say of tags, in a document, in an overlay and in `larder.toml`, and what is wrong with it.

use std::fs;

use larder_codegen::plan::{Kind, Operation, Plan};
use larder_codegen::{Error, Generated, Generator, Located, ProblemKind};
use serde_json::{Value, json};

const DOCUMENT: &str = r##"openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /posts:
    get:
      operationId: listPosts
      tags: [posts]
      parameters:
        - { name: authorId, in: query, schema: { type: integer } }
        - { name: X-Tenant, in: header, schema: { type: string } }
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Page" } } } } }
    post:
      operationId: createPost
      tags: [posts]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } }
      responses: { "201": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
  /posts/{postId}:
    parameters: [{ name: postId, in: path, required: true, schema: { type: integer } }]
    get:
      operationId: getPost
      tags: [posts]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
    put:
      operationId: updatePost
      tags: [posts]
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } }
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
    delete:
      tags: [posts]
      responses: { "204": { description: ok } }
  /stats:
    get:
      operationId: getStats
      tags: [stats]
      responses: { "200": { description: ok, content: { application/json: { schema: {} } } } }
  /report:
    get:
      operationId: getReport
      tags: [stats]
      responses: { "200": { description: ok, content: { text/csv: { schema: { type: string } } } } }
  /broken:
    get: [what stands here is no operation]
components:
  schemas:
    Page:
      type: object
      properties:
        items: { type: array, items: { $ref: "#/components/schemas/Post" } }
        by_day: { type: object, additionalProperties: { $ref: "#/components/schemas/Post" } }
    Post:
      type: object
      required: [id]
      properties:
        id: { type: integer }
        author_id: { type: integer }
        tags: { type: array, items: { type: string } }
        place: { oneOf: [{ $ref: "#/components/schemas/Town" }, { $ref: "#/components/schemas/Spot" }] }
        meta: {}
    Town: { type: object, properties: { zip: { type: string } } }
    Spot: { type: object, properties: { lat: { type: number } } }
"##;

/// What `larder.toml` and, below each operation that it names, `x-larder` make of the document.
fn generate(toml: &str, extensions: &[(&str, Value)]) -> Result<Generated, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let actions = extensions.iter().map(|(target, value)| json!({ "target": target, "update": { "x-larder": value } }));
    let actions: Vec<Value> = actions.collect();
    let overlay = json!({ "overlay": "1.0.0", "info": { "title": "o", "version": "1" }, "actions": actions });
    fs::write(folder.path().join("overlay.json"), overlay.to_string()).expect("a file");
    fs::write(folder.path().join("openapi.yaml"), DOCUMENT).expect("a file");
    let overlays = if extensions.is_empty() { "" } else { "overlays = [\"overlay.json\"]\n" };
    let config = folder.path().join("larder.toml");
    fs::write(&config, format!("[[api]]\ndocument = \"openapi.yaml\"\n{overlays}{toml}\n")).expect("a file");
    Generator::from_config(config)?.remove(0).generate()
}

fn plan(toml: &str) -> Plan {
    generate(toml, &[]).unwrap_or_else(|error| panic!("{toml}\n{error}")).plan
}

fn problems(result: Result<Generated, Error>) -> Vec<Located> {
    match result {
        Err(Error::Document(problems)) => problems,
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

fn operation<'a>(plan: &'a Plan, id: &str) -> &'a Operation {
    plan.operations.iter().find(|operation| operation.id == id).expect("it is in the plan")
}

/// The tags of an operation as JSON, without what is for people.
fn tags(plan: &Plan, id: &str) -> Vec<Value> {
    let operation = operation(plan, id);
    let tags = operation.provides.iter().chain(&operation.invalidates);
    let mut tags: Vec<Value> = tags.map(|tag| serde_json::to_value(tag).expect("JSON")).collect();
    for tag in &mut tags {
        let members = tag.as_object_mut().expect("an object");
        for key in ["confidence", "why", "from_args"] {
            members.shift_remove(key);
        }
    }
    tags
}

#[test]
fn tags_are_replaced_and_added_in_every_form() {
    let said = r#"
        [api.tag_types.Alert]
        [api.operations.updatePost]
        invalidates = [
            "Alert", "Post:LIST", { type = "Post" },
            { type = "Post", id = "path.postId", gone = true, reference = true },
            { type = "Post", id = { in = "path", name = "postId" } },
            { type = "Post", list = { author_id = "body./author_id", kind = { value = 7 } }, filtered = true },
        ]
        [api.operations.listPosts]
        provides_also = { type = "Alert", id = "response./items/*/tags", reference = true }
        [api.operations."get /stats"]
        provides = [{ type = "Alert", list = { any = "response./a/b" } }]
        [api.operations."DELETE /posts/{postId}"]
        invalidates_also = "Alert"
    "#;
    let plan = plan(said);
    let path = json!({ "in": "path", "name": "postId" });
    let list = json!({ "author_id": { "in": "body", "pointer": "/author_id" }, "kind": { "value": "7" } });
    assert_eq!(
        tags(&plan, "updatePost"),
        [
            json!({ "type": "Alert" }),
            json!({ "type": "Post", "list": {} }),
            json!({ "type": "Post" }),
            json!({ "type": "Post", "id": [path], "reference": true, "gone": true }),
            json!({ "type": "Post", "id": [path] }),
            json!({ "type": "Post", "list": list, "filtered": true }),
        ]
    );
    let listed = tags(&plan, "listPosts");
    let badge = json!({ "in": "response", "pointer": "/items/*/tags" });
    assert_eq!(listed.last(), Some(&json!({ "type": "Alert", "id": [badge], "reference": true })));
    assert!(listed.len() > 2, "what was inferred is still there: {listed:?}");
    assert_eq!(tags(&plan, "DELETE /posts/{postId}").last(), Some(&json!({ "type": "Alert" })));
    let shown = operation(&plan, "updatePost");
    assert!(shown.invalidates.iter().all(|tag| tag.confidence == 1.0 && tag.why.starts_with("larder.toml:")));
    assert_eq!(shown.why[0], "larder.toml:6 says what it invalidates");
    let from_args: Vec<bool> = operation(&plan, "getStats").provides.iter().map(|tag| tag.from_args).collect();
    assert_eq!(from_args, [false]);
    assert!(!plan.warnings.iter().any(|warning| warning.operation == "getStats"), "nothing is guessed any more");
}

#[test]
fn the_file_counts_over_the_overlay_key_by_key() {
    let own = json!({ "invalidates": ["Post"], "invalidates_also": ["Post:LIST"], "writes": [] });
    let said = "[api.operations.updatePost]\ninvalidates = { type = \"Post\", id = \"path.postId\" }";
    let plan = generate(said, &[("$.paths['/posts/{postId}'].put", own)]).expect("it generates").plan;
    let path = json!({ "in": "path", "name": "postId" });
    assert_eq!(
        tags(&plan, "updatePost"),
        [json!({ "type": "Post", "id": [path] }), json!({ "type": "Post", "list": {} })]
    );
    let planned = operation(&plan, "updatePost");
    assert!(planned.writes.is_empty());
    assert_eq!(planned.invalidates[0].why, "larder.toml:5");
    assert_eq!(planned.invalidates[1].why, "overlay.json:1");
}

#[test]
fn tags_of_the_response_are_enough_beside_others() {
    let answered = "[api.operations.createPost]\ninvalidates = { type = \"Post\", id = \"response./id\" }\n";
    assert_eq!(tags(&plan(&format!("{answered}invalidates_also = \"Post:LIST\"")), "createPost").len(), 2);
    let with = plan(&format!("{answered}invalidates_with = \"::shop::tags::of\""));
    assert_eq!(operation(&with, "createPost").with.as_deref(), Some("::shop::tags::of"));
    assert!(tags(&plan("[api.operations.createPost]\ninvalidates = []"), "createPost").is_empty());
}

#[test]
fn a_kind_can_be_said_and_the_inference_follows() {
    let plan = plan("[api.operations.createPost]\nkind = \"query\"\n[api.operations.getPost]\nkind = \"mutation\"");
    let made_query = operation(&plan, "createPost");
    assert_eq!(made_query.kind, Kind::Query);
    assert!(!made_query.provides.is_empty() && made_query.invalidates.is_empty());
    let made_mutation = operation(&plan, "getPost");
    assert_eq!(made_mutation.kind, Kind::Mutation);
    assert!(made_mutation.provides.is_empty());
    assert!(operation(&plan, "updatePost").writes.is_empty(), "there is no query left to fill");
}

#[test]
fn whatever_names_nothing_is_an_error_with_its_place_and_what_was_meant() {
    for (said, message, help) in [
        ("[api.operations.updatePots]", "the document has no operation `updatePots`", "did you mean `updatePost`"),
        ("[api.operations.\"PUT /posts/{id}\"]", "no operation `PUT /posts/{id}`", "`PUT /posts/{postId}`"),
        ("[api.operations.zzz]", "no operation `zzz`", "PATCH /posts/{postId}"),
        ("[api.operations.getPost]\nprovide = []", "`provide` means nothing here", "did you mean `provides`?"),
        ("[api.operations.getPost]\nprovides = [\"Pots\"]", "there is no tag type `Pots`", "did you mean `Post`?"),
        ("[api.operations.getPost]\nprovides = [\"Alert\"]", "there is no tag type `Alert`", "[api.tag_types.Alert]"),
        ("[api.operations.getPost]\nprovides = 7", "this is no tag", "\"Post:LIST\""),
        ("[api.operations.getPost]\nprovides = \"Post:7\"", "`Post:7` is no tag", "{ value = \"7\" }"),
        ("[api.operations.getPost]\nprovides = { id = \"path.postId\" }", "this tag has no `type`", "type = \"Post\""),
        ("[api.operations.getPost]\nprovides = { type = \"Post\", ids = 1 }", "`ids` means nothing", "`id`"),
        ("[api.operations.getPost]\nprovides = { type = \"Post\", id = [] }", "no parts", "path.NAME"),
        (
            "[api.operations.getPost]\nprovides = { type = \"Post\", id = \"path.postId\", list = {} }",
            "both an `id` and a `list`",
            "write two tags",
        ),
        (
            "[api.operations.getPost]\nprovides = { type = \"Post\", id = \"postId\" }",
            "`postId` does not say",
            "path.NAME",
        ),
        (
            "[api.operations.getPost]\nprovides = { type = \"Post\", id = \"paht.postId\" }",
            "`paht` is no place",
            "did you mean `path.postId`?",
        ),
        (
            "[api.operations.getPost]\nprovides = { type = \"Post\", id = \"path.id\" }",
            "`getPost` has no path parameter `id`",
            "path.postId",
        ),
        (
            "[api.operations.getPost]\nprovides = { type = \"Post\", list = { a = \"query.page\" } }",
            "`getPost` has no query parameter `page`",
            "it has no query parameter at all",
        ),
        (
            "[api.operations.listPosts]\nprovides = { type = \"Post\", list = { a = \"header.Tenant\" } }",
            "`listPosts` has no header `Tenant`",
            "header.X-Tenant",
        ),
        (
            "[api.operations.getPost]\nprovides = { type = \"Post\", id = \"body./id\" }",
            "`getPost` has no body",
            "path",
        ),
        (
            "[api.operations.getReport]\nprovides = { type = \"Post\", id = \"response.\" }",
            "`getReport` has no response of JSON",
            "path",
        ),
        (
            "[api.operations.listPosts]\nprovides = { type = \"Post\", id = \"response./item/*/id\" }",
            "`response./item/*/id` leads nowhere: the response of `listPosts` has no `item`",
            "did you mean `response./items`?",
        ),
        (
            "[api.operations.listPosts]\nprovides = { type = \"Post\", id = \"response./items/id\" }",
            "leads nowhere: `/items` of the response of `listPosts` has no `id`",
            "`response./items/*`",
        ),
        (
            "[api.operations.listPosts]\nprovides = { type = \"Post\", id = \"response./items/*\" }",
            "is no value",
            "`response./items/*/id`",
        ),
        (
            "[api.operations.listPosts]\nprovides = { type = \"Post\", id = \"response.items.id\" }",
            "`items.id` is no JSON Pointer",
            "response./items/id",
        ),
        (
            "[api.operations.getPost]\ninvalidates = \"Post\"",
            "`getPost` is a query, and a query invalidates and writes nothing",
            "kind = \"mutation\"",
        ),
        ("[api.operations.getPost]\nwrites = []", "`getPost` is a query", "provides"),
        (
            "[api.operations.updatePost]\nprovides_also = \"Post\"",
            "`updatePost` is a mutation, and a mutation provides nothing",
            "kind = \"query\"",
        ),
        ("[api.operations.updatePost]\nwrites = [\"getPost\"]", "`writes` can only be switched off", "writes = []"),
        (
            "[api.operations.getPost]\nprovides = { type = \"Post\", id = \"path.postId\", gone = true }",
            "what a query provides is not gone",
            "invalidates",
        ),
        (
            "[api.operations.updatePost]\ninvalidates = { type = \"Post\", gone = true }",
            "only an entity can be gone",
            "`id`",
        ),
        (
            "[api.operations.updatePost]\ninvalidates = { type = \"Post\", list = {}, filtered = true }",
            "`filtered` means nothing here",
            "list with constraints",
        ),
        (
            "[api.operations.createPost]\ninvalidates = { type = \"Post\", id = \"response./id\" }",
            "what this invalidates is known from the response alone",
            "\"Post:LIST\"",
        ),
        (
            "[api.operations.updatePost]\ninvalidates = { type = \"Post\", id = [\"path.postId\", \"body./id\"] }",
            "this id of `Post` has 2 parts where provided ids have 1, so they never meet",
            "the same parts",
        ),
        ("[api.operations.getPost]\nkind = \"read\"", "`read` is no kind of operation", "\"query\""),
        ("[api.operations.getPost]\nprovides_with = \"tags(); evil\"", "is no path of a Rust function", "crate::"),
        ("[api.operations.getPost]\nprovides_with = \"crate::x::<u8>\"", "is no path of a Rust function", "crate::"),
        ("[api.operations.getPost]\nprovides_with = \"crate::fn\"", "is no path of a Rust function", "crate::"),
        ("[api.operations.getPost]\nprovides_with = \"alone\"", "is no path of a Rust function", "crate::"),
        ("[api.operations.getPost]\nprovides_with = 1", "a text is expected here", "quotes"),
        ("[api.operations]\ngetPost = 1", "a table is expected here", "docs/overrides.md"),
        ("[api.tag_types.\"a:b\"]", "`a:b` is no name for a tag type", "`Alert`"),
        ("[api.tag_types.Alert]\nid = \"x\"", "the tag type `Alert` can have no keys", "operations"),
        (
            "[api.operations.getPost]\n[api.operations.\"GET /posts/{postId}\"]",
            "names an operation that larder.toml:3 speaks of, too",
            "one table",
        ),
    ] {
        let told = problems(generate(said, &[]));
        let [problem] = told.as_slice() else { panic!("{said}: {told:#?}") };
        assert_eq!(problem.kind, ProblemKind::Override, "{said}");
        assert!(problem.message.contains(message), "{said}: {}", problem.message);
        assert!(problem.help.contains(help), "{said}: {}", problem.help);
        assert!(problem.file.ends_with("larder.toml") && problem.line > 2, "{said}: {}:{}", problem.file, problem.line);
    }
}

#[test]
fn all_that_is_wrong_comes_in_one_run_in_the_order_of_the_files() {
    let said = "[api.operations.getPost]\nprovides = [\"Pots\", \"Psot\"]\nprovied = 1\n[api.operations.gone]";
    let own = json!({ "provides": "Nothing" });
    let told = problems(generate(said, &[("$.paths['/posts'].get", own)]));
    let lines: Vec<(bool, usize, usize)> =
        told.iter().map(|problem| (problem.file.ends_with("larder.toml"), problem.line, problem.column)).collect();
    assert_eq!(lines.iter().filter(|(in_file, ..)| *in_file).count(), 4, "{told:#?}");
    assert_eq!(lines.len(), 5);
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn where_no_schema_tells_a_pointer_may_lead_anywhere() {
    let plan = plan(
        "[api.operations.listPosts]\nprovides_also = [\n\
         { type = \"Post\", id = \"response./items/*/meta/a/*/b\" },\n\
         { type = \"Post\", id = \"response./items/*/place/zip\" },\n\
         { type = \"Post\", id = \"response./by_day/*/id\" },\n\
         { type = \"Post\", id = \"response./by_day/monday/id\" },\n\
         { type = \"Post\", list = { tenant = \"header.x-tenant\" } }]",
    );
    let header = json!({ "tenant": { "in": "header", "name": "X-Tenant" } });
    assert_eq!(tags(&plan, "listPosts").last(), Some(&json!({ "type": "Post", "list": header })));
}

#[test]
fn an_operation_that_is_left_out_can_be_spoken_of() {
    let generated = generate("[api.operations.\"GET /broken\"]\nprovides = \"Post\"", &[]).expect("it generates");
    assert!(generated.warnings.iter().any(|warning| warning.kind == ProblemKind::OperationLeftOut));
}

#[test]
fn the_extension_is_read_in_every_version_and_selection() {
    let said = json!({ "kind": "query", "provides": ["Thing:LIST"] });
    let operation = json!({
        "operationId": "find", "responses": { "200": { "description": "ok" } },
        "consumes": ["application/json"], "produces": ["application/json"], "x-larder": said,
    });
    let document = json!({
        "swagger": "2.0", "info": { "title": "t", "version": "1" },
        "x-larder": { "tag_types": { "Thing": null } },
        "paths": { "/find": { "put": operation }, "/other": { "get": { "operationId": "other", "responses": {} } } },
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("swagger.json");
    fs::write(&path, document.to_string()).expect("a file");
    let plan = Generator::new(path).only(["find"]).generate().expect("it generates").plan;
    assert_eq!(tags(&plan, "find"), [json!({ "type": "Thing", "list": {} })]);
    assert_eq!(plan.operations.len(), 1);
}

#[test]
fn a_build_depends_on_the_file_that_has_overrides() {
    let generated = generate("[api.tag_types.Alert]", &[]).expect("it generates");
    assert!(generated.sources.iter().any(|path| path.ends_with("larder.toml")));
    assert!(generated.plan.tag_types.iter().any(|tag_type| tag_type.name == "Alert"));
}
