//! What a document says by example survives the types: read and written, it is the same JSON.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use larder_corpus::{Scratch, Trip, UNDECLARED, prepare};

/// Real documents that are small and have examples; `cargo xtask corpus --examples` takes them all.
const SMALL: [&str; 4] = ["petstore3.yaml", "realworld.yaml", "museum31.yaml", "train-travel31.json"];

/// Every kind of example in every place where one can stand.
const DOCUMENT: &str = r##"
openapi: 3.0.3
info: { title: Examples, version: "1" }
paths:
  /things/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string, format: uuid }, example: 6ba7b810-9dad-11d1-80b4-00c04fd430c8 }
      - { name: sort, in: query, schema: { type: string, enum: [up, down], default: up } }
    put:
      operationId: putThing
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Thing" }
            examples:
              sent: { value: { name: n, secret: s } }
              read_only_is_not_sent: { value: { id: 1, name: n } }
      responses:
        "200":
          description: It.
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Thing" }
              examples:
                named: { $ref: "#/components/examples/Thing" }
                not_valid: { value: { name: 7 } }
components:
  examples:
    Thing: { value: { id: 9007199254740993, name: n, none: null, size: 2, when: "2024-02-30T99:00", extra: { a: [1, null] } } }
  schemas:
    Thing:
      type: object
      required: [name]
      additionalProperties: true
      properties:
        id: { type: integer, format: int64, readOnly: true, example: 9007199254740993 }
        name: { type: string, example: "" }
        secret: { type: string, writeOnly: true }
        none: { type: string, nullable: true, example: null }
        size: { type: number, example: 0.1 }
        when: { type: string, format: date-time, example: 2024-01-01T00:00:00.000+01:00 }
        pet: { $ref: "#/components/schemas/Pet" }
        many:
          type: array
          items: { anyOf: [{ type: integer }, { type: string }, { $ref: "#/components/schemas/Cat" }] }
          example: [1, "1", { kind: cat, lives: 9 }]
    Pet:
      oneOf: [{ $ref: "#/components/schemas/Cat" }, { $ref: "#/components/schemas/Dog" }]
      discriminator: { propertyName: kind, mapping: { cat: "#/components/schemas/Cat", dog: "#/components/schemas/Dog" } }
      example: { kind: dog, name: Rex }
    Cat: { type: object, required: [kind], properties: { kind: { type: string, enum: [cat] }, lives: { type: integer, default: 9 } } }
    Dog: { type: object, required: [kind], properties: { kind: { type: string, enum: [dog] }, name: { type: string } } }
"##;

fn root() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("the repository is there")
}

fn trip(document: &Path) -> Trip {
    let scratch = Scratch::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("round-trip"), root());
    let prepared = prepare(document, false).unwrap_or_else(|error| panic!("{error}"));
    prepared.run(document, &scratch).unwrap_or_else(|error| panic!("{}: {error}", document.display()))
}

#[test]
fn valid_examples_come_back_as_they_went_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = folder.path().join("examples.yaml");
    fs::write(&document, DOCUMENT).expect("it can be written");
    let trip = trip(&document);
    assert!(trip.exceptions.is_empty(), "{:#?}", trip.exceptions);
    // All but the two that are not valid: a number as a name, and what only the server may say.
    assert_eq!((trip.found, trip.unasked, trip.valid), (14, 0, 12), "{trip:#?}");
}

#[test]
fn examples_of_real_documents_lose_nothing_that_is_declared() {
    let Some(folder) = env::var_os("LARDER_SPECS") else {
        assert!(env::var_os("CI").is_none(), "LARDER_SPECS is not set: real documents must not be left out in CI");
        eprintln!("left out: real documents (LARDER_SPECS is not set)");
        return;
    };
    for name in SMALL {
        let document = root().join(&folder).join(name);
        let trip = trip(&document);
        assert!(trip.valid > 0, "{name} has examples");
        // A struct has no place for what its schema does not name.
        let lost: Vec<_> = trip.exceptions.iter().filter(|exception| exception.kind != UNDECLARED).collect();
        assert!(lost.is_empty(), "{name}: {lost:#?}");
    }
}
