//! The functions that `fixtures/overrides/larder.toml` names.

use larder::formats::chrono::Date;
use larder::{Bytes, Json, Tag, Tags};

use crate::overrides::tags::{BADGE, DESK, NOTICE};
use crate::overrides::types::{
    BookPage, ListBooks, NewBook, NoteShelfKind, OrderShelfKind, ReturnBooksResponse, ScanShelfKind, SetCoverSide,
    ShowDesk,
};

/// A page of a shelf carries a notice for that shelf, if there is anything on it.
pub fn on_page(page: &BookPage, params: &ListBooks) -> Option<Tag> {
    let shelf = params.shelf.filter(|_| !page.items.is_empty())?;
    Some(NOTICE.list().with("shelf", shelf))
}

/// Burning a book brings a notice for it, and a badge whether or not the answer came.
pub fn on_burning(done: Option<&()>, book_id: i64) -> [Tag; 2] {
    let outcome = if done.is_some() { "burnt" } else { "unknown" };
    [NOTICE.id(book_id), BADGE.id(outcome)]
}

/// The day of a desk.
pub fn on_desk(desk: &Json, branch: &str, params: &ShowDesk) -> Vec<Tag> {
    let day = params.day.as_ref().map(|day| day.as_str().to_owned());
    vec![DESK.list().with("branch", branch).with("day", day), BADGE.id(&desk["librarian"])]
}

/// What was returned, where, and by which slip.
pub fn on_return(returned: Option<&ReturnBooksResponse>, branch: &str, slip: &str) -> Tags {
    let count = returned.and_then(|returned| returned.books.as_ref()).map(Vec::len);
    NOTICE.list().with("branch", branch).with("slip", slip).with("count", count).into()
}

/// A cover, by everything that was sent.
pub fn on_cover(_: Option<&()>, book_id: i64, side: &SetCoverSide, sizes: &[String], body: Bytes) -> Tag {
    NOTICE.list().with("book", book_id).with("side", side).with("size", sizes).with("bytes", body.len())
}

/// An order of books, which may be left out.
pub fn on_order(_: Option<&()>, kind: &OrderShelfKind, since: &Date, body: Option<&[i64]>) -> Tag {
    NOTICE.list().with("kind", kind).with("since", since).with("book", body)
}

/// A note, which may be left out; one of its arguments is called as a result would be.
pub fn on_note(_: Option<&()>, kind: &NoteShelfKind, result: bool, body: Option<&NewBook>) -> Tag {
    NOTICE.list().with("kind", kind).with("result", result).with("shelf", body.and_then(|body| body.shelf))
}

/// A scan, which may be left out.
pub fn on_scan(_: Option<&()>, kind: &ScanShelfKind, body: Option<Bytes>) -> Tag {
    NOTICE.list().with("kind", kind).with("bytes", body.map(|body| body.len()))
}
