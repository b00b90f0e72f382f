//! How the pages of a query are read, and the list made of them, without the type of a page.

use std::any::Any;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;

use super::pages::{Page, Pages};
use super::{Direction, Paging, Param, Walk};
use crate::core::Known;
use crate::driver::decode;
use crate::enhance::Changes;
use crate::error::DecodeFailure;
use crate::freshness::max_age;
use crate::optimistic::Held;
use crate::parts::Parts;
use crate::query::{Query, Read, Value};
use crate::request::Request;
use crate::response::RawResponse;
use crate::tag::Tag;

/// Where pages are asked for.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// The base URL of the request.
    pub(crate) base: String,
    /// Names in the query string that credentials have.
    pub(crate) secret: Vec<String>,
    /// What asks for the first page.
    pub(crate) start: Param,
}

/// Reads the pages of a query. What it says of a list runs no user code.
pub(crate) trait ReadPages: Send + Sync {
    /// Begins to bring pages to the list that is held.
    fn walk(self: Arc<Self>, known: Option<&Value>, walk: Walk, at: Surroundings, anew: bool) -> Box<dyn Walking>;
    /// What asks for the first page.
    fn start(&self) -> Param;
    /// Whether the list goes on.
    fn has_more(&self, list: &Value, direction: Direction) -> bool;
    /// The headers of each page's response.
    fn heads(&self, list: &Value) -> Vec<Arc<HeaderMap>>;
    /// How large the bodies of the pages are.
    fn body_bytes(&self, list: &Value) -> usize;
    /// The tags of the pages, and whether these are all. Runs user code for pages that the application changed.
    fn tags(&self, list: &Value) -> (Vec<Tag>, bool);
    /// As [`Read::hold`], page by page. Runs user code.
    fn hold(&self, list: &Value, held: &mut Held<'_>) -> Option<Value>;
    /// How the data of a page is read.
    fn of_page(&self) -> &dyn Read;
}

/// Pages that are being brought: one request after the other, and then the new list.
pub(crate) trait Walking: Send {
    /// The next request, or why it cannot be; nothing when all pages are there.
    fn ask(&self, base: &Request) -> Option<Result<Request, String>>;
    /// The page that the response to it may bring again.
    fn known(&self) -> Option<Known>;
    /// Reads the response to it. Runs user code.
    fn take(&mut self, response: RawResponse) -> Result<(), DecodeFailure>;
    /// The list, and what is shown as its response.
    fn finish(self: Box<Self>) -> Option<(Value, RawResponse)>;
}

/// How a query with pages of this type is made into what reads them.
pub(crate) trait PagedOf<U>: Send + Sync {
    fn reader(&self) -> Arc<dyn ReadPages>;
    /// How many functions and descriptions tell tags of a page.
    fn tag_sources(&self) -> usize;
    /// The list of the query as the client was told to change that.
    fn enhanced(&self, changes: &Changes) -> Query<U>;
}

/// A query whose pages are a list.
pub(crate) struct Paged<T> {
    pub(crate) query: Query<T>,
    pub(crate) start: Param,
}

impl<T: Send + Sync + 'static> PagedOf<Pages<T>> for Paged<T> {
    fn reader(&self) -> Arc<dyn ReadPages> {
        self.typed()
    }

    fn tag_sources(&self) -> usize {
        self.query.tells().1
    }

    fn enhanced(&self, changes: &Changes) -> Query<Pages<T>> {
        changes.apply(self.query.clone()).pages()
    }
}

impl<T: Send + Sync + 'static> Paged<T> {
    pub(crate) fn typed(&self) -> Arc<PagesOf<T>> {
        // A query without paging is refused before it is asked for.
        let paging = self.query.paging().cloned().unwrap_or_else(|| Arc::new(Paging::cursor("")));
        Arc::new(PagesOf { page: self.query.clone().into_plan().reader.clone(), paging, start: self.start.clone() })
    }
}

/// Reads pages of this type.
pub(crate) struct PagesOf<T> {
    page: Arc<dyn Read>,
    paging: Arc<Paging<T>>,
    pub(super) start: Param,
}

impl<T: Send + Sync + 'static> PagesOf<T> {
    /// Reads a page. `known` is the page that was there before.
    pub(super) fn read(
        &self,
        param: Param,
        response: &RawResponse,
        known: Option<&Page<T>>,
        (at, size, anew): (&Surroundings, usize, bool),
    ) -> Result<Page<T>, DecodeFailure> {
        let known = known.and_then(|page| page.as_known(false));
        let (value, body, parts) = decode(&*self.page, anew, known.as_ref(), response)?;
        let tags = self.page.tags(&value, response).into();
        let another = || DecodeFailure { detail: "the page is of another type".to_owned(), json_path: None };
        let data: Arc<T> = value.downcast().map_err(|_| another())?;
        let around = self.paging.around(&data, &param, response, at, size);
        Ok(Page {
            data,
            param,
            next: around.next,
            previous: around.previous,
            items: around.items,
            head: (response.status, response.headers.clone()),
            known: Some((RawResponse { body, ..response.clone() }, parts)),
            tags,
        })
    }

    fn list(list: &Value) -> Option<&Pages<T>> {
        list.downcast_ref()
    }
}

impl<T: Send + Sync + 'static> ReadPages for PagesOf<T> {
    fn walk(self: Arc<Self>, known: Option<&Value>, walk: Walk, at: Surroundings, anew: bool) -> Box<dyn Walking> {
        let known = known.and_then(|known| known.clone().downcast::<Pages<T>>().ok());
        let held = known.as_ref().filter(|known| !known.is_empty());
        let next = match (walk, held) {
            (Walk::More(direction), Some(held)) => held.beyond(direction).cloned(),
            (_, held) => Some(held.and_then(|held| held.first()).map_or(at.start.clone(), |page| page.param.clone())),
        };
        let count = held.map_or(1, |held| held.len()).min(self.paging.max_pages);
        Box::new(Walker { of: self, known, walk, at, anew, done: Vec::new(), next, count })
    }

    fn start(&self) -> Param {
        self.start.clone()
    }

    fn has_more(&self, list: &Value, direction: Direction) -> bool {
        Self::list(list).is_some_and(|list| list.is_empty() || list.beyond(direction).is_some())
    }

    fn heads(&self, list: &Value) -> Vec<Arc<HeaderMap>> {
        Self::list(list).into_iter().flatten().map(|page| page.head.1.clone()).collect()
    }

    fn body_bytes(&self, list: &Value) -> usize {
        Self::list(list).map_or(0, |list| list.iter().map(Page::body_bytes).sum())
    }

    fn tags(&self, list: &Value) -> (Vec<Tag>, bool) {
        let (mut all, mut are_all) = (Vec::new(), true);
        for page in Self::list(list).into_iter().flatten() {
            if page.known.is_some() {
                all.extend(page.tags.iter().cloned());
            } else {
                let (tags, are_of_page) = self.page.tags_of_value(&(page.data.clone() as Value));
                all.extend(tags);
                are_all &= are_of_page;
            }
        }
        (all, are_all)
    }

    fn hold(&self, list: &Value, held: &mut Held<'_>) -> Option<Value> {
        let mut changed: Option<Pages<T>> = None;
        let list = Self::list(list)?;
        for (at, page) in list.iter().enumerate() {
            let Some(data) = self.page.hold(&(page.data.clone() as Value), held) else { continue };
            let page = changed.get_or_insert_with(|| list.clone()).pages.get_mut(at);
            if let Some((page, data)) = page.zip(data.downcast().ok()) {
                (page.data, page.known) = (data, None);
            }
        }
        changed.map(|list| Arc::new(list) as Value)
    }

    fn of_page(&self) -> &dyn Read {
        &*self.page
    }
}

/// The pages that are being brought.
struct Walker<T> {
    of: Arc<PagesOf<T>>,
    known: Option<Arc<Pages<T>>>,
    walk: Walk,
    at: Surroundings,
    /// No page keeps its identity.
    anew: bool,
    done: Vec<Page<T>>,
    /// What asks for the page that is next.
    next: Option<Param>,
    /// How many there may be.
    count: usize,
}

impl<T: Send + Sync + 'static> Walking for Walker<T> {
    fn ask(&self, base: &Request) -> Option<Result<Request, String>> {
        Some(self.next.as_ref()?.ask(base))
    }

    fn known(&self) -> Option<Known> {
        let (param, known) = (self.next.as_ref()?, self.known.as_ref()?);
        // A server that says "not modified" of a body need not say again what its headers told.
        known.iter().find(|page| page.param == *param)?.as_known(!self.anew && !self.of.paging.is_told_by_headers())
    }

    fn take(&mut self, response: RawResponse) -> Result<(), DecodeFailure> {
        let Some(param) = self.next.take() else { return Ok(()) };
        let held = self.known.iter().flat_map(|known| known.iter());
        let size = held.clone().filter(|_| self.walk != Walk::Again).chain(&self.done).map(|page| page.items).max();
        let known = held.into_iter().find(|page| page.param == param);
        let page = self.of.read(param, &response, known, (&self.at, size.unwrap_or_default(), self.anew))?;
        let mut list = Pages { pages: std::mem::take(&mut self.done) };
        list.pages.push(page);
        if self.walk == Walk::Again && list.len() < self.count {
            self.next = list.beyond(Direction::Next).cloned();
        }
        self.done = list.pages;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Option<(Value, RawResponse)> {
        let Walker { of, known, walk, mut done, .. } = *self;
        let held = || known.iter().flat_map(|known| known.iter().cloned());
        let most = of.paging.max_pages;
        let pages: Vec<Page<T>> = match walk {
            Walk::Again => done,
            Walk::More(Direction::Next) => {
                let all = held().count() + done.len();
                held().chain(done).skip(all.saturating_sub(most)).collect()
            }
            Walk::More(Direction::Previous) => {
                done.extend(held());
                done.truncate(most);
                done
            }
        };
        let head = head(&pages)?;
        let is_same = |known: &&Arc<Pages<T>>| {
            known.len() == pages.len() && known.iter().zip(&pages).all(|(one, other)| one.is_same(other))
        };
        let same = known.as_ref().filter(is_same).cloned();
        Some((same.unwrap_or_else(|| Arc::new(Pages { pages })), head))
    }
}

/// What is shown as the response of a list: that of the page which the server says is stale first, else of the first.
fn head<T>(pages: &[Page<T>]) -> Option<RawResponse> {
    let heads = pages.iter().map(|page| &page.head);
    let (status, headers) = heads.min_by_key(|(_, headers)| max_age(headers).unwrap_or(std::time::Duration::MAX))?;
    Some(RawResponse { status: *status, headers: headers.clone(), body: Bytes::new() })
}

/// Reads one page as the result of a query of its own.
pub(super) struct OnePage<T> {
    pub(super) of: Arc<PagesOf<T>>,
    pub(super) param: Param,
    pub(super) at: Surroundings,
    pub(super) size: usize,
}

impl<T: Send + Sync + 'static> Read for OnePage<T> {
    fn decode(&self, response: &RawResponse, _: Option<&Parts>) -> Result<(Value, Option<Arc<Parts>>), DecodeFailure> {
        let page = self.of.read(self.param.clone(), response, None, (&self.at, self.size, true))?;
        Ok((Arc::new(page), None))
    }

    fn tags(&self, value: &Value, _: &RawResponse) -> Vec<Tag> {
        value.downcast_ref::<Page<T>>().map(|page| page.tags.to_vec()).unwrap_or_default()
    }

    fn tags_of_value(&self, value: &Value) -> (Vec<Tag>, bool) {
        let page = value.downcast_ref::<Page<T>>();
        page.map_or((Vec::new(), true), |page| self.of.page.tags_of_value(&(page.data.clone() as Value)))
    }

    fn hold(&self, value: &Value, held: &mut Held<'_>) -> Option<Value> {
        let mut page = value.downcast_ref::<Page<T>>()?.clone();
        page.data = self.of.page.hold(&(page.data.clone() as Value), held)?.downcast().ok()?;
        Some(Arc::new(page))
    }

    fn tag_sources(&self) -> usize {
        self.of.page.tag_sources()
    }

    fn is_json(&self) -> bool {
        false
    }

    fn is_of_no_call(&self) -> bool {
        false
    }

    fn is_like(&self, _: &dyn Read) -> bool {
        false
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
