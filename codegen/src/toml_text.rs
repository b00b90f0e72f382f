//! Tags as `larder.toml` has them: what is printed for people to copy, and what is learned, is written alike.

use crate::diagnostic::is_unprintable;
use crate::plan::{Scope, Source, Tag};

/// A tag on one line.
pub(crate) fn tag(tag: &Tag) -> String {
    let mut keys = vec![format!("type = {}", quoted(&tag.tag_type))];
    match &tag.scope {
        Scope::Type {} if !tag.reference && !tag.gone => return quoted(&tag.tag_type),
        Scope::Type {} => {}
        Scope::Id { id } => match id.as_slice() {
            [one] => keys.push(format!("id = {}", source(one))),
            parts => keys.push(format!("id = [{}]", parts.iter().map(source).collect::<Vec<_>>().join(", "))),
        },
        Scope::List { list, filtered } => {
            let constraint = |(name, from): (&String, &Source)| format!("{} = {}", key(name), source(from));
            match list.is_empty() {
                true => keys.push("list = {}".to_owned()),
                false => {
                    keys.push(format!("list = {{ {} }}", list.iter().map(constraint).collect::<Vec<_>>().join(", ")))
                }
            }
            keys.extend(filtered.then(|| "filtered = true".to_owned()));
        }
    }
    keys.extend(tag.reference.then(|| "reference = true".to_owned()));
    keys.extend(tag.gone.then(|| "gone = true".to_owned()));
    format!("{{ {} }}", keys.join(", "))
}

fn source(source: &Source) -> String {
    match source {
        Source::Path { name } => quoted(&format!("path.{name}")),
        Source::Query { name } => quoted(&format!("query.{name}")),
        Source::Header { name } => quoted(&format!("header.{name}")),
        Source::Body { pointer } => quoted(&format!("body.{pointer}")),
        Source::Response { pointer } => quoted(&format!("response.{pointer}")),
        Source::Value { value } => format!("{{ value = {} }}", quoted(value)),
    }
}

/// A key, in quotes where it has to be.
pub(crate) fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// A text in quotes. What JSON escapes TOML does as well; what no terminal should see is escaped, too.
pub(crate) fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let shown =
        json.chars().map(|c| if is_unprintable(c) { format!("\\u{:04X}", u32::from(c)) } else { c.to_string() });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::{key, tag};
    use crate::plan::Tag;

    fn read(json: &str) -> Tag {
        serde_json::from_str(json).expect("it is a tag")
    }

    #[test]
    fn a_tag_is_written_as_the_configuration_reads_it() {
        for (json, toml) in [
            (r#"{"type": "Post"}"#, r#""Post""#),
            (r#"{"type": "Post", "id": [{"in": "path", "name": "a"}]}"#, r#"{ type = "Post", id = "path.a" }"#),
            (
                r#"{"type": "Post", "id": [{"in": "path", "name": "a"}, {"value": "b\"c"}], "gone": true}"#,
                r#"{ type = "Post", id = ["path.a", { value = "b\"c" }], gone = true }"#,
            ),
            (
                r#"{"type": "Post", "list": {"is done": {"in": "body", "pointer": "/a/*"}}, "filtered": true}"#,
                r#"{ type = "Post", list = { "is done" = "body./a/*" }, filtered = true }"#,
            ),
            (r#"{"type": "Post", "list": {}}"#, r#"{ type = "Post", list = {} }"#),
        ] {
            assert_eq!(tag(&read(json)), toml);
            let line = format!("{} = {toml}", key("a b"));
            assert!(!line.contains('\n') && line.starts_with("\"a b\""), "{line}");
        }
    }
}
