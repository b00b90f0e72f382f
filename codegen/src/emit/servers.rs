//! `servers.rs`: where the API is served.

use quote::quote;

use super::docs;
use super::file::{Item, ident};
use crate::model::{Server, ServerUrl, ServerVariable};

/// A constant for each server, or a struct for one with variables.
pub(super) fn module(servers: &[Server]) -> (Vec<String>, Vec<Item>) {
    let doc = vec!["Where the API is served: a client is made with one of these.".to_owned()];
    (doc, servers.iter().flat_map(server).collect())
}

fn server(server: &Server) -> Vec<Item> {
    let mut lines = docs::text(&server.doc);
    let (shown, format, variables) = match &server.url {
        ServerUrl::Fixed(url) => {
            if url.starts_with('/') {
                let note = "A path: put it after the address of the server that you use.";
                lines.extend([String::new(), note.to_owned()].into_iter().skip(usize::from(lines.is_empty())));
            }
            let (doc, name) = (docs::attributes(&lines), ident(&server.name));
            return vec![Item::new(quote!(#doc pub const #name: &str = #url;))];
        }
        ServerUrl::Variable { shown, format, variables } => (shown, format, variables),
    };
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("`{}`", shown.replace('`', "'")));
    let doc = docs::attributes(&lines);
    let name = ident(&server.name);
    let fields = variables.iter().map(|variable| {
        let (doc, name) = (docs::attributes(&about(variable)), ident(&variable.field));
        quote!(#doc pub #name: String,)
    });
    let defaults = variables.iter().map(|variable| {
        let (name, default) = (ident(&variable.field), &variable.default);
        let default = if default.is_empty() { quote!(String::new()) } else { quote!(#default.to_owned()) };
        quote!(#name: #default)
    });
    let names: Vec<_> = variables.iter().map(|variable| ident(&variable.field)).collect();
    let declaration = quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #name {
            #(#fields)*
        }
    };
    let default = quote! {
        impl Default for #name {
            fn default() -> #name {
                #name { #(#defaults),* }
            }
        }
    };
    let url = quote! {
        impl From<#name> for String {
            fn from(server: #name) -> String {
                let #name { #(#names),* } = server;
                format!(#format)
            }
        }
    };
    vec![Item::new(declaration), Item::new(default), Item::new(url)]
}

fn about(variable: &ServerVariable) -> Vec<String> {
    let mut lines = docs::text(&variable.doc);
    if !variable.values.is_empty() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let values: Vec<String> =
            variable.values.iter().map(|value| format!("`{}`", value.replace('`', "'"))).collect();
        lines.push(format!("One of {}.", values.join(", ")));
    }
    lines
}
