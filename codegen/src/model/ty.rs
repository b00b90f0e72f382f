//! Types: what values are in Rust, and what the generated code declares for them.

use super::Decoding;

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
    /// An element of a list or map that keeps its identity while a refetch does not change it.
    Shared(Box<Type>),
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
    /// What is inside it is named after this: its name without what tells it from its like.
    pub(crate) stem: String,
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

impl Type {
    /// The type without boxes, handles and `null` around it.
    pub(crate) fn inner(&self) -> &Type {
        match self {
            Type::Boxed(ty) | Type::Nullable(ty) | Type::Shared(ty) => ty.inner(),
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
            Type::List(ty) | Type::Map(ty) | Type::Boxed(ty) | Type::Nullable(ty) | Type::Shared(ty) => {
                std::slice::from_ref(ty)
            }
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
