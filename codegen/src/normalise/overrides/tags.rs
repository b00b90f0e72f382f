//! Tags and sources as they are written in overrides.

use super::{Reader, Said, SaidScope, SaidSource, SaidTag};
use crate::load::{Kind, NodeId};

/// The keys of a tag.
const TAG_KEYS: [&str; 6] = ["type", "id", "list", "reference", "gone", "filtered"];

/// Where a value can come from, as it begins in a source.
const PLACES: [&str; 5] = ["path", "query", "header", "body", "response"];

/// What a source looks like.
const SOURCES: &str = "a source is \"path.NAME\", \"query.NAME\", \"header.NAME\", \"body./POINTER\", \
                       \"response./POINTER\" or { value = \"…\" }";

impl Reader<'_> {
    pub(super) fn tag(&mut self, node: NodeId) -> Option<Said<SaidTag>> {
        match self.document.kind(node) {
            Kind::String(text) => self.short_tag(node, text),
            Kind::Object(_) => self.full_tag(node),
            _ => {
                let help = "a tag is \"Post\", \"Post:LIST\" or { type = \"Post\", id = \"path.postId\" }";
                self.fault(node, "this is no tag", help);
                None
            }
        }
    }

    /// `Post`, or `Post:LIST`.
    fn short_tag(&mut self, node: NodeId, text: &str) -> Option<Said<SaidTag>> {
        let (tag_type, scope) = match text.split_once(':') {
            None => (text, SaidScope::All),
            Some((tag_type, "LIST")) => (tag_type, SaidScope::List(Vec::new())),
            Some((tag_type, rest)) => {
                let help = format!(
                    "an id is written {{ type = \"{tag_type}\", id = \"path.NAME\" }}, and one that never changes \
                     {{ type = \"{tag_type}\", id = {{ value = \"{rest}\" }} }}"
                );
                self.fault(node, format!("`{text}` is no tag"), help);
                return None;
            }
        };
        let tag = SaidTag { tag_type: tag_type.to_owned(), scope, reference: false, gone: None, filtered: None };
        Some(self.said(node, tag))
    }

    fn full_tag(&mut self, node: NodeId) -> Option<Said<SaidTag>> {
        let mut tag_type = None;
        let (mut id, mut list) = (None, None);
        let (mut reference, mut gone, mut filtered) = (None, None, None);
        let mut whole = true;
        for (key, node) in self.members(node) {
            match key {
                "type" => tag_type = self.text(node).map(str::to_owned),
                "id" => id = self.parts(node),
                "list" => list = self.constraints(node),
                "reference" => reference = self.flag(node),
                "gone" => gone = self.flag(node),
                "filtered" => filtered = self.flag(node),
                unknown => self.unknown(unknown, node, &TAG_KEYS),
            }
            whole &= match key {
                "id" => id.is_some(),
                "list" => list.is_some(),
                _ => true,
            };
        }
        let Some(tag_type) = tag_type else {
            if self.document.get(node, "type").is_none() {
                self.fault(node, "this tag has no `type`", "write { type = \"Post\", … }");
            }
            return None;
        };
        let scope = match (id, list) {
            _ if !whole => return None,
            (Some(_), Some(_)) => {
                let help = "an entity is named by its `id`, a collection by `list`: write two tags";
                self.fault(node, "this tag has both an `id` and a `list`", help);
                return None;
            }
            (Some(id), None) => SaidScope::Id(id),
            (None, Some(list)) => SaidScope::List(list),
            (None, None) => SaidScope::All,
        };
        Some(self.said(node, SaidTag { tag_type, scope, reference: reference.is_some(), gone, filtered }))
    }

    /// `true`, with its place.
    pub(super) fn flag(&mut self, node: NodeId) -> Option<Said<()>> {
        match self.document.kind(node) {
            Kind::Bool(true) => Some(self.said(node, ())),
            Kind::Bool(false) => None,
            _ => {
                self.fault(node, "`true` or `false` is expected here", "");
                None
            }
        }
    }

    /// The parts of an id: one source, or a list of them.
    fn parts(&mut self, node: NodeId) -> Option<Vec<Said<SaidSource>>> {
        let parts = match self.document.kind(node) {
            Kind::Array(parts) if parts.is_empty() => {
                self.fault(node, "this id has no parts", SOURCES);
                return None;
            }
            Kind::Array(parts) => parts.clone(),
            _ => vec![node],
        };
        let read: Vec<_> = parts.iter().filter_map(|part| self.source(*part)).collect();
        (read.len() == parts.len()).then_some(read)
    }

    /// The constraints of a list, each with its source.
    fn constraints(&mut self, node: NodeId) -> Option<Vec<(String, Said<SaidSource>)>> {
        let members = match self.document.kind(node) {
            Kind::Object(_) => self.members(node),
            _ => {
                let help = "write { author_id = \"path.authorId\" }, or { } for the whole collection";
                self.fault(node, "a list has its constraints, each with a source", help);
                return None;
            }
        };
        let count = members.len();
        let read = members.into_iter().filter_map(|(name, node)| Some((name.to_owned(), self.source(node)?)));
        let read: Vec<_> = read.collect();
        (read.len() == count).then_some(read)
    }

    pub(super) fn source(&mut self, node: NodeId) -> Option<Said<SaidSource>> {
        let source = match self.document.kind(node) {
            Kind::String(text) => match text.split_once('.') {
                Some((place, name)) => self.from(node, place, name),
                None => {
                    let message = format!("`{text}` does not say where a value comes from");
                    self.fault(node, message, SOURCES);
                    None
                }
            },
            Kind::Object(_) => self.full_source(node),
            _ => {
                self.fault(node, "this does not say where a value comes from", SOURCES);
                None
            }
        };
        source.map(|source| self.said(node, source))
    }

    /// `{ in, name }`, `{ in, pointer }` or `{ value }`.
    fn full_source(&mut self, node: NodeId) -> Option<SaidSource> {
        let (mut place, mut name, mut value) = (None, None, None);
        for (key, node) in self.members(node) {
            match key {
                "in" => place = Some(self.text(node)?),
                "name" | "pointer" => name = Some(self.text(node)?),
                "value" => value = Some(self.value(node)?),
                unknown => self.unknown(unknown, node, &["in", "name", "pointer", "value"]),
            }
        }
        match (place, name, value) {
            (None, None, Some(value)) => Some(SaidSource::Value(value)),
            (Some(place), Some(name), None) => self.from(node, place, name),
            _ => {
                self.fault(node, "this does not say where a value comes from", SOURCES);
                None
            }
        }
    }

    /// A text, number or truth value as text, as it would be in a URL.
    fn value(&mut self, node: NodeId) -> Option<String> {
        match self.document.kind(node) {
            Kind::String(text) => Some(text.clone()),
            Kind::Number(number) => Some(number.to_string()),
            Kind::Bool(value) => Some(value.to_string()),
            _ => {
                self.fault(node, "a text, a number or a truth value is expected here", "");
                None
            }
        }
    }

    fn from(&mut self, node: NodeId, place: &str, name: &str) -> Option<SaidSource> {
        let (name, is_pointer) = (name.to_owned(), name.is_empty() || name.starts_with('/'));
        match place {
            "path" => Some(SaidSource::Path(name)),
            "query" => Some(SaidSource::Query(name)),
            "header" => Some(SaidSource::Header(name)),
            "body" if is_pointer => Some(SaidSource::Body(name)),
            "response" if is_pointer => Some(SaidSource::Response(name)),
            "body" | "response" => {
                let help =
                    format!("write `{place}./{}`: `/` before each key, `*` for each element", name.replace('.', "/"));
                self.fault(node, format!("`{name}` is no JSON Pointer"), help);
                None
            }
            _ => {
                let close = crate::suggest::close(place, &PLACES, super::ALIKE);
                let help = close.first().map_or(SOURCES.to_owned(), |close| format!("did you mean `{close}.{name}`?"));
                self.fault(node, format!("`{place}` is no place that a value can come from"), help);
                None
            }
        }
    }
}
