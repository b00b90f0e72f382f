//! Tags as JSON, for what outlives the program.

use serde_json::{Map, Value as Json, json};

use super::{Id, List, Name, Scope, Tag};

impl Tag {
    /// The tag as JSON: `{"type": "Post", "id": "42"}`. Nothing for a tag that names nothing.
    pub(crate) fn to_json(&self) -> Option<Json> {
        let mut object = Map::new();
        object.insert("type".into(), self.type_name().into());
        match &self.scope {
            Scope::Type => {}
            Scope::Nothing => return None,
            Scope::Group(group) => drop(object.insert("group".into(), group.as_ref().into())),
            Scope::Id(id) => drop(object.insert("id".into(), id.to_string().into())),
            Scope::List(list) => {
                let constraints = list.constraints().iter();
                let constraints: Map<String, Json> =
                    constraints.map(|(name, values)| (name.as_str().to_owned(), json!(values))).collect();
                object.insert("list".into(), constraints.into());
            }
        }
        for (set, word) in [(self.filtered, "filtered"), (self.gone, "gone"), (self.reference, "reference")] {
            if set {
                object.insert(word.into(), true.into());
            }
        }
        Some(object.into())
    }

    /// The tag that [`to_json`](Self::to_json) wrote, or nothing if it is none.
    pub(crate) fn from_json(json: &Json) -> Option<Tag> {
        let scope = match (json.get("id"), json.get("list"), json.get("group")) {
            (None, None, Some(group)) => Scope::Group(group.as_str()?.into()),
            (Some(id), None, None) => Scope::Id(Id::of_joined(id.as_str()?)),
            (None, Some(list), None) => {
                let mut all = List::default();
                for (name, values) in list.as_object()? {
                    let values = values.as_array()?.iter().map(|value| Some(value.as_str()?.into()));
                    all.add(Name::from(name.clone()), values.collect::<Option<_>>()?);
                }
                Scope::List(all)
            }
            (None, None, None) => Scope::Type,
            _ => return None,
        };
        let is_set = |word: &str| json.get(word).and_then(Json::as_bool).unwrap_or(false);
        let tag = Tag::new(Name::from(json.get("type")?.as_str()?.to_owned()), scope);
        Some(Tag { filtered: is_set("filtered"), gone: is_set("gone"), reference: is_set("reference"), ..tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::TagType;

    #[test]
    fn tags_come_back_as_they_were() {
        const POST: TagType = TagType::new("Post");
        let list = POST.list().with("author_id", 5).with("status", ["a", "b|c"]);
        let ids = [POST.id(42), POST.id("a/b"), POST.id(("a", "b")), POST.id("007"), POST.id("LIST"), POST.id("")];
        let tags = [POST.all(), POST.list(), list.clone(), list.filtered(), POST.id(1).gone(), POST.id(1).reference()];
        let group = Tag::of_group("https://a.example", "posts".to_owned());
        for tag in ids.into_iter().chain(tags).chain([group]) {
            assert_eq!(tag.to_json().as_ref().and_then(Tag::from_json).as_ref(), Some(&tag), "{tag}");
        }
        assert_eq!(POST.id(None::<i64>).to_json(), None);
        for odd in
            [json!({}), json!({ "type": 1 }), json!({ "type": "Post", "id": 1 }), json!({ "type": "P", "list": [] })]
        {
            assert_eq!(Tag::from_json(&odd), None, "{odd}");
        }
    }
}
