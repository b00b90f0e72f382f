//! What makes a struct of what it has to have, so that nobody writes out all that is absent.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::file::{Item, ident, literal};
use crate::emit::ty::{self, Imports};
use crate::model::operation::MAX_ARGUMENTS;
use crate::model::{Api, Field, Type, TypeDef};

/// `new` with the fields that a caller has to give, for a struct that is sent and has others beside them. Where there are
/// too many to be told apart by their order, a struct's own syntax reads better; where there are none, it is `Default`.
pub(super) fn constructor(
    api: &Api,
    def: &TypeDef,
    fields: &[Field],
    additional: Option<&str>,
    imports: &mut Imports,
) -> Option<Item> {
    let given: Vec<&Field> = fields.iter().filter(|field| is_needed(field) && constant(field).is_none()).collect();
    let all = fields.len() + usize::from(additional.is_some());
    if !def.sent || given.len() > MAX_ARGUMENTS || given.len() == all || !fields.iter().any(is_needed) {
        return None;
    }
    let (mut arguments, mut values) = (Vec::new(), Vec::new());
    for field in fields {
        let name = ident(&field.name);
        let value = match constant(field) {
            Some(text) => quote!(#name: #text.to_owned()),
            // Of what is left out, these are no plain `Option`.
            None if !is_needed(field) && field.required == matches!(field.ty, Type::Nullable(_)) => {
                quote!(#name: None)
            }
            None if !is_needed(field) => quote!(#name: Default::default()),
            None if field.ty == Type::String => {
                arguments.push(quote!(#name: impl Into<String>));
                quote!(#name: #name.into())
            }
            None => {
                let ty = ty::owned(api, &field.ty, imports);
                arguments.push(quote!(#name: #ty));
                quote!(#name)
            }
        };
        values.push(value);
    }
    values.extend(additional.map(|name| {
        let name = ident(name);
        quote!(#name: Default::default())
    }));
    let name = ident(&def.name);
    Some(Item::new(if arguments.is_empty() {
        quote! {
            impl Default for #name {
                fn default() -> #name {
                    #name { #(#values),* }
                }
            }
        }
    } else {
        quote! {
            impl #name {
                /// With what it has to have; all else is absent.
                pub fn new(#(#arguments),*) -> #name {
                    #name { #(#values),* }
                }
            }
        }
    }))
}

/// Whether a request without the field is none that the server takes.
fn is_needed(field: &Field) -> bool {
    field.required && !field.ty.is_nullable()
}

/// The text that a field always has.
fn constant(field: &Field) -> Option<TokenStream> {
    let text = field.always.as_deref().filter(|_| field.required && field.ty == Type::String)?;
    literal(text).parse().ok()
}
