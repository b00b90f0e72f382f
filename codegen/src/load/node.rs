//! The document as a tree of nodes, each of which knows where it was written.

use std::collections::HashMap;
use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::Value;

use super::reference::References;
use super::{scalar, text};
use crate::diagnostic::Diagnostic;
use crate::pointer::unescape;

/// More nodes than this are refused, and with them the memory that they would need: about 80 bytes each. The largest
/// published documents have a quarter of it. Tests of the limit need not pay for it.
pub(crate) const MAX_NODES: usize = if cfg!(test) { 10_000 } else { 5_000_000 };

/// A node of a [`Document`], by its place in the arena.
///
/// A YAML alias is the same `NodeId` as its anchor, so a document of nested
/// aliases costs no more memory than its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    /// The node of a number; none may have it.
    pub(super) fn at(index: usize) -> NodeId {
        NodeId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }

    /// The node as a `$ref` that stands in for it where a piece of a document is read alone.
    pub(crate) fn to_ref(self) -> String {
        format!("@{}", self.0)
    }

    /// The node that a [`to_ref`](Self::to_ref) stands for.
    pub(crate) fn from_ref(reference: &str) -> Option<NodeId> {
        reference.strip_prefix('@')?.parse().ok().map(NodeId)
    }
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as JSON has it.
    Number(serde_json::Number),
    /// Text.
    String(String),
    /// Elements in order.
    Array(Vec<NodeId>),
    /// Members in the order they were written.
    Object(IndexMap<String, NodeId>),
}

/// A range of bytes in one source file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Index of the file in [`Document::sources`].
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of `file`; offsets past 4 GiB, which no file that is read has, stop there.
    pub(super) fn new(file: u32, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file, start: offset(start), end: offset(end.max(start)) }
    }
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    span: Span,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path, as messages show it.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Its outermost node; none when the text could not be read.
    pub(crate) root: Option<NodeId>,
    /// The file that references written here start from: an overlay's start from the document it changes.
    pub(crate) base: u32,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// Columns of longer lines are counted in bytes: a document may be one line of megabytes.
const LONG_LINE: usize = 10_000;

impl Source {
    pub(crate) fn new(path: PathBuf, text: String) -> Source {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Source { path, text, root: None, base: 0, lines }
    }

    /// Line and column of a byte offset, both from 1, and where that line begins and ends.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize, std::ops::Range<usize>) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        let before = self.text.get(start..offset).unwrap_or_default();
        let column = if before.len() > LONG_LINE { before.len() } else { before.chars().count() };
        (line, column + 1, start..end)
    }
}

/// An OpenAPI document: every node of it, and the text it came from.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The files, the root document first.
    pub sources: Vec<Source>,
    /// What was noticed before the document was looked at as OpenAPI.
    pub(crate) problems: Vec<Diagnostic>,
    /// Numbers that are kept with less than they were written with.
    pub(crate) inexact: HashMap<NodeId, String>,
    /// Files that references name and that are not there.
    pub(crate) missing: Vec<PathBuf>,
    /// What a `larder.toml` says of it: one `[[api]]`.
    pub(crate) config: Option<NodeId>,
    pub(super) references: References,
    nodes: Vec<Node>,
    root: NodeId,
}

impl Document {
    /// Adds a node. Readers look at [`is_full`](Self::is_full) before.
    pub(crate) fn push(&mut self, kind: Kind, span: Span) -> NodeId {
        let id = NodeId::at(self.nodes.len());
        self.nodes.push(Node { kind, span });
        id
    }

    /// How many bytes the files that are still to be read may have.
    pub(super) fn bytes_left(&self) -> u64 {
        let read = self.sources.iter().map(|source| source.text.len() as u64);
        text::MAX_BYTES.saturating_sub(read.sum())
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether a reader has to stop.
    pub(crate) fn is_full(&self) -> bool {
        self.nodes.len() >= MAX_NODES
    }

    /// Forgets the nodes that were added since there were `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.nodes.truncate(len);
        self.inexact.retain(|node, _| (node.0 as usize) < len);
    }

    /// Every node there is, in the order they were read.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::at)
    }

    /// A number or boolean as it is written, `1.10` and not `1.1`.
    ///
    /// The place of a member is its key; the value stands behind it.
    pub(crate) fn written(&self, node: NodeId) -> Option<&str> {
        let span = self.span(node);
        let text = self.sources.get(span.file as usize)?.text.as_str();
        let token = |at: usize| {
            let rest = text.get(at..)?;
            rest.split(|c: char| c.is_whitespace() || ",]}".contains(c)).next()
        };
        let same = |token: &&str| match (self.kind(node), scalar::plain(token).0) {
            (Kind::Number(a), Kind::Number(b)) => *a == b,
            (Kind::Bool(a), Kind::Bool(b)) => *a == b,
            _ => false,
        };
        let value = || {
            let end = span.end as usize;
            let rest = text.get(end..)?;
            token(end + rest.find(|c: char| !c.is_whitespace() && !":\"'".contains(c))?)
        };
        token(span.start as usize).filter(same).or_else(|| value().filter(same))
    }

    pub(crate) fn set(&mut self, id: NodeId, kind: Kind) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.kind = kind;
        }
    }

    /// What a node holds, which is then to be [`set`](Self::set) again.
    pub(super) fn take(&mut self, id: NodeId) -> Kind {
        self.nodes.get_mut(id.index()).map_or(Kind::Null, |node| std::mem::replace(&mut node.kind, Kind::Null))
    }

    pub(super) fn set_span(&mut self, id: NodeId, span: Span) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.span = span;
        }
    }

    pub(crate) fn set_root(&mut self, root: NodeId) {
        self.root = root;
    }

    /// The outermost node.
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// What a node holds.
    pub fn kind(&self, id: NodeId) -> &Kind {
        self.nodes.get(id.0 as usize).map_or(&Kind::Null, |node| &node.kind)
    }

    /// Where a node was written: the key of a member, the start of anything else.
    pub fn span(&self, id: NodeId) -> Span {
        self.nodes.get(id.0 as usize).map_or(Span::default(), |node| node.span)
    }

    /// The member `key` of an object.
    pub fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.object(id)?.get(key).copied()
    }

    /// The members of an object.
    pub fn object(&self, id: NodeId) -> Option<&IndexMap<String, NodeId>> {
        match self.kind(id) {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The members of the object at `key`; none if there is no such object.
    pub fn members(&self, id: NodeId, key: &str) -> impl Iterator<Item = (&str, NodeId)> {
        let members = self.get(id, key).and_then(|node| self.object(node));
        members.into_iter().flatten().map(|(key, node)| (key.as_str(), *node))
    }

    /// The elements of an array; none if the node is no array.
    pub fn array(&self, id: NodeId) -> &[NodeId] {
        match self.kind(id) {
            Kind::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn str(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of the string at `key`.
    pub fn str_at(&self, id: NodeId, key: &str) -> Option<&str> {
        self.str(self.get(id, key)?)
    }

    /// The boolean at `key`; `false` when it is absent.
    pub fn flag(&self, id: NodeId, key: &str) -> bool {
        matches!(self.get(id, key).map(|node| self.kind(node)), Some(Kind::Bool(true)))
    }

    /// The node at a JSON Pointer (RFC 6901) below `from`.
    pub fn pointer(&self, from: NodeId, pointer: &str) -> Option<NodeId> {
        pointer.split('/').skip(1).try_fold(from, |node, token| {
            let token = unescape(token);
            match self.kind(node) {
                Kind::Object(members) => members.get(&token).copied(),
                Kind::Array(elements) => elements.get(token.parse::<usize>().ok()?).copied(),
                _ => None,
            }
        })
    }

    /// The node as a JSON value, or `None` when it holds more than `budget` nodes.
    ///
    /// Aliases are copied here, so the budget is what keeps a small document from
    /// growing into a large value.
    pub fn value(&self, id: NodeId, budget: &mut usize) -> Option<Value> {
        *budget = budget.checked_sub(1)?;
        Some(match self.kind(id) {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Array(elements) => {
                Value::Array(elements.iter().map(|node| self.value(*node, budget)).collect::<Option<_>>()?)
            }
            Kind::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, node)| Some((key.clone(), self.value(*node, budget)?)))
                    .collect::<Option<_>>()?,
            ),
        })
    }
}
