//! What was learned, as tables of `larder.toml`.

use std::fmt::Write as _;

use super::{Evident, Learned, LearnedOperation};
use crate::plan::{Scope, Source, Tag};

/// The tables that belong below an `[[api]]`, with the evidence as comments.
pub fn render(learned: &Learned) -> String {
    let mut text = String::new();
    for name in &learned.tag_types {
        let _ = writeln!(text, "[api.tag_types.{}]\n", key(name));
    }
    for operation in &learned.operations {
        let _ = writeln!(text, "[api.operations.{}]", key(&operation.id));
        text.push_str(&table(operation));
        text.push('\n');
    }
    let end = text.trim_end().len();
    text.truncate(end);
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The lines of an operation's table.
pub(super) fn table(operation: &LearnedOperation) -> String {
    let mut text = String::new();
    for dropped in &operation.drops {
        let _ = writeln!(text, "# without {}: {}", inline(&dropped.tag), seen(dropped));
    }
    match &operation.replaces {
        Some(kept) => list(&mut text, "invalidates", kept.iter().chain(&operation.adds)),
        None if !operation.adds.is_empty() => list(&mut text, "invalidates_also", operation.adds.iter()),
        None => {}
    }
    if let Some(tags) = &operation.provides {
        let all: Vec<String> = tags.iter().chain(&operation.provides_also).map(inline).collect();
        let _ = writeln!(text, "provides = [{}]", all.join(", "));
    } else if !operation.provides_also.is_empty() {
        let tags: Vec<String> = operation.provides_also.iter().map(inline).collect();
        let _ = writeln!(text, "provides_also = [{}]", tags.join(", "));
    }
    text
}

fn list<'e>(text: &mut String, name: &str, tags: impl Iterator<Item = &'e Evident>) {
    let tags: Vec<&Evident> = tags.collect();
    if tags.is_empty() {
        let _ = writeln!(text, "{name} = []");
        return;
    }
    let _ = writeln!(text, "{name} = [");
    for evident in tags {
        let evidence = match evident {
            Evident { inferred: true, changed: 0, unchanged: 0, .. } => "as inferred".to_owned(),
            Evident { inferred: true, .. } => format!("as inferred; {}", seen(evident)),
            Evident { inferred: false, .. } => seen(evident),
        };
        let _ = writeln!(text, "  {}, # {evidence}", inline(&evident.tag));
    }
    let _ = writeln!(text, "]");
}

fn seen(evident: &Evident) -> String {
    let times = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let entries = |count: usize| if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
    format!(
        "in {} it reached {} that changed and {} that did not",
        times(evident.calls, "call"),
        entries(evident.changed),
        evident.unchanged
    )
}

/// A tag on one line.
pub(super) fn inline(tag: &Tag) -> String {
    let plain = !tag.reference && !tag.gone;
    let mut parts = vec![format!("type = {}", quoted(&tag.tag_type))];
    match &tag.scope {
        Scope::Type {} if plain => return quoted(&tag.tag_type),
        Scope::List { list, filtered: false } if list.is_empty() && plain => {
            return quoted(&format!("{}:LIST", tag.tag_type));
        }
        Scope::Type {} => {}
        Scope::Id { id } => match id.as_slice() {
            [one] => parts.push(format!("id = {}", source(one))),
            several => {
                let several: Vec<String> = several.iter().map(source).collect();
                parts.push(format!("id = [{}]", several.join(", ")));
            }
        },
        Scope::List { list, filtered } => {
            let constraints: Vec<String> =
                list.iter().map(|(name, from)| format!("{} = {}", key(name), source(from))).collect();
            let constraints = constraints.join(", ");
            parts.push(if constraints.is_empty() {
                "list = {}".to_owned()
            } else {
                format!("list = {{ {constraints} }}")
            });
            parts.extend(filtered.then(|| "filtered = true".to_owned()));
        }
    }
    parts.extend(tag.reference.then(|| "reference = true".to_owned()));
    parts.extend(tag.gone.then(|| "gone = true".to_owned()));
    format!("{{ {} }}", parts.join(", "))
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

/// A key of TOML, in quotes where it needs them.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A text of TOML; its escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
