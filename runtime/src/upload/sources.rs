//! Where the pieces of a body come from.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::{Pieces, RequestBody, take};
use crate::sync::Mutex;

/// How large pieces of our own are.
pub(super) const PIECE_BYTES: usize = 64 << 10;

/// Where the pieces of a body come from.
pub(super) trait Source: Send + Sync + 'static {
    fn open(&self) -> io::Result<Pieces>;
    fn is_replayable(&self) -> bool;
}

/// A stream, which can be read once.
pub(super) struct Once(pub(super) Mutex<Option<Pieces>>);

impl Source for Once {
    fn open(&self) -> io::Result<Pieces> {
        take(&self.0)
    }

    fn is_replayable(&self) -> bool {
        false
    }
}

/// Bytes that are there.
pub(super) struct Whole(pub(super) Bytes);

impl Source for Whole {
    fn open(&self) -> io::Result<Pieces> {
        Ok(Box::pin(Slices(self.0.clone())))
    }

    fn is_replayable(&self) -> bool {
        true
    }
}

struct Slices(Bytes);

impl Stream for Slices {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let size = self.0.len().min(PIECE_BYTES);
        Poll::Ready((size > 0).then(|| Ok(self.0.split_to(size))))
    }
}

/// One body after the other.
pub(super) struct Joined(pub(super) Vec<RequestBody>);

impl Source for Joined {
    fn open(&self) -> io::Result<Pieces> {
        if self.0.iter().any(|body| !body.is_replayable()) {
            // All of them now, so that a second time is an error at once.
            let all = self.0.iter().map(RequestBody::pieces).collect::<io::Result<Vec<_>>>()?;
            let all = all.into_iter().map(|pieces| Box::pin(pieces) as Pieces);
            return Ok(Box::pin(Chained { current: None, rest: Box::new(all.map(Ok)) }));
        }
        let bodies = self.0.clone().into_iter();
        let opened = bodies.map(|body| body.pieces().map(|pieces| Box::pin(pieces) as Pieces));
        Ok(Box::pin(Chained { current: None, rest: Box::new(opened) }))
    }

    fn is_replayable(&self) -> bool {
        self.0.iter().all(RequestBody::is_replayable)
    }
}

struct Chained {
    current: Option<Pieces>,
    rest: Box<dyn Iterator<Item = io::Result<Pieces>> + Send>,
}

impl Stream for Chained {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(current) = &mut self.current
                && let Some(piece) = ready!(current.as_mut().poll_next(context))
            {
                return Poll::Ready(Some(piece));
            }
            match self.rest.next() {
                Some(Ok(next)) => self.current = Some(next),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
