//! What a query shows that nothing writes by itself: parts, sums, histories, searches.

use std::collections::{BTreeMap, BTreeSet};

use super::path::Path;
use super::query::Found;
use super::relation::Bond;
use super::spot::Spot;
use super::views::shows;
use super::words::{is_journal, is_overview, is_settled, is_state, thing, words};
use super::{Kind, Source, Tag};
use crate::model::{Field, Place, Type};

/// A part of a thing is taken to be made of all that belongs to the thing, up to this many kinds.
const MAX_KINDS_OF_CHILDREN: usize = 8;

impl Found<'_, '_> {
    /// What the query depends on besides what it shows by id.
    pub(super) fn derived(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let main = facts.main(call).map(|(entity, _)| entity);
        let last = call.path.last_literal().unwrap_or_default();
        match (&call.spot, main) {
            // Something makes what it shows.
            (_, Some(main)) if facts.is_created(main) => {}
            // `PUT /settings` beside it.
            (_, Some(_)) if call.path.is_fixed() && self.is_set_by_itself() && (!is_journal(last) || self.is_put()) => {
            }
            // It has members of its own, and whoever made them changes them.
            (_, Some(main))
                if !facts.entities.all[main].members.is_empty() && !is_journal(last) && !is_overview(last) => {}
            // A sign-in answers with a text or with nothing.
            (Spot::Under { .. }, None)
                if call.operation.response == Type::Unit || call.operation.response.is_text() => {}
            (Spot::Under { entity, collection }, None) => {
                let said: Vec<String> =
                    call.path.literals_after(collection).iter().flat_map(|word| words(word)).collect();
                self.sums_up(*entity, &said);
            }
            (Spot::Below { .. }, None) | (_, Some(_)) => self.comes_about(main, last),
            (_, None) => {
                self.asked_for();
                let said: Vec<String> = call.path.literals().iter().flat_map(|word| words(word)).collect();
                let related = facts.spoken_of(&said);
                self.depends_on(&related);
                // What a body is weighed by may be anything.
                let weighed = call.operation.body.is_some() && !is_settled(last);
                if is_journal(last) || (related.is_empty() && (is_overview(last) || weighed)) {
                    self.journal();
                }
            }
        }
    }

    /// What nothing makes by itself comes about by what it belongs to, or by what it refers to.
    fn comes_about(&mut self, main: Option<usize>, last: &str) {
        let (facts, call) = (self.facts, self.call);
        let mut related = main.map(|main| self.related(main)).unwrap_or_default();
        let owner = facts.owner_of(&call.path);
        let keyed = !related.is_empty();
        if related.is_empty() && owner.is_none() {
            let said = if call.path.is_fixed() { call.path.literals() } else { vec![last] };
            related = facts.spoken_of(&said.iter().flat_map(|word| words(word)).collect::<Vec<_>>());
            main.inspect(|main| {
                related.remove(main);
            });
        }
        self.depends_on(&related);
        if let Some((entity, member)) = &owner
            && !is_settled(last)
        {
            let name = facts.name(*entity);
            let tag = Tag::id(&name, facts.picked_id(*entity, member));
            self.provide(tag.sure(0.6), &format!("it tells of one `{name}`"));
            // Things that have ids of their own are no sums of others.
            let schema = call.shape.as_ref().and_then(|shape| shape.schema);
            let own = main.zip(schema).is_some_and(|(main, schema)| !facts.shown_ids(schema, main).is_empty());
            if is_journal(last) || (related.is_empty() && !own && !self.is_set_by_itself()) {
                let few = self.children(*entity, member);
                if !few && (is_journal(last) || is_state(last)) {
                    self.journal();
                }
            }
        } else if is_journal(last) || (!keyed && !is_settled(last)) {
            self.journal();
        }
    }

    /// `?project=7` asks for something of one project.
    fn asked_for(&mut self) {
        let (facts, call) = (self.facts, self.call);
        for parameter in facts.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query) {
            let key = facts.foreign(&parameter.wire, &parameter.ty);
            let Some(key) = key.filter(|key| facts.within[key.entity].is_empty()) else { continue };
            let source = Source::Query { name: parameter.wire.clone() };
            let name = facts.name(key.entity);
            let why = format!("`{}` asks for one `{name}`", parameter.wire);
            self.provide(Tag::id(&name, vec![source.clone()]).sure(0.7), &why);
            let bonds: Vec<Bond> = facts.relations.children(key.entity).cloned().collect();
            let written: Vec<&Bond> = bonds.iter().filter(|bond| facts.is_written(bond.child)).collect();
            if written.len() > MAX_KINDS_OF_CHILDREN {
                continue;
            }
            for bond in written.iter().filter(|bond| bond.constraint == key.constraint) {
                let list = BTreeMap::from([(bond.constraint.clone(), source.clone())]);
                let child = facts.name(bond.child);
                let why = format!("a part of one `{name}` may be made of its `{child}`");
                self.provide(Tag::list(&child, list).sure(0.5), &why);
            }
        }
    }

    /// Whether some mutation has the very same path: then nothing else sets it.
    fn is_set_by_itself(&self) -> bool {
        let key = &self.call.key;
        self.facts.calls.iter().any(|other| other.kind == Kind::Mutation && other.key == *key)
    }

    /// Whether it can be put in place of what is there, as nobody does with a log.
    fn is_put(&self) -> bool {
        let puts = |method: &str| matches!(method, "PUT" | "PATCH");
        self.facts.calls.iter().any(|other| puts(&other.operation.method) && other.key == self.call.key)
    }

    /// Entities that what it shows refers to, or can be asked for by.
    fn related(&self, main: usize) -> BTreeSet<usize> {
        let (facts, call) = (self.facts, self.call);
        let schemas = &facts.entities.all[main].schemas;
        let fields = schemas.iter().flat_map(|schema| facts.api.fields(&Type::Named(*schema)));
        let by_field = fields.filter_map(|field| facts.foreign(&field.wire, &field.ty));
        let parameters = facts.api.parameters(call.operation).filter(|parameter| parameter.place == Place::Query);
        let by_parameter = parameters.filter_map(|parameter| facts.foreign(&parameter.wire, &parameter.ty));
        let mut found: BTreeSet<usize> = by_field.chain(by_parameter).map(|foreign| foreign.entity).collect();
        found.remove(&main);
        found
    }

    /// Whatever changes one of these may change what it shows.
    fn depends_on(&mut self, related: &BTreeSet<usize>) {
        let facts = self.facts;
        for entity in related {
            let name = facts.name(*entity);
            let known = &facts.relations;
            let constraints = self.call.constraints.clone();
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
    /// False where so much belongs to the member that no part is made of everything.
    fn children(&mut self, owner: usize, member: &Path) -> bool {
        let facts = self.facts;
        let owner_name = facts.name(owner);
        let known = facts.path_constraints(member);
        let written = facts.relations.children(owner).filter(|bond| facts.is_written(bond.child));
        let mut bonds: Vec<_> = written.cloned().collect();
        // Of two ways in which a child belongs to the owner, the one that the path names.
        let named = |bond: &Bond| known.iter().any(|(name, _)| *name == bond.constraint);
        bonds.sort_by_key(|bond| (bond.child, !named(bond)));
        bonds.dedup_by_key(|bond| bond.child);
        if bonds.len() > MAX_KINDS_OF_CHILDREN {
            return false;
        }
        for bond in bonds {
            let name = facts.name(bond.child);
            let of_child =
                |(name, _): &(String, Source)| facts.relations.owners(bond.child).any(|bond| bond.constraint == *name);
            let list = if named(&bond) {
                known.iter().filter(|known| of_child(known)).cloned().collect()
            } else {
                BTreeMap::new()
            };
            let why = format!("a part of one `{owner_name}` may be made of its `{name}`");
            self.provide(Tag::list(&name, list).sure(0.5), &why);
        }
        true
    }

    /// `/posts/statistics`, `/posts/count-comments`.
    fn sums_up(&mut self, entity: usize, said: &[String]) {
        let facts = self.facts;
        let word = said.join("_");
        let mut spoken = facts.spoken_of(said);
        spoken.remove(&entity);
        let name = facts.name(entity);
        let list: BTreeMap<String, Source> = self.call.constraints.iter().cloned().collect();
        let tag = self.count_or_sum(list, &name, &word);
        self.provide(tag.sure(0.8), &format!("it sums up `{name}`"));
        for other in spoken {
            let name = facts.name(other);
            let tag = self.count_or_sum(BTreeMap::new(), &name, &word);
            self.provide(tag.sure(0.7), &format!("its path speaks of `{name}`"));
        }
    }

    /// Whatever happens may change it. Not so a stream of events, which tells by itself what happens: asked for anew, it
    /// would lose what comes in between.
    fn journal(&mut self) {
        if self.call.is_live() {
            return;
        }
        let facts = self.facts;
        let list: BTreeMap<String, Source> = self.call.constraints.iter().cloned().collect();
        let tag = Tag::list(&facts.journal(), list).sure(0.4);
        let last = self.call.path.last_literal().unwrap_or_default();
        let why = if is_journal(last) || is_state(last) {
            "it is a log, a history, a search or a sum, which whatever happens may change"
        } else {
            "nothing tells what it comes of, so whatever happens may change it"
        };
        self.provide(tag, why);
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
                let list = BTreeMap::from([shows(&field.wire)]);
                self.provide(Tag::list(&entity.name, list).sure(0.5), &why);
            }
        }
    }
}
