//! What the auditor records of a request: its args by their names, and its body.

use bytes::Bytes;
use serde_json::{Map, Value as Json};

use super::{Place, Request};

impl Request {
    /// The parameters of path and query as they were given, but for those that are not sent.
    pub(crate) fn args(&self) -> (Map<String, Json>, Map<String, Json>) {
        let of = |wanted: &[Place]| {
            let given = self.rare().args.iter().filter(|(place, _, value)| wanted.contains(place) && !value.is_null());
            given.map(|(_, name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        (of(&[Place::Path]), of(&[Place::Query, Place::ReservedQuery]))
    }

    /// The path with its parameters in braces.
    pub(crate) fn template(&self) -> &'static str {
        self.template
    }

    /// What is sent, and what it is said to be.
    pub(crate) fn content(&self) -> (&Bytes, &str) {
        let rare = self.rare();
        (&rare.body, rare.content_type.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default())
    }
}
