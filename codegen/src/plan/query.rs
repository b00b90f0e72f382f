//! What a query provides: what it is about.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Call, Facts};
use super::field::{self};
use super::path::Path;
use super::spot::Spot;
use super::views::shows;
use super::words::{counts, plain, words};
use super::{Operation, Source, Tag};
use crate::model::{Decoding, Field, Place, TextFormat, Type, TypeId};
use crate::pointer::escape;

/// A list that is not described is taken to show what belongs to its things, up to this many kinds.
const MAX_UNDESCRIBED: usize = 4;

/// The tags of the query `at`; none when no rule knows what it shows.
pub(super) fn plan(facts: &Facts<'_>, at: usize) -> Operation {
    let call = &facts.calls[at];
    let mut found = Found { facts, call, planned: facts.planned(call) };
    found.member();
    found.main();
    found.owners();
    match &call.shape {
        Some(shape) => {
            let (start, main) = (shape.schema, facts.main(call).map(|(entity, _)| entity));
            if let Some(schema) = start {
                found.nested(&Type::Named(schema), &shape.pointer, main, &mut vec![schema]);
            }
        }
        None => found.nested(&call.operation.response, "", None, &mut Vec::new()),
    }
    for parameter in facts.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query) {
        let main = facts.main(call).map(|(entity, _)| entity);
        found.told_of(&words(&parameter.wire), &parameter.wire, main);
    }
    found.derived();
    if found.planned.provides.is_empty() {
        found.gathered();
    }
    found.planned.paging = super::paging::of(facts, call);
    if let Some(paging) = &found.planned.paging {
        found.planned.why.push(paging.why());
    }
    found.planned
}

/// The query at hand, and what is known of it so far.
pub(super) struct Found<'f, 'a> {
    pub(super) facts: &'f Facts<'a>,
    pub(super) call: &'f Call<'a>,
    pub(super) planned: Operation,
}

impl Found<'_, '_> {
    /// Adds a tag; of two that differ in being a reference the full one stays.
    pub(super) fn provide(&mut self, tag: Tag, why: &str) {
        let same = |other: &&mut Tag| other.tag_type == tag.tag_type && other.scope == tag.scope;
        match self.planned.provides.iter_mut().find(same) {
            Some(known) if known.reference && !tag.reference => *known = tag.because(why),
            Some(_) => {}
            None => self.planned.provides.push(tag.because(why)),
        }
        self.because(why);
    }

    fn because(&mut self, why: &str) {
        if !self.planned.why.iter().any(|known| known == why) {
            self.planned.why.push(why.to_owned());
        }
    }

    /// `GET` on a member: its path says which one.
    fn member(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let Spot::Member { entity } = call.spot else { return };
        let name = facts.name(entity);
        let tag = Tag::id(&name, facts.picked_id(entity, &call.path));
        self.provide(tag, &format!("its path picks one `{name}`"));
        if facts.is_swept(entity) {
            let above = facts.constraints_above(&call.path).into_iter().collect();
            self.provide(Tag::list(&name, above).reference(), &format!("it may go with all `{name}` of its list"));
        }
    }

    /// The entity or the list that the response is.
    fn main(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let Some((entity, many)) = facts.main(call) else { return };
        let name = facts.name(entity);
        let schema = call.shape.as_ref().and_then(|shape| shape.schema);
        if many {
            self.list(entity, schema);
        } else if !matches!(call.spot, Spot::Member { entity: picked } if picked == entity) {
            self.one_of(entity);
        }
        if let (Some(shape), Some(schema)) = (&call.shape, schema) {
            self.shown(entity, schema, &shape.pointer, &format!("it shows each `{name}` with its id"));
        }
        let singleton = !many && call.path.member().is_none() && call.path.is_fixed();
        if singleton {
            let why = format!("`{}` is one `{name}` that no parameter picks", call.operation.path);
            self.provide(Tag::id(&name, vec![Source::Value { value: call.key.clone() }]), &why);
        }
    }

    fn list(&mut self, entity: usize, schema: Option<TypeId>) {
        let (facts, call) = (self.facts, self.call);
        let name = facts.name(entity);
        let constraints = facts.constraints(call, entity);
        let mut list: BTreeMap<String, Source> =
            constraints.into_iter().map(|(name, source, _)| (name, source)).collect();
        let under = list.keys().cloned().collect::<Vec<_>>().join(", ");
        let under = if under.is_empty() { String::new() } else { format!(", cut down by {under}") };
        let shown = schema.is_some_and(|schema| !facts.shown_ids(schema, entity).is_empty());
        let why = if shown && !self.is_picked_opaquely(entity) {
            list.extend([shows("ids")]);
            format!("it lists `{name}`{under}")
        } else if shown {
            format!("it lists `{name}`{under}, by what no field is known to hold")
        } else {
            format!("it lists `{name}`{under}, and does not show ids")
        };
        self.provide(Tag::list(&name, list), &why);
        // Others show the ids of such things.
        if !shown && !facts.entities.all[entity].ids.is_empty() {
            self.undescribed(entity);
        }
    }

    /// A list of which the document says nothing may show what belongs to its things.
    fn undescribed(&mut self, entity: usize) {
        let facts = self.facts;
        let bonds = facts.relations.children(entity).filter(|bond| bond.keyed && facts.is_created(bond.child));
        let children: BTreeSet<usize> = bonds.map(|bond| bond.child).collect();
        if children.len() > MAX_UNDESCRIBED {
            return;
        }
        for child in children {
            let (name, child) = (facts.name(entity), facts.name(child));
            let why = format!("the document does not say what it shows of a `{name}`, which may be its `{child}`");
            self.provide(Tag::list(&child, BTreeMap::new()).sure(0.4), &why);
        }
    }

    /// Whether some parameter decides what is in the list, and no field of its things is known to hold the value.
    fn is_picked_opaquely(&self, entity: usize) -> bool {
        let (facts, call) = (self.facts, self.call);
        if call.operation.body.is_some() {
            return true;
        }
        let known = facts.constraints(call, entity);
        let known =
            |wire: &str| known.iter().any(|(_, source, _)| matches!(source, Source::Query { name } if name == wire));
        let mut parameters = facts.api.parameters(call.operation);
        parameters.any(|parameter| {
            parameter.place == Place::Query
                && !field::is_paging(&parameter.wire)
                && !known(&parameter.wire)
                && !field::says_how_to_show(&plain(&parameter.wire))
        })
    }

    /// One that no id picks, such as the latest of a kind: another one may take its place.
    fn one_of(&mut self, entity: usize) {
        let (facts, call) = (self.facts, self.call);
        if call.path.is_fixed() && !matches!(call.spot, Spot::Under { .. }) {
            return;
        }
        let name = facts.name(entity);
        for parameter in facts.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query) {
            let is_id = |id: &Vec<String>| matches!(id.as_slice(), [only] if plain(only) == plain(&parameter.wire));
            let key = facts.foreign(&parameter.wire, &parameter.ty);
            let named = facts.entities.all[entity].ids.iter().any(is_id) || key.is_some_and(|key| key.entity == entity);
            if named && facts.within[entity].is_empty() {
                let source = Source::Query { name: parameter.wire.clone() };
                self.provide(Tag::id(&name, vec![source]), &format!("`{}` picks one `{name}`", parameter.wire));
            }
        }
        let list = call.constraints.iter().cloned();
        // A parameter that picks one by its field cuts the list down by that field.
        let list = list.map(|(constraint, source)| {
            let own = facts.entities.all[entity].things.iter();
            let field = own.filter_map(|thing| constraint.strip_prefix(&format!("{thing}_"))).next();
            (field.map_or(constraint.clone(), str::to_owned), source)
        });
        let tag = Tag::list(&name, list.collect());
        self.provide(tag.sure(0.6), &format!("it picks one `{name}` otherwise than by its id"));
    }

    /// The ids of an entity that is at `pointer`.
    pub(super) fn shown(&mut self, entity: usize, schema: TypeId, pointer: &str, why: &str) {
        let facts = self.facts;
        let name = facts.name(entity);
        let fields = facts.api.fields(&Type::Named(schema));
        if self.is_named_by_path(entity) && !pointer.contains('*') {
            return;
        }
        let within = self.within(entity, fields, pointer);
        for id in facts.shown_ids(schema, entity) {
            let own = facts.entities.all[entity].ids[id].iter();
            let own = own.map(|field| Source::response(format!("{pointer}/{}", escape(field))));
            self.provide(Tag::id(&name, within.iter().cloned().chain(own).collect()), why);
        }
    }

    /// What the ids of an entity at `pointer` are within, told by the path or by the entity itself.
    fn within(&self, entity: usize, fields: &[Field], pointer: &str) -> Vec<Source> {
        let facts = self.facts;
        if facts.within[entity].is_empty() {
            return Vec::new();
        }
        let mut known = self.call.constraints.clone();
        known.extend(fields.iter().filter_map(|field| {
            let foreign = facts.foreign(&field.wire, &field.ty)?;
            Some((foreign.constraint, Source::response(format!("{pointer}/{}", escape(&field.wire)))))
        }));
        facts.named_within(entity, &known).unwrap_or_default()
    }

    /// Whether the path names this entity by the one id it has, and no other word can stand there: a
    /// text might be an alias, such as `me` or `latest`.
    fn is_named_by_path(&self, entity: usize) -> bool {
        let facts = self.facts;
        let known = &facts.entities.all[entity];
        let arguments = &self.call.operation.arguments;
        let lasting = |ty: &Type| ty.is_number() || matches!(ty.inner(), Type::Text(TextFormat::Uuid));
        let picks = self.call.path.member().map(|(_, picks)| picks).unwrap_or_default();
        self.call.spot == Spot::Member { entity }
            && known.ids.len() == 1
            && known.sure.iter().all(|sure| *sure)
            && picks.iter().all(|pick| arguments.iter().any(|argument| argument.wire == *pick && lasting(&argument.ty)))
    }

    /// What is below a member is there only for as long as the member is.
    fn owners(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let own = facts.main(call).map(|(entity, _)| entity);
        for (_, parameter) in call.path.parameters() {
            let member: Path = call.path.up_to(parameter);
            if member == call.path {
                continue;
            }
            let Some((entity, _)) = facts.entities.of_member(&member) else { continue };
            let name = facts.name(entity);
            let tag = Tag::id(&name, facts.picked_id(entity, &member));
            let part = matches!(&call.spot, Spot::Below { member: own, .. } if *own == member);
            if part && own.is_none_or(|own| own == entity) {
                self.provide(tag, &format!("it is a part of one `{name}`"));
            } else {
                self.provide(tag.reference(), &format!("it is gone when its `{name}` is"));
            }
        }
    }

    /// The list tag of `entity` for what is counted or summed up in one number.
    pub(super) fn count_or_sum(&self, list: BTreeMap<String, Source>, name: &str, word: &str) -> Tag {
        let mut list = list;
        let number = self.facts.is_number(&self.call.operation.response);
        if number && (counts(word) || self.call.operation.response.is_number()) {
            list.extend([shows("count")]);
        }
        Tag::list(name, list)
    }
}

impl Call<'_> {
    /// Whether it answers with a stream of events alone.
    pub(super) fn is_live(&self) -> bool {
        self.operation.decoding == Decoding::Events
    }

    /// Whether every parameter is in the path.
    pub(super) fn only_path(&self) -> bool {
        self.operation.arguments.iter().all(|parameter| parameter.place == Place::Path) && self.operation.body.is_none()
    }
}
