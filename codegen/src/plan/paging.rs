//! How the pages of a query follow each other, as far as the document's shape tells it: B31.
//!
//! Evidence is a pair: a parameter that asks for a page, and a place in the response that tells the next one. A list that only
//! looks as if it had pages is left alone, but for one that is counted: that ends by itself, with an empty page.

mod fields;

use serde::{Deserialize, Serialize};

use self::fields::{Found, fields};
use super::facts::{Call, Facts};
use super::words::{among, plain};
use super::{Kind, Source};
use crate::model::{Decoding, Parameter, Place, Type};

/// How the pages of a query follow each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paging {
    /// What asks for a page.
    pub kind: PagingKind,
    /// The parameter of the query string; none where a URL has them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<String>,
    /// The one for the page before, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_param: Option<String>,
    /// Where the next page's value is. With a `*` in its pointer it is that of the last item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Source>,
    /// Where the previous page's value is. With a `*` in its pointer it is that of the first item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Source>,
    /// Pointer to the list of items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// Pointer to a truth value: whether more pages follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
    /// Pointer to the number of pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_count: Option<String>,
    /// Where the number of all items is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Source>,
    /// The number of the first page or item, where it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// An empty text ends the list, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until_empty: bool,
}

/// What asks for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PagingKind {
    /// A value that an earlier response told.
    Cursor,
    /// The page's number.
    Page,
    /// How many items come before it.
    Offset,
    /// The URLs in the header `Link`.
    Link,
    /// A URL in the body.
    Url,
}

impl Paging {
    /// One of a kind, of which nothing else is said.
    pub(crate) fn of(kind: PagingKind) -> Paging {
        Paging {
            kind,
            param: None,
            previous_param: None,
            next: None,
            previous: None,
            items: None,
            more: None,
            page_count: None,
            total: None,
            first: None,
            until_empty: false,
        }
    }

    /// In words, for people.
    pub(crate) fn why(&self) -> String {
        let param = self.param.as_deref().unwrap_or_default();
        let at = |source: &Option<Source>| match source {
            Some(Source::Response { pointer }) => format!("`{pointer}`"),
            Some(Source::Header { name }) => format!("the header `{name}`"),
            _ => "its items".to_owned(),
        };
        match self.kind {
            PagingKind::Cursor => format!("its pages follow each other by `{param}`, which {} tells", at(&self.next)),
            PagingKind::Page if self.next.is_some() => {
                format!("its pages are counted by `{param}`, and {} tells the next", at(&self.next))
            }
            PagingKind::Page => format!("its pages are counted by `{param}`, {}", self.end()),
            PagingKind::Offset => format!("its pages are counted in items by `{param}`, {}", self.end()),
            PagingKind::Link => "its pages follow each other by the header `Link`".to_owned(),
            PagingKind::Url => format!("its pages follow each other by the URL at {}", at(&self.next)),
        }
    }

    fn end(&self) -> String {
        let told = self.page_count.as_ref().or(self.more.as_ref()).cloned();
        let told = told.map(|pointer| format!("`{pointer}`")).or_else(|| match &self.total {
            Some(Source::Response { pointer }) => Some(format!("`{pointer}`")),
            Some(Source::Header { name }) => Some(format!("the header `{name}`")),
            _ => None,
        });
        told.map_or("until one is empty".to_owned(), |told| format!("as far as {told} says"))
    }
}

/// Parameters that take what an earlier response told. What a number can be counts only where a response tells it.
const CURSORS: &str = "cursor page_cursor next_cursor starting_after after start_after after_cursor page_token next_token \
    next_page_token pagination_token continuation_token continue marker start_marker iterator bookmark scroll_id \
    stream_position from offset page";

/// Fields that tell what a cursor of any name is to be.
const NEXT: &str = "next next_cursor next_page_cursor next_page_token next_token end_cursor next_page";

/// Objects that say something of a page.
const ABOUT: &str = "meta metadata pagination paging page_info page cursor cursors response_metadata next_page links";

const MORE: &str = "has_more has_next has_next_page has_more_pages more";

const TOTALS: &str =
    "total total_count total_entries total_items total_results total_elements total_size total_records";

const PAGE_COUNTS: &str = "total_pages page_count pages last_page num_pages number_of_pages";

const LIMITS: &str = "limit per_page page_size pagesize size count max_results take top first";

/// How the pages of the query follow each other, if the document tells.
pub(super) fn of(facts: &Facts<'_>, call: &Call<'_>) -> Option<Paging> {
    if call.kind != Kind::Query || call.operation.decoding != Decoding::Json {
        return None;
    }
    let parameters = facts.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query);
    let (fields, items) = fields(facts.api, call);
    let look = Look { facts, call, parameters: parameters.collect(), fields, items };
    if look.items.is_none() {
        return look.link();
    }
    let found = look.url().or_else(|| look.link()).or_else(|| look.cursor());
    found.or_else(|| look.item()).or_else(|| look.offset()).or_else(|| look.page())
}

/// A query, as far as paging is concerned.
struct Look<'a> {
    facts: &'a Facts<'a>,
    call: &'a Call<'a>,
    parameters: Vec<&'a Parameter>,
    fields: Vec<Found<'a>>,
    items: Option<String>,
}

impl<'a> Look<'a> {
    fn parameter(&self, names: &str) -> Option<&'a Parameter> {
        let mut names = names.split_ascii_whitespace();
        names.find_map(|name| self.parameters.iter().copied().find(|parameter| plain(&parameter.wire) == name))
    }

    fn number(&self, names: &str) -> Option<&'a Parameter> {
        self.parameter(names).filter(|parameter| parameter.ty.is_number())
    }

    fn field(&self, names: &str, fits: impl Fn(&Type) -> bool) -> Option<&Found<'a>> {
        self.fields.iter().find(|field| among(field.last(), names) && fits(field.ty))
    }

    fn pointer(&self, names: &str, fits: impl Fn(&Type) -> bool) -> Option<String> {
        self.field(names, fits).map(|field| field.pointer.clone())
    }

    fn more(&self) -> Option<String> {
        self.pointer(MORE, |ty| matches!(ty.inner(), Type::Bool))
    }

    fn total(&self) -> Option<Source> {
        let headers = &self.call.operation.response_headers;
        let header = || headers.iter().find(|name| among(name, "x-total-count x-total")).cloned();
        let pointer = self.pointer(TOTALS, Type::is_number);
        pointer.map(Source::response).or_else(|| header().map(|name| Source::Header { name }))
    }

    /// The body has the URL of the next page.
    fn url(&self) -> Option<Paging> {
        let next = self.fields.iter().find(|field| field.is_url_of("next"))?;
        let previous = self.fields.iter().find(|field| field.is_url_of("previous") || field.is_url_of("prev"));
        let at = |field: &Found<'_>| Source::response(field.pointer.clone());
        Some(Paging { next: Some(at(next)), previous: previous.map(at), ..Paging::of(PagingKind::Url) })
    }

    /// The document says that there is a header `Link`.
    fn link(&self) -> Option<Paging> {
        let is_told = self.call.operation.response_headers.iter().any(|name| name == "link");
        let is_list = self.items.as_deref() == Some("") || self.parameters.iter().any(|it| asks_for_a_page(&it.wire));
        (is_told && is_list).then(|| Paging::of(PagingKind::Link))
    }

    /// A parameter takes what a field tells.
    fn cursor(&self) -> Option<Paging> {
        let is_counted = self.number("offset").is_some() && self.total().is_some();
        let mut names = CURSORS.split_ascii_whitespace();
        let (parameter, next) = names.find_map(|name| {
            let parameter = self.parameter(name)?;
            let next = self.fields.iter().find(|field| field.tells_next(name))?;
            // Where both are offered, the cursor has to be asked for.
            let is_used = !is_counted || name == "offset";
            let is_page = name == "page" && parameter.ty.is_number();
            (is_used && !is_page).then_some((parameter, next))
        })?;
        let name = plain(&parameter.wire);
        let mut paging = Paging {
            param: Some(parameter.wire.clone()),
            next: Some(Source::response(next.pointer.clone())),
            more: self.more(),
            until_empty: name.contains("token") || name == "continue",
            ..Paging::of(PagingKind::Cursor)
        };
        let same = self.fields.iter().find(|field| field.tells_previous(&name));
        let before = self.parameter("before ending_before end_before before_cursor");
        let first = self.fields.iter().find(|field| {
            among(field.last(), "first_id prev_cursor previous_cursor start_cursor")
                || field.last() == "before" && among(field.parent(), ABOUT)
        });
        if let Some(same) = same {
            paging.previous = Some(Source::response(same.pointer.clone()));
        } else if let (Some(before), Some(first)) = (before, first) {
            let of_item = self.item_field("id").and(self.items.as_ref());
            paging.previous_param = Some(before.wire.clone());
            paging.previous = match (first.last(), of_item) {
                // Every page tells its first id, also the one before which there is nothing.
                ("first_id", Some(items)) => Some(Source::response(format!("{items}/*/id"))),
                ("first_id", None) => None,
                _ => Some(Source::response(first.pointer.clone())),
            };
            paging.items = of_item.filter(|_| first.last() == "first_id").cloned();
            paging.previous_param.take_if(|_| paging.previous.is_none());
        }
        Some(paging)
    }

    /// A parameter takes the id of the last item.
    fn item(&self) -> Option<Paging> {
        let parameter = self.parameter("starting_after after start_after")?;
        let items = self.items.clone()?;
        let id = self.item_field("id")?;
        let (more, before) = (self.more(), self.parameter("ending_before before"));
        // Without a word on whether more follows, an id has to be what the parameter takes, and there is one direction.
        let is_alike = parameter.ty.inner() == id.inner() && before.is_none() && self.parameter(LIMITS).is_some();
        let is_named = more.is_some() && !matches!(parameter.ty.inner(), Type::Text(_));
        let is_told = is_named || is_alike && items.is_empty();
        if !is_told {
            return None;
        }
        let of_item = Some(Source::response(format!("{items}/*/id")));
        let previous = before.filter(|_| more.is_some());
        Some(Paging {
            param: Some(parameter.wire.clone()),
            previous_param: previous.map(|before| before.wire.clone()),
            previous: of_item.clone().filter(|_| previous.is_some()),
            next: of_item,
            items: Some(items),
            more,
            ..Paging::of(PagingKind::Cursor)
        })
    }

    /// A field that each item is known to have.
    fn item_field(&self, name: &str) -> Option<&'a Type> {
        let api = self.facts.api;
        let list = fields::at(api, &self.call.operation.response, self.items.as_deref()?)?;
        let field = api.fields(list.element()?).iter().find(|field| field.wire == name)?;
        api.is_one_value(&field.ty).then_some(&field.ty)
    }

    /// A parameter counts the items before a page.
    fn offset(&self) -> Option<Paging> {
        let parameter = self.number("offset skip start_index start")?;
        let total = self.total();
        if total.is_none() && self.parameter(LIMITS).is_none() {
            return None;
        }
        // SCIM (RFC 7644) counts from one.
        let first = (plain(&parameter.wire) == "start_index").then_some(1);
        let (param, items, more) = (Some(parameter.wire.clone()), self.items.clone(), self.more());
        Some(Paging { param, items, total, more, first, ..Paging::of(PagingKind::Offset) })
    }

    /// A parameter counts pages.
    fn page(&self) -> Option<Paging> {
        let parameter = self.number("page page_number page_num page_index")?;
        let next = self.field("next_page", Type::is_number);
        let doc = parameter.doc.to_ascii_lowercase();
        let is_from_zero = ["zero-based", "0-based", "zero based", "zero-indexed", "0-indexed", "(0..", "starts at 0"]
            .iter()
            .any(|word| doc.contains(word));
        Some(Paging {
            param: Some(parameter.wire.clone()),
            next: next.map(|field| Source::response(field.pointer.clone())),
            items: self.items.clone(),
            more: self.more(),
            page_count: self.pointer(PAGE_COUNTS, Type::is_number),
            total: self.total(),
            first: is_from_zero.then_some(0),
            ..Paging::of(PagingKind::Page)
        })
    }
}

/// Whether a parameter asks for a page, or says how large it is.
fn asks_for_a_page(wire: &str) -> bool {
    let name = plain(wire);
    among(&name, CURSORS) || among(&name, LIMITS) || among(&name, "before since max_id min_id since_id page_number")
}
