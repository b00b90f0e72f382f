//! How the items of a stream become a query's data, with and without their type.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::frame::{Frame, Framing};
use super::growing::{Growing, Item};
use super::grows::Regrow;
use super::source::Reading;
use crate::error::DecodeFailure;
use crate::query::Value;

/// How an item becomes a value.
pub(crate) type DecodeItem<T> = fn(&[u8]) -> Result<T, DecodeFailure>;

/// How a query's data is made of a stream, without types.
pub(crate) trait Grow: Send + Sync {
    fn reading(&self) -> &Reading;
    fn regrow(&self) -> Regrow;
    /// Begins with what is there, or with nothing. Runs user code.
    fn begin(&self, known: Option<&Value>) -> Box<dyn Fold>;
    fn as_any(&self) -> &dyn Any;
}

/// Data as it is made.
pub(crate) trait Fold: Send {
    /// Takes an item in. Runs user code.
    fn add(&mut self, frame: Frame) -> Result<(), (DecodeFailure, Bytes)>;
    /// The data so far, if there is any. Runs user code.
    fn value(&self) -> Option<Value>;
    /// How many bytes came that are held, more or less.
    fn bytes(&self) -> usize;
}

/// What a stream of typed items is: how it is read, and what a query keeps of it.
pub(crate) struct Shape<T> {
    pub(crate) reading: Reading,
    pub(crate) decode: DecodeItem<T>,
    /// How many of the last items are kept.
    pub(crate) keep_last: usize,
    pub(crate) regrow: Regrow,
}

impl<T> Clone for Shape<T> {
    fn clone(&self) -> Shape<T> {
        Shape { reading: self.reading.clone(), ..*self }
    }
}

impl<T> Shape<T> {
    pub(crate) fn new(framing: Framing, decode: DecodeItem<T>, end: Option<&str>) -> Shape<T> {
        /// Some APIs send pictures in events.
        const MAX_ITEM_BYTES: usize = 8 << 20;
        let end = end.map(Arc::from);
        let reading = Reading { framing, end, idle: None, max_item_bytes: MAX_ITEM_BYTES, reconnects: 0 };
        Shape { reading, decode, keep_last: usize::MAX, regrow: Regrow::Reset }
    }

    pub(crate) fn item(&self, frame: Frame) -> Result<Item<T>, (DecodeFailure, Bytes)> {
        let Frame { data, event, id } = frame;
        match (self.decode)(&data) {
            Ok(data) => Ok(Item { data, event, id }),
            Err(failure) => Err((failure, data)),
        }
    }
}

/// All items are kept, or the last of them.
impl<T: Send + Sync + 'static> Grow for Shape<T> {
    fn reading(&self) -> &Reading {
        &self.reading
    }

    fn regrow(&self) -> Regrow {
        self.regrow
    }

    fn begin(&self, known: Option<&Value>) -> Box<dyn Fold> {
        let known = known.and_then(|known| known.downcast_ref::<Growing<T>>());
        let items: VecDeque<_> = known.into_iter().flat_map(|known| known.shared().iter().cloned()).collect();
        // How large those are that were there is not known; they were within the limit.
        let sizes = items.iter().map(|_| 0).collect();
        Box::new(Append { of: self.clone(), items, sizes, bytes: 0 })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Append<T> {
    of: Shape<T>,
    items: VecDeque<Arc<Item<T>>>,
    sizes: VecDeque<usize>,
    bytes: usize,
}

impl<T: Send + Sync + 'static> Fold for Append<T> {
    fn add(&mut self, frame: Frame) -> Result<(), (DecodeFailure, Bytes)> {
        let size = frame.data.len();
        self.items.push_back(Arc::new(self.of.item(frame)?));
        self.sizes.push_back(size);
        self.bytes += size;
        while self.of.keep_last < self.items.len() {
            self.items.pop_front();
            self.bytes -= self.sizes.pop_front().unwrap_or_default();
        }
        Ok(())
    }

    fn value(&self) -> Option<Value> {
        Some(Arc::new(Growing::new(self.items.iter().cloned().collect())))
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The last item is the data.
pub(crate) struct Latest<T>(pub(crate) Shape<T>);

impl<T: Send + Sync + 'static> Grow for Latest<T> {
    fn reading(&self) -> &Reading {
        &self.0.reading
    }

    fn regrow(&self) -> Regrow {
        self.0.regrow
    }

    fn begin(&self, known: Option<&Value>) -> Box<dyn Fold> {
        Box::new(Last { of: self.0.clone(), last: known.cloned() })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Last<T> {
    of: Shape<T>,
    last: Option<Value>,
}

impl<T: Send + Sync + 'static> Fold for Last<T> {
    fn add(&mut self, frame: Frame) -> Result<(), (DecodeFailure, Bytes)> {
        self.last = Some(Arc::new(self.of.item(frame)?.data));
        Ok(())
    }

    fn value(&self) -> Option<Value> {
        self.last.clone()
    }

    fn bytes(&self) -> usize {
        0
    }
}

/// A function makes the data of what was there and an item.
pub(crate) struct Reduce<T, A, F> {
    pub(crate) of: Shape<T>,
    pub(crate) initial: A,
    pub(crate) step: Arc<F>,
}

impl<T, A, F> Grow for Reduce<T, A, F>
where
    T: Send + Sync + 'static,
    A: Clone + Send + Sync + 'static,
    F: Fn(&mut A, &Item<T>) + Send + Sync + 'static,
{
    fn reading(&self) -> &Reading {
        &self.of.reading
    }

    fn regrow(&self) -> Regrow {
        self.of.regrow
    }

    fn begin(&self, known: Option<&Value>) -> Box<dyn Fold> {
        let known = known.and_then(|known| known.downcast_ref::<A>());
        let reduced = known.unwrap_or(&self.initial).clone();
        Box::new(Reduced { of: self.of.clone(), step: self.step.clone(), reduced })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Reduced<T, A, F> {
    of: Shape<T>,
    step: Arc<F>,
    reduced: A,
}

impl<T, A, F> Fold for Reduced<T, A, F>
where
    T: Send + Sync + 'static,
    A: Clone + Send + Sync + 'static,
    F: Fn(&mut A, &Item<T>) + Send + Sync + 'static,
{
    fn add(&mut self, frame: Frame) -> Result<(), (DecodeFailure, Bytes)> {
        let item = self.of.item(frame)?;
        (self.step)(&mut self.reduced, &item);
        Ok(())
    }

    fn value(&self) -> Option<Value> {
        Some(Arc::new(self.reduced.clone()))
    }

    fn bytes(&self) -> usize {
        0
    }
}
