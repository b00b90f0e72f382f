//! Which entry a mutation's response fills, so that it need not be asked for again.

use std::collections::BTreeMap;

use super::facts::Call;
use super::field::says_how_to_show;
use super::mutation::Effect;
use super::words::plain;
use super::{Kind, Source, Write};
use crate::model::{Parameter, Place, TextFormat, Type};
use crate::pointer::escape;

impl Effect<'_, '_> {
    /// A member's `PUT` or `PATCH` that answers as its `GET` does fills that entry.
    pub(super) fn write(&mut self) {
        let operation = self.call.operation;
        if !matches!(operation.method.as_str(), "PUT" | "PATCH") || operation.response == Type::Unit {
            return;
        }
        let key = &self.call.key;
        let reads = |call: &&Call<'_>| call.kind == Kind::Query && call.key == *key && call.operation.method == "GET";
        let Some(reader) = self.facts.calls.iter().find(reads) else { return };
        let same = reader.operation.response == operation.response && reader.operation.decoding == operation.decoding;
        if !same || !reader.only_path() || self.shows_otherwise(reader) {
            return;
        }
        let Some(args) = self.read_args(reader) else { return };
        self.because(&format!("it answers as `{}` does", reader.operation.id));
        self.planned.writes.push(Write { operation: reader.operation.id.clone(), args, pointer: String::new() });
    }

    /// Whether a parameter of the call decides what its answer shows, or of which of several: the answer may then not be what
    /// the query brings without it.
    fn shows_otherwise(&self, reader: &Call<'_>) -> bool {
        let api = self.facts.api;
        let query = |parameter: &&Parameter| parameter.place == Place::Query;
        let mut ours = api.parameters(self.call.operation).filter(query);
        ours.any(|own| {
            let mut theirs = api.parameters(reader.operation).filter(query);
            says_how_to_show(&plain(&own.wire)) || theirs.any(|other| other.wire == own.wire)
        })
    }

    /// The args of the query that reads what this call answers with. A text id
    /// may change with what it names, so there the answer's own id counts.
    fn read_args(&self, reader: &Call<'_>) -> Option<BTreeMap<String, Source>> {
        if self.call.path.parameters().is_empty() {
            return Some(BTreeMap::new());
        }
        let (entity, picks) = self.facts.entities.of_member(&self.call.path)?;
        let arguments = &self.call.operation.arguments;
        let lasting = |ty: &Type| ty.is_number() || matches!(ty.inner(), Type::Text(TextFormat::Uuid));
        let number = |pick: &&str| arguments.iter().any(|argument| argument.wire == **pick && lasting(&argument.ty));
        let theirs = reader.path.parameters().into_iter().map(|(_, name)| name.to_owned());
        if picks.iter().all(number) {
            let ours = self.call.path.parameters().into_iter().map(|(_, name)| Source::path(name));
            return Some(theirs.zip(ours).collect());
        }
        // Only where every arg is surely in the answer can it say which entry it fills.
        let known = &self.facts.entities.all[entity];
        let shape = self.call.shape.as_ref().filter(|shape| !shape.many)?;
        let [id] = self.facts.shown_ids(shape.schema?, entity)[..] else { return None };
        let id = &known.ids[id];
        let fields = self.facts.api.fields(&Type::Named(shape.schema?));
        let sure =
            |name: &String| fields.iter().any(|field| field.wire == *name && field.required && !field.ty.is_nullable());
        let all_in_path = self.call.path.parameters().len() == id.len();
        if !all_in_path || !known.exact.contains(&self.call.key) || !id.iter().all(sure) {
            return None;
        }
        let answered = id.iter().map(|field| Source::response(format!("{}/{}", shape.pointer, escape(field))));
        Some(theirs.zip(answered).collect())
    }
}
