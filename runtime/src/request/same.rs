//! Which requests are the same call, so that their queries are one entry.

use std::hash::{Hash, Hasher};

use super::Request;
use super::canonical::canonical;
use super::path::Path;

impl Request {
    /// The request as a query's own. Only a query pays for telling which bodies say the same.
    pub(crate) fn keyed(mut self) -> Request {
        if let Some(rare) = &mut self.rare
            && rare.content_type.as_ref().is_some_and(|content_type| is_json(content_type.as_bytes()))
        {
            let canonical = canonical(&rare.body).filter(|canonical| **canonical != *rare.body);
            rare.body_key = canonical.map(Vec::into_boxed_slice);
        }
        self
    }

    /// Whether both ask the same of the server, whatever order their parameters were set in. Credentials do not count: they
    /// are the client's.
    pub(crate) fn is_same_call(&self, other: &Request) -> bool {
        if self.path_bytes() != other.path_bytes() || self.operation != other.operation || self.accept != other.accept {
            return false;
        }
        if self.rare.is_none() && other.rare.is_none() {
            return self.method == other.method;
        }
        let (one, two) = (self.rare(), other.rare());
        self.method() == other.method()
            && one.query == two.query
            && one.headers == two.headers
            && one.cookies == two.cookies
            && one.content_type == two.content_type
            && self.body_key() == other.body_key()
            && one.server == two.server
            // A request that cannot be sent must not pass for one that can.
            && one.problem == two.problem
    }

    /// Hashes what a user, or a server whose ids are asked for, can choose. What the program's own text chooses, such as the
    /// operation, tells few requests apart that this does not.
    pub(crate) fn hash_key<H: Hasher>(&self, state: &mut H) {
        self.path_bytes().hash(state);
        let Some(rare) = &self.rare else { return };
        rare.query.hash(state);
        rare.cookies.hash(state);
        rare.headers.iter().for_each(|(_, value)| value.hash(state));
        if !self.body_key().is_empty() {
            state.write(self.body_key());
        }
    }

    fn path_bytes(&self) -> &[u8] {
        self.path.as_ref().map_or(self.template.as_bytes(), Path::as_bytes)
    }

    fn body_key(&self) -> &[u8] {
        let rare = self.rare();
        rare.body_key.as_deref().unwrap_or(&rare.body)
    }
}

/// Whether a content type is JSON, or lines of it.
fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    essence.ends_with(b"json") || essence.ends_with(b"jsonl")
}
