//! What was learned, as tables of `larder.toml`.

use std::fmt::Write as _;

use super::{Evident, Learned, LearnedOperation};
use crate::plan::{Scope, Tag};
use crate::toml_text;

/// The tables that belong below an `[[api]]`, with the evidence as comments.
pub fn render(learned: &Learned) -> String {
    let mut text = String::new();
    for name in &learned.tag_types {
        let _ = writeln!(text, "[api.tag_types.{}]\n", toml_text::key(name));
    }
    for operation in &learned.operations {
        let _ = writeln!(text, "[api.operations.{}]", toml_text::key(&operation.id));
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

/// A tag on one line; a whole list in one word.
fn inline(tag: &Tag) -> String {
    match &tag.scope {
        Scope::List { list, filtered: false } if list.is_empty() && !tag.reference && !tag.gone => {
            toml_text::quoted(&format!("{}:LIST", tag.tag_type))
        }
        _ => toml_text::tag(tag),
    }
}
