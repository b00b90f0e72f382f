//! Request bodies that are sent as they come: what is too large to be held in memory.

#[cfg(not(target_arch = "wasm32"))]
mod file;
mod sources;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use self::file::name_of;
use self::sources::{Joined, Once, Source, Whole};
use crate::guard::lock;
use crate::mutation::Mutation;
use crate::progress::{Progress, Telling};
use crate::sync::Mutex;

/// The pieces of a body. They move between threads, also in a browser.
pub(crate) type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A request's body that is sent piece by piece, with its length if that is known. Cheap to clone: clones are the same body.
///
/// Where the length is known it is told to the server, else the body is sent in chunks. A transport that cannot send it as it
/// comes, such as a browser's, is given the whole, up to 64 MiB; see [`Transport::streams`](crate::Transport::streams).
#[derive(Clone)]
pub struct RequestBody {
    source: Arc<dyn Source>,
    length: Option<u64>,
    sent: Arc<AtomicU64>,
    watching: Option<Telling>,
}

impl RequestBody {
    /// A body that a stream brings. It can be sent once: where a request has to be sent again, such as after a redirect, that is
    /// an error. A `length` that is not the stream's is an error, too.
    pub fn stream(length: Option<u64>, stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> RequestBody {
        RequestBody::of(length, Once(Mutex::new(Some(Box::pin(stream)))))
    }

    /// Bytes that are in memory already: what the document does not say that an operation takes.
    ///
    /// ```
    /// # use larder::{Mutation, Request, RequestBody};
    /// # fn write_file(path: &str) -> Mutation<()> {
    /// #     Mutation::empty(Request::post("writeFile", "/files/{path}").path_param("path", path))
    /// # }
    /// let note = write_file("notes.txt").with_body(RequestBody::bytes("Quinces")).content_type("text/plain");
    /// # let _ = note;
    /// ```
    pub fn bytes(bytes: impl Into<Bytes>) -> RequestBody {
        let bytes = bytes.into();
        RequestBody::of(Some(bytes.len() as u64), Whole(bytes))
    }

    /// One after the other.
    pub(crate) fn joined(bodies: Vec<RequestBody>) -> RequestBody {
        let length = bodies.iter().map(|body| body.length).try_fold(0_u64, |sum, length| sum.checked_add(length?));
        RequestBody::of(length, Joined(bodies))
    }

    fn of(length: Option<u64>, source: impl Source) -> RequestBody {
        RequestBody { source: Arc::new(source), length, sent: Arc::default(), watching: None }
    }

    /// How many bytes it has, if that is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether it can be sent more than once.
    pub fn is_replayable(&self) -> bool {
        self.source.is_replayable()
    }

    /// The pieces, from the beginning. For transports.
    ///
    /// # Errors
    /// When it was sent already, and can be sent only once.
    pub fn open(&self) -> io::Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>> {
        self.pieces()
    }

    fn pieces(&self) -> io::Result<Counted> {
        self.sent.store(0, Ordering::Relaxed);
        let (sent, watching) = (self.sent.clone(), self.watching.clone());
        Ok(Counted { pieces: self.source.open()?, total: self.length, sent, watching })
    }

    /// The same body, of which somebody wants to know how far it is.
    pub(crate) fn watched(mut self, watching: Option<Telling>) -> RequestBody {
        self.watching = watching;
        self
    }

    /// How many bytes were taken so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// All of it at once, up to this many bytes.
    pub(crate) async fn collect(&self, limit: usize) -> io::Result<Bytes> {
        let too_large = || io::Error::other(format!("the transport cannot send more than {limit} bytes of a stream"));
        if self.length.is_some_and(|length| (limit as u64) < length) {
            return Err(too_large());
        }
        let mut pieces = self.pieces()?;
        let mut whole = BytesMut::new();
        while let Some(piece) = std::future::poll_fn(|context| Pin::new(&mut pieces).poll_next(context)).await {
            whole.extend_from_slice(&piece?);
            if limit < whole.len() {
                return Err(too_large());
            }
        }
        Ok(whole.freeze())
    }

    /// What tells it from other bodies.
    pub(crate) fn identity(&self) -> Box<[u8]> {
        (Arc::as_ptr(&self.source).cast::<()>() as usize).to_ne_bytes().into()
    }
}

impl PartialEq for RequestBody {
    fn eq(&self, other: &RequestBody) -> bool {
        Arc::ptr_eq(&self.source, &other.source)
    }
}

impl Eq for RequestBody {}

/// Shows how large it is, never what is in it.
impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("length", &self.length).finish_non_exhaustive()
    }
}

/// Pieces, of which it is told how many there were, and which have to be as many as was said.
struct Counted {
    pieces: Pieces,
    total: Option<u64>,
    sent: Arc<AtomicU64>,
    watching: Option<Telling>,
}

impl Stream for Counted {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = ready!(self.pieces.as_mut().poll_next(context));
        let more = piece.as_ref().and_then(|piece| piece.as_ref().ok()).map_or(0, Bytes::len) as u64;
        let bytes = self.sent.fetch_add(more, Ordering::Relaxed) + more;
        let is_off = match (self.total, &piece) {
            (Some(total), Some(Ok(_))) => total < bytes,
            (Some(total), None) => bytes < total,
            _ => false,
        };
        if is_off {
            let length = self.total.take().unwrap_or_default();
            let problem = format!("the body is not of the length that was said: {bytes} instead of {length} bytes");
            return Poll::Ready(Some(Err(of_source(io::Error::new(io::ErrorKind::InvalidData, problem)))));
        }
        if let Some(watching) = self.watching.as_ref().filter(|_| more > 0) {
            watching.tell(Progress { bytes, total: self.total });
        }
        Poll::Ready(piece.map(|piece| piece.map_err(of_source)))
    }
}

/// That the pieces of a body cannot be read, and not that they cannot be sent: what sends them hands it on as it is.
#[derive(Debug)]
struct OfSource(io::Error);

impl fmt::Display for OfSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for OfSource {}

fn of_source(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), OfSource(error))
}

/// Whether a request failed because its body cannot be read.
#[cfg(feature = "reqwest")]
pub(crate) fn is_of_source(error: &(dyn StdError + 'static)) -> bool {
    let is_it = |error: &(dyn StdError + 'static)| {
        error.downcast_ref::<io::Error>().and_then(io::Error::get_ref).is_some_and(|inner| inner.is::<OfSource>())
    };
    is_it(error) || error.source().is_some_and(is_of_source)
}

/// The pieces of a body that can be opened once.
fn take(pieces: &Mutex<Option<Pieces>>) -> io::Result<Pieces> {
    let sent = || io::Error::other("the body is a stream that was sent already, and cannot be sent again");
    lock(pieces).take().ok_or_else(sent)
}

impl<T> Mutation<T> {
    /// Sends this body in place of the one that there is, under the same content type: a file that is too large to be held in
    /// memory, for an operation that takes bytes.
    ///
    /// The client's timeout then counts while nothing moves, and not for the whole.
    ///
    /// ```no_run
    /// # use larder::{Bytes, Client, Mutation, Request, RequestBody};
    /// # fn put_video(body: Bytes) -> Mutation<()> { Mutation::empty(Request::put("putVideo", "/video").bytes("video/mp4", body)) }
    /// # async fn run(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let video = RequestBody::file("cats.mp4").await?;
    /// let put = put_video(Bytes::new()).with_body(video).on_upload_progress(|progress| println!("{progress:?}"));
    /// client.mutate(put).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_body(self, body: RequestBody) -> Mutation<T> {
        self.map_request(|request| request.with_body(body))
    }

    /// Calls a function whenever a piece of the body is taken to be sent. A panic in it is contained. How much of that has
    /// reached the server nobody knows but the operating system.
    pub fn on_upload_progress(self, call: impl Fn(Progress) + Send + Sync + 'static) -> Mutation<T> {
        self.map_request(|mut request| {
            request.sending_mut().upload = Some(Telling::new(call));
            request
        })
    }
}
