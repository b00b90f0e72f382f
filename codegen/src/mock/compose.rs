//! A value of a type: the document's examples where they fit, and made up of what the schema says where there is none.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use serde_json::{Map, Number, Value, json};

use super::MAX_VALUES;
use super::fits::fits;
use crate::load::{Document, NodeId};
use crate::model::{Api, Field, Sample, Side, TextFormat, Type, TypeId, TypeKind};

/// Optional properties are made up only this close to the outside.
const OPTIONAL_DEPTH: usize = 3;

/// Deeper than this there is nothing.
const MAX_DEPTH: usize = 24;

/// How many branches of `allOf` within one another are looked into for a property.
const MAX_BRANCHES: usize = 8;

pub(super) struct Composer<'a> {
    document: &'a Document,
    api: &'a Api,
    /// The schemas of declared types.
    schemas: HashMap<TypeId, NodeId>,
    /// The declared types that a value is being made of: none is made within itself.
    open: RefCell<Vec<TypeId>>,
    /// How many values may still be made.
    budget: Cell<usize>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(document: &'a Document, api: &'a Api) -> Composer<'a> {
        let mut schemas = HashMap::new();
        for schema in api.schemas.iter().filter(|schema| schema.side != Some(Side::Sent)) {
            if let Type::Named(id) = schema.ty {
                // One type may be made of several schemas that are alike: the first in the document counts.
                let first = schemas.entry(id).or_insert(schema.node);
                *first = (*first).min(schema.node);
            }
        }
        Composer { document, api, schemas, open: RefCell::default(), budget: Cell::new(MAX_VALUES) }
    }

    /// The first example of the response that its type can read, else a value made up.
    pub(super) fn of_sample(&self, sample: &Sample) -> Option<Value> {
        self.budget.set(MAX_VALUES);
        let given = sample.examples.iter().find_map(|node| self.taken(*node, &sample.ty));
        given.or_else(|| self.value(&sample.ty, sample.schema, 0))
    }

    /// An example, if the type can read it.
    fn taken(&self, node: NodeId, ty: &Type) -> Option<Value> {
        let value = self.document.value(node, &mut MAX_VALUES.clone())?;
        fits(self.api, ty, &value).then_some(value)
    }

    /// What the schema itself gives as example, default or only value.
    fn said(&self, schema: NodeId, ty: &Type) -> Option<Value> {
        let document = self.document;
        let listed = |key| document.get(schema, key).map_or(&[][..], |node| document.array(node)).iter().copied();
        let one = |key| document.get(schema, key);
        let mut nodes = one("example").into_iter().chain(listed("examples")).chain(one("const")).chain(one("default"));
        nodes.find_map(|node| self.taken(node, ty)).filter(|value| !value.is_null())
    }

    fn value(&self, ty: &Type, schema: Option<NodeId>, depth: usize) -> Option<Value> {
        if MAX_DEPTH < depth {
            return None;
        }
        self.budget.set(self.budget.get().checked_sub(1)?);
        let schema = schema.and_then(|node| self.resolved(node)).or_else(|| match ty {
            Type::Named(id) => self.resolved(*self.schemas.get(id)?),
            _ => None,
        });
        if let Some(value) = schema.and_then(|node| self.said(node, ty)) {
            return Some(value);
        }
        match ty {
            Type::Bool => Some(json!(true)),
            Type::I32 | Type::I64 | Type::U32 | Type::U64 => {
                let least = schema.and_then(|node| self.number(node, "minimum")).and_then(|number| number.as_i64());
                let value = json!(least.unwrap_or(1).max(1));
                Some(if fits(self.api, ty, &value) { value } else { json!(1) })
            }
            Type::F64 => {
                let least = schema.and_then(|node| self.number(node, "minimum")).and_then(|number| number.as_f64());
                Some(json!(least.unwrap_or(1.0).max(1.0)))
            }
            Type::String => Some(json!(self.text(schema))),
            Type::Text(format) => Some(json!(match format {
                TextFormat::DateTime => "2024-01-01T12:00:00Z",
                TextFormat::Date => "2024-01-01",
                TextFormat::Uuid => "00000000-0000-4000-8000-000000000001",
                TextFormat::Base64 => "dGV4dA==",
            })),
            Type::Json => Some(json!({})),
            Type::Unit => Some(Value::Null),
            Type::Bytes | Type::File => None,
            Type::List(element) => {
                let item = schema.and_then(|node| self.document.get(node, "items"));
                Some(Value::Array(self.value(element, item, depth + 1).into_iter().collect()))
            }
            Type::Tuple(types) => types.iter().map(|ty| self.value(ty, None, depth + 1)).collect::<Option<_>>(),
            Type::Map(element) => {
                let item = schema.and_then(|node| self.document.get(node, "additionalProperties"));
                let value = self.value(element, item, depth + 1);
                Some(Value::Object(value.into_iter().map(|value| ("key".to_owned(), value)).collect()))
            }
            Type::Nullable(ty) => self.value(ty, schema, depth).or(Some(Value::Null)),
            Type::Boxed(ty) | Type::Shared(ty) => self.value(ty, schema, depth),
            Type::Named(id) if self.open.borrow().contains(id) => None,
            Type::Named(id) => {
                self.open.borrow_mut().push(*id);
                let value = self.declared(&self.api.def(*id).kind, schema, depth);
                self.open.borrow_mut().pop();
                value
            }
        }
    }

    fn declared(&self, kind: &TypeKind, schema: Option<NodeId>, depth: usize) -> Option<Value> {
        match kind {
            TypeKind::Struct { fields, .. } => self.object(fields, schema, depth).map(Value::Object),
            TypeKind::StringEnum(variants) => variants.first().map(|variant| json!(variant.value)),
            TypeKind::IntegerEnum(variants) => variants.first().map(|variant| json!(variant.value)),
            TypeKind::TaggedUnion { property, variants } => variants.iter().find_map(|variant| {
                let mut value = self.value(&variant.ty, None, depth + 1)?;
                let tag = variant.values.first()?;
                value.as_object_mut()?.insert(property.clone(), json!(tag));
                fits(self.api, &variant.ty, &value).then_some(value)
            }),
            TypeKind::UntaggedUnion(variants) => {
                variants.iter().find_map(|variant| self.value(&variant.ty, None, depth + 1))
            }
            TypeKind::ByStatus { .. } => None,
        }
    }

    /// What is required, what has an example, and what is near the outside.
    fn object(&self, fields: &[Field], schema: Option<NodeId>, depth: usize) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        for field in fields {
            let node = schema.and_then(|node| self.property(node, &field.wire, MAX_BRANCHES));
            let wanted = field.required || depth < OPTIONAL_DEPTH || self.api.is_one_value(&field.ty);
            let value = match &field.always {
                Some(text) => Some(json!(text)),
                None if wanted => self.value(&field.ty, node, depth + 1),
                None => node.and_then(|node| self.said(self.resolved(node)?, &field.ty)),
            };
            match value {
                Some(value) => drop(members.insert(field.wire.clone(), value)),
                None if field.required => return None,
                None => {}
            }
        }
        Some(members)
    }

    /// The schema of a property, which may be in a branch of `allOf`.
    fn property(&self, schema: NodeId, name: &str, branches: usize) -> Option<NodeId> {
        let own = self.document.get(schema, "properties").and_then(|node| self.document.get(node, name));
        let below = branches.checked_sub(1)?;
        own.or_else(|| {
            let branches = self.document.get(schema, "allOf").map_or(&[][..], |node| self.document.array(node));
            branches.iter().find_map(|branch| self.property(self.resolved(*branch)?, name, below))
        })
    }

    fn number(&self, schema: NodeId, key: &str) -> Option<Number> {
        match self.document.value(self.document.get(schema, key)?, &mut 1)? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn text(&self, schema: Option<NodeId>) -> &'static str {
        match schema.and_then(|node| self.document.str_at(node, "format")).unwrap_or_default() {
            "date-time" => "2024-01-01T12:00:00Z",
            "date" => "2024-01-01",
            "time" => "12:00:00Z",
            "duration" => "PT1H",
            "email" | "idn-email" => "ada@example.com",
            "uri" | "url" | "iri" | "uri-reference" => "https://example.com/",
            "hostname" | "idn-hostname" => "example.com",
            "ipv4" => "192.0.2.1",
            "ipv6" => "2001:db8::1",
            "uuid" => "00000000-0000-4000-8000-000000000001",
            "byte" => "dGV4dA==",
            _ => "text",
        }
    }

    fn resolved(&self, node: NodeId) -> Option<NodeId> {
        self.document.resolve(node, |_, _| {}).ok()
    }
}
