//! Mutations that touch things which their paths do not pick: many at once, or those that the body names.

use std::collections::BTreeMap;

use super::mutation::Effect;
use super::path::Path;
use super::views::shows;
use super::words::{is_copy, is_sweeping, resets, same_stem, says_ids, thing};
use super::{Source, Tag};
use crate::model::{Type, TypeId};
use crate::pointer::escape;

impl Effect<'_, '_> {
    /// Many of `entity` change or go, and the path does not say which: those that the answer
    /// names, and the lists of what the path says. `gone` tells whether they are deleted.
    pub(super) fn sweeps(&mut self, entity: usize, gone: bool, sure: f32, why: &str) {
        let facts = self.facts;
        let name = facts.name(entity);
        let mark = |tag: Tag| if gone { tag.reference() } else { tag };
        let list = self.path_constraints(entity);
        let answered = self.answered_ids(entity);
        if !answered.is_empty() {
            for id in answered {
                let tag = mark(Tag::id(&name, id));
                let tag = if gone { tag.gone() } else { tag };
                self.invalidate(tag.sure(sure), &format!("its answer names each `{name}` that it touched"));
            }
            let mut list = list;
            if !gone {
                list.extend([shows("contents")]);
            }
            self.invalidate(Tag::list(&name, list).sure(sure), why);
        } else if list.is_empty() {
            self.invalidate(mark(Tag::all(&name)).sure(sure), why);
        } else {
            // Each of them refers to the list that it is in.
            self.invalidate(Tag::list(&name, list).reference().sure(sure), why);
        }
        if gone {
            self.cascade(entity, None);
        }
    }

    /// Ids of things that the answer to a sweep names: `{ "deleted": [1, 2] }`, `{ "results": [{ "post_id": 1 }] }`.
    fn answered_ids(&self, entity: usize) -> Vec<Vec<Source>> {
        let facts = self.facts;
        let known = &facts.entities.all[entity];
        if !facts.within[entity].is_empty() || !known.ids.iter().any(|id| id.len() == 1) {
            return Vec::new();
        }
        if let Some((schema, shape)) = self.call.shape.as_ref().and_then(|shape| Some((shape.schema?, shape)))
            && facts.entities.of_schema(schema) == Some(entity)
        {
            let ids = facts.shown_ids(schema, entity).into_iter().map(|id| &known.ids[id]);
            let source = |field: &String| Source::response(format!("{}/{}", shape.pointer, escape(field)));
            return ids.map(|id| id.iter().map(source).collect()).collect();
        }
        let mut found = Vec::new();
        for field in facts.api.fields(&self.call.operation.response) {
            let Some(element) = field.ty.element() else { continue };
            let at = format!("/{}/*", escape(&field.wire));
            let own = facts.foreign(&field.wire, &field.ty);
            let ids = own.is_some_and(|own| own.entity == entity) || says_ids(&field.wire);
            if ids && element.is_scalar() {
                found.push(vec![Source::response(at.clone())]);
            }
            for part in facts.api.fields(element) {
                let own = facts.foreign(&part.wire, &part.ty);
                if own.is_some_and(|own| own.entity == entity && !own.many) {
                    found.push(vec![Source::response(format!("{at}/{}", escape(&part.wire)))]);
                }
            }
        }
        found
    }

    /// Those that the body names change or go.
    pub(super) fn named(&mut self, entity: usize, ids: Vec<Vec<Source>>, gone: bool) {
        let name = self.facts.name(entity);
        for id in ids {
            let tag = Tag::id(&name, id).sure(0.8);
            let tag = if gone { tag.gone().reference() } else { tag };
            self.invalidate(tag, &format!("its body names the `{name}` it is about"));
        }
        if gone {
            let list = self.path_constraints(entity);
            self.invalidate(Tag::list(&name, list).sure(0.8), &format!("lists of `{name}` have one less"));
            self.cascade(entity, None);
        } else {
            self.moved(entity);
            self.contents(entity, &self.call.path.clone());
        }
    }

    /// An action on one thing makes more of what belongs to it and nothing else makes: runs, events, copies.
    pub(super) fn sets_off(&mut self, entity: usize, member: &Path, verb: &str) {
        let facts = self.facts;
        self.puts_back(entity, member, verb);
        let marked = self.marked_by(entity, verb);
        if let Some(child) = marked.filter(|_| !is_sweeping(verb)) {
            let id = Tag::id(&facts.name(entity), facts.picked_id(entity, member)).reference();
            let why = format!("`{verb}` speaks of what each of its `{}` says", facts.name(child));
            self.invalidate(id.sure(0.6), &why);
        }
        if is_sweeping(verb) {
            let name = facts.name(entity);
            let tag = Tag::id(&name, facts.picked_id(entity, member)).reference();
            self.invalidate(tag.sure(0.5), &format!("it may change whatever belongs to the `{name}`"));
            self.cascade(entity, Some(member));
        }
        let known: BTreeMap<String, Source> = self.call.constraints.iter().cloned().collect();
        let bonds: Vec<_> = facts.relations.children(entity).cloned().collect();
        for bond in bonds {
            if !facts.views[bond.child].listed || !bond.nested || facts.is_written(bond.child) {
                continue;
            }
            let child = facts.name(bond.child);
            let list = known.get(&bond.constraint).map(|source| (bond.constraint.clone(), source.clone()));
            // It tells of its owner already.
            if facts.views[bond.child].beside.iter().all(|named| named.contains(&facts.name(entity))) {
                continue;
            }
            let tag = Tag::list(&child, list.into_iter().collect()).sure(0.5);
            self.invalidate(tag, &format!("it may make more of its `{child}`"));
        }
    }

    /// What belongs to `entity` and says whether the verb was done to it: drawings that are `locked`, when their project is.
    fn marked_by(&self, entity: usize, verb: &str) -> Option<usize> {
        let facts = self.facts;
        let says = |schema: &TypeId| {
            let mut fields = facts.api.fields(&Type::Named(*schema)).iter();
            fields.any(|field| *field.ty.inner() == Type::Bool && same_stem(verb, &field.wire))
        };
        let mut bonds = facts.relations.children(entity).filter(|bond| bond.inside);
        bonds.find(|bond| facts.entities.all[bond.child].schemas.iter().any(says)).map(|bond| bond.child)
    }

    /// Restoring a snapshot of a project changes the project, and all that is in it.
    fn puts_back(&mut self, entity: usize, member: &Path, verb: &str) {
        let facts = self.facts;
        if !(resets(verb) && facts.entities.all[entity].things.iter().any(|thing| is_copy(thing))) {
            return;
        }
        if let Some((owner, member)) = facts.owner_of(member) {
            let name = facts.name(owner);
            let id = Tag::id(&name, facts.picked_id(owner, &member)).reference();
            self.invalidate(id.sure(0.8), &format!("it makes the `{name}` what it was"));
            self.cascade(owner, Some(&member));
        }
    }

    /// Ids of a thing that a body names in keys that refer to it: `{ "users": ["ann"] }`, `{ "post_id": 1 }`.
    pub(super) fn named_in_body(&self, entity: usize) -> Vec<Vec<Source>> {
        let facts = self.facts;
        let Some(body) = &self.call.operation.body else { return Vec::new() };
        if !facts.within[entity].is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for field in facts.api.fields(&body.ty) {
            let at = format!("/{}", escape(&field.wire));
            let many = field.ty.element().is_some_and(crate::model::Type::is_scalar);
            let by_name = many && facts.entities.named(&thing(&field.wire)) == Some(entity);
            let by_key = facts.foreign(&field.wire, &field.ty);
            if by_name || by_key.is_some_and(|key| key.entity == entity) {
                found.push(vec![Source::Body { pointer: if many { format!("{at}/*") } else { at } }]);
            }
        }
        found
    }

    /// Ids in the body, when the body is the entity or holds all of its id.
    pub(super) fn body_ids(&self, entity: usize) -> Vec<Vec<Source>> {
        let Some(body) = &self.call.operation.body else { return Vec::new() };
        let (ty, pointer) = match body.ty.element() {
            Some(element) => (element, "/*"),
            None => (&body.ty, ""),
        };
        let fields = self.facts.api.fields(ty);
        let within = self.facts.named_within(entity, &self.call.constraints.clone()).unwrap_or_default();
        let of = |id: &Vec<String>| {
            let parts = id.iter().map(|name| {
                let field = fields.iter().find(|field| field.wire == *name)?;
                Some(Source::Body { pointer: format!("{pointer}/{}", escape(&field.wire)) })
            });
            let own = parts.collect::<Option<Vec<_>>>()?;
            Some(within.iter().cloned().chain(own).collect())
        };
        self.facts.entities.all[entity].ids.iter().filter_map(of).collect()
    }
}
