//! What each generated function takes: for tests that call them with recorded args.

use crate::emit;
use crate::model::{Api, Decoding, Place, Type};
use crate::plan::{Kind, Plan};

/// A generated function.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The operation's id.
    pub id: String,
    /// Its path from the root of the generated code.
    pub function: String,
    /// Whether it is a query.
    pub is_query: bool,
    /// The positional arguments, in order, without the body and the params.
    pub arguments: Vec<Argument>,
    /// The body comes after them.
    pub body: Option<Argument>,
    /// The struct of all other parameters comes last: its name and its fields.
    pub params: Option<(String, Vec<Argument>)>,
    /// Its answer is lines of JSON.
    pub lines: bool,
    /// The body or a parameter holds a file or bytes, which JSON does not tell.
    pub holds_bytes: bool,
}

/// What a function is given.
#[derive(Clone, Debug)]
pub struct Argument {
    /// In Rust.
    pub name: String,
    /// On the wire.
    pub wire: String,
    /// `path`, `query`, `header`, `cookie` or `body`.
    pub place: &'static str,
    /// The type that owns the data.
    pub ty: String,
    /// It is passed by value.
    pub by_value: bool,
    /// It is passed as a slice or as `str`.
    pub as_slice: bool,
    /// It is no `Option`.
    pub required: bool,
}

/// The functions of `api`, with the `use` lines that the texts of the types need beside all of the module `types`.
pub(crate) fn all(api: &Api, plan: &Plan) -> (Vec<Signature>, Vec<String>) {
    let mut types: Vec<&Type> = Vec::new();
    let mut signatures: Vec<Signature> = Vec::new();
    for operation in &api.operations {
        // What was not selected is in no plan.
        let Some(planned) = plan.operations.iter().find(|planned| planned.id == operation.id) else { continue };
        let first = types.len();
        let mut argument = |name: &str, wire: &str, place, ty, required| {
            types.push(ty);
            let as_slice = matches!(ty, Type::String | Type::List(_));
            let (name, wire) = (name.to_owned(), wire.to_owned());
            Argument { name, wire, place, ty: String::new(), by_value: emit::is_value(ty), as_slice, required }
        };
        let arguments = operation.arguments.iter();
        let arguments = arguments.map(|of| argument(&of.name, &of.wire, place(of.place), &of.ty, true)).collect();
        let body = operation.body.as_ref().map(|body| argument("body", "", "body", &body.ty, body.required));
        let params = operation.params.as_ref().map(|params| {
            let fields = params.parameters.iter();
            let fields = fields.map(|of| argument(&of.name, &of.wire, place(of.place), &of.ty, of.required));
            (params.name.clone(), fields.collect())
        });
        signatures.push(Signature {
            id: operation.id.clone(),
            function: format!("{}::{}", api.groups[operation.group].module, operation.function),
            is_query: planned.kind == Kind::Query,
            lines: operation.decoding == Decoding::JsonLines,
            arguments,
            body,
            params,
            holds_bytes: types[first..].iter().any(|ty| holds_bytes(api, ty)),
        });
    }
    let (texts, imports) = emit::type_texts(api, types.into_iter());
    let arguments = signatures.iter_mut().flat_map(|signature| {
        let params = signature.params.iter_mut().flat_map(|(_, fields)| fields);
        signature.arguments.iter_mut().chain(&mut signature.body).chain(params)
    });
    for (argument, text) in arguments.zip(texts) {
        argument.ty = text;
    }
    (signatures, imports)
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

/// Whether a value can hold what no JSON tells.
fn holds_bytes(api: &Api, ty: &Type) -> bool {
    let mut named = Vec::new();
    ty.named(&mut named);
    let is = |ty: &Type| {
        let mut open = vec![ty];
        std::iter::from_fn(move || {
            let ty = open.pop()?;
            open.extend(ty.parts());
            Some(ty)
        })
        .any(|ty| matches!(ty, Type::Bytes | Type::File))
    };
    is(ty) || api.reach(named).into_iter().any(|id| api.parts(id).any(is))
}
