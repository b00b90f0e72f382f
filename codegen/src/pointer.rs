//! JSON Pointers (RFC 6901): their tokens, and those of a document's nodes.

use crate::load::{Document, Kind, NodeId};

/// A key as a token.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A token as a key.
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Where the nodes of a document stand. Only what is asked for is written out: a long key above many nodes would be
/// written for each of them.
pub(crate) struct Places<'d> {
    document: &'d Document,
    /// What holds each node, and at which position; a root holds itself. An alias stands where it is met first.
    holders: Vec<Option<(NodeId, usize)>>,
}

impl<'d> Places<'d> {
    /// Looks at every node below `roots`.
    pub(crate) fn new(document: &'d Document, roots: impl IntoIterator<Item = NodeId>) -> Places<'d> {
        let mut holders = vec![None; document.nodes().count()];
        let mut open: Vec<(NodeId, (NodeId, usize))> = roots.into_iter().map(|root| (root, (root, 0))).collect();
        while let Some((node, holder)) = open.pop() {
            match holders.get_mut(node.index()) {
                Some(slot @ None) => *slot = Some(holder),
                _ => continue,
            }
            let held = |(at, child): (usize, &NodeId)| (*child, (node, at));
            match document.kind(node) {
                Kind::Object(members) => open.extend(members.values().enumerate().map(held).rev()),
                Kind::Array(elements) => open.extend(elements.iter().enumerate().map(held).rev()),
                _ => {}
            }
        }
        Places { document, holders }
    }

    /// The pointer of `node` below its root; `None` when it is below none.
    pub(crate) fn pointer(&self, mut node: NodeId) -> Option<String> {
        let mut tokens = Vec::new();
        loop {
            let (holder, at) = self.holders.get(node.index()).copied().flatten()?;
            if holder == node {
                return Some(tokens.iter().rev().flat_map(|token: &String| ["/", token.as_str()]).collect());
            }
            tokens.push(match self.document.kind(holder) {
                Kind::Object(members) => members.get_index(at).map(|(key, _)| escape(key)).unwrap_or_default(),
                _ => at.to_string(),
            });
            node = holder;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Places;
    use crate::load;

    #[test]
    fn nodes_are_found_by_their_pointers() {
        let text = "a/b: [x, { '~': &alias y }]\nlater: *alias\n".to_owned();
        let document = load::load_text(Path::new("a.yaml"), text).expect("it is YAML");
        let places = Places::new(&document, [document.root()]);
        for pointer in ["", "/a~1b", "/a~1b/0", "/a~1b/1/~0"] {
            let node = document.pointer(document.root(), pointer).expect("it is there");
            assert_eq!(places.pointer(node).as_deref(), Some(pointer));
        }
        let alias = document.pointer(document.root(), "/later").expect("it is there");
        assert_eq!(places.pointer(alias).as_deref(), Some("/a~1b/1/~0"));
        assert_eq!(Places::new(&document, [alias]).pointer(document.root()), None);
    }
}
