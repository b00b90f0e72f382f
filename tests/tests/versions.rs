//! Every version of OpenAPI, and what is told of those that cannot be read.

use larder_codegen::{Error, Generated, Generator};

fn generate(text: &str) -> Result<Generated, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    std::fs::write(&path, text).expect("the document can be written");
    Generator::new(path).generate()
}

/// Generates, and checks that nothing is told.
fn quietly(text: &str) -> Generated {
    let generated = generate(text).expect("it generates");
    assert!(generated.warnings.is_empty(), "{:?}", generated.warnings);
    generated
}

fn told(text: &str) -> Vec<String> {
    let generated = generate(text).expect("it generates");
    generated.warnings.iter().map(|warning| format!("{}: {}", warning.line, warning.message)).collect()
}

fn assert_has(generated: &Generated, expected: &[&str]) {
    let text: String = generated.files.iter().map(|file| file.text.as_str()).collect();
    for expected in expected {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
}

const OPERATION: &str = "paths: { /a: { get: { operationId: getA, responses: { '204': { description: ok } } } } }\n";

#[test]
fn each_known_version_is_read_however_it_is_written() {
    for version in [
        "openapi: 3.0.0",
        "openapi: '3.0'",
        "openapi: 3.1",
        "openapi: 3.2.0",
        "openapi: 3.1.1-rc1",
        "swagger: 2.0",
        "swagger: '2.0'",
    ] {
        let generated = quietly(&format!("{version}\ninfo: {{ title: t, version: 1.0 }}\n{OPERATION}"));
        assert_eq!(generated.plan.version, "1.0");
        assert_eq!(generated.plan.operations.len(), 1, "{version}");
    }
}

#[test]
fn other_versions_and_documents_are_told_apart() {
    for (head, expected) in [
        ("openapi: 4.0.0", "OpenAPI 4.0.0 cannot be read"),
        ("openapi: 3.3.0", "OpenAPI 3.3.0 is not known yet"),
        ("openapi: 2.0", "OpenAPI 2.0 cannot be read"),
        ("swagger: '1.2'", "Swagger 1.2 cannot be read"),
        ("openapi: latest", "this is no version of OpenAPI"),
        ("openapi: [3]", "this is no version of OpenAPI"),
        ("asyncapi: 3.0.0", "this is an AsyncAPI document"),
        ("overlay: 1.0.0", "this is an overlay"),
        ("info: {}", "this is not an OpenAPI document"),
        ("[a]", "this is not an OpenAPI document"),
    ] {
        let Err(Error::Document(problems)) = generate(&format!("{head}\n")) else { panic!("{head} is refused") };
        assert!(problems[0].message.starts_with(expected), "{head}: {}", problems[0].message);
        assert_eq!(problems[0].line, 1);
    }
}

#[test]
fn a_document_of_webhooks_says_so() {
    let text = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\nwebhooks: { new: { post: { responses: {} } } }\n";
    assert_eq!(told(text), ["3: this document has webhooks alone"]);
    assert_eq!(told("openapi: 3.1.0\ninfo: {}\ncomponents: {}\n"), ["1: this document has no operations"]);
}

#[test]
fn methods_of_3_2_become_functions() {
    let generated = quietly(
        "openapi: 3.2.0
info: { title: t, version: '1' }
paths:
  /pets:
    query:
      operationId: findPets
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
      responses: { '200': { content: { application/json: { schema: { type: array, items: { type: string } } } } } }
    additionalOperations:
      LINK: { operationId: linkPets, responses: { '204': { description: ok } } }
",
    );
    assert_has(
        &generated,
        &[
            "Request::with_method(\"QUERY\", \"findPets\", \"/pets\")",
            "-> Query<Vec<String>>",
            "Request::with_method(\"LINK\", \"linkPets\", \"/pets\")",
            "-> Mutation<()>",
            "`QUERY /pets`",
        ],
    );
    let odd = "openapi: 3.2.0\ninfo: {}\npaths:\n  /a:\n    additionalOperations:\n      'A B': { responses: {} }\n";
    assert_eq!(told(odd), ["6: \"A B\" is no method of HTTP"]);
}

#[test]
fn parts_of_3_2_are_found() {
    let generated = quietly(
        "openapi: 3.2.0
info: { title: t, version: '1' }
paths:
  /pets:
    $ref: '#/components/pathItems/Pets'
    parameters:
      - { name: session, in: cookie, style: cookie, schema: { type: string } }
components:
  pathItems:
    Pets:
      get:
        operationId: listPets
        parameters:
          - name: all
            in: querystring
            content: { application/x-www-form-urlencoded: { schema: { $ref: '#/components/schemas/Filter' } } }
        responses: { '200': { content: { application/json: { $ref: '#/components/mediaTypes/Names' } } } }
  mediaTypes:
    Names: { schema: { type: array, items: { type: string } } }
  schemas:
    Filter: { type: object, properties: { name: { type: string } } }
",
    );
    assert_has(
        &generated,
        &[
            "-> Query<Vec<String>>",
            ".query_param(\"all\", &params.all)",
            "pub struct Filter",
            ".cookie_param(\"session\"",
        ],
    );
}

#[test]
fn parts_of_3_1_are_found() {
    let generated = quietly(
        "openapi: 3.1.0
jsonSchemaDialect: https://json-schema.org/draft/2020-12/schema
info: { title: t, version: '1' }
paths:
  /pets:
    get:
      operationId: getPet
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#pet' } } } } }
components:
  schemas:
    Animal:
      $anchor: pet
      type: object
      properties:
        owner: { $ref: '#/components/schemas/Animal/$defs/Owner' }
        kind: { $ref: https://example.com/kind }
      $defs:
        Owner: { type: object, properties: { name: { type: [string, 'null'] } } }
    Kind:
      $id: https://example.com/kind
      type: object
      properties: { a: { $ref: '#/$defs/Part' } }
      $defs: { Part: { type: object, properties: { b: { type: integer } } } }
",
    );
    assert_has(&generated, &["-> Query<Animal>", "pub struct Owner", "pub owner: Option<Owner>", "pub struct Part"]);
}

#[test]
fn all_of_swagger_2_is_carried_over() {
    let generated = quietly(
        "swagger: '2.0'
info: { title: t, version: '1' }
host: api.example.com
basePath: /v1
schemes: [http, https]
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  basic: { type: basic }
  key: { type: apiKey, in: header, name: X-Key }
  oauth: { type: oauth2, flow: accessCode, authorizationUrl: https://a.example.com, tokenUrl: https://t.example.com, scopes: { read: Read } }
parameters:
  id: { name: id, in: path, required: true, type: integer }
  pet: { name: pet, in: body, required: true, schema: { $ref: '#/definitions/Pet' } }
responses:
  pet: { description: ok, schema: { $ref: '#/definitions/Pet' } }
paths:
  /pets/{id}:
    parameters: [{ $ref: '#/parameters/id' }]
    get:
      operationId: getPet
      parameters:
        - { name: a, in: query, type: array, items: { type: string }, collectionFormat: multi }
        - { name: b, in: query, type: array, items: { type: string } }
        - { name: c, in: query, type: array, items: { type: string }, collectionFormat: ssv }
      responses: { '200': { $ref: '#/responses/pet' } }
    put:
      operationId: putPet
      parameters: [{ $ref: '#/parameters/pet' }]
      responses: { '200': { $ref: '#/responses/pet' } }
    post:
      operationId: photo
      parameters:
        - { name: note, in: formData, type: string }
      responses: { '200': { description: ok, schema: { type: file } } }
definitions:
  Pet:
    type: object
    discriminator: kind
    required: [kind]
    properties: { kind: { type: string }, name: { type: string } }
  Cat:
    allOf: [{ $ref: '#/definitions/Pet' }, { type: object, properties: { lives: { type: integer } } }]
",
    );
    assert_has(
        &generated,
        &[
            ".query_param(\"a\", &params.a)",
            ".query_param_as(Style::Form, \"b\", &params.b)",
            ".query_param_as(Style::SpaceDelimited, \"c\", &params.c)",
            "pub fn put_pet(id: i64, body: &Pet) -> Mutation<Pet>",
            "Bytes",
            "Cat",
        ],
    );
}

#[test]
fn slips_of_yaml_are_mended_and_told_of() {
    let text = "openapi: 3.0.3
info: { title: t, version: 1.10 }
paths:
  /a:
    get:
      operationId: 12
      deprecated: yes
      parameters:
        - { name: on, in: query, required: 'no', schema: { type: string, enum: [yes, no, true, 1.0] } }
      responses: { '204': { description: ok } }
components:
  schemas:
    A: { type: object, properties: { required: { type: string }, deprecated: { type: string } }, example: { required: yes } }
    B: { additionalProperties: no }
";
    let generated = generate(text).expect("it generates");
    let told: Vec<String> =
        generated.warnings.iter().map(|warning| format!("{}: {}", warning.line, warning.message)).collect();
    assert_eq!(
        told,
        [
            "6: `12` is not text, and `operationId` is",
            "7: `yes` is text, and `deprecated` is `true` or `false`",
            "9: `no` is text, and `required` is `true` or `false`",
            "9: `true` is not text, and what `enum` lists is",
            "9: `1.0` is not text, and what `enum` lists is",
            "14: `no` is text, and `additionalProperties` is `true` or `false`",
        ]
    );
    assert_eq!(generated.plan.version, "1.10");
    assert_eq!(generated.plan.operations[0].id, "12");
    assert_has(&generated, &["#[deprecated", "\"1.0\"", "\"true\"", "\"no\""]);
}

#[test]
fn yaml_tags_and_merges_are_read() {
    let generated = quietly(
        "openapi: 3.0.3
info: { title: t, version: !!str 1 }
x-base: &base { '204': { description: ok } }
paths:
  /a: { get: { operationId: !!str a, responses: { <<: *base } } }
",
    );
    assert_eq!(generated.plan.operations.len(), 1);
    let text = format!("openapi: 3.0.3\ninfo: !include info.yaml\n{OPERATION}");
    assert_eq!(told(&text), ["2: the YAML tag `!include` means nothing in an OpenAPI document"]);
}
