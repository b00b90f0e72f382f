//! Holds a plan to what its operations have, so that code can say all of it: the one place that decides so.
//!
//! Rules and people may name a parameter, a body or a response that an operation lacks. Such a tag would be in the plan and
//! never be seen; it is widened instead, and told of. A write that no call of the query's function could express is dropped.

use std::collections::BTreeMap;

use super::{Kind, Operation, Plan, Scope, Source, Tag, TagType, Warning, Write};
use crate::model::{self, Api, Decoding, Encoding, Place, Type};
use crate::pointer::unescape;

/// Corrects `plan`, whose operations are those of `api` in their order.
pub(crate) fn correct(api: &Api, plan: &mut Plan) {
    let kinds: Vec<(String, Kind)> = plan.operations.iter().map(|planned| (planned.id.clone(), planned.kind)).collect();
    let Plan { operations, warnings, tag_types, .. } = plan;
    for (planned, operation) in operations.iter_mut().zip(&api.operations) {
        let mut told = |message| warnings.push(Warning { operation: operation.id.clone(), message });
        for tags in [&mut planned.provides, &mut planned.invalidates] {
            for tag in std::mem::take(tags) {
                let tag = widen(tag, operation, &mut told);
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        writes(api, planned, operation, &kinds, &mut told);
        for tag in planned.provides.iter().chain(&planned.invalidates) {
            if !tag_types.iter().any(|known| known.name == tag.tag_type) {
                tag_types.push(named(&tag.tag_type));
            }
        }
    }
}

/// The tag without the sources that the operation does not have: an id becomes all of its type, a list loses a constraint.
fn widen(mut tag: Tag, operation: &model::Operation, told: &mut impl FnMut(String)) -> Tag {
    let missing: Vec<String> = tag.sources().filter(|source| !has(operation, source)).map(words).collect();
    if missing.is_empty() {
        return tag;
    }
    let kind = match &mut tag.scope {
        Scope::List { list, .. } => {
            list.retain(|_, source| has(operation, source));
            "lists of"
        }
        scope => {
            *scope = Scope::Type {};
            tag.gone = false;
            "all of"
        }
    };
    // Without its last constraint a filtered list would reach nothing.
    if let Scope::List { list, filtered } = &mut tag.scope {
        *filtered &= !list.is_empty();
    }
    let answered = tag.sources().any(|source| matches!(source, Source::Response { .. }));
    tag.from_args = !answered;
    let what = missing.join(" and ");
    told(format!(
        "a tag is read from {what}, which the operation does not have: it names {kind} `{}` instead",
        tag.tag_type
    ));
    tag
}

/// Whether a call of the operation can have such a source.
pub(super) fn has(operation: &model::Operation, source: &Source) -> bool {
    match source {
        Source::Path { name } => parameter(operation, Place::Path, name).is_some(),
        Source::Query { name } => parameter(operation, Place::Query, name).is_some(),
        Source::Header { name } => parameter(operation, Place::Header, name).is_some(),
        Source::Body { .. } => {
            operation.body.as_ref().is_some_and(|body| !matches!(body.encoding, Encoding::Text | Encoding::Bytes))
        }
        Source::Response { .. } => {
            let json = matches!(
                operation.decoding,
                Decoding::Json | Decoding::JsonLines | Decoding::ByStatus | Decoding::Undescribed
            );
            json && operation.response != Type::Unit
        }
        Source::Value { .. } => true,
    }
}

fn parameter<'a>(operation: &'a model::Operation, place: Place, wire: &str) -> Option<&'a model::Parameter> {
    let optional = operation.params.iter().flat_map(|params| &params.parameters);
    operation.arguments.iter().chain(optional).find(|parameter| parameter.place == place && parameter.wire == wire)
}

fn words(source: &Source) -> String {
    match source {
        Source::Path { name } => format!("the path parameter `{name}`"),
        Source::Query { name } => format!("the query parameter `{name}`"),
        Source::Header { name } => format!("the header `{name}`"),
        Source::Body { .. } => "a body of JSON".to_owned(),
        Source::Response { .. } => "a response of JSON".to_owned(),
        Source::Value { value } => format!("`{value}`"),
    }
}

fn named(name: &str) -> TagType {
    TagType { name: name.to_owned(), collections: Vec::new(), members: Vec::new(), schemas: Vec::new(), id: Vec::new() }
}

/// Drops the writes that cannot be said as a call of the query's function.
fn writes(
    api: &Api,
    planned: &mut Operation,
    operation: &model::Operation,
    kinds: &[(String, Kind)],
    told: &mut impl FnMut(String),
) {
    let mut kept = Vec::new();
    for write in std::mem::take(&mut planned.writes) {
        let at = kinds.iter().position(|(id, kind)| *id == write.operation && *kind == Kind::Query);
        let reader = at.and_then(|at| api.operations.get(at));
        match reader.ok_or("no such query").and_then(|reader| expressible(api, operation, reader, &write)) {
            Ok(()) => kept.push(write),
            Err(why) => {
                told(format!("its result does not fill `{}`, which is asked for again: {why}", write.operation))
            }
        }
    }
    planned.writes = kept;
}

fn expressible(
    api: &Api,
    operation: &model::Operation,
    reader: &model::Operation,
    write: &Write,
) -> Result<(), &'static str> {
    if !write.pointer.is_empty() {
        return Err("only a whole result can be written");
    }
    if reader.response != operation.response || reader.decoding != operation.decoding {
        return Err("the two results have different types");
    }
    let optional = reader.params.iter().flat_map(|params| &params.parameters);
    if reader.body.is_some() || optional.clone().any(|parameter| parameter.required) {
        return Err("that query takes more than its path's parameters");
    }
    let given: BTreeMap<&str, &Source> = write.args.iter().map(|(name, source)| (name.as_str(), source)).collect();
    if given.len() != reader.arguments.len() {
        return Err("not exactly its arguments are known");
    }
    for parameter in &reader.arguments {
        let Some(source) = given.get(parameter.wire.as_str()) else { return Err("an argument is not known") };
        let fits = source_type(api, operation, source).is_some_and(|ty| *ty == parameter.ty && api.is_one_value(ty));
        if !fits {
            return Err("an argument is surely known only where it has the same type and is always there");
        }
    }
    Ok(())
}

/// The type of a source that every call has, and just once.
fn source_type<'a>(api: &'a Api, operation: &'a model::Operation, source: &Source) -> Option<&'a Type> {
    let given = |place, name| {
        parameter(operation, place, name).filter(|parameter| parameter.required).map(|parameter| &parameter.ty)
    };
    match source {
        Source::Path { name } => given(Place::Path, name),
        Source::Query { name } => given(Place::Query, name),
        Source::Header { name } => given(Place::Header, name),
        Source::Body { pointer } => {
            let body = operation.body.as_ref().filter(|body| body.required)?;
            always(api, &body.ty, pointer)
        }
        Source::Response { pointer } => always(api, &operation.response, pointer),
        Source::Value { .. } => Some(&Type::String),
    }
}

/// The type at a place that every value has.
fn always<'a>(api: &'a Api, ty: &'a Type, pointer: &str) -> Option<&'a Type> {
    let mut ty = ty;
    for token in pointer.split('/').skip(1) {
        let wire = unescape(token);
        let field = api.fields(ty).iter().find(|field| field.wire == wire && field.required)?;
        ty = &field.ty;
        if ty.is_nullable() {
            return None;
        }
    }
    Some(ty)
}
