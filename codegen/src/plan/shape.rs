//! Where in a response the entities sit: bare, in a list, in an envelope.

use super::words::{plain, thing};
use crate::model::{Api, Field, Type, TypeId, TypeKind};
use crate::pointer::escape;

/// What a response is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) many: bool,
    /// Where the entity is, or each of them.
    pub(super) pointer: String,
    /// What the document says of each; nothing where it says nothing.
    pub(super) schema: Option<TypeId>,
}

/// Fields that hold the entities of a page, most telling first.
const LIST_FIELDS: [&str; 14] = [
    "items",
    "data",
    "results",
    "result",
    "value",
    "values",
    "entries",
    "records",
    "content",
    "list",
    "elements",
    "resources",
    "objects",
    "rows",
];

/// Fields that hold the one entity of an envelope.
const ONE_FIELDS: [&str; 8] = ["data", "result", "item", "payload", "value", "resource", "object", "response"];

/// Fields that say something of a page and hold nothing of it.
const WORDS_ABOUT: [&str; 12] = [
    "meta",
    "metadata",
    "pagination",
    "paging",
    "page",
    "page_info",
    "links",
    "_links",
    "cursor",
    "cursors",
    "errors",
    "warnings",
];

/// Looks through envelopes at what a response holds. A field that has the name of `asked`, the
/// thing that the path speaks of, is what was asked for.
pub(super) fn of(api: &Api, ty: &Type, asked: &str) -> Option<Shape> {
    at(api, ty, asked, String::new(), 0)
}

fn at(api: &Api, ty: &Type, asked: &str, pointer: String, depth: usize) -> Option<Shape> {
    if depth > 2 {
        return None;
    }
    match ty.inner() {
        Type::List(element) => Some(many(api, element, &pointer)),
        Type::Map(element) if depth == 0 => Some(many(api, element, &pointer)).filter(|shape| shape.schema.is_some()),
        Type::Named(id) => {
            let TypeKind::Struct { fields, .. } = &api.def(*id).kind else { return None };
            let one = Shape { many: false, pointer: pointer.clone(), schema: Some(*id) };
            if has_identity(fields) {
                return Some(one);
            }
            page(api, fields, asked, &pointer, depth)
                .or_else(|| envelope(api, fields, asked, &pointer, depth))
                .or(Some(one))
        }
        _ => None,
    }
}

fn many(api: &Api, element: &Type, pointer: &str) -> Shape {
    let pointer = format!("{pointer}/*");
    let schema = match element.inner() {
        Type::Named(id) if matches!(api.def(*id).kind, TypeKind::Struct { .. }) => Some(*id),
        _ => None,
    };
    Shape { many: true, pointer, schema }
}

/// A struct that names one thing is an entity, whatever lists it holds.
fn has_identity(fields: &[Field]) -> bool {
    fields
        .iter()
        .any(|field| ["id", "uuid", "slug", "_id", "uid"].contains(&field.wire.as_str()) && field.ty.is_scalar())
}

/// An object that holds a list of entities and words about the list.
fn page(api: &Api, fields: &[Field], asked: &str, pointer: &str, depth: usize) -> Option<Shape> {
    let listed: Vec<&Field> = fields.iter().filter(|field| holds(&field.ty, |ty| is_struct(api, ty))).collect();
    if let Some(field) = listed.iter().find(|field| thing(&field.wire) == asked) {
        return Some(many(api, field.ty.element()?, &format!("{pointer}/{}", escape(&field.wire))));
    }
    let field = match listed.as_slice() {
        [] => {
            // `{ _embedded: { posts: [...] } }` and `{ data: { items: [...] } }`.
            let nested = fields
                .iter()
                .find(|field| ["_embedded", "data", "result", "response"].contains(&field.wire.as_str()))
                .and_then(|nested| at(api, &nested.ty, asked, format!("{pointer}/{}", escape(&nested.wire)), depth + 1))
                .filter(|shape| shape.many);
            return nested.or_else(|| opaque_page(fields, pointer));
        }
        [only] => *only,
        several => LIST_FIELDS.iter().find_map(|name| several.iter().copied().find(|field| field.wire == *name))?,
    };
    let known = LIST_FIELDS.contains(&field.wire.as_str());
    // An object with a list among many other things is a thing with parts, not a page.
    let rest = fields.iter().filter(|other| other.wire != field.wire);
    let said = |other: &Field| other.ty.is_scalar() || known || WORDS_ABOUT.contains(&plain(&other.wire).as_str());
    let plain = rest.clone().all(said) && (known || rest.count() <= 4);
    if !plain {
        return None;
    }
    Some(many(api, field.ty.element()?, &format!("{pointer}/{}", escape(&field.wire))))
}

/// A page of things of which the document says nothing: `{ "data": [ {} ] }`.
fn opaque_page(fields: &[Field], pointer: &str) -> Option<Shape> {
    let open = |ty: &Type| matches!(ty.inner(), Type::Json | Type::Map(_));
    let field = fields.iter().find(|field| LIST_FIELDS.contains(&field.wire.as_str()) && holds(&field.ty, open))?;
    Some(Shape { many: true, pointer: format!("{pointer}/{}/*", escape(&field.wire)), schema: None })
}

fn holds(ty: &Type, what: impl Fn(&Type) -> bool) -> bool {
    matches!(ty.inner(), Type::List(element) if what(element))
}

fn is_struct(api: &Api, ty: &Type) -> bool {
    matches!(ty.inner(), Type::Named(id) if matches!(api.def(*id).kind, TypeKind::Struct { .. }))
}

/// An object around one entity: `{ "article": { … } }`, `{ "data": { … } }`.
fn envelope(api: &Api, fields: &[Field], asked: &str, pointer: &str, depth: usize) -> Option<Shape> {
    let structs: Vec<&Field> = fields.iter().filter(|field| is_struct(api, &field.ty)).collect();
    let named = structs.iter().find(|field| thing(&field.wire) == asked);
    let only = structs
        .first()
        .filter(|field| structs.len() == 1 && (fields.len() == 1 || ONE_FIELDS.contains(&field.wire.as_str())));
    let field = named.or(only)?;
    at(api, &field.ty, asked, format!("{pointer}/{}", escape(&field.wire)), depth + 1)
}
