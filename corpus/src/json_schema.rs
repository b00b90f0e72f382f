//! Schemas of OpenAPI as JSON Schema, so that an example can be asked whether it is valid.
//!
//! Formats and patterns are left out: they say nothing about shapes, and what documents write there is often no
//! pattern at all. So more examples count as valid, never fewer.

use serde_json::{Map, Value, json};

/// Schemas of a document, rewritten. They stand side by side, each under the pointer that it had: where one is wrapped in
/// another, as `nullable` needs it, what is inside would be found no more.
pub struct Rewritten<'d> {
    source: &'d Value,
    schemas: Map<String, Value>,
    /// In 3.0 nothing counts beside a `$ref`, and `nullable` means something.
    old: bool,
    /// For what is sent `readOnly` properties may not be there, otherwise `writeOnly` ones.
    sent: bool,
}

const NUMBERS: [&str; 5] = ["multipleOf", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"];
const COUNTS: [&str; 8] =
    ["maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties", "maxContains", "minContains"];
const ONE: [&str; 8] =
    ["additionalProperties", "unevaluatedProperties", "items", "contains", "not", "if", "then", "else"];
const SEVERAL: [&str; 4] = ["allOf", "oneOf", "anyOf", "prefixItems"];
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "dependentSchemas"];
const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

impl<'d> Rewritten<'d> {
    /// Nothing is rewritten yet.
    pub fn new(source: &'d Value, sent: bool) -> Rewritten<'d> {
        let version = source.get("openapi").and_then(Value::as_str).unwrap_or_default();
        Rewritten { source, schemas: Map::new(), old: version.starts_with("3.0"), sent }
    }

    /// Makes the schema at `pointer`, and all that it refers to, JSON Schema.
    pub fn need(&mut self, pointer: &str) {
        let mut open = vec![pointer.to_owned()];
        while let Some(pointer) = open.pop() {
            if self.schemas.contains_key(&pointer) {
                continue;
            }
            let Some(schema) = self.source.pointer(&pointer) else { continue };
            let rewritten = self.schema(schema.clone(), &mut open);
            self.schemas.insert(pointer, rewritten);
        }
    }

    /// All of them as one document.
    pub fn document(self) -> Value {
        json!({ "schemas": self.schemas })
    }

    fn schema(&self, schema: Value, open: &mut Vec<String>) -> Value {
        let Value::Object(mut from) = schema else {
            return if schema.is_boolean() { schema } else { Value::Bool(true) };
        };
        let mut to = Map::new();
        if let Some(Value::String(reference)) = from.remove("$ref") {
            if let Some(pointer) = reference.strip_prefix('#') {
                let pointer = percent_decoded(pointer);
                to.insert("$ref".to_owned(), format!("#{}", place(&pointer)).into());
                open.push(pointer);
            } else {
                to.insert("$ref".to_owned(), Value::String(reference));
            }
            if self.old {
                return Value::Object(to);
            }
        }
        let hidden = self.children(&mut from, &mut to, open);
        self.plain(&mut from, &mut to, &hidden);
        if self.old && from.get("nullable") == Some(&Value::Bool(true)) {
            return nullable(to);
        }
        Value::Object(to)
    }

    /// Schemas within the schema. Returns the properties that do not travel in this direction.
    fn children(
        &self,
        from: &mut Map<String, Value>,
        to: &mut Map<String, Value>,
        open: &mut Vec<String>,
    ) -> Vec<String> {
        let mut hidden = Vec::new();
        for key in NAMED {
            let Some(Value::Object(members)) = from.remove(key) else { continue };
            let mut rewritten = Map::new();
            for (name, member) in members {
                let mark = if self.sent { "readOnly" } else { "writeOnly" };
                if key == "properties" && (member.get(mark) == Some(&Value::Bool(true)) || member == Value::Bool(false))
                {
                    hidden.push(name.clone());
                    rewritten.insert(name, Value::Bool(false));
                } else {
                    rewritten.insert(name, self.schema(member, open));
                }
            }
            to.insert(key.to_owned(), Value::Object(rewritten));
        }
        for key in ONE {
            match from.remove(key) {
                Some(Value::Array(schemas)) if key == "items" => {
                    let schemas = schemas.into_iter().map(|schema| self.schema(schema, open)).collect();
                    to.insert("prefixItems".to_owned(), schemas);
                }
                Some(schema) => drop(to.insert(key.to_owned(), self.schema(schema, open))),
                None => {}
            }
        }
        let told = from.contains_key("discriminator");
        for key in SEVERAL {
            let Some(Value::Array(schemas)) = from.remove(key) else { continue };
            if schemas.is_empty() {
                continue;
            }
            let schemas: Value = schemas.into_iter().map(|schema| self.schema(schema, open)).collect();
            // A discriminator tells one of several that fit.
            if key == "oneOf" && told {
                to.insert("anyOf".to_owned(), schemas);
            } else if key == "anyOf" && to.contains_key("anyOf") {
                to.insert("not".to_owned(), json!({ "not": { "anyOf": schemas } }));
            } else {
                to.insert(key.to_owned(), schemas);
            }
        }
        hidden
    }

    fn plain(&self, from: &mut Map<String, Value>, to: &mut Map<String, Value>, hidden: &[String]) {
        for (limit, exclusive) in [("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")] {
            match from.get(exclusive) {
                Some(Value::Bool(true)) => {
                    if let Some(bound) = from.remove(limit) {
                        from.insert(exclusive.to_owned(), bound);
                    }
                }
                Some(Value::Bool(false)) => drop(from.remove(exclusive)),
                _ => {}
            }
        }
        let mut keep = |key: &str, fits: &dyn Fn(&Value) -> bool| {
            if let Some(value) = from.remove(key).filter(|value| fits(value)) {
                to.insert(key.to_owned(), value);
            }
        };
        let is_type = |ty: &Value| ty.as_str().is_some_and(|ty| TYPES.contains(&ty));
        keep("type", &|ty| is_type(ty) || ty.as_array().is_some_and(|types| types.iter().all(is_type)));
        keep("enum", &|values| values.as_array().is_some_and(|values| !values.is_empty()));
        keep("const", &|_| true);
        keep("uniqueItems", &Value::is_boolean);
        NUMBERS.into_iter().for_each(|key| keep(key, &|bound| bound.is_number()));
        COUNTS.into_iter().for_each(|key| keep(key, &|count| count.is_u64()));
        if let Some(Value::Array(names)) = from.remove("required") {
            let there =
                names.into_iter().filter(|name| name.as_str().is_some_and(|name| !hidden.iter().any(|h| h == name)));
            to.insert("required".to_owned(), there.collect());
        }
    }
}

/// The schema, or `null`.
fn nullable(mut schema: Map<String, Value>) -> Value {
    if schema.is_empty() {
        return Value::Object(schema);
    }
    schema.remove("nullable");
    json!({ "anyOf": [{ "type": "null" }, schema] })
}

/// Where the schema that stood at `pointer` stands in [`Rewritten::document`], as the fragment of a URL.
pub fn place(pointer: &str) -> String {
    let mut place = String::from("/schemas/");
    for byte in pointer.replace('~', "~0").replace('/', "~1").bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => place.push(char::from(byte)),
            other => place.push_str(&format!("%{other:02X}")),
        }
    }
    place
}

fn percent_decoded(pointer: &str) -> String {
    let mut decoded = pointer.to_owned();
    for (escape, text) in [("%7B", "{"), ("%7D", "}"), ("%7b", "{"), ("%7d", "}"), ("%20", " "), ("%25", "%")] {
        decoded = decoded.replace(escape, text);
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_0_says_otherwise_is_said_as_json_schema_does() {
        let document = json!({ "openapi": "3.0.3", "components": { "schemas": {
            "A": { "type": "object", "required": ["id", "b"], "properties": {
                "id": { "type": "integer", "readOnly": true },
                "b": { "$ref": "#/components/schemas/B", "description": "nothing" } } },
            "B": { "type": "number", "nullable": true, "minimum": 1, "exclusiveMinimum": true, "format": "float" } } } });
        let mut rewritten = Rewritten::new(&document, true);
        rewritten.need("/components/schemas/A");
        let schemas = &rewritten.document()["schemas"];
        assert_eq!(
            schemas["/components/schemas/A"],
            json!({ "type": "object", "required": ["b"],
                    "properties": { "id": false, "b": { "$ref": "#/schemas/~1components~1schemas~1B" } } })
        );
        assert_eq!(
            schemas["/components/schemas/B"],
            json!({ "anyOf": [{ "type": "null" }, { "type": "number", "exclusiveMinimum": 1 }] })
        );
    }
}
