//! `headers.rs`: the headers of responses, as constants that read them.

use std::collections::BTreeSet;

use quote::quote;

use super::docs;
use super::file::{Item, ident};
use super::ty::{self, Imports};
use crate::model::{Api, Header, Operation};

/// Operations that are named where a header is told of; of more than these it is told how many there are.
const NAMED: usize = 6;

/// A constant for each header that an operation has; `None` where there are none.
pub(super) fn module(api: &Api) -> Option<(Vec<String>, Vec<Item>)> {
    let used: BTreeSet<usize> = api.operations.iter().flat_map(|operation| operation.headers.iter().copied()).collect();
    if used.is_empty() {
        return None;
    }
    let mut imports = Imports::default();
    imports.runtime.insert("ResponseHeader");
    let constants: Vec<Item> = used.into_iter().map(|at| constant(api, at, &mut imports)).collect();
    let outside = imports.outside(api).into_iter();
    let types = ty::listed(&quote!(super::types), imports.types.iter().map(String::as_str));
    let std = usize::from(imports.btree_map);
    let mut items: Vec<Item> = outside.enumerate().map(|(at, line)| Item::after(line, at > std)).collect();
    items.extend(types.map(Item::new));
    items.extend(constants);
    let said = "Headers of responses: each reads its own from whatever brought a result or an error.";
    Some((vec![said.to_owned()], items))
}

fn constant(api: &Api, at: usize, imports: &mut Imports) -> Item {
    let Header { name, wire, ty, is_json, doc, deprecated } = &api.headers[at];
    let mut lines = docs::text(doc);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let users: Vec<&str> = users(api, at).map(|operation| operation.id.as_str()).collect();
    let of = match users.as_slice() {
        few if few.len() <= NAMED => {
            few.iter().map(|id| format!("`{}`", id.replace('`', "'"))).collect::<Vec<_>>().join(", ")
        }
        many => format!("{} operations", many.len()),
    };
    lines.push(format!("`{}` of {of}.", wire.replace('`', "'")));
    let doc = docs::attributes(&lines);
    let (name, ty) = (ident(name), ty::owned(api, ty, imports));
    let new = ident(if *is_json { "json" } else { "new" });
    let deprecated = deprecated.then(|| quote!(#[deprecated]));
    Item::new(quote!(#doc #deprecated pub const #name: ResponseHeader<#ty> = ResponseHeader::#new(#wire);))
}

/// The operations that have a header.
fn users(api: &Api, at: usize) -> impl Iterator<Item = &Operation> {
    api.operations.iter().filter(move |operation| operation.headers.contains(&at))
}

/// What is told of an operation's headers where its function is. Those that most operations have are told of in `headers.rs`
/// alone.
pub(super) fn words(api: &Api, operation: &Operation) -> Option<String> {
    const MANY: usize = 8;
    let is_usual = |at: usize| {
        let users = users(api, at).count();
        users > MANY && users * 2 > api.operations.len()
    };
    let own = operation.headers.iter().filter(|at| !is_usual(**at)).map(|at| &api.headers[*at].name);
    let own: Vec<String> = own.map(|name| format!("[`{name}`](super::headers::{name})")).collect();
    (!own.is_empty()).then(|| format!("Headers of its responses: {}.", own.join(", ")))
}
