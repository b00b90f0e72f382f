//! A call with its args, as a report and a recording show it.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::recorded;
use crate::request::Request;

/// A call of an operation with its args. It holds no header and no cookie, so no credential of the client.
///
/// Names of properties that sound like a secret (`password`, `client_secret`) have `null` for a value.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Call {
    /// The operation's id.
    pub operation_id: String,
    /// The method, in capitals.
    pub method: String,
    /// The path with its parameters in braces.
    pub path_template: String,
    /// Path and query as they were sent.
    pub url: String,
    /// Parameters of the path by their names.
    pub path_params: Map<String, Json>,
    /// Parameters of the query string by their names.
    pub query: Map<String, Json>,
    /// The request's body. `null` when there is none, or when it is no text.
    pub body: Json,
}

impl Call {
    pub(crate) fn new(request: &Request) -> Call {
        let (path_params, query) = request.recorded_args();
        let (body, content_type) = request.content();
        Call {
            operation_id: request.operation().to_owned(),
            method: request.method().as_str().to_owned(),
            path_template: request.template().to_owned(),
            url: request.path_and_query(),
            path_params,
            query,
            body: recorded::without_secrets(recorded::body(body, content_type)),
        }
    }
}

/// `GET /posts?limit=20 (listPosts)`
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.url, self.operation_id)
    }
}

/// Shows no values: what is printed by accident should hold none.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.path_template, self.operation_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn args_are_what_was_given_and_headers_are_left_out() {
        let request = Request::patch("renamePost", "/posts/{post id}/{n}")
            .path_param("post id", "a/b")
            .path_param("n", &7)
            .query_param("tag", &["x", "y"])
            .query_param("none", &None::<i64>)
            .header_param("X-Key", "hidden")
            .cookie_param("session", "hidden")
            .json(&json!({ "title": "T", "login": { "password": "hidden", "api_key": "hidden" } }));
        let call = Call::new(&request);
        let told = serde_json::to_value(&call).unwrap();
        let expected = json!({
            "operation_id": "renamePost", "method": "PATCH", "path_template": "/posts/{post id}/{n}",
            "url": "/posts/a%2Fb/7?tag=x&tag=y",
            "path_params": { "post id": "a/b", "n": 7 },
            "query": { "tag": ["x", "y"] },
            "body": { "title": "T", "login": { "password": null, "api_key": null } },
        });
        assert_eq!(told, expected);
        assert!(!format!("{call:?}").contains("a%2Fb"));
    }

    #[test]
    fn a_form_is_an_object_of_texts() {
        let request = Request::post("create", "/posts").form(&json!({ "a": "x y&z", "b": [1, 2], "password": "p" }));
        assert_eq!(Call::new(&request).body, json!({ "a": "x y&z", "b": ["1", "2"], "password": null }));
    }
}
