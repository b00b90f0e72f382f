//! From a schema to a type.

use serde_json::Value;

use super::builder::{Builder, Known, MAX_DEPTH};
use super::name::{self, Scope};
use super::sides::Side;
use super::uses::UNTYPED;
use super::{Field, Type, TypeId, TypeKind, UnionVariant};
use crate::load::NodeId;
use crate::normalise::{Additional, JsonType, Schema};
use crate::problem_kind::ProblemKind;

impl Builder<'_, '_> {
    /// The type of the schema at `node`; [`ty`](Self::ty) counts it as one use, too.
    pub(super) fn lowered(&mut self, node: NodeId, hint: &str, side: Side) -> Type {
        let key = (node, self.relevant(node, side));
        match self.known.get(&key) {
            Some(Known::Done(ty)) => return ty.clone(),
            Some(Known::Open) => return self.promise(node, hint, side),
            None => {}
        }
        let schema = match self.spec.schema(node) {
            Ok(schema) => schema,
            Err(problem) => {
                self.spec.report(problem);
                self.known.insert(key, Known::Done(Type::Json));
                return Type::Json;
            }
        };
        self.known.insert(key, Known::Open);
        // What is inside a schema with a name is named after it, wherever it is met first.
        let own = self.own_name(node);
        let hint = own.as_deref().unwrap_or(hint);
        self.depth += 1;
        let ty = match schema.reference {
            _ if self.depth > MAX_DEPTH => self.untyped(&schema, "it is nested too deep"),
            Some(target) => self.lowered(target, hint, side),
            None => self.fresh(&schema, hint, side),
        };
        self.depth -= 1;
        let ty = self.keep_promise(key, ty);
        let ty = if schema.nullable { ty.nullable() } else { ty };
        self.known.insert(key, Known::Done(ty.clone()));
        ty
    }

    /// A schema that is met again while it is being lowered gets a declared
    /// type at once: only a type with a name can hold itself.
    fn promise(&mut self, node: NodeId, hint: &str, side: Side) -> Type {
        let key = (node, self.relevant(node, side));
        let schema = self.spec.schema(node).unwrap_or_else(|_| Schema::anything(node));
        let id = self.add(&schema, hint, side);
        self.promised.insert(key, id);
        self.known.insert(key, Known::Done(Type::Named(id)));
        Type::Named(id)
    }

    /// Makes sure that a promised type is what the schema turned out to be.
    fn keep_promise(&mut self, key: (NodeId, Option<Side>), ty: Type) -> Type {
        let Some(id) = self.promised.remove(&key) else { return ty };
        if ty == Type::Named(id) {
            let help = "it is read as an object of untyped JSON";
            self.spec.warn_of(ProblemKind::UntypedSchema, key.0, "this schema is nothing but itself", help);
            self.types[id.0].kind = TypeKind::Struct { fields: Vec::new(), additional: Some(Type::Json) };
        } else {
            // Such as a list of itself: an enum with one variant can be that.
            let variant = UnionVariant { name: self.shape_name(&ty), keys: self.keys(&ty), ty };
            self.types[id.0].kind = TypeKind::UntaggedUnion(vec![variant]);
        }
        Type::Named(id)
    }

    fn fresh(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        if !schema.all_of.is_empty() || self.is_union(schema) {
            return self.combined(schema, hint, side);
        }
        if let Some(ty) = self.family(schema, hint, side) {
            return ty;
        }
        self.plain(schema, hint, side)
    }

    /// A schema without composition.
    pub(super) fn plain(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        let types = if schema.types.is_empty() { implied(schema) } else { schema.types.clone() };
        match types.as_slice() {
            [] => Type::Json,
            [ty] => self.single(*ty, schema, hint, side),
            several => {
                let types = several.iter().map(|ty| self.one_of_several(*ty, schema, hint, side)).collect();
                self.untagged(schema, types, hint, side)
            }
        }
    }

    /// What a schema of several types is when it is of this one. The schema's own name is for all of them together.
    fn one_of_several(&mut self, ty: JsonType, schema: &Schema, hint: &str, side: Side) -> Type {
        let listed = schema.enumeration.iter().filter(|value| is_of(value, ty)).cloned().collect();
        let schema = Schema { enumeration: listed, ..schema.clone() };
        self.inner = match ty {
            JsonType::Object if !schema.properties.is_empty() => Some(format!("{hint}Object")),
            JsonType::String if !schema.enumeration.is_empty() => Some(format!("{hint}Text")),
            JsonType::Integer if !schema.enumeration.is_empty() => Some(format!("{hint}Integer")),
            _ => None,
        };
        let ty = self.single(ty, &schema, hint, side);
        self.inner = None;
        ty
    }

    fn single(&mut self, ty: JsonType, schema: &Schema, hint: &str, side: Side) -> Type {
        match ty {
            JsonType::Boolean => Type::Bool,
            JsonType::Integer => self.integer(schema, hint),
            JsonType::Number => Type::F64,
            JsonType::String => self.text(schema, hint),
            JsonType::Array if !schema.tuple.is_empty() => {
                let element = |(at, node): (usize, &NodeId)| self.ty(*node, &format!("{hint}Item{}", at + 1), side);
                Type::Tuple(schema.tuple.iter().enumerate().map(element).collect())
            }
            JsonType::Array => {
                let hint = format!("{hint}Item");
                let items = schema.items.map_or(Type::Json, |items| self.ty(items, &hint, side));
                Type::List(Box::new(items))
            }
            JsonType::Object => self.object(schema, hint, side),
        }
    }

    fn object(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        if !schema.properties.is_empty() {
            return self.record(schema, hint, side);
        }
        let value = match schema.additional {
            Additional::Of(values) => self.ty(values, &format!("{hint}Value"), side),
            Additional::Unsaid | Additional::Anything | Additional::Nothing => Type::Json,
        };
        Type::Map(Box::new(value))
    }

    /// An object with named properties.
    pub(super) fn record(&mut self, schema: &Schema, hint: &str, side: Side) -> Type {
        let whole = self.inner.is_none();
        let id = self.declare(schema, hint, side);
        // Known before its fields are, so that they can hold it.
        let key = (schema.at, self.relevant(schema.at, side));
        if whole {
            self.settle(key, Type::Named(id));
        }
        self.fill(id, schema, side);
        Type::Named(id)
    }

    /// Gives a declared type the fields of `schema`.
    pub(super) fn fill(&mut self, id: TypeId, schema: &Schema, side: Side) {
        let name = self.types[id.0].stem.clone();
        let mut names = Scope::default();
        let mut fields = Vec::new();
        for (wire, node) in &schema.properties {
            if let Some(field) = self.field(schema, wire, *node, &name, side, &mut names) {
                fields.push(field);
            }
        }
        let additional = match schema.additional {
            Additional::Unsaid if self.settings.keep_unknown => Some(Type::Json),
            Additional::Unsaid | Additional::Nothing => None,
            Additional::Anything => Some(Type::Json),
            Additional::Of(values) => Some(self.ty(values, &format!("{name}Value"), side)),
        };
        self.types[id.0].kind = TypeKind::Struct { fields, additional };
    }

    fn field(
        &mut self,
        parent: &Schema,
        wire: &str,
        node: NodeId,
        owner: &str,
        side: Side,
        names: &mut Scope,
    ) -> Option<Field> {
        let notes = self.spec.schema(node).ok();
        let hidden = notes.as_ref().is_some_and(|notes| match side {
            Side::Sent => notes.read_only,
            Side::Received => notes.write_only,
        });
        if hidden {
            return None;
        }
        let hint = format!("{owner}{}", name::type_name(wire));
        let ty = self.ty(node, &hint, side);
        Some(Field {
            name: names.unique(&name::snake_name(wire)),
            wire: wire.to_owned(),
            // What a reference leads to has docs of its own.
            doc: notes.as_ref().and_then(|notes| notes.description.clone()).unwrap_or_default(),
            ty,
            required: parent.required.iter().any(|name| name == wire),
            always: self.always(node),
            default: notes.as_ref().and_then(|notes| notes.default.as_ref()).and_then(shown_default),
            deprecated: notes.is_some_and(|notes| notes.deprecated),
        })
    }

    /// Reports that a schema is read as untyped JSON although it says more.
    pub(super) fn untyped(&self, schema: &Schema, why: &str) -> Type {
        let message = format!("{UNTYPED}{why}");
        let help = "the data keeps its wire form; describe it more plainly to get a type";
        self.spec.warn_of(ProblemKind::UntypedSchema, schema.at, message, help);
        Type::Json
    }
}

/// The types that a schema without `type` must mean.
fn implied(schema: &Schema) -> Vec<JsonType> {
    if !schema.properties.is_empty() || matches!(schema.additional, Additional::Of(_)) {
        return vec![JsonType::Object];
    }
    if schema.items.is_some() || !schema.tuple.is_empty() {
        return vec![JsonType::Array];
    }
    use JsonType::{Array, Boolean, Integer, Number, Object, String};
    let types = [Boolean, Integer, Number, String, Array, Object];
    let mut listed: Vec<JsonType> =
        types.into_iter().filter(|ty| schema.enumeration.iter().any(|value| is_of(value, *ty))).collect();
    if listed.contains(&Number) {
        listed.retain(|ty| *ty != Integer);
    }
    listed
}

fn is_of(value: &Value, ty: JsonType) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) => ty == JsonType::Boolean,
        Value::Number(number) if number.is_i64() || number.is_u64() => ty == JsonType::Integer,
        Value::Number(_) => ty == JsonType::Number,
        Value::String(_) => ty == JsonType::String,
        Value::Array(_) => ty == JsonType::Array,
        Value::Object(_) => ty == JsonType::Object,
    }
}

/// A default as JSON, when it is short and says something.
fn shown_default(value: &Value) -> Option<String> {
    const LONGEST: usize = 60;
    let said = match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let text = value.to_string();
    (said && text.len() <= LONGEST).then_some(text)
}

impl Schema {
    /// Whether it says anything about the shape of data.
    pub(super) fn is_structural(&self) -> bool {
        self.reference.is_some()
            || !self.types.is_empty()
            || !self.properties.is_empty()
            || !self.enumeration.is_empty()
            || !self.all_of.is_empty()
            || !self.one_of.is_empty()
            || !self.any_of.is_empty()
            || self.items.is_some()
            || !self.tuple.is_empty()
            || matches!(self.additional, Additional::Of(_))
    }

    /// What people are told about it under the name `name`.
    pub(super) fn doc(&self, name: &str) -> String {
        let title = self.title.clone().filter(|title| !name.ends_with(&name::type_name(title)));
        self.description.clone().or(title).unwrap_or_default()
    }
}
