//! Tags, edges and how sure they are, in words.

use std::collections::BTreeSet;

use super::reach::{Edge, Effect, Link};
use crate::emit::in_words;
use crate::plan::{Kind, Operation, Scope, Source, Tag};

/// Below this, an inference is told apart as one to look at.
pub(super) const UNSURE: f32 = 0.5;

/// `80%`.
pub(super) fn percent(confidence: f32) -> String {
    format!("{:.0}%", confidence.clamp(0.0, 1.0) * 100.0)
}

/// `1 query`, `2 queries`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// A tag with what is special about it: `Post:{post_id} (gone)`.
pub(super) fn tag(tag: &Tag, kind: Kind) -> String {
    let reference = match kind {
        Kind::Query => "as a reference",
        Kind::Mutation => "and what refers to it",
    };
    let filtered = matches!(&tag.scope, Scope::List { filtered: true, .. });
    let notes = [(filtered, "where a list names it"), (tag.gone, "gone"), (tag.reference, reference)];
    let notes: Vec<&str> = notes.iter().filter(|(on, _)| *on).map(|(_, note)| *note).collect();
    let words = in_words(tag);
    if notes.is_empty() { words } else { format!("{words} ({})", notes.join(", ")) }
}

/// What a function of the user's names beside the tags that the plan knows.
pub(super) fn with(operation: &Operation) -> Option<String> {
    let with = operation.with.as_ref()?;
    Some(format!("the function `{with}` names more tags, and what they reach is not known here"))
}

/// Where the values of a tag come from.
pub(super) fn sources(tag: &Tag) -> String {
    match &tag.scope {
        Scope::Id { id } => joined(id.iter().map(source)),
        Scope::List { list, .. } => joined(list.iter().map(|(name, from)| format!("{name} from {}", source(from)))),
        Scope::Type {} => "all of it".to_owned(),
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Path { name } => format!("path {name}"),
        Source::Query { name } => format!("query {name}"),
        Source::Header { name } => format!("header {name}"),
        Source::Body { pointer } => format!("body {pointer}"),
        Source::Response { pointer } => format!("response {pointer}"),
        Source::Value { value } => format!("always {value}"),
    }
}

/// What a mutation does to the entries that it reaches.
pub(super) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Write => "fills",
        Effect::Drop => "drops",
        Effect::Refetch => "refetches",
    }
}

/// When an edge's mutation reaches its query: `of the same postId`; several reasons, each once. Where it fills or drops
/// one entry, it may refetch others for other reasons.
pub(super) fn when(edge: &Edge<'_>) -> String {
    // An entry is picked by its args first of all; what it shows beside comes after that.
    let mut links: Vec<&Link<'_>> = edge.links.iter().collect();
    links.sort_by_key(|link| (!link.provides.from_args, link.provides.reference));
    let is_main = |link: &Link<'_>| match edge.effect {
        Effect::Write => picks_entry(link),
        Effect::Drop => link.drops(),
        Effect::Refetch => true,
    };
    let (main, rest): (Vec<&Link<'_>>, Vec<&Link<'_>>) = links.into_iter().partition(|link| is_main(link));
    let main = match edge.write {
        Some(write) => {
            let names = joined(write.args.keys().cloned());
            let of = if names.is_empty() { String::new() } else { format!("of the same {names}, ") };
            format!("{of}from the response")
        }
        None => phrases(&main),
    };
    if rest.is_empty() { main } else { format!("{main}; refetches others: {}", phrases(&rest)) }
}

/// Whether the link is to the entry that the args pick.
fn picks_entry(link: &Link<'_>) -> bool {
    link.provides.from_args && !link.provides.reference && matches!(link.provides.scope, Scope::Id { .. })
}

fn phrases(links: &[&Link<'_>]) -> String {
    let mut phrases: Vec<String> = Vec::new();
    for link in links {
        let phrase = match_words(link);
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    phrases.join("; ")
}

/// When one tag reaches the other.
fn match_words(link: &Link<'_>) -> String {
    let name = &link.provides.tag_type;
    match (&link.invalidates.scope, &link.provides.scope) {
        (Scope::Type {}, _) => format!("always: all of `{name}` is invalidated"),
        (Scope::Id { .. }, _) if link.provides.reference => format!("where it refers to the same `{name}`"),
        (Scope::Id { id }, Scope::Id { id: provided }) => of_ids(name, id, provided),
        (Scope::List { filtered, .. }, _) => {
            let common = joined(link.common().into_iter().map(str::to_owned));
            match (common.as_str(), filtered) {
                ("", _) => format!("every list of `{name}`"),
                (common, true) => format!("lists of `{name}` filtered by {common}"),
                (common, false) => format!("lists of `{name}` with the same {common}"),
            }
        }
        _ => String::new(),
    }
}

fn of_ids(name: &str, invalidated: &[Source], provided: &[Source]) -> String {
    let mut args = Vec::new();
    for source in provided {
        match source {
            Source::Path { name } | Source::Query { name } | Source::Header { name } => args.push(name.clone()),
            Source::Value { .. } => {}
            Source::Body { .. } | Source::Response { .. } => return format!("where it shows the same `{name}`"),
        }
    }
    let is_known = invalidated.iter().all(|source| matches!(source, Source::Value { .. }));
    match args.is_empty() {
        false => format!("of the same {}", joined(args)),
        true if is_known => format!("always: it is the one `{name}`"),
        true => format!("where it is the same `{name}`"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn joined(words: impl IntoIterator<Item = String>) -> String {
    let mut words: Vec<String> = words.into_iter().collect();
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}

/// Why an edge's tags are invalidated, and why its query provides them, each reason once.
pub(super) fn reasons(edge: &Edge<'_>) -> (Vec<String>, Vec<String>) {
    let of = |tags: Vec<&Tag>, operation: &Operation| {
        let mut seen = BTreeSet::new();
        let own = tags.into_iter().map(|tag| &tag.why).filter(|why| !why.is_empty());
        let mut found: Vec<String> = own.filter(|why| seen.insert(why.as_str())).cloned().collect();
        if found.is_empty() {
            found.clone_from(&operation.why);
        }
        found
    };
    let invalidated = of(edge.links.iter().map(|link| link.invalidates).collect(), edge.mutation);
    (invalidated, of(edge.links.iter().map(|link| link.provides).collect(), edge.query))
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn lists_of_words_read_as_people_write_them() {
        let said = |words: &[&str]| joined(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(
            [said(&[]), said(&["a"]), said(&["a", "b"]), said(&["a", "b", "c"])],
            ["", "a", "a and b", "a, b and c"]
        );
    }
}
