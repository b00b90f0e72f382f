//! YAML text to nodes, with the place of every key and element.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use indexmap::IndexMap;
use serde_json::Number;

use super::node::{Document, Kind, NodeId, Span};
use super::{Fault, MAX_DEPTH};

/// Reads `text` into `document` and returns the root.
///
/// Scalars follow the core schema of YAML 1.2, in which `no` and `on` are text.
pub(super) fn read(text: &str, document: &mut Document) -> Result<NodeId, Fault> {
    let mut builder = Builder { document, open: Vec::new(), anchors: HashMap::new(), root: None };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(0);
            Fault::new(at, at + 1, error.info(), "the document is not valid YAML here")
        })?;
        let start = span.start.byte_offset().unwrap_or(0);
        let end = span.end.byte_offset().unwrap_or(start + 1);
        if matches!(event, Event::DocumentStart(..)) && builder.root.is_some() {
            return Err(Fault::new(start, end, "a second YAML document starts here", "keep one document in a file"));
        }
        builder.event(event, start, end)?;
    }
    builder.root.ok_or_else(|| Fault::new(0, 1, "the document is empty", "expected an OpenAPI document"))
}

/// A collection whose end has not been seen yet.
struct Open {
    node: NodeId,
    content: Content,
}

enum Content {
    Array(Vec<NodeId>),
    Object { members: IndexMap<String, NodeId>, key: Option<(String, usize, usize)>, merged: Vec<NodeId> },
}

struct Builder<'a> {
    document: &'a mut Document,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    root: Option<NodeId>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.wants_key() {
                    return self.key(text.into_owned(), start, end);
                }
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let kind = if plain { scalar(&text) } else { Kind::String(text.into_owned()) };
                let node = self.document.push(kind, place(start, end));
                self.anchor(anchor, node);
                self.add(node, start, end, true)
            }
            Event::Alias(id) => {
                let node = self.anchors.get(&id).copied();
                let node = node.filter(|node| !self.open.iter().any(|open| open.node == *node));
                let Some(node) = node else {
                    return Err(Fault::new(
                        start,
                        end,
                        "this alias stands inside its own anchor",
                        "write the value out",
                    ));
                };
                if self.wants_key() {
                    let text = self.document.str(node).map(str::to_owned);
                    let Some(text) = text else { return Err(complex_key(start, end)) };
                    return self.key(text, start, end);
                }
                self.add(node, start, end, false)
            }
            Event::SequenceStart(_, anchor, _) => self.start(Content::Array(Vec::new()), anchor, start, end),
            Event::MappingStart(_, anchor, _) => {
                let content = Content::Object { members: IndexMap::new(), key: None, merged: Vec::new() };
                self.start(content, anchor, start, end)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.finish();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Object { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, start: usize, end: usize) -> Result<(), Fault> {
        if let Some(Open { content: Content::Object { members, key, .. }, .. }) = self.open.last_mut() {
            if members.contains_key(&text) {
                return Err(Fault::duplicate(&text, start, end));
            }
            *key = Some((text, start, end));
        }
        Ok(())
    }

    fn anchor(&mut self, anchor: usize, node: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
    }

    fn start(&mut self, content: Content, anchor: usize, start: usize, end: usize) -> Result<(), Fault> {
        if self.wants_key() {
            return Err(complex_key(start, end));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault::too_deep(start));
        }
        let node = self.document.push(Kind::Null, place(start, end));
        self.anchor(anchor, node);
        self.add(node, start, end, true)?;
        self.open.push(Open { node, content });
        Ok(())
    }

    /// Puts a finished or just opened node where it belongs. A node of its own
    /// takes the place of its key; an aliased one keeps the place of its anchor.
    fn add(&mut self, node: NodeId, start: usize, end: usize, own: bool) -> Result<(), Fault> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.content {
            Content::Array(elements) => elements.push(node),
            Content::Object { members, key, merged } => {
                let Some((key, key_start, key_end)) = key.take() else {
                    return Err(complex_key(start, end));
                };
                if own {
                    self.document.set_span(node, place(key_start, key_end));
                }
                if key == "<<" {
                    merged.push(node);
                } else {
                    members.insert(key, node);
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self) {
        let Some(Open { node, content }) = self.open.pop() else { return };
        let kind = match content {
            Content::Array(elements) => Kind::Array(elements),
            Content::Object { mut members, merged, .. } => {
                for source in merged {
                    self.merge(&mut members, source);
                }
                Kind::Object(members)
            }
        };
        self.document.set(node, kind);
    }

    /// `<<: *anchor` and `<<: [*a, *b]`: members that are not written out come from there.
    fn merge(&self, members: &mut IndexMap<String, NodeId>, source: NodeId) {
        match self.document.kind(source) {
            Kind::Object(more) => {
                for (key, node) in more {
                    members.entry(key.clone()).or_insert(*node);
                }
            }
            Kind::Array(sources) => {
                for source in sources {
                    if matches!(self.document.kind(*source), Kind::Object(_)) {
                        self.merge(members, *source);
                    }
                }
            }
            _ => {}
        }
    }
}

fn place(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file: 0, start: offset(start), end: offset(end.max(start)) }
}

fn complex_key(start: usize, end: usize) -> Fault {
    Fault::new(start, end, "a key must be plain text", "an OpenAPI document has no other keys")
}

/// What a plain scalar means in the core schema of YAML 1.2.
fn scalar(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Kind::String(text.to_owned()), Kind::Number)
}

fn number(text: &str) -> Option<Number> {
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(Number::from);
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if !unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte)) {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Some(integer.into());
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}
