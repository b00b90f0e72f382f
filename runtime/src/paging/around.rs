//! What a response says of the pages before and after it.

mod link;

use http::HeaderMap;
use serde_json::Value as Json;

use super::{Direction, From, Kind, Paging, Param, Place, Surroundings};
use crate::pruned;
use crate::response::RawResponse;
use crate::tag::scalar;

/// What a response says.
pub(super) struct Around {
    pub(super) next: Option<Param>,
    pub(super) previous: Option<Param>,
    /// How many items are on the page, if that was told.
    pub(super) items: usize,
}

/// A page, as far as its response has been looked at.
struct Look<'a, T> {
    paging: &'a Paging<T>,
    page: &'a T,
    param: &'a Param,
    headers: &'a HeaderMap,
    body: Json,
    at: &'a Surroundings,
    /// How many items a full page has, as far as is known.
    size: usize,
}

impl<T> Paging<T> {
    /// Runs the functions that select. `size` is how many items the fullest of the other pages has.
    pub(super) fn around(
        &self,
        page: &T,
        param: &Param,
        response: &RawResponse,
        at: &Surroundings,
        size: usize,
    ) -> Around {
        let pointers = self.pointers();
        // What is no JSON tells nothing.
        let body = if pointers.is_empty() {
            Json::Null
        } else {
            pruned::read(&response.body, pointers.iter().map(String::as_str)).unwrap_or_default()
        };
        let mut look = Look { paging: self, page, param, headers: &response.headers, body, at, size };
        let items = look.items().map_or(0, <[Json]>::len);
        look.size = size.max(items);
        Around { next: look.beyond(Direction::Next), previous: look.beyond(Direction::Previous), items }
    }

    /// What is looked for in the body.
    fn pointers(&self) -> Vec<String> {
        let in_body = |place: &Place| match place {
            Place::Body(pointer) => Some((*pointer).to_owned()),
            Place::Header(_) => None,
        };
        let places = [&self.page_count, &self.total].into_iter().flatten().filter_map(in_body);
        let sides = [&self.next, &self.previous].into_iter().filter_map(|side| match side.from.as_ref()? {
            From::Place(place) => in_body(place),
            From::Item(field) => Some(format!("{}/*{field}", self.items.unwrap_or_default())),
            From::Link(_) | From::Select(_) => None,
        });
        // Elements are counted, and nothing of them is kept.
        let items = self.items.map(|items| format!("{items}/*/"));
        places.chain(sides).chain(items).chain(self.more.map(str::to_owned)).collect()
    }
}

impl<T> Look<'_, T> {
    fn items(&self) -> Option<&[Json]> {
        self.body.pointer(self.paging.items?)?.as_array().map(Vec::as_slice)
    }

    /// What asks for the page beyond this one, if there is one.
    fn beyond(&self, direction: Direction) -> Option<Param> {
        if direction == self.asked() && self.says_no_more() {
            return None;
        }
        let side = self.paging.side(direction);
        match (self.paging.kind, &side.from) {
            (Kind::Page | Kind::Offset, None) => {
                Some(Param::Named(side.param, self.counted(direction)?.to_string().into()))
            }
            (kind, Some(from)) => {
                let text = self.told(direction, from)?;
                let is_end = text.is_empty() && (self.paging.until_empty || kind == Kind::Url);
                match kind {
                    _ if is_end => None,
                    Kind::Url => Some(Param::of_url(&text, &self.at.base, &self.at.secret)),
                    _ => Some(Param::Named(side.param, text.into())),
                }
            }
            (Kind::Cursor | Kind::Url, None) => None,
        }
    }

    /// In which direction the page was asked for.
    fn asked(&self) -> Direction {
        let (next, previous) = (self.paging.next.param, self.paging.previous.param);
        let is_back = matches!(self.param, Param::Named(name, _) if *name == previous && previous != next);
        if is_back { Direction::Previous } else { Direction::Next }
    }

    fn says_no_more(&self) -> bool {
        self.paging.more.and_then(|more| self.body.pointer(more)).and_then(Json::as_bool) == Some(false)
    }

    /// The value that asks for another page, where it is told.
    fn told(&self, direction: Direction, from: &From<T>) -> Option<String> {
        match from {
            From::Place(place) => self.text_at(*place),
            From::Link(relation) => link::of(self.headers, relation),
            From::Select(select) => select(self.page, self.headers),
            // Nothing tells whether something came before the beginning since.
            From::Item(_) if direction == Direction::Previous && *self.param == Param::First => None,
            From::Item(field) => {
                let items = self.items()?;
                let item = if direction == Direction::Next { items.last() } else { items.first() };
                text(item?.pointer(field)?)
            }
        }
    }

    fn text_at(&self, place: Place) -> Option<String> {
        match place {
            Place::Body(pointer) => text(self.body.pointer(pointer)?),
            Place::Header(name) => {
                let value = self.headers.get(name)?.to_str().ok()?.trim();
                (!value.is_empty()).then(|| value.to_owned())
            }
        }
    }

    fn number_at(&self, place: Option<Place>) -> Option<u64> {
        self.text_at(place?)?.parse().ok()
    }

    /// The number of another page, or of its first item.
    fn counted(&self, direction: Direction) -> Option<u64> {
        let paging = self.paging;
        let number: u64 = match self.param {
            Param::Named(_, number) => number.parse().ok()?,
            _ => paging.first,
        };
        let is_page = paging.kind == Kind::Page;
        let size = self.size as u64;
        if direction == Direction::Previous {
            // A first page that is cut short has no number.
            let step = if is_page { 1 } else { size };
            return number.checked_sub(step).filter(|before| paging.first <= *before && step > 0);
        }
        let items = self.items().map(|items| items.len() as u64);
        let (pages, total) = (self.number_at(paging.page_count), self.number_at(paging.total));
        let next = number.checked_add(if is_page { 1 } else { items.unwrap_or_default() })?;
        let before = next.checked_sub(paging.first)?;
        // Without any of these nothing would ever end the list.
        let is_told = items.is_some() || pages.is_some() || paging.more.is_some();
        let is_empty = items == Some(0) || next == number;
        let is_last_page = is_page && pages.is_some_and(|pages| pages <= before);
        let seen = if is_page { before.saturating_mul(size) } else { before };
        let is_all = total.is_some_and(|total| total <= seen && (size > 0 || !is_page));
        (is_told && !is_empty && !is_last_page && !is_all && !self.links_end()).then_some(next)
    }

    /// Whether the response links to other pages and to no next one, which many servers do and few documents tell. Beyond the
    /// last page some answer with an error.
    fn links_end(&self) -> bool {
        let linked = |relation| link::of(self.headers, relation).is_some();
        !linked("next") && ["prev", "previous", "last"].into_iter().any(linked)
    }
}

/// A text or a number. Nothing else is a value that asks for a page.
fn text(value: &Json) -> Option<String> {
    if value.is_boolean() { None } else { scalar(value).map(String::from) }
}
