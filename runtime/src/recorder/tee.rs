//! Reads a body along with whoever it is for.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::platform::MaybeSend;
use crate::transport::{ResponseBody, TransportError};

/// A body that tells what it was when it is at its end, or dropped before.
pub(super) struct Tee<F: FnOnce(Option<Bytes>)> {
    body: ResponseBody,
    /// What came so far, unless it is more than may be kept.
    read: Option<BytesMut>,
    limit: usize,
    tell: Option<F>,
}

impl<F: FnOnce(Option<Bytes>) + MaybeSend + 'static> Tee<F> {
    /// `tell` is given the whole body; nothing if it is too large, or was not read to its end.
    pub(super) fn new(body: ResponseBody, limit: usize, tell: F) -> Tee<F> {
        Tee { body, read: Some(BytesMut::new()), limit, tell: Some(tell) }
    }
}

impl<F: FnOnce(Option<Bytes>)> Tee<F> {
    fn end(&mut self, whole: bool) {
        let read = self.read.take().filter(|_| whole).map(BytesMut::freeze);
        if let Some(tell) = self.tell.take() {
            tell(read);
        }
    }
}

impl<F: FnOnce(Option<Bytes>) + Unpin> Stream for Tee<F> {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.body.poll_next(context);
        match &next {
            Poll::Ready(Some(Ok(piece))) => {
                let limit = self.limit;
                if let Some(read) = &mut self.read {
                    if read.len() + piece.len() <= limit {
                        read.extend_from_slice(piece);
                    } else {
                        self.read = None;
                    }
                }
            }
            Poll::Ready(Some(Err(_))) => self.end(false),
            Poll::Ready(None) => self.end(true),
            Poll::Pending => {}
        }
        next
    }
}

impl<F: FnOnce(Option<Bytes>)> Drop for Tee<F> {
    fn drop(&mut self) {
        self.end(false);
    }
}
