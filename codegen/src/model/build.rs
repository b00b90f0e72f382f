//! Builds the model from a document's pieces.

use super::builder::Builder;
use super::name::{self, Scope};
use super::operation::{self, group_name};
use super::{Api, Group, access, recursion, sizes};
use crate::normalise::Spec;
use crate::settings::Settings;

/// Builds the model of everything in `spec`; what cannot be expressed is reported there.
pub(crate) fn build(spec: &Spec<'_>, settings: Settings) -> Api {
    let mut builder = Builder::new(spec, settings);
    let raw = spec.operations();
    let info = spec.info();
    let groups = groups(&raw, &info.groups);
    let schemes = spec.security_schemes();
    let servers = spec.servers(spec.document.root());
    let mut operations = operation::lower(&mut builder, raw, &groups, &schemes, &servers);
    let security = access::security(schemes, &mut operations);
    let servers = access::servers(servers);
    let (title, version, types) = (info.title, info.version, builder.types);
    let mut api = Api { title, version, groups, types, operations, dates: settings.dates, security, servers };
    recursion::box_cycles(&mut api);
    sizes::box_large_variants(&mut api);
    directions(&mut api);
    if settings.both_directions {
        api.types
            .iter_mut()
            .filter(|def| def.sent || def.received)
            .for_each(|def| (def.sent, def.received) = (true, true));
    }
    api
}

/// The groups that operations belong to, sorted by module.
fn groups(operations: &[crate::normalise::Operation], described: &[(String, String)]) -> Vec<Group> {
    let mut names: Vec<String> = operations.iter().map(group_name).collect();
    names.sort();
    names.dedup();
    let mut modules = Scope::default();
    for taken in ["types", "tags", "security", "servers", "r#mod", "self_", "larder", "std"] {
        modules.reserve(taken);
    }
    let description = |name: &str| {
        let found = described.iter().find(|(other, _)| other == name);
        found.map(|(_, text)| text.clone()).unwrap_or_default()
    };
    let mut groups: Vec<Group> = names
        .into_iter()
        .map(|name| {
            let module = name::snake_name(&name);
            let module = modules.prefer(&module, &format!("{}_api", module.trim_start_matches("r#")));
            Group { description: description(&name), module, name }
        })
        .collect();
    groups.sort_by(|a, b| a.module.cmp(&b.module));
    groups
}

/// Marks which types travel to the server and which come from it.
fn directions(api: &mut Api) {
    let mut sent = Vec::new();
    let mut received = Vec::new();
    for operation in &api.operations {
        for parameter in api.parameters(operation) {
            parameter.ty.named(&mut sent);
        }
        if let Some(body) = &operation.body {
            body.ty.named(&mut sent);
        }
        operation.response.named(&mut received);
        for error in operation.errors.iter().filter_map(|error| error.ty.as_ref()) {
            error.named(&mut received);
        }
        operation.several_errors.iter().for_each(|errors| errors.named(&mut received));
    }
    for id in api.reach(sent) {
        api.types[id.0].sent = true;
    }
    for id in api.reach(received) {
        api.types[id.0].received = true;
    }
}
