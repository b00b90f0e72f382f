//! What people say of the pages of a query.

use super::super::paging::{Paging, PagingKind};
use super::super::{Kind, Operation, Source};
use super::check::Checker;
use super::pointer::End;
use crate::model::overrides::{Said, SaidPaging, SaidSource};

/// Gives a query the paging that is said of it.
pub(super) fn apply(planned: &mut Operation, said: &Said<Option<SaidPaging>>, checker: &mut Checker<'_>) {
    if planned.kind == Kind::Mutation {
        checker.fault(said.span, "a mutation has no pages", "say `kind = \"query\"` of it, too, if it only reads");
        return;
    }
    let before = planned.paging.take().map(|paging| paging.why());
    planned.why.retain(|why| Some(why) != before.as_ref());
    match &said.value {
        None => planned.why.push(format!("{} says that it has no pages", said.place)),
        Some(table) => {
            let paging = read(said, table, checker);
            planned.why.push(format!("{} says that {}", said.place, paging.why()));
            planned.paging = Some(paging);
        }
    }
}

fn read(said: &Said<Option<SaidPaging>>, table: &SaidPaging, checker: &mut Checker<'_>) -> Paging {
    let kind = match table.kind.value.as_str() {
        "cursor" => PagingKind::Cursor,
        "page" => PagingKind::Page,
        "offset" => PagingKind::Offset,
        "link" => PagingKind::Link,
        _ => PagingKind::Url,
    };
    let mut paging = Paging {
        param: table.param.as_ref().and_then(|param| checker.query_parameter(param)),
        previous_param: table.previous_param.as_ref().and_then(|param| checker.query_parameter(param)),
        first: table.first,
        until_empty: table.until_empty,
        ..Paging::of(kind)
    };
    for (key, source) in &table.places {
        let place = place(source, checker);
        match *key {
            "next" => paging.next = place,
            "previous" => paging.previous = place,
            "total" => paging.total = place,
            key => {
                let pointer = match place {
                    Some(Source::Response { pointer }) => Some(pointer),
                    Some(_) => {
                        checker.fault(
                            source.span,
                            format!("`{key}` is in the response"),
                            "write \"response./POINTER\"",
                        );
                        None
                    }
                    None => None,
                };
                match key {
                    "items" => paging.items = pointer,
                    "more" => paging.more = pointer,
                    _ => paging.page_count = pointer,
                }
            }
        }
    }
    let is_counted = matches!(kind, PagingKind::Page | PagingKind::Offset);
    let needs_param = is_counted || kind == PagingKind::Cursor;
    if needs_param && table.param.is_none() {
        checker.fault(said.span, "nothing says which parameter asks for a page", "give it a `param`");
    }
    if matches!(kind, PagingKind::Cursor | PagingKind::Url) && paging.next.is_none() && !table.has("next") {
        checker.fault(said.span, "nothing says where the next page is told", "give it a `next`");
    }
    let ends = table.has("items") || table.has("more") || table.has("page_count") || table.has("next");
    if is_counted && !ends {
        checker.fault(said.span, "nothing would end the list", "give it `items`, `more` or `page_count`");
    }
    paging
}

/// Where something is in a response.
fn place(said: &Said<SaidSource>, checker: &mut Checker<'_>) -> Option<Source> {
    match &said.value {
        SaidSource::Header(name) => Some(Source::Header { name: name.clone() }),
        SaidSource::Response(pointer) => {
            let leads = super::pointer::follow(checker.api(), checker.response(), pointer);
            if let Err(End::Nowhere { reached, token, .. }) = leads {
                checker.fault(said.span, format!("the response has no `{token}` at `{reached}`"), "look at its schema");
                return None;
            }
            Some(Source::response(pointer.clone()))
        }
        _ => {
            let help = "write \"response./POINTER\" or \"header.NAME\"";
            checker.fault(said.span, "only a response tells of its pages", help);
            None
        }
    }
}

impl SaidPaging {
    fn has(&self, key: &str) -> bool {
        self.places.iter().any(|(known, _)| *known == key)
    }
}
