//! The lines of `larder.toml` that would have made a mutation reach an entry.
//!
//! They come from this one call alone. `larder learn` sees many calls, and so can tell a rule from an accident.

use serde_json::Value as Json;

use super::call::Call;
use crate::tag::{Scope, Tag, scalar};

/// The lines that add to the mutation the narrowest tag by which the query could have been reached.
pub(crate) fn mend(mutation: &Call, response: &Json, query: &Call, tags: &[Tag], members_moved: bool) -> String {
    let called = Called { call: mutation, response };
    let header = |call: &Call| format!("[api.operations.{}]", key(&call.operation_id));
    let mut found: Vec<(u32, String)> = tags.iter().filter_map(|tag| called.reaching(tag, members_moved)).collect();
    found.sort_by_key(|(rank, _)| *rank);
    match found.into_iter().next() {
        Some((_, tag)) => format!("{}\ninvalidates_also = [{tag}]", header(mutation)),
        None => {
            // A query without tags can be reached by nothing, so it gets one of its own.
            let own = text(&format!("{} data", query.operation_id));
            format!(
                "[api.tag_types.{own}]\n{}\nprovides_also = [{own}]\n{}\ninvalidates_also = [{own}]",
                header(query),
                header(mutation)
            )
        }
    }
}

/// A mutation's call, in which values are looked up.
struct Called<'a> {
    call: &'a Call,
    response: &'a Json,
}

impl Called<'_> {
    /// An invalidating tag that reaches this one, written as `larder.toml` does; the smaller the rank, the better it fits.
    fn reaching(&self, tag: &Tag, members_moved: bool) -> Option<(u32, String)> {
        let name = text(tag.type_name());
        let reference = if tag.is_reference() { ", reference = true" } else { "" };
        match tag.scope() {
            Scope::Id(id) => {
                let parts: Option<Vec<String>> =
                    id.to_string().split('/').map(|part| self.source(&unescape(part))).collect();
                let parts = parts?;
                let parts = if parts.len() == 1 { parts.concat() } else { format!("[{}]", parts.join(", ")) };
                let rank = 10 + u32::from(tag.is_reference()) * 20 + u32::from(members_moved) * 5;
                Some((rank, format!("{{ type = {name}, id = {parts}{reference} }}")))
            }
            Scope::List(list) => {
                let known: Vec<String> = list
                    .constraints()
                    .iter()
                    .filter_map(|(name, values)| {
                        let source = values.iter().find_map(|value| self.source(value))?;
                        Some(format!("{} = {source}", key(name.as_str())))
                    })
                    .collect();
                let rank = if members_moved { 12 } else { 20 };
                if known.is_empty() {
                    return Some((rank + 1, text(&format!("{}:LIST", tag.type_name()))));
                }
                Some((rank, format!("{{ type = {name}, list = {{ {} }}{reference} }}", known.join(", "))))
            }
            Scope::Type => Some((50, name)),
            Scope::Nothing | Scope::Group(_) => None,
        }
    }

    /// Where the call has this value: the surest place first.
    fn source(&self, wanted: &str) -> Option<String> {
        let named = |members: &serde_json::Map<String, Json>, place: &str| {
            let has = |value: &Json| match value {
                Json::Array(values) => values.iter().any(|value| scalar(value).as_deref() == Some(wanted)),
                value => scalar(value).as_deref() == Some(wanted),
            };
            members.iter().find(|(_, value)| has(value)).map(|(name, _)| text(&format!("{place}.{name}")))
        };
        named(&self.call.path_params, "path")
            .or_else(|| pointer_to(&self.call.body, wanted).map(|at| text(&format!("body.{at}"))))
            .or_else(|| named(&self.call.query, "query"))
            .or_else(|| pointer_to(self.response, wanted).map(|at| text(&format!("response.{at}"))))
    }
}

/// The shortest pointer to a scalar of this text, with `*` for elements.
fn pointer_to(json: &Json, wanted: &str) -> Option<String> {
    let mut level = vec![(String::new(), json)];
    while !level.is_empty() {
        let mut below = Vec::new();
        for (at, value) in level {
            match value {
                Json::Object(members) => below.extend(
                    members
                        .iter()
                        .map(|(name, value)| (format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), value)),
                ),
                Json::Array(elements) => below.extend(elements.iter().map(|value| (format!("{at}/*"), value))),
                value if scalar(value).as_deref() == Some(wanted) => return Some(at),
                _ => {}
            }
        }
        level = below;
    }
    None
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// A key of TOML, in quotes where it needs them.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { text(name) }
}

/// A text of TOML. Its escapes are those of JSON.
fn text(value: &str) -> String {
    Json::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Request, TagType};

    const POST: TagType = TagType::new("Post");

    fn mended(tags: &[Tag], members_moved: bool) -> String {
        let mutation = Request::patch("updatePost", "/posts/{postId}")
            .path_param("postId", &42)
            .json(&json!({ "authorId": 5, "labels": [{ "name": "red" }] }));
        let query = Request::get("list posts", "/posts");
        mend(&Call::new(&mutation), &json!({ "id": 42, "rev": 9 }), &Call::new(&query), tags, members_moved)
    }

    #[test]
    fn the_narrowest_tag_that_reaches_the_entry_is_proposed() {
        let id = "{ type = \"Post\", id = \"path.postId\" }";
        let list = "{ type = \"Post\", list = { author_id = \"body./authorId\" } }";
        let by_author = POST.list().with("author_id", 5);
        let table = [
            (vec![POST.all(), POST.list(), POST.id(42)], false, id),
            (vec![POST.all(), by_author.clone(), POST.id(41)], false, list),
            (vec![by_author.clone(), POST.id(42)], true, list),
            (vec![by_author, POST.id(42)], false, id),
            (vec![POST.list(), POST.id(1)], false, "\"Post:LIST\""),
            (vec![POST.all()], false, "\"Post\""),
            (vec![POST.id("red")], false, "{ type = \"Post\", id = \"body./labels/*/name\" }"),
            (vec![POST.id((42, 9))], false, "{ type = \"Post\", id = [\"path.postId\", \"response./rev\"] }"),
            (vec![POST.id(42).reference()], false, "{ type = \"Post\", id = \"path.postId\", reference = true }"),
        ];
        for (tags, members_moved, expected) in table {
            let expected = format!("[api.operations.updatePost]\ninvalidates_also = [{expected}]");
            assert_eq!(mended(&tags, members_moved), expected);
        }
    }

    #[test]
    fn a_query_without_tags_gets_one() {
        let expected = "[api.tag_types.\"list posts data\"]\n[api.operations.\"list posts\"]\n\
                        provides_also = [\"list posts data\"]\n[api.operations.updatePost]\n\
                        invalidates_also = [\"list posts data\"]";
        assert_eq!(mended(&[], false), expected);
    }
}
