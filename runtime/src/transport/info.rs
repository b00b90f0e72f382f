//! What a request is told apart by on its way: which operation it is of, and its own id.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use crate::platform::SystemTime;

/// Which operation a request is of. It is among the request's extensions wherever a [`Transport`](crate::Transport) or a
/// [`Layer`](crate::Layer) sees it; a request for a token has none.
///
/// ```
/// # use larder::{Bytes, OperationInfo, http::Request};
/// fn is_upload(request: &Request<Bytes>) -> bool {
///     request.extensions().get::<OperationInfo>().is_some_and(|operation| operation.id() == "uploadFile")
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationInfo {
    id: &'static str,
    path_template: &'static str,
    is_query: bool,
}

impl OperationInfo {
    pub(crate) fn new(id: &'static str, path_template: &'static str, is_query: bool) -> OperationInfo {
        OperationInfo { id, path_template, is_query }
    }

    /// The operation's id.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The path with its parameters in braces: `/posts/{post_id}`. It holds no value of the call.
    pub fn path_template(&self) -> &'static str {
        self.path_template
    }

    /// Whether it is a query's, and not a mutation's.
    pub fn is_query(&self) -> bool {
        self.is_query
    }
}

/// Names of parameters of the query string that are credentials.
#[derive(Clone)]
pub(crate) struct SecretParams(pub(crate) Arc<[Box<str>]>);

/// The request goes to no other origin, whatever the server says: it holds secrets in its body, or its answer is believed
/// because of where it comes from.
#[derive(Clone, Copy)]
pub(crate) struct KeepOrigin;

/// Why a redirect was not followed. It is among the extensions of the answer that is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotFollowed(pub(crate) &'static str);

/// What names one request: 32 hexadecimal digits, which no other has. A retry has a new one; what is sent once more with a new
/// token keeps it.
///
/// It is among the request's extensions, as [`OperationInfo`] is. [`RequestIds`](crate::layers::RequestIds) sends it to the
/// server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Box<str>);

impl RequestId {
    pub(crate) fn new() -> RequestId {
        static SEEDS: LazyLock<(RandomState, RandomState)> = LazyLock::new(Default::default);
        static STARTED: LazyLock<u128> = LazyLock::new(|| {
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
        });
        static LAST: AtomicU64 = AtomicU64::new(0);
        // In a browser the seeds may be the same in two pages; when they were loaded is not.
        let number = (*STARTED, LAST.fetch_add(1, Ordering::Relaxed));
        RequestId(format!("{:016x}{:016x}", SEEDS.0.hash_one(number), SEEDS.1.hash_one(number)).into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::RequestId;

    #[test]
    fn no_two_ids_are_alike() {
        let ids: HashSet<RequestId> = (0..10_000).map(|_| RequestId::new()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(
            ids.iter().all(|id| id.as_str().len() == 32 && id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()))
        );
    }
}
