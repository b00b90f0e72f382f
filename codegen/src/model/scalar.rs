//! Texts, whole numbers, and the values that a schema lists of them.

use indexmap::IndexSet;
use serde_json::Value;

use super::builder::Builder;
use super::name::{self, Scope};
use super::sides::Side;
use super::{Dates, EnumVariant, TextFormat, Type, TypeId, TypeKind};
use crate::load::NodeId;
use crate::normalise::Schema;

impl Builder<'_, '_> {
    /// A schema of type `string`.
    pub(super) fn text(&mut self, schema: &Schema, hint: &str) -> Type {
        if !schema.enumeration.is_empty() {
            // What is listed is text on the wire, even where quotes were forgotten.
            let texts = schema.enumeration.iter().map(|value| match value {
                Value::String(text) => text.clone(),
                value => value.to_string(),
            });
            let texts = texts.collect();
            return self.string_enum(schema, texts, hint);
        }
        match schema.format.as_deref() {
            Some("date-time" | "date") if self.settings.dates == Dates::Text => Type::String,
            Some("date-time") => Type::Text(TextFormat::DateTime),
            Some("date") => Type::Text(TextFormat::Date),
            Some("uuid") => Type::Text(TextFormat::Uuid),
            Some("binary") => Type::File,
            Some("byte" | "base64") => Type::Text(TextFormat::Base64),
            _ => Type::String,
        }
    }

    /// A schema of type `integer`.
    pub(super) fn integer(&mut self, schema: &Schema, hint: &str) -> Type {
        let whole = |value: &Value| match value {
            Value::String(text) => text.parse().ok(),
            value => value.as_i64(),
        };
        let listed: Option<Vec<i64>> = schema.enumeration.iter().map(whole).collect();
        match listed.map(distinct) {
            Some(numbers) if numbers.len() > 1 => return self.integer_enum(schema, numbers, hint),
            _ => {}
        }
        match schema.format.as_deref() {
            _ if schema.unsigned => Type::U64,
            Some("int32" | "int16" | "int8") => Type::I32,
            Some("uint32" | "uint16" | "uint8") => Type::U32,
            Some("uint64" | "uint") => Type::U64,
            _ => Type::I64,
        }
    }

    fn integer_enum(&mut self, schema: &Schema, numbers: Vec<i64>, hint: &str) -> Type {
        let id = self.declare_enum(schema, hint);
        let mut names = Scope::default();
        let variant = |value: i64| {
            let spelled = if value < 0 { format!("Minus{}", value.unsigned_abs()) } else { value.to_string() };
            EnumVariant { name: names.unique(&name::variant_name(&spelled)), value }
        };
        self.types[id.0].kind = TypeKind::IntegerEnum(numbers.into_iter().map(variant).collect());
        Type::Named(id)
    }

    /// An enum of texts. One text alone is no choice, and stays a string.
    pub(super) fn string_enum(&mut self, schema: &Schema, texts: Vec<String>, hint: &str) -> Type {
        let texts = distinct(texts);
        if texts.len() < 2 {
            return Type::String;
        }
        let id = self.declare_enum(schema, hint);
        let owner = self.types[id.0].stem.clone();
        let mut names = Scope::default();
        let variant = |value: String| EnumVariant { name: names.unique(&name::variant_within(&owner, &value)), value };
        self.types[id.0].kind = TypeKind::StringEnum(texts.into_iter().map(variant).collect());
        Type::Named(id)
    }

    fn declare_enum(&mut self, schema: &Schema, hint: &str) -> TypeId {
        self.declare(schema, hint, Side::Received)
    }

    /// The one text that the schema at `node` allows, if it allows but one.
    pub(super) fn always(&self, node: NodeId) -> Option<String> {
        match self.texts(&[node])?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// All texts that the schemas at `nodes` list, if each is an enum of texts.
    pub(super) fn texts(&self, nodes: &[NodeId]) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for node in nodes {
            let schema = self.spec.schema(self.spec.resolve(*node).ok()?).ok()?;
            if schema.enumeration.is_empty() {
                return None;
            }
            for value in &schema.enumeration {
                texts.push(value.as_str()?.to_owned());
            }
        }
        Some(texts)
    }
}

fn distinct<T: std::hash::Hash + Eq>(values: Vec<T>) -> Vec<T> {
    values.into_iter().collect::<IndexSet<T>>().into_iter().collect()
}
