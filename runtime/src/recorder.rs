//! Keeps what goes over the wire, and gives it back.

mod exchange;
mod replay;
mod tee;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

pub(crate) use self::exchange::Exchange;
pub use self::replay::{NoRecording, Replay};
use self::tee::Tee;
use crate::guard::lock;
use crate::layers::Layer;
use crate::platform::{BoxFuture, Instant};
use crate::sync::Mutex;
use crate::transport::{ResponseBody, Transport, TransportError};

/// Keeps every exchange of a client, for [`Replay`], and for `larder learn`, which finds out from it what mutations change. It is
/// a [layer](crate::layers). Cheap to clone; clones keep one recording.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use larder::{Client, Recorder};
///
/// let recorder = Recorder::new();
/// let client = Client::builder("https://api.example.com").layer(recorder.clone()).build()?;
/// // … what the application does …
/// recorder.save("recording.jsonl")?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
///
/// A recording holds no header of a request, no cookie, no credential of the client, and of a response's headers only those
/// that speak of its body. Members of bodies and parameters whose names sound like a secret (`password`, `token`) are `null`;
/// name others with [`hide`](Self::hide). What else is secret in bodies is kept: mind where a recording goes. Requests for tokens
/// do not come this way.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    hidden: Vec<String>,
    started: Instant,
    kept: Mutex<Kept>,
}

#[derive(Clone, Copy)]
struct Limits {
    exchanges: usize,
    body_bytes: usize,
    bytes: usize,
}

/// An exchange as a line of JSON each, in the order in which they ended.
#[derive(Default)]
struct Kept {
    lines: Vec<String>,
    bytes: usize,
    left_out: usize,
}

impl Recorder {
    /// A recording of up to 10,000 exchanges and 64 MiB, with bodies of up to 1 MiB each. What comes when it is full is left
    /// out; [`left_out`](Self::left_out) tells how much.
    pub fn new() -> Recorder {
        let limits = Limits { exchanges: 10_000, body_bytes: 1 << 20, bytes: 64 << 20 };
        Recorder::with(limits, Vec::new())
    }

    fn with(limits: Limits, hidden: Vec<String>) -> Recorder {
        let shared = Shared { limits, hidden, started: Instant::now(), kept: Mutex::default() };
        Recorder { shared: Arc::new(shared) }
    }

    /// A new recording, in which members and parameters of these names are `null`, too, wherever they stand.
    #[must_use]
    pub fn hide<N: Into<String>>(&self, names: impl IntoIterator<Item = N>) -> Recorder {
        let mut hidden = self.shared.hidden.clone();
        hidden.extend(names.into_iter().map(Into::into));
        Recorder::with(self.shared.limits, hidden)
    }

    /// A new recording, with bodies of up to this many bytes. Larger ones are left out of their exchanges.
    #[must_use]
    pub fn max_body_bytes(&self, bytes: usize) -> Recorder {
        Recorder::with(Limits { body_bytes: bytes, ..self.shared.limits }, self.shared.hidden.clone())
    }

    /// The recording so far: an exchange a line, as JSON.
    pub fn to_text(&self) -> String {
        let kept = lock(&self.shared.kept);
        let mut text = String::with_capacity(kept.bytes + kept.lines.len());
        for line in &kept.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Writes the recording so far into a file.
    ///
    /// # Errors
    /// When the file cannot be written; in a browser always.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, self.to_text())
    }

    /// How many exchanges were left out, because the recording was full.
    pub fn left_out(&self) -> usize {
        lock(&self.shared.kept).left_out
    }
}

impl Default for Recorder {
    fn default() -> Recorder {
        Recorder::new()
    }
}

impl Shared {
    fn keep(&self, exchange: Exchange) {
        let line = serde_json::to_string(&exchange.hidden(&self.hidden)).unwrap_or_default();
        let mut kept = lock(&self.kept);
        let bytes = kept.bytes.saturating_add(line.len());
        if kept.lines.len() < self.limits.exchanges && bytes <= self.limits.bytes {
            kept.lines.push(line);
            kept.bytes = bytes;
        } else {
            kept.left_out += 1;
        }
    }

    /// In microseconds since the start.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Layer for Recorder {
    fn layer(&self, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Recorded { shared: self.shared.clone(), inner })
    }
}

struct Recorded {
    shared: Arc<Shared>,
    inner: Arc<dyn Transport>,
}

impl Transport for Recorded {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        let shared = self.shared.clone();
        let mut exchange = Exchange::of(&request);
        exchange.began_at = shared.now();
        let sent = self.inner.send(request);
        Box::pin(async move {
            match sent.await {
                Ok(response) => {
                    let (parts, body) = response.into_parts();
                    exchange.answered(&parts);
                    let limit = shared.limits.body_bytes;
                    let body = Tee::new(body, limit, move |body| {
                        exchange.ended_at = shared.now();
                        exchange.read(body);
                        shared.keep(exchange);
                    });
                    Ok(http::Response::from_parts(parts, ResponseBody::stream(body)))
                }
                Err(error) => {
                    exchange.ended_at = shared.now();
                    exchange.failed = Some(if error.was_sent() { "lost" } else { "not_sent" }.to_owned());
                    shared.keep(exchange);
                    Err(error)
                }
            }
        })
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("exchanges", &lock(&self.shared.kept).lines.len()).finish_non_exhaustive()
    }
}
