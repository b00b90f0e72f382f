//! What the auditor records of a request: its args by their names, and its body.

use bytes::Bytes;
use serde_json::{Map, Value as Json};

use super::{Place, Request};

impl Request {
    /// The parameters of path and query as they were given, but for those that are not sent.
    pub(crate) fn recorded_args(&self) -> (Map<String, Json>, Map<String, Json>) {
        let of = |wanted: &[Place]| {
            let given = self.rare().args.iter().filter(|(place, _, value)| wanted.contains(place) && !value.is_null());
            given.map(|(_, name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        (of(&[Place::Path]), of(&[Place::Query, Place::ReservedQuery]))
    }

    /// The path with its parameters in braces.
    pub(crate) fn template(&self) -> &'static str {
        self.common.template
    }

    /// What is sent, and what it is said to be.
    pub(crate) fn content(&self) -> (&Bytes, &str) {
        static NOTHING: Bytes = Bytes::new();
        let content = self.rare().content.as_ref();
        content.map_or((&NOTHING, ""), |content| (&content.body, content.content_type.to_str().unwrap_or_default()))
    }
}
