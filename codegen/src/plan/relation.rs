//! How things hang together: what belongs to what, by paths and by keys that refer.

use std::collections::BTreeSet;

use super::entity::Entities;
use super::field::{self, is_bare_id};
use super::path::Path;
use super::words::{plain, thing};
use crate::model::{Api, Field, Operation, Place, Type, TypeKind};

/// What a field or parameter refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    pub(super) entity: usize,
    /// The constraint under which lists hold only what refers to one of them.
    pub(super) constraint: String,
    /// It holds several.
    pub(super) many: bool,
}

/// One thing belongs to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bond {
    pub(super) owner: usize,
    pub(super) child: usize,
    /// The constraint under which the child's lists hold only what belongs to one owner.
    pub(super) constraint: String,
    /// The child's collection is below the owner's member, and so is one of its members.
    pub(super) inside: bool,
    /// The same, and it has no members elsewhere.
    pub(super) nested: bool,
    /// There is no child without an owner.
    pub(super) needed: bool,
    /// A key refers to the owner, or the child is below it; not just a list of what is at home elsewhere.
    pub(super) keyed: bool,
}

/// All bonds of an API.
#[derive(Debug, Default)]
pub(super) struct Relations {
    pub(super) bonds: Vec<Bond>,
}

impl Relations {
    pub(super) fn find(api: &Api, entities: &Entities) -> Relations {
        let mut found = Relations::default();
        let shown = |operation: &&Operation| operation.method == "GET" && operation.response != Type::Unit;
        let shown: BTreeSet<String> =
            api.operations.iter().filter(shown).map(|operation| Path::parse(&operation.path).key()).collect();
        for (child, entity) in entities.all.iter().enumerate() {
            for path in entity.collections.iter().map(|path| Path::parse(path)) {
                // A list below a thing of what is at home elsewhere is no property of the thing.
                let collection = path.key();
                let below =
                    |member: &&String| member.strip_prefix(&collection).is_some_and(|rest| rest.starts_with('/'));
                let homes = entity.member_keys.iter().filter(|member| shown.contains(*member));
                let inside = homes.clone().next().is_none() || homes.clone().any(|member| below(&member));
                let owned = homes.clone().all(|member| below(&member));
                for (literal, parameter) in path.parameters() {
                    let owner = entities.of_member(&path.up_to(parameter)).map(|(owner, _)| owner);
                    let constraint = path_constraint(entities, &path, literal, parameter);
                    found.add(owner, child, constraint, [inside, owned, owned, inside]);
                }
            }
            let fields = entity.schemas.iter().flat_map(|schema| api.fields(&Type::Named(*schema)));
            for field in fields {
                let needed = field.required && !field.ty.is_nullable();
                found.refers(foreign(api, entities, &field.wire, &field.ty), child, needed);
            }
        }
        for operation in &api.operations {
            let path = Path::parse(&operation.path);
            let collection = path.read_collection().unwrap_or(path);
            let Some(child) = entities.of_collection(&collection) else { continue };
            for parameter in api.parameters(operation).filter(|parameter| parameter.place == Place::Query) {
                found.refers(foreign(api, entities, &parameter.wire, &parameter.ty), child, false);
            }
            for field in body_fields(api, operation) {
                found.refers(foreign(api, entities, &field.wire, &field.ty), child, false);
            }
        }
        found
    }

    fn refers(&mut self, foreign: Option<Foreign>, child: usize, needed: bool) {
        if let Some(foreign) = foreign.filter(|foreign| !foreign.many) {
            self.add(Some(foreign.entity), child, foreign.constraint, [false, false, needed, true]);
        }
    }

    fn add(
        &mut self,
        owner: Option<usize>,
        child: usize,
        constraint: String,
        [inside, nested, needed, keyed]: [bool; 4],
    ) {
        let Some(owner) = owner.filter(|owner| *owner != child) else { return };
        let same = |bond: &&mut Bond| bond.owner == owner && bond.child == child && bond.constraint == constraint;
        match self.bonds.iter_mut().find(same) {
            Some(known) => {
                known.inside |= inside;
                known.nested |= nested;
                known.needed |= needed;
                known.keyed |= keyed;
            }
            None => self.bonds.push(Bond { owner, child, constraint, inside, nested, needed, keyed }),
        }
    }

    pub(super) fn children(&self, owner: usize) -> impl Iterator<Item = &Bond> + '_ {
        self.bonds.iter().filter(move |bond| bond.owner == owner)
    }

    pub(super) fn owners(&self, child: usize) -> impl Iterator<Item = &Bond> + '_ {
        self.bonds.iter().filter(move |bond| bond.child == child)
    }
}

/// Fields of the body of an operation, through `{ "article": { … } }` and lists.
pub(super) fn body_fields<'a>(api: &'a Api, operation: &'a Operation) -> &'a [Field] {
    let Some(body) = &operation.body else { return &[] };
    let fields = api.fields(body.ty.element().unwrap_or(&body.ty));
    match fields {
        [only] if !api.fields(&only.ty).is_empty() => api.fields(&only.ty),
        fields => fields,
    }
}

/// What a path parameter constrains: `/posts/{id}/…` constrains `post_id`, in the same
/// words as the field `post_id` of what is below does.
pub(super) fn path_constraint(entities: &Entities, path: &Path, literal: Option<&str>, parameter: &str) -> String {
    let own = plain(parameter);
    let prefix = path.up_to(parameter);
    let bare = |name: &str| if ["pk", "uuid"].contains(&name) { "id".to_owned() } else { name.to_owned() };
    match entities.of_member(&prefix) {
        Some((owner, picks)) if picks.len() == 1 => {
            let owner = &entities.all[owner];
            let by = owner.picked_by.get(&prefix.key()).and_then(|ids| ids.first());
            let by = by.filter(|id| owner.sure[**id]).map(|id| &owner.ids[*id]);
            let main = owner.things.first().map_or("", String::as_str);
            match by.map(Vec::as_slice) {
                // `/artifacts/{key}/latest` beside `/artifacts/{id}`.
                Some([field]) if is_bare_id(parameter) && plain(field) != own && bare(&own) != "id" => {
                    format!("{main}_{own}")
                }
                Some([field]) => format!("{main}_{}", bare(plain(field).trim_start_matches(&format!("{main}_")))),
                _ if is_bare_id(parameter) => format!("{main}_{}", bare(&own)),
                _ => own,
            }
        }
        _ => match literal {
            Some(literal) if is_bare_id(parameter) => format!("{}_{own}", thing(literal)),
            _ => own,
        },
    }
}

/// What a name and a type refer to: `author_id`, `authorId`, and `project` where it holds a number or a UUID.
pub(super) fn foreign(api: &Api, entities: &Entities, wire: &str, ty: &Type) -> Option<Foreign> {
    let (ty, many) = match ty.element() {
        Some(element) => (element, true),
        None => (ty, false),
    };
    let opaque = ty.is_number() || matches!(ty.inner(), Type::Text(crate::model::TextFormat::Uuid));
    let scalar = ty.is_number() || ty.is_text();
    if !scalar || matches!(ty.inner(), Type::Named(id) if !matches!(api.def(*id).kind, TypeKind::StringEnum(_))) {
        return None;
    }
    let name = if many { thing(wire) } else { plain(wire) };
    let of = |entity: usize, constraint: String| Some(Foreign { entity, constraint, many });
    let main = |entity: usize| entities.all[entity].things.first().cloned().unwrap_or_default();
    for ending in ["_id", "_uuid", "_pk", "_guid"] {
        let Some(target) = name.strip_suffix(ending).filter(|target| !target.is_empty()) else { continue };
        if let Some(entity) = entities.named(target) {
            return of(entity, format!("{}_id", main(entity)));
        }
        // `assigned_user_id` is another relation to a user than `user_id`.
        return of(entities.named_by_end(target)?, name.clone());
    }
    if let Some(entity) = entities.named(&name).filter(|_| opaque) {
        return of(entity, format!("{}_id", main(entity)));
    }
    // `work_pool_name`, where a work pool goes by its name.
    let (target, field) = name.rsplit_once('_')?;
    let entity = entities.named(target)?;
    let goes_by = |id: &Vec<String>| matches!(id.as_slice(), [only] if plain(only) == field);
    let known = entities.all[entity].ids.iter().any(goes_by) && field::is_bare_id(field);
    known.then(|| Foreign { entity, constraint: format!("{}_{field}", main(entity)), many })
}
