//! From an operation of the document to one that a function stands for.

use std::collections::HashSet;

use super::alike::Alike;
use super::builder::Builder;
use super::called::Called;
use super::name::{self, Scope};
use super::overrides::Overrides;
use super::sides::Side;
use super::{Group, Operation, Parameter, Params, Place, Style, TextFormat, Type, TypeKind};
use crate::normalise;
use crate::problem_kind::ProblemKind;

/// More arguments than this are hard to tell apart at a call; it is where clippy draws the line, too.
pub(crate) const MAX_ARGUMENTS: usize = 7;

/// Lowers every operation that can be expressed; the others are reported and left out.
pub(super) fn lower(
    builder: &mut Builder<'_, '_>,
    operations: &[normalise::Operation],
    groups: &[Group],
    schemes: &[normalise::SecurityScheme],
    servers: &[normalise::Server],
) -> Vec<Operation> {
    // Component schemas keep their own names, whatever operations are called.
    let components: Vec<String> = builder.components.values().map(|name| name::type_name(name)).collect();
    let mut scopes: Vec<Scope> = groups.iter().map(|_| Scope::default()).collect();
    let called = Called::new(operations);
    builder.bodies = called.bodies(builder.components.values());
    builder.alike = Alike::find(builder.spec, operations, builder.components.values());
    let mut ids = HashSet::new();
    let mut lowered = Vec::new();
    for raw in operations {
        let given = raw.id.clone().filter(|id| ids.insert(id.clone()));
        if let (Some(id), None) = (&raw.id, &given) {
            let message = format!("the operation id `{id}` is given twice");
            let kind = ProblemKind::DuplicateOperationId;
            builder.spec.warn_of(kind, raw.at, message, "this operation goes by its method and path instead");
        }
        let id = given.unwrap_or_else(|| format!("{} {}", raw.method, raw.path));
        let group_name = group_name(raw);
        let group = groups.iter().position(|group| group.name == group_name).unwrap_or(0);
        let full = function_name(raw, &id, called.of_types(&id));
        let short = called.of_function(&id, &group_name);
        let own = raw.id.is_some().then(|| name::without_group(short, &groups[group].module)).flatten();
        let function = own.map_or_else(|| function_name(raw, &id, short), name::snake_name);
        let function = scopes[group].unique(&function);
        builder.spec.reading(Some(&id));
        let mut operation = operation(builder, raw, id, group, (function, &full), &components);
        operation.security = builder.requirement(schemes, raw);
        operation.server = own_server(builder, raw, servers);
        builder.spec.reading(None);
        lowered.push(operation);
    }
    builder.share_errors(&mut lowered, groups);
    lowered
}

/// An operation's first group; without one, the first segment of its path that says something.
pub(super) fn group_name(operation: &normalise::Operation) -> String {
    if let Some(group) = operation.groups.first().filter(|group| !group.is_empty()) {
        return group.clone();
    }
    let says_nothing = |segment: &str| {
        let version = segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        segment.is_empty() || segment.starts_with('{') || segment == "api" || version
    };
    let segment = operation.path.split('/').find(|segment| !says_nothing(segment));
    segment.unwrap_or("root").to_owned()
}

/// What the document's id goes by, in snake case; without one, the method and the path in words.
fn function_name(raw: &normalise::Operation, id: &str, called: &str) -> String {
    if raw.id.as_deref() == Some(id) {
        return name::snake_name(called);
    }
    let mut words = vec![raw.method.to_lowercase()];
    for segment in raw.path.split('/').filter(|segment| !segment.is_empty()) {
        match segment.strip_prefix('{') {
            Some(parameter) => words.push(format!("by_{}", parameter.trim_end_matches('}'))),
            None => words.push(segment.to_owned()),
        }
    }
    name::snake_name(&words.join("_"))
}

/// The URL of a server that the document itself does not name.
fn own_server(builder: &Builder<'_, '_>, raw: &normalise::Operation, servers: &[normalise::Server]) -> Option<String> {
    let url = raw.server.as_ref()?.usual_url();
    let relative = url.starts_with('/');
    let host = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    if url.contains('{') || !(relative || host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))) {
        let message = format!("`{url}` is nowhere that an operation can be sent to");
        builder.spec.warn(raw.at, message, "it is sent to the client's base URL; give a client of its own that one");
        return None;
    }
    let same = |other: &normalise::Server| other.usual_url().trim_end_matches('/') == url.trim_end_matches('/');
    (!servers.iter().any(same)).then_some(url)
}

fn operation(
    builder: &mut Builder<'_, '_>,
    raw: &normalise::Operation,
    id: String,
    group: usize,
    (function, full): (String, &str),
    components: &[String],
) -> Operation {
    let hint = name::type_name(full.trim_start_matches("r#"));
    let (arguments, rest) = parameters(builder, raw, &hint);
    let body = raw.body.as_ref().and_then(|body| builder.body(body, &hint));
    // Some documents give every request a body, and describe nothing of it.
    let reads = matches!(raw.method.as_str(), "GET" | "HEAD");
    let body = body.filter(|body| !reads || body.required || body.ty != Type::Map(Box::new(Type::Json)));
    let answer = builder.answer(&raw.responses, &hint, &function, &raw.method);
    let errors = builder.errors(&raw.responses, &hint, &raw.method);
    let successes = raw.responses.iter().filter(|response| response.status.is_success());
    let response_headers =
        successes.flat_map(|response| &response.headers).map(|header| header.name.to_ascii_lowercase()).collect();
    let headers = builder.headers(&raw.responses);
    let params = (!rest.is_empty()).then(|| {
        let long = format!("{hint}Params");
        let name = if components.contains(&hint) {
            builder.type_names.unique(&long)
        } else {
            builder.type_names.prefer(&hint, &long)
        };
        Params { name, parameters: rest }
    });
    Operation {
        id,
        group,
        function,
        stem: hint,
        method: raw.method.clone(),
        path: sent_path(&raw.path).to_owned(),
        written: raw.path.clone(),
        summary: raw.summary.clone().unwrap_or_default(),
        description: raw.description.clone().unwrap_or_default(),
        deprecated: raw.deprecated,
        arguments,
        params,
        body,
        response: answer.ty,
        decoding: answer.decoding,
        sample: answer.sample,
        response_headers,
        headers,
        events: answer.events,
        accept: answer.accept,
        other_responses: answer.others,
        errors,
        error_enum: None,
        security: None,
        server: None,
        overrides: Overrides::default(),
    }
}

/// A path without its fragment: some documents tell operations of one path apart by it.
fn sent_path(path: &str) -> &str {
    path.split('#').next().unwrap_or(path)
}

/// Positional arguments, and what goes into the struct.
fn parameters(
    builder: &mut Builder<'_, '_>,
    raw: &normalise::Operation,
    hint: &str,
) -> (Vec<Parameter>, Vec<Parameter>) {
    let mut positional = Scope::default();
    for taken in ["params", "body", "request"] {
        positional.reserve(taken);
    }
    let in_path = path_names(sent_path(&raw.path));
    let mut path = Vec::new();
    for wire in &in_path {
        let declared = raw.parameters.iter().find(|other| other.place == Place::Path && other.name == *wire);
        let parameter = match declared {
            Some(declared) => parameter(builder, declared, hint, &mut positional),
            None => {
                builder.spec.warn_of(
                    ProblemKind::Parameter,
                    raw.at,
                    format!("`{}` has `{{{wire}}}`, which no parameter declares", raw.path),
                    "it is taken to be text",
                );
                undeclared(wire, &mut positional)
            }
        };
        path.push(parameter);
    }
    for unused in raw.parameters.iter().filter(|other| other.place == Place::Path && !in_path.contains(&other.name)) {
        let message = format!("the path `{}` has no place for its parameter `{}`", raw.path, unused.name);
        builder.spec.warn_of(ProblemKind::Parameter, unused.at, message, "the parameter is left out");
    }
    let others: Vec<_> = raw.parameters.iter().filter(|other| other.place != Place::Path).collect();
    let is_required = |other: &normalise::Parameter| other.required && !is_idempotency_key(other);
    let required = others.iter().filter(|other| is_required(other)).count();
    let structs = usize::from(raw.body.is_some()) + usize::from(required < others.len());
    let all_positional = path.len() + required + structs <= MAX_ARGUMENTS;
    let mut fields = Scope::default();
    let mut rest = Vec::new();
    for declared in others {
        if is_required(declared) && all_positional {
            path.push(parameter(builder, declared, hint, &mut positional));
        } else {
            rest.push(parameter(builder, declared, hint, &mut fields));
        }
    }
    (path, rest)
}

fn parameter(
    builder: &mut Builder<'_, '_>,
    declared: &normalise::Parameter,
    hint: &str,
    names: &mut Scope,
) -> Parameter {
    let place = match declared.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    };
    // The whole query string has no name.
    let short = if declared.name.is_empty() { "query".to_owned() } else { name::snake_name(&declared.name) };
    let hint = format!("{hint}{}", name::type_name(&declared.name));
    let ty = declared.schema.map_or(Type::String, |schema| builder.ty(schema, &hint, Side::Sent));
    // A parameter has no parts for files.
    let ty = if ty == Type::File { Type::String } else { ty };
    // A parameter has no `null`: it is there or it is not.
    let ty = if let Type::Nullable(ty) = ty { *ty } else { ty };
    let ty = if declared.style != Style::Json && is_any_text(builder, &ty) { Type::String } else { ty };
    let is_idempotency_key = is_idempotency_key(declared) && matches!(ty, Type::String | Type::Text(TextFormat::Uuid));
    Parameter {
        name: names.prefer(&short, &format!("{}_{place}", short.trim_start_matches("r#"))),
        wire: declared.name.clone(),
        place: declared.place,
        style: declared.style,
        reserved: declared.reserved,
        ty,
        required: declared.required && !is_idempotency_key,
        is_idempotency_key,
        deprecated: declared.deprecated,
        doc: parameter_doc(declared, is_idempotency_key),
    }
}

/// Whether a type is a choice of texts and numbers, which are all one in a path or a query string.
fn is_any_text(builder: &Builder<'_, '_>, ty: &Type) -> bool {
    let Type::Named(id) = ty else { return false };
    let TypeKind::UntaggedUnion(variants) = &builder.types[id.0].kind else { return false };
    variants.iter().all(|variant| variant.ty.is_scalar()) && variants.iter().any(|variant| variant.ty == Type::String)
}

fn parameter_doc(declared: &normalise::Parameter, is_idempotency_key: bool) -> String {
    let own = is_idempotency_key.then(|| "A mutation makes one of its own where none is given.".to_owned());
    let said = declared.description.clone().filter(|said| !said.trim().is_empty());
    said.into_iter().chain(own).collect::<Vec<_>>().join("\n\n")
}

fn undeclared(wire: &str, names: &mut Scope) -> Parameter {
    Parameter {
        name: names.unique(&name::snake_name(wire)),
        wire: wire.to_owned(),
        place: Place::Path,
        style: Style::Simple,
        reserved: false,
        ty: Type::String,
        required: true,
        is_idempotency_key: false,
        deprecated: false,
        doc: String::new(),
    }
}

/// Whether a header holds the key by which the server knows a request that comes twice. The runtime makes one where none is
/// given.
fn is_idempotency_key(parameter: &normalise::Parameter) -> bool {
    let name = parameter.name.to_ascii_lowercase().replace(['-', '_'], "");
    parameter.place == Place::Header && matches!(name.as_str(), "idempotencykey" | "xidempotencykey")
}

/// The names between braces in a path template, each once.
pub(crate) fn path_names(path: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in path.split('{').skip(1) {
        let Some((name, _)) = part.split_once('}') else { continue };
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    names
}
