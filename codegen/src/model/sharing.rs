//! Which elements of lists and maps keep their identity while a refetch does not change them.
//!
//! These are the objects and unions of objects in what only responses hold. What is sent is made by people, who would have
//! to wrap each element. An object of numbers alone is copied as cheaply as it is shared, unless it has an id.
//!
//! An API whose types hold one another in large circles shares nothing: each shared element makes the way longer by which the
//! compiler finds out that a type can go to another thread, and it gives up at some length.

use std::collections::HashMap;

use super::{Api, Field, Type, TypeId, TypeKind, recursion};

/// How many types may hold one another and still share elements.
const LARGEST_CIRCLE: usize = 32;

/// Marks these elements. Directions must be known.
pub(super) fn share_elements(api: &mut Api) {
    if has_large_circle(api) {
        return;
    }
    let worth: Vec<bool> = api.types.iter().map(|def| is_worth_it(api, &def.kind)).collect();
    let mut answered = Vec::new();
    api.operations.iter().for_each(|operation| operation.response.named(&mut answered));
    for TypeId(at) in api.reach(answered) {
        let def = &mut api.types[at];
        if def.sent {
            continue;
        }
        if let TypeKind::Struct { additional: Some(value), .. } = &mut def.kind {
            share(value, &worth);
        }
        recursion::parts_mut(&mut def.kind).for_each(|ty| share_within(ty, &worth));
    }
    api.operations.iter_mut().for_each(|operation| share_within(&mut operation.response, &worth));
}

/// Whether many types hold one another.
fn has_large_circle(api: &Api) -> bool {
    let held = api.types.iter().map(|def| {
        let mut held = Vec::new();
        recursion::parts(&def.kind).for_each(|ty| ty.named(&mut held));
        held.into_iter().map(|TypeId(at)| at).collect()
    });
    let circles = recursion::components(&held.collect::<Vec<Vec<usize>>>());
    let mut sizes: HashMap<usize, usize> = HashMap::new();
    circles.iter().for_each(|circle| *sizes.entry(*circle).or_default() += 1);
    sizes.into_iter().any(|(circle, size)| circle != 0 && LARGEST_CIRCLE < size)
}

fn is_worth_it(api: &Api, kind: &TypeKind) -> bool {
    let is_object = |ty: &Type| {
        let Type::Named(id) = ty.inner() else { return false };
        !matches!(api.def(*id).kind, TypeKind::StringEnum(_) | TypeKind::IntegerEnum(_))
    };
    match kind {
        TypeKind::Struct { fields, additional } => additional.is_some() || fields.iter().any(tells_more),
        TypeKind::TaggedUnion { .. } => true,
        TypeKind::UntaggedUnion(variants) => variants.iter().any(|variant| is_object(&variant.ty)),
        TypeKind::StringEnum(_) | TypeKind::IntegerEnum(_) | TypeKind::ByStatus { .. } => false,
    }
}

fn tells_more(field: &Field) -> bool {
    field.wire == "id" || !(field.ty.is_number() || *field.ty.inner() == Type::Bool)
}

/// Marks the elements of lists and maps in a type.
fn share_within(ty: &mut Type, worth: &[bool]) {
    match ty {
        Type::List(element) | Type::Map(element) => share(element, worth),
        Type::Nullable(inner) | Type::Boxed(inner) => share_within(inner, worth),
        Type::Tuple(types) => types.iter_mut().for_each(|ty| share_within(ty, worth)),
        _ => {}
    }
}

/// Marks an element.
fn share(element: &mut Type, worth: &[bool]) {
    match element {
        Type::Named(id) if worth[id.0] => *element = Type::Shared(Box::new(Type::Named(*id))),
        Type::Nullable(inner) => share(inner, worth),
        other => share_within(other, worth),
    }
}
