//! What most requests have none of.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
#[cfg(feature = "audit")]
use serde_json::Value as Json;

use super::parameters::Parameters;
use crate::credential::Security;

/// What most requests have none of.
#[derive(Clone, Default)]
pub(super) struct Rare {
    pub(super) method: Option<Method>,
    pub(super) query: Parameters,
    /// By name; of one name the later counts.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) cookies: Parameters,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) body: Bytes,
    /// What stands for the body in the request's identity, where that is not the body.
    pub(super) body_key: Option<Box<[u8]>>,
    pub(super) security: Option<Security>,
    pub(super) server: Option<&'static str>,
    pub(super) problem: Option<String>,
    /// The parameters as they were given, for the auditor.
    #[cfg(feature = "audit")]
    pub(super) args: Vec<(super::Place, &'static str, Json)>,
}

/// Nothing of all that.
pub(super) static NONE: Rare = Rare {
    method: None,
    query: Parameters::NONE,
    headers: Vec::new(),
    cookies: Parameters::NONE,
    content_type: None,
    body: Bytes::new(),
    body_key: None,
    security: None,
    server: None,
    problem: None,
    #[cfg(feature = "audit")]
    args: Vec::new(),
};

impl Rare {
    pub(super) fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        let at = self.headers.partition_point(|(other, _)| other.as_str() <= name.as_str());
        self.headers.insert(at, (name, value));
    }
}

/// The same method, of those that a constant stands for.
pub(super) fn known_method(method: &Method) -> Option<&'static Method> {
    static KNOWN: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    KNOWN.iter().find(|known| *known == method)
}
