//! The generator's own picture of an API: types, operations, names.
//!
//! Everything is decided here (names are unique, recursion is boxed,
//! directions are known) before the first token exists. It is plain data: it
//! knows the wire names and the Rust names, and nothing of OpenAPI's keywords.

mod access;
mod alike;
mod answers;
mod bodies;
mod build;
mod builder;
mod called;
mod combine;
mod errors;
mod events;
mod family;
mod headers;
mod media;
pub(crate) mod name;
pub(crate) mod operation;
pub(crate) mod overrides;
mod recursion;
mod scalar;
mod schema;
mod sharing;
mod sides;
mod sizes;
mod status;
mod ty;
mod union;
mod uses;

pub(crate) use access::{Scheme, Security, Server, ServerUrl, ServerVariable, TokenFlow};
pub(crate) use build::{build, directions, survey};
pub(crate) use errors::trim_errors;
pub(crate) use sides::Side;
pub(crate) use ty::{
    EnumVariant, Field, StatusVariant, TaggedVariant, TextFormat, Type, TypeDef, TypeId, TypeKind, UnionVariant,
};
pub(crate) use uses::Coverage;

use crate::load::NodeId;
pub(crate) use crate::normalise::{Grant, Place, Requirement, SchemeKind, Status, Style};
pub(crate) use crate::settings::Dates;

/// A whole API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) title: String,
    pub(crate) version: String,
    /// Sorted by module name; each has at least one operation.
    pub(crate) groups: Vec<Group>,
    pub(crate) types: Vec<TypeDef>,
    /// Those of all responses.
    pub(crate) headers: Vec<Header>,
    /// In the order of the document.
    pub(crate) operations: Vec<Operation>,
    pub(crate) dates: Dates,
    pub(crate) coverage: Coverage,
    /// What every schema that was read became, in no order.
    pub(crate) schemas: Vec<SchemaType>,
    pub(crate) security: Option<Security>,
    pub(crate) servers: Vec<Server>,
    pub(crate) declared: overrides::Declared,
}

/// A schema and the type it became.
#[derive(Debug)]
pub(crate) struct SchemaType {
    pub(crate) node: NodeId,
    /// The direction, where it makes a difference.
    pub(crate) side: Option<Side>,
    pub(crate) ty: Type,
}

/// Operations that share a module. OpenAPI calls this a tag.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) description: String,
}

/// An operation that a function will stand for.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The document's id, or `METHOD /path` where it has none.
    pub(crate) id: String,
    /// Index into [`Api::groups`].
    pub(crate) group: usize,
    pub(crate) function: String,
    /// What the names of its types begin with.
    pub(crate) stem: String,
    /// In capitals.
    pub(crate) method: String,
    pub(crate) path: String,
    /// The path as the document writes it.
    pub(crate) written: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) deprecated: bool,
    /// Positional: the path's in the order of the template, then what else is required.
    pub(crate) arguments: Vec<Parameter>,
    /// The rest, in a struct of their own.
    pub(crate) params: Option<Params>,
    pub(crate) body: Option<Body>,
    pub(crate) response: Type,
    pub(crate) decoding: Decoding,
    /// A success, for an example of one.
    pub(crate) sample: Option<Sample>,
    /// The names of a success's headers, in small letters.
    pub(crate) response_headers: Vec<String>,
    /// The headers of all of its responses: indices into [`Api::headers`].
    pub(crate) headers: Vec<usize>,
    /// What each event brings, where the response can be a stream of events.
    pub(crate) events: Option<Type>,
    /// The media types to ask for, where they are not the usual ones.
    pub(crate) accept: Option<String>,
    /// Other media types in which the response can be asked for, and how those are read.
    pub(crate) other_responses: Vec<(String, Decoding)>,
    pub(crate) errors: Vec<ErrorBody>,
    /// The enum of all errors, where there are any.
    pub(crate) error_enum: Option<Type>,
    /// Who may call it, where it is not as usual.
    pub(crate) security: Option<Requirement>,
    /// Where it is served, when not with the others.
    pub(crate) server: Option<String>,
    /// What people say of its tags.
    pub(crate) overrides: overrides::Overrides,
}

/// The struct of optional parameters of one operation.
#[derive(Debug)]
pub(crate) struct Params {
    pub(crate) name: String,
    pub(crate) parameters: Vec<Parameter>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) wire: String,
    pub(crate) place: Place,
    pub(crate) style: Style,
    /// Reserved characters stay as they are.
    pub(crate) reserved: bool,
    pub(crate) ty: Type,
    pub(crate) required: bool,
    /// A header of which the runtime makes the value, where none is given.
    pub(crate) is_idempotency_key: bool,
    pub(crate) deprecated: bool,
    pub(crate) doc: String,
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) ty: Type,
    pub(crate) encoding: Encoding,
    /// Its content type, where it is not the encoding's usual one.
    pub(crate) content_type: Option<String>,
    /// Other content types that it can go by.
    pub(crate) others: Vec<String>,
    pub(crate) required: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Encoding {
    Json,
    JsonLines,
    Form(FormStyles),
    /// With the parts that have a content type of their own.
    Multipart(Vec<(String, String)>),
    Text,
    Bytes,
}

/// How the fields of a form are written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FormStyles {
    /// As a query string's parameters are.
    Usual,
    /// All in one style.
    All(Style),
    /// Some in a style of their own.
    Some(Vec<(String, Style)>),
}

/// How the body of a success is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoding {
    Json,
    JsonLines,
    /// As the status says.
    ByStatus,
    Text,
    /// Server-sent events: see [`Operation::events`].
    Events,
    Bytes,
    /// There is none.
    Empty,
    /// Something that the document does not describe.
    Undescribed,
}

/// One of the successes of an operation, and where the document shows what it can be.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) ty: Type,
    pub(crate) decoding: Decoding,
    pub(crate) schema: Option<NodeId>,
    /// As the document writes them, valid or not.
    pub(crate) examples: Vec<NodeId>,
}

/// A header of responses.
#[derive(Debug)]
pub(crate) struct Header {
    /// The name of its constant.
    pub(crate) name: String,
    pub(crate) wire: String,
    pub(crate) ty: Type,
    /// The value is written as JSON.
    pub(crate) is_json: bool,
    pub(crate) doc: String,
    pub(crate) deprecated: bool,
}

/// What the server says when it refuses.
#[derive(Debug)]
pub(crate) struct ErrorBody {
    pub(crate) status: Status,
    pub(crate) description: String,
    /// `None` for an empty one.
    pub(crate) ty: Option<Type>,
    pub(crate) decoding: Decoding,
}

impl Api {
    pub(crate) fn def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// The fields of a struct, seen through boxes and `null`.
    pub(crate) fn fields(&self, ty: &Type) -> &[Field] {
        match ty.inner() {
            Type::Named(id) => match &self.def(*id).kind {
                TypeKind::Struct { fields, .. } => fields,
                _ => &[],
            },
            _ => &[],
        }
    }

    /// The types that a declared type is made of.
    pub(crate) fn parts(&self, id: TypeId) -> impl Iterator<Item = &Type> {
        recursion::parts(&self.def(id).kind)
    }

    /// The declared types that are mentioned in `open`, and in those, and so on.
    pub(crate) fn reach(&self, mut open: Vec<TypeId>) -> Vec<TypeId> {
        let mut seen = vec![false; self.types.len()];
        let mut reached = Vec::new();
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id.0], true) {
                continue;
            }
            reached.push(id);
            recursion::parts(&self.def(id).kind).for_each(|ty| ty.named(&mut open));
        }
        reached
    }

    /// Whether it is one number, text or truth value, of any kind.
    pub(crate) fn is_one_value(&self, ty: &Type) -> bool {
        let is_enum = |id: TypeId| matches!(self.def(id).kind, TypeKind::StringEnum(_) | TypeKind::IntegerEnum(_));
        ty.is_scalar() || matches!(ty.inner(), Type::Named(id) if is_enum(*id))
    }

    /// Every parameter of an operation.
    pub(crate) fn parameters<'a>(&self, operation: &'a Operation) -> impl Iterator<Item = &'a Parameter> {
        operation.arguments.iter().chain(operation.params.iter().flat_map(|params| &params.parameters))
    }
}
