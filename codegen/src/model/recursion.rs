//! Boxes exactly the fields without which a type would contain itself.

use super::{Api, Type, TypeId, TypeKind};

/// Puts a box at each place where a type of a cycle directly holds a type of the same cycle.
pub(super) fn box_cycles(api: &mut Api) {
    let cycle = cycles(api);
    for at in 0..api.types.len() {
        for ty in parts_mut(&mut api.types[at].kind) {
            box_within(ty, cycle[at], &cycle);
        }
    }
}

fn box_within(ty: &mut Type, home: usize, cycle: &[usize]) {
    match ty {
        Type::Named(id) if home != 0 && cycle[id.0] == home => {
            *ty = Type::Boxed(Box::new(Type::Named(*id)));
        }
        Type::Nullable(inner) => box_within(inner, home, cycle),
        Type::Tuple(types) => types.iter_mut().for_each(|ty| box_within(ty, home, cycle)),
        _ => {}
    }
}

/// The number of the cycle that each type is part of; 0 for none.
fn cycles(api: &Api) -> Vec<usize> {
    let edges = api.types.iter().map(|def| {
        let mut edges = Vec::new();
        parts(&def.kind).for_each(|ty| hold(ty, &mut edges));
        edges
    });
    components(&edges.collect::<Vec<_>>())
}

/// The number of the cycle that each node of a graph is part of; 0 for none.
///
/// Tarjan's strongly connected components, with a stack of its own: documents
/// nest types deeper than a thread's stack would bear.
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    let count = edges.len();
    let mut index = vec![usize::MAX; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let (mut stack, mut next, mut cycle, mut cycles) = (Vec::new(), 0, vec![0; count], 0);
    for start in 0..count {
        if index[start] != usize::MAX {
            continue;
        }
        let mut calls = vec![(start, 0)];
        while let Some((node, edge)) = calls.pop() {
            if edge == 0 {
                (index[node], low[node]) = (next, next);
                next += 1;
                stack.push(node);
                on_stack[node] = true;
            } else {
                let child = edges[node][edge - 1];
                low[node] = low[node].min(low[child]);
            }
            let open = (edge..edges[node].len()).find(|at| {
                let child = edges[node][*at];
                if index[child] == usize::MAX {
                    return true;
                }
                if on_stack[child] {
                    low[node] = low[node].min(index[child]);
                }
                false
            });
            if let Some(at) = open {
                calls.push((node, at + 1));
                calls.push((edges[node][at], 0));
                continue;
            }
            if low[node] == index[node] {
                let from = stack.iter().rposition(|other| *other == node).unwrap_or(0);
                let component = stack.split_off(from);
                let circular = component.len() > 1 || edges[node].contains(&node);
                cycles += usize::from(circular);
                for member in component {
                    on_stack[member] = false;
                    cycle[member] = if circular { cycles } else { 0 };
                }
            }
        }
    }
    cycle
}

/// Adds the types that are held in place, not behind a list or map.
fn hold(ty: &Type, held: &mut Vec<usize>) {
    match ty {
        Type::Named(TypeId(id)) => held.push(*id),
        Type::Nullable(ty) => hold(ty, held),
        Type::Tuple(types) => types.iter().for_each(|ty| hold(ty, held)),
        _ => {}
    }
}

/// The types that a declared type is made of.
pub(super) fn parts(kind: &TypeKind) -> Box<dyn Iterator<Item = &Type> + '_> {
    match kind {
        TypeKind::Struct { fields, additional } => Box::new(fields.iter().map(|field| &field.ty).chain(additional)),
        TypeKind::StringEnum(_) | TypeKind::IntegerEnum(_) => Box::new(std::iter::empty()),
        TypeKind::TaggedUnion { variants, .. } => Box::new(variants.iter().map(|variant| &variant.ty)),
        TypeKind::UntaggedUnion(variants) => Box::new(variants.iter().map(|variant| &variant.ty)),
        TypeKind::ByStatus { variants, .. } => Box::new(variants.iter().filter_map(|variant| variant.ty.as_ref())),
    }
}

pub(super) fn parts_mut(kind: &mut TypeKind) -> Box<dyn Iterator<Item = &mut Type> + '_> {
    match kind {
        // A map of additional properties is behind a map already.
        TypeKind::Struct { fields, .. } => Box::new(fields.iter_mut().map(|field| &mut field.ty)),
        TypeKind::StringEnum(_) | TypeKind::IntegerEnum(_) => Box::new(std::iter::empty()),
        TypeKind::TaggedUnion { variants, .. } => Box::new(variants.iter_mut().map(|variant| &mut variant.ty)),
        TypeKind::UntaggedUnion(variants) => Box::new(variants.iter_mut().map(|variant| &mut variant.ty)),
        TypeKind::ByStatus { variants, .. } => Box::new(variants.iter_mut().filter_map(|variant| variant.ty.as_mut())),
    }
}
