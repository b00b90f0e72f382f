//! The generator's own picture of an API: types, operations, names.
//!
//! Everything is decided here (names are unique, recursion is boxed,
//! directions are known) before the first token exists. It is plain data: it
//! knows the wire names and the Rust names, and nothing of OpenAPI's keywords.

mod access;
mod answers;
mod bodies;
mod build;
mod builder;
mod combine;
mod errors;
mod family;
mod media;
pub(crate) mod name;
pub(crate) mod operation;
mod recursion;
mod scalar;
mod schema;
mod sides;
mod sizes;
mod status;
mod union;

pub(crate) use access::{Security, Server, ServerUrl, ServerVariable};
pub(crate) use build::build;

pub(crate) use crate::normalise::{Place, Requirement, SchemeKind, Status, Style};
pub(crate) use crate::settings::Dates;

/// A whole API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) title: String,
    pub(crate) version: String,
    /// Sorted by module name; each has at least one operation.
    pub(crate) groups: Vec<Group>,
    pub(crate) types: Vec<TypeDef>,
    /// In the order of the document.
    pub(crate) operations: Vec<Operation>,
    pub(crate) dates: Dates,
    pub(crate) security: Option<Security>,
    pub(crate) servers: Vec<Server>,
}

/// Operations that share a module. OpenAPI calls this a tag.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) description: String,
}

/// A type of [`Api::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) usize);

/// What a value is in Rust.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Bool,
    I32,
    I64,
    U32,
    U64,
    F64,
    String,
    /// Text in a format, kept as it was written.
    Text(TextFormat),
    /// The body as it came.
    Bytes,
    /// A file in a body of several parts.
    File,
    /// Nothing: an empty body.
    Unit,
    /// JSON that the document does not describe, or that cannot be expressed.
    Json,
    List(Box<Type>),
    /// An array with exactly these elements.
    Tuple(Vec<Type>),
    Map(Box<Type>),
    Named(TypeId),
    /// A type that would contain itself, or that is much larger than what could stand in its place.
    Boxed(Box<Type>),
    /// The value or `null`.
    Nullable(Box<Type>),
}

/// What a text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFormat {
    DateTime,
    Date,
    Uuid,
    Base64,
}

/// A type that the generated code declares.
#[derive(Debug)]
pub(crate) struct TypeDef {
    /// In Rust.
    pub(crate) name: String,
    /// In the document, if it has a name there.
    pub(crate) schema: Option<String>,
    pub(crate) doc: String,
    pub(crate) deprecated: bool,
    pub(crate) kind: TypeKind,
    /// It is part of a request.
    pub(crate) sent: bool,
    /// It is part of a response.
    pub(crate) received: bool,
}

#[derive(Debug)]
pub(crate) enum TypeKind {
    Struct {
        fields: Vec<Field>,
        additional: Option<Type>,
    },
    StringEnum(Vec<EnumVariant<String>>),
    IntegerEnum(Vec<EnumVariant<i64>>),
    /// The value of one property tells which variant it is.
    TaggedUnion {
        property: String,
        variants: Vec<TaggedVariant>,
    },
    /// The shape tells which variant it is.
    UntaggedUnion(Vec<UnionVariant>),
    /// The status of the response tells which variant it is.
    ByStatus {
        variants: Vec<StatusVariant>,
        /// There is one more variant, for statuses that the document does not name.
        open: bool,
    },
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) wire: String,
    pub(crate) doc: String,
    pub(crate) ty: Type,
    /// The wire always has it.
    pub(crate) required: bool,
    /// The one text that it can have.
    pub(crate) always: Option<String>,
    /// What the server takes when it is left out, as JSON.
    pub(crate) default: Option<String>,
    pub(crate) deprecated: bool,
}

#[derive(Debug)]
pub(crate) struct EnumVariant<T> {
    pub(crate) name: String,
    pub(crate) value: T,
}

#[derive(Debug)]
pub(crate) struct TaggedVariant {
    pub(crate) name: String,
    /// At least one; the first is the one that is written.
    pub(crate) values: Vec<String>,
    pub(crate) ty: Type,
}

#[derive(Debug)]
pub(crate) struct UnionVariant {
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// The keys of its object, by which variants are told apart; some always have the same text.
    pub(crate) keys: Vec<(String, Option<String>)>,
}

/// A response of an operation that has several.
#[derive(Debug)]
pub(crate) struct StatusVariant {
    pub(crate) name: String,
    /// As a pattern: `404`, `400..=499` or `_`.
    pub(crate) statuses: String,
    /// A single status before its range, and `default` last.
    pub(crate) rank: (u8, u16),
    pub(crate) doc: String,
    /// `None` for an empty one.
    pub(crate) ty: Option<Type>,
    pub(crate) decoding: Decoding,
}

/// An operation that a function will stand for.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The document's id, or `METHOD /path` where it has none.
    pub(crate) id: String,
    /// Index into [`Api::groups`].
    pub(crate) group: usize,
    pub(crate) function: String,
    /// In capitals.
    pub(crate) method: &'static str,
    pub(crate) path: String,
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
    /// The media types to ask for, where they are not the usual ones.
    pub(crate) accept: Option<String>,
    /// Other media types in which the response can be asked for, and how those are read.
    pub(crate) other_responses: Vec<(String, Decoding)>,
    pub(crate) errors: Vec<ErrorBody>,
    /// The enum of all errors, where there are several types of them.
    pub(crate) several_errors: Option<Type>,
    /// Who may call it, where it is not as usual.
    pub(crate) security: Option<Requirement>,
    /// Where it is served, when not with the others.
    pub(crate) server: Option<String>,
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
    Bytes,
    /// There is none.
    Empty,
}

/// What the server says when it refuses.
#[derive(Debug)]
pub(crate) struct ErrorBody {
    pub(crate) status: Status,
    pub(crate) description: String,
    pub(crate) ty: Option<Type>,
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

    /// Every parameter of an operation.
    pub(crate) fn parameters<'a>(&self, operation: &'a Operation) -> impl Iterator<Item = &'a Parameter> {
        operation.arguments.iter().chain(operation.params.iter().flat_map(|params| &params.parameters))
    }
}

impl Type {
    /// The type without boxes and `null` around it.
    pub(crate) fn inner(&self) -> &Type {
        match self {
            Type::Boxed(ty) | Type::Nullable(ty) => ty.inner(),
            ty => ty,
        }
    }

    /// The element type of a list, the value type of a map.
    pub(crate) fn element(&self) -> Option<&Type> {
        match self.inner() {
            Type::List(ty) | Type::Map(ty) => Some(ty),
            _ => None,
        }
    }

    /// The types that it is made of: elements, and what is boxed or nullable.
    pub(crate) fn parts(&self) -> &[Type] {
        match self {
            Type::List(ty) | Type::Map(ty) | Type::Boxed(ty) | Type::Nullable(ty) => std::slice::from_ref(ty),
            Type::Tuple(types) => types,
            _ => &[],
        }
    }

    /// Collects the declared types that it mentions.
    pub(crate) fn named(&self, into: &mut Vec<TypeId>) {
        if let Type::Named(id) = self {
            into.push(*id);
        }
        self.parts().iter().for_each(|part| part.named(into));
    }

    pub(crate) fn is_nullable(&self) -> bool {
        match self {
            Type::Boxed(ty) => ty.is_nullable(),
            Type::Nullable(_) => true,
            _ => false,
        }
    }

    pub(crate) fn nullable(self) -> Type {
        match self {
            Type::Nullable(_) | Type::Json | Type::Unit => self,
            ty => Type::Nullable(Box::new(ty)),
        }
    }

    /// Whether it is one number, text or truth value.
    pub(crate) fn is_scalar(&self) -> bool {
        self.is_number() || matches!(self.inner(), Type::Bool | Type::String | Type::Text(_))
    }

    /// Whether it is text of any kind but an enum's.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.inner(), Type::String | Type::Text(_))
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self.inner(), Type::I32 | Type::I64 | Type::U32 | Type::U64 | Type::F64)
    }
}
