//! Enums of texts and of whole numbers.

use proc_macro2::TokenStream;
use quote::quote;

use super::head;
use crate::emit::file::{Item, Table, ident, literal};
use crate::model::{EnumVariant, TypeDef};

pub(super) fn string_enum(def: &TypeDef, doc: &TokenStream, variants: &[EnumVariant<String>]) -> Vec<Item> {
    let name = ident(&def.name);
    let names: Vec<_> = variants.iter().map(|variant| ident(&variant.name)).collect();
    let declaration = quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum #name {
            #(#names,)*
            /// A value that the document does not list.
            Unknown(String),
        }
    };
    let rows = variants.iter().map(|variant| format!("{} = {}", variant.name, literal(&variant.value)));
    let table = Table { call: "larder::string_enum", head: head(def), rows: rows.collect(), dense: false };
    vec![Item::new(declaration), Item::table(table)]
}

pub(super) fn integer_enum(def: &TypeDef, doc: &TokenStream, variants: &[EnumVariant<i64>]) -> Vec<Item> {
    let name = ident(&def.name);
    let names: Vec<_> = variants.iter().map(|variant| ident(&variant.name)).collect();
    let declaration = quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum #name {
            #(#names,)*
            /// A value that the document does not list.
            Unknown(i64),
        }
    };
    let rows = variants.iter().map(|variant| format!("{} = {}", variant.name, variant.value));
    let table = Table { call: "larder::integer_enum", head: head(def), rows: rows.collect(), dense: false };
    vec![Item::new(declaration), Item::table(table)]
}
