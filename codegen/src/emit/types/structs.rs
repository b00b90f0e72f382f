//! Structs, and how each of their fields travels.

use proc_macro2::TokenStream;
use quote::quote;

use super::constructors::constructor;
use super::head;
use crate::emit::docs;
use crate::emit::file::{Item, Table, ident, literal};
use crate::emit::ty::{self, Imports};
use crate::model::{Api, Field, Type, TypeDef};

pub(super) fn structure(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    fields: &[Field],
    additional: Option<&Type>,
    imports: &mut Imports,
) -> Vec<Item> {
    let name = ident(&def.name);
    let optional = def.sent && fields.iter().all(|field| !field.required || field.ty.is_nullable());
    let default = optional.then(|| quote!(Default,));
    let mut rows = Vec::new();
    let mut printed = Vec::new();
    for field in fields {
        let (declared, kind) = struct_field(api, field, imports);
        printed.push(declared);
        rows.push(format!("{} = {} {kind}", field.name, literal(&field.wire)));
    }
    let free = additional.map(|_| free_name(fields));
    let constructor = constructor(api, def, fields, free.as_deref(), imports);
    let additional = additional.zip(free).map(|(value, free)| {
        imports.btree_map = true;
        let value = ty::owned(api, value, imports);
        rows.push(format!(".. {free}"));
        let free = ident(&free);
        quote! {
            /// Properties that the document does not name.
            pub #free: BTreeMap<String, #value>,
        }
    });
    let declaration = quote! {
        #doc
        #[derive(Clone, Debug, #default)]
        pub struct #name {
            #(#printed)*
            #additional
        }
    };
    let table = Table { call: "larder::object", head: head(def), rows, dense: true };
    std::iter::once(Item::new(declaration)).chain(constructor).chain([Item::table(table)]).collect()
}

fn free_name(fields: &[Field]) -> String {
    let mut name = "additional".to_owned();
    while fields.iter().any(|field| field.name == name) {
        name.push('_');
    }
    name
}

/// A field's declaration, and its kind in the table.
fn struct_field(api: &Api, field: &Field, imports: &mut Imports) -> (TokenStream, &'static str) {
    let doc = docs::attributes(&field_doc(field));
    let name = ident(&field.name);
    let (ty, kind) = match (&field.ty, field.required) {
        (Type::Nullable(inner), false) => {
            imports.runtime.insert("Nullable");
            let inner = ty::owned(api, inner, imports);
            (quote!(Nullable<#inner>), "nullable")
        }
        (ty, false) => {
            let kind = if *ty == Type::Json { "untyped" } else { "optional" };
            let ty = ty::owned(api, ty, imports);
            (quote!(Option<#ty>), kind)
        }
        (ty, true) => (ty::owned(api, ty, imports), "required"),
    };
    (quote!(#doc pub #name: #ty,), kind)
}

/// Longer values are not shown in docs.
const LONGEST: usize = 60;

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
        (Some(always), _) if always.len() <= LONGEST => say(format!("Always `{}`.", code(always))),
        (None, Some(default)) if !field.required => say(format!("Default: `{}`.", code(default))),
        _ => {}
    }
    if field.deprecated {
        say("Deprecated.".to_owned());
    }
    lines
}
