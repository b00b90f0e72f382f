//! Structs, and how each of their fields travels.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs;
use crate::emit::file::ident;
use crate::emit::rename;
use crate::emit::ty::{self, Imports};
use crate::model::{Api, Field, Type, TypeDef};

pub(super) fn structure(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    fields: &[Field],
    additional: Option<&Type>,
    imports: &mut Imports,
) -> TokenStream {
    let name = ident(&def.name);
    let optional = def.sent && fields.iter().all(|field| !field.required || field.ty.is_nullable());
    let default = optional.then(|| quote!(Default,));
    let derives = [("Deserialize", def.received), ("Serialize", def.sent)];
    let derives: Vec<&str> = derives.into_iter().filter_map(|(name, used)| used.then_some(name)).collect();
    imports.serde.extend(&derives);
    let derives = derives.into_iter().map(ident);
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
        #[derive(Clone, Debug, #default #(#derives),*)]
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
    let doc = docs::attributes(&field_doc(field));
    let name = ident(&field.name);
    let mut serde = Vec::new();
    if !renamed && rename::plain(&field.name) != field.wire {
        let wire = &field.wire;
        serde.push(quote!(rename = #wire));
    }
    let (ty, absent) = match (&field.ty, field.required) {
        (Type::Nullable(inner), false) => {
            imports.runtime.insert("Nullable");
            let inner = ty::owned(api, inner, imports);
            if def.received {
                serde.push(quote!(default));
            }
            (quote!(Nullable<#inner>), "Nullable::is_absent")
        }
        (ty, required) => {
            // JSON can be `null` where it is there.
            if *ty == Type::Json && !required && def.received {
                serde.push(quote!(default));
                serde.push(quote!(deserialize_with = "larder::present"));
            }
            let ty = ty::owned(api, ty, imports);
            (if required { ty } else { quote!(Option<#ty>) }, "Option::is_none")
        }
    };
    if def.sent && !field.required {
        serde.push(quote!(skip_serializing_if = #absent));
    }
    let serde = (!serde.is_empty()).then(|| quote!(#[serde(#(#serde),*)]));
    quote!(#doc #serde pub #name: #ty,)
}

fn field_doc(field: &Field) -> Vec<String> {
    let mut lines = docs::text(&field.doc);
    let mut say = |text: String| {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(text);
    };
    let code = |text: &str| text.replace('`', "'");
    match (&field.always, &field.default) {
        (Some(always), _) => say(format!("Always `{}`.", code(always))),
        (None, Some(default)) if !field.required => say(format!("Default: `{}`.", code(default))),
        _ => {}
    }
    if field.deprecated {
        say("Deprecated.".to_owned());
    }
    lines
}
