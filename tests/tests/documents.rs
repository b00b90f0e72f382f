//! What a user is told about a document, and that no document makes the generator fail.

use std::path::Path;

use expect_test::{Expect, expect};
use larder_codegen::{Error, Generated, Generator};

fn generate(name: &str, text: &str) -> Result<Generated, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("the document can be written");
    Generator::new(path).generate()
}

/// What is printed, with the folder's name taken out.
fn told(name: &str, text: &str) -> String {
    let shown = match generate(name, text) {
        Ok(generated) => generated.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        Err(error) => error.to_string(),
    };
    let place = |line: &str| match line.split_once("--> ") {
        Some((arrow, path)) => {
            let file = Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!("{arrow}--> {file}")
        }
        None => line.trim_end().to_owned(),
    };
    shown.lines().map(place).collect::<Vec<_>>().join("\n")
}

fn check(name: &str, text: &str, expected: &Expect) {
    expected.assert_eq(&told(name, text));
}

#[test]
fn a_duplicate_key_is_refused_with_its_place() {
    check(
        "a.yaml",
        "openapi: 3.0.3\npaths:\n  /posts: {}\n  /posts: {}\n",
        &expect![[r#"
            error: the key `/posts` is written twice in one object
             --> a.yaml:4:3
              |
            4 |   /posts: {}
              |   ^^^^^^
              |
              = help: one of the two would be lost without a word: remove or rename one"#]],
    );
    check(
        "a.json",
        "{\"openapi\": \"3.0.3\",\n \"paths\": {},\n \"paths\": {}}",
        &expect![[r#"
            error: the key `paths` is written twice in one object
             --> a.json:3:2
              |
            3 |  "paths": {}}
              |  ^^^^^^^
              |
              = help: one of the two would be lost without a word: remove or rename one"#]],
    );
}

#[test]
fn what_is_no_openapi_document_is_refused() {
    check(
        "a.yaml",
        "hello: world\n",
        &expect![[r#"
            error: this is not an OpenAPI document: it has no `openapi: 3.…` at its top
             --> a.yaml:1:1
              |
            1 | hello: world
              | ^
              |
              = help: the first lines should read `openapi: 3.1.0`, `info:`, `paths:`"#]],
    );
}

#[test]
fn a_place_in_a_long_line_is_that_in_the_file() {
    let text = format!(
        "{{\"openapi\":\"3.0.0\",\"info\":{{\"title\":\"{}\",\"version\":\"1\"}},\"paths\":{{}},\"paths\":{{}},\"x\":\"{}\"}}",
        "é".repeat(200),
        "y".repeat(200)
    );
    let column = text.char_indices().position(|(at, _)| at == text.rfind("\"paths\"").expect("it is there"));
    let told = told("line.json", &text);
    assert!(told.contains(&format!("line.json:1:{}\n", column.expect("it is there") + 1)), "{told}");
    assert!(told.contains("1 | …"), "{told}");
}

#[test]
fn a_parameter_that_cannot_be_read_costs_only_itself() {
    let text = "openapi: 3.0.3
paths:
  /good:
    get: { operationId: good, responses: { '204': { description: ok } } }
  /bad:
    get:
      operationId: bad
      parameters:
        - $ref: '#/components/parameters/Missing'
      responses: { '204': { description: ok } }
";
    check(
        "a.yaml",
        text,
        &expect![[r##"
            warning: `#/components/parameters/Missing` names nothing in this document
             --> a.yaml:9:11
              |
            9 |         - $ref: '#/components/parameters/Missing'
              |           ^^^^
              |
              = help: the parameter is left out; correct the reference, or add what it names"##]],
    );
    let generated = generate("a.yaml", text).expect("the rest generates");
    let ids: Vec<&str> = generated.plan.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(ids, ["good", "bad"]);
    assert_eq!(generated.warnings[0].operation.as_deref(), Some("bad"));
}

/// A document around one description.
fn described(description: &str) -> String {
    let description = serde_json::to_string(description).expect("text is JSON");
    format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": {description}, "version": "1"}},
        "tags": [{{"name": "g", "description": {description}}}],
        "paths": {{"/a": {{"get": {{"operationId": "a", "tags": ["g"], "summary": {description}, "description": {description},
          "parameters": [{{"name": {description}, "in": "query", "description": {description}, "schema": {{"type": "string"}}}}],
          "responses": {{"200": {{"description": {description}, "content": {{"application/json": {{"schema":
            {{"type": "object", "title": {description}, "description": {description},
              "properties": {{{description}: {{"type": "string", "enum": [{description}, "b"]}}}}}}}}}}}}}}}}}}}}}}"#
    )
}

#[test]
fn text_of_a_document_never_becomes_code() {
    for text in [
        "*/ fn evil() {}",
        "\"# fn evil() {}",
        "line\nfn evil() {}",
        "line\r\nfn evil() {}",
        "line\u{2028}fn evil() {}",
        "\u{202e}lreve nf",
        "```\nfn evil() {}\n",
        "\"); fn evil() {} (\"",
        "{evil}",
        "\\",
        "\0",
        "",
    ] {
        let generated = generate("a.json", &described(text)).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        for file in &generated.files {
            let code = syn::parse_file(&file.text).expect("generated code is Rust");
            let evil = code.items.iter().any(|item| matches!(item, syn::Item::Fn(found) if found.sig.ident == "evil"));
            assert!(!evil, "{text:?} became code in {}:\n{}", file.path.display(), file.text);
            assert!(!file.text.contains('\u{202e}'), "a direction mark got into {}", file.path.display());
        }
    }
}

#[test]
fn hostile_documents_end_in_an_error() {
    let deep_json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_yaml = (0..2_000).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    for (name, text) in [
        ("deep.json", deep_json),
        ("deep.yaml", deep_yaml),
        ("empty.yaml", String::new()),
        ("null.yaml", "~".to_owned()),
        ("binary.yaml", "\u{0}\u{1}".to_owned()),
        ("half.json", "{\"openapi\": \"3.0.0\", \"paths\": {".to_owned()),
        ("self.yaml", "a: &a [*a]\n".to_owned()),
    ] {
        assert!(generate(name, &text).is_err(), "{name}");
    }
}

#[test]
fn aliases_cost_no_more_than_their_text() {
    let mut text = "openapi: 3.0.3\ninfo: { title: t, version: v }\npaths: {}\nx-0: &a0 [x, x]\n".to_owned();
    for level in 1..64 {
        text.push_str(&format!("x-{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1));
    }
    assert!(generate("bomb.yaml", &text).is_ok());
}

#[test]
fn references_in_circles_end() {
    let text = "openapi: 3.0.3
paths:
  /a:
    get:
      operationId: a
      responses:
        '200':
          description: ok
          content: { application/json: { schema: { $ref: '#/components/schemas/A' } } }
components:
  schemas:
    A: { $ref: '#/components/schemas/B' }
    B: { allOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/C' }] }
    C: { type: array, items: { $ref: '#/components/schemas/C' } }
";
    let generated = generate("a.yaml", text).expect("it generates");
    assert_eq!(generated.plan.operations.len(), 1);
}

#[test]
fn swagger_2_is_read_as_3_0() {
    let text = "swagger: '2.0'
info: { title: t, version: '1' }
consumes: [application/json]
produces: [application/json]
paths:
  /posts/{id}:
    parameters:
      - { name: id, in: path, required: true, type: integer }
    get:
      operationId: getPost
      parameters:
        - { name: fields, in: query, type: array, items: { type: string }, collectionFormat: pipes }
      responses:
        '200': { description: ok, schema: { $ref: '#/definitions/Post' } }
    put:
      operationId: putPost
      parameters:
        - { name: body, in: body, required: true, schema: { $ref: '#/definitions/Post' } }
      responses:
        '200': { description: ok, schema: { $ref: '#/definitions/Post' } }
    post:
      operationId: formPost
      parameters:
        - { name: title, in: formData, required: true, type: string }
      responses:
        '204': { description: ok }
definitions:
  Post:
    type: object
    required: [id]
    properties:
      id: { type: integer }
      title: { type: string, x-nullable: true }
";
    let generated = generate("a.yaml", text).expect("it generates");
    assert!(generated.warnings.is_empty(), "{:?}", generated.warnings);
    let all: String = generated.files.iter().map(|file| file.text.as_str()).collect();
    for expected in [
        "pub struct Post {",
        "pub fn get_post(id: i64, params: &GetPost) -> Query<Post>",
        ".query_param_as(Style::PipeDelimited, \"fields\", &params.fields)",
        "pub fn put_post(id: i64, body: &Post) -> Mutation<Post>",
        ".form(body)",
        "pub title: Nullable<String>",
    ] {
        assert!(all.contains(expected), "{expected} is missing in\n{all}");
    }
}

#[test]
fn a_chain_of_schemas_without_end_is_cut() {
    let mut schemas: Vec<String> = (0..12_000)
        .map(|at| {
            let next = at + 1;
            format!(r##""S{at}": {{"type": "object", "properties": {{"next": {{"$ref": "#/components/schemas/S{next}"}}}}}}"##)
        })
        .collect();
    schemas.push(r#""S12000": {"type": "string"}"#.to_owned());
    let text = format!(
        r##"{{"openapi": "3.0.3", "paths": {{"/a": {{"get": {{"operationId": "a", "responses": {{"200": {{"description": "ok",
        "content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/S0"}}}}}}}}}}}}}}}},
        "components": {{"schemas": {{{}}}}}}}"##,
        schemas.join(",")
    );
    let generated = generate("chain.json", &text).expect("it generates");
    assert!(generated.warnings[0].message.contains("nested too deep"), "{}", generated.warnings[0].message);
}
