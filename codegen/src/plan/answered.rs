//! What the answer to a mutation tells of what it did.

use super::facts::Call;
use super::mutation::Effect;
use super::spot::Spot;
use super::{Source, Tag};
use crate::pointer::escape;

impl Effect<'_, '_> {
    /// The entity that the response shows.
    pub(super) fn answered(&self) -> Option<usize> {
        self.facts.entities.of_schema(self.call.shape.as_ref()?.schema?)
    }

    /// `POST /images/upload/{name}` answers with an image: it made it, where images are not made by `POST /images`.
    pub(super) fn answers_with_new(&mut self, entity: usize) {
        let facts = self.facts;
        let one = self.call.shape.as_ref().is_some_and(|shape| !shape.many) && self.answered() == Some(entity);
        let posts_to = |call: &Call<'_>| call.operation.method == "POST" && call.spot == Spot::Collection { entity };
        if one && self.call.operation.method == "POST" && !facts.calls.iter().any(posts_to) {
            let why = format!("it answers with one `{}`, and nothing is posted to where they are", facts.name(entity));
            self.creates(entity, 0.7, &why);
        }
    }

    /// Ids that the response shows: the same entity by its other names, or another one that changed or was made.
    pub(super) fn returned(&mut self) {
        let facts = self.facts;
        let Some(shape) = &self.call.shape else { return };
        let Some(schema) = shape.schema else { return };
        let Some(entity) = facts.entities.of_schema(schema) else { return };
        let method = self.call.operation.method.as_str();
        let picked = self.call.spot == Spot::Member { entity };
        if picked && method == "DELETE" {
            return;
        }
        let name = facts.name(entity);
        if method == "POST" && !picked {
            let elsewhere = match self.call.spot {
                Spot::Member { entity: own } | Spot::Collection { entity: own } => own != entity,
                _ => false,
            };
            // What the path is below is there already.
            let above = self
                .call
                .path
                .beginnings()
                .any(|path| facts.entities.of_member(&path).is_some_and(|(other, _)| other == entity));
            if !elsewhere || shape.many {
                return;
            }
            if !above {
                self.creates(entity, 0.7, &format!("it answers with a `{name}` that it may have made"));
            }
        }
        let known = &facts.entities.all[entity];
        for id in facts.shown_ids(schema, entity) {
            // The path already names it, unless there is more than one way to.
            if picked && known.ids.len() < 2 && known.exact.contains(&self.call.key) {
                continue;
            }
            let own = known.ids[id].iter();
            let own = own.map(|field| Source::response(format!("{}/{}", shape.pointer, escape(field))));
            let within = facts.named_within(entity, &self.call.constraints.clone()).unwrap_or_default();
            let tag = Tag::id(&name, within.into_iter().chain(own).collect()).sure(0.8);
            self.invalidate(tag, &format!("it answers with the `{name}` it changed"));
        }
    }
}
