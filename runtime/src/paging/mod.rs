//! Paging: how the pages of a query follow each other, and the list that they are.

mod around;
mod asking;
mod pages;
mod param;
mod reader;
mod stream;
mod walk;

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;

pub use self::asking::FurtherPage;
pub use self::pages::{Page, Pages};
pub(crate) use self::param::Param;
pub(crate) use self::reader::{Paged, PagedOf, ReadPages, Surroundings, Walking};
pub use self::stream::PageStream;
pub(crate) use self::walk::{Progress, read};

/// Which end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Next,
    Previous,
}

/// What a request of a query brings. Of one without pages it is always all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// All pages that are held, from the first of them on.
    Again,
    /// One more page.
    More(Direction),
}

/// A function that finds what asks for a neighbour of a page.
pub(crate) type Select<T> = Arc<dyn Fn(&T, &HeaderMap) -> Option<String> + Send + Sync>;

/// How the pages of a query follow each other: B31.
///
/// It says which parameter of the query string asks for another page, and where a response tells its value. A JSON Pointer
/// says where in the body. A value that is absent or null ends the list; `0` and the empty text are values like any other.
///
/// ```
/// use larder::{Json, Paging, Query, Request};
///
/// fn list_posts() -> Query<Json> {
///     Query::new(Request::get("listPosts", "/posts")).paged(Paging::cursor("after").next_at("/meta/next"))
/// }
/// # let _ = list_posts().pages();
/// ```
#[must_use = "a query has to be given it"]
pub struct Paging<T> {
    pub(crate) kind: Kind,
    pub(crate) next: Side<T>,
    pub(crate) previous: Side<T>,
    /// The list in the body.
    pub(crate) items: Option<&'static str>,
    /// A truth value in the body: whether more pages follow.
    pub(crate) more: Option<&'static str>,
    /// How many pages there are.
    pub(crate) page_count: Option<Place>,
    /// How many items there are on all pages.
    pub(crate) total: Option<Place>,
    /// The number of the first page, or of the first item.
    pub(crate) first: u64,
    /// An empty text ends the list, too.
    pub(crate) until_empty: bool,
    pub(crate) max_pages: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A value of the server's stands for a page.
    Cursor,
    /// Pages are counted.
    Page,
    /// Items are counted.
    Offset,
    /// The server gives the URL of a page.
    Url,
}

/// How a neighbour of a page is asked for.
pub(crate) struct Side<T> {
    /// The parameter; none where a URL has them all.
    pub(crate) param: &'static str,
    /// Where its value, or the URL, is. It is counted where this is nothing.
    pub(crate) from: Option<From<T>>,
}

pub(crate) enum From<T> {
    Place(Place),
    /// A field of the last item of a page for its next, and of the first for its previous.
    Item(&'static str),
    /// The URL in the header `Link` with this relation.
    Link(&'static str),
    Select(Select<T>),
}

/// A place in a response.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Body(&'static str),
    Header(&'static str),
}

impl<T> Paging<T> {
    fn new(kind: Kind, param: &'static str) -> Paging<T> {
        Paging {
            kind,
            next: Side { param, from: None },
            previous: Side { param, from: None },
            items: None,
            more: None,
            page_count: None,
            total: None,
            first: 0,
            until_empty: false,
            max_pages: usize::MAX,
        }
    }

    /// A parameter takes a value that an earlier response told, such as a cursor or a token. Say where with
    /// [`next_at`](Self::next_at) or one of its like; without, there is one page.
    #[inline]
    pub fn cursor(param: &'static str) -> Paging<T> {
        Paging::new(Kind::Cursor, param)
    }

    /// A parameter counts pages, from one. The list ends with a page whose [`items`](Self::items) are none, or where the
    /// response says so: [`page_count_at`](Self::page_count_at), [`total_at`](Self::total_at), [`more_at`](Self::more_at),
    /// [`next_at`](Self::next_at).
    #[inline]
    pub fn page(param: &'static str) -> Paging<T> {
        Paging { first: 1, ..Paging::new(Kind::Page, param) }
    }

    /// A parameter counts the [`items`](Self::items) before the page, from zero. The list ends as with [`page`](Self::page).
    #[inline]
    pub fn offset(param: &'static str) -> Paging<T> {
        Paging::new(Kind::Offset, param)
    }

    /// The response's header `Link` has the URLs of the next and the previous page (RFC 8288), as relations `next` and
    /// `prev`. Their query strings are taken over. A URL on another host is an error, and nothing is sent there.
    #[inline]
    pub fn link() -> Paging<T> {
        let mut paging = Paging::new(Kind::Url, "");
        paging.next.from = Some(From::Link("next"));
        paging.previous.from = Some(From::Link("prev"));
        paging
    }

    /// The response has the URL of the next page. Say where with [`next_at`](Self::next_at). It is used as with
    /// [`link`](Self::link).
    #[inline]
    pub fn url() -> Paging<T> {
        Paging::new(Kind::Url, "")
    }

    /// Where in the body the next page's value is, as a JSON Pointer.
    #[inline]
    pub fn next_at(mut self, pointer: &'static str) -> Paging<T> {
        self.next.from = Some(From::Place(Place::Body(pointer)));
        self
    }

    /// The header that has the next page's value. Empty is absent there.
    #[inline]
    pub fn next_in_header(mut self, name: &'static str) -> Paging<T> {
        self.next.from = Some(From::Place(Place::Header(name)));
        self
    }

    /// The next page's value is this field of the last of the [`items`](Self::items), as a JSON Pointer within the item.
    #[inline]
    pub fn next_after(mut self, field: &'static str) -> Paging<T> {
        self.next.from = Some(From::Item(field));
        self
    }

    /// A function finds the next page's value, or its URL, in a page and the response's headers. A panic in it ends as an error on the entry.
    ///
    /// ```
    /// # use larder::{Json, Paging};
    /// let paging = Paging::cursor("since").next(|page: &Json, _| Some(page["last"].as_str()?.to_owned()));
    /// # let _ = paging;
    /// ```
    pub fn next(mut self, select: impl Fn(&T, &HeaderMap) -> Option<String> + Send + Sync + 'static) -> Paging<T> {
        self.next.from = Some(From::Select(Arc::new(select)));
        self
    }

    /// As [`next_at`](Self::next_at), for the page before.
    #[inline]
    pub fn previous_at(mut self, pointer: &'static str) -> Paging<T> {
        self.previous.from = Some(From::Place(Place::Body(pointer)));
        self
    }

    /// As [`next_in_header`](Self::next_in_header), for the page before.
    #[inline]
    pub fn previous_in_header(mut self, name: &'static str) -> Paging<T> {
        self.previous.from = Some(From::Place(Place::Header(name)));
        self
    }

    /// The page before is asked for by this field of the first of the [`items`](Self::items).
    #[inline]
    pub fn previous_before(mut self, field: &'static str) -> Paging<T> {
        self.previous.from = Some(From::Item(field));
        self
    }

    /// As [`next`](Self::next), for the page before.
    pub fn previous(mut self, select: impl Fn(&T, &HeaderMap) -> Option<String> + Send + Sync + 'static) -> Paging<T> {
        self.previous.from = Some(From::Select(Arc::new(select)));
        self
    }

    /// The parameter that asks for the page before, where it is another one.
    #[inline]
    pub fn previous_param(mut self, param: &'static str) -> Paging<T> {
        self.previous.param = param;
        self
    }

    /// Where in the body the list is, as a JSON Pointer: the empty text for a body that is the list.
    #[inline]
    pub fn items(mut self, pointer: &'static str) -> Paging<T> {
        self.items = Some(pointer);
        self
    }

    /// Where in the body a truth value says whether more follows, in the direction in which the page was asked for. Where it
    /// is `false` the list ends, whatever else the response has.
    #[inline]
    pub fn more_at(mut self, pointer: &'static str) -> Paging<T> {
        self.more = Some(pointer);
        self
    }

    /// Where in the body it says how many pages there are.
    #[inline]
    pub fn page_count_at(mut self, pointer: &'static str) -> Paging<T> {
        self.page_count = Some(Place::Body(pointer));
        self
    }

    /// Where in the body it says how many items there are on all pages.
    #[inline]
    pub fn total_at(mut self, pointer: &'static str) -> Paging<T> {
        self.total = Some(Place::Body(pointer));
        self
    }

    /// The header that says how many items there are on all pages.
    #[inline]
    pub fn total_in_header(mut self, name: &'static str) -> Paging<T> {
        self.total = Some(Place::Header(name));
        self
    }

    /// Pages, or items, are counted from this number.
    #[inline]
    pub fn first(mut self, number: u64) -> Paging<T> {
        self.first = number;
        self
    }

    /// An empty text ends the list as an absent value does.
    #[inline]
    pub fn until_empty(mut self) -> Paging<T> {
        self.until_empty = true;
        self
    }

    /// How many pages a list holds at most, at least one. When one more comes, the page at the other end goes. What went can
    /// be asked for again only where the response tells of the page before.
    pub fn max_pages(mut self, count: usize) -> Paging<T> {
        self.max_pages = count.max(1);
        self
    }

    /// The parameters that ask for a page, and so do not tell one list from another.
    pub(crate) fn params(&self) -> impl Iterator<Item = &'static str> + use<T> {
        [self.next.param, self.previous.param].into_iter().filter(|name| !name.is_empty())
    }

    /// Whether headers tell anything of the pages around one.
    fn is_told_by_headers(&self) -> bool {
        let in_headers = |from: &From<T>| !matches!(from, From::Place(Place::Body(_)) | From::Item(_));
        let sides = [&self.next, &self.previous].into_iter().filter_map(|side| side.from.as_ref());
        sides.into_iter().any(in_headers)
            || [self.total, self.page_count].into_iter().flatten().any(|place| matches!(place, Place::Header(_)))
    }

    pub(crate) fn side(&self, direction: Direction) -> &Side<T> {
        match direction {
            Direction::Next => &self.next,
            Direction::Previous => &self.previous,
        }
    }
}

impl<T> fmt::Debug for Paging<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paging").field("kind", &self.kind).field("param", &self.next.param).finish_non_exhaustive()
    }
}
