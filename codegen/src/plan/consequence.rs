//! What follows when one thing is created, changed or deleted.

use std::collections::BTreeMap;

use super::field;
use super::mutation::Effect;
use super::path::Path;
use super::relation::{Bond, body_fields};
use super::spot::Spot;
use super::views::shows;
use super::words::{plain, same_stem};
use super::{Kind, Source, Tag};
use crate::model::{Place, Type};
use crate::pointer::escape;

impl Effect<'_, '_> {
    /// One more is in the lists of `entity`, and what is below it begins to be.
    pub(super) fn creates(&mut self, entity: usize, sure: f32, why: &str) {
        let facts = self.facts;
        let name = facts.name(entity);
        let constraints = self.constraints(entity);
        self.invalidate(Tag::list(&name, constraints).sure(sure), why);
        let Some(schema) = self.call.shape.as_ref().filter(|shape| !shape.many).and_then(|shape| shape.schema) else {
            return;
        };
        if facts.entities.of_schema(schema) != Some(entity) {
            return;
        }
        // What is below it may come with it; lists below other owners are not reached.
        let bonds: Vec<_> = facts.relations.children(entity).filter(|bond| bond.inside).cloned().collect();
        for bond in bonds {
            let fields = facts.api.fields(&Type::Named(schema)).iter();
            let known = &facts.entities.all[entity];
            let thing = known.things.first().map_or("", String::as_str);
            let sure = |wire: &String| {
                known.ids.iter().zip(&known.sure).any(|(id, sure)| *sure && id == std::slice::from_ref(wire))
            };
            let named = fields
                .filter(|field| sure(&field.wire) && format!("{thing}_{}", plain(&field.wire)) == bond.constraint);
            let Some(field) = named.into_iter().next() else { continue };
            // A list that names the new one cannot have been asked for yet.
            let open = facts.views[bond.child].lists.iter().any(|list| !list.contains(&bond.constraint));
            if !open {
                continue;
            }
            let pointer = self.call.shape.as_ref().map_or("", |shape| shape.pointer.as_str());
            let source = Source::response(format!("{pointer}/{}", escape(&field.wire)));
            let child = facts.name(bond.child);
            let tag = Tag::list(&child, BTreeMap::from([(bond.constraint.clone(), source)])).sure(0.4);
            self.invalidate(tag, &format!("a `{name}` may come with its first `{child}`"));
        }
    }

    /// One of `entity` changes: itself, and the lists that it enters or that show more of it than its id.
    pub(super) fn updates(&mut self, entity: usize, member: &Path, sure: f32, why: &str) {
        let name = self.facts.name(entity);
        for id in self.picked(entity, member) {
            self.invalidate(Tag::id(&name, id).sure(sure), why);
        }
        self.unsure(entity, member);
        self.moved(entity);
        self.contents(entity, member);
    }

    /// The ids by which a path names a member: whole, and without what it is within where a query knows no more.
    fn picked(&self, entity: usize, member: &Path) -> Vec<Vec<Source>> {
        let whole = self.facts.picked_id(entity, member);
        let own: Vec<Source> =
            member.member().map(|(_, picks)| picks.into_iter().map(Source::path).collect()).unwrap_or_default();
        let short = whole.len() > own.len() && self.facts.views[entity].parts.contains(&own.len());
        std::iter::once(whole).chain(short.then_some(own)).collect()
    }

    /// Where the path may name the entity otherwise than lists do, the answer
    /// says which it was; without an answer, every list may hold it.
    fn unsure(&mut self, entity: usize, member: &Path) {
        let facts = self.facts;
        let known = &facts.entities.all[entity];
        let listed = |id: &usize| !facts.views[entity].unlisted.contains(id);
        let named = known.picked_by.get(&member.key()).is_some_and(|ids| ids.iter().any(listed));
        if (named && known.exact.contains(&member.key())) || self.shows(entity) || !facts.views[entity].listed {
            return;
        }
        let name = known.name.clone();
        let why = format!("lists of `{name}` do not surely show what its path picks one by");
        self.invalidate(Tag::list(&name, self.path_constraints(entity)).sure(0.5), &why);
    }

    /// Whether the response shows the entity with an id.
    fn shows(&self, entity: usize) -> bool {
        let facts = self.facts;
        let schema = self.call.shape.as_ref().and_then(|shape| shape.schema);
        let own = schema.filter(|schema| facts.entities.of_schema(*schema) == Some(entity));
        own.is_some_and(|schema| !facts.shown_ids(schema, entity).is_empty())
    }

    /// Lists that an updated entity enters; those that hold it provide its id.
    pub(super) fn moved(&mut self, entity: usize) {
        let name = self.facts.name(entity);
        let mut changed = BTreeMap::new();
        for (constraint, ty) in &self.facts.views[entity].constraints {
            if let Some(source) = ty.as_ref().and_then(|ty| self.asked(constraint, ty)) {
                changed.insert(constraint.clone(), source);
            }
        }
        if !changed.is_empty() {
            let names = changed.keys().cloned().collect::<Vec<_>>().join(", ");
            let why = format!("lists cut down by {names} may gain it");
            self.invalidate(Tag::filtered(&name, changed).sure(0.8), &why);
        }
    }

    /// What shows a list without its ids, or picks it by what no rule knows.
    pub(super) fn contents(&mut self, entity: usize, member: &Path) {
        for field in &self.facts.views[entity].gathered {
            if self.asked(&plain(field), &Type::List(Box::new(Type::String))).is_some() {
                let list = BTreeMap::from([shows(field)]);
                let why = format!("what is gathered from `{field}` may have more or less");
                self.invalidate(Tag::list(&self.facts.name(entity), list).sure(0.7), &why);
            }
        }
        if !self.facts.views[entity].hidden {
            return;
        }
        let name = self.facts.name(entity);
        let mut list = self.known_constraints(entity, member);
        list.extend([shows("contents")]);
        let why = format!("something shows a list of `{name}` without saying which it holds");
        self.invalidate(Tag::list(&name, list).sure(0.7), &why);
    }

    /// One of `entity` is gone, and what belongs to it.
    pub(super) fn deletes(&mut self, entity: usize, member: &Path) {
        let facts = self.facts;
        let name = facts.name(entity);
        let why = format!("it deletes one `{name}`, and what refers to it may go too");
        for id in self.picked(entity, member) {
            self.invalidate(Tag::id(&name, id).gone().reference().sure(1.0), &why);
        }
        let views = &facts.views[entity];
        let known = &facts.entities.all[entity];
        let listed = |id: &usize| !views.unlisted.contains(id);
        let named = known.picked_by.get(&member.key()).is_some_and(|ids| ids.iter().any(listed));
        let exact = named && known.exact.contains(&member.key());
        if views.listed && (views.paged || views.hidden || views.counted || !exact) {
            let list = self.known_constraints(entity, member);
            self.invalidate(Tag::list(&name, list).sure(0.9), &format!("lists of `{name}` have one less"));
        }
        self.cascade(entity, Some(member));
    }

    /// What belongs to a deleted thing goes with it: what is below it, and what is below that.
    pub(super) fn cascade(&mut self, entity: usize, member: Option<&Path>) {
        let facts = self.facts;
        let own = member.and_then(|member| facts.path_constraints(member).pop());
        let mut seen = vec![entity];
        let mut level = vec![entity];
        for depth in 0..3 {
            let bonds: Vec<_> = level.iter().flat_map(|owner| facts.relations.children(*owner)).cloned().collect();
            level.clear();
            for bond in bonds {
                let known = &facts.views[bond.child];
                // What names the thing itself is reached by that.
                let told = known.beside.iter().all(|named| named.contains(&facts.name(entity)));
                // What only may refer is told by the reference that it provides.
                if !(bond.nested || (depth == 0 && (bond.inside || bond.needed || self.is_only_owner(&bond)))) {
                    continue;
                }
                if !seen.contains(&bond.child) {
                    seen.push(bond.child);
                    level.push(bond.child);
                }
                if told {
                    continue;
                }
                let mut list = member.map(|member| self.known_constraints(bond.child, member)).unwrap_or_default();
                if let Some((name, source)) = own.as_ref().filter(|(name, _)| known.constraints.contains_key(name)) {
                    list.insert(name.clone(), source.clone());
                }
                // The key to a thing on the way may be named otherwise than the path names it.
                if depth == 0 && own.as_ref().is_none_or(|(name, _)| *name != bond.constraint) {
                    list.remove(&bond.constraint);
                }
                let (name, child) = (facts.name(entity), facts.name(bond.child));
                let sure = if depth == 0 { 0.7 } else { 0.5 };
                let why = format!("the `{child}` of a `{name}` may go with it");
                self.invalidate(Tag::list(&child, list).sure(sure), &why);
            }
        }
    }

    /// Whether nothing else that can be deleted owns the child.
    fn is_only_owner(&self, bond: &Bond) -> bool {
        let facts = self.facts;
        let can_go = |owner: usize| {
            facts.calls.iter().any(|call| {
                call.operation.method == "DELETE" && matches!(call.spot, Spot::Member { entity } if entity == owner)
            })
        };
        let mut owners = facts.relations.owners(bond.child).filter(|other| other.keyed && other.owner != bond.owner);
        bond.keyed && !owners.any(|other| can_go(other.owner))
    }

    /// The lists of another thing that the path of this call says something of.
    pub(super) fn lists_of(&mut self, entity: usize, why: &str) {
        let list = self.path_constraints(entity);
        self.invalidate(Tag::list(&self.facts.name(entity), list).sure(0.6), why);
    }

    /// Lists cut down by what the verb speaks of: `favourite` and `?favourited=true`.
    pub(super) fn decided_by(&mut self, entity: usize, verb: &str) {
        let name = self.facts.name(entity);
        let known = self.facts.views[entity].constraints.iter().find(|(constraint, _)| same_stem(verb, constraint));
        let Some((constraint, ty)) = known
            .map(|(name, ty)| (name.clone(), ty.clone()))
            .or_else(|| Some((self.named_filter(entity, verb)?, None)))
        else {
            return;
        };
        let why = format!("`{verb}` decides what lists cut down by `{constraint}` hold");
        if ty != Some(Type::Bool) {
            self.invalidate(Tag::list(&name, BTreeMap::new()).sure(0.6), &why);
            return;
        }
        // It goes from one to the other, whichever way the verb means.
        for value in ["true", "false"] {
            let value = Source::Value { value: value.to_owned() };
            let tag = Tag::filtered(&name, BTreeMap::from([(constraint.clone(), value)]));
            self.invalidate(tag.sure(0.8), &why);
        }
    }

    /// A query parameter of some list that the verb speaks of, whether or not a field holds its value.
    fn named_filter(&self, entity: usize, verb: &str) -> Option<String> {
        let facts = self.facts;
        let lists = facts
            .calls
            .iter()
            .filter(|call| call.kind == Kind::Query && facts.main(call).is_some_and(|main| main == (entity, true)));
        let mut parameters = lists.flat_map(|call| facts.api.parameters(call.operation));
        let found = parameters.find(|parameter| parameter.place == Place::Query && same_stem(verb, &parameter.wire));
        found.map(|parameter| parameter.wire.clone())
    }

    /// The constraints of an entity's lists that this call names, in its path or body.
    ///
    /// Not in its response: the tags of a mutation whose answer got lost must be known too.
    pub(super) fn constraints(&self, entity: usize) -> BTreeMap<String, Source> {
        let mut known = self.path_constraints(entity);
        for (constraint, ty) in &self.facts.views[entity].constraints {
            if !known.contains_key(constraint)
                && let Some(source) = self.asked(constraint, ty.as_ref().unwrap_or(&Type::Json))
            {
                known.insert(constraint.clone(), source);
            }
        }
        known
    }

    /// The constraints of an entity's lists that the path of this call names, but for what picks a member.
    pub(super) fn path_constraints(&self, entity: usize) -> BTreeMap<String, Source> {
        match &self.call.spot {
            Spot::Member { entity: own } if *own == entity => self.known_constraints(entity, &self.call.path),
            _ => {
                let named = self.call.constraints.iter().cloned();
                named.filter(|(name, _)| self.facts.views[entity].constraints.contains_key(name)).collect()
            }
        }
    }

    /// The constraints of an entity's lists that what is above a member says.
    fn known_constraints(&self, entity: usize, member: &Path) -> BTreeMap<String, Source> {
        let above = self.facts.constraints_above(member).into_iter();
        above.filter(|(name, _)| self.facts.views[entity].constraints.contains_key(name)).collect()
    }

    /// Where this call says what a constraint's value is to be: in its body or query.
    fn asked(&self, constraint: &str, ty: &Type) -> Option<Source> {
        let (facts, operation) = (self.facts, self.call.operation);
        let refers = |wire: &str, ty: &Type| {
            let foreign = facts.foreign(wire, ty);
            foreign.is_some_and(|foreign| foreign.constraint == constraint && !foreign.many)
        };
        let parameters = facts.api.parameters(operation).filter(|parameter| parameter.place == Place::Query);
        let mut named = parameters.filter(|parameter| {
            (*ty != Type::Json && plain(&parameter.wire) == constraint) || refers(&parameter.wire, &parameter.ty)
        });
        if let Some(parameter) = named.next() {
            return Some(Source::Query { name: parameter.wire.clone() });
        }
        let body = operation.body.as_ref()?;
        let (start, pointer) = match (body.ty.element(), facts.api.fields(&body.ty)) {
            (Some(element), _) => (element, "/*".to_owned()),
            // `{ "article": { … } }`
            (None, [only]) if !facts.api.fields(&only.ty).is_empty() => (&only.ty, format!("/{}", escape(&only.wire))),
            (None, _) => (&body.ty, String::new()),
        };
        let fields = facts.api.fields(start);
        if let Some((field, below)) = field::narrowing(facts.api, fields, constraint, ty) {
            return Some(Source::Body { pointer: format!("{pointer}/{}{below}", escape(&field.wire)) });
        }
        let key = body_fields(facts.api, operation).iter().find(|field| refers(&field.wire, &field.ty))?;
        Some(Source::Body { pointer: format!("{pointer}/{}", escape(&key.wire)) })
    }
}
