//! YAML text to nodes, with the place of every key and element.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Tag};
use indexmap::IndexMap;

use super::node::{Document, Kind, NodeId, Span};
use super::{Fault, MAX_DEPTH, scalar};
use crate::diagnostic::Diagnostic;
use crate::problem_kind::ProblemKind;

/// Where the tags of YAML itself live: `!!str` and its like.
const YAML_TAGS: &str = "tag:yaml.org,2002:";

/// Reads `text` into `document` and returns the root.
///
/// Scalars follow the core schema of YAML 1.2, in which `no` and `on` are text.
pub(super) fn read(text: &str, file: u32, document: &mut Document) -> Result<NodeId, Fault> {
    let mut builder = Builder { document, file, open: Vec::new(), anchors: HashMap::new(), root: None };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(0);
            if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
                return Fault::too_deep(at);
            }
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
    file: u32,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    root: Option<NodeId>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), Fault> {
        if self.document.is_full() {
            return Err(Fault::too_many(start));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.wants_key() {
                    return self.key(text.into_owned(), start, end);
                }
                let (kind, lost) = match tag {
                    None if style == ScalarStyle::Plain => scalar::plain(&text),
                    None => (Kind::String(text.into_owned()), None),
                    Some(tag) => self.tagged(&tag, &text, start, end),
                };
                let node = self.document.push(kind, self.place(start, end));
                if let Some(lost) = lost {
                    self.document.inexact.insert(node, lost);
                }
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
            Event::SequenceStart(_, anchor, tag) => {
                self.collection(tag.as_deref(), start, end);
                self.start(Content::Array(Vec::new()), anchor, start, end)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.collection(tag.as_deref(), start, end);
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

    fn place(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// What a scalar with a tag means: `!!str 1` is text, and `!!int "1"` a number.
    fn tagged(&mut self, tag: &Tag, text: &str, start: usize, end: usize) -> (Kind, Option<String>) {
        match tag.suffix_in_namespace(YAML_TAGS).as_deref() {
            Some("int" | "float" | "bool" | "null") => return scalar::plain(text),
            // Dates and bytes are text in JSON.
            Some("str" | "timestamp" | "binary") => {}
            _ if tag.parts() == ("", "!") => {}
            _ => self.unknown_tag(tag, start, end),
        }
        (Kind::String(text.to_owned()), None)
    }

    fn collection(&mut self, tag: Option<&Tag>, start: usize, end: usize) {
        let known = |tag: &&Tag| matches!(tag.suffix_in_namespace(YAML_TAGS).as_deref(), Some("seq" | "map" | "omap"));
        if let Some(tag) = tag.filter(|tag| !known(tag) && tag.parts() != ("", "!")) {
            self.unknown_tag(tag, start, end);
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, start: usize, end: usize) {
        let name = format!("{}{}", tag.original_handle(), tag.suffix());
        let message = format!("the YAML tag `{name}` means nothing in an OpenAPI document");
        let diagnostic = Diagnostic::warning(message).kind(ProblemKind::Syntax).at(self.place(start, end));
        self.document
            .problems
            .push(diagnostic.help("the value is read without it; to bring in a file, write a `$ref`"));
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
        let node = self.document.push(Kind::Null, self.place(start, end));
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
                    self.document.set_span(node, Span::new(self.file, key_start, key_end));
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

fn complex_key(start: usize, end: usize) -> Fault {
    Fault::new(start, end, "a key must be plain text", "an OpenAPI document has no other keys")
}
