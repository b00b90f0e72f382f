//! Types as tokens.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::file::ident;
use crate::model::{Api, Dates, TextFormat, Type, TypeKind};

/// What a module has to import for the types it names.
#[derive(Default)]
pub(super) struct Imports {
    /// Types of the API.
    pub(super) types: BTreeSet<String>,
    /// Names of the runtime.
    pub(super) runtime: BTreeSet<&'static str>,
    pub(super) btree_map: bool,
    /// Formats of texts.
    pub(super) formats: BTreeSet<&'static str>,
    /// Formats of texts that are read by the crate for dates.
    pub(super) dates: BTreeSet<&'static str>,
}

impl Imports {
    /// Adds what `other` imports.
    pub(super) fn add(&mut self, other: &Imports) {
        self.types.extend(other.types.iter().cloned());
        self.runtime.extend(&other.runtime);
        self.formats.extend(&other.formats);
        self.dates.extend(&other.dates);
        self.btree_map |= other.btree_map;
    }

    /// The `use` lines of what comes from outside of the API, sorted.
    pub(super) fn outside(&self, api: &Api) -> Vec<TokenStream> {
        let mut lines = Vec::new();
        if self.btree_map {
            lines.push(quote!(
                use std::collections::BTreeMap;
            ));
        }
        let dates = match api.dates {
            Dates::Chrono | Dates::Text => quote!(chrono),
            Dates::Jiff => quote!(jiff),
            Dates::Time => quote!(time),
        };
        let sets = [
            (quote!(larder::formats::#dates), &self.dates),
            (quote!(larder::formats), &self.formats),
            (quote!(larder), &self.runtime),
        ];
        for (path, names) in sets {
            lines.extend(listed(&path, names.iter().copied()));
        }
        lines
    }
}

/// `use path::{names};`, or nothing without names.
pub(super) fn listed<'a>(path: &TokenStream, names: impl Iterator<Item = &'a str>) -> Option<TokenStream> {
    let names: Vec<_> = names.map(ident).collect();
    match names.as_slice() {
        [] => None,
        [only] => Some(quote!(use #path::#only;)),
        several => Some(quote!(use #path::{#(#several),*};)),
    }
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
        Type::Text(format) => {
            let (name, date) = match format {
                TextFormat::DateTime => ("DateTime", true),
                TextFormat::Date => ("Date", true),
                TextFormat::Uuid => ("Uuid", false),
                TextFormat::Base64 => ("Base64", false),
            };
            let set = if date { &mut imports.dates } else { &mut imports.formats };
            set.insert(name);
            let name = ident(name);
            quote!(#name)
        }
        Type::Tuple(types) => {
            let types = types.iter().map(|ty| owned(api, ty, imports));
            quote!((#(#types,)*))
        }
        Type::Unit => quote!(()),
        Type::Bytes => {
            imports.runtime.insert("Bytes");
            quote!(Bytes)
        }
        Type::File => {
            imports.runtime.insert("FilePart");
            quote!(FilePart)
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
        Type::Shared(ty) => {
            imports.runtime.insert("Part");
            let ty = owned(api, ty, imports);
            quote!(Part<#ty>)
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
pub(crate) fn is_value(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::I32 | Type::I64 | Type::U32 | Type::U64 | Type::F64 | Type::Bytes | Type::Unit)
}

/// Whether values of this type are copied where they are used.
pub(super) fn is_copy(api: &Api, ty: &Type) -> bool {
    match ty {
        Type::Named(id) => matches!(api.def(*id).kind, TypeKind::IntegerEnum(_)),
        ty => is_value(ty) && *ty != Type::Bytes,
    }
}
