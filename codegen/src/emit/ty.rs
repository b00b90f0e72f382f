//! Types as tokens.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::file::ident;
use crate::model::{Api, Type};

/// What a module has to import for the types it names.
#[derive(Default)]
pub(super) struct Imports {
    /// Types of the API.
    pub(super) types: BTreeSet<String>,
    /// Names of the runtime.
    pub(super) runtime: BTreeSet<&'static str>,
    pub(super) btree_map: bool,
}

/// A type that owns its data.
pub(super) fn owned(api: &Api, ty: &Type, imports: &mut Imports) -> TokenStream {
    match ty {
        Type::Bool => quote!(bool),
        Type::I32 => quote!(i32),
        Type::I64 => quote!(i64),
        Type::U32 => quote!(u32),
        Type::U64 => quote!(u64),
        Type::F64 => quote!(f64),
        Type::String => quote!(String),
        Type::Unit => quote!(()),
        Type::Bytes => {
            imports.runtime.insert("Bytes");
            quote!(Bytes)
        }
        Type::Json => {
            imports.runtime.insert("Json");
            quote!(Json)
        }
        Type::List(ty) => {
            let ty = owned(api, ty, imports);
            quote!(Vec<#ty>)
        }
        Type::Map(ty) => {
            imports.btree_map = true;
            let ty = owned(api, ty, imports);
            quote!(BTreeMap<String, #ty>)
        }
        Type::Boxed(ty) => {
            let ty = owned(api, ty, imports);
            quote!(Box<#ty>)
        }
        Type::Nullable(ty) => {
            let ty = owned(api, ty, imports);
            quote!(Option<#ty>)
        }
        Type::Named(id) => {
            let name = &api.def(*id).name;
            imports.types.insert(name.clone());
            let name = ident(name);
            quote!(#name)
        }
    }
}

/// The type of an argument: what is cheap by value, the rest by reference.
pub(super) fn borrowed(api: &Api, ty: &Type, imports: &mut Imports) -> TokenStream {
    match ty {
        Type::String => quote!(&str),
        Type::List(element) => {
            let element = owned(api, element, imports);
            quote!(&[#element])
        }
        ty if is_value(ty) => owned(api, ty, imports),
        ty => {
            let ty = owned(api, ty, imports);
            quote!(&#ty)
        }
    }
}

/// Whether an argument of this type is passed by value.
pub(super) fn is_value(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::I32 | Type::I64 | Type::U32 | Type::U64 | Type::F64 | Type::Bytes | Type::Unit)
}
