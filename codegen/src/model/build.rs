//! Builds the model from a document's pieces.

use super::builder::Builder;
use super::name::{self, Scope};
use super::operation::{self, group_name};
use super::{Api, Coverage, Group, access, overrides, recursion, sharing, sizes};
use crate::normalise::{self, Spec};
use crate::settings::Settings;

/// Builds the model of everything in `spec`; what cannot be expressed is reported there.
pub(crate) fn build(spec: &Spec<'_>, settings: Settings) -> Api {
    let mut builder = Builder::new(spec, settings);
    let raw = spec.operations();
    let info = spec.info();
    let groups = groups(&raw, &info.groups, settings);
    let schemes = spec.security_schemes();
    let servers = spec.servers(spec.document.root());
    let mut operations = operation::lower(&mut builder, &raw, &groups, &schemes, &servers);
    let declared = overrides::resolve(spec, &raw, &mut operations);
    let security = access::security(schemes, &mut operations);
    let servers = access::servers(servers);
    let coverage = builder.coverage();
    let schemas = builder.schemas();
    let mut api = Api {
        title: info.title,
        version: info.version,
        groups,
        types: builder.types,
        headers: builder.headers.into_found(),
        operations,
        dates: settings.dates,
        coverage,
        schemas,
        security,
        servers,
        declared,
    };
    recursion::box_cycles(&mut api);
    sizes::box_large_variants(&mut api);
    // What is shared does not depend on how the code is to be tried.
    directions(&mut api, Settings { both_directions: false, ..settings });
    sharing::share_elements(&mut api);
    directions(&mut api, settings);
    api
}

/// Lowers the operations that `keep` names and no others, so that `spec` has what is wrong with them alone afterwards.
pub(crate) fn survey(spec: &Spec<'_>, settings: Settings, keep: impl Fn(&normalise::Operation) -> bool) -> Coverage {
    let mut builder = Builder::new(spec, settings);
    let mut raw = spec.operations();
    raw.retain(keep);
    let groups = groups(&raw, &[], settings);
    operation::lower(&mut builder, &raw, &groups, &spec.security_schemes(), &spec.servers(spec.document.root()));
    builder.coverage()
}

/// The groups that operations belong to, sorted by module.
fn groups(operations: &[normalise::Operation], described: &[(String, String)], settings: Settings) -> Vec<Group> {
    let mut names: Vec<String> = operations.iter().map(group_name).collect();
    names.sort();
    names.dedup();
    let mut modules = Scope::default();
    let mock = settings.mock.then_some("mock");
    for taken in
        ["headers", "types", "tags", "security", "servers", "r#mod", "self_", "larder", "std"].into_iter().chain(mock)
    {
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

/// Marks which types travel to the server and which come from it; the others are not generated.
pub(crate) fn directions(api: &mut Api, settings: Settings) {
    api.types.iter_mut().for_each(|def| (def.sent, def.received) = (false, false));
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
        operation.events.iter().for_each(|item| item.named(&mut received));
        operation.headers.iter().for_each(|at| api.headers[*at].ty.named(&mut received));
        for error in operation.errors.iter().filter_map(|error| error.ty.as_ref()) {
            error.named(&mut received);
        }
        operation.error_enum.iter().for_each(|errors| errors.named(&mut received));
    }
    for id in api.reach(sent) {
        api.types[id.0].sent = true;
    }
    for id in api.reach(received) {
        api.types[id.0].received = true;
    }
    if settings.both_directions {
        let used = api.types.iter_mut().filter(|def| def.sent || def.received);
        used.for_each(|def| (def.sent, def.received) = (true, true));
    }
}
