//! Documents that somebody made to hurt: each ends, in bounded time and memory, in code or in an error with its place.

use std::fs;
use std::path::Path;

use larder_codegen::{Error, Generated, Generator};

fn generate(name: &str, text: impl AsRef<[u8]>) -> Result<Generated, Error> {
    with(name, text, Generator::generate)
}

fn with<T>(name: &str, text: impl AsRef<[u8]>, then: impl FnOnce(&Generator) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("the document can be written");
    then(&Generator::new(path))
}

/// The first problem of a document that is refused: where it is, and what.
fn refusal(name: &str, text: impl AsRef<[u8]>) -> String {
    match generate(name, text) {
        Err(Error::Document(problems)) => {
            let problem = &problems[0];
            assert!(problem.to_string().len() < 5_000, "a message is short");
            assert!(!problem.message.is_empty() && !problem.help.is_empty(), "{problem:?}");
            format!("{}:{}: {}", problem.line, problem.column, problem.message)
        }
        Err(error) => error.to_string(),
        Ok(_) => panic!("{name} is not refused"),
    }
}

const HEAD: &str = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\n";

/// A document in which an operation answers with the schema `S0`, and with these schemas.
fn with_schemas(schemas: &str) -> String {
    format!(
        "{HEAD}paths:
  /a:
    get:
      operationId: getA
      responses: {{ '200': {{ description: ok, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/S0' }} }} }} }} }}
components:
  schemas:
{schemas}"
    )
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = 100_000;
    for (name, open, inner, close) in [
        ("arrays.json", "[", "", "]"),
        ("objects.json", "{\"a\":", "1", "}"),
        ("half.json", "[", "", ""),
        ("flow.yaml", "[", "", "]"),
        ("flow-maps.yaml", "{a: ", "1", "}"),
        ("lists.yaml", "- ", "a", ""),
        ("keys.yaml", "? ", "a", ""),
        ("both.yaml", "- [", "", "]"),
    ] {
        let text = format!("{HEAD}x: \n  {}{inner}{}", open.repeat(deep), close.repeat(deep));
        let text = if name.ends_with("json") { text[HEAD.len() + 6..].to_owned() } else { text };
        let told = refusal(name, text);
        assert!(
            told.contains("deep")
                || told.contains("recursion limit")
                || told.contains("plain text")
                || told.contains("valid"),
            "{name}: {told}"
        );
    }
    let block = (0..1_000).fold(HEAD.to_owned(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    assert!(refusal("block.yaml", block).contains("deep"));
}

#[test]
fn aliases_of_aliases_cost_what_they_measure() {
    let mut bomb = "    Bomb: &a0 { enum: [x, x] }\n".to_owned();
    for level in 1..64 {
        bomb.push_str(&format!(
            "    B{level}: &a{level} {{ enum: [*a{0}, *a{0}, *a{0}], allOf: [*a{0}, *a{0}] }}\n",
            level - 1
        ));
    }
    let text = with_schemas(&format!("{bomb}    S0: {{ properties: {{ a: *a63, b: *a62 }}, default: *a63 }}\n"));
    assert_eq!(generate("bomb.yaml", &text).expect("it generates").plan.operations.len(), 1);
    let told =
        with("bomb.yaml", &text, |generator| generator.effective_document().expect_err("it is too large").to_string());
    assert!(told.contains("too large to be written out"), "{told}");
    let overlay = "overlay: 1.0.0\nactions: [{ target: $.info, update: { title: new } }]\n";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("overlay.yaml");
    fs::write(&path, overlay).expect("a file");
    let told = with("bomb.yaml", &text, |generator| {
        generator.clone().overlay(&path).generate().expect_err("it is too large").to_string()
    });
    assert!(told.contains("copied too often"), "{told}");
    let chain =
        (1..50_000).fold("x-0: &a0 [x]\n".to_owned(), |text, at| text + &format!("x-{at}: &a{at} [*a{}]\n", at - 1));
    let text = format!("{HEAD}{chain}paths: {{}}\n");
    assert!(generate("chain.yaml", &text).is_ok());
    with("chain.yaml", &text, |generator| generator.effective_document().expect_err("it is too deep"));
}

#[test]
fn references_multiply_nothing() {
    let mut schemas = String::new();
    for level in 0..60 {
        let next = level + 1;
        schemas.push_str(&format!(
            "    S{level}: {{ allOf: [{{ $ref: '#/components/schemas/S{next}' }}, {{ $ref: '#/components/schemas/S{next}' }}] }}\n"
        ));
    }
    schemas.push_str("    S60: { type: object, properties: { a: { type: string } } }\n");
    assert_eq!(generate("laughs.yaml", with_schemas(&schemas)).expect("it generates").plan.operations.len(), 1);
    for keyword in ["oneOf", "anyOf"] {
        let schemas = schemas.replace("allOf", keyword);
        assert!(generate("laughs.yaml", with_schemas(&schemas)).is_ok(), "{keyword}");
    }
}

#[test]
fn circles_of_references_end() {
    let long: String =
        (0..200).map(|at| format!("    S{at}: {{ $ref: '#/components/schemas/S{}' }}\n", (at + 1) % 200)).collect();
    for schemas in [
        "    S0: { $ref: '#/components/schemas/S0' }\n",
        "    S0: { $ref: '#/components/schemas/S1' }\n    S1: { $ref: '#/components/schemas/S0' }\n",
        "    S0: { allOf: [{ $ref: '#/components/schemas/S0' }] }\n",
        "    S0: { oneOf: [{ $ref: '#/components/schemas/S0' }, { type: string }] }\n",
        "    S0: { properties: { a: { $ref: '#/components/schemas/S0' } }, required: [a] }\n",
        "    S0: { type: array, items: { $ref: '#/components/schemas/S0' } }\n",
        "    S0: { additionalProperties: { $ref: '#/components/schemas/S0' } }\n",
        "    S0: { $ref: '#' }\n",
        "    S0: { $ref: '#/components/schemas' }\n",
        "    S0: { $ref: '#/paths/~1a' }\n",
        "    S0: { $dynamicRef: '#S0', $dynamicAnchor: S0 }\n",
        &long,
    ] {
        let text = with_schemas(schemas);
        assert!(generate("circle.yaml", &text).is_ok(), "{schemas}");
        with("circle.yaml", &text, |generator| generator.effective_document().expect("references stay references"));
    }
    let items = format!("{HEAD}paths: {{ /a: {{ $ref: '#/paths/~1b' }}, /b: {{ $ref: '#/paths/~1a', get: {{}} }} }}\n");
    assert!(generate("items.yaml", items).is_ok());
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.yaml");
    // No byte of it is on the disk.
    fs::File::create(&path).and_then(|file| file.set_len(200 << 20)).expect("a file");
    assert!(matches!(Generator::new(&path).generate(), Err(Error::TooLarge { .. })));
    let root = folder.path().join("openapi.yaml");
    fs::write(&root, with_schemas("    S0: { $ref: '../large.yaml' }\n").replace("../", "")).expect("a file");
    let generated = Generator::new(&root).generate().expect("the rest generates");
    assert!(generated.warnings[0].message.contains("is too large"), "{:?}", generated.warnings);
}

#[test]
fn many_and_long_names_are_borne() {
    let many =
        (0..200_000).fold("{\"openapi\": \"3.0.0\", \"paths\": {}, \"x\": {\"a\": 0".to_owned(), |mut text, at| {
            text.push_str(&format!(",\"k{at}\":0"));
            text
        });
    assert!(generate("many.json", many + "}}").is_ok());
    let long = "k".repeat(10 << 20);
    assert!(generate("long.json", format!("{{\"openapi\": \"3.0.0\", \"paths\": {{}}, \"{long}\": 1}}")).is_ok());
    let told = refusal("twice.json", format!("{{\"openapi\": \"3.0.0\", \"{long}\": 1, \"{long}\": 2}}"));
    assert!(told.contains("is written twice"), "{}", told.len());
    let text = with_schemas("    S0: { $ref: '#/components/schemas/LONG' }\n").replace("LONG", &long);
    let generated = generate("long.yaml", text).expect("it generates");
    assert!(generated.warnings[0].to_string().len() < 5_000);
}

#[test]
fn what_is_no_text_is_told_apart() {
    let utf16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let document = with_schemas("    S0: { type: string }\n");
    for text in [
        document.clone().into_bytes(),
        format!("\u{feff}{document}").into_bytes(),
        document.replace('\n', "\r\n").into_bytes(),
        utf16(&document),
    ] {
        let generated = generate("a.yaml", text).expect("it generates");
        assert!(generated.warnings.is_empty(), "{:?}", generated.warnings);
    }
    for (name, text, expected) in [
        ("a.yaml", &b""[..], "1:1: the document is empty"),
        ("a.yaml", b"# nothing\n", "1:1: the document is empty"),
        ("a.yaml", b"\x7fELF\x02\x01\x01\x00\xff", "byte 8 begins no character"),
        ("a.yaml", b"a: b\x00c\n", "1:5: unexpected character"),
        ("a.yaml", b"a:\n\tb: 1\n", "2:2: tabs disallowed"),
        ("a.yaml", b"a: 1\n---\nb: 1\n", "2:1: a second YAML document starts here"),
        ("a.yaml", b"a: *b\n", "1:4: while parsing node, found unknown anchor"),
        ("a.yaml", b"a: &a [*a]\n", "1:8: this alias stands inside its own anchor"),
        ("a.yaml", b"[a]: 1\n", "1:1: a key must be plain text"),
        ("a.yaml", b"a: 1\nb: 2\na: 3\n", "3:1: the key `a` is written twice"),
        ("a.json", b"{\"a\": 1,}", "1:9: expected a key in quotes, but found `}`"),
        ("a.json", b"{\"a\": [1,]}", "1:10: expected a value, but found `]`"),
        ("a.json", b"{\"a\": 1 // one\n}", "1:9: expected `,` or `}`, but found `/`"),
        ("a.json", b"{\"a\": \"\\ud800\"}", "1:7: this string cannot be read: "),
        ("a.json", b"{\"a\": \"\x00\"}", "1:7: this string cannot be read: control character"),
        ("a.json", b"{\"a\": 01}", "1:7: `01` is not a number"),
        ("a.json", b"{\"a\": .5}", "1:7: expected a value"),
        ("a.json", b"{\"a\": 1", "1:8: expected `,` or `}`, but the text ends"),
        ("a.json", b"{\"a\": 1} x", "1:10: expected the end of the document"),
        ("a.json", b"{'a': 1}", "1:2: expected a key in quotes"),
    ] {
        let told = refusal(name, text);
        assert!(told.contains(expected), "{:?}: {told}", String::from_utf8_lossy(text));
    }
    let folder = tempfile::tempdir().expect("a folder");
    for path in [folder.path(), &folder.path().join("none.yaml"), Path::new("/dev/null")] {
        assert!(Generator::new(path).generate().is_err(), "{}", path.display());
    }
}

#[test]
fn numbers_that_json_cannot_keep_cost_nothing_until_they_count() {
    let schemas = |keyword: &str| with_schemas(&format!("    S0: {{ type: number, {keyword} }}\n"));
    for text in
        ["maximum: 1e999", "minimum: -99999999999999999999999", "example: 1e999", "x-a: 123456789012345678901234567890"]
    {
        let generated = generate("a.yaml", schemas(text)).expect("it generates");
        assert!(generated.warnings.is_empty(), "{text}: {:?}", generated.warnings);
    }
    for text in ["enum: [1e999, 1]", "const: 99999999999999999999999", "default: 0.12345678901234567890123"] {
        let generated = generate("a.yaml", schemas(text)).expect("it generates");
        assert!(generated.warnings[0].message.contains("more digits than"), "{text}: {:?}", generated.warnings);
    }
    let json = r#"{"openapi": "3.0.0", "paths": {}, "x": [1e999, -1E+999, 99999999999999999999999, 1.5]}"#;
    let value = with("a.json", json, |generator| generator.effective_document()).expect("it is written");
    assert_eq!(value["x"], serde_json::json!([f64::MAX, f64::MIN, 1e23, 1.5]));
}

#[test]
fn paths_of_overlays_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("overlay.yaml");
    for target in [
        "$[?".to_owned() + &"(".repeat(1_900),
        "$".to_owned() + &"[0]".repeat(100_000),
        "$".to_owned() + &"..*".repeat(6),
        "$[?match(@.a, '(a*)*(a*)*b')]".to_owned(),
    ] {
        let target = serde_json::to_string(&target).expect("JSON");
        fs::write(&path, format!("overlay: 1.1.0\nactions: [{{ target: {target}, update: {{}} }}]\n")).expect("a file");
        let _ = with("a.yaml", with_schemas("    S0: { type: string }\n"), |generator| {
            generator.clone().overlay(&path).generate()
        });
    }
}
