//! What the queries of an API show of each thing, once they are planned: by it mutations know whom to tell.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::field;
use super::spot::{Spot, spot};
use super::{Kind, Operation, Scope, Source};
use crate::model::Type;

/// What the queries of an API show of one entity.
#[derive(Debug, Default)]
pub(super) struct Views {
    /// Constraints by which some list is cut down; with a type where a field of the entity holds the value.
    pub(super) constraints: BTreeMap<String, Option<Type>>,
    /// Some list comes in pages or with a total, so what it lacks can change it.
    pub(super) paged: bool,
    /// Something shows what a list holds without the ids, or picks it by what no rule knows.
    pub(super) hidden: bool,
    /// Some list is there, or something counts what it holds.
    pub(super) listed: bool,
    /// Something counts what is in a list.
    pub(super) counted: bool,
    /// Fields that something gathers from all of a list.
    pub(super) gathered: BTreeSet<String>,
    /// Per list that something shows: the constraints that cut it down.
    pub(super) lists: BTreeSet<BTreeSet<String>>,
    /// Per query that shows a list of it: the tag types of which the query names one by its id.
    pub(super) beside: BTreeSet<BTreeSet<String>>,
    /// Things whose own members show it, or how many of it there are: it is a part of them.
    pub(super) shown_by: BTreeSet<usize>,
    /// Numbers of parts of the ids that are provided.
    pub(super) parts: BTreeSet<usize>,
    /// Indexes of ids that some list of it does not show.
    pub(super) unlisted: BTreeSet<usize>,
}

/// The constraint by which a list says what of its things it shows.
pub(super) const SHOWS: &str = "shows";

/// That constraint with its value.
pub(super) fn shows(what: &str) -> (String, Source) {
    (SHOWS.to_owned(), Source::Value { value: what.to_owned() })
}

impl Facts<'_> {
    /// Finds anew where mutations are: what no query shows is no thing. `POST /posts/publish/{id}` makes no `publish`; it
    /// does something to a post.
    pub(super) fn place_mutations(&mut self, queries: &[(usize, Operation)]) {
        let shown: BTreeSet<&str> =
            queries.iter().flat_map(|(_, query)| &query.provides).map(|tag| tag.tag_type.as_str()).collect();
        let all = self.entities.all.iter().enumerate();
        self.unseen = all.filter(|(_, entity)| !shown.contains(entity.name.as_str())).map(|(at, _)| at).collect();
        let known = |entity: usize| !self.unseen.contains(&entity);
        for at in 0..self.calls.len() {
            let call = &self.calls[at];
            let found = spot(&self.entities, &call.path, known);
            // What is on its own is a thing all the same, which an application may show by hand; not so `/publish_post/{id}`.
            let said = call.path.thing().unwrap_or_default();
            let about = |thing: &String| said.strip_suffix(thing.as_str()).is_some_and(|verb| verb.ends_with('_'));
            let mut all = self.entities.all.iter().enumerate().filter(|(at, _)| known(*at));
            let speaks = found != Spot::Nowhere || all.any(|(_, entity)| entity.things.iter().any(about));
            if call.kind == Kind::Mutation && speaks {
                self.calls[at].spot = found;
            }
        }
    }

    /// Notes what the planned queries show of each entity.
    pub(super) fn note_views(&mut self, queries: &[(usize, Operation)]) {
        for (at, planned) in queries {
            self.note_lists(*at);
            let journal = self.journal();
            for tag in planned.provides.iter().filter(|tag| tag.tag_type == journal) {
                if let Scope::List { list, .. } = &tag.scope {
                    self.journals.get_or_insert_default().extend(list.keys().cloned());
                }
            }
            let own = match &self.calls[*at].spot {
                Spot::Member { entity } => Some(*entity),
                _ => None,
            };
            let named = planned.provides.iter().filter(|tag| matches!(tag.scope, Scope::Id { .. }));
            let named: BTreeSet<String> = named.map(|tag| tag.tag_type.clone()).collect();
            for tag in &planned.provides {
                let Some(entity) = self.entities.all.iter().position(|entity| entity.name == tag.tag_type) else {
                    continue;
                };
                let views = &mut self.views[entity];
                match &tag.scope {
                    Scope::Id { id } => {
                        views.parts.insert(id.len());
                    }
                    Scope::List { .. } if tag.reference => {}
                    Scope::List { list, .. } => {
                        views.listed = true;
                        views.shown_by.extend(own.filter(|own| *own != entity));
                        views.beside.insert(named.clone());
                        match list.get(SHOWS) {
                            Some(Source::Value { value }) if value == "count" => views.counted = true,
                            Some(Source::Value { value }) if value != "ids" => {
                                views.counted = true;
                                views.gathered.insert(value.clone());
                            }
                            Some(_) => {}
                            None => views.hidden = true,
                        }
                        let names: BTreeSet<String> = list.keys().filter(|name| *name != SHOWS).cloned().collect();
                        for name in &names {
                            views.constraints.entry(name.clone()).or_default();
                        }
                        views.lists.insert(names);
                    }
                    Scope::Type {} => {}
                }
            }
        }
    }

    fn note_lists(&mut self, at: usize) {
        let call = &self.calls[at];
        let Some((entity, true)) = self.main(call) else { return };
        let constraints = self.constraints(call, entity);
        let paged = self.api.parameters(call.operation).any(|parameter| field::is_paging(&parameter.wire))
            || call.shape.as_ref().is_some_and(|shape| shape.pointer != "/*");
        let shown = call.shape.as_ref().and_then(|shape| Some(self.shown_ids(shape.schema?, entity)));
        let all = 0..self.entities.all[entity].ids.len();
        let views = &mut self.views[entity];
        for (name, _, ty) in constraints {
            let known = views.constraints.entry(name).or_default();
            *known = known.take().or(ty);
        }
        views.paged |= paged;
        views.unlisted.extend(all.filter(|id| !shown.as_ref().is_some_and(|shown| shown.contains(id))));
    }
}
