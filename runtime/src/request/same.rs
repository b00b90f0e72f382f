//! Which requests are the same call, so that their queries are one entry.

use std::hash::{Hash, Hasher};

use http::Method;

use super::canonical::canonical;
use super::path::Path;
use super::rare::{NONE, Rare};
use super::{Args, Common, Request};

impl Request {
    /// The request as a query's own. Only a query pays for telling which bodies say the same.
    pub(crate) fn keyed(mut self) -> Request {
        let content = self.args.rare.as_mut().and_then(|rare| rare.content.as_mut());
        if let Some(content) = content.filter(|content| is_json(content.content_type.as_bytes())) {
            let canonical = canonical(&content.body).filter(|canonical| **canonical != *content.body);
            content.key = canonical.map(Vec::into_boxed_slice);
        }
        self
    }
}

impl Args {
    /// Whether two calls, of which these are the halves, ask the same of the server, whatever order their parameters were set
    /// in. Credentials do not count: they are the client's.
    pub(crate) fn is_same_call(&self, common: &Common, other: &Args, other_common: &Common) -> bool {
        let same_path = match (&self.path, &other.path) {
            (Some(one), Some(two)) => one.as_bytes() == two.as_bytes(),
            _ => self.path_bytes(common) == other.path_bytes(other_common),
        };
        if !same_path || common.operation != other_common.operation || common.accept != other_common.accept {
            return false;
        }
        if self.rare.is_none() && other.rare.is_none() {
            return common.method == other_common.method;
        }
        let (one, two) = (self.rare(), other.rare());
        self.method(common) == other.method(other_common)
            && one.query == two.query
            && one.headers == two.headers
            && one.cookies == two.cookies
            && one.content == two.content
            && one.server == two.server
            // A request that cannot be sent must not pass for one that can.
            && one.problem == two.problem
    }

    /// Hashes what a user, or a server whose ids are asked for, can choose. What the program's own text chooses, such as the
    /// operation, tells few requests apart that this does not.
    pub(crate) fn hash_key<H: Hasher>(&self, common: &Common, state: &mut H) {
        self.path_bytes(common).hash(state);
        let Some(rare) = &self.rare else { return };
        rare.query.hash(state);
        rare.cookies.hash(state);
        rare.headers.iter().for_each(|(_, value)| value.hash(state));
        if let Some(content) = &rare.content {
            content.key().hash(state);
        }
    }

    /// The path, as it is before characters are encoded that no URL holds.
    pub(crate) fn path<'a>(&'a self, common: &'a Common) -> &'a str {
        self.path.as_ref().map_or(common.template, Path::as_str)
    }

    /// Whether the response is read as a stream.
    pub(crate) fn streams(&self) -> bool {
        self.rare().sending.as_ref().is_some_and(|sending| sending.stream.is_some())
    }

    pub(super) fn rare(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(&NONE)
    }

    fn method<'a>(&'a self, common: &'a Common) -> &'a Method {
        self.rare().method.as_deref().unwrap_or(common.method)
    }

    fn path_bytes<'a>(&'a self, common: &'a Common) -> &'a [u8] {
        self.path.as_ref().map_or(common.template.as_bytes(), Path::as_bytes)
    }
}

/// Whether a content type is JSON, or lines of it.
fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    essence.ends_with(b"json") || essence.ends_with(b"jsonl")
}
