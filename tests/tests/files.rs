//! Documents in many files: what references find, what they may not reach, and what is told of them.

use std::fs;
use std::path::{Path, PathBuf};

use larder_codegen::{Error, Generated, Generator};

/// A folder with files in it; the first is the document.
struct Files {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Files {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let root = folder.path().join(files[0].0);
        Files { folder, root }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn generator(&self) -> Generator {
        Generator::new(&self.root)
    }

    fn generate(&self) -> Result<Generated, Error> {
        self.generator().generate()
    }
}

fn text(generated: &Generated) -> String {
    generated.files.iter().map(|file| file.text.as_str()).collect()
}

fn assert_has(generated: &Generated, expected: &[&str]) {
    let text = text(generated);
    for expected in expected {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
}

/// The warnings, one a line: file, line, message.
fn warnings(generated: &Generated) -> Vec<String> {
    let file = |path: &str| Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let line =
        |warning: &larder_codegen::Located| format!("{}:{}: {}", file(&warning.file), warning.line, warning.message);
    generated.warnings.iter().map(line).collect()
}

/// A document with one operation that answers with the schema at `reference`.
fn answering(reference: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{ title: t, version: '1' }}
paths:
  /pets/{{id}}:
    get:
      operationId: getPet
      parameters:
        - {{ name: id, in: path, required: true, schema: {{ type: integer }} }}
      responses:
        '200': {{ description: ok, content: {{ application/json: {{ schema: {{ $ref: '{reference}' }} }} }} }}
"
    )
}

const PET: &str = "type: object\nrequired: [name]\nproperties: { name: { type: string } }\n";

#[test]
fn references_lead_to_files_of_every_shape() {
    let bag = format!("Pet:\n  {}", PET.replace('\n', "\n  "));
    let components = format!("components:\n  schemas:\n    Pet:\n      {}", PET.replace('\n', "\n      "));
    let json = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;
    let anchored = format!("$defs:\n  animal:\n    $anchor: Pet\n    {}", PET.replace('\n', "\n    "));
    for (reference, file, content) in [
        ("schemas/Pet.yaml", "schemas/Pet.yaml", PET),
        ("./schemas/../schemas/Pet.yaml", "schemas/Pet.yaml", PET),
        ("Pet.json", "Pet.json", json),
        ("my%20pets/Pet.yaml", "my pets/Pet.yaml", PET),
        ("Pet.schema.yaml#", "Pet.schema.yaml", PET),
        ("common.yaml#/Pet", "common.yaml", &bag),
        ("common.yaml#/components/schemas/Pet", "common.yaml", &components),
        ("Pet/index.yaml", "Pet/index.yaml", PET),
    ] {
        let files = Files::new(&[("api/openapi.yaml", &answering(reference)), (&format!("api/{file}"), content)]);
        let generated = files.generate().expect("it generates");
        assert_eq!(warnings(&generated), [""; 0], "{reference}");
        assert_has(&generated, &["pub struct Pet {", "pub name: String", "-> Query<Pet>"]);
        let read: Vec<_> = generated.sources.iter().map(|path| path.canonicalize().expect("it is there")).collect();
        let expected =
            [&files.root, &files.path().join("api").join(file)].map(|path| path.canonicalize().expect("it is"));
        assert_eq!(read, expected);
    }
    let files = Files::new(&[("openapi.yaml", &answering("common.yaml#Pet")), ("common.yaml", &anchored)]);
    let generated = files.generate().expect("it generates");
    assert_eq!(warnings(&generated), [""; 0]);
    assert_has(&generated, &["pub struct Pet {"]);
}

#[test]
fn a_files_references_start_from_that_file() {
    let files = Files::new(&[
        (
            "openapi.yaml",
            "openapi: 3.0.3\ninfo: { title: t, version: '1' }\npaths:\n  /pets/{id}: { $ref: paths/pet.yaml }\n",
        ),
        (
            "paths/pet.yaml",
            "parameters: [{ $ref: '../parameters.json#/id' }]
get:
  operationId: getPet
  responses:
    '200': { $ref: '../responses/Pet.yaml' }
    '404': { $ref: '../openapi.yaml#/components/responses/Missing' }
",
        ),
        ("parameters.json", r#"{"id": {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}}"#),
        (
            "responses/Pet.yaml",
            "description: ok\ncontent: { application/json: { schema: { $ref: ../schemas/Pet.yaml } } }\n",
        ),
        (
            "schemas/Pet.yaml",
            "type: object
properties:
  owner: { $ref: '#/$defs/Owner' }
  friends: { type: array, items: { $ref: Pet.yaml } }
  kind: { $ref: Kind.yaml }
$defs:
  Owner: { type: object, properties: { pets: { type: array, items: { $ref: '#' } } } }
",
        ),
        ("schemas/Kind.yaml", "type: string\nenum: [cat, dog]\n"),
    ]);
    let generated = files.generate().expect("it generates");
    let told = warnings(&generated);
    assert_eq!(told, ["pet.yaml:6: `#/components/responses/Missing` names nothing in `../openapi.yaml`"]);
    fs::write(
        &files.root,
        fs::read_to_string(&files.root).expect("it is there")
            + "components: { responses: { Missing: { description: gone } } }\n",
    )
    .expect("it can be written");
    let generated = files.generate().expect("it generates");
    assert_eq!(warnings(&generated), [""; 0]);
    assert_has(
        &generated,
        &[
            "pub fn get_pet(id: i64)",
            "pub struct Pet {",
            "pub struct Owner {",
            "enum Kind",
            "Vec<Part<Pet>>",
            "Option<Owner>",
        ],
    );
    assert_eq!(generated.sources.len(), 6);
}

#[test]
fn a_component_lends_its_name_to_the_file_that_it_stands_for() {
    let root =
        answering("#/components/schemas/Animal") + "components: { schemas: { Animal: { $ref: schemas/pet.yaml } } }\n";
    let files = Files::new(&[("openapi.yaml", &root), ("schemas/pet.yaml", PET)]);
    let generated = files.generate().expect("it generates");
    assert_has(&generated, &["pub struct Animal {", "-> Query<Animal>"]);
    assert!(!text(&generated).contains("struct Pet "), "{}", text(&generated));
}

#[test]
fn a_discriminator_may_name_files() {
    let union = "oneOf: [{ $ref: cat.yaml }, { $ref: dog.yaml }]
discriminator: { propertyName: kind, mapping: { c: cat.yaml, d: ./dog.yaml } }
";
    let variant = |field: &str| {
        format!(
            "type: object\nrequired: [kind]\nproperties: {{ kind: {{ type: string }}, {field}: {{ type: integer }} }}\n"
        )
    };
    let files = Files::new(&[
        ("openapi.yaml", &answering("Pet.yaml")),
        ("Pet.yaml", union),
        ("cat.yaml", &variant("lives")),
        ("dog.yaml", &variant("tricks")),
    ]);
    let generated = files.generate().expect("it generates");
    assert_eq!(warnings(&generated), [""; 0]);
    assert_has(&generated, &["enum Pet", "\"c\"", "\"d\"", "struct Cat", "struct Dog"]);
}

#[test]
fn a_missing_file_costs_what_stands_on_it() {
    for (content, expected) in [
        (None, "`Pet.yaml` cannot be read: No such file or directory (os error 2)"),
        (Some("a: [\n"), "`Pet.yaml` cannot be read: line 1, column 4: unclosed bracket"),
        (
            Some("a: 1\na: 2\n"),
            "`Pet.yaml` cannot be read: line 2, column 1: the key `a` is written twice in one object",
        ),
        (Some(""), "`Pet.yaml` cannot be read: line 1, column 1: the document is empty"),
    ] {
        let root = answering("Pet.yaml").replace("/pets/{id}", "/pets/{id}/a")
            + "  /ok:\n    get: { operationId: ok, responses: { '204': { description: ok } } }\n";
        let mut files = vec![("openapi.yaml", root.as_str())];
        files.extend(content.map(|content| ("Pet.yaml", content)));
        let generated = Files::new(&files).generate().expect("the rest generates");
        let told = warnings(&generated);
        assert!(told[0].starts_with(&format!("openapi.yaml:10: {expected}")), "{told:?}");
        assert!(generated.plan.operations.iter().any(|operation| operation.id == "ok"));
        assert_eq!(generated.sources.len(), 2, "when the file changes, or comes to be, so may the code");
    }
}

#[test]
fn references_do_not_leave_the_folder() {
    for reference in [
        "../secret.yaml",
        "../../etc/passwd",
        "/etc/passwd",
        "..%2Fsecret.yaml",
        "a/../../secret.yaml",
        "link.yaml",
        "folder/secret.yaml",
    ] {
        let files =
            Files::new(&[("api/openapi.yaml", &answering(reference)), ("secret.yaml", PET), ("api/a/b.yaml", PET)]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(files.path().join("secret.yaml"), files.path().join("api/link.yaml")).expect("a link");
            symlink(files.path(), files.path().join("api/folder")).expect("a link");
        }
        let generated = files.generate().expect("it generates");
        let told = warnings(&generated).join("\n");
        assert!(told.contains(&format!("`{reference}` leads out of the document's folder")), "{reference}: {told}");
        assert_eq!(generated.sources.len(), 1, "{reference}");
        assert!(!text(&generated).contains("struct Secret"));
    }
    let files = Files::new(&[("api/openapi.yaml", &answering("../shared/Pet.yaml")), ("shared/Pet.yaml", PET)]);
    let generated =
        files.generator().allow_references_to(files.path().join("shared")).generate().expect("it generates");
    assert_eq!(warnings(&generated), [""; 0]);
    assert_has(&generated, &["-> Query<Pet>"]);
}

#[test]
fn the_network_is_not_read() {
    for reference in
        ["https://example.com/Pet.yaml", "http://localhost:1/Pet.yaml#/Pet", "file:///etc/passwd", "urn:pet:1"]
    {
        let generated = Files::new(&[("openapi.yaml", &answering(reference))]).generate().expect("it generates");
        let told = warnings(&generated);
        assert!(told[0].starts_with("openapi.yaml:10: "), "{told:?}");
        assert!(told[0].contains("is on the network") || told[0].contains("names no file"), "{told:?}");
    }
}

#[test]
fn what_a_document_calls_itself_is_a_name_for_its_file() {
    let root = answering("https://example.com/api/schemas/Pet.yaml") + "$self: https://example.com/api/openapi.yaml\n";
    let files = Files::new(&[("openapi.yaml", &root), ("schemas/Pet.yaml", PET)]);
    assert_eq!(warnings(&files.generate().expect("it generates")), [""; 0]);
    let id = format!("$id: https://example.com/schemas/Pet\n{PET}");
    let root = answering("https://example.com/schemas/Pet")
        + "components: { schemas: { Other: { $ref: schemas/Pet.yaml } } }\n";
    let files = Files::new(&[("openapi.yaml", &root), ("schemas/Pet.yaml", &id)]);
    assert_eq!(warnings(&files.generate().expect("it generates")), [""; 0]);
}

#[test]
fn circles_through_files_end() {
    let files = Files::new(&[
        ("openapi.yaml", &answering("a.yaml")),
        ("a.yaml", "$ref: b.yaml\n"),
        ("b.yaml", "$ref: c.yaml\n"),
        ("c.yaml", "$ref: a.yaml\n"),
    ]);
    let generated = files.generate().expect("it generates");
    assert!(warnings(&generated).iter().any(|told| told.contains("nothing but itself")), "{:?}", warnings(&generated));
}

#[test]
fn a_name_that_only_the_root_document_has_is_taken_from_there() {
    let root = answering("Pet.yaml")
        + "components: { schemas: { Owner: { type: object, properties: { a: { type: string } } } } }\n";
    let pet = "type: object\nproperties:\n  owner: { $ref: '#/components/schemas/Owner' }\n";
    let generated = Files::new(&[("openapi.yaml", &root), ("Pet.yaml", pet)]).generate().expect("it generates");
    assert_eq!(warnings(&generated), ["Pet.yaml:3: this reference names nothing in its own file"]);
    assert_has(&generated, &["pub owner: Option<Owner>"]);
}

#[test]
fn swagger_2_in_many_files_is_read() {
    let files = Files::new(&[
        (
            "swagger.yaml",
            "swagger: 2.0\ninfo: { title: t, version: '1' }\nconsumes: [application/json]\npaths:\n  /pets: { $ref: paths/pets.yaml }\n",
        ),
        (
            "paths/pets.yaml",
            "post:
  operationId: addPet
  parameters: [{ $ref: '../parameters.yaml#/PetBody' }]
  responses: { '200': { $ref: '../responses.yaml#/Pet' } }
",
        ),
        (
            "parameters.yaml",
            "PetBody: { name: body, in: body, required: true, schema: { $ref: definitions/Pet.yaml } }\n",
        ),
        ("responses.yaml", "Pet: { description: ok, schema: { $ref: definitions/Pet.yaml } }\n"),
        ("definitions/Pet.yaml", PET),
    ]);
    let generated = files.generate().expect("it generates");
    assert_eq!(warnings(&generated), [""; 0]);
    assert_has(&generated, &["pub fn add_pet(body: &Pet) -> Mutation<Pet>"]);
}
