//! What a mutation is aimed at.

use std::collections::BTreeMap;

use super::facts::{Call, Facts};
use super::path::Path;
use super::relation::Bond;
use super::spot::Spot;
use super::words::{doubles, is_sweeping, makes, mentions, performs, removes, reports, resets, touches_nothing, words};
use super::{Kind, Operation, Scope, Source, Tag};
use crate::model::Type;

/// In an API of more kinds of things, a mutation that no rule explains is not taken to touch them all.
const MAX_KINDS_OF_ANYTHING: usize = 16;

/// Nor is one that speaks of a batch or an import, where there are more kinds than this.
const MAX_KINDS_OF_A_SWEEP: usize = 64;

/// The tags of the mutation `at`.
pub(super) fn plan(facts: &Facts<'_>, at: usize) -> Operation {
    let call = &facts.calls[at];
    let mut effect = Effect { facts, call, planned: facts.planned(call) };
    let known = match &call.spot {
        _ if effect.singleton() => true,
        Spot::Member { entity } => effect.member(*entity),
        Spot::Collection { entity } => effect.collection(*entity),
        Spot::Below { entity, member } => effect.below_member(*entity, member),
        Spot::Under { entity, collection } => effect.under_collection(*entity, collection),
        Spot::Nowhere => effect.spoken(),
    };
    effect.of_owner();
    effect.returned();
    effect.floor(known);
    effect.journal();
    effect.planned
}

/// The mutation at hand, and what is planned for it so far.
pub(super) struct Effect<'f, 'a> {
    pub(super) facts: &'f Facts<'a>,
    pub(super) call: &'f Call<'a>,
    pub(super) planned: Operation,
}

impl Effect<'_, '_> {
    pub(super) fn invalidate(&mut self, tag: Tag, why: &str) {
        let covered = self.planned.invalidates.iter().any(|other| {
            other.tag_type == tag.tag_type
                && other.reference >= tag.reference
                && (other.scope == Scope::Type {} || other.scope == tag.scope)
        });
        if !covered {
            self.planned.invalidates.push(tag.because(why));
            self.because(why);
        }
    }

    pub(super) fn because(&mut self, why: &str) {
        if !self.planned.why.iter().any(|known| known == why) {
            self.planned.why.push(why.to_owned());
        }
    }

    /// `PUT`, `PATCH`, `POST` and `DELETE` on a member.
    fn member(&mut self, entity: usize) -> bool {
        let path = self.call.path.clone();
        let name = self.facts.name(entity);
        if self.facts.is_relation(entity, &path) {
            self.relates(entity, &path);
            return true;
        }
        if self.call.operation.method == "DELETE" {
            self.deletes(entity, &path);
            return true;
        }
        self.updates(entity, &path, 1.0, &format!("it changes one `{name}`"));
        if self.may_create(&path) {
            let constraints = self.constraints(entity);
            self.invalidate(
                Tag::list(&name, constraints).sure(0.8),
                &format!("it makes a `{name}` that is not there yet"),
            );
        }
        self.write();
        true
    }

    /// `PUT /groups/{group}/users/{user}`: both are told of the other, and neither begins or ends.
    fn relates(&mut self, entity: usize, member: &Path) {
        let name = self.facts.name(entity);
        let why = format!("it puts a `{name}` where it belongs, or takes it away");
        self.updates(entity, member, 0.8, &why);
        self.lists_of(entity, &why);
        if let Some((owner, above)) = self.facts.owner_of(member) {
            self.updates(owner, &above, 0.8, &why);
            let picks = member.member().map(|(_, picks)| picks).unwrap_or_default();
            let picked = <[&str; 1]>::try_from(picks).ok().map(|[pick]| Source::path(pick));
            self.lists_of_owners(entity, owner, picked, &why);
        }
    }

    /// `POST /groups/{group}/users` with names in its body.
    fn relates_many(&mut self, entity: usize) {
        let name = self.facts.name(entity);
        let why = format!("it puts `{name}` where they belong, or takes them away");
        self.lists_of(entity, &why);
        for id in self.named_in_body(entity) {
            self.invalidate(Tag::id(&name, id).sure(0.8), &why);
        }
        if let Some((owner, member)) = self.facts.owner_of(&self.call.path) {
            self.updates(owner, &member, 0.8, &why);
            self.lists_of_owners(entity, owner, None, &why);
        }
    }

    /// The same relation from its other end: `GET /users/{user}/groups`.
    fn lists_of_owners(&mut self, entity: usize, owner: usize, picked: Option<Source>, why: &str) {
        let facts = self.facts;
        let mut bonds = facts.relations.children(entity).filter(|bond| bond.child == owner);
        let known = |bond: &&Bond| facts.views[owner].constraints.contains_key(&bond.constraint);
        if let Some(bond) = bonds.find(known) {
            let list = picked.map(|picked| (bond.constraint.clone(), picked));
            self.invalidate(Tag::list(&facts.name(owner), list.into_iter().collect()).sure(0.7), why);
        }
    }

    /// Whether what a `PUT` or `POST` speaks of may not be there yet: nothing else creates it, or something
    /// else on the same path changes it.
    fn may_create(&self, member: &Path) -> bool {
        let key = member.key();
        let changed =
            |other: &Call<'_>| matches!(other.operation.method.as_str(), "PUT" | "PATCH") && other.key == *key;
        let posted = member.member().is_some_and(|(collection, _)| self.is_posted(&collection));
        match self.call.operation.method.as_str() {
            "PUT" => !posted,
            "POST" => !posted || self.facts.calls.iter().any(changed),
            _ => false,
        }
    }

    fn is_posted(&self, collection: &Path) -> bool {
        let key = collection.key();
        self.facts.calls.iter().any(|other| other.operation.method == "POST" && other.key == *key)
    }

    /// `POST` on a collection creates; `PUT` there replaces what the body names.
    fn collection(&mut self, entity: usize) -> bool {
        let name = self.facts.name(entity);
        let post = self.call.operation.method == "POST";
        if self.facts.is_relation(entity, &self.call.path) {
            self.relates_many(entity);
            if !(post && self.answered() == Some(entity)) {
                return true;
            }
        }
        match self.call.operation.method.as_str() {
            "POST" if self.facts.entities.all[entity].members.is_empty() && self.performs() => self.anything(0.4),
            "POST" => {
                self.creates(entity, 1.0, &format!("it creates one `{name}`"));
                for id in self.body_ids(entity) {
                    let why = format!("where its body has an id, the `{name}` may be there already");
                    self.invalidate(Tag::id(&name, id).sure(0.5), &why);
                }
            }
            "PUT" if !self.is_posted(&self.call.path) => {
                self.creates(entity, 0.9, &format!("nothing else creates a `{name}` here"));
                for id in self.body_ids(entity) {
                    self.invalidate(Tag::id(&name, id).sure(0.8), &format!("its body names the `{name}` it changes"));
                }
            }
            "DELETE" => self.sweeps(entity, true, 0.9, &format!("it deletes `{name}` as a whole")),
            _ => {
                let ids = self.body_ids(entity);
                if ids.is_empty() {
                    let tag = Tag::all(&name).sure(0.8);
                    self.invalidate(tag, &format!("it changes `{name}` without saying which"));
                } else {
                    let why = format!("its body names the `{name}` it changes");
                    for id in ids {
                        self.invalidate(Tag::id(&name, id).sure(0.9), &why);
                    }
                    self.moved(entity);
                    self.contents(entity, &self.call.path.clone());
                }
            }
        }
        true
    }

    /// `POST /posts/{id}/favourite`: an action on a member, or on a part of it.
    fn below_member(&mut self, entity: usize, member: &Path) -> bool {
        let verbs: Vec<String> = self.call.path.literals_after(member).iter().map(ToString::to_string).collect();
        let verb = verbs.join("_");
        if doubles(&verb) && self.call.operation.method == "POST" && self.answered().is_none_or(|other| other == entity)
        {
            self.creates(entity, 0.9, &format!("it makes another `{}`", self.facts.name(entity)));
            return true;
        }
        let other = self.answered().filter(|other| *other != entity).or_else(|| self.spoken_of(&verb, entity));
        let said = self.said_by_id(entity).filter(|said| Some(*said) != other);
        let creates = other.filter(|_| makes(&verb) && self.call.operation.method == "POST");
        let Some(creates) = creates else {
            let name = self.facts.name(entity);
            self.updates(entity, member, 0.9, &format!("it acts on one `{name}`"));
            self.decided_by(entity, &verb);
            for other in other.into_iter().chain(said) {
                self.lists_of(other, &format!("it speaks of `{}`", self.facts.name(other)));
                for id in self.named_in_body(other) {
                    let name = self.facts.name(other);
                    self.invalidate(Tag::id(&name, id).sure(0.8), &format!("its body names each `{name}`"));
                }
            }
            self.sets_off(entity, member, &verb);
            if !self.call.path.begins_with(member) {
                self.answers_with_new(entity);
            }
            return true;
        };
        self.creates(creates, 0.9, &format!("it makes a `{}`", self.facts.name(creates)));
        if is_sweeping(&verb) {
            self.updates(entity, member, 0.7, &format!("it acts on one `{}`", self.facts.name(entity)));
            self.sets_off(entity, member, &verb);
        }
        true
    }

    /// `POST /users/createWithList`, `POST /users/login`: something that concerns a collection.
    fn under_collection(&mut self, entity: usize, collection: &Path) -> bool {
        let verb = self.call.path.literals_after(collection).join("_");
        let name = self.facts.name(entity);
        let body = self.call.operation.body.as_ref().map(|body| &body.ty);
        let several = body.and_then(Type::element).and_then(|ty| self.facts.entities.of_type(ty));
        let post = self.call.operation.method == "POST";
        if post && !removes(&verb) && !is_sweeping(&verb) && (several == Some(entity) || makes(&verb)) {
            self.creates(entity, 0.8, &format!("it creates several `{name}`"));
        } else {
            let gone = removes(&verb) || resets(&verb) || self.call.operation.method == "DELETE";
            let named = [self.body_ids(entity), self.named_in_body(entity)].concat();
            if named.is_empty() || is_sweeping(&verb) {
                let why = format!("it does something to `{name}`, and the document does not say to which");
                self.sweeps(entity, gone, 0.5, &why);
                if !gone {
                    self.answers_with_new(entity);
                }
            } else {
                self.named(entity, named, gone);
            }
        }
        if reports(&verb)
            && let Some((owner, member)) = self.facts.owner_of(collection)
        {
            self.updates(owner, &member, 0.6, &format!("it is news of the `{}`", self.facts.name(owner)));
        }
        if let Some(other) = self.spoken_of(&verb, entity) {
            let other = self.facts.name(other);
            self.invalidate(Tag::all(&other).sure(0.5), &format!("it speaks of `{other}`"));
        }
        true
    }

    /// `PUT /user` beside `GET /user`.
    fn singleton(&mut self) -> bool {
        if self.call.path.member().is_some() {
            return false;
        }
        let key = &self.call.key;
        let facts = self.facts;
        let reader = facts.calls.iter().find(|call| call.kind == Kind::Query && call.key == *key);
        let Some((entity, false)) = reader.and_then(|reader| facts.main(reader)) else { return false };
        if !self.call.path.is_fixed() {
            return false;
        }
        let name = facts.name(entity);
        let why = format!("it changes the one `{name}` at `{}`", self.call.operation.path);
        self.invalidate(Tag::id(&name, vec![Source::Value { value: key.clone() }]).sure(1.0), &why);
        self.moved(entity);
        self.write();
        true
    }

    /// A thing that shows its parts changes with them, wherever it is shown.
    fn of_owner(&mut self) {
        let facts = self.facts;
        let (Spot::Member { entity } | Spot::Collection { entity }) = self.call.spot else { return };
        let Some((owner, member)) = facts.owner_of(&self.call.path) else { return };
        let nested = facts.relations.owners(entity).any(|bond| bond.owner == owner && bond.nested);
        if nested && facts.views[entity].shown_by.contains(&owner) {
            let why = format!("a `{}` shows its `{}`", facts.name(owner), facts.name(entity));
            let id = Tag::id(&facts.name(owner), facts.picked_id(owner, &member));
            self.invalidate(id.sure(0.7), &why);
            self.contents(owner, &member);
        }
    }

    /// A path that leads nowhere known, and yet speaks of things.
    fn spoken(&mut self) -> bool {
        let facts = self.facts;
        let said: Vec<String> = self.call.path.literals().iter().flat_map(|word| words(word)).collect();
        let answered = self.answered();
        let mut found = false;
        for (at, entity) in facts.entities.all.iter().enumerate() {
            if answered == Some(at) || entity.things.iter().any(|thing| mentions(&said, thing)) {
                let why = format!("its path or its answer speaks of `{}`", entity.name);
                self.invalidate(Tag::all(&entity.name).sure(0.5), &why);
                found = true;
            }
        }
        let verb = self.call.path.literals().join("_");
        if !found && (is_sweeping(&verb) || resets(&verb)) && facts.entities.all.len() <= MAX_KINDS_OF_A_SWEEP {
            self.anything(0.4);
            found = true;
        }
        found
    }

    fn performs(&self) -> bool {
        let few = self.facts.entities.all.len() <= MAX_KINDS_OF_A_SWEEP;
        few && self.call.path.last_literal().is_some_and(performs)
    }

    fn anything(&mut self, sure: f32) {
        for entity in &self.facts.entities.all {
            let tag = Tag::all(&entity.name).reference().sure(sure);
            self.invalidate(tag, "it may do anything that this API can do");
        }
    }

    /// The one thing other than `entity` that a verb speaks of: `create_flow_run`.
    fn spoken_of(&self, verb: &str, entity: usize) -> Option<usize> {
        let said = words(verb);
        let all = self.facts.entities.all.iter().enumerate();
        let all = all.filter(|(at, _)| *at != entity && !self.facts.unseen.contains(at));
        let named = all.filter_map(|(at, other)| {
            let said = other.things.iter().filter(|thing| mentions(&said, thing)).map(String::len).max()?;
            Some((said, at))
        });
        named.max().map(|(_, at)| at)
    }

    /// The thing that the operation's id speaks of, where the path does not: `staleFeatures` at `/projects/{id}/stale`.
    fn said_by_id(&self, entity: usize) -> Option<usize> {
        let facts = self.facts;
        // Without an id of its own an operation goes by its method and path.
        let id = Some(self.call.operation.id.as_str()).filter(|id| !id.contains(' '))?;
        let other = self.spoken_of(id, entity)?;
        // An id may repeat the path, and so speak of what the path is below.
        let path: Vec<String> = self.call.path.literals().iter().flat_map(|word| words(word)).collect();
        let known = facts.entities.all[other].things.iter().any(|thing| mentions(&path, thing));
        (!known).then_some(other)
    }

    /// Queries of which only the group is known are reached by every mutation of the
    /// group; a mutation that nothing else explains reaches the entities of its group.
    fn floor(&mut self, known: bool) {
        let group = self.call.operation.group;
        if self.facts.floors.contains(&group) {
            let floor = self.facts.floor(group);
            let why = format!("`{floor}` holds the queries of its group that no rule explains");
            self.invalidate(Tag::all(&floor).sure(0.3), &why);
        }
        if known {
            return;
        }
        let facts = self.facts;
        let group = facts.calls.iter().filter(|call| call.kind == Kind::Query && call.operation.group == group);
        let mut shown: Vec<usize> = group.filter_map(|call| Some(facts.main(call)?.0)).collect();
        shown.sort_unstable();
        shown.dedup();
        for entity in shown {
            let name = facts.name(entity);
            let why = format!("no rule explains it, so it reaches all of `{name}`, which its group shows");
            self.invalidate(Tag::all(&name).sure(0.3), &why);
        }
        let said = format!("{}_{}", self.call.path.literals().join("_"), self.call.operation.id);
        let few = facts.entities.all.len() <= MAX_KINDS_OF_ANYTHING;
        if self.planned.invalidates.is_empty() && few && !touches_nothing(&said) {
            self.anything(0.2);
        }
    }

    /// Logs, histories and searches of whatever happens.
    fn journal(&mut self) {
        let journal = self.facts.journal();
        let Some(known) = &self.facts.journals else { return };
        let list = self.call.constraints.iter().cloned();
        let list: BTreeMap<String, Source> = list.filter(|(name, _)| known.contains(name)).collect();
        let tag = Tag::list(&journal, list).sure(0.4);
        self.invalidate(tag, "a log, a history or a search may tell of it");
    }
}
