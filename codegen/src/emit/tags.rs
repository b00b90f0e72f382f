//! `tags.rs`: the tag types, and who provides and invalidates what; tags in words.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToShoutySnakeCase;
use quote::quote;

use super::docs;
use super::file::{Item, ident};
use crate::plan::{self, Plan, Scope, Source, Tag};

/// The constant of each tag type.
pub(super) struct Names {
    constants: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn new(plan: &Plan) -> Names {
        let mut taken = BTreeSet::new();
        let mut constants = BTreeMap::new();
        for tag_type in &plan.tag_types {
            let name = constant(&tag_type.name);
            let mut constant = name.clone();
            let mut number = 2;
            while !taken.insert(constant.clone()) {
                constant = format!("{name}_{number}");
                number += 1;
            }
            constants.insert(tag_type.name.clone(), constant);
        }
        Names { constants }
    }

    pub(super) fn constant(&self, tag_type: &str) -> &str {
        self.constants.get(tag_type).map_or("", String::as_str)
    }
}

/// A segment of a path may begin with a digit, or be no name at all.
fn constant(tag_type: &str) -> String {
    let name = tag_type.to_shouty_snake_case();
    let longer = format!("TAG_{name}");
    let is_name = |name: &String| syn::parse_str::<syn::Ident>(name).is_ok();
    [name, longer].into_iter().find(is_name).unwrap_or_else(|| "TAG".to_owned())
}

/// The tag types of the API, with a table of who touches them.
pub(super) fn module(plan: &Plan, names: &Names) -> (Vec<String>, Vec<Item>) {
    let mut doc =
        vec!["The tag types of this API: who provides each, and who invalidates it.".to_owned(), String::new()];
    doc.extend(table(plan));
    let mut items = vec![Item::new(quote!(
        use larder::TagType;
    ))];
    for tag_type in &plan.tag_types {
        let (constant, name) = (ident(names.constant(&tag_type.name)), &tag_type.name);
        let attributes = docs::attributes(&[describe_type(tag_type)]);
        items.push(Item::new(quote! {
            #attributes
            pub const #constant: TagType = TagType::new(#name);
        }));
    }
    (doc, items)
}

fn describe_type(tag_type: &plan::TagType) -> String {
    let with_members = tag_type
        .collections
        .iter()
        .find(|path| tag_type.members.iter().any(|member| member.starts_with(path.as_str())));
    let place = with_members.or(tag_type.collections.first());
    let place = place.map(|path| format!(" of `{path}`")).unwrap_or_default();
    let ids: Vec<String> = tag_type.id.iter().map(|id| format!("`{id}`")).collect();
    match ids.as_slice() {
        [] if tag_type.collections.is_empty() => "What no path of the document is about.".to_owned(),
        [] => format!("What is kept{place}; no field of it is known as its id."),
        ids => format!("One{place}, by its {}.", ids.join(" or ")),
    }
}

/// A Markdown table of each tag with the functions that provide and invalidate it.
fn table(plan: &Plan) -> Vec<String> {
    let mut rows: BTreeMap<String, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for operation in &plan.operations {
        for tag in operation.provides.iter().filter(|tag| !tag.reference) {
            rows.entry(kind(tag)).or_default().0.insert(&operation.function);
        }
        for tag in &operation.invalidates {
            rows.entry(kind(tag)).or_default().1.insert(&operation.function);
        }
    }
    let mut lines = vec!["| tag | provided by | invalidated by |".to_owned(), "|---|---|---|".to_owned()];
    let cell = |functions: &BTreeSet<&str>| {
        let links = functions.iter().map(|function| format!("[`{}`]", function));
        links.collect::<Vec<_>>().join(", ")
    };
    let mut linked = BTreeSet::new();
    for (tag, (provided, invalidated)) in &rows {
        lines.push(format!("| `{tag}` | {} | {} |", cell(provided), cell(invalidated)));
        linked.extend(provided.iter().chain(invalidated).copied());
    }
    lines.push(String::new());
    lines.extend(linked.into_iter().map(|function| format!("[`{}`]: super::{function}", function)));
    lines
}

/// A tag without the places of its parts.
fn kind(tag: &Tag) -> String {
    match &tag.scope {
        Scope::Type {} => tag.tag_type.clone(),
        Scope::List { .. } => format!("{}:LIST", tag.tag_type),
        Scope::Id { .. } => format!("{}:{{id}}", tag.tag_type),
    }
}

/// A tag as people write it: `Post`, `Post:LIST{author_id}`, `Post:{post_id}`.
pub(crate) fn in_words(tag: &Tag) -> String {
    match &tag.scope {
        Scope::Type {} => tag.tag_type.clone(),
        Scope::List { list, .. } if list.is_empty() => format!("{}:LIST", tag.tag_type),
        Scope::List { list, .. } => {
            let names: Vec<&str> = list.keys().map(String::as_str).collect();
            format!("{}:LIST{{{}}}", tag.tag_type, names.join(", "))
        }
        Scope::Id { id } => {
            let parts: Vec<String> = id.iter().map(part).collect();
            format!("{}:{}", tag.tag_type, parts.join(","))
        }
    }
}

fn part(source: &Source) -> String {
    match source {
        Source::Path { name } | Source::Query { name } | Source::Header { name } => format!("{{{name}}}"),
        Source::Body { pointer } | Source::Response { pointer } => {
            format!("{{{}}}", pointer.rsplit('/').next().unwrap_or_default())
        }
        Source::Value { value } => value.clone(),
    }
}
