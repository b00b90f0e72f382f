//! The call of a function that a person wrote, which names tags by the result and the args.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::file::ident;
use super::ty;
use crate::model::{Api, Operation, Type};
use crate::plan::{self, Kind};

/// A function of the result of an operation and of its args, in the order in which the generated function takes them.
pub(super) struct Function<'a> {
    pub(super) api: &'a Api,
    pub(super) operation: &'a Operation,
    pub(super) kind: Kind,
}

/// What a request takes by value and the function needs, too: a statement that comes before the request.
pub(super) fn kept(operation: &Operation, planned: &plan::Operation) -> Option<TokenStream> {
    planned.with.as_ref()?;
    operation.body.as_ref().filter(|body| body.ty == Type::Bytes)?;
    let name = kept_name(operation);
    Some(quote!(let #name = body.clone();))
}

/// A name that no argument has.
fn kept_name(operation: &Operation) -> Ident {
    let mut name = "sent_body".to_owned();
    while operation.arguments.iter().any(|argument| argument.name == name) {
        name.push('_');
    }
    ident(&name)
}

impl Function<'_> {
    /// `.provides_with(…)` or `.invalidates_with(…)`.
    pub(super) fn call(&self, path: &str) -> TokenStream {
        let method = match self.kind {
            Kind::Query => quote!(provides_with),
            Kind::Mutation => quote!(invalidates_with),
        };
        // It was checked that these are names.
        let function: TokenStream = path.parse().unwrap_or_default();
        let (mut kept, mut given) = (Vec::new(), Vec::new());
        let mut add = |name: Ident, (keep, give): (Option<TokenStream>, TokenStream)| {
            kept.extend(keep.map(|value| (name, value)));
            given.push(give);
        };
        for parameter in &self.operation.arguments {
            let name = ident(&parameter.name);
            add(name.clone(), self.argument(&name, &parameter.ty));
        }
        if let Some(body) = &self.operation.body {
            let name = ident("body");
            let bytes = kept_name(self.operation);
            let argument = match (&body.ty, body.required) {
                (Type::Bytes, _) => (None, quote!(#bytes.clone())),
                (ty, true) => self.argument(&name, ty),
                (ty, false) => self.optional(&name, ty),
            };
            add(name, argument);
        }
        if self.operation.params.is_some() {
            let name = ident("params");
            add(name.clone(), (Some(quote!(#name.clone())), quote!(&#name)));
        }
        if given.is_empty() {
            return quote!(.#method(#function));
        }
        let result = self.result_name();
        let closure = quote!(move |#result| #function(#result, #(#given),*));
        let (names, values): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
        match names.as_slice() {
            [] => quote!(.#method(#closure)),
            names => quote!(.#method({ #(let #names = #values;)* #closure })),
        }
    }

    fn result_name(&self) -> Ident {
        let mut name = "result".to_owned();
        while self.operation.arguments.iter().any(|argument| argument.name == name) {
            name.push('_');
        }
        ident(&name)
    }

    /// How an argument is kept, unless it is copied, and how it is given.
    fn argument(&self, name: &Ident, ty: &Type) -> (Option<TokenStream>, TokenStream) {
        match ty {
            ty if ty::is_value(ty) => (None, quote!(#name)),
            Type::String | Type::List(_) => (Some(quote!(#name.to_owned())), quote!(&#name)),
            ty if ty::is_copy(self.api, ty) => (Some(quote!(*#name)), quote!(&#name)),
            _ => (Some(quote!(#name.clone())), quote!(&#name)),
        }
    }

    fn optional(&self, name: &Ident, ty: &Type) -> (Option<TokenStream>, TokenStream) {
        match ty {
            ty if ty::is_value(ty) => (None, quote!(#name)),
            Type::String | Type::List(_) => (Some(quote!(#name.map(ToOwned::to_owned))), quote!(#name.as_deref())),
            ty if ty::is_copy(self.api, ty) => (Some(quote!(#name.copied())), quote!(#name.as_ref())),
            _ => (Some(quote!(#name.cloned())), quote!(#name.as_ref())),
        }
    }
}
