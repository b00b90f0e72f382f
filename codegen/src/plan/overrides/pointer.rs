//! Whether a pointer can lead to a value, by the types of what it is followed in.

use std::collections::HashSet;

use crate::model::{Api, Type, TypeId, TypeKind};
use crate::pointer::unescape;

/// Where a pointer ends that leads to no value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// What is at `reached` has no `token`; the tokens that it has are `known`.
    Nowhere { reached: String, token: String, known: Vec<String> },
    /// It leads to an object, or to several; these lead on from there.
    NoValue { inside: Vec<String> },
}

/// Follows `pointer` from a value of `ty`. In JSON that no schema describes it can lead anywhere.
///
/// # Errors
/// Where it ends, when no value of the type has a value there.
pub(super) fn follow(api: &Api, ty: &Type, pointer: &str) -> Result<(), End> {
    let mut open = alternatives(api, ty);
    let mut reached = String::new();
    for token in pointer.split('/').skip(1) {
        if open.iter().any(|ty| **ty == Type::Json) {
            return Ok(());
        }
        let next: Vec<&Type> = open.iter().flat_map(|ty| step(api, ty, token)).collect();
        if next.is_empty() {
            let known = open.iter().flat_map(|ty| tokens(api, ty)).collect();
            return Err(End::Nowhere { reached, token: unescape(token), known });
        }
        open = next.into_iter().flat_map(|ty| alternatives(api, ty)).collect();
        reached = format!("{reached}/{token}");
    }
    let value = |ty: &&Type| {
        let element = match ty {
            // An array at the end is each of its elements.
            Type::List(element) => element.inner(),
            ty => ty,
        };
        *element == Type::Json || alternatives(api, element).into_iter().any(|ty| api.is_one_value(ty))
    };
    if open.iter().any(value) {
        return Ok(());
    }
    Err(End::NoValue { inside: open.iter().flat_map(|ty| tokens(api, ty)).collect() })
}

/// The types that a value of `ty` can have: of a union, those of its variants.
fn alternatives<'a>(api: &'a Api, ty: &'a Type) -> Vec<&'a Type> {
    let (mut open, mut seen) = (vec![ty.inner()], HashSet::<TypeId>::new());
    let mut found = Vec::new();
    while let Some(ty) = open.pop() {
        let Type::Named(id) = ty else {
            found.push(ty);
            continue;
        };
        if !seen.insert(*id) {
            continue;
        }
        match &api.def(*id).kind {
            TypeKind::TaggedUnion { variants, .. } => open.extend(variants.iter().map(|variant| variant.ty.inner())),
            TypeKind::UntaggedUnion(variants) => open.extend(variants.iter().map(|variant| variant.ty.inner())),
            TypeKind::ByStatus { variants, .. } => {
                open.extend(variants.iter().filter_map(|variant| variant.ty.as_ref()).map(Type::inner));
            }
            _ => found.push(ty),
        }
    }
    found
}

/// What one token of a pointer leads to.
fn step<'a>(api: &'a Api, ty: &'a Type, token: &str) -> Option<&'a Type> {
    match ty {
        Type::List(element) => (token == "*" || token.parse::<usize>().is_ok()).then_some(&**element),
        Type::Map(value) => Some(value),
        Type::Tuple(elements) if token == "*" => elements.first(),
        Type::Tuple(elements) => elements.get(token.parse::<usize>().ok()?),
        Type::Named(id) => match &api.def(*id).kind {
            TypeKind::Struct { fields, additional } => {
                let wire = unescape(token);
                let field = fields.iter().find(|field| field.wire == wire).map(|field| &field.ty);
                field.or(additional.as_ref())
            }
            _ => None,
        },
        _ => None,
    }
}

/// The tokens by which a value can be entered.
fn tokens(api: &Api, ty: &Type) -> Vec<String> {
    match ty {
        Type::List(_) | Type::Map(_) | Type::Tuple(_) => vec!["*".to_owned()],
        ty => api.fields(ty).iter().map(|field| crate::pointer::escape(&field.wire)).collect(),
    }
}
