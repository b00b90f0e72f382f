//! The items of a stream, as they come from the server: within its limits, over one connection or several.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::frame::{Frame, Framer, Framing, Uncut};
use crate::coding::media_type;
use crate::error::{Call, DecodeFailure, Error, ErrorKind};
use crate::exchange::{Exchange, Opened, Trail};
use crate::guard::{Panicked, guarded_future};
use crate::platform::{sleep, within};
use crate::request::Request;
use crate::response::{RawResponse, ResponseHead};
use crate::transport::{ResponseBody, TransportError};

/// How a stream is read, and within which limits.
#[derive(Clone)]
pub(crate) struct Reading {
    pub(crate) framing: Framing,
    /// The item with this data is none: it says that the stream is at its end.
    pub(crate) end: Option<Arc<str>>,
    /// How long the server may be silent, if it is not what the client says.
    pub(crate) idle: Option<Duration>,
    pub(crate) max_item_bytes: usize,
    /// How often in a row the connection is made anew without an item in between.
    pub(crate) reconnects: u32,
}

/// Reads the items of one stream.
pub(crate) struct Source {
    exchange: Arc<Exchange>,
    request: Request,
    reading: Reading,
    framer: Framer,
    head: Option<ResponseHead>,
    body: Option<ResponseBody>,
    trail: Option<Trail>,
    /// What came to light after items that are still good.
    failed: Option<Error>,
    lost_in_a_row: u32,
    is_new: bool,
    is_done: bool,
}

impl Source {
    pub(crate) fn new(exchange: Arc<Exchange>, request: Request, reading: Reading) -> Source {
        let framer = Framer::new(reading.framing, reading.max_item_bytes);
        let (head, body, trail, failed) = (None, None, None, None);
        Source {
            exchange,
            request,
            reading,
            framer,
            head,
            body,
            trail,
            failed,
            lost_in_a_row: 0,
            is_new: false,
            is_done: false,
        }
    }

    /// Status and headers, as soon as the server has answered.
    pub(crate) fn head(&self) -> Option<&ResponseHead> {
        self.head.as_ref()
    }

    /// Status and headers of an answer that came since this was asked last.
    pub(crate) fn take_news(&mut self) -> Option<ResponseHead> {
        std::mem::take(&mut self.is_new).then(|| self.head.clone()).flatten()
    }

    /// Waits for the server's answer.
    pub(crate) async fn open(&mut self) -> Result<(), Error> {
        while self.body.is_none() && !self.is_done {
            if let Err(error) = self.connect().await {
                self.wait_to_reconnect(error).await?;
            }
        }
        Ok(())
    }

    /// The next items, as many as there are already. None at the end.
    pub(crate) async fn next(&mut self) -> Result<Vec<Frame>, Error> {
        let mut frames = Vec::new();
        loop {
            if let Some(error) = self.failed.take_if(|_| frames.is_empty()) {
                self.wait_to_reconnect(error).await?;
            }
            if self.is_done || !frames.is_empty() {
                break;
            }
            self.open().await?;
            self.failed = self.read(&mut frames).await.err().map(|error| self.of_request(error));
        }
        Ok(frames)
    }

    fn call(&self) -> Call {
        self.request.call()
    }

    async fn connect(&mut self) -> Result<(), Error> {
        let mut prepared = self.exchange.build(&self.request)?;
        let last_id = self.framer.last_id().and_then(|id| HeaderValue::from_str(id).ok());
        if let Some(last_id) = last_id {
            prepared.request.headers_mut().insert(HeaderName::from_static("last-event-id"), last_id);
        }
        let Opened { head, body, trail } = self.exchange.open(prepared, &self.call()).await?;
        self.check(&head).map_err(|error| trail.of(error))?;
        self.trail = Some(trail);
        self.framer.restart();
        // As browsers do: there is nothing, and nothing will come.
        self.is_done = head.status() == StatusCode::NO_CONTENT;
        (self.head, self.body, self.is_new) = (Some(head), Some(body), true);
        Ok(())
    }

    /// Whether the answer is a stream at all. Servers answer with something else when they were not asked to stream.
    fn check(&self, head: &ResponseHead) -> Result<(), Error> {
        let said = media_type(head.headers());
        let is_other = said.is_some_and(|name| !name.eq_ignore_ascii_case("text/event-stream"));
        if self.reading.framing == Framing::Events && is_other && head.status() != StatusCode::NO_CONTENT {
            let said = said.unwrap_or_default();
            return Err(self.malformed(head, format!("it is {said}, and no stream of events"), Bytes::new()));
        }
        Ok(())
    }

    /// Reads what comes next, and what has come already behind it.
    async fn read(&mut self, frames: &mut Vec<Frame>) -> Result<(), Error> {
        /// More than this is another batch.
        const BATCH_BYTES: usize = 256 << 10;
        let idle = self.reading.idle.unwrap_or(self.exchange.stream_idle);
        let call = self.call();
        let Some(body) = &mut self.body else { return Ok(()) };
        let mut piece = match within(idle, guarded_future(body.next())).await {
            Some(Ok(piece)) => piece,
            Some(Err(Panicked)) => return Err(Error::panicked(call, "the transport")),
            None => return Err(Error::timeout(call, idle)),
        };
        let mut bytes = 0;
        loop {
            let Some(next) = piece else { return self.connection_ends(frames).await };
            let next = next.map_err(|error| self.lost(error))?;
            bytes += next.len();
            let cut = self.framer.push(&next, frames);
            if !frames.is_empty() {
                self.lost_in_a_row = 0;
            }
            if self.cut_at_end(frames) {
                return Ok(());
            }
            cut.map_err(|uncut| self.uncut(uncut))?;
            if BATCH_BYTES < bytes {
                return Ok(());
            }
            piece = match self.ready().await? {
                Some(piece) => piece,
                None => return Ok(()),
            };
        }
    }

    /// What comes without waiting for it.
    async fn ready(&mut self) -> Result<Option<Option<Result<Bytes, TransportError>>>, Error> {
        let Some(body) = &mut self.body else { return Ok(None) };
        let mut next = guarded_future(body.next());
        let polled = poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut next).poll(context))).await;
        match polled {
            Poll::Pending => Ok(None),
            Poll::Ready(Ok(piece)) => Ok(Some(piece)),
            Poll::Ready(Err(Panicked)) => Err(Error::panicked(self.request.call(), "the transport")),
        }
    }

    async fn connection_ends(&mut self, frames: &mut Vec<Frame>) -> Result<(), Error> {
        let is_end = self.reading.end.as_ref().is_some_and(|end| end.as_bytes() == self.framer.unfinished());
        if self.may_reconnect() && !is_end {
            // As browsers do: half an event is forgotten, since it comes again.
            return Err(self.lost(TransportError::lost("the stream ended")));
        }
        self.close();
        let cut = if is_end { Ok(()) } else { self.framer.finish(frames) };
        self.cut_at_end(frames);
        cut.map_err(|uncut| self.uncut(uncut))
    }

    /// Drops the item that says that the stream is at its end, and what is behind it.
    fn cut_at_end(&mut self, frames: &mut Vec<Frame>) -> bool {
        let Some(end) = &self.reading.end else { return false };
        let Some(at) = frames.iter().position(|frame| frame.data == end.as_bytes()) else { return false };
        frames.truncate(at);
        self.close();
        true
    }

    fn close(&mut self) {
        self.is_done = true;
        self.body = None;
    }

    fn may_reconnect(&self) -> bool {
        self.lost_in_a_row < self.reading.reconnects && *self.request.method() == Method::GET
    }

    /// Waits before the connection is made anew, if that is any good; else the stream is at its end with this error.
    async fn wait_to_reconnect(&mut self, error: Error) -> Result<(), Error> {
        /// What a browser waits, more or less, if the server says nothing.
        const USUAL: Duration = Duration::from_secs(3);
        const LONGEST: Duration = Duration::from_secs(60);
        const SHORTEST: Duration = Duration::from_millis(100);
        let is_lost = matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout) || error.again().is_some();
        if !is_lost || !self.may_reconnect() {
            self.close();
            return Err(error);
        }
        self.body = None;
        let first = self.framer.retry().unwrap_or(USUAL).clamp(SHORTEST, LONGEST);
        let wait = first.saturating_mul(1 << self.lost_in_a_row.min(16)).min(LONGEST);
        self.lost_in_a_row += 1;
        sleep(wait).await;
        Ok(())
    }

    fn uncut(&self, uncut: Uncut) -> Error {
        let head = self.head.clone().unwrap_or_default();
        match uncut {
            Uncut::TooLarge => Error::too_large(self.call(), self.reading.max_item_bytes, head.with_body(Bytes::new())),
            Uncut::Malformed(what) => self.malformed(&head, what.to_owned(), Bytes::new()),
        }
    }

    fn malformed(&self, head: &ResponseHead, detail: String, body: Bytes) -> Error {
        Error::decode(self.call(), DecodeFailure { detail, json_path: None }, head.clone().with_body(body))
    }

    fn lost(&self, error: TransportError) -> Error {
        match &self.trail {
            Some(trail) => trail.lost(&self.call(), error, self.head.as_ref()),
            None => Error::aborted(self.call()),
        }
    }

    /// The error as one of the last request.
    fn of_request(&self, error: Error) -> Error {
        match &self.trail {
            Some(trail) => trail.of(error),
            None => error,
        }
    }

    /// A decoder panicked.
    pub(crate) fn panicked(&self) -> Error {
        Error::panicked(self.call(), "decoding an item")
    }

    /// Nobody reads the stream any more.
    pub(crate) fn aborted(&self) -> Error {
        Error::aborted(self.call())
    }

    /// An item could not be decoded.
    pub(crate) fn undecoded(&self, failure: DecodeFailure, data: Bytes) -> Error {
        let response: RawResponse = self.head.clone().unwrap_or_default().with_body(data);
        self.of_request(Error::decode(self.call(), failure, response))
    }
}
