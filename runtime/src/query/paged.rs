//! Queries with pages, and the lists of their pages.

use std::sync::Arc;

use super::Query;
use crate::decode::Decode;
use crate::enhance::Changes;
use crate::error::DecodeFailure;
use crate::paging::{Paged, PagedOf, Pages, Paging, Param};
use crate::tags::Tags;

impl<T> Query<T> {
    /// Says how its pages follow each other. By itself this changes nothing: see [`pages`](Self::pages). What is said last
    /// counts.
    #[inline]
    pub fn paged(mut self, paging: Paging<T>) -> Query<T> {
        self.paging = Some(Arc::new(paging));
        self
    }

    pub(crate) fn paging(&self) -> Option<&Arc<Paging<T>>> {
        self.paging.as_ref()
    }

    /// What asks for the first page of the list.
    pub(crate) fn start(&self) -> Param {
        self.list_of.as_ref().map_or(Param::First, |list| list.reader().start())
    }

    /// The query of whose pages this is the list, unless the call said all of its tags itself.
    pub(super) fn pages_that_tell(&self) -> Option<&dyn PagedOf<T>> {
        self.list_of.as_deref().filter(|_| !self.tags_are_final)
    }

    /// The list of pages, as the client was told to change the query of a page.
    pub(super) fn enhanced_list(&self, changes: &Changes) -> Option<Query<T>> {
        let mut list = self.list_of.as_ref()?.enhanced(changes);
        list.settings = self.settings.clone().or(list.settings);
        list.is_off |= self.is_off;
        list.tags_from = self.tags_from.clone();
        list.tags_at = self.tags_at.clone();
        list.tags_with = self.tags_with.clone();
        list.tags_are_final = self.tags_are_final;
        if self.tags_are_final {
            list.tags = Tags::none();
        }
        list.tags.extend(self.tags.iter().cloned());
        Some(list)
    }
}

impl<T: Send + Sync + 'static> Query<T> {
    /// The list of its pages, as one entry of its own: the first page, and those that
    /// [`fetch_next`](crate::Watcher::fetch_next) and [`fetch_previous`](crate::Watcher::fetch_previous) add. It provides what
    /// its pages provide. A parameter that asks for a page says where the list begins, and is no part of what tells one
    /// list from another.
    ///
    /// A refetch brings the pages that are held again, in their order from the first one, each asked for as the new page
    /// before it says, and puts them in at once; if one fails, all stay as they were: B31.
    ///
    /// A query that nothing was said of by [`paged`](Self::paged) is not sent; that is its error.
    ///
    /// ```
    /// # use larder::{Client, Error, Json, Paging, Query, Request};
    /// # fn list_posts() -> Query<Json> {
    /// #     Query::new(Request::get("listPosts", "/posts")).paged(Paging::page("page").items("/posts"))
    /// # }
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let mut feed = client.watch(list_posts().pages());
    /// feed.ready().await?;
    /// let pages = feed.fetch_next().await?;
    /// println!("{} pages, more to come: {}", pages.len(), pages.has_next());
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(self) -> Query<Pages<T>> {
        let mut request = self.request.clone();
        let mut start = Param::First;
        match &self.paging {
            Some(paging) => {
                for name in paging.params() {
                    if let Some(value) = request.take_query(name) {
                        start = Param::Named(name, value);
                    }
                }
            }
            None => request.fail("nothing says how its pages follow each other: say it with `Query::paged`".to_owned()),
        }
        let decode: Decode<Pages<T>> = |_| {
            let detail = "pages are read one by one".to_owned();
            Err(DecodeFailure { detail, json_path: None })
        };
        let (tags, settings, is_off) = (self.tags.clone(), self.settings.clone(), self.is_off);
        let list_of: Arc<dyn PagedOf<Pages<T>>> = Arc::new(Paged { query: self, start });
        Query {
            tags,
            settings,
            is_off,
            list_of: Some(list_of),
            ..Query::reading(request, crate::decode::ACCEPT_JSON, decode)
        }
    }
}
