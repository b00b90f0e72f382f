//! Which file each type of a large API lives in.

use crate::model::{Api, Operation, TypeId};

/// The one group that uses each type, if it is one.
pub(super) struct Homes {
    homes: Vec<Home>,
    shared: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Unused,
    Group(usize),
    Shared,
}

impl Homes {
    pub(super) fn find(api: &Api) -> Homes {
        let mut homes = vec![Home::Unused; api.types.len()];
        for group in 0..api.groups.len() {
            let mut roots = Vec::new();
            for operation in api.operations.iter().filter(|operation| operation.group == group) {
                mentioned(api, operation, &mut roots);
            }
            for id in api.reach(roots) {
                homes[id.0] = match homes[id.0] {
                    Home::Unused => Home::Group(group),
                    Home::Group(other) if other == group => Home::Group(group),
                    _ => Home::Shared,
                };
            }
        }
        let mut shared = "shared".to_owned();
        while api.groups.iter().any(|group| group.module == shared) {
            shared.push_str("_types");
        }
        Homes { homes, shared }
    }

    /// The group that the type at `at` is at home with; `None` when several share it.
    pub(super) fn of_type(&self, at: usize) -> Option<usize> {
        match self.homes.get(at) {
            Some(Home::Group(group)) => Some(*group),
            _ => None,
        }
    }

    /// The module of what several groups share.
    pub(super) fn shared(&self) -> &str {
        &self.shared
    }
}

fn mentioned(api: &Api, operation: &Operation, into: &mut Vec<TypeId>) {
    api.parameters(operation).for_each(|parameter| parameter.ty.named(into));
    operation.body.iter().for_each(|body| body.ty.named(into));
    operation.response.named(into);
    operation.errors.iter().filter_map(|error| error.ty.as_ref()).for_each(|ty| ty.named(into));
}
