//! Boxes the variants of unions that are much larger than the others: a value is as large as its largest variant.

use super::{Api, Type, TypeKind, recursion};

/// Variants from about this many bytes on are boxed.
const LARGE: usize = 200;

/// More nesting than this counts as large.
const MAX_DEPTH: usize = 32;

/// Boxes large variants of all unions.
pub(super) fn box_large_variants(api: &mut Api) {
    let mut sizes = Sizes { api, known: vec![None; api.types.len()] };
    let unions = (0..api.types.len()).filter(|at| {
        matches!(
            api.types[*at].kind,
            TypeKind::TaggedUnion { .. } | TypeKind::UntaggedUnion(_) | TypeKind::ByStatus { .. }
        )
    });
    let large: Vec<(usize, Vec<bool>)> = unions
        .map(|at| (at, recursion::parts(&api.types[at].kind).map(|ty| LARGE <= sizes.of(ty, 0)).collect()))
        .collect();
    for (at, large) in large {
        for (ty, _) in recursion::parts_mut(&mut api.types[at].kind).zip(large).filter(|(_, large)| *large) {
            if !matches!(ty, Type::Boxed(_)) {
                let inner = std::mem::replace(ty, Type::Unit);
                *ty = Type::Boxed(Box::new(inner));
            }
        }
    }
}

struct Sizes<'a> {
    api: &'a Api,
    known: Vec<Option<usize>>,
}

impl Sizes<'_> {
    /// About how many bytes a value takes in place, on a machine of 64 bits; no more than [`LARGE`].
    fn of(&mut self, ty: &Type, depth: usize) -> usize {
        let size = match ty {
            Type::Unit => 0,
            Type::Bool => 1,
            Type::I32 | Type::U32 => 4,
            Type::I64 | Type::U64 | Type::F64 | Type::Boxed(_) | Type::Shared(_) => 8,
            Type::String | Type::Text(_) | Type::List(_) | Type::Map(_) => 24,
            Type::Bytes | Type::Json => 32,
            Type::File => 80,
            Type::Tuple(types) => types.iter().map(|ty| self.of(ty, depth)).sum(),
            Type::Nullable(ty) => self.of(ty, depth) + 8,
            Type::Named(id) => match self.known[id.0] {
                Some(size) => size,
                None if MAX_DEPTH < depth => LARGE,
                None => {
                    let size = self.declared(&self.api.def(*id).kind, depth + 1).min(LARGE);
                    self.known[id.0] = Some(size);
                    size
                }
            },
        };
        size.min(LARGE)
    }

    fn declared(&mut self, kind: &TypeKind, depth: usize) -> usize {
        match kind {
            TypeKind::Struct { fields, additional } => {
                let mut size = if additional.is_some() { 24 } else { 0 };
                for field in fields {
                    let absent = if field.required || !field.ty.is_number() { 0 } else { 8 };
                    size += self.of(&field.ty, depth).next_multiple_of(8) + absent;
                }
                size
            }
            TypeKind::StringEnum(_) => 24,
            TypeKind::IntegerEnum(_) => 16,
            TypeKind::TaggedUnion { .. } | TypeKind::UntaggedUnion(_) | TypeKind::ByStatus { .. } => {
                let largest = recursion::parts(kind).map(|ty| self.of(ty, depth)).max();
                largest.unwrap_or(0).max(32) + 8
            }
        }
    }
}
