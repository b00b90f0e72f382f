//! What most requests have none of.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
#[cfg(feature = "audit")]
use serde_json::Value as Json;

use super::parameters::Parameters;
use crate::credential::Security;
use crate::sending::Sending;
use crate::upload::RequestBody;

/// What most requests have none of.
#[derive(Clone, Default)]
pub(super) struct Rare {
    pub(super) query: Parameters,
    /// By name; of one name the later counts.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) cookies: Parameters,
    pub(super) content: Option<Box<Content>>,
    pub(super) security: Option<Security>,
    pub(super) server: Option<&'static str>,
    /// How it is sent, where that differs from how the client sends.
    pub(super) sending: Option<Box<Sending>>,
    /// A method that no constant stands for.
    pub(super) method: Option<Box<Method>>,
    pub(super) problem: Option<Box<str>>,
    /// The parameters as they were given, for the auditor.
    #[cfg(feature = "audit")]
    pub(super) args: Vec<(super::Place, &'static str, Json)>,
}

/// A body, and what it is said to be.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) content_type: HeaderValue,
    pub(super) body: Bytes,
    /// What stands for the body where requests are compared, if that is not the body.
    pub(super) key: Option<Box<[u8]>>,
    /// What is sent in place of the body, piece by piece.
    pub(super) stream: Option<RequestBody>,
}

/// Nothing of all that.
pub(super) static NONE: Rare = Rare {
    query: Parameters::NONE,
    headers: Vec::new(),
    cookies: Parameters::NONE,
    content: None,
    security: None,
    server: None,
    sending: None,
    method: None,
    problem: None,
    #[cfg(feature = "audit")]
    args: Vec::new(),
};

/// Whether both say the same, byte by byte or as JSON.
impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        self.content_type == other.content_type && self.key() == other.key()
    }
}

impl Content {
    /// The body, or what stands for it.
    pub(super) fn key(&self) -> &[u8] {
        self.key.as_deref().unwrap_or(&self.body)
    }
}

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
