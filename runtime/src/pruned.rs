//! JSON without what no pointer asks for: so tags can be looked up in a large response at little cost.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::{Map, Value as Json};

/// Reads the parts of `text` that lead to one of the pointers; elements of arrays keep their positions.
pub(crate) fn read<'p>(text: &[u8], pointers: impl Iterator<Item = &'p str>) -> serde_json::Result<Json> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Pruned { pointers: pointers.collect() }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// What is still to go of each pointer that leads through this value.
struct Pruned<'p> {
    pointers: Vec<&'p str>,
}

impl<'p> Pruned<'p> {
    /// What leads through the member or element for which `is` the token; `None` when nothing does.
    fn below(&self, is: impl Fn(&str) -> bool) -> Option<Pruned<'p>> {
        let rests = self.pointers.iter().filter_map(|pointer| {
            let tail = pointer.strip_prefix('/')?;
            let (token, rest) = tail.split_at(tail.find('/').unwrap_or(tail.len()));
            (token == "*" || is(token)).then_some(rest)
        });
        let pointers: Vec<&str> = rests.collect();
        (!pointers.is_empty()).then_some(Pruned { pointers })
    }
}

impl<'de> DeserializeSeed<'de> for Pruned<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        if self.pointers.iter().any(|pointer| pointer.is_empty()) {
            return Json::deserialize(deserializer);
        }
        deserializer.deserialize_any(self)
    }
}

/// No pointer leads into a scalar, so which one it is does not matter.
impl<'de> Visitor<'de> for Pruned<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut kept = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            match self.below(|token| token == key || token.replace("~1", "/").replace("~0", "~") == key) {
                Some(below) => drop(kept.insert(key, members.next_value_seed(below)?)),
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Json::Object(kept))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut kept = Vec::new();
        loop {
            let at = kept.len();
            let element = match self.below(|token| token.parse() == Ok(at)) {
                Some(below) => elements.next_element_seed(below)?,
                None => elements.next_element::<IgnoredAny>()?.map(|_| Json::Null),
            };
            match element {
                Some(element) => kept.push(element),
                None => return Ok(Json::Array(kept)),
            }
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Json, E> {
        Ok(Json::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;
    use crate::pointer::places;

    #[test]
    fn what_is_kept_is_what_pointers_find() {
        let page = json!({ "items": [{ "id": 1, "a/b": { "x": "y" }, "more": [1, 2] }, null, 7, { "id": [2, 3], "by": { "k": { "id": 4 } } }],
            "next": "more", "by": { "k": { "id": 1.5 }, "l": true } });
        let pointers =
            ["/items/*/id", "/items/0/a~1b/x", "/items/3/by/*/id", "/by/*/id", "/next", "/none/*/id", "/next/0"];
        let text = page.to_string();
        let pruned = read(text.as_bytes(), pointers.into_iter()).expect("it is JSON");
        for pointer in pointers {
            let found = |json| places(json, pointer).into_iter().map(|place| format!("{place:?}")).collect::<Vec<_>>();
            assert_eq!(found(&pruned), found(&page), "{pointer}");
        }
        let alone = read(text.as_bytes(), ["/items/*/id"].into_iter()).expect("it is JSON");
        assert_eq!(alone, json!({ "items": [{ "id": 1 }, null, null, { "id": [2, 3] }] }));
        assert_eq!(read(b"[1, 2]", [""].into_iter()).expect("it is JSON"), json!([1, 2]));
        assert!(read(b"[1, 2", ["/*"].into_iter()).is_err());
    }
}
