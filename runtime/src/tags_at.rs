//! Tags whose parts are looked up by JSON Pointers: in what is sent, in the result, or in both.

use serde::Serialize;
use serde_json::Value as Json;

use crate::pointer::{Step, places};
use crate::pruned;
use crate::response::RawResponse;
use crate::tag::{Tag, TagType, scalar};
use crate::tags::Tags;

/// A description of tags: where the parts of an id, or the constraints of a list, are found in JSON.
///
/// What no type tells is read with it: an id of which the args know one part and the result the others, a field that only
/// some variants of a union have, a place in JSON that the document does not describe. In a pointer, `*` is each element of
/// an array or each value of an object. Parts that are found in the same element belong together; one from outside of it
/// belongs to each. Where a part of an id is missing there is no tag; a constraint that is missing is left out, and one with
/// several values allows each of them.
///
/// ```
/// use larder::{Query, Request, TagType};
///
/// const RECORD: TagType = TagType::new("Record");
///
/// fn list_records(bucket: &str) -> Query<larder::Json> {
///     let request = Request::get("listRecords", "/buckets/{bucket}/records").path_param("bucket", bucket);
///     Query::new(request)
///         .provides(RECORD.list().with("bucket", bucket))
///         .provides_at(RECORD.id_at().part(bucket).part_at("/data/*/id"))
/// }
/// # let _ = list_records("lab");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TagsAt {
    tag: Tag,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
struct Part {
    /// The constraint's name, in a list.
    name: &'static str,
    /// What to look in; the result where there is nothing else.
    known: Option<Json>,
    pointer: &'static str,
}

impl TagType {
    /// One entity for each id that is found. Its parts follow, in their order.
    #[inline]
    pub fn id_at(self) -> TagsAt {
        TagsAt { tag: self.all(), parts: Vec::new() }
    }

    /// A list under constraints that are found. They follow.
    #[inline]
    pub fn list_at(self) -> TagsAt {
        TagsAt { tag: self.list(), parts: Vec::new() }
    }
}

impl TagsAt {
    /// A part of the id that is known.
    #[inline]
    #[must_use]
    pub fn part(self, value: impl Serialize) -> TagsAt {
        self.part_in(value, "")
    }

    /// A part of the id, in what is sent.
    #[inline]
    #[must_use]
    pub fn part_in(self, value: impl Serialize, pointer: &'static str) -> TagsAt {
        self.with_in("", value, pointer)
    }

    /// A part of the id, in the result.
    #[inline]
    #[must_use]
    pub fn part_at(self, pointer: &'static str) -> TagsAt {
        self.with_at("", pointer)
    }

    /// A constraint whose value is known.
    #[inline]
    #[must_use]
    pub fn with(self, constraint: &'static str, value: impl Serialize) -> TagsAt {
        self.with_in(constraint, value, "")
    }

    /// A constraint, in what is sent.
    #[inline]
    #[must_use]
    pub fn with_in(self, constraint: &'static str, value: impl Serialize, pointer: &'static str) -> TagsAt {
        // What cannot be written as JSON has no values.
        self.found(constraint, Some(serde_json::to_value(value).unwrap_or_default()), pointer)
    }

    /// A constraint, in the result.
    #[inline]
    #[must_use]
    pub fn with_at(self, constraint: &'static str, pointer: &'static str) -> TagsAt {
        self.found(constraint, None, pointer)
    }

    /// As [`Tag::filtered`].
    #[must_use]
    pub fn filtered(mut self) -> TagsAt {
        self.tag = self.tag.filtered();
        self
    }

    /// As [`Tag::gone`].
    #[must_use]
    pub fn gone(mut self) -> TagsAt {
        self.tag = self.tag.gone();
        self
    }

    /// As [`Tag::reference`].
    #[must_use]
    pub fn reference(mut self) -> TagsAt {
        self.tag = self.tag.reference();
        self
    }

    fn found(mut self, name: &'static str, known: Option<Json>, pointer: &'static str) -> TagsAt {
        self.parts.push(Part { name, known, pointer });
        self
    }

    /// Whether all parts are looked up in results.
    pub(crate) fn is_of_results_alone(&self) -> bool {
        self.parts.iter().all(|part| part.known.is_none())
    }

    /// The tags, with what is found in `result`.
    pub(crate) fn tags(&self, result: &Json) -> Tags {
        if self.tag.is_list() {
            let constrained = |tag: Tag, part: &Part| {
                let texts: Vec<_> = part.places(result).into_iter().map(|(_, text)| text).collect();
                tag.constrained_to(part.name, texts)
            };
            return self.parts.iter().fold(self.tag.clone(), constrained).into();
        }
        let ids = self.ids(result).into_iter();
        ids.filter(|id| !id.is_empty()).map(|id| self.tag.clone().with_id(id)).collect()
    }

    fn ids(&self, result: &Json) -> Vec<Vec<Box<str>>> {
        let mut rows: Vec<(Vec<Step<'_>>, Vec<Box<str>>)> = vec![(Vec::new(), Vec::new())];
        for part in &self.parts {
            let found = part.places(result);
            let mut longer = Vec::new();
            for (passed, id) in &rows {
                let fits =
                    |other: &&(Vec<Step<'_>>, Box<str>)| passed.iter().zip(&other.0).all(|(one, other)| one == other);
                longer.extend(found.iter().filter(fits).map(|(other, text)| {
                    let deepest = if other.len() > passed.len() { other } else { passed };
                    (deepest.clone(), id.iter().chain([text]).cloned().collect())
                }));
            }
            rows = longer;
        }
        rows.into_iter().map(|(_, id)| id).collect()
    }
}

impl Part {
    fn places<'a>(&'a self, result: &'a Json) -> Vec<(Vec<Step<'a>>, Box<str>)> {
        let found = places(self.known.as_ref().unwrap_or(result), self.pointer);
        found.into_iter().filter_map(|place| Some((place.passed, scalar(place.value)?))).collect()
    }
}

/// What is sent alone tells these; what would be in the result is absent.
impl From<TagsAt> for Tags {
    fn from(at: TagsAt) -> Tags {
        at.tags(&Json::Null)
    }
}

/// The tags of all of `at`, with what is in the response's JSON, or in its lines of JSON.
pub(crate) fn read(at: &[TagsAt], lines: bool, response: &RawResponse) -> Tags {
    if at.is_empty() {
        return Tags::none();
    }
    // What is no JSON was refused before, or has no tags in it.
    let result = if lines {
        crate::decode::json_lines(response).map(Json::Array).unwrap_or_default()
    } else {
        let pointers = at.iter().flat_map(|at| &at.parts).filter(|part| part.known.is_none());
        pruned::read(&response.body, pointers.map(|part| part.pointer)).unwrap_or_default()
    };
    at.iter().map(|at| at.tags(&result)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::TagsAt;
    use crate::tag::TagType;

    const POST: TagType = TagType::new("Post");

    fn shown(at: &TagsAt, result: &Value) -> Vec<String> {
        at.tags(result).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_id_has_parts_from_what_was_sent_and_from_the_result() {
        let page = json!({ "data": [{ "id": 1, "tags": ["a", "b"] }, { "tags": ["x"] }, { "id": 3, "tags": ["c"] }] });
        assert_eq!(shown(&POST.id_at().part("lab").part_at("/data/*/id"), &page), ["Post:lab/1", "Post:lab/3"]);
        let nested = POST.id_at().part_at("/data/*/tags").part("lab").part_at("/data/*/id").reference();
        assert_eq!(
            shown(&nested, &page),
            ["Post:a/lab/1 reference", "Post:b/lab/1 reference", "Post:c/lab/3 reference"]
        );
        assert!(shown(&POST.id_at().part(None::<u8>).part_at("/data/*/id"), &page).is_empty());
    }

    #[test]
    fn each_of_several_values_of_one_part_is_an_id() {
        assert_eq!(shown(&POST.id_at().part(["a", "b"]), &Value::Null), ["Post:a", "Post:b"]);
        let body = json!({ "posts": [{ "id": 7 }, { "id": 8 }] });
        assert_eq!(
            shown(&POST.id_at().part_in(&body, "/posts/*/id").gone(), &Value::Null),
            ["Post:7 gone", "Post:8 gone"]
        );
    }

    #[test]
    fn a_list_has_constraints_from_both_and_without_those_that_are_missing() {
        let post = json!({ "author": { "id": 5 }, "tags": ["b", "a"] });
        let list = POST.list_at().with("blog", 1).with_at("author", "/author/id").with_at("tag", "/tags");
        assert_eq!(shown(&list, &post), ["Post:LIST{author=5, blog=1, tag=a|b}"]);
        assert_eq!(shown(&list.filtered(), &Value::Null), ["Post:LIST{blog=1} filtered"]);
    }
}
