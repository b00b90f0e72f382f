//! The entries that a mutation's response fills, as calls of the queries' functions.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use super::cache::{Chain, Want};
use super::file::ident;
use super::ty;
use super::walk::{Place, name_of};
use crate::plan::{Source, Write};

impl Chain<'_> {
    /// The entry that the response fills, as a call of the query's function.
    pub(super) fn write(&mut self, write: &Write) -> TokenStream {
        let reader =
            self.plan.operations.iter().zip(&self.api.operations).find(|(planned, _)| planned.id == write.operation);
        let Some((_, reader)) = reader else { return TokenStream::new() };
        let answered = write.args.values().any(|source| matches!(source, Source::Response { .. }));
        let root = name_of(self.api, &self.operation.response);
        let taken = reader.arguments.iter().any(|parameter| parameter.name == root);
        let root = if taken { "result".to_owned() } else { root };
        let mut kept = Vec::new();
        let mut arguments = Vec::new();
        for parameter in &reader.arguments {
            let argument = match write.args.get(&parameter.wire) {
                Some(Source::Response { pointer }) => {
                    Place::new(self.api, &root, &self.operation.response).follow(pointer).map(|place| place.value())
                }
                Some(source) => self.argument(source, Want::One),
                None => None,
            };
            let Some(mut argument) = argument else { return TokenStream::new() };
            let constant =
                matches!(write.args.get(&parameter.wire), Some(Source::Response { .. } | Source::Value { .. }));
            // What a closure over the result needs of the args has to live as long as it.
            if answered && !constant && !ty::is_copy(self.api, &parameter.ty) {
                let name = ident(&parameter.name);
                kept.push((quote!(#name), owned(argument)));
                argument = quote!(&#name);
            }
            arguments.push(argument);
        }
        if reader.params.is_some() {
            arguments.push(quote!(&Default::default()));
        }
        let function = ident(&reader.function);
        let module = ident(&self.api.groups[reader.group].module);
        let path =
            if reader.group == self.operation.group { quote!(#function) } else { quote!(super::#module::#function) };
        if !answered {
            return quote!(.writes(#path(#(#arguments),*)));
        }
        let root = ident(&root);
        self.reads_result = true;
        let from_args =
            write.args.values().any(|source| !matches!(source, Source::Response { .. } | Source::Value { .. }));
        let closure = if from_args { quote!(move |#root|) } else { quote!(|#root|) };
        let closure = quote!(#closure #path(#(#arguments),*));
        let (names, values): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
        match names.as_slice() {
            [] => quote!(.writes_from(#closure)),
            [name] => quote!(.writes_from({ let #name = #(#values),*; #closure })),
            // Together, so that no name hides what another is made of.
            names => quote!(.writes_from({ let (#(#names),*) = (#(#values),*); #closure })),
        }
    }
}

/// A value that outlives the reference that `argument` is.
fn owned(argument: TokenStream) -> TokenStream {
    let mut tokens = argument.clone().into_iter();
    match tokens.next() {
        Some(TokenTree::Punct(punct)) if punct.as_char() == '&' => {
            let place: TokenStream = tokens.collect();
            quote!(#place.clone())
        }
        _ => quote!(#argument.to_owned()),
    }
}
