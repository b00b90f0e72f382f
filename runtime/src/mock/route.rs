//! Which requests an answer is for.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;

use super::MockAnswer;
use crate::platform::{MaybeSend, MaybeSync};
use crate::transport::OperationInfo;

/// An answer, and which requests it is for.
#[derive(Clone)]
pub(super) struct Route {
    method: Method,
    /// Without the names of its parameters.
    template: String,
    answer: Arc<dyn Answer>,
}

trait Answer: MaybeSend + MaybeSync {
    fn answer(&self, request: &http::Request<Bytes>) -> MockAnswer;
}

impl<F: Fn(&http::Request<Bytes>) -> MockAnswer + MaybeSend + MaybeSync> Answer for F {
    fn answer(&self, request: &http::Request<Bytes>) -> MockAnswer {
        self(request)
    }
}

impl Route {
    pub(super) fn new(
        method: Method,
        template: &str,
        answer: impl Fn(&http::Request<Bytes>) -> MockAnswer + MaybeSend + MaybeSync + 'static,
    ) -> Route {
        Route { method, template: unnamed(template), answer: Arc::new(answer) }
    }

    pub(super) fn answer(&self, request: &http::Request<Bytes>) -> MockAnswer {
        self.answer.answer(request)
    }

    /// By the operation's template; what is of no operation, such as a request for a token, by the end of its path.
    pub(super) fn is_for(&self, request: &http::Request<Bytes>) -> bool {
        if self.method != request.method() {
            return false;
        }
        match request.extensions().get::<OperationInfo>() {
            Some(operation) => unnamed(operation.path_template()) == self.template,
            None => ends_with(request.uri().path(), &self.template),
        }
    }
}

/// A template without the names of its parameters: `/posts/{}`.
fn unnamed(template: &str) -> String {
    let mut plain = String::with_capacity(template.len());
    let mut rest = template.trim_matches('/');
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        plain.push_str(before);
        plain.push_str("{}");
        rest = after;
    }
    plain + rest
}

/// Whether the last segments of a path are those of a template.
fn ends_with(path: &str, template: &str) -> bool {
    let mut segments = path.trim_matches('/').rsplit('/');
    template.rsplit('/').all(|wanted| {
        segments.next().is_some_and(|segment| wanted == segment || wanted.contains("{}") && !segment.is_empty())
    })
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /{}", self.method, self.template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_the_same_however_their_parameters_are_called() {
        assert_eq!(unnamed("/a/{b}/c:{d}"), unnamed("/a/{x}/c:{y}/"));
        assert_ne!(unnamed("/a/{b}"), unnamed("/a/b"));
        assert!(ends_with("/v1/oauth/token", "oauth/token") && !ends_with("/token", "oauth/token"));
        assert!(ends_with("/v1/posts/7", "posts/{}") && !ends_with("/v1/posts", "posts/{}"));
    }
}
