//! The kinds of problems, by names that stay the same from version to version.

use std::fmt;

/// What a problem is about. Its name is for tools that count or filter messages: it stays the same when the words of a
/// message change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// `config`: `larder.toml` cannot be used as it is written.
    Config,
    /// `syntax`: a file is neither YAML nor JSON, or says something twice.
    Syntax,
    /// `version`: the document is of a version that cannot be read, or of none.
    Version,
    /// `slip`: a value that is read otherwise than it is written, as `yes` where `true` belongs.
    Slip,
    /// `no-operations`: the document has none, so nothing is generated.
    NoOperations,
    /// `overlay`: an overlay cannot be used as it is written, or changes nothing.
    Overlay,
    /// `selection`: what was selected is not in the document.
    Selection,
    /// `override`: what is said of an operation's tags means nothing, or names what is not there.
    Override,
    /// `reference`: a `$ref` that names nothing, goes in a circle, or leads where it may not.
    Reference,
    /// `operation-left-out`: an operation for which no function is generated.
    OperationLeftOut,
    /// `duplicate-operation-id`: two operations have one id.
    DuplicateOperationId,
    /// `parameter`: a parameter that its path does not have, or that is not declared.
    Parameter,
    /// `unreadable-schema`: a schema that breaks OpenAPI's own rules.
    UnreadableSchema,
    /// `discriminator`: a discriminator that names a schema that is not there.
    Discriminator,
    /// `partly-typed-schema`: a schema of which a part is kept as untyped JSON.
    PartlyTypedSchema,
    /// `untyped-schema`: a schema that is read as untyped JSON although it says more.
    UntypedSchema,
    /// `other`: everything else.
    #[default]
    Other,
}

impl ProblemKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            ProblemKind::Config => "config",
            ProblemKind::Syntax => "syntax",
            ProblemKind::Version => "version",
            ProblemKind::Slip => "slip",
            ProblemKind::NoOperations => "no-operations",
            ProblemKind::Overlay => "overlay",
            ProblemKind::Selection => "selection",
            ProblemKind::Override => "override",
            ProblemKind::Reference => "reference",
            ProblemKind::OperationLeftOut => "operation-left-out",
            ProblemKind::DuplicateOperationId => "duplicate-operation-id",
            ProblemKind::Parameter => "parameter",
            ProblemKind::UnreadableSchema => "unreadable-schema",
            ProblemKind::Discriminator => "discriminator",
            ProblemKind::PartlyTypedSchema => "partly-typed-schema",
            ProblemKind::UntypedSchema => "untyped-schema",
            ProblemKind::Other => "other",
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
