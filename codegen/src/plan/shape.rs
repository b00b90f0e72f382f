//! Where in a response the entities sit: bare, in a list, in an envelope.

use crate::model::{Api, Field, Type, TypeId, TypeKind};
use crate::pointer::escape;

/// What a response is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) many: bool,
    /// Where the entity is, or each of them.
    pub(super) pointer: String,
    pub(super) entity: TypeId,
}

/// Fields that hold the entities of a page, most telling first.
const LIST_FIELDS: [&str; 12] = [
    "items",
    "data",
    "results",
    "value",
    "values",
    "entries",
    "records",
    "content",
    "list",
    "elements",
    "resources",
    "objects",
];

/// Fields that hold the one entity of an envelope.
const ONE_FIELDS: [&str; 7] = ["data", "result", "item", "payload", "value", "resource", "object"];

/// Looks through envelopes at what a response holds.
pub(super) fn of(api: &Api, ty: &Type) -> Option<Shape> {
    at(api, ty, String::new(), 0)
}

fn at(api: &Api, ty: &Type, pointer: String, depth: usize) -> Option<Shape> {
    if depth > 2 {
        return None;
    }
    match ty.inner() {
        Type::List(element) => many(api, element, &pointer),
        Type::Map(element) if depth == 0 => many(api, element, &pointer),
        Type::Named(id) => {
            let TypeKind::Struct { fields, .. } = &api.def(*id).kind else { return None };
            if has_identity(fields) {
                return Some(Shape { many: false, pointer, entity: *id });
            }
            page(api, fields, &pointer, depth).or_else(|| envelope(api, fields, &pointer, depth)).or(Some(Shape {
                many: false,
                pointer,
                entity: *id,
            }))
        }
        _ => None,
    }
}

fn many(api: &Api, element: &Type, pointer: &str) -> Option<Shape> {
    let pointer = format!("{pointer}/*");
    match element.inner() {
        Type::Named(id) => match &api.def(*id).kind {
            TypeKind::Struct { .. } => Some(Shape { many: true, pointer, entity: *id }),
            _ => None,
        },
        _ => None,
    }
}

/// A struct that names one thing is an entity, whatever lists it holds.
fn has_identity(fields: &[Field]) -> bool {
    fields
        .iter()
        .any(|field| ["id", "uuid", "slug", "_id", "uid"].contains(&field.wire.as_str()) && field.ty.is_scalar())
}

/// An object that holds a list of entities and words about the list.
fn page(api: &Api, fields: &[Field], pointer: &str, depth: usize) -> Option<Shape> {
    let listed: Vec<&Field> = fields.iter().filter(|field| holds_structs(api, &field.ty)).collect();
    let field = match listed.as_slice() {
        [] => {
            // `{ _embedded: { posts: [...] } }` and `{ data: { items: [...] } }`.
            let nested = fields
                .iter()
                .find(|field| ["_embedded", "data", "result", "response"].contains(&field.wire.as_str()))?;
            let shape = at(api, &nested.ty, format!("{pointer}/{}", escape(&nested.wire)), depth + 1)?;
            return shape.many.then_some(shape);
        }
        [only] => *only,
        several => LIST_FIELDS.iter().find_map(|name| several.iter().copied().find(|field| field.wire == *name))?,
    };
    let known = LIST_FIELDS.contains(&field.wire.as_str());
    // An object with a list among many other things is a thing with parts, not a page.
    let rest = fields.iter().filter(|other| other.wire != field.wire);
    let plain = rest.clone().all(|other| other.ty.is_scalar() || known) && (known || rest.count() <= 4);
    if !plain {
        return None;
    }
    many(api, field.ty.element()?, &format!("{pointer}/{}", escape(&field.wire)))
}

fn holds_structs(api: &Api, ty: &Type) -> bool {
    matches!(ty.inner(), Type::List(element) if is_struct(api, element))
}

fn is_struct(api: &Api, ty: &Type) -> bool {
    matches!(ty.inner(), Type::Named(id) if matches!(api.def(*id).kind, TypeKind::Struct { .. }))
}

/// An object around one entity: `{ "article": { … } }`, `{ "data": { … } }`.
fn envelope(api: &Api, fields: &[Field], pointer: &str, depth: usize) -> Option<Shape> {
    let mut structs = fields.iter().filter(|field| is_struct(api, &field.ty));
    let field = structs.next()?;
    let alone = structs.next().is_none();
    let known = ONE_FIELDS.contains(&field.wire.as_str());
    if !(alone && (fields.len() == 1 || known)) {
        return None;
    }
    at(api, &field.ty, format!("{pointer}/{}", escape(&field.wire)), depth + 1)
}
