//! Finds the values at a JSON pointer with wildcards.

use serde_json::Value as Json;

/// The values at a JSON Pointer in which `*` stands for each element of an array, or each value of an object.
///
/// ```
/// let page = serde_json::json!({ "items": [{ "id": 1 }, { "id": 2 }, {}] });
/// let ids: Vec<_> = larder::values(&page, "/items/*/id").collect();
/// assert_eq!(ids, [1, 2]);
/// ```
pub fn values<'a>(json: &'a Json, pointer: &str) -> impl Iterator<Item = &'a Json> + use<'a> {
    let mut found = vec![json];
    for token in pointer.split('/').skip(1) {
        found = step(found, token);
    }
    found.into_iter()
}

fn step<'a>(values: Vec<&'a Json>, token: &str) -> Vec<&'a Json> {
    let name = token.replace("~1", "/").replace("~0", "~");
    let mut found = Vec::with_capacity(values.len());
    for value in values {
        match value {
            Json::Array(elements) if token == "*" => found.extend(elements),
            Json::Object(members) if token == "*" => found.extend(members.values()),
            Json::Array(elements) => found.extend(name.parse::<usize>().ok().and_then(|at| elements.get(at))),
            Json::Object(members) => found.extend(members.get(&name)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::values;

    #[test]
    fn pointers_and_what_they_find() {
        let json = json!({ "items": [{ "id": 1, "a/b": "x" }, { "id": 2 }], "by_name": { "p": { "id": 7 }, "q": { "id": 8 } } });
        let table = [
            ("", vec![json.clone()]),
            ("/items/*/id", vec![json!(1), json!(2)]),
            ("/items/1/id", vec![json!(2)]),
            ("/by_name/*/id", vec![json!(7), json!(8)]),
            ("/items/*/a~1b", vec![json!("x")]),
            ("/nothing/*/id", vec![]),
            ("/items/id", vec![]),
            ("/items/9", vec![]),
        ];
        for (pointer, expected) in table {
            assert_eq!(values(&json, pointer).cloned().collect::<Vec<_>>(), expected, "{pointer}");
        }
    }
}
