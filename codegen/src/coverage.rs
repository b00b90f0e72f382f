//! How much of what a document says of its data reached a type.

use std::path::Path;

use crate::load::Document;
use crate::model;
use crate::pointer::Places;

/// How much of what a document says of its data reached a type.
///
/// A use is a place that asks for the type of a schema: a field, the items of a list, a body, a response, a parameter,
/// a variant. A schema that says nothing (`{}`, `true`) has untyped JSON as its type, and is no loss.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// How many places use a schema.
    pub uses: usize,
    /// Those that are untyped JSON although their schema says more.
    pub untyped: Vec<UntypedUse>,
}

/// A use of a schema that is untyped JSON although the schema says more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntypedUse {
    /// The JSON Pointer of the place in its file.
    pub pointer: String,
    /// The file, as it was named when it was read.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Why there is no type.
    pub why: String,
}

impl Coverage {
    pub(crate) fn new(document: &Document, found: model::Coverage) -> Coverage {
        let files = (0..document.sources.len()).filter_map(|file| u32::try_from(file).ok());
        let roots = files.filter_map(|file| document.file_root(file));
        let places = (!found.untyped.is_empty()).then(|| Places::new(document, roots));
        let untyped = found.untyped.into_iter().map(|each| {
            let span = document.span(each.at);
            let source = document.sources.get(span.file as usize);
            let (line, column) = source.map_or((0, 0), |source| {
                let (line, column, _) = source.position(span.start as usize);
                (line, column)
            });
            let file = source.map_or(Path::new(""), |source| &source.path).display().to_string();
            let pointer = places.as_ref().and_then(|places| places.pointer(each.at)).unwrap_or_default();
            UntypedUse { pointer, file, line, column, why: each.why }
        });
        Coverage { uses: found.uses, untyped: untyped.collect() }
    }

    /// From 0 to 1: the share of uses that are untyped although their schema says more.
    pub fn untyped_share(&self) -> f64 {
        if self.uses == 0 { 0.0 } else { self.untyped.len() as f64 / self.uses as f64 }
    }
}
