//! Enums of an operation's responses, told apart by their status.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs;
use crate::emit::file::{Item, Table, ident};
use crate::emit::ty::{self, Imports};
use crate::model::{Api, Decoding, StatusVariant, TypeDef};

pub(super) fn by_status(
    api: &Api,
    def: &TypeDef,
    doc: &TokenStream,
    variants: &[StatusVariant],
    open: bool,
    imports: &mut Imports,
) -> Vec<Item> {
    let name = ident(&def.name);
    let declared = variants.iter().map(|variant| {
        let doc = docs::attributes(&docs::text(&variant.doc));
        let name = ident(&variant.name);
        let data = variant.ty.as_ref().map(|ty| ty::owned(api, ty, imports));
        let data = data.map(|ty| quote!((#ty)));
        quote!(#doc #name #data,)
    });
    let declared: Vec<TokenStream> = declared.collect();
    let mut rows: Vec<String> = variants
        .iter()
        .map(|variant| format!("{} => {} {}", variant.statuses, variant.name, reader(variant.decoding)))
        .collect();
    let other = open.then(|| {
        imports.runtime.insert("RawResponse");
        rows.push("_ => Other raw".to_owned());
        quote! {
            /// A status that the document does not name.
            Other(RawResponse),
        }
    });
    let declaration = quote! {
        #doc
        #[derive(Clone, Debug)]
        pub enum #name {
            #(#declared)*
            #other
        }
    };
    let table = Table { call: "larder::by_status", head: def.name.clone(), rows, dense: false };
    vec![Item::new(declaration), Item::table(table)]
}

/// How the runtime's macro calls a way to read data.
fn reader(decoding: Decoding) -> &'static str {
    match decoding {
        Decoding::Json | Decoding::ByStatus => "json",
        Decoding::JsonLines => "json_lines",
        Decoding::Text | Decoding::Events => "text",
        Decoding::Bytes => "bytes",
        // A success among others is described or empty.
        Decoding::Empty | Decoding::Undescribed => "empty",
    }
}
