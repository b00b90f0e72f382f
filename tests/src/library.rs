//! The functions that `fixtures/overrides/larder.toml` names.

use larder::{Json, Tag, Tags};

use crate::overrides::tags::{BADGE, DESK, NOTICE};
use crate::overrides::types::{BookPage, ListBooks, ReturnBooksResponse, ShowDesk};

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
