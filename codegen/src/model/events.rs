//! What server-sent events bring.

use super::Type;
use super::answers::Arm;
use super::builder::Builder;
use super::media::Family;
use super::sides::Side;
use crate::load::NodeId;
use crate::normalise::Schema;

/// Choices within choices are followed so far.
const DEPTH: usize = 4;

impl Builder<'_, '_> {
    /// What each event of a success brings, where one is a stream of events: JSON of this type, or text.
    pub(super) fn events(&mut self, arms: &[Arm<'_>], hint: &str) -> Option<Type> {
        let mut all = arms.iter().flat_map(|arm| &arm.response.media);
        let media = all.find(|media| media.family() == Family::Events)?;
        let Some(node) = media.item_schema.or(media.schema) else { return Some(Type::String) };
        let data = match self.whole_event(node, DEPTH) {
            Told::Data(data) => data,
            Told::Choice => return Some(Type::Json),
            Told::Text => return Some(Type::String),
        };
        let ty = match self.ty(data, &format!("{hint}Event"), Side::Received) {
            // Some documents describe all events as a list.
            Type::List(item) => *item,
            ty => ty,
        };
        let is_text = ty.is_text() || matches!(ty.inner(), Type::File | Type::Bytes);
        Some(if is_text { Type::String } else { ty })
    }

    /// Some documents, and all from 3.2 on, describe whole events: `data` beside `event` and `id`. On the wire `data` alone
    /// is JSON.
    fn whole_event(&self, node: NodeId, depth: usize) -> Told {
        let read = |node: NodeId| self.spec.resolve(node).and_then(|at| self.spec.schema(at));
        let Some((schema, depth)) = read(node).ok().zip(depth.checked_sub(1)) else { return Told::Data(node) };
        if let Some(data) = data_of(&schema) {
            let content = self.spec.resolve(data).ok().and_then(|at| self.spec.document.get(at, "contentSchema"));
            let is_text = read(data).is_ok_and(|data| data.types == [crate::normalise::JsonType::String]);
            return match content {
                Some(content) => Told::Data(content),
                None if is_text => Told::Text,
                None => Told::Data(data),
            };
        }
        let whole = |variant: &NodeId| match self.whole_event(*variant, depth) {
            Told::Data(data) if data == *variant => None,
            Told::Text => Some(Told::Text),
            Told::Data(_) | Told::Choice => Some(Told::Choice),
        };
        let variants = schema.one_of.iter().chain(&schema.any_of).chain(&schema.all_of);
        let told: Vec<Option<Told>> = variants.map(whole).collect();
        match told.into_iter().flatten().reduce(Told::or) {
            Some(told) => told,
            None => Told::Data(node),
        }
    }
}

/// What a schema tells of events.
enum Told {
    /// This is the schema of their data.
    Data(NodeId),
    /// It depends on the event.
    Choice,
    /// Their data is text.
    Text,
}

impl Told {
    fn or(self, other: Told) -> Told {
        match (self, other) {
            (Told::Text, Told::Text) => Told::Text,
            // Text that is no JSON can only be read as text.
            (Told::Text, _) | (_, Told::Text) => Told::Text,
            _ => Told::Choice,
        }
    }
}

/// The data of a schema that describes a whole event.
fn data_of(schema: &Schema) -> Option<NodeId> {
    let has = |name: &str| schema.properties.contains_key(name);
    schema.properties.get("data").copied().filter(|_| has("event") || has("id") || has("retry"))
}
