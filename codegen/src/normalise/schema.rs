//! One schema, in the terms of OpenAPI 3.0, its children as nodes.

use indexmap::IndexMap;
use openapiv3::{AdditionalProperties, AnySchema, ReferenceOr, SchemaData};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Spec;
use crate::diagnostic::Diagnostic;
use crate::load::{Kind, NodeId};
use crate::pointer::escape;
use crate::problem_kind::ProblemKind;

/// Defaults and enumerations larger than this are not looked at.
const VALUE_BUDGET: usize = 10_000;

/// A type of JSON, as the `type` keyword names them; `null` is [`Schema::nullable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonType {
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// What an object may hold beside its named properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Additional {
    /// The schema does not say, so anything that is found there is ignored.
    Unsaid,
    /// Anything, and the schema says so.
    Anything,
    /// Nothing.
    Nothing,
    /// Values of one schema.
    Of(NodeId),
}

/// Which property tells the variants of a union apart, and by which values.
#[derive(Clone, Debug)]
pub(crate) struct Discriminator {
    pub(crate) property: String,
    /// Value to variant, as far as the document spells it out.
    pub(crate) mapping: Vec<(String, NodeId)>,
}

/// One schema without its children.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(crate) at: NodeId,
    /// Another schema that this one stands for; then only the notes beside it count.
    pub(crate) reference: Option<NodeId>,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) nullable: bool,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    pub(crate) deprecated: bool,
    /// The types it may have; empty when the schema does not say.
    pub(crate) types: Vec<JsonType>,
    pub(crate) format: Option<String>,
    pub(crate) enumeration: Vec<Value>,
    pub(crate) properties: IndexMap<String, NodeId>,
    pub(crate) required: Vec<String>,
    pub(crate) additional: Additional,
    pub(crate) items: Option<NodeId>,
    /// The elements of an array that has exactly these.
    pub(crate) tuple: Vec<NodeId>,
    /// It allows whole numbers that only 64 bits without a sign can hold.
    pub(crate) unsigned: bool,
    /// What the server takes when the value is left out.
    pub(crate) default: Option<Value>,
    pub(crate) one_of: Vec<NodeId>,
    pub(crate) any_of: Vec<NodeId>,
    pub(crate) all_of: Vec<NodeId>,
    pub(crate) discriminator: Option<Discriminator>,
}

/// What `openapiv3` reads of one schema.
#[derive(Deserialize)]
struct Piece {
    #[serde(flatten)]
    data: SchemaData,
    #[serde(flatten)]
    schema: AnySchema,
}

impl Spec<'_> {
    /// Reads the schema at `node`.
    ///
    /// # Errors
    /// When what stands there is no schema, or refers to nothing.
    pub(crate) fn schema(&self, node: NodeId) -> Result<Schema, Diagnostic> {
        let members = match self.document.kind(node) {
            Kind::Object(members) => members,
            // 3.1: `true` allows anything; nothing is ever valid against `false`.
            Kind::Bool(_) => return Ok(Schema::anything(node)),
            _ => {
                return Err(Diagnostic::warning("expected a schema here")
                    .kind(ProblemKind::UnreadableSchema)
                    .at(self.document.span(node))
                    .help("it is treated as a schema that allows anything"));
            }
        };
        let reference = self.target(node)?;
        let (types, null) = self.types(node);
        let mut nullable = null;
        let mut piece = Map::new();
        for (key, child) in members {
            if let Some(value) = self.keyword(key, *child, &mut nullable) {
                piece.insert(key.clone(), value);
            }
        }
        if let Some(value) = self.document.get(node, "const").and_then(|at| self.small_value(at)) {
            piece.insert("enum".to_owned(), json!([value]));
        }
        let piece: Piece = serde_json::from_value(Value::Object(piece)).map_err(|error| {
            Diagnostic::warning(format!("this schema cannot be read: {error}"))
                .kind(ProblemKind::UnreadableSchema)
                .at(self.document.span(node))
                .help("it is treated as a schema that allows anything")
        })?;
        nullable |= piece.data.nullable;
        Ok(self.assemble(node, reference, types, nullable, piece))
    }

    fn assemble(
        &self,
        at: NodeId,
        reference: Option<NodeId>,
        types: Vec<JsonType>,
        mut nullable: bool,
        Piece { data, schema }: Piece,
    ) -> Schema {
        let mut enumeration = schema.enumeration;
        if enumeration.contains(&Value::Null) {
            enumeration.retain(|value| !value.is_null());
            nullable = true;
        }
        let by_pattern = self.by_pattern(at);
        let additional = match schema.additional_properties {
            None => by_pattern.unwrap_or(Additional::Unsaid),
            Some(AdditionalProperties::Any(true)) => Additional::Anything,
            Some(AdditionalProperties::Any(false)) => by_pattern.unwrap_or(Additional::Nothing),
            Some(AdditionalProperties::Schema(schema)) => node(&schema).map_or(Additional::Anything, Additional::Of),
        };
        let nodes = |schemas: &[ReferenceOr<openapiv3::Schema>]| schemas.iter().filter_map(node).collect();
        let properties = schema.properties.iter().filter_map(|(name, schema)| Some((name.clone(), node(schema)?)));
        let discriminator = data.discriminator.map(|discriminator| Discriminator {
            property: discriminator.property_name,
            mapping: discriminator
                .mapping
                .iter()
                .filter_map(|(value, target)| {
                    let mapping = self.document.get(self.document.get(at, "discriminator")?, "mapping")?;
                    Some((value.clone(), self.mapped(self.document.get(mapping, value)?, target)?))
                })
                .collect(),
        });
        Schema {
            at,
            reference,
            title: data.title,
            description: data.description,
            nullable,
            read_only: data.read_only,
            write_only: data.write_only,
            deprecated: data.deprecated,
            types,
            format: schema.format.or_else(|| self.encoded(at)),
            enumeration,
            properties: properties.collect(),
            required: schema.required,
            additional,
            items: schema.items.as_ref().and_then(node),
            tuple: self.tuple(at),
            unsigned: self.unsigned(at),
            default: self.document.get(at, "default").and_then(|at| self.small_value(at)),
            one_of: nodes(&schema.one_of),
            any_of: nodes(&schema.any_of),
            all_of: nodes(&schema.all_of),
            discriminator,
        }
    }

    /// What `patternProperties` allow, if there are any.
    fn by_pattern(&self, at: NodeId) -> Option<Additional> {
        let mut patterns = self.document.members(at, "patternProperties").map(|(_, node)| node);
        let first = patterns.next()?;
        Some(if patterns.next().is_none() { Additional::Of(first) } else { Additional::Anything })
    }

    /// The elements of `prefixItems`, when an array has all of them and no more.
    fn tuple(&self, at: NodeId) -> Vec<NodeId> {
        let Some(elements) = self.document.get(at, "prefixItems").map(|list| self.document.array(list)) else {
            return Vec::new();
        };
        let count = |key| match self.document.get(at, key).map(|at| self.document.kind(at)) {
            Some(Kind::Number(count)) => count.as_u64(),
            _ => None,
        };
        let length = u64::try_from(elements.len()).ok();
        let closed = matches!(self.document.get(at, "items").map(|at| self.document.kind(at)), Some(Kind::Bool(false)));
        let fixed = count("minItems") == length && (closed || count("maxItems") == length);
        if fixed { elements.to_vec() } else { Vec::new() }
    }

    /// 3.1 says by `contentEncoding` what 3.0 says by a format.
    fn encoded(&self, at: NodeId) -> Option<String> {
        // 2.0 has a type of its own for files.
        if self.document.str_at(at, "type") == Some("file") {
            return Some("binary".to_owned());
        }
        let Some(encoding) = self.document.str_at(at, "contentEncoding") else {
            let media = self.document.str_at(at, "contentMediaType")?.to_ascii_lowercase();
            let text = media.starts_with("text/") || media.contains("json") || media.contains("xml");
            return (!text && self.document.get(at, "format").is_none()).then(|| "binary".to_owned());
        };
        let base64 = encoding.eq_ignore_ascii_case("base64") || encoding.eq_ignore_ascii_case("base64url");
        base64.then(|| "byte".to_owned())
    }

    fn unsigned(&self, at: NodeId) -> bool {
        let beyond = |key| match self.document.get(at, key).map(|at| self.document.kind(at)) {
            Some(Kind::Number(limit)) => {
                limit.as_i64().is_none() && limit.as_f64().is_some_and(|limit| (9.2e18..=1.9e19).contains(&limit))
            }
            _ => false,
        };
        ["maximum", "exclusiveMaximum", "default", "example"].into_iter().any(beyond)
    }

    /// A discriminator's mapping names a schema by its bare name or by reference.
    fn mapped(&self, at: NodeId, target: &str) -> Option<NodeId> {
        let root = self.document.root();
        let component = |name: &str| {
            let name = escape(name);
            self.document.pointer(root, &format!("/components/schemas/{name}"))
        };
        let named = |target: &str| self.document.named(at, target).map(|named| named.node).ok();
        // Some documents name a file of which a component is left.
        let last = target.rsplit(['/', '#']).next().unwrap_or(target);
        let last = last.split('.').next().unwrap_or(last);
        let found = component(target).or_else(|| named(target)).or_else(|| component(last));
        if found.is_none() {
            let message = format!("`{target}` names no schema");
            self.warn_of(
                ProblemKind::Discriminator,
                at,
                message,
                "the value that is mapped to it is read as one that nobody knows; correct the name",
            );
        }
        found.map(|found| self.resolve(found).unwrap_or(found))
    }

    /// The `type` keyword: one name (3.0) or several (3.1), and whether `null` is among them.
    fn types(&self, node: NodeId) -> (Vec<JsonType>, bool) {
        let Some(at) = self.document.get(node, "type") else { return (Vec::new(), false) };
        let mut names: Vec<&str> = self.document.str(at).into_iter().collect();
        names.extend(self.document.array(at).iter().filter_map(|name| self.document.str(*name)));
        let mut types = Vec::new();
        let mut null = false;
        for name in names {
            match name {
                "null" => null = true,
                "boolean" => types.push(JsonType::Boolean),
                "integer" => types.push(JsonType::Integer),
                "number" => types.push(JsonType::Number),
                "string" | "file" => types.push(JsonType::String),
                "array" => types.push(JsonType::Array),
                "object" => types.push(JsonType::Object),
                other => self.warn_of(
                    ProblemKind::UnreadableSchema,
                    at,
                    format!("`{other}` is no type of JSON"),
                    "it is read as if no type were given; did you mean `string`, or a `$ref`?",
                ),
            }
        }
        (types, null)
    }

    /// One keyword in the form of 3.0 with children as references; `None` for
    /// what generated code does not depend on.
    fn keyword(&self, key: &str, child: NodeId, nullable: &mut bool) -> Option<Value> {
        let kind = self.document.kind(child);
        match (key, kind) {
            ("title" | "description" | "format", Kind::String(text)) => Some(json!(text)),
            // How documents of 2.0 say it.
            ("x-nullable", Kind::Bool(flag)) => {
                *nullable |= flag;
                None
            }
            ("nullable" | "readOnly" | "writeOnly" | "deprecated", Kind::Bool(flag)) => Some(json!(flag)),
            ("enum", Kind::Array(_)) => self.small_value(child),
            ("required", Kind::Array(names)) => {
                Some(names.iter().filter_map(|name| self.document.str(*name)).collect::<Vec<_>>().into())
            }
            ("properties", Kind::Object(properties)) => {
                let properties = properties.iter().map(|(name, node)| (name.clone(), reference(*node)));
                Some(Value::Object(properties.collect()))
            }
            ("items", Kind::Object(_)) | ("additionalProperties", Kind::Object(_)) => Some(reference(child)),
            ("additionalProperties", Kind::Bool(flag)) => Some(json!(flag)),
            ("allOf" | "oneOf" | "anyOf", Kind::Array(variants)) => {
                let rest = variants.iter().copied().filter(|node| !self.is_null(*node));
                let rest: Vec<Value> = rest.map(reference).collect();
                *nullable |= rest.len() < variants.len();
                Some(rest.into())
            }
            ("discriminator", Kind::Object(_)) => {
                let property = self.document.str_at(child, "propertyName")?;
                let mapping = self.document.members(child, "mapping");
                let mapping: Map<String, Value> = mapping
                    .filter_map(|(value, target)| Some((value.to_owned(), json!(self.document.str(target)?))))
                    .collect();
                Some(json!({ "propertyName": property, "mapping": mapping }))
            }
            ("enum" | "properties" | "allOf" | "oneOf" | "anyOf", _) => {
                self.warn(
                    child,
                    format!("`{key}` does not hold what it should"),
                    "it is ignored; an array belongs to `enum`, `allOf`, `oneOf` and `anyOf`, an object to `properties`",
                );
                None
            }
            _ => None,
        }
    }

    /// Whether a schema allows `null` alone.
    fn is_null(&self, node: NodeId) -> bool {
        let only_null = |at: NodeId| match self.document.kind(at) {
            Kind::Array(values) => values.len() == 1 && matches!(self.document.kind(values[0]), Kind::Null),
            Kind::Null => true,
            _ => false,
        };
        self.document.str_at(node, "type") == Some("null")
            || self.document.get(node, "enum").is_some_and(only_null)
            || self.document.get(node, "const").is_some_and(only_null)
    }

    fn small_value(&self, node: NodeId) -> Option<Value> {
        for at in std::iter::once(&node).chain(self.document.array(node)) {
            if let Some(written) = self.document.inexact.get(at) {
                let message = format!("`{written}` has more digits than a number of JSON keeps");
                self.warn(*at, message, "the nearest number is taken; write it as text if each digit counts");
            }
        }
        self.document.value(node, &mut VALUE_BUDGET.clone())
    }
}

impl Schema {
    /// The schema that allows anything.
    pub(crate) fn anything(at: NodeId) -> Schema {
        Schema {
            at,
            reference: None,
            title: None,
            description: None,
            nullable: false,
            read_only: false,
            write_only: false,
            deprecated: false,
            types: Vec::new(),
            format: None,
            enumeration: Vec::new(),
            properties: IndexMap::new(),
            required: Vec::new(),
            additional: Additional::Unsaid,
            items: None,
            tuple: Vec::new(),
            unsigned: false,
            default: None,
            one_of: Vec::new(),
            any_of: Vec::new(),
            all_of: Vec::new(),
            discriminator: None,
        }
    }
}

fn reference(node: NodeId) -> Value {
    json!({ "$ref": node.to_ref() })
}

fn node<T>(schema: &ReferenceOr<T>) -> Option<NodeId> {
    match schema {
        ReferenceOr::Reference { reference } => NodeId::from_ref(reference),
        ReferenceOr::Item(_) => None,
    }
}
