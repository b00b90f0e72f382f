//! From the model and the plan to text. The only room with tokens in it.

mod cache;
mod docs;
mod file;
mod function;
mod headers;
mod holds;
mod mock;
mod operations;
mod paging;
mod security;
mod servers;
mod tags;
mod ty;
mod types;
mod walk;
mod writes;

use std::path::PathBuf;

pub(crate) use file::MARK;
#[cfg(feature = "cli")]
pub(crate) use tags::in_words;
pub(crate) use ty::is_value;

use crate::error::Error;
use crate::mock::Answer;
use crate::model::{Api, Type};
use crate::plan::Plan;

/// A file of generated code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the output folder.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Writes all of `api` out, with `mock` if there are to be examples; `source` is what the header says it was made from.
///
/// # Errors
/// [`Error::Internal`] when the tokens are no Rust: a fault of the generator.
pub(crate) fn emit(api: &Api, plan: &Plan, mock: Option<&[Answer]>, source: &str) -> Result<Vec<File>, Error> {
    let tags = tags::Names::new(plan);
    let mut modules = Vec::new();
    let mut files = Vec::new();
    for (at, group) in api.groups.iter().enumerate() {
        if let Some(items) = operations::module(api, plan, &tags, at) {
            let path = format!("{}.rs", group.module.trim_start_matches("r#"));
            files.push(file::print(path, source, &docs::text(&group.description), items)?);
            modules.push(group.module.clone());
        }
    }
    if let Some((doc, items)) = headers::module(api) {
        files.push(file::print("headers.rs".to_owned(), source, &doc, items)?);
        modules.push("headers".to_owned());
    }
    if !plan.tag_types.is_empty() {
        let (doc, items) = tags::module(plan, &tags);
        files.push(file::print("tags.rs".to_owned(), source, &doc, items)?);
        modules.push("tags".to_owned());
    }
    if let Some(security) = &api.security {
        let (doc, items) = security::module(security);
        files.push(file::print("security.rs".to_owned(), source, &doc, items)?);
        modules.push("security".to_owned());
    }
    if !api.servers.is_empty() {
        let (doc, items) = servers::module(&api.servers);
        files.push(file::print("servers.rs".to_owned(), source, &doc, items)?);
        modules.push("servers".to_owned());
    }
    if let Some(answers) = mock {
        let (doc, items) = mock::module(answers);
        files.push(file::print("mock.rs".to_owned(), source, &doc, items)?);
        modules.push("mock".to_owned());
    }
    let types = types::files(api, source)?;
    if !types.is_empty() {
        files.extend(types);
        modules.push("types".to_owned());
    }
    modules.sort_by(|a, b| a.trim_start_matches("r#").cmp(b.trim_start_matches("r#")));
    files.push(file::modules(source, &modules)?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// `types` as `types.rs` writes them, and the `use` lines for what comes from outside of it.
pub(crate) fn type_texts<'a>(api: &Api, types: impl Iterator<Item = &'a Type>) -> (Vec<String>, Vec<String>) {
    let mut imports = ty::Imports::default();
    let texts = types.map(|ty| ty::owned(api, ty, &mut imports).to_string()).collect();
    (texts, imports.outside(api).iter().map(ToString::to_string).collect())
}
