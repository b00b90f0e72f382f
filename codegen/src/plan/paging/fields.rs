//! Fields of a response that say something of its pages.

use super::super::facts::Call;
use super::super::words::{among, plain};
use super::{ABOUT, NEXT};
use crate::model::{Api, Type, TypeKind};
use crate::pointer::{escape, unescape};

/// A field that holds one value.
pub(super) struct Found<'a> {
    pub(super) pointer: String,
    /// The names on the way to it, in one spelling.
    pub(super) names: Vec<String>,
    pub(super) ty: &'a Type,
    pub(super) doc: &'a str,
}

/// Objects that can hold words about pages; others are the thing itself.
const HOLDERS: &str = "meta metadata pagination paging page page_info links link pages cursor cursors next next_page prev \
    previous previous_page response_metadata info data result response";

/// Fields that hold the items of a page, where there are several lists.
const LISTS: &str =
    "items data results result value values entries records content list elements resources objects rows";

/// How deep words about pages can be.
const DEEPEST: usize = 4;

/// The fields that hold one value, and the pointer to the list of items.
pub(super) fn fields<'a>(api: &'a Api, call: &Call<'a>) -> (Vec<Found<'a>>, Option<String>) {
    let response = &call.operation.response;
    let mut seen = Seen { api, fields: Vec::new(), lists: Vec::new() };
    seen.look(response, "", &[], 0);
    let of_shape = call.shape.as_ref().filter(|shape| shape.many).and_then(|shape| shape.pointer.strip_suffix("/*"));
    let of_shape = of_shape.filter(|pointer| seen.lists.iter().any(|list| list == pointer));
    let shallow = |list: &&String| list.matches('/').count() <= 1;
    let named = |list: &&String| among(&plain(list.rsplit('/').next().unwrap_or_default()), LISTS);
    let mut outer = seen.lists.iter().filter(shallow);
    let only = outer.next().filter(|_| outer.next().is_none());
    let items = of_shape.or(only.map(String::as_str)).or(seen.lists.iter().find(named).map(String::as_str));
    let items = items.map(str::to_owned);
    (seen.fields, items)
}

/// The type at a pointer without wildcards.
pub(super) fn at<'a>(api: &'a Api, ty: &'a Type, pointer: &str) -> Option<&'a Type> {
    pointer.split('/').skip(1).try_fold(ty, |ty, token| {
        let name = unescape(token);
        api.fields(ty).iter().find(|field| field.wire == *name).map(|field| &field.ty)
    })
}

struct Seen<'a> {
    api: &'a Api,
    fields: Vec<Found<'a>>,
    lists: Vec<String>,
}

impl<'a> Seen<'a> {
    fn look(&mut self, ty: &'a Type, pointer: &str, names: &[String], depth: usize) {
        let api = self.api;
        match ty.inner() {
            Type::List(_) => self.lists.push(pointer.to_owned()),
            Type::Named(id) if depth <= DEEPEST => match &api.def(*id).kind {
                TypeKind::Struct { fields, .. } => {
                    for field in fields {
                        let pointer = format!("{pointer}/{}", escape(&field.wire));
                        let names = [names, &[plain(&field.wire)]].concat();
                        self.field(&field.ty, &field.doc, pointer, names, depth);
                    }
                }
                // Whichever variant it is.
                TypeKind::UntaggedUnion(variants) => {
                    variants.iter().for_each(|variant| self.look(&variant.ty, pointer, names, depth + 1));
                }
                TypeKind::TaggedUnion { variants, .. } => {
                    variants.iter().for_each(|variant| self.look(&variant.ty, pointer, names, depth + 1));
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn field(&mut self, ty: &'a Type, doc: &'a str, pointer: String, names: Vec<String>, depth: usize) {
        let last = names.last().map(String::as_str).unwrap_or_default();
        let is_holder = among(last.trim_start_matches('_'), HOLDERS);
        if self.api.is_one_value(ty) || matches!(ty.inner(), Type::Json) {
            if !self.fields.iter().any(|known| known.pointer == pointer) {
                self.fields.push(Found { pointer, names, ty, doc });
            }
        } else if is_holder || matches!(ty.inner(), Type::List(_)) {
            self.look(ty, &pointer, &names, depth + 1);
        }
    }
}

impl Found<'_> {
    pub(super) fn last(&self) -> &str {
        self.names.last().map(String::as_str).unwrap_or_default()
    }

    pub(super) fn parent(&self) -> &str {
        self.names.iter().rev().nth(1).map(String::as_str).unwrap_or_default()
    }

    fn is_text(&self) -> bool {
        matches!(self.ty.inner(), Type::String | Type::Text(_) | Type::Json)
    }

    /// Whether it is the URL of the page in this direction.
    pub(super) fn is_url_of(&self, direction: &str) -> bool {
        let last = self.last();
        let is_named = |suffix: &str| last == format!("{direction}_{suffix}");
        let within =
            |names: &str| self.names.iter().rev().skip(1).any(|name| among(name.trim_start_matches('_'), names));
        let says_url = || {
            let doc = self.doc.to_ascii_lowercase();
            ["url", "uri", "link"].iter().any(|word| doc.contains(word))
        };
        let is_href = among(last, "href url") && self.parent() == direction;
        let is_link = last == direction && (within("links link") || says_url());
        let is_odata = last == format!("odata_{direction}_link");
        let is_url = ["url", "link", "href", "page_url", "page_link", "uri"].iter().any(|suffix| is_named(suffix));
        self.is_text() && (is_href || is_link || is_odata || is_url)
    }

    /// Whether it tells the value that a parameter of this name takes for the next page.
    pub(super) fn tells_next(&self, parameter: &str) -> bool {
        let (last, parent) = (self.last(), self.parent());
        if self.is_url_of("next") || matches!(self.ty.inner(), Type::Bool) {
            return false;
        }
        let is_own = last == format!("next_{parameter}");
        let is_about = last == parameter && among(parent, ABOUT) && !among(parameter, "page offset from")
            || last == parameter && parent == "next_page"
            || last == parameter && among(parameter, "iterator continue");
        let is_next = among(last, NEXT) && !among(parameter, "page offset");
        let is_last = last == "last_id" && among(parameter, "after starting_after");
        is_own || is_about || is_next || is_last
    }

    /// As [`tells_next`](Self::tells_next), for the page before.
    pub(super) fn tells_previous(&self, parameter: &str) -> bool {
        let last = self.last();
        !self.is_url_of("previous")
            && ["prev_", "previous_"].iter().any(|before| last == format!("{before}{parameter}"))
    }
}
