//! The examples in a document, each with the schema it is an example of.

use larder_codegen::Testable;
use serde_json::Value;

use crate::json_schema::{Rewritten, place};

/// An example of a schema that has a type.
#[derive(Clone, Debug)]
pub struct Example {
    /// Where it stands.
    pub pointer: String,
    pub value: Value,
    /// Index into [`Testable::types`].
    pub of: usize,
}

/// What a document says by example.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// All examples of schemas that have a type.
    pub found: usize,
    /// Their schema is none that can be asked.
    pub unasked: usize,
    /// Why the first of these cannot.
    pub why_unasked: Option<String>,
    /// Those that their own schema allows.
    pub valid: Vec<Example>,
}

/// Collects the examples in `testable`'s document and asks each one's schema.
pub fn find(testable: &Testable) -> Found {
    let mut found = Found::default();
    let mut examples = Vec::new();
    for (of, used) in testable.types.iter().enumerate() {
        let before = examples.len();
        beside(&testable.document, &used.pointer, |pointer, value| {
            examples.push(Example { pointer, value: value.clone(), of });
        });
        found.found += examples.len() - before;
    }
    for sent in [false, true] {
        let this_way = |example: &&Example| testable.types[example.of].sent.unwrap_or(false) == sent;
        let asked: Vec<&Example> = examples.iter().filter(this_way).collect();
        validate(testable, &asked, sent, &mut found);
    }
    found
}

const BASE: &str = "http://larder.invalid/document.json";

fn validate(testable: &Testable, asked: &[&Example], sent: bool, found: &mut Found) {
    if asked.is_empty() {
        return;
    }
    let mut rewritten = Rewritten::new(&testable.document, sent);
    for example in asked {
        rewritten.need(&testable.types[example.of].pointer);
    }
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    if compiler.add_resource(BASE, rewritten.document()).is_err() {
        found.unasked += asked.len();
        return;
    }
    for example in asked {
        let schema = format!("{BASE}#{}", place(&testable.types[example.of].pointer));
        match compiler.compile(&schema, &mut schemas) {
            Ok(schema) if schemas.validate(&example.value, schema).is_ok() => found.valid.push((*example).clone()),
            Ok(_) => {}
            Err(error) => {
                found.unasked += 1;
                found.why_unasked.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
}

/// Calls `each` for every example of the schema at `pointer`: its own, and those of the media type, parameter or
/// header whose schema it is.
fn beside<'d>(document: &'d Value, pointer: &str, mut each: impl FnMut(String, &'d Value)) {
    let Some(schema) = document.pointer(pointer) else { return };
    for key in ["example", "default"] {
        if let Some(value) = schema.get(key) {
            each(format!("{pointer}/{key}"), value);
        }
    }
    for (at, value) in schema.get("examples").and_then(Value::as_array).into_iter().flatten().enumerate() {
        each(format!("{pointer}/examples/{at}"), value);
    }
    let Some(parent) = pointer.strip_suffix("/schema") else { return };
    let Some(holder) = document.pointer(parent) else { return };
    if let Some(value) = holder.get("example") {
        each(format!("{parent}/example"), value);
    }
    for (name, example) in holder.get("examples").and_then(Value::as_object).into_iter().flatten() {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let mut place = format!("{parent}/examples/{escaped}");
        let mut example = example;
        if let Some(target) = example.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#')) {
            let Some(named) = document.pointer(target) else { continue };
            (place, example) = (target.to_owned(), named);
        }
        if let Some(value) = example.get("value") {
            each(format!("{place}/value"), value);
        }
    }
}
