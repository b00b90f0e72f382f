//! Which schema became which type: for tests that send a document's own examples through its types.

use serde_json::Value;

use crate::emit;
use crate::error::Error;
use crate::generator::Generated;
use crate::load::Document;
use crate::mock;
use crate::model::{self, Api, Side, Type};
use crate::normalise::{self, Spec};
use crate::pipeline::{self, Job};
use crate::pointer::Places;
use crate::signature::{self, Signature};

/// A schema and the type it became.
#[derive(Clone, Debug)]
pub struct TypeUse {
    /// The JSON Pointer of the schema in [`Testable::document`].
    pub pointer: String,
    /// The direction it was read for, where that makes a difference: `true` for what is sent.
    pub sent: Option<bool>,
    /// The type, as it is written in `types.rs`.
    pub rust: String,
}

/// Code for tests, with what a test has to know of it.
#[derive(Clone, Debug)]
pub struct Testable {
    /// The same types as ever, but each can be both read and written.
    pub generated: Generated,
    /// The document as the generator reads it, in the form of OpenAPI 3.
    pub document: Value,
    /// Every schema that has a type, sorted by pointer.
    pub types: Vec<TypeUse>,
    /// The `use` lines that the texts of the types need, beside all of the module `types`.
    pub imports: Vec<String>,
    /// What every function takes, in the order of the document.
    pub signatures: Vec<Signature>,
    /// As `imports`, for the types in `signatures`.
    pub signature_imports: Vec<String>,
    /// An example answer of each operation whose answer is JSON: its id, the status, the body.
    pub answers: Vec<(String, u16, Value)>,
}

/// A document of more nodes than this has grown out of aliases.
const MAX_NODES: usize = 50_000_000;

/// What the generator makes of `document`, and from what. The model is built a second time, for its schemas; the same
/// document gives the same names.
pub(crate) fn generate(document: &Document, job: &Job) -> Result<Testable, Error> {
    let generated = pipeline::run(document, job)?;
    let spec = Spec::new(document).map_err(|problem| normalise::fatal(document, problem))?;
    let api = model::build(&spec, job.settings);
    let (types, imports) = uses(document, &api);
    let answers = mock::values(document, &api);
    let mut budget = MAX_NODES;
    let document = document.value(document.root(), &mut budget).unwrap_or_default();
    let (signatures, signature_imports) = signature::all(&api, &generated.plan);
    Ok(Testable { generated, document, types, imports, signatures, signature_imports, answers })
}

fn uses(document: &Document, api: &Api) -> (Vec<TypeUse>, Vec<String>) {
    let places = Places::new(document, [document.root()]);
    let declared = api.schemas.iter().filter(|schema| is_declared(api, &schema.ty));
    let placed: Vec<_> = declared.filter_map(|schema| Some((places.pointer(schema.node)?, schema))).collect();
    let (texts, imports) = emit::type_texts(api, placed.iter().map(|(_, schema)| &schema.ty));
    let mut uses: Vec<TypeUse> = placed
        .into_iter()
        .zip(texts)
        .map(|((pointer, schema), rust)| TypeUse { pointer, sent: schema.side.map(|side| side == Side::Sent), rust })
        .collect();
    uses.sort_by(|a, b| (&a.pointer, a.sent).cmp(&(&b.pointer, b.sent)));
    (uses, imports)
}

/// Only what an operation needs is written out.
fn is_declared(api: &Api, ty: &Type) -> bool {
    let mut named = Vec::new();
    ty.named(&mut named);
    named.into_iter().all(|id| api.def(id).received || api.def(id).sent)
}
