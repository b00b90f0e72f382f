//! A transport whose answers are given beforehand.

mod answer;
mod route;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};

pub use self::answer::MockAnswer;
use self::route::Route;
use crate::guard::lock;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::sync::Mutex;
use crate::transport::{OperationInfo, ResponseBody, Transport, TransportError};

/// How many requests are remembered.
const REMEMBERED: usize = 1000;

/// A transport whose answers are given beforehand: for tests, for demonstrations, and for work on an application whose server
/// is not there yet. Cheap to clone; clones share what they were asked.
///
/// The generator makes one of a document's examples if it is told to (`Generator::mock`): `api::mock::transport()`.
///
/// ```
/// # fn build() -> Result<larder::Client, larder::Error> {
/// use larder::http::Method;
/// use larder::{Client, MockAnswer, MockTransport};
///
/// let mock = MockTransport::new()
///     .route(Method::GET, "/posts/{id}", MockAnswer::json(200, r#"{"id": 7, "title": "Quinces"}"#))
///     .route(Method::DELETE, "/posts/{id}", MockAnswer::empty(204));
/// Client::builder("https://api.example.com").transport(mock).build()
/// # }
/// ```
///
/// What no route is for is answered with 404 and a text that says so.
#[derive(Clone, Default)]
pub struct MockTransport {
    /// The last that fits counts.
    routes: Vec<Route>,
    asked: Arc<Mutex<VecDeque<http::Request<Bytes>>>>,
}

impl MockTransport {
    /// A transport without routes.
    pub fn new() -> MockTransport {
        MockTransport::default()
    }

    /// Answers an operation, by its method and its path as the document has it: `/posts/{id}`. How its parameters are called
    /// does not matter. Of several routes that fit, the one that was added last counts, so some of those that were generated
    /// can be replaced.
    #[must_use]
    pub fn route(self, method: Method, path_template: &str, answer: MockAnswer) -> MockTransport {
        self.route_with(method, path_template, move |_| answer.clone())
    }

    /// As [`route`](Self::route), with an answer that a function makes of each request: other data for other args, or a
    /// failure the first time.
    #[must_use]
    pub fn route_with(
        mut self,
        method: Method,
        path_template: &str,
        answer: impl Fn(&http::Request<Bytes>) -> MockAnswer + MaybeSend + MaybeSync + 'static,
    ) -> MockTransport {
        self.routes.push(Route::new(method, path_template, answer));
        self
    }

    /// Answers many operations by a table: method, path, status, content type and body of each. What no method is counts for
    /// nothing.
    #[must_use]
    pub fn answers(self, table: &[(&str, &str, u16, &str, &str)]) -> MockTransport {
        table.iter().fold(self, |mock, (method, path, status, content_type, body)| {
            let Ok(method) = method.parse() else { return mock };
            let body = Bytes::copy_from_slice(body.as_bytes());
            let answer = MockAnswer::new(*status, content_type, body);
            mock.route(method, path, answer)
        })
    }

    /// What was asked so far, the oldest first; of more than a thousand requests the last thousand.
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        lock(&self.asked).iter().cloned().collect()
    }

    fn note(&self, request: &http::Request<Bytes>) {
        let request = request.clone();
        let mut asked = lock(&self.asked);
        asked.push_back(request);
        let oldest = if asked.len() > REMEMBERED { asked.pop_front() } else { None };
        drop(asked);
        drop(oldest);
    }
}

impl Transport for MockTransport {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        self.note(&request);
        let route = self.routes.iter().rev().find(|route| route.is_for(&request));
        route.map_or_else(|| unknown(&request), |route| route.answer(&request)).send()
    }
}

/// The answer to what nothing is known of. It quotes no arg.
pub(crate) fn unknown(request: &http::Request<Bytes>) -> MockAnswer {
    let path = request.extensions().get::<OperationInfo>().map_or("what was asked", OperationInfo::path_template);
    let detail = format!("there is no answer for {} {path} here", request.method());
    MockAnswer::json(StatusCode::NOT_FOUND.as_u16(), serde_json::json!({ "detail": detail }).to_string())
}

impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockTransport").field("routes", &self.routes).finish_non_exhaustive()
    }
}
