//! JSON Pointers with wildcards, for values that have no type.

use serde_json::Value as Json;

/// An element's position or a member's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Index(usize),
    Key(&'a str),
}

/// A value, with the elements that the pointer's `*` passed on the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) passed: Vec<Step<'a>>,
    pub(crate) value: &'a Json,
}

/// The places at a JSON Pointer in which `*` stands for each element of an array, or each value of an object. An array at
/// the pointer's end is each of its elements.
pub(crate) fn places<'a>(json: &'a Json, pointer: &str) -> Vec<Place<'a>> {
    let mut found = vec![Place { passed: Vec::new(), value: json }];
    for token in pointer.split('/').skip(1) {
        found = step(found, token);
    }
    let mut flat = Vec::with_capacity(found.len());
    for place in found {
        match place.value {
            Json::Array(elements) => place.each(elements, &mut flat),
            _ => flat.push(place),
        }
    }
    flat
}

fn step<'a>(places: Vec<Place<'a>>, token: &str) -> Vec<Place<'a>> {
    let name = token.replace("~1", "/").replace("~0", "~");
    let mut found = Vec::with_capacity(places.len());
    for place in places {
        match place.value {
            Json::Array(elements) if token == "*" => place.each(elements, &mut found),
            Json::Object(members) if token == "*" => {
                found.extend(members.iter().map(|(key, value)| place.inner(Step::Key(key), value)));
            }
            Json::Array(elements) => {
                let element = name.parse::<usize>().ok().and_then(|at| elements.get(at));
                found.extend(element.map(|value| Place { value, ..place }));
            }
            Json::Object(members) => found.extend(members.get(&name).map(|value| Place { value, ..place })),
            _ => {}
        }
    }
    found
}

impl<'a> Place<'a> {
    fn each(&self, elements: &'a [Json], into: &mut Vec<Place<'a>>) {
        into.extend(elements.iter().enumerate().map(|(at, value)| self.inner(Step::Index(at), value)));
    }

    fn inner(&self, step: Step<'a>, value: &'a Json) -> Place<'a> {
        Place { passed: self.passed.iter().cloned().chain([step]).collect(), value }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::places;

    fn values(json: &Value, pointer: &str) -> Value {
        places(json, pointer).into_iter().map(|place| place.value.clone()).collect()
    }

    #[test]
    fn pointers_and_what_they_find() {
        let page = json!({ "items": [{ "id": 1 }, { "id": 2 }, {}, 5], "by": { "x": { "id": 3 } }, "a/b": ["c"] });
        assert_eq!(values(&page, "/items/*/id"), json!([1, 2]));
        assert_eq!(values(&page, "/items/1/id"), json!([2]));
        assert_eq!(values(&page, "/by/*/id"), json!([3]));
        assert_eq!(values(&page, "/a~1b"), json!(["c"]));
        assert_eq!(values(&page, "/none/*"), json!([]));
        assert_eq!(values(&json!(7), ""), json!([7]));
    }
}
