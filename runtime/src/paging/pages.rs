//! The pages of a query, as they are held and shown.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use super::{Direction, Param};
use crate::core::Known;
use crate::parts::Parts;
use crate::response::RawResponse;
use crate::tag::Tag;

/// The pages of a query that are held, in their order: what [`Query::pages`](crate::Query::pages) brings. Cheap to clone.
pub struct Pages<T> {
    pub(super) pages: Vec<Page<T>>,
}

/// One page of a query. Cheap to clone; what it holds is what the query without pages would be.
pub struct Page<T> {
    pub(super) data: Arc<T>,
    pub(super) param: Param,
    pub(super) next: Option<Param>,
    pub(super) previous: Option<Param>,
    /// How many items are on it, if that was told.
    pub(super) items: usize,
    pub(super) head: (StatusCode, Arc<HeaderMap>),
    /// What the next response may bring again; nothing where the application changed the data.
    pub(super) known: Option<(RawResponse, Option<Arc<Parts>>)>,
    /// Those that the data provides, unless the application changed it.
    pub(super) tags: Arc<[Tag]>,
}

impl<T> Pages<T> {
    /// How many pages are held. Never zero, unless the application took them out.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether no page is held.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The pages in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Page<T>> {
        self.pages.iter()
    }

    /// The first page that is held.
    pub fn first(&self) -> Option<&Page<T>> {
        self.pages.first()
    }

    /// The last page that is held.
    pub fn last(&self) -> Option<&Page<T>> {
        self.pages.last()
    }

    /// Whether a page follows the last one.
    pub fn has_next(&self) -> bool {
        self.beyond(Direction::Next).is_some()
    }

    /// Whether there is a page before the first one.
    pub fn has_previous(&self) -> bool {
        self.beyond(Direction::Previous).is_some()
    }

    /// Changes the data of each page in its turn, such as in [`Client::update`](crate::Client::update).
    pub fn for_each_mut(&mut self, mut change: impl FnMut(&mut T))
    where
        T: Clone,
    {
        for page in &mut self.pages {
            // A response that brings what was before the change brings something else.
            page.known = None;
            change(Arc::make_mut(&mut page.data));
        }
    }

    /// What asks for the page beyond one end. A page that is held already is none: a server whose cursors go in a circle
    /// would have no end.
    pub(super) fn beyond(&self, direction: Direction) -> Option<&Param> {
        let param = match direction {
            Direction::Next => self.pages.last()?.next.as_ref(),
            Direction::Previous => self.pages.first()?.previous.as_ref(),
        }?;
        self.pages.iter().all(|page| page.param != *param).then_some(param)
    }
}

impl<T> Page<T> {
    /// The data. It stays the same `Arc` while the page's response stays the same.
    pub fn data(&self) -> &Arc<T> {
        &self.data
    }

    /// What it was asked for by: a cursor, a number, or the query string of a URL. Nothing for a page that needs none.
    pub fn param(&self) -> Option<&str> {
        self.param.text()
    }

    /// The status of its response.
    pub fn status(&self) -> StatusCode {
        self.head.0
    }

    /// The headers of its response.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.1
    }

    /// Whether both are the same in all that is shown of them.
    pub(super) fn is_same(&self, other: &Page<T>) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
            && self.param == other.param
            && self.next == other.next
            && self.previous == other.previous
    }

    /// What the next response may bring again, and whether the server may be asked if it still holds.
    pub(super) fn as_known(&self, may_ask: bool) -> Option<Known>
    where
        T: Send + Sync + 'static,
    {
        let (response, parts) = self.known.as_ref()?;
        Some(Known {
            value: self.data.clone(),
            response: Some((response.status, response.body.clone())),
            parts: parts.clone(),
            revalidated: may_ask.then(|| response.headers.clone()),
        })
    }

    pub(super) fn body_bytes(&self) -> usize {
        self.known.as_ref().map_or(0, |(response, _)| response.body.len())
    }
}

impl<T> Deref for Page<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

impl<'a, T> IntoIterator for &'a Pages<T> {
    type Item = &'a Page<T>;
    type IntoIter = std::slice::Iter<'a, Page<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> Clone for Pages<T> {
    fn clone(&self) -> Pages<T> {
        Pages { pages: self.pages.clone() }
    }
}

impl<T> Clone for Page<T> {
    fn clone(&self) -> Page<T> {
        Page {
            data: self.data.clone(),
            param: self.param.clone(),
            next: self.next.clone(),
            previous: self.previous.clone(),
            items: self.items,
            head: self.head.clone(),
            known: self.known.clone(),
            tags: self.tags.clone(),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.pages).finish()
    }
}

/// Shows the data alone: headers and query strings can carry secrets.
impl<T: fmt::Debug> fmt::Debug for Page<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.data.fmt(f)
    }
}
