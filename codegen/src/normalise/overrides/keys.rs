//! The keys of an override, and what each holds.

use super::{Overrides, Reader, Said, SaidTag, TagOverrides};
use crate::load::{Kind, NodeId};

/// What can be said of an operation.
const KEYS: [&str; 9] = [
    "kind",
    "provides",
    "provides_also",
    "provides_with",
    "invalidates",
    "invalidates_also",
    "invalidates_with",
    "writes",
    "paging",
];

impl Reader<'_> {
    /// What is said of one operation.
    pub(super) fn operation(&mut self, node: NodeId) -> Overrides {
        let mut overrides = Overrides::default();
        for (key, node) in self.members(node) {
            let (verb, how) = key.split_once('_').unwrap_or((key, ""));
            let side = match verb {
                "provides" => &mut overrides.provides,
                _ => &mut overrides.invalidates,
            };
            match (key, how) {
                ("kind", _) => overrides.reads = self.kind(node),
                ("paging", _) => overrides.paging = self.paging(node),
                ("writes", _) => overrides.writes_nothing = self.writes(node),
                (key, how) if KEYS.contains(&key) => self.tag_key(side, how, node),
                (unknown, _) => self.unknown(unknown, node, &KEYS),
            }
        }
        overrides
    }

    fn tag_key(&mut self, side: &mut TagOverrides, how: &str, node: NodeId) {
        match how {
            "with" => side.with = self.text(node).map(|path| self.said(node, path.to_owned())),
            "also" => side.also = Some(self.tags(node)),
            _ => side.only = Some(self.tags(node)),
        }
    }

    /// One tag, or a list of them.
    fn tags(&mut self, node: NodeId) -> Said<Vec<Said<SaidTag>>> {
        let tags = match self.document.kind(node) {
            Kind::Array(tags) => tags.clone(),
            _ => vec![node],
        };
        let tags = tags.into_iter().filter_map(|tag| self.tag(tag)).collect();
        self.said(node, tags)
    }

    fn kind(&mut self, node: NodeId) -> Option<Said<bool>> {
        let reads = match self.text(node)? {
            "query" => true,
            "mutation" => false,
            other => {
                let message = format!("`{other}` is no kind of operation");
                self.fault(node, message, "an operation is a \"query\" or a \"mutation\"");
                return None;
            }
        };
        Some(self.said(node, reads))
    }

    fn writes(&mut self, node: NodeId) -> Option<Said<()>> {
        if !matches!(self.document.kind(node), Kind::Array(elements) if elements.is_empty()) {
            let help = "`writes = []` has every query asked again; in code, `Mutation::writes` names one to fill";
            self.fault(node, "`writes` can only be switched off here", help);
            return None;
        }
        Some(self.said(node, ()))
    }

    /// Tag types that only overrides know, by their names.
    pub(super) fn tag_types(&mut self, node: NodeId) -> Vec<Said<String>> {
        let mut named = Vec::new();
        for (name, node) in self.members(node) {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "_- .".contains(c));
            if !is_name {
                let help = "a tag type is named as `Alert`: a letter, then letters, digits, `_`, `-`, `.` or spaces";
                self.fault(node, format!("`{name}` is no name for a tag type"), help);
            } else if !matches!(self.document.kind(node), Kind::Null) && !self.members(node).is_empty() {
                let help = "it has a name and nothing else: what provides and invalidates it is said of operations";
                self.fault(node, format!("the tag type `{name}` can have no keys"), help);
            } else {
                named.push(self.said(node, name.to_owned()));
            }
        }
        named
    }
}
