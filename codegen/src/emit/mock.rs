//! `mock.rs`: a transport that answers with an example of each operation.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::file::Item;
use super::ty;
use crate::diagnostic::is_unprintable;
use crate::mock::Answer;

/// The table of answers, and the transport that is made of it.
pub(super) fn module(answers: &[Answer]) -> (Vec<String>, Vec<Item>) {
    let doc = vec!["An example answer of each operation, for tests and for work without a server.".to_owned()];
    let rows = answers.iter().map(|answer| {
        let Answer { method, path, status, content_type, .. } = answer;
        let (status, body) = (Literal::u16_unsuffixed(*status), text(&answer.body));
        quote!((#method, #path, #status, #content_type, #body))
    });
    let items = vec![
        Item::new(ty::listed(&quote!(larder), ["MockTransport"].into_iter()).unwrap_or_default()),
        Item::new(quote! {
            /// Method, path, status, content type and body.
            const ANSWERS: &[(&str, &str, u16, &str, &str)] = &[#(#rows),*];
        }),
        Item::new(quote! {
            /// A transport that answers with these examples. Replace some with `MockTransport::route`.
            pub fn transport() -> MockTransport {
                MockTransport::new().answers(ANSWERS)
            }
        }),
    ];
    (doc, items)
}

/// A text as people read it: as it is, between as many `#` as it takes.
fn text(body: &str) -> TokenStream {
    let is_plain = body.chars().all(|c| c == '\n' || !is_unprintable(c) && !c.is_control());
    if !is_plain || !body.contains(['"', '\\', '\n']) {
        return quote!(#body);
    }
    let mut marks = 1;
    while body.contains(&format!("\"{}", "#".repeat(marks))) {
        marks += 1;
    }
    let marks = "#".repeat(marks);
    let raw: Result<Literal, _> = format!("r{marks}\"{body}\"{marks}").parse();
    raw.map_or_else(|_| quote!(#body), |raw| quote!(#raw))
}
