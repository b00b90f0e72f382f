//! The struct of an operation's optional parameters.

use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::docs;
use crate::emit::file::ident;
use crate::emit::ty::{self, Imports};
use crate::model::{Api, Operation, Params, Type};

/// `depth` is how many modules the struct is below the operation's.
pub(super) fn params_struct(
    api: &Api,
    operation: &Operation,
    params: &Params,
    depth: usize,
    imports: &mut Imports,
) -> TokenStream {
    let name = ident(&params.name);
    let module = &api.groups[operation.group].module;
    let what =
        if params.parameters.iter().any(|parameter| parameter.required) { "Parameters" } else { "Optional parameters" };
    let above = "super::".repeat(depth);
    let doc = docs::attributes(&[format!("{what} of [`{0}`]({above}{module}::{0}).", operation.function)]);
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
    match ty {
        Type::Named(_) | Type::Boxed(_) => false,
        Type::Tuple(types) => types.iter().all(defaults),
        _ => true,
    }
}
