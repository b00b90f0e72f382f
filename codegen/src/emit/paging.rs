//! The call that says how pages follow each other.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::{Operation, Paging, PagingKind, Source};

/// `.paged(Paging::cursor("after").next_at("/next"))`, where the query has pages.
pub(super) fn call(planned: &Operation) -> Option<TokenStream> {
    let paging = planned.paging.as_ref()?;
    let param = paging.param.as_deref().unwrap_or_default();
    let kind = match paging.kind {
        PagingKind::Cursor => quote!(cursor(#param)),
        PagingKind::Page => quote!(page(#param)),
        PagingKind::Offset => quote!(offset(#param)),
        PagingKind::Link => quote!(link()),
        PagingKind::Url => quote!(url()),
    };
    let sides = sides(paging);
    let items = paging.items.iter().map(|pointer| quote!(.items(#pointer)));
    let previous_param = paging.previous_param.iter().map(|name| quote!(.previous_param(#name)));
    let more = paging.more.iter().map(|pointer| quote!(.more_at(#pointer)));
    let page_count = paging.page_count.iter().map(|pointer| quote!(.page_count_at(#pointer)));
    let total = paging.total.iter().filter_map(|source| match source {
        Source::Response { pointer } => Some(quote!(.total_at(#pointer))),
        Source::Header { name } => Some(quote!(.total_in_header(#name))),
        _ => None,
    });
    let first = paging.first.iter().map(|number| {
        let number = proc_macro2::Literal::u64_unsuffixed(*number);
        quote!(.first(#number))
    });
    let until_empty = paging.until_empty.then(|| quote!(.until_empty()));
    Some(quote! {
        .paged(
            Paging::#kind #(#items)* #sides #(#previous_param)* #(#more)* #(#page_count)* #(#total)* #(#first)* #until_empty
        )
    })
}

/// Where the values of the next and the previous page are.
fn sides(paging: &Paging) -> TokenStream {
    let next = paging.next.as_ref().map(|source| match source {
        Source::Response { pointer } => match field_of_items(paging, pointer) {
            Some(field) => quote!(.next_after(#field)),
            None => quote!(.next_at(#pointer)),
        },
        Source::Header { name } => quote!(.next_in_header(#name)),
        _ => quote!(),
    });
    let previous = paging.previous.as_ref().map(|source| match source {
        Source::Response { pointer } => match field_of_items(paging, pointer) {
            Some(field) => quote!(.previous_before(#field)),
            None => quote!(.previous_at(#pointer)),
        },
        Source::Header { name } => quote!(.previous_in_header(#name)),
        _ => quote!(),
    });
    quote!(#next #previous)
}

/// The pointer within an item, where it leads through the items.
fn field_of_items<'p>(paging: &Paging, pointer: &'p str) -> Option<&'p str> {
    pointer.strip_prefix(paging.items.as_deref()?)?.strip_prefix("/*")
}
