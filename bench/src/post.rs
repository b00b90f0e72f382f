//! What every candidate caches, and the server that our client asks for it.

use std::sync::atomic::{AtomicU64, Ordering};

use larder::http::{Request, Response};
use larder::{BoxFuture, Bytes, ResponseBody, Transport, TransportError};
use serde::Deserialize;

/// 64 bytes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Post {
    /// The first tells the post, the second the version, the rest is zero.
    pub words: [u64; 8],
}

impl Post {
    /// The post of this id, in some version.
    pub fn new(id: u64, version: u64) -> Post {
        Post { words: [id, version, 0, 0, 0, 0, 0, 0] }
    }
}

/// Answers from memory with the post whose id ends the path. Every answer is another version, so that nothing is saved by
/// equal bytes.
pub struct Memory {
    version: AtomicU64,
    headers: bool,
}

impl Memory {
    /// With the headers that servers usually send, or with none.
    pub fn new(headers: bool) -> Memory {
        Memory { version: AtomicU64::new(0), headers }
    }
}

impl Transport for Memory {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
        let path = request.uri().path();
        let id = path.rsplit('/').next().unwrap_or_default().to_owned();
        let version = self.version.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(Bytes::from(body(&id, version).into_bytes().into_boxed_slice()).into());
        if self.headers {
            for (name, value) in HEADERS {
                if let Ok(value) = value.parse() {
                    response.headers_mut().insert(name, value);
                }
            }
        }
        Box::pin(async { Ok(response) })
    }
}

const HEADERS: [(&str, &str); 6] = [
    ("cache-control", "max-age=0, private, must-revalidate"),
    ("content-length", "40"),
    ("content-type", "application/json; charset=utf-8"),
    ("date", "Sat, 21 Nov 2026 12:00:00 GMT"),
    ("etag", "W/\"7d1a3f0e5c2b4986\""),
    ("x-request-id", "0d6f5c1e-6a0b-4a43-9b5e-2f1c8d7e9a10"),
];

fn body(id: &str, version: u64) -> String {
    // Every version has the same number of digits, so every entry holds as much.
    let version = 1_000_000_000 + version % 1_000_000_000;
    format!("{{\"words\":[{id},{version},0,0,0,0,0,0]}}")
}

/// How many bytes the body has that our client keeps of this post.
pub fn body_bytes(id: u64) -> usize {
    body(&id.to_string(), 0).len()
}
