//! Unions: enums whose variants are types.

use proc_macro2::TokenStream;
use quote::quote;

use super::head;
use crate::emit::file::{Item, Table, ident, literal};
use crate::emit::ty::{self, Imports};
use crate::model::{Api, TaggedVariant, Type, TypeDef, UnionVariant};

pub(super) fn tagged(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    property: &str,
    variants: &[TaggedVariant],
    imports: &mut Imports,
) -> Vec<Item> {
    let rows = variants
        .iter()
        .flat_map(|variant| variant.values.iter().map(|value| format!("{} => {}", literal(value), variant.name)));
    let head = format!("{} by {}", head(def), literal(property));
    let table = Table { call: "larder::tagged_union", head, rows: rows.collect(), dense: false };
    let declared = variants.iter().map(|variant| (variant.name.as_str(), &variant.ty));
    vec![Item::new(declaration(api, def, doc, declared, imports)), Item::table(table)]
}

pub(super) fn untagged(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    variants: &[UnionVariant],
    imports: &mut Imports,
) -> Vec<Item> {
    let key = |(key, always): &(String, Option<String>)| {
        let always = always.as_ref().map(|text| format!(" = {}", literal(text))).unwrap_or_default();
        format!("{}{always}", literal(key))
    };
    let rows = variants.iter().map(|variant| {
        let keys: Vec<String> = variant.keys.iter().map(key).collect();
        format!("{} [{}]", variant.name, keys.join(", "))
    });
    let table = Table { call: "larder::untagged_union", head: head(def), rows: rows.collect(), dense: false };
    let declared = variants.iter().map(|variant| (variant.name.as_str(), &variant.ty));
    vec![Item::new(declaration(api, def, doc, declared, imports)), Item::table(table)]
}

fn declaration<'a>(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    variants: impl Iterator<Item = (&'a str, &'a Type)>,
    imports: &mut Imports,
) -> TokenStream {
    imports.runtime.insert("Json");
    let name = ident(&def.name);
    let variants: Vec<_> = variants
        .map(|(name, ty)| {
            let (name, ty) = (ident(name), ty::owned(api, ty, imports));
            quote!(#name(#ty))
        })
        .collect();
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub enum #name {
            #(#variants,)*
            /// What the document does not describe, as it came.
            Unknown(Json),
        }
    }
}
