//! `types.rs`: structs, enums and unions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::file::{Item, ident};
use super::rename;
use super::ty::{self, Imports};
use crate::model::{Api, EnumVariant, Field, Operation, Params, TaggedVariant, Type, TypeDef, TypeKind, UnionVariant};

/// Everything that travels, sorted by name.
pub(super) fn module(api: &Api) -> Vec<Item> {
    let mut imports = Imports::default();
    let mut items: Vec<(String, Vec<TokenStream>)> = Vec::new();
    for def in api.types.iter().filter(|def| def.sent || def.received) {
        items.push((def.name.clone(), definition(api, def, &mut imports)));
    }
    let serialize = api.types.iter().any(|def| def.sent && derives_serde(def));
    let deserialize = api.types.iter().any(|def| def.received && derives_serde(def));
    for operation in &api.operations {
        if let Some(params) = &operation.params {
            items.push((params.name.clone(), vec![params_struct(api, operation, params, &mut imports)]));
        }
    }
    items.sort_by(|a, b| a.0.cmp(&b.0));
    if items.is_empty() {
        return Vec::new();
    }
    let mut printed = uses(&imports, serialize, deserialize);
    printed.extend(items.into_iter().flat_map(|(_, tokens)| tokens).map(Item::new));
    printed
}

fn uses(imports: &Imports, serialize: bool, deserialize: bool) -> Vec<Item> {
    let mut uses = Vec::new();
    if imports.btree_map {
        uses.push(Item::new(quote!(
            use std::collections::BTreeMap;
        )));
    }
    let runtime: Vec<_> = imports.runtime.iter().map(|name| ident(name)).collect();
    let mut larder = Vec::new();
    match runtime.as_slice() {
        [] => {}
        [only] => larder.push(quote!(use larder::#only;)),
        several => larder.push(quote!(use larder::{#(#several),*};)),
    }
    match (serialize, deserialize) {
        (true, true) => larder.push(quote!(
            use larder::serde::{Deserialize, Serialize};
        )),
        (true, false) => larder.push(quote!(
            use larder::serde::Serialize;
        )),
        (false, true) => larder.push(quote!(
            use larder::serde::Deserialize;
        )),
        (false, false) => {}
    }
    let tight = |(at, tokens)| if at == 0 { Item::new(tokens) } else { Item::tight(tokens) };
    uses.extend(larder.into_iter().enumerate().map(tight));
    uses
}

fn derives_serde(def: &TypeDef) -> bool {
    matches!(def.kind, TypeKind::Struct { .. } | TypeKind::StringEnum(_))
}

fn definition(api: &Api, def: &TypeDef, imports: &mut Imports) -> Vec<TokenStream> {
    let mut lines = docs::text(&def.doc);
    if def.deprecated {
        lines.extend([String::new(), "Deprecated.".to_owned()]);
    }
    let doc = docs::attributes(&lines);
    match &def.kind {
        TypeKind::Struct { fields, additional } => {
            vec![structure(api, def, &doc, fields, additional.as_ref(), imports)]
        }
        TypeKind::StringEnum(variants) => vec![string_enum(def, &doc, variants)],
        TypeKind::IntegerEnum(variants) => integer_enum(def, &doc, variants),
        TypeKind::TaggedUnion { property, variants } => tagged_union(api, def, &doc, property, variants, imports),
        TypeKind::UntaggedUnion(variants) => untagged_union(api, def, &doc, variants, imports),
    }
}

/// The serde traits for the directions in which a type travels.
fn serde_derives(def: &TypeDef) -> Vec<TokenStream> {
    let mut derives = Vec::new();
    if def.received {
        derives.push(quote!(Deserialize));
    }
    if def.sent {
        derives.push(quote!(Serialize));
    }
    derives
}

fn structure(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    fields: &[Field],
    additional: Option<&Type>,
    imports: &mut Imports,
) -> TokenStream {
    let name = ident(&def.name);
    let serde = serde_derives(def);
    let optional = def.sent && fields.iter().all(|field| !field.required || field.ty.is_nullable());
    let default = optional.then(|| quote!(Default,));
    let names: Vec<(&str, &str)> = fields.iter().map(|field| (field.name.as_str(), field.wire.as_str())).collect();
    let rule = rename::for_fields(&names);
    let rename_all = rule.map(|rule| quote!(, rename_all = #rule));
    let printed: Vec<_> = fields.iter().map(|field| struct_field(api, def, field, rule.is_some(), imports)).collect();
    let additional = additional.map(|value| {
        imports.btree_map = true;
        let value = ty::owned(api, value, imports);
        let free = ident(&free_name(fields));
        quote! {
            /// Properties that the document does not name.
            #[serde(flatten)]
            pub #free: BTreeMap<String, #value>,
        }
    });
    quote! {
        #doc
        #[derive(Clone, Debug, #default #(#serde),*)]
        #[serde(crate = "larder::serde" #rename_all)]
        pub struct #name {
            #(#printed)*
            #additional
        }
    }
}

fn free_name(fields: &[Field]) -> String {
    let mut name = "additional".to_owned();
    while fields.iter().any(|field| field.name == name) {
        name.push('_');
    }
    name
}

fn struct_field(api: &Api, def: &TypeDef, field: &Field, renamed: bool, imports: &mut Imports) -> TokenStream {
    let mut lines = docs::text(&field.doc);
    if field.deprecated {
        lines.extend([String::new(), "Deprecated.".to_owned()]);
    }
    let doc = docs::attributes(&lines);
    let name = ident(&field.name);
    let mut ty = ty::owned(api, &field.ty, imports);
    let mut serde = Vec::new();
    if !renamed && rename::plain(&field.name) != field.wire {
        let wire = &field.wire;
        serde.push(quote!(rename = #wire));
    }
    if !field.required {
        match (field.ty.is_nullable(), def.sent) {
            (true, true) => {
                ty = quote!(Option<#ty>);
                serde.push(quote!(default));
                serde.push(quote!(with = "larder::nullable"));
            }
            (true, false) => {}
            (false, _) => ty = quote!(Option<#ty>),
        }
        if def.sent {
            serde.push(quote!(skip_serializing_if = "Option::is_none"));
        }
    }
    let serde = (!serde.is_empty()).then(|| quote!(#[serde(#(#serde),*)]));
    quote!(#doc #serde pub #name: #ty,)
}

fn string_enum(def: &TypeDef, doc: &TokenStream, variants: &[EnumVariant<String>]) -> TokenStream {
    let name = ident(&def.name);
    let serde = serde_derives(def);
    let names: Vec<(&str, &str)> =
        variants.iter().map(|variant| (variant.name.as_str(), variant.value.as_str())).collect();
    let rule = rename::for_variants(&names);
    let rename_all = rule.map(|rule| quote!(, rename_all = #rule));
    let printed = variants.iter().map(|variant| {
        let (name, value) = (ident(&variant.name), &variant.value);
        let rename = (rule.is_none() && variant.name != *value).then(|| quote!(#[serde(rename = #value)]));
        quote!(#rename #name,)
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, Hash, #(#serde),*)]
        #[serde(crate = "larder::serde" #rename_all)]
        pub enum #name {
            #(#printed)*
            /// A value that the document does not list.
            #[serde(untagged)]
            Unknown(String),
        }
    }
}

/// `read`, `write` or nothing, for the runtime's macros.
fn direction(def: &TypeDef) -> Option<TokenStream> {
    match (def.sent, def.received) {
        (true, false) => Some(quote!(write)),
        (false, true) => Some(quote!(read)),
        _ => None,
    }
}

fn integer_enum(def: &TypeDef, doc: &TokenStream, variants: &[EnumVariant<i64>]) -> Vec<TokenStream> {
    let name = ident(&def.name);
    let direction = direction(def);
    let names: Vec<_> = variants.iter().map(|variant| ident(&variant.name)).collect();
    let values = variants.iter().map(|variant| proc_macro2::Literal::i64_unsuffixed(variant.value));
    let declaration = quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum #name {
            #(#names,)*
            /// A value that the document does not list.
            Unknown(i64),
        }
    };
    vec![declaration, quote!(larder::integer_enum! { #direction #name { #(#names = #values),* } })]
}

fn union_declaration<'a>(
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

fn tagged_union(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    property: &str,
    variants: &[TaggedVariant],
    imports: &mut Imports,
) -> Vec<TokenStream> {
    let name = ident(&def.name);
    let direction = direction(def);
    let arms = variants.iter().flat_map(|variant| {
        let name = ident(&variant.name);
        variant.values.iter().map(move |value| quote!(#value => #name))
    });
    let table = quote!(larder::tagged_union! { #direction #name by #property { #(#arms),* } });
    let declared = variants.iter().map(|variant| (variant.name.as_str(), &variant.ty));
    vec![union_declaration(api, def, doc, declared, imports), table]
}

fn untagged_union(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    variants: &[UnionVariant],
    imports: &mut Imports,
) -> Vec<TokenStream> {
    let name = ident(&def.name);
    let direction = direction(def);
    let arms = variants.iter().map(|variant| {
        let (name, keys) = (ident(&variant.name), &variant.keys);
        quote!(#name [#(#keys),*])
    });
    let table = quote!(larder::untagged_union! { #direction #name { #(#arms),* } });
    let declared = variants.iter().map(|variant| (variant.name.as_str(), &variant.ty));
    vec![union_declaration(api, def, doc, declared, imports), table]
}

fn params_struct(api: &Api, operation: &Operation, params: &Params, imports: &mut Imports) -> TokenStream {
    let name = ident(&params.name);
    let module = &api.groups[operation.group].module;
    let what =
        if params.parameters.iter().any(|parameter| parameter.required) { "Parameters" } else { "Optional parameters" };
    let doc = docs::attributes(&[format!("{what} of [`{0}`](super::{module}::{0}).", operation.function)]);
    let default = params.parameters.iter().all(|parameter| !parameter.required || defaults(&parameter.ty));
    let default = default.then(|| quote!(, Default));
    let fields = params.parameters.iter().map(|parameter| {
        let mut lines = docs::text(&parameter.doc);
        if parameter.deprecated {
            lines.extend([String::new(), "Deprecated.".to_owned()]);
        }
        let doc = docs::attributes(&lines);
        let name = ident(&parameter.name);
        let ty = ty::owned(api, &parameter.ty, imports);
        let ty = if parameter.required { ty } else { quote!(Option<#ty>) };
        quote!(#doc pub #name: #ty,)
    });
    quote! {
        #doc
        #[derive(Clone, Debug #default)]
        pub struct #name {
            #(#fields)*
        }
    }
}

/// Whether a type has a `Default` of its own.
fn defaults(ty: &Type) -> bool {
    !matches!(ty, Type::Named(_) | Type::Boxed(_))
}
