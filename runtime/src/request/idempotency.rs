//! The key by which a server knows a request that it has seen before.

use http::{HeaderName, HeaderValue, Method};
use serde::Serialize;

use super::Request;
use crate::platform::random;

/// The header that most servers read.
const USUAL: HeaderName = HeaderName::from_static("idempotency-key");

impl Request {
    /// As [`header_param`](Self::header_param), for the header in which the operation takes an idempotency key. Where none is
    /// given, a mutation makes one.
    #[inline]
    pub fn idempotency_key_param(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.sending_mut().idempotency_header = Some(name);
        self.header_param(name, value)
    }

    /// The request of a mutation with an idempotency key, if it is to have one: what the call says, or one of its own. `usual` is
    /// the header for operations of which the document names none.
    pub(crate) fn with_idempotency_key(mut self, said: Option<&str>, usual: Option<&HeaderName>) -> Request {
        let declared = self.sending().and_then(|sending| sending.idempotency_header);
        let declared = declared.and_then(|name| HeaderName::try_from(name).ok());
        // The others change nothing when they come twice.
        let is_usual = [Method::POST, Method::PATCH].contains(self.method());
        let usual = usual.filter(|_| is_usual || said.is_some()).cloned();
        let Some(name) = declared.or(usual).or(said.map(|_| USUAL)) else { return self };
        let is_given = self.rare().headers.iter().any(|(other, _)| *other == name);
        self.sending_mut().has_idempotency_key = true;
        let key = match said {
            Some(said) => said.to_owned(),
            None if is_given => return self,
            None => uuid(random()),
        };
        match HeaderValue::from_str(&key) {
            Ok(value) if !key.is_empty() => self.rare_mut().set_header(name, value),
            _ => self.fail("the idempotency key is empty, or holds characters that a header cannot carry".to_owned()),
        }
        self
    }

    /// Whether a server can know it when it comes twice.
    pub(crate) fn has_idempotency_key(&self) -> bool {
        self.sending().is_some_and(|sending| sending.has_idempotency_key)
    }
}

/// A random UUID (version 4) as text.
fn uuid(random: u128) -> String {
    let bits = random & !(0xf << 76) & !(0b11 << 62) | 0x4 << 76 | 0b10 << 62;
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_uuids() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let keys: std::collections::BTreeSet<String> = (0..1000).map(|_| uuid(random())).collect();
        assert_eq!(keys.len(), 1000);
    }

    #[test]
    fn who_says_most_of_the_key_says_it() {
        let usual = HeaderName::from_static("x-key");
        let key = |request: Request, said: Option<&str>, usual: Option<&HeaderName>| {
            let built = request.with_idempotency_key(said, usual).build("http://a", &[]).unwrap();
            let found = |name: &str| built.headers().get(name).map(|value| value.to_str().unwrap().len());
            [found("x-key"), found("x-declared"), found("idempotency-key")]
        };
        let post = || Request::post("post", "/");
        let declared = |value: Option<&str>| post().idempotency_key_param("X-Declared", &value);
        assert_eq!(key(post(), None, None), [None; 3]);
        assert_eq!(key(post(), None, Some(&usual)), [Some(36), None, None]);
        assert_eq!(key(Request::put("put", "/"), None, Some(&usual)), [None; 3]);
        assert_eq!(key(Request::put("put", "/"), Some("own"), Some(&usual)), [Some(3), None, None]);
        assert_eq!(key(post(), Some("own"), None), [None, None, Some(3)]);
        assert_eq!(key(declared(None), None, Some(&usual)), [None, Some(36), None]);
        assert_eq!(key(declared(Some("given")), None, None), [None, Some(5), None]);
        assert_eq!(key(declared(Some("given")), Some("own"), None), [None, Some(3), None]);
        assert!(post().with_idempotency_key(Some(""), None).build("http://a", &[]).is_err());
    }
}
