//! The data of a query that grows: the items of a stream so far.

use std::fmt;
use std::ops::Index;
use std::sync::Arc;

/// One item of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item<T> {
    /// What it brings: of a server-sent event its data, else the line.
    pub data: T,
    /// What kind of event it is, if a server-sent event says so.
    pub event: Option<Arc<str>>,
    /// The last id that server-sent events brought, here or before.
    pub id: Option<Arc<str>>,
}

/// The items of a stream that came so far, from the first to the last. Cheap to clone: the items are shared.
///
/// It is the data of a query that grows (B30), of which each change is seen by watchers. While the stream goes on,
/// [`State::is_fetching`](crate::State::is_fetching) is set, and the data counts as stale, because it is not all there is.
pub struct Growing<T> {
    items: Vec<Arc<Item<T>>>,
}

impl<T> Growing<T> {
    pub(crate) fn new(items: Vec<Arc<Item<T>>>) -> Growing<T> {
        Growing { items }
    }

    /// The items, from the first to the last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Item<T>> + ExactSizeIterator {
        self.items.iter().map(|item| &**item)
    }

    /// What the items bring, from the first to the last.
    pub fn data(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.items.iter().map(|item| &item.data)
    }

    /// The items themselves, which are the same for as long as they are there (`Arc::ptr_eq`).
    pub fn shared(&self) -> &[Arc<Item<T>>] {
        &self.items
    }

    /// The last item.
    pub fn last(&self) -> Option<&Item<T>> {
        self.items.last().map(|item| &**item)
    }

    /// How many items came.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether none came.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Panics where there is no such item, as a slice does.
impl<T> Index<usize> for Growing<T> {
    type Output = Item<T>;

    fn index(&self, index: usize) -> &Item<T> {
        &self.items[index]
    }
}

impl<T> Clone for Growing<T> {
    fn clone(&self) -> Growing<T> {
        Growing { items: self.items.clone() }
    }
}

impl<T> Default for Growing<T> {
    fn default() -> Growing<T> {
        Growing { items: Vec::new() }
    }
}

impl<T: PartialEq> PartialEq for Growing<T> {
    fn eq(&self, other: &Growing<T>) -> bool {
        self.items == other.items
    }
}

impl<T: fmt::Debug> fmt::Debug for Growing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
