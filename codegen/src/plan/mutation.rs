//! What a mutation invalidates and writes.

use std::collections::BTreeMap;

use super::facts::{Call, Facts};
use super::field::{self, plain, same_stem};
use super::path::Path;
use super::{Kind, Operation, Scope, Source, Tag};
use crate::model::{Place, Type};
use crate::pointer::escape;

/// The tags of the mutation `at`.
pub(super) fn plan(facts: &Facts<'_>, at: usize) -> Operation {
    let call = &facts.calls[at];
    let mut planned = facts.planned(call);
    let mut effect = Effect { facts, call, planned: &mut planned };
    let known = effect.member()
        || effect.collection()
        || effect.below_member()
        || effect.singleton()
        || effect.below_collection();
    effect.returned();
    effect.floor(known);
    planned
}

/// The mutation at hand, and what is planned for it so far.
pub(super) struct Effect<'f, 'a, 'p> {
    pub(super) facts: &'f Facts<'a>,
    pub(super) call: &'f Call<'a>,
    pub(super) planned: &'p mut Operation,
}

impl Effect<'_, '_, '_> {
    fn invalidate(&mut self, tag: Tag) {
        let covered = self.planned.invalidates.iter().any(|other| {
            other.tag_type == tag.tag_type
                && (other.scope == Scope::Type {} || (other.scope == tag.scope && other.reference >= tag.reference))
        });
        if !covered {
            self.planned.invalidates.push(tag);
        }
    }

    pub(super) fn because(&mut self, why: String) {
        self.planned.why.push(why);
    }

    fn name(&self, entity: usize) -> String {
        self.facts.entities.all[entity].name.clone()
    }

    /// `PUT`, `PATCH`, `POST` and `DELETE` on a member.
    fn member(&mut self) -> bool {
        let Some((entity, picks)) = self.facts.entities.of_member(&self.call.path) else { return false };
        let name = self.name(entity);
        let id = Tag::id(&name, picks.into_iter().map(Source::path).collect());
        let lists = &self.facts.lists[entity];
        if self.call.operation.method == "DELETE" {
            self.because(format!("it deletes one `{name}`, and what refers to it may go too"));
            self.invalidate(id.gone().reference().sure(1.0));
            let exact = self.facts.entities.all[entity].exact.contains(&self.call.path.key());
            let why = if lists.paged || lists.anonymous || !exact {
                Some(format!("lists of `{name}` close the gap"))
            } else if lists.derived {
                Some(format!("what counts or embeds `{name}` has one less"))
            } else {
                None
            };
            if let Some(why) = why {
                self.because(why);
                let constraints = self.constraints(entity);
                self.invalidate(Tag::list(&name, constraints).sure(0.9));
            }
            return true;
        }
        self.because(format!("it changes one `{name}`"));
        self.invalidate(id.sure(1.0));
        self.unsure(entity, &self.call.path.clone());
        self.moved(entity);
        self.write();
        true
    }

    /// Where the path may name the entity otherwise than lists do, the answer
    /// says which it was; without an answer, every list may hold it.
    fn unsure(&mut self, entity: usize, member: &Path) {
        let known = &self.facts.entities.all[entity];
        if known.exact.contains(&member.key()) || self.shows(entity) {
            return;
        }
        let name = known.name.clone();
        self.because(format!("no field is surely what its path picks a `{name}` by"));
        self.invalidate(Tag::list(&name, self.path_constraints(entity)).sure(0.5));
    }

    /// Whether the response shows the entity with an id.
    fn shows(&self, entity: usize) -> bool {
        let shape =
            self.call.shape.as_ref().filter(|shape| self.facts.entities.of_schema(shape.entity) == Some(entity));
        shape.is_some_and(|shape| !self.facts.shown_ids(shape, entity).is_empty())
    }

    /// Lists that an updated entity enters; those that hold it provide its id.
    fn moved(&mut self, entity: usize) {
        let name = self.name(entity);
        let lists = &self.facts.lists[entity];
        if lists.anonymous {
            self.because(format!("some list of `{name}` does not show ids"));
            self.invalidate(Tag::list(&name, self.path_constraints(entity)).sure(0.7));
            return;
        }
        let mut changed = BTreeMap::new();
        for (constraint, ty) in &lists.constraints {
            if let Some(source) = ty.as_ref().and_then(|ty| self.asked(constraint, ty)) {
                changed.insert(constraint.clone(), source);
            }
        }
        if !changed.is_empty() {
            let names = changed.keys().cloned().collect::<Vec<_>>().join(", ");
            self.because(format!("lists cut down by {names} may gain it"));
            self.invalidate(Tag::filtered(&name, changed).sure(0.8));
        }
    }

    /// `POST` on a collection creates; `PUT` there replaces what the body names.
    fn collection(&mut self) -> bool {
        let Some(entity) = self.facts.entities.of_collection(&self.call.path) else { return false };
        let name = self.name(entity);
        match self.call.operation.method.as_str() {
            "POST" => {
                self.because(format!("it creates one `{name}`"));
                let constraints = self.constraints(entity);
                self.invalidate(Tag::list(&name, constraints).sure(1.0));
            }
            "DELETE" => {
                self.because(format!("it deletes `{name}` as a whole"));
                self.invalidate(Tag::all(&name).reference().sure(0.9));
            }
            _ => {
                let ids = self.body_ids(entity);
                if ids.is_empty() {
                    self.because(format!("it changes `{name}` without saying which"));
                    self.invalidate(Tag::all(&name).sure(0.8));
                } else {
                    self.because(format!("its body names the `{name}` it changes"));
                    for id in ids {
                        self.invalidate(Tag::id(&name, id).sure(0.9));
                    }
                    self.moved(entity);
                }
            }
        }
        true
    }

    /// `POST /posts/{id}/favourite`: an action on a member, or a part of it.
    fn below_member(&mut self) -> bool {
        let Some(parent) = self.call.path.parent_member() else { return false };
        let Some((entity, picks)) = self.facts.entities.of_member(&parent) else { return false };
        let name = self.name(entity);
        let verb = self.call.path.last_literal().unwrap_or_default().to_owned();
        self.because(format!("it acts on one `{name}`"));
        self.invalidate(Tag::id(&name, picks.into_iter().map(Source::path).collect()).sure(0.9));
        self.unsure(entity, &parent);
        self.decided_by(entity, &verb);
        self.moved(entity);
        true
    }

    /// Lists cut down by what the verb speaks of: `favourite` and `?favourited=true`.
    fn decided_by(&mut self, entity: usize, verb: &str) {
        let name = self.name(entity);
        let known = self.facts.lists[entity].constraints.iter().find(|(constraint, _)| same_stem(verb, constraint));
        let Some((constraint, ty)) = known
            .map(|(name, ty)| (name.clone(), ty.clone()))
            .or_else(|| Some((self.named_filter(entity, verb)?, None)))
        else {
            return;
        };
        self.because(format!("`{verb}` decides what lists cut down by `{constraint}` hold"));
        if ty != Some(Type::Bool) {
            self.invalidate(Tag::list(&name, BTreeMap::new()).sure(0.6));
            return;
        }
        // It goes from one to the other, whichever way the verb means.
        for value in ["true", "false"] {
            let value = Source::Value { value: value.to_owned() };
            self.invalidate(Tag::filtered(&name, BTreeMap::from([(constraint.clone(), value)])).sure(0.8));
        }
    }

    /// A query parameter of some list that the verb speaks of, whether or not a field holds its value.
    fn named_filter(&self, entity: usize, verb: &str) -> Option<String> {
        let lists = self.facts.calls.iter().filter(|call| {
            let shape = call.shape.as_ref().filter(|shape| shape.many);
            call.kind == Kind::Query
                && shape.is_some_and(|shape| self.facts.entities.of_schema(shape.entity) == Some(entity))
        });
        let mut parameters = lists.flat_map(|call| self.facts.api.parameters(call.operation));
        let found = parameters.find(|parameter| parameter.place == Place::Query && same_stem(verb, &parameter.wire));
        found.map(|parameter| parameter.wire.clone())
    }

    /// `PUT /user` beside `GET /user`.
    fn singleton(&mut self) -> bool {
        let key = self.call.path.key();
        let reader = self.facts.calls.iter().find(|call| call.kind == Kind::Query && call.path.key() == key);
        let shape = reader.and_then(|reader| reader.shape.as_ref()).filter(|shape| !shape.many);
        let Some(entity) = shape.and_then(|shape| self.facts.entities.of_schema(shape.entity)) else { return false };
        let name = self.name(entity);
        self.because(format!("it changes the one `{name}` at `{}`", self.call.operation.path));
        self.invalidate(Tag::id(&name, vec![Source::Value { value: key }]).sure(1.0));
        self.moved(entity);
        self.write();
        true
    }

    /// `POST /users/createWithList`, `POST /users/login`: something that concerns a collection.
    fn below_collection(&mut self) -> bool {
        let mut at = self.call.path.parent();
        while let Some(path) = at {
            if let Some(entity) = self.facts.entities.of_collection(&path) {
                self.concerns(entity, &path);
                return true;
            }
            at = path.parent();
        }
        false
    }

    fn concerns(&mut self, entity: usize, path: &Path) {
        let name = self.name(entity);
        let body = self.call.operation.body.as_ref().map(|body| &body.ty);
        let creates = body.and_then(Type::element).and_then(|ty| self.facts.entities.of_type(ty)) == Some(entity);
        if creates && self.call.operation.method == "POST" {
            self.because(format!("it creates several `{name}`"));
            self.invalidate(Tag::list(&name, BTreeMap::new()).sure(0.9));
            return;
        }
        self.because(format!("it does something to `{}`, and the document does not say to which", path.key()));
        self.invalidate(Tag::all(&name).sure(0.5));
    }

    /// Ids that the response shows: the same entity by its other names, or another one that changed.
    fn returned(&mut self) {
        let Some(shape) = &self.call.shape else { return };
        let Some(entity) = self.facts.entities.of_schema(shape.entity) else { return };
        let creates =
            self.call.operation.method == "POST" && self.facts.entities.of_collection(&self.call.path) == Some(entity);
        let picked = self.facts.entities.of_member(&self.call.path).is_some_and(|(own, _)| own == entity);
        if creates || (picked && self.call.operation.method == "DELETE") {
            return;
        }
        let name = self.name(entity);
        for id in self.facts.shown_ids(shape, entity) {
            let id = id.iter().map(|field| Source::response(format!("{}/{}", shape.pointer, escape(field))));
            let tag = Tag::id(&name, id.collect()).sure(0.8);
            // The path already names it, unless there is more than one way to.
            let known = &self.facts.entities.all[entity];
            if !(picked && known.ids.len() < 2 && known.exact.contains(&self.call.path.key())) {
                self.invalidate(tag);
            }
        }
    }

    /// Queries of which only the group is known are reached by every mutation of the
    /// group; a mutation that nothing else explains reaches the entities of its group.
    fn floor(&mut self, known: bool) {
        let group = self.call.operation.group;
        if self.facts.floors.contains(&group) {
            let floor = self.facts.floor(group);
            self.because(format!("`{floor}` holds the queries of its group that no rule explains"));
            self.invalidate(Tag::all(&floor).sure(0.3));
        }
        if known {
            return;
        }
        let mut shown: Vec<usize> = self
            .facts
            .calls
            .iter()
            .filter(|call| call.kind == Kind::Query && call.operation.group == group)
            .filter_map(|call| self.facts.entities.of_schema(call.shape.as_ref()?.entity))
            .collect();
        shown.sort_unstable();
        shown.dedup();
        for entity in shown {
            let name = self.name(entity);
            self.because(format!("no rule explains it, so it reaches all of `{name}`, which its group shows"));
            self.invalidate(Tag::all(&name).sure(0.3));
        }
    }

    /// The constraints of an entity's lists that this call names, in its path or body.
    ///
    /// Not in its response: the tags of a mutation whose answer got lost must be known too.
    fn constraints(&self, entity: usize) -> BTreeMap<String, Source> {
        let mut known = self.path_constraints(entity);
        for (constraint, ty) in &self.facts.lists[entity].constraints {
            if !known.contains_key(constraint)
                && let Some(source) = ty.as_ref().and_then(|ty| self.asked(constraint, ty))
            {
                known.insert(constraint.clone(), source);
            }
        }
        known
    }

    fn path_constraints(&self, entity: usize) -> BTreeMap<String, Source> {
        let picks = self.call.path.member().map(|(_, picks)| picks).unwrap_or_default();
        let own = self.call.path.parameters().into_iter().filter(|(_, parameter)| !picks.contains(parameter));
        let named =
            own.map(|(literal, parameter)| (self.facts.path_constraint(literal, parameter), Source::path(parameter)));
        named.filter(|(name, _)| self.facts.lists[entity].constraints.contains_key(name)).collect()
    }

    /// Where this call says what a constraint's value is to be: in its body or query.
    fn asked(&self, constraint: &str, ty: &Type) -> Option<Source> {
        let parameters = self.facts.api.parameters(self.call.operation);
        let mut named =
            parameters.filter(|parameter| parameter.place == Place::Query && plain(&parameter.wire) == constraint);
        if let Some(parameter) = named.next() {
            return Some(Source::Query { name: parameter.wire.clone() });
        }
        let body = self.call.operation.body.as_ref()?;
        let find = |owner: &Type, pointer: &str| {
            let fields = self.facts.api.fields(owner);
            let (field, below) = field::narrowing(self.facts.api, fields, constraint, ty)?;
            Some(Source::Body { pointer: format!("{pointer}/{}{below}", escape(&field.wire)) })
        };
        find(&body.ty, "").or_else(|| {
            // `{ "article": { … } }`
            let [only] = self.facts.api.fields(&body.ty) else { return None };
            find(&only.ty, &format!("/{}", escape(&only.wire)))
        })
    }

    /// Ids in the body, when the body is the entity or holds all of its id.
    fn body_ids(&self, entity: usize) -> Vec<Vec<Source>> {
        let Some(body) = &self.call.operation.body else { return Vec::new() };
        let (ty, pointer) = match body.ty.element() {
            Some(element) => (element, "/*"),
            None => (&body.ty, ""),
        };
        let fields = self.facts.api.fields(ty);
        let of = |id: &Vec<String>| {
            let parts = id.iter().map(|name| {
                let field = fields.iter().find(|field| field.wire == *name)?;
                Some(Source::Body { pointer: format!("{pointer}/{}", escape(&field.wire)) })
            });
            parts.collect::<Option<Vec<_>>>()
        };
        self.facts.entities.all[entity].ids.iter().filter_map(of).collect()
    }
}
