//! `security.rs`: a function for each way in which callers say who they are.

use quote::quote;

use super::docs;
use super::file::{Item, ident};
use super::ty;
use crate::model::{Grant, Requirement, Scheme, SchemeKind, Security, TokenFlow};

/// The functions that make credentials.
pub(super) fn module(security: &Security) -> (Vec<String>, Vec<Item>) {
    let doc = [
        "How callers say who they are: give the client what one of these makes, with `ClientBuilder::credential`.",
        "",
        "It is sent with the operations that ask for it.",
    ];
    let usual = requirement(&security.usual);
    let has_flows = security.schemes.iter().any(|scheme| !scheme.flows.is_empty());
    let names = if has_flows { vec!["Credential", "OAuth2", "Security"] } else { vec!["Credential", "Security"] };
    let mut items = vec![
        Item::new(ty::listed(&quote!(larder), names.into_iter()).unwrap_or_default()),
        Item::new(quote! {
            /// What operations ask for, unless they say otherwise.
            const USUAL: Security = #usual;
        }),
    ];
    for scheme in &security.schemes {
        let mut lines = docs::text(&scheme.doc);
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(match &scheme.kind {
            SchemeKind::Header(key) => format!("The header `{}`.", key.replace('`', "'")),
            SchemeKind::Query(key) => format!("The query parameter `{}`.", key.replace('`', "'")),
            SchemeKind::Cookie(key) => format!("The cookie `{}`.", key.replace('`', "'")),
            SchemeKind::Basic => "A user and a password, in the header `Authorization`.".to_owned(),
            SchemeKind::Bearer => "A token, in the header `Authorization: Bearer …`.".to_owned(),
            SchemeKind::Connection => continue,
        });
        let doc = docs::attributes(&lines);
        let (function, name) = (ident(&scheme.function), &scheme.name);
        let (arguments, made) = match &scheme.kind {
            SchemeKind::Header(key) => (quote!(value: &str), quote!(in_header(#name, #key, value))),
            SchemeKind::Query(key) => (quote!(value: &str), quote!(in_query(#name, #key, value))),
            SchemeKind::Cookie(key) => (quote!(value: &str), quote!(in_cookie(#name, #key, value))),
            SchemeKind::Basic => (quote!(user: &str, password: &str), quote!(basic(#name, user, password))),
            SchemeKind::Bearer | SchemeKind::Connection => (quote!(token: &str), quote!(bearer(#name, token))),
        };
        items.push(Item::new(quote! {
            #doc
            pub fn #function(#arguments) -> Credential {
                Credential::#made.usual(USUAL)
            }
        }));
        items.extend(scheme.flows.iter().map(|flow| tokens(scheme, flow)));
    }
    (doc.map(str::to_owned).to_vec(), items)
}

/// The function for tokens that the program gets by itself.
fn tokens(scheme: &Scheme, flow: &TokenFlow) -> Item {
    let TokenFlow { function, flow } = flow;
    let (function, name, url) = (ident(function), &scheme.name, &flow.token_url);
    let grant = match flow.grant {
        Grant::ClientCredentials => "the program's own id and secret",
        Grant::RefreshToken => "the refresh token of a user who signed in",
    };
    let mut lines = vec![format!("Tokens for {grant}, from `{}`.", docs::printable(url).replace('`', "'"))];
    if !flow.scopes.is_empty() {
        lines.extend([String::new(), "Scopes:".to_owned()]);
    }
    for (scope, what) in &flow.scopes {
        let what = docs::text(what).join(" ");
        let what = if what.is_empty() { String::new() } else { format!(": {what}") };
        lines.push(format!("- `{}`{what}", docs::printable(scope).replace('`', "'")));
    }
    let doc = docs::attributes(&lines);
    let (secret, made) = match flow.grant {
        Grant::ClientCredentials => (ident("client_secret"), ident("client_credentials")),
        Grant::RefreshToken => (ident("refresh_token"), ident("refresh_token")),
    };
    Item::new(quote! {
        #doc
        pub fn #function(client_id: &str, #secret: &str) -> OAuth2 {
            OAuth2::#made(#name, #url, client_id, #secret).usual(USUAL)
        }
    })
}

/// Alternatives as the runtime takes them.
pub(super) fn requirement(requirement: &Requirement) -> proc_macro2::TokenStream {
    let alternatives = requirement.iter().map(|schemes| quote!(&[#(#schemes),*]));
    quote!(&[#(#alternatives),*])
}
