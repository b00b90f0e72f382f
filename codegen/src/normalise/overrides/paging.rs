//! What is said of the pages of a query.

use super::{Reader, Said, SaidSource};
use crate::load::{Kind, NodeId};

/// What can be said of paging.
const KEYS: [&str; 11] = [
    "kind",
    "param",
    "previous_param",
    "next",
    "previous",
    "items",
    "more",
    "page_count",
    "total",
    "first",
    "until_empty",
];

/// How the pages of a query follow each other, as it is written in an override.
#[derive(Clone, Debug)]
pub(crate) struct SaidPaging {
    /// One of [`KINDS`].
    pub(crate) kind: Said<String>,
    pub(crate) param: Option<Said<String>>,
    pub(crate) previous_param: Option<Said<String>>,
    /// Places in the response, by their keys.
    pub(crate) places: Vec<(&'static str, Said<SaidSource>)>,
    pub(crate) first: Option<u64>,
    pub(crate) until_empty: bool,
}

/// What can ask for a page.
pub(crate) const KINDS: [&str; 5] = ["cursor", "page", "offset", "link", "url"];

impl Reader<'_> {
    /// `false`, or a table; nothing within where it is switched off.
    pub(super) fn paging(&mut self, node: NodeId) -> Option<Said<Option<SaidPaging>>> {
        match self.document.kind(node) {
            Kind::Bool(false) => Some(self.said(node, None)),
            Kind::Object(_) => {
                let paging = self.paging_table(node)?;
                Some(self.said(node, Some(paging)))
            }
            _ => {
                let help = "write { kind = \"cursor\", param = \"after\", next = \"response./next\" }, or `false`";
                self.fault(node, "this does not say how pages follow each other", help);
                None
            }
        }
    }

    fn paging_table(&mut self, node: NodeId) -> Option<SaidPaging> {
        let (mut kind, mut param, mut previous_param) = (None, None, None);
        let (mut places, mut first, mut until_empty) = (Vec::new(), None, false);
        for (key, node) in self.members(node) {
            match KEYS.iter().copied().find(|known| *known == key) {
                Some("kind") => kind = self.paging_kind(node),
                Some("param") => param = self.text(node).map(|name| self.said(node, name.to_owned())),
                Some("previous_param") => previous_param = self.text(node).map(|name| self.said(node, name.to_owned())),
                Some("first") => first = self.number(node),
                Some("until_empty") => until_empty = self.flag(node).is_some(),
                Some(key) => places.extend(self.source(node).map(|source| (key, source))),
                None => self.unknown(key, node, &KEYS),
            }
        }
        if kind.is_none() && self.document.get(node, "kind").is_none() {
            self.fault(node, "this paging has no `kind`", format!("it is one of {}", KINDS.join(", ")));
        }
        Some(SaidPaging { kind: kind?, param, previous_param, places, first, until_empty })
    }

    fn paging_kind(&mut self, node: NodeId) -> Option<Said<String>> {
        let kind = self.text(node)?;
        if KINDS.contains(&kind) {
            return Some(self.said(node, kind.to_owned()));
        }
        self.fault(node, format!("`{kind}` is no kind of paging"), format!("it is one of {}", KINDS.join(", ")));
        None
    }

    fn number(&mut self, node: NodeId) -> Option<u64> {
        let number = match self.document.kind(node) {
            Kind::Number(number) => number.to_string().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.fault(node, "a number of zero or more is expected here", "write the number of the first page or item");
        }
        number
    }
}
