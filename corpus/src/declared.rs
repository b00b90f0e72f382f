//! Whether a schema says anything of a property somewhere inside its values.

use std::collections::HashSet;

use serde_json::Value;

/// Schemas beyond this are not looked at.
const MAX_SCHEMAS: usize = 10_000;

/// Whether the schema at `pointer` of `document` declares a property `key` of the value at `at` inside its own values.
pub fn declares(document: &Value, pointer: &str, at: &str, key: &str) -> bool {
    let mut schemas: Vec<&Value> = document.pointer(pointer).into_iter().collect();
    for token in at.split('/').skip(1) {
        let whole = all_that_hold(document, schemas);
        schemas = whole.into_iter().flat_map(|schema| inside(schema, token)).collect();
    }
    all_that_hold(document, schemas).into_iter().any(|schema| schema["properties"].get(key).is_some())
}

/// The schemas themselves, with all that they refer to and combine.
fn all_that_hold<'d>(document: &'d Value, mut open: Vec<&'d Value>) -> Vec<&'d Value> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    while let Some(schema) = open.pop() {
        if found.len() >= MAX_SCHEMAS || !seen.insert(std::ptr::from_ref(schema)) {
            continue;
        }
        found.push(schema);
        let target = schema["$ref"].as_str().and_then(|reference| document.pointer(reference.strip_prefix('#')?));
        open.extend(target);
        open.extend(["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema[key].as_array()).flatten());
        // Children of a parent that tells them apart.
        open.extend(
            schema["discriminator"]["mapping"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(_, target)| document.pointer(target.as_str()?.strip_prefix('#')?)),
        );
    }
    found
}

/// What a schema says of the element or member `token` of its values.
fn inside<'d>(schema: &'d Value, token: &str) -> Vec<&'d Value> {
    let named = schema["properties"].get(token);
    let mut schemas: Vec<&Value> = named.into_iter().collect();
    if named.is_none() {
        schemas.extend(schema.get("additionalProperties"));
        schemas.extend(schema["patternProperties"].as_object().into_iter().flatten().map(|(_, schema)| schema));
    }
    if let Ok(at) = token.parse::<usize>() {
        schemas.extend(schema.get("items"));
        schemas.extend(schema["prefixItems"].get(at));
    }
    schemas
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::declares;

    #[test]
    fn a_property_is_declared_through_references_and_combinations() {
        let document = json!({ "components": { "schemas": {
            "List": { "type": "array", "items": { "allOf": [{ "$ref": "#/components/schemas/Pet" }] } },
            "Pet": { "properties": { "name": {}, "owner": { "oneOf": [{ "properties": { "id": {} } }] } } },
        } } });
        let list = |at: &str, key: &str| declares(&document, "/components/schemas/List", at, key);
        assert!(list("/0", "name") && list("/3/owner", "id"));
        assert!(!list("/0", "age") && !list("/0/owner", "name") && !list("", "name"));
    }
}
