//! A group's module: one function per operation.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::cache::{self, Chain};
use super::docs;
use super::file::{Item, ident};
use super::function;
use super::headers;
use super::paging;
use super::security;
use super::tags::Names;
use super::ty::{self, Imports};
use crate::model::operation::MAX_ARGUMENTS;
use crate::model::{Api, Body, Decoding, Encoding, FormStyles, Operation, Parameter, Place, Style, Type};
use crate::plan::{self, Kind, Plan};

/// Methods for which a request has a function of that name.
const OWN_FUNCTION: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];

/// The functions of the group `at`; `None` when all of its operations were left out.
pub(super) fn module(api: &Api, plan: &Plan, names: &Names, at: usize) -> Option<Vec<Item>> {
    let mut imports = Imports::default();
    let mut tags = BTreeSet::new();
    let mut functions = Vec::new();
    for (operation, planned) in
        api.operations.iter().zip(&plan.operations).filter(|(operation, _)| operation.group == at)
    {
        imports.runtime.insert("Request");
        let code = function(api, plan, names, operation, planned, &mut imports, &mut tags);
        functions.push((operation, planned, code));
    }
    if functions.is_empty() {
        return None;
    }
    let mut items = uses(api, &imports, &tags);
    // The docs link to types, and how depends on which of them the whole module imports.
    items.extend(functions.into_iter().map(|(operation, planned, code)| {
        let doc = docs::attributes(&doc(api, operation, planned, &imports));
        Item::new(quote!(#doc #code))
    }));
    Some(items)
}

fn uses(api: &Api, imports: &Imports, tags: &BTreeSet<String>) -> Vec<Item> {
    let mut items = Vec::new();
    let outside = imports.outside(api);
    let std = usize::from(imports.btree_map);
    items.extend(outside.into_iter().enumerate().map(|(at, line)| Item::after(line, at > std)));
    let own = [
        ty::listed(&quote!(super::tags), tags.iter().map(String::as_str)),
        ty::listed(&quote!(super::types), imports.types.iter().map(String::as_str)),
    ];
    items.extend(own.into_iter().flatten().enumerate().map(|(at, line)| Item::after(line, at > 0)));
    items
}

fn function(
    api: &Api,
    plan: &Plan,
    names: &Names,
    operation: &Operation,
    planned: &plan::Operation,
    imports: &mut Imports,
    tags: &mut BTreeSet<String>,
) -> TokenStream {
    let deprecated = deprecation(api, operation, planned);
    let name = ident(&operation.function);
    let arguments = arguments(api, operation, imports);
    // A path alone may have more parts than a function should have arguments.
    let many = (arguments.len() > MAX_ARGUMENTS).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let wrapper = match planned.kind {
        Kind::Query => "Query",
        Kind::Mutation => "Mutation",
    };
    imports.runtime.insert(wrapper);
    let wrapper = ident(wrapper);
    let mut result = ty::owned(api, &operation.response, imports);
    if let Some(item) = operation.events.as_ref().filter(|_| operation.decoding == Decoding::Events) {
        let item = ty::owned(api, item, imports);
        imports.runtime.insert("Growing");
        result = quote!(Growing<#item>);
    }
    let constructor = ident(match operation.decoding {
        Decoding::Json => "new",
        Decoding::JsonLines => "json_lines",
        Decoding::ByStatus => "by_status",
        Decoding::Events if operation.events == Some(Type::String) => "text_events",
        Decoding::Events => "events",
        Decoding::Text => "text",
        Decoding::Bytes => "bytes",
        Decoding::Empty => "empty",
        Decoding::Undescribed => "undescribed",
    });
    let kept = function::kept(operation, planned);
    let request = request(operation, imports);
    let mut chain = Chain { api, plan, names, operation, tags: BTreeSet::new(), collects: false, reads_result: false };
    let calls = chain.calls(planned);
    let paged = paging::call(planned);
    if paged.is_some() {
        imports.runtime.insert("Paging");
    }
    // A closure over the result has to know its type before the return type tells.
    let typed = chain.reads_result.then(|| quote!(::<#result>));
    if chain.collects {
        imports.runtime.insert("Tags");
    }
    tags.extend(chain.tags);
    quote! {
        #deprecated
        #many
        #[inline]
        pub fn #name(#(#arguments),*) -> #wrapper<#result> {
            #kept
            let request = #request;
            #wrapper #typed::#constructor(request)#calls #paged
        }
    }
}

/// What is deprecated says so; what fills the entry of a deprecated query must not warn whoever compiles it.
fn deprecation(api: &Api, operation: &Operation, planned: &plan::Operation) -> TokenStream {
    let own = operation.deprecated.then(|| quote!(#[deprecated]));
    let mut filled =
        planned.writes.iter().filter_map(|write| api.operations.iter().find(|one| one.id == write.operation));
    let allowed = filled.any(|query| query.deprecated).then(|| quote!(#[allow(deprecated)]));
    quote!(#own #allowed)
}

fn arguments(api: &Api, operation: &Operation, imports: &mut Imports) -> Vec<TokenStream> {
    let mut arguments = Vec::new();
    for parameter in &operation.arguments {
        let (name, ty) = (ident(&parameter.name), ty::borrowed(api, &parameter.ty, imports));
        arguments.push(quote!(#name: #ty));
    }
    if let Some(body) = &operation.body {
        let ty = ty::borrowed(api, &body.ty, imports);
        arguments.push(if body.required { quote!(body: #ty) } else { quote!(body: Option<#ty>) });
    }
    if let Some(params) = &operation.params {
        imports.types.insert(params.name.clone());
        let ty = ident(&params.name);
        arguments.push(quote!(params: &#ty));
    }
    arguments
}

/// The half of the body that is about HTTP.
fn request(operation: &Operation, imports: &mut Imports) -> TokenStream {
    let (id, path) = (&operation.id, &operation.path);
    let request = if OWN_FUNCTION.contains(&operation.method.as_str()) {
        let method = ident(&operation.method.to_ascii_lowercase());
        quote!(#method(#id, #path))
    } else {
        let method = &operation.method;
        quote!(with_method(#method, #id, #path))
    };
    let mut parameters = Vec::new();
    for parameter in &operation.arguments {
        let name = ident(&parameter.name);
        let value = if ty::is_value(&parameter.ty) { quote!(&#name) } else { quote!(#name) };
        parameters.push(self::parameter(parameter, &value, imports));
    }
    for parameter in operation.params.iter().flat_map(|params| &params.parameters) {
        let name = ident(&parameter.name);
        parameters.push(self::parameter(parameter, &quote!(&params.#name), imports));
    }
    let body = operation.body.as_ref().map(|body| self::body(body, imports));
    let accept = operation.accept.as_ref().map(|accept| quote!(.accept(#accept)));
    let security = operation.security.as_ref().map(|requirement| {
        let accepted = security::requirement(requirement);
        quote!(.security(#accepted))
    });
    let server = operation.server.as_ref().map(|server| quote!(.server(#server)));
    quote!(Request::#request #(#parameters)*#body #accept #security #server)
}

fn body(body: &Body, imports: &mut Imports) -> TokenStream {
    let optional = |name: &str| ident(&if body.required { name.to_owned() } else { format!("{name}_opt") });
    // Forms take what may be absent as it is.
    let whole = if body.required { quote!(body) } else { quote!(&body) };
    let mut content_type = body.content_type.as_ref();
    let call = match &body.encoding {
        Encoding::Json => {
            let method = optional("json");
            quote!(.#method(body))
        }
        Encoding::JsonLines if body.required => quote!(.json_lines(body)),
        Encoding::JsonLines => quote!(.json_lines(body.unwrap_or_default())),
        Encoding::Form(FormStyles::Usual) => quote!(.form(#whole)),
        Encoding::Form(FormStyles::All(style)) => {
            let style = self::style(*style, imports);
            quote!(.form_as(#style, #whole))
        }
        Encoding::Form(FormStyles::Some(styles)) => {
            let styles = styles.iter().map(|(field, style)| {
                let style = self::style(*style, imports);
                quote!((#field, #style))
            });
            quote!(.form_with(&[#(#styles),*], #whole))
        }
        Encoding::Multipart(types) if types.is_empty() => quote!(.multipart(#whole)),
        Encoding::Multipart(types) => {
            let types = types.iter().map(|(field, content_type)| quote!((#field, #content_type)));
            quote!(.multipart_with(&[#(#types),*], #whole))
        }
        Encoding::Text => {
            let method = optional("text");
            quote!(.#method(body))
        }
        Encoding::Bytes => {
            let method = optional("bytes");
            let content_type = content_type.take().map_or("application/octet-stream", String::as_str);
            quote!(.#method(#content_type, body))
        }
    };
    let content_type = content_type.map(|content_type| quote!(.content_type(#content_type)));
    quote!(#call #content_type)
}

fn style(style: Style, imports: &mut Imports) -> TokenStream {
    imports.runtime.insert("Style");
    let style = ident(&format!("{style:?}"));
    quote!(Style::#style)
}

fn parameter(parameter: &Parameter, value: &TokenStream, imports: &mut Imports) -> TokenStream {
    let wire = &parameter.wire;
    let (method, usual) = match parameter.place {
        Place::Path => ("path_param", Style::Simple),
        Place::Query => ("query_param", Style::FormExploded),
        Place::Header if parameter.is_idempotency_key => ("idempotency_key_param", Style::Simple),
        Place::Header => ("header_param", Style::Simple),
        Place::Cookie => ("cookie_param", Style::FormExploded),
    };
    if parameter.reserved && parameter.place == Place::Query {
        let style = self::style(parameter.style, imports);
        return quote!(.query_param_reserved(#style, #wire, #value));
    }
    if parameter.style == usual {
        let method = ident(method);
        return quote!(.#method(#wire, #value));
    }
    let method = ident(&format!("{method}_as"));
    let style = self::style(parameter.style, imports);
    quote!(.#method(#style, #wire, #value))
}

fn doc(api: &Api, operation: &Operation, planned: &plan::Operation, imports: &Imports) -> Vec<String> {
    let mut lines = docs::text(&operation.summary);
    let description = docs::text(&operation.description);
    if !description.is_empty() && description != lines {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(description);
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("`{} {}`", operation.method, operation.path.replace('`', "'")));
    lines.extend(headers::words(api, operation));
    for line in cache::words(planned) {
        lines.push(String::new());
        lines.push(line);
    }
    let errors: Vec<String> = operation
        .errors
        .iter()
        .map(|error| {
            let body = error.ty.as_ref().and_then(|ty| shown(api, ty, imports));
            let body = body.map(|body| format!(" with {body}")).unwrap_or_default();
            let said = docs::text(&error.description).join(" ");
            let said = if said.is_empty() { String::new() } else { format!(": {said}") };
            format!("- `{}`, `{}`{body}{said}", error.status, error.status.name())
        })
        .collect();
    if let Some(words) = media_types(api, operation, imports) {
        lines.extend([String::new(), words]);
    }
    if !errors.is_empty() {
        lines.extend([String::new(), "# Errors".to_owned(), String::new()]);
        lines.extend(errors);
    }
    if let Some(name) = operation.error_enum.as_ref().and_then(|ty| linked(api, ty, imports)) {
        lines.extend([String::new(), format!("`Error::by_status` reads them as {name}.")]);
    }
    lines
}

/// In which other media types the data can travel.
fn media_types(api: &Api, operation: &Operation, imports: &Imports) -> Option<String> {
    let quoted = |name: &str| format!("`{}`", name.replace('`', "'"));
    let sent = operation.body.iter().flat_map(|body| &body.others).map(|name| quoted(name));
    let sent: Vec<String> = sent.collect();
    let mut sentences = Vec::new();
    if !sent.is_empty() {
        sentences.push(format!("The body can go by {}, too: see `content_type`.", sent.join(", ")));
    }
    let asked = operation.other_responses.iter().map(|(name, decoding)| {
        let method = if *decoding == Decoding::Text { "as_text" } else { "as_bytes" };
        format!("{} (`{method}`)", quoted(name))
    });
    let asked: Vec<String> = asked.collect();
    if !asked.is_empty() {
        sentences.push(format!("The response can be asked for as {}.", asked.join(", ")));
    }
    match (&operation.events, operation.decoding) {
        (None, Decoding::Undescribed) => {
            sentences
                .push("The document does not say what it answers: `as_json` reads it as a type of yours.".to_owned());
        }
        (None, Decoding::JsonLines) => sentences.push("Its lines can be read as they come: see `growing`.".to_owned()),
        (None, _) | (Some(_), Decoding::Events) => {}
        (Some(item), _) => {
            let item = linked(api, item, imports).map_or(String::new(), |link| format!(" of {link}"));
            sentences.push(format!("The response can be asked for as a stream of events{item}: see `as_events`."));
        }
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn shown(api: &Api, ty: &crate::model::Type, imports: &Imports) -> Option<String> {
    linked(api, ty, imports).map(|link| format!("a body of type {link}"))
}

fn linked(api: &Api, ty: &crate::model::Type, imports: &Imports) -> Option<String> {
    match ty.inner() {
        crate::model::Type::Named(id) => {
            let name = &api.def(*id).name;
            let target = if imports.types.contains(name) { String::new() } else { format!("(super::types::{name})") };
            Some(format!("[`{name}`]{target}"))
        }
        _ => None,
    }
}
