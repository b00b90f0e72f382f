//! The plan: which tags every operation provides or invalidates, and why.
//!
//! It is inferred from the model of the API alone, and is plain data; its
//! JSON form is complete for a tool: given the JSON of calls and responses it
//! can compute every tag. `docs/architecture.md` tells the rules in prose.

mod answered;
mod consequence;
mod derived;
mod entity;
pub mod evaluate;
mod facts;
mod field;
mod infer;
mod joins;
mod mutation;
mod nested;
mod overrides;
mod paging;
mod path;
mod possible;
mod prune;
mod query;
mod relation;
mod sets;
mod shape;
mod spot;
mod sweep;
mod views;
mod words;
mod write;

use std::collections::BTreeMap;

pub(crate) use infer::infer;
pub(crate) use overrides::apply;
#[cfg(feature = "cli")]
pub(crate) use overrides::leads_to_a_value;
pub use paging::{Paging, PagingKind};
pub(crate) use possible::correct;
use serde::{Deserialize, Serialize};

/// The tags of a whole API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Version of this format.
    pub larder: u32,
    /// The document's title.
    pub title: String,
    /// The document's version.
    pub version: String,
    /// The kinds of things that tags name.
    pub tag_types: Vec<TagType>,
    /// Every operation, in the order of the document.
    pub operations: Vec<Operation>,
    /// Operations whose tags are a guess that somebody should look at.
    pub warnings: Vec<Warning>,
}

/// A kind of thing: an entity with its collections, or data that only floors know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TagType {
    /// Its name, unique in the plan.
    pub name: String,
    /// Paths that list or create it.
    pub collections: Vec<String>,
    /// Paths of one of it.
    pub members: Vec<String>,
    /// Schemas that show it.
    pub schemas: Vec<String>,
    /// Fields of those schemas that can be its id.
    pub id: Vec<String>,
}

/// Whether an operation's result is cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It reads, and its result is cached.
    Query,
    /// It changes the server.
    Mutation,
}

/// The tags of one operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// As in the document; `METHOD /path` where it has none.
    pub id: String,
    /// Query or mutation.
    pub kind: Kind,
    /// In capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The generated function, from the root of the generated code.
    pub function: String,
    /// Tags of a query.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provides: Vec<Tag>,
    /// Tags of a mutation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invalidates: Vec<Tag>,
    /// Entries that a mutation's response fills without a refetch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<Write>,
    /// How the pages of a query follow each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paging: Option<Paging>,
    /// A function of the result and the args that names more tags, by its path in Rust. What it names is not in here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// The reasons, for people.
    pub why: Vec<String>,
}

/// A tag with the places that its parts come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// Name of a [`TagType`].
    #[serde(rename = "type")]
    pub tag_type: String,
    /// What of that type.
    #[serde(flatten)]
    pub scope: Scope,
    /// Provided: reached only by what reaches references. Invalidated: it reaches them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reference: bool,
    /// The entity no longer exists.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// Provided, and known from the args alone: it is there before the first response.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_args: bool,
    /// From 0 to 1: how sure the inference is; 1 where a person said so.
    #[serde(default = "sure")]
    pub confidence: f32,
    /// The rule that gave it, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What of a tag type a tag names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scope {
    /// One entity.
    Id {
        /// The parts of its id.
        id: Vec<Source>,
    },
    /// A collection under constraints.
    List {
        /// Constraint name to value.
        list: BTreeMap<String, Source>,
        /// Only lists that name one of the constraints.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        filtered: bool,
    },
    /// Everything.
    Type {},
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "lowercase")]
pub enum Source {
    /// A path parameter.
    Path {
        /// Its name.
        name: String,
    },
    /// A query parameter.
    Query {
        /// Its name.
        name: String,
    },
    /// A header.
    Header {
        /// Its name.
        name: String,
    },
    /// A place in the request body.
    Body {
        /// JSON Pointer in which `*` is each element.
        pointer: String,
    },
    /// A place in the response.
    Response {
        /// JSON Pointer in which `*` is each element.
        pointer: String,
    },
    /// Always the same.
    #[serde(untagged)]
    Value {
        /// That value.
        value: String,
    },
}

/// A query whose entry a mutation's response fills.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// The query.
    pub operation: String,
    /// Its args.
    pub args: BTreeMap<String, Source>,
    /// The part of the response that is its result.
    pub pointer: String,
}

/// Something in the plan that somebody should look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Warning {
    /// The operation.
    pub operation: String,
    /// What to look at.
    pub message: String,
}

/// A tag that says nothing of its confidence is a person's.
fn sure() -> f32 {
    1.0
}

impl Tag {
    fn new(tag_type: &str, scope: Scope) -> Tag {
        let tag_type = tag_type.to_owned();
        Tag { tag_type, scope, reference: false, gone: false, from_args: false, confidence: 1.0, why: String::new() }
    }

    fn all(tag_type: &str) -> Tag {
        Tag::new(tag_type, Scope::Type {})
    }

    fn id(tag_type: &str, id: Vec<Source>) -> Tag {
        Tag::new(tag_type, Scope::Id { id })
    }

    fn list(tag_type: &str, list: BTreeMap<String, Source>) -> Tag {
        Tag::new(tag_type, Scope::List { list, filtered: false })
    }

    fn filtered(tag_type: &str, list: BTreeMap<String, Source>) -> Tag {
        Tag::new(tag_type, Scope::List { list, filtered: true })
    }

    fn reference(mut self) -> Tag {
        self.reference = true;
        self
    }

    fn gone(mut self) -> Tag {
        self.gone = true;
        self
    }

    fn sure(mut self, confidence: f32) -> Tag {
        self.confidence = confidence;
        self
    }

    fn because(mut self, why: &str) -> Tag {
        why.clone_into(&mut self.why);
        self
    }

    /// The places that its parts come from.
    pub(crate) fn sources(&self) -> Box<dyn Iterator<Item = &Source> + '_> {
        match &self.scope {
            Scope::Id { id } => Box::new(id.iter()),
            Scope::List { list, .. } => Box::new(list.values()),
            Scope::Type {} => Box::new(std::iter::empty()),
        }
    }
}

impl Source {
    fn path(name: &str) -> Source {
        Source::Path { name: name.to_owned() }
    }

    fn response(pointer: String) -> Source {
        Source::Response { pointer }
    }
}
