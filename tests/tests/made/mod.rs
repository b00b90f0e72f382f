//! A document, and a plan for it that is made by hand: tags of every kind, with parts from everywhere.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use larder_codegen::Generator;
use larder_codegen::plan::{Plan, Scope, Source, Tag, Write};

const DOCUMENT: &str = "openapi: 3.1.0
info: { title: t, version: '1' }
paths:
  /buckets/{bucket}/records:
    parameters: [{ name: bucket, in: path, required: true, schema: { type: string } }]
    get:
      operationId: listRecords
      parameters:
        - { name: kind, in: query, schema: { type: array, items: { type: string } } }
        - { name: X-Team, in: header, schema: { type: integer } }
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Page' } } } } }
    post:
      operationId: importRecords
      requestBody:
        content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Record' } } } }
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Made' } } } } }
  /buckets/{bucket}/records/{id}:
    parameters:
      - { name: bucket, in: path, required: true, schema: { type: string } }
      - { name: id, in: path, required: true, schema: { type: integer } }
    get:
      operationId: getRecord
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Record' } } } } }
    put:
      operationId: putRecord
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: '#/components/schemas/Record' } } }
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Record' } } } } }
  /shapes:
    get:
      operationId: listShapes
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Shapes' } } } } }
  /events:
    get:
      operationId: events
      responses: { '200': { description: ok, content: { application/x-ndjson: { schema: { $ref: '#/components/schemas/Record' } } } } }
  /anything:
    post:
      operationId: anything
      requestBody: { required: true, content: { application/json: { schema: {} } } }
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Record' } } } }
        '202': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Made' } } } }
  /text:
    get:
      operationId: text
      parameters: [{ name: team, in: query, required: true, schema: { type: string } }]
      responses: { '200': { description: ok, content: { text/plain: { schema: { type: string } } } } }
components:
  schemas:
    Page:
      type: object
      properties:
        data: { type: array, items: { $ref: '#/components/schemas/Record' } }
        free: {}
    Record:
      type: object
      required: [id, bucket, level]
      properties:
        id: { type: integer }
        bucket: { type: string }
        level: { type: integer, enum: [1, 2] }
        state: { type: string, enum: [open, done] }
        owner: { oneOf: [{ $ref: '#/components/schemas/Person' }, { type: 'null' }] }
        watchers: { type: object, additionalProperties: { $ref: '#/components/schemas/Person' } }
        tags: { type: array, items: { type: string } }
        pair: { type: array, prefixItems: [{ type: integer }, { type: string }], minItems: 2, maxItems: 2, items: false }
    Person: { type: object, required: [login], properties: { login: { type: string }, team: { type: [integer, 'null'] } } }
    Made: { type: object, required: [ids], properties: { ids: { type: array, items: { type: integer } } } }
    Shapes:
      type: array
      items:
        oneOf: [{ $ref: '#/components/schemas/Circle' }, { $ref: '#/components/schemas/Square' }]
    Circle: { type: object, required: [circle_id, radius], properties: { circle_id: { type: integer }, radius: { type: number } } }
    Square: { type: object, required: [square_id, side], properties: { square_id: { type: string }, side: { type: number } } }
";

fn source(text: &str) -> Source {
    let (place, rest) = text.split_once('.').unwrap_or(("", text));
    let rest = rest.to_owned();
    match place {
        "path" => Source::Path { name: rest },
        "query" => Source::Query { name: rest },
        "header" => Source::Header { name: rest },
        "body" => Source::Body { pointer: rest },
        "response" => Source::Response { pointer: rest },
        _ => Source::Value { value: rest },
    }
}

fn tag(tag_type: &str, scope: Scope) -> Tag {
    let tag_type = tag_type.to_owned();
    Tag { tag_type, scope, reference: false, gone: false, from_args: false, confidence: 1.0, why: String::new() }
}

fn id(tag_type: &str, parts: &[&str]) -> Tag {
    tag(tag_type, Scope::Id { id: parts.iter().copied().map(source).collect() })
}

fn list(tag_type: &str, constraints: &[(&str, &str)]) -> Tag {
    let list = constraints.iter().map(|(name, from)| ((*name).to_owned(), source(from))).collect();
    tag(tag_type, Scope::List { list, filtered: false })
}

/// Each operation's tags, in place of those that are inferred.
fn made(plan: &mut Plan) {
    for operation in &mut plan.operations {
        (operation.provides, operation.invalidates, operation.writes) = (Vec::new(), Vec::new(), Vec::new());
        match operation.id.as_str() {
            "listRecords" => {
                operation.provides = vec![
                    id("Record", &["path.bucket", "response./data/*/id"]),
                    id("Level", &["response./data/*/level", "path.bucket", "response./data/*/state"]),
                    id("Level", &["fixed", "response./data/*/level"]),
                    id("Person", &["response./data/*/owner/login"]),
                    id("Seat", &["response./data/*/watchers/*/login", "response./data/*/watchers/*/team"]),
                    id("Watching", &["response./data/*/id", "response./data/*/watchers/*/login"]),
                    id("Label", &["response./data/*/tags/*"]),
                    id("Label", &["response./data/*/tags"]),
                    id("Kind", &["query.kind"]),
                    id("Kind", &["query.kind", "header.X-Team", "fixed"]),
                    id("Pair", &["response./data/*/pair/1"]),
                    id("Free", &["response./free/*/x"]),
                    id("Free", &["path.bucket", "response./free"]),
                    list("Record", &[("bucket", "path.bucket"), ("kind", "query.kind"), ("team", "header.X-Team")]),
                    list(
                        "Record",
                        &[("bucket", "path.bucket"), ("state", "response./data/*/state"), ("by", "response./free/*/x")],
                    ),
                    list(
                        "Seat",
                        &[
                            ("login", "response./data/*/watchers/*/login"),
                            ("level", "response./data/*/level"),
                            ("shows", "ids"),
                        ],
                    ),
                    Tag { reference: true, ..id("Bucket", &["response./data/*/bucket"]) },
                ];
            }
            "importRecords" => {
                operation.invalidates = vec![
                    Tag { gone: true, ..id("Record", &["path.bucket", "body./*/id"]) },
                    Tag { reference: true, ..id("Record", &["path.bucket", "response./ids/*"]) },
                    id("Record", &["body./*/id"]),
                    id("Made", &["response./ids"]),
                    id("Watching", &["body./*/id", "body./*/watchers/*/login"]),
                    list("Record", &[("tag", "body./*/tags/*"), ("made", "response./ids")]),
                    tag(
                        "Record",
                        Scope::List { list: [("state".to_owned(), source("body./*/state"))].into(), filtered: true },
                    ),
                    tag("Anything", Scope::Type {}),
                ];
            }
            "putRecord" => {
                let args = |bucket| -> BTreeMap<_, _> {
                    [("bucket".to_owned(), source(bucket)), ("id".to_owned(), source("response./id"))].into()
                };
                let write =
                    |bucket| Write { operation: "getRecord".to_owned(), args: args(bucket), pointer: String::new() };
                operation.writes = vec![write("path.bucket"), write("body./bucket"), write("response./bucket")];
                // None of these can be said as a call of the query.
                operation.writes.push(Write { pointer: "/part".to_owned(), ..write("path.bucket") });
                operation.writes.push(write("body./owner/login"));
                operation.writes.push(write("response./state"));
                operation.writes.push(Write { args: BTreeMap::new(), ..write("path.bucket") });
                operation.writes.push(Write { operation: "listRecords".to_owned(), ..write("path.bucket") });
                operation.writes.push(Write { operation: "nothing".to_owned(), ..write("path.bucket") });
                operation.invalidates =
                    vec![id("Pair", &["body./pair/0", "response./pair/1"]), id("Label", &["path.id", "body./tags/*"])];
            }
            "listShapes" => {
                operation.provides = vec![
                    id("Circle", &["response./*/circle_id"]),
                    id("Square", &["response./*/square_id"]),
                    list("Circle", &[("radius", "response./*/radius")]),
                ];
            }
            "events" => {
                operation.provides =
                    vec![id("Record", &["response./*/bucket", "response./*/id"]), id("Label", &["response./*/tags/0"])]
            }
            "anything" => {
                operation.invalidates = vec![
                    id("Record", &["body./a/*/id"]),
                    id("Record", &["response./id"]),
                    id("Made", &["response./ids/*"]),
                    list("Record", &[("a", "body./a/*/id"), ("all", "body.")]),
                ];
            }
            "text" => {
                operation.provides =
                    vec![id("Record", &["response./id"]), list("Record", &[("team", "query.team"), ("id", "path.id")])]
            }
            _ => {}
        }
    }
}

pub fn generator() -> Generator {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("made.yaml"), DOCUMENT).expect("it is written");
        folder
    });
    Generator::new(folder.path().join("made.yaml")).replan(made)
}
