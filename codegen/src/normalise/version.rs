//! Which versions of OpenAPI are read, and what is said of the others.

use crate::diagnostic::Diagnostic;
use crate::load::{Document, NodeId};
use crate::problem_kind::ProblemKind;

/// The latest version that is known.
const LATEST: u32 = 2;

/// What else a file may be, by a key at its top.
const OTHERS: [(&str, &str, &str); 3] = [
    ("asyncapi", "an AsyncAPI document", "Larder reads OpenAPI: HTTP with requests and responses"),
    ("overlay", "an overlay, not the document that it changes", "give it beside an OpenAPI document"),
    ("arazzo", "an Arazzo document", "give the OpenAPI document that it speaks of"),
];

/// Checks that `document` is of a version that can be read; Swagger 2.0 was rewritten into 3.0 before.
///
/// # Errors
/// When it is not; the diagnostic says what was found.
pub(super) fn check(document: &Document) -> Result<(), Diagnostic> {
    let root = document.root();
    let refuse = |at: NodeId, message: String, help: &str| {
        Err(Diagnostic::error(message).kind(ProblemKind::Version).at(document.span(at)).help(help))
    };
    let known = "Larder reads Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2";
    let Some(at) = document.get(root, "openapi").or_else(|| document.get(root, "swagger")) else {
        for (key, what, help) in OTHERS {
            if let Some(at) = document.get(root, key) {
                return refuse(at, format!("this is {what}"), help);
            }
        }
        let message = "this is not an OpenAPI document: it has no `openapi: 3.…` at its top";
        return refuse(root, message.to_owned(), "the first lines should read `openapi: 3.1.0`, `info:`, `paths:`");
    };
    // A number is what `openapi: 3.1` is without quotes.
    let text = document.str(at).or_else(|| document.written(at)).unwrap_or_default().trim();
    let mut parts = text.split(['.', '-']);
    let mut part = || parts.next().and_then(|part| part.parse::<u32>().ok());
    let is_openapi = document.get(root, "openapi").is_some();
    match (part(), part()) {
        (Some(3), Some(0..=LATEST)) if is_openapi => Ok(()),
        (Some(3), Some(_)) if is_openapi => refuse(
            at,
            format!("OpenAPI {text} is not known yet"),
            &format!("{known}; try it with one of these numbers"),
        ),
        (Some(_), _) => {
            let name = if is_openapi { "OpenAPI" } else { "Swagger" };
            let help = format!("{known}; a converter brings older documents to one of them");
            refuse(at, format!("{name} {text} cannot be read"), &help)
        }
        _ => refuse(at, "this is no version of OpenAPI".to_owned(), &format!("write it as `3.1.0`; {known}")),
    }
}
