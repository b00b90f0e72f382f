//! Overlay documents, and the document as it is after them.

use std::fs;
use std::path::Path;

use larder_codegen::{Error, Generator};
use serde_json::{Value, json};

const DOCUMENT: &str = "openapi: 3.0.3
info: { title: t, version: '1' }
tags: [{ name: a }, { name: b }, { name: c }]
paths:
  /a: &a
    get: { operationId: getA, responses: { '204': { description: ok } } }
  /b:
    get: { operationId: getB, deprecated: true, tags: [x, y], responses: { '204': { description: ok } } }
";

/// A generator for the document with these overlays, and the folder that they are in.
fn generator(document: &str, overlays: &[&str]) -> (tempfile::TempDir, Generator) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    fs::write(&path, document).expect("a file");
    let mut generator = Generator::new(path);
    for (at, overlay) in overlays.iter().enumerate() {
        let path = folder.path().join(format!("overlay{at}.yaml"));
        fs::write(&path, overlay).expect("a file");
        generator = generator.overlay(path);
    }
    (folder, generator)
}

fn overlay(actions: &str) -> String {
    format!("overlay: 1.1.0\ninfo: {{ title: o, version: '1' }}\nactions:\n{actions}\n")
}

fn after(actions: &str) -> Value {
    let (_folder, generator) = generator(DOCUMENT, &[&overlay(actions)]);
    generator.effective_document().unwrap_or_else(|error| panic!("{actions}: {error}"))
}

fn refusal(overlay: &str) -> String {
    let (_folder, generator) = generator(DOCUMENT, &[overlay]);
    match generator.generate() {
        Err(Error::Document(problems)) => {
            let problem = &problems[0];
            assert!(problem.file.ends_with("overlay0.yaml"), "{}", problem.file);
            format!("{}: {}", problem.line, problem.message)
        }
        other => panic!("{overlay} gave {other:?}"),
    }
}

#[test]
fn updates_merge_objects_extend_lists_and_replace_values() {
    let value = after(
        "  - { target: \"$.paths['/a'].get\", update: { summary: S, responses: { '404': { description: none } } } }",
    );
    assert_eq!(
        value["paths"]["/a"]["get"],
        json!({ "operationId": "getA", "responses": { "204": { "description": "ok" }, "404": { "description": "none" } },
                "summary": "S" })
    );
    let tags = |actions: &str| after(actions)["paths"]["/b"]["get"]["tags"].clone();
    assert_eq!(tags("  - { target: \"$.paths['/b'].get.tags\", update: z }"), json!(["x", "y", "z"]));
    assert_eq!(tags("  - { target: \"$.paths['/b'].get.tags\", update: [z, w] }"), json!(["x", "y", "z", "w"]));
    assert_eq!(tags("  - { target: \"$.paths['/b'].get\", update: { tags: [z] } }"), json!(["x", "y", "z"]));
    assert_eq!(after("  - { target: $.info.title, update: new }")["info"]["title"], "new");
    assert_eq!(after("  - { target: $.info, update: { title: new } }")["info"]["title"], "new");
    let every = after("  - { target: '$.paths.*.get', update: { x-a: 1 } }");
    assert_eq!((&every["paths"]["/a"]["get"]["x-a"], &every["paths"]["/b"]["get"]["x-a"]), (&json!(1), &json!(1)));
}

#[test]
fn removals_take_members_and_elements() {
    assert_eq!(after("  - { target: \"$.tags[?@.name != 'b']\", remove: true }")["tags"], json!([{ "name": "b" }]));
    assert_eq!(after("  - { target: '$.tags[0,1]', remove: true }")["tags"], json!([{ "name": "c" }]));
    let paths = &after("  - { target: '$.paths.*[?@.deprecated == true]', remove: true }")["paths"];
    assert_eq!(paths["/b"], json!({}));
    assert_eq!(after("  - { target: $..tags, remove: true }")["paths"]["/b"]["get"].get("tags"), None);
}

#[test]
fn copies_move_what_is_there() {
    let value = after(
        "  - { target: $.paths, update: { /c: {} } }
  - { target: \"$.paths['/c']\", copy: \"$.paths['/b']\" }
  - { target: \"$.paths['/b']\", remove: true }
  - { target: \"$.paths['/c'].get\", update: { operationId: getC } }",
    );
    assert_eq!(value["paths"]["/c"]["get"]["operationId"], "getC");
    assert_eq!(value["paths"].get("/b"), None);
}

#[test]
fn a_change_of_one_place_leaves_its_aliases_alone() {
    let document = DOCUMENT.to_owned() + "  /c: *a\n";
    let (_folder, generator) =
        generator(&document, &[&overlay("  - { target: \"$.paths['/c'].get\", update: { operationId: getC } }")]);
    let generated = generator.generate().expect("it generates");
    let ids: Vec<&str> = generated.plan.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(ids, ["getA", "getB", "getC"]);
    assert!(generated.warnings.is_empty(), "{:?}", generated.warnings);
}

#[test]
fn overlays_are_applied_in_order_and_are_sources() {
    let first = overlay("  - { target: $.info, update: { title: first } }");
    let second = overlay("  - { target: \"$.info[?@ == 'first']\", update: second }");
    let (_folder, generator) = generator(DOCUMENT, &[&first, &second]);
    let generated = generator.generate().expect("it generates");
    assert_eq!(generated.plan.title, "second");
    assert_eq!(generated.sources.len(), 3);
}

#[test]
fn messages_point_into_the_file_that_has_the_mistake() {
    let actions = "  - target: $.paths['/a'].get
    update:
      parameters:
        - $ref: '#/components/parameters/Missing'
  - target: $.paths['/gone']
    remove: true
  - target: $.info
";
    let (_folder, generator) = generator(DOCUMENT, &[&overlay(actions)]);
    let generated = generator.generate().expect("it generates");
    let told: Vec<String> = generated
        .warnings
        .iter()
        .map(|warning| {
            assert!(warning.file.ends_with("overlay0.yaml"));
            format!("{}: {}", warning.line, warning.message)
        })
        .collect();
    assert_eq!(
        told,
        [
            "7: `#/components/parameters/Missing` names nothing in this document",
            "8: this target selects nothing",
            "10: this action does nothing",
        ]
    );
}

#[test]
fn a_broken_overlay_is_an_error_with_its_place() {
    for (actions, expected) in [
        ("  - { target: '$.paths[', update: {} }", "4: this is no JSONPath: "),
        ("  - { target: 7, update: {} }", "4: expected a JSONPath here"),
        ("  - { update: {} }", "4: this action has no `target`"),
        ("  - { target: $, remove: true }", "4: an action cannot remove the whole document"),
        ("  - { target: $, remove: sure }", "4: `remove` is neither `true` nor `false`"),
        (
            "  - { target: $.info, update: 7 }",
            "4: the target holds an object, into which a plain value cannot be merged",
        ),
        ("  - { target: $, update: { info: [] } }", "4: `info` holds an object, into which an array cannot be merged"),
        ("  - { target: $.info, copy: $.paths.* }", "4: `copy` has to select one value, and selects 2"),
        ("  - { target: $.info, copy: $.info, update: {} }", "4: this action has both `update` and `copy`"),
    ] {
        let told = refusal(&overlay(actions));
        assert!(told.starts_with(expected), "{actions}: {told}");
    }
    assert!(refusal("openapi: 3.0.3\n").starts_with("1: this is not an overlay"));
    assert!(refusal("overlay: 2.0.0\n").starts_with("1: this is not an overlay"));
    assert!(refusal("overlay: 1.0.0\nactions: {}\n").starts_with("1: this overlay has no list of `actions`"));
    assert!(refusal("overlay: [\n").contains("unclosed bracket"));
}

#[test]
fn an_overlay_that_doubles_the_document_ends() {
    let double = "  - { target: '$.x', copy: '$.x' }\n".repeat(200);
    let actions = format!("  - {{ target: $, update: {{ x: {{ a: [1, 2, 3] }} }} }}\n{double}");
    assert!(refusal(&overlay(&actions)).contains("copied too often"));
}

#[test]
fn the_effective_document_holds_every_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write(
        "openapi.yaml",
        "openapi: 3.0.3
info: { title: t, version: '1' }
paths:
  /pets: { $ref: pets.yaml }
components:
  schemas:
    Owner: { type: object, properties: { name: { type: string, default: { $ref: data } } } }
",
    );
    write(
        "pets.yaml",
        "get:
  operationId: listPets
  parameters: [{ $ref: 'common.yaml#/limit' }]
  responses: { '200': { $ref: 'common.yaml#/ok' } }
",
    );
    write(
        "common.yaml",
        "limit: { name: limit, in: query, schema: { $ref: '#/Count' } }
Count: { type: integer }
ok: { description: ok, content: { application/json: { schema: { type: array, items: { $ref: Pet.yaml } } } } }
",
    );
    write(
        "Pet.yaml",
        "type: object
properties:
  friends: { type: array, items: { $ref: '#' } }
  owner: { $ref: 'openapi.yaml#/components/schemas/Owner' }
",
    );
    let generator = Generator::new(folder.path().join("openapi.yaml"));
    let value = generator.effective_document().expect("it is bundled");
    assert_eq!(
        value,
        json!({
            "openapi": "3.0.3",
            "info": { "title": "t", "version": "1" },
            "paths": { "/pets": { "get": {
                "operationId": "listPets",
                "parameters": [{ "$ref": "#/components/parameters/limit" }],
                "responses": { "200": { "$ref": "#/components/responses/ok" } }
            } } },
            "components": {
                "schemas": {
                    "Owner": { "type": "object", "properties": { "name": { "type": "string", "default": { "$ref": "data" } } } },
                    "Count": { "type": "integer" },
                    "Pet": { "type": "object", "properties": {
                        "friends": { "type": "array", "items": { "$ref": "#/components/schemas/Pet" } },
                        "owner": { "$ref": "#/components/schemas/Owner" }
                    } }
                },
                "parameters": { "limit": { "name": "limit", "in": "query", "schema": { "$ref": "#/components/schemas/Count" } } },
                "responses": { "ok": { "description": "ok", "content": { "application/json": {
                    "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Pet" } }
                } } } }
            }
        })
    );
    let text = |generator: &Generator| {
        let generated = generator.generate().expect("it generates");
        generated.files.iter().map(|file| file.text.clone()).collect::<Vec<_>>()
    };
    let before = text(&generator);
    fs::write(folder.path().join("openapi.yaml"), value.to_string()).expect("it can be written");
    assert_eq!(text(&generator), before, "what is generated from it is the same");
}

#[test]
fn the_effective_document_gives_the_same_code() {
    for name in ["social", "types", "requests", "tagging"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name).join("openapi.yaml");
        let generator = Generator::new(path);
        let (_folder, again) =
            self::generator(&generator.effective_document().expect("it is written").to_string(), &[]);
        let text = |generator: &Generator| {
            let generated = generator.generate().expect("it generates");
            generated.files.iter().map(|file| file.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(text(&generator), text(&again), "{name}");
    }
}

#[test]
fn the_effective_document_of_2_0_is_3_0() {
    let document = "swagger: '2.0'
info: { title: t, version: '1' }
host: api.example.com
paths:
  /a:
    get: { operationId: getA, responses: { '200': { description: ok, schema: { $ref: '#/definitions/A' } } } }
definitions: { A: { type: object, properties: { a: { $ref: '#/definitions/A' } } } }
";
    let (_folder, generator) = generator(document, &[]);
    let value = generator.effective_document().expect("it is rewritten");
    assert_eq!(value["openapi"], "3.0.3");
    assert_eq!(value["servers"], json!([{ "url": "https://api.example.com" }]));
    let a = json!({ "$ref": "#/components/schemas/A" });
    assert_eq!(value["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"], a);
    assert_eq!(value["components"]["schemas"]["A"]["properties"]["a"], a);
    assert_eq!(value.get("definitions"), None);
}
