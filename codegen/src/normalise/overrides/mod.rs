//! What people say of operations in place of what would be inferred: `x-larder` in the document, and `larder.toml`.
//!
//! Both have the same keys and are read here alike. Whether what they name exists is for later stages to say.

mod keys;
mod paging;
mod tags;

pub(crate) use self::paging::SaidPaging;
use super::{Operation, Spec};
use crate::diagnostic::Diagnostic;
use crate::load::{Document, NodeId, Span};
use crate::problem_kind::ProblemKind;
use crate::suggest;

/// The extension of OpenAPI that holds overrides.
const EXTENSION: &str = "x-larder";

/// How alike a name is to one that is suggested for it.
const ALIKE: f32 = 0.6;

/// Something that a person said, and where.
#[derive(Clone, Debug)]
pub(crate) struct Said<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
    /// The place for people: `larder.toml:12`.
    pub(crate) place: String,
}

/// What is said of one operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// It only reads, and so is a query; or it is none.
    pub(crate) reads: Option<Said<bool>>,
    pub(crate) provides: TagOverrides,
    pub(crate) invalidates: TagOverrides,
    /// Its result is written to no entry.
    pub(crate) writes_nothing: Option<Said<()>>,
    /// How its pages follow each other; nothing within where it has none.
    pub(crate) paging: Option<Said<Option<SaidPaging>>>,
}

/// What is said of the tags that an operation provides, or invalidates.
#[derive(Clone, Debug, Default)]
pub(crate) struct TagOverrides {
    /// In place of what would be inferred.
    pub(crate) only: Option<Said<Vec<Said<SaidTag>>>>,
    /// Beside it.
    pub(crate) also: Option<Said<Vec<Said<SaidTag>>>>,
    /// A function of Rust that names more, by its path.
    pub(crate) with: Option<Said<String>>,
}

/// A tag as it is written in an override.
#[derive(Clone, Debug)]
pub(crate) struct SaidTag {
    pub(crate) tag_type: String,
    pub(crate) scope: SaidScope,
    pub(crate) reference: bool,
    pub(crate) gone: Option<Said<()>>,
    pub(crate) filtered: Option<Said<()>>,
}

/// What of its type such a tag names.
#[derive(Clone, Debug)]
pub(crate) enum SaidScope {
    All,
    Id(Vec<Said<SaidSource>>),
    List(Vec<(String, Said<SaidSource>)>),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SaidSource {
    Path(String),
    Query(String),
    Header(String),
    Body(String),
    Response(String),
    Value(String),
}

/// Everything that is said, before anything of it is looked for.
pub(crate) struct AllOverrides {
    /// What each operation of the document says of itself, in their order.
    pub(crate) own: Vec<Overrides>,
    /// What `larder.toml` says of operations by their names.
    pub(crate) named: Vec<(Said<String>, Overrides)>,
    /// Tag types that only overrides know.
    pub(crate) tag_types: Vec<Said<String>>,
    /// What cannot be read.
    pub(crate) problems: Vec<Diagnostic>,
}

impl Spec<'_> {
    /// What is said of these operations, and of tag types.
    pub(crate) fn overrides(&self, operations: &[Operation]) -> AllOverrides {
        let mut reader = Reader { document: self.document, problems: Vec::new() };
        let own = operations.iter().map(|operation| match self.document.get(operation.at, EXTENSION) {
            Some(at) => reader.operation(at),
            None => Overrides::default(),
        });
        let own = own.collect();
        let mut tag_types = Vec::new();
        if let Some(at) = self.document.get(self.document.root(), EXTENSION) {
            for (key, node) in reader.members(at) {
                match key {
                    "tag_types" => tag_types.extend(reader.tag_types(node)),
                    unknown => reader.unknown(unknown, node, &["tag_types"]),
                }
            }
        }
        let mut named = Vec::new();
        if let Some(at) = self.document.config {
            if let Some(node) = self.document.get(at, "operations") {
                for (name, node) in reader.members(node) {
                    named.push((reader.said(node, name.to_owned()), reader.operation(node)));
                }
            }
            if let Some(node) = self.document.get(at, "tag_types") {
                tag_types.extend(reader.tag_types(node));
            }
        }
        AllOverrides { own, named, tag_types, problems: reader.problems }
    }
}

/// Reads nodes, and notes what it cannot read.
struct Reader<'d> {
    document: &'d Document,
    problems: Vec<Diagnostic>,
}

impl<'d> Reader<'d> {
    fn said<T>(&self, node: NodeId, value: T) -> Said<T> {
        let span = self.document.span(node);
        let place = self.document.sources.get(span.file as usize).map(|source| {
            let name = source.path.file_name().unwrap_or(source.path.as_os_str()).to_string_lossy();
            format!("{name}:{}", source.position(span.start as usize).0)
        });
        Said { value, span, place: place.unwrap_or_default() }
    }

    fn fault(&mut self, node: NodeId, message: impl Into<String>, help: impl Into<String>) {
        let fault = Diagnostic::error(message).kind(ProblemKind::Override).at(self.document.span(node)).help(help);
        self.problems.push(fault);
    }

    /// The members of what should be a table.
    fn members(&mut self, node: NodeId) -> Vec<(&'d str, NodeId)> {
        let document = self.document;
        let Some(members) = document.object(node) else {
            self.fault(node, "a table is expected here", "write keys with values: docs/overrides.md lists them");
            return Vec::new();
        };
        members.iter().map(|(key, node)| (key.as_str(), *node)).collect()
    }

    fn text(&mut self, node: NodeId) -> Option<&'d str> {
        let document = self.document;
        let text = document.str(node);
        if text.is_none() {
            self.fault(node, "a text is expected here", "write it in quotes");
        }
        text
    }

    fn unknown(&mut self, key: &str, node: NodeId, known: &[&str]) {
        let close = suggest::close(key, known, ALIKE);
        let help = match close.first() {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                let known: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
                format!("what can stand here: {}", known.join(", "))
            }
        };
        self.fault(node, format!("`{key}` means nothing here"), help);
    }
}
