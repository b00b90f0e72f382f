//! Documents that try to become code: whatever their texts hold stays in texts and comments.

use std::collections::BTreeSet;

use larder_codegen::{Error, Generator};
use proc_macro2::{TokenStream, TokenTree};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A word that no name of the generated code can be: every text that holds it holds more.
const MARK: &str = "injected";

/// What would end a string, a comment or a line, change how text is shown, or be a name already.
const HOSTILE: [&str; 22] = [
    "\"# ; fn injected() {} r#\"",
    "*/ fn injected() {} /*",
    "\n}\nfn injected() {}\n",
    "\r\nfn injected() {} //",
    "\u{202e}fn injected() {}\u{2066}",
    "\u{2028}fn injected() {}\u{0}",
    "\\\"; fn injected() {}; \\",
    "{injected x} {} {{",
    "#![injected] fn",
    "```\nfn injected() {}\n```",
    "]; injected!(x); [",
    "'a injected",
    "../../injected x",
    "",
    " ",
    "+1",
    "-1",
    "F",
    "f",
    "Self",
    "r#type",
    "\u{202e}\u{feff}",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => select(&HOSTILE[..]).prop_map(str::to_owned), 1 => "\\PC{0,8}", 1 => "[a-zA-Z_ ]{1,8}"]
}

fn schema() -> impl Strategy<Value = Value> {
    let described = |mut schema: Value, description: String| {
        schema["description"] = description.into();
        schema
    };
    let leaf = prop_oneof![
        (text(), text())
            .prop_map(move |(format, about)| described(json!({ "type": "string", "format": format }), about)),
        vec(text(), 1..4).prop_map(|values| json!({ "type": "string", "enum": values })),
        text().prop_map(|value| json!({ "const": value })),
        (text(), text()).prop_map(|(title, value)| json!({ "type": "integer", "title": title, "default": value })),
        text().prop_map(|name| json!({ "$ref": format!("#/components/schemas/{}", pointer(&name)) })),
        any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            (vec((text(), inner.clone()), 0..4), vec(text(), 0..3)).prop_map(|(properties, required)| {
                json!({ "type": "object", "properties": properties.into_iter().collect::<Map<_, _>>(), "required": required })
            }),
            inner.clone().prop_map(|items| json!({ "type": ["array", "null"], "items": items })),
            inner.clone().prop_map(|values| json!({ "type": "object", "additionalProperties": values })),
            (vec(inner.clone(), 1..4), text(), text()).prop_map(|(schemas, property, target)| {
                json!({ "oneOf": schemas, "discriminator": { "propertyName": property, "mapping": { target: property } } })
            }),
            vec(inner.clone(), 1..3).prop_map(|schemas| json!({ "allOf": schemas })),
            vec(inner, 1..3).prop_map(|schemas| json!({ "anyOf": schemas })),
        ]
    })
}

fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn parameter() -> impl Strategy<Value = Value> {
    let place = select(&["query", "header", "cookie", "path"][..]);
    (text(), place, text(), schema(), any::<bool>()).prop_map(|(name, place, about, schema, required)| {
        json!({ "name": name, "in": place, "description": about, "schema": schema, "required": required })
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let media = prop_oneof![Just("application/json".to_owned()), Just("multipart/form-data".to_owned()), text()];
    (option::of(text()), [text(), text(), text()], vec(parameter(), 0..3), media, schema(), schema()).prop_map(
        |(id, [summary, about, tag], parameters, media, body, answer)| {
            let content = |schema: Value| json!({ media.clone(): { "schema": schema } });
            let mut operation = json!({
                "summary": summary, "description": about, "tags": [tag], "parameters": parameters,
                "requestBody": { "description": about, "content": content(body) },
                "responses": { "200": { "description": summary, "content": content(answer) } },
            });
            if let Some(id) = id {
                operation["operationId"] = id.into();
            }
            operation
        },
    )
}

fn document() -> impl Strategy<Value = Value> {
    let version = select(&["3.0.3", "3.1.0"][..]);
    let method = select(&["get", "put", "post", "delete", "patch"][..]);
    let paths = vec((text(), method, operation()), 1..4);
    let schemas = vec((text(), schema()), 0..4);
    (version, [text(), text()], paths, schemas, text()).prop_map(|(version, [title, about], paths, schemas, group)| {
        let paths: Map<_, _> = paths
            .into_iter()
            .map(|(path, method, operation)| (format!("/{path}/{{{path}}}"), json!({ method: operation })))
            .collect();
        json!({
            "openapi": version,
            "info": { "title": title, "version": about, "description": about },
            "tags": [{ "name": group, "description": about }],
            "servers": [{ "url": title, "description": about }],
            "paths": paths,
            "components": { "schemas": schemas.into_iter().collect::<Map<_, _>>() },
        })
    })
}

/// All words of code: not what stands in strings, and docs are strings to the compiler.
fn words(tokens: TokenStream, into: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => words(group.stream(), into),
            TokenTree::Ident(word) => drop(into.insert(word.to_string())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn hides(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_a_document_becomes_code(document in document()) {
        match Generator::new("openapi.json").generate_text(document.to_string()) {
            Ok(generated) => {
                for file in &generated.files {
                    let path = file.path.display();
                    let parsed = syn::parse_file(&file.text);
                    if let Err(error) = parsed {
                        return Err(TestCaseError::fail(format!("{path} is no Rust: {error}\n{}", file.text)));
                    }
                    let tokens: TokenStream = file.text.parse().map_err(|_| TestCaseError::fail("no tokens"))?;
                    let mut found = BTreeSet::new();
                    words(tokens, &mut found);
                    prop_assert!(!found.contains(MARK), "{path} holds code of the document:\n{}", file.text);
                    let hidden = file.text.lines().find(|line| line.contains(hides));
                    prop_assert!(hidden.is_none(), "{path} shows something other than it is: {hidden:?}");
                    let safe = file.path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
                    prop_assert!(safe, "{path} leaves its folder");
                }
                for warning in &generated.warnings {
                    prop_assert!(!warning.to_string().contains(hides), "a message shows something other than it is");
                }
            }
            Err(Error::Internal { file, message }) => prop_assert!(false, "{file}: {message}"),
            Err(_) => {}
        }
    }
}
