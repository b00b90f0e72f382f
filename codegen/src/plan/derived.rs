//! What a query shows that nothing writes by itself: parts, sums, histories, searches.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Spot;
use super::query::Found;
use super::relation::{foreign, path_constraint};
use super::words::{is_journal, is_overview, is_settled, mentions, thing, words};
use super::{Kind, Source, Tag};
use crate::model::{Field, Place, Type};

impl Found<'_, '_> {
    /// What the query depends on besides what it shows by id.
    pub(super) fn derived(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let main = facts.main(call).map(|(entity, _)| entity);
        let written = main.is_some_and(|entity| facts.is_written(entity));
        let last = call.path.last_literal().unwrap_or_default();
        match (&call.spot, main) {
            // Something writes what it shows.
            (_, Some(_)) if written => {}
            (Spot::Below { entity, member }, _) => {
                let (entity, member) = (*entity, member.clone());
                let own = main.map(|main| self.related(main)).unwrap_or_default();
                self.depends_on(&own);
                if is_journal(last) || (own.is_empty() && !self.is_set_by_itself() && !is_settled(last)) {
                    let tag = Tag::id(&facts.name(entity), facts.picked_id(entity, &member));
                    self.provide(tag.sure(0.6), &format!("it tells of one `{}`", facts.name(entity)));
                    self.children(entity, &member);
                }
            }
            // A sign-in answers with a text or with nothing.
            (Spot::Under { .. }, None)
                if call.operation.response == Type::Unit || call.operation.response.is_text() => {}
            (Spot::Under { entity, collection }, None) => {
                let said: Vec<String> =
                    call.path.literals_after(collection).iter().flat_map(|word| words(word)).collect();
                self.sums_up(*entity, &said);
            }
            (_, Some(main)) => {
                let mut related = self.related(main);
                if related.is_empty() {
                    let said = if call.path.is_fixed() { call.path.literals() } else { vec![last] };
                    related = self.spoken_of(&said.iter().flat_map(|word| words(word)).collect::<Vec<_>>());
                    related.remove(&main);
                }
                self.depends_on(&related);
                if is_journal(last) || (is_overview(last) && related.is_empty()) {
                    self.journal();
                }
            }
            (_, None) => {
                let said: Vec<String> = call.path.literals().iter().flat_map(|word| words(word)).collect();
                let related = self.spoken_of(&said);
                self.depends_on(&related);
                if is_journal(last) || (related.is_empty() && is_overview(last)) {
                    self.journal();
                }
            }
        }
    }

    /// Whether some mutation has the very same path: then nothing else sets it.
    fn is_set_by_itself(&self) -> bool {
        let key = self.call.path.key();
        self.facts.calls.iter().any(|other| other.kind == Kind::Mutation && other.path.key() == key)
    }

    /// Entities that what it shows refers to, or can be asked for by.
    fn related(&self, main: usize) -> BTreeSet<usize> {
        let (facts, call) = (self.facts, self.call);
        let schemas = &facts.entities.all[main].schemas;
        let fields = schemas.iter().flat_map(|schema| facts.api.fields(&Type::Named(*schema)));
        let by_field = fields.filter_map(|field| foreign(facts.api, &facts.entities, &field.wire, &field.ty));
        let parameters = facts.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query);
        let by_parameter =
            parameters.filter_map(|parameter| foreign(facts.api, &facts.entities, &parameter.wire, &parameter.ty));
        let mut found: BTreeSet<usize> = by_field.chain(by_parameter).map(|foreign| foreign.entity).collect();
        found.remove(&main);
        found
    }

    /// Entities that some words speak of; of two that overlap, the longer name.
    pub(super) fn spoken_of(&self, said: &[String]) -> BTreeSet<usize> {
        let all = self.facts.entities.all.iter().enumerate();
        let named: Vec<(usize, &String)> = all
            .filter_map(|(at, entity)| Some((at, entity.things.iter().find(|thing| mentions(said, thing))?)))
            .collect();
        let longest = |(_, thing): &&(usize, &String)| {
            !named.iter().any(|(_, other)| other.len() > thing.len() && mentions(&words(other), thing))
        };
        named.iter().filter(longest).map(|(at, _)| *at).collect()
    }

    /// Whatever changes one of these may change what it shows.
    fn depends_on(&mut self, related: &BTreeSet<usize>) {
        let facts = self.facts;
        for entity in related {
            let name = facts.name(*entity);
            let known = &facts.relations;
            let constraints = facts.path_constraints(&self.call.path);
            let list: BTreeMap<String, Source> = constraints
                .into_iter()
                .filter(|(constraint, _)| known.owners(*entity).any(|bond| bond.constraint == *constraint))
                .collect();
            let why = format!("nothing writes it by itself, and it speaks of `{name}`");
            let tag = self.count_or_sum(list, &name, self.call.path.last_literal().unwrap_or_default());
            self.provide(tag.sure(0.6), &why);
        }
    }

    /// A part of a member is made of what belongs to the member.
    fn children(&mut self, owner: usize, member: &super::path::Path) {
        let facts = self.facts;
        let parameter = member.member().and_then(|(_, picks)| picks.last().map(ToString::to_string));
        let owner_name = facts.name(owner);
        let own: Option<String> = parameter.as_ref().map(|parameter| {
            let parameters = member.parameters();
            let literal = parameters.iter().find(|(_, name)| name == parameter).and_then(|(literal, _)| *literal);
            path_constraint(&facts.entities, member, literal, parameter)
        });
        let bonds: Vec<_> = facts.relations.children(owner).cloned().collect();
        for bond in bonds {
            let name = facts.name(bond.child);
            let source = parameter.as_deref().filter(|_| own.as_deref() == Some(&bond.constraint)).map(Source::path);
            let list = source.map(|source| (bond.constraint.clone(), source)).into_iter().collect();
            let why = format!("a part of one `{owner_name}` may be made of its `{name}`");
            self.provide(Tag::list(&name, list).sure(0.5), &why);
        }
    }

    /// `/posts/statistics`, `/posts/count-comments`.
    fn sums_up(&mut self, entity: usize, said: &[String]) {
        let facts = self.facts;
        let word = said.join("_");
        let mut spoken = self.spoken_of(said);
        spoken.remove(&entity);
        let name = facts.name(entity);
        let list: BTreeMap<String, Source> = facts.path_constraints(&self.call.path).into_iter().collect();
        let tag = self.count_or_sum(list, &name, &word);
        self.provide(tag.sure(0.8), &format!("it sums up `{name}`"));
        for other in spoken {
            let name = facts.name(other);
            let tag = self.count_or_sum(BTreeMap::new(), &name, &word);
            self.provide(tag.sure(0.7), &format!("its path speaks of `{name}`"));
        }
    }

    /// Whatever happens may change it.
    fn journal(&mut self) {
        let facts = self.facts;
        let list: BTreeMap<String, Source> = facts.path_constraints(&self.call.path).into_iter().collect();
        let tag = Tag::list(&facts.journal(), list).sure(0.4);
        self.provide(tag, "it is a log, a history, a search or a sum, which whatever happens may change");
    }

    /// `/tags` beside articles that have a `tagList`: what it shows is gathered from them.
    pub(super) fn gathered(&mut self) {
        let facts = self.facts;
        let Some(word) = self.call.path.thing().filter(|_| self.call.path.ends_in_literal()) else { return };
        for entity in &facts.entities.all {
            let fields = entity.schemas.iter().flat_map(|schema| facts.api.fields(&Type::Named(*schema)));
            let fields: Vec<&Field> = fields.collect();
            let held = fields.iter().find(|field| {
                let name = thing(&field.wire);
                field.ty.element().is_some_and(Type::is_scalar) && (name == word || name == format!("{word}_list"))
            });
            if let Some(field) = held {
                let why = format!("it gathers what each `{}` holds in `{}`", entity.name, field.wire);
                let shows = Source::Value { value: field.wire.clone() };
                let list = BTreeMap::from([(super::facts::SHOWS.to_owned(), shows)]);
                self.provide(Tag::list(&entity.name, list).sure(0.5), &why);
            }
        }
    }
}
