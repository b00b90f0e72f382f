//! What a `$ref` names: in its own file, in another, by an anchor or by an id.

use std::collections::HashMap;

use super::node::{Document, NodeId};
use crate::diagnostic::Diagnostic;
use crate::problem_kind::ProblemKind;

/// How many references in a row are followed before they count as a cycle.
const MAX_REFERENCES: usize = 64;

/// What is known of the names that references use.
#[derive(Clone, Debug, Default)]
pub(super) struct References {
    /// Files, by the file that names them and the name it has for them.
    pub(super) files: HashMap<(u32, String), Result<u32, Broken>>,
    /// The nodes of `$anchor` and `$dynamicAnchor`, by file and name.
    pub(super) anchors: HashMap<(u32, String), NodeId>,
    /// The nodes of `$id` and `$self`.
    pub(super) ids: HashMap<String, NodeId>,
    /// Schemas with an `$id`, in the order they were read: `#/…` within them starts from them.
    pub(super) resources: Vec<NodeId>,
}

/// Why a file that a reference names was not read.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) message: String,
    pub(super) help: String,
}

/// The node that a reference names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) node: NodeId,
    /// Nothing in the file of the reference has that name; the root document does.
    pub(crate) strayed: bool,
}

impl Document {
    /// The node that the `$ref` at `node` names, if there is one.
    ///
    /// # Errors
    /// When it names nothing that could be read.
    pub(crate) fn target(&self, node: NodeId) -> Result<Option<Named>, Diagnostic> {
        let Some(at) = self.get(node, "$ref").or_else(|| self.get(node, "$dynamicRef")) else { return Ok(None) };
        let Some(reference) = self.str(at) else { return Ok(None) };
        self.named(at, reference).map(Some)
    }

    /// Follows `$ref` from `node` until something else stands there; each step is shown to `passed`.
    ///
    /// # Errors
    /// When a reference names nothing that could be read, or goes in a circle.
    pub(crate) fn resolve(&self, node: NodeId, mut passed: impl FnMut(NodeId, Named)) -> Result<NodeId, Diagnostic> {
        let mut at = node;
        for _ in 0..MAX_REFERENCES {
            let Some(next) = self.target(at)? else { return Ok(at) };
            passed(at, next);
            at = next.node;
        }
        let problem = Diagnostic::warning("this reference goes in a circle").at(self.span(node));
        Err(problem.kind(ProblemKind::Reference).help("let one of them describe something"))
    }

    /// The node that `reference`, the text of the node `at`, names.
    ///
    /// # Errors
    /// When it names nothing that could be read.
    pub(crate) fn named(&self, at: NodeId, reference: &str) -> Result<Named, Diagnostic> {
        let broken = |message: String, help: &str| {
            Diagnostic::warning(message).kind(ProblemKind::Reference).at(self.span(at)).help(help)
        };
        let home = self.base(at);
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = percent_decode(fragment);
        let (file, start) = if uri.is_empty() {
            (home, self.file_root(home))
        } else if let Some(node) = self.references.ids.get(uri) {
            (self.span(*node).file, Some(*node))
        } else {
            match self.references.files.get(&(home, uri.to_owned())) {
                Some(Ok(file)) => (*file, self.file_root(*file)),
                Some(Err(why)) => return Err(broken(why.message.clone(), &why.help)),
                None => (home, None),
            }
        };
        let within = |start: NodeId, file: u32| match fragment.as_str() {
            "" => Some(start),
            pointer if pointer.starts_with('/') => self.pointer(start, pointer),
            anchor => self.references.anchors.get(&(file, anchor.to_owned())).copied(),
        };
        let found = start.and_then(|start| {
            let resource = uri.is_empty().then(|| self.resource(at)).flatten();
            within(start, file).or_else(|| within(resource?, file))
        });
        if let Some(node) = found {
            return Ok(Named { node, strayed: false });
        }
        let stray = (uri.is_empty() && home != 0).then(|| within(self.root(), 0)).flatten();
        if let Some(node) = stray {
            return Ok(Named { node, strayed: true });
        }
        let place = if uri.is_empty() { "this document".to_owned() } else { format!("`{uri}`") };
        let shown = if uri.is_empty() { reference.to_owned() } else { format!("#{fragment}") };
        Err(broken(format!("`{shown}` names nothing in {place}"), "correct the reference, or add what it names"))
    }

    /// The file that references written at `node` start from.
    fn base(&self, node: NodeId) -> u32 {
        let file = self.span(node).file;
        self.sources.get(file as usize).map_or(0, |source| source.base)
    }

    /// The outermost node of a file.
    pub(crate) fn file_root(&self, file: u32) -> Option<NodeId> {
        if file == 0 { Some(self.root()) } else { self.sources.get(file as usize)?.root }
    }

    /// The last schema with an `$id` before `node`, in the same file.
    fn resource(&self, node: NodeId) -> Option<NodeId> {
        let resources = &self.references.resources;
        let before = resources.partition_point(|resource| *resource < node);
        let resource = *resources.get(before.checked_sub(1)?)?;
        (self.span(resource).file == self.span(node).file).then_some(resource)
    }
}

/// The escapes of a URI.
pub(super) fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match escape.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
