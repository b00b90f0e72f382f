//! The operations of a document by what names them, those included that cannot be read.

use super::Spec;

/// What an operation is called.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    /// The document's id, or `METHOD /path` where it has none.
    pub(crate) id: String,
    /// As it travels.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) tags: Vec<String>,
}

impl Spec<'_> {
    /// Every operation below `paths`, in the order of the document.
    pub(crate) fn outlines(&self) -> Vec<Outline> {
        let document = self.document;
        let mut outlines = Vec::new();
        for (path, item) in document.members(document.root(), "paths") {
            let Ok(item) = self.resolve(item) else { continue };
            for (method, at) in self.methods(item) {
                let id = document.str_at(at, "operationId").map_or(format!("{method} {path}"), str::to_owned);
                let tags = document.get(at, "tags").map_or(&[][..], |tags| document.array(tags));
                let tags = tags.iter().filter_map(|tag| document.str(*tag)).map(str::to_owned).collect();
                outlines.push(Outline { id, method: method.to_owned(), path: path.to_owned(), tags });
            }
        }
        outlines
    }
}
