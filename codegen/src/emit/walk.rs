//! From a JSON Pointer to the Rust expression that reaches the same place.

use heck::ToSnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::file::ident;
use super::ty;
use crate::model::name::singular;
use crate::model::{Api, Field, Type};
use crate::pointer::unescape;

/// Where a walk has come to.
pub(super) struct Place<'a> {
    api: &'a Api,
    /// An iterator over what `variable` stands for; `None` while there is just one.
    pub(super) iterator: Option<TokenStream>,
    pub(super) variable: Ident,
    /// The place, from the variable.
    expression: TokenStream,
    /// The expression is the variable itself, which is a reference.
    bare: bool,
    ty: &'a Type,
    /// How many `Option`s are around the value.
    options: usize,
    /// The outermost of them holds a reference, and so can be copied.
    holds_reference: bool,
}

impl<'a> Place<'a> {
    /// The start: a variable that refers to a value of `ty`.
    pub(super) fn new(api: &'a Api, variable: &str, ty: &'a Type) -> Place<'a> {
        let variable = ident(variable);
        let options = usize::from(ty.is_nullable());
        Place {
            api,
            iterator: None,
            expression: quote!(#variable),
            variable,
            bare: true,
            ty,
            options,
            holds_reference: false,
        }
    }

    /// The start at an `Option` of a reference.
    pub(super) fn optional(mut self) -> Place<'a> {
        self.options += 1;
        self.holds_reference = true;
        self
    }

    /// Follows `pointer`; `None` when the types have no such place.
    pub(super) fn follow(mut self, pointer: &str) -> Option<Place<'a>> {
        let mut rest = pointer;
        while let Some(tail) = rest.strip_prefix('/') {
            let (token, next) = tail.split_at(tail.find('/').unwrap_or(tail.len()));
            self.unwrap_options();
            if token == "*" {
                self.elements()?
            } else {
                self.field(&unescape(token))?
            }
            rest = next;
        }
        Some(self)
    }

    /// The value, in a form that can be serialised; `None` values are left out by who reads it.
    pub(super) fn value(&self) -> TokenStream {
        let expression = &self.expression;
        let copied = ty::is_copy(self.api, self.ty.inner());
        if self.bare || copied { quote!(#expression) } else { quote!(&#expression) }
    }

    /// The type of what is here.
    pub(super) fn ty(&self) -> &'a Type {
        self.ty
    }

    /// One field of what is here, as [`value`](Self::value) gives it, and its type.
    pub(super) fn field_value(&self, wire: &str) -> Option<(TokenStream, &'a Type)> {
        let here = Place {
            api: self.api,
            iterator: None,
            variable: self.variable.clone(),
            expression: self.expression.clone(),
            bare: self.bare,
            ty: self.ty,
            options: 0,
            holds_reference: false,
        };
        let mut there = here;
        there.field(wire)?;
        Some((there.value(), there.ty))
    }

    /// Turns the `Option`s around the value into an iterator over it.
    pub(super) fn unwrap_options(&mut self) {
        if self.options == 0 {
            return;
        }
        let expression = &self.expression;
        let name = self.name();
        let mut iterator = match &self.iterator {
            None if self.holds_reference => quote!(#expression.into_iter()),
            None => quote!(#expression.iter()),
            Some(head) if self.bare => quote!(#head.flatten()),
            Some(head) => {
                let variable = &self.variable;
                quote!(#head.flat_map(|#variable| &#expression))
            }
        };
        for _ in 1..self.options {
            iterator = quote!(#iterator.flatten());
        }
        self.at(iterator, name, self.ty);
    }

    /// Makes the iterator run over the values themselves.
    pub(super) fn finish(&mut self) {
        self.unwrap_options();
        if let Some(head) = self.iterator.take() {
            let (variable, value) = (&self.variable, self.value());
            self.iterator = Some(if self.bare { head } else { quote!(#head.map(|#variable| #value)) });
        }
    }

    fn at(&mut self, iterator: TokenStream, name: String, ty: &'a Type) {
        self.iterator = Some(iterator);
        self.variable = ident(&name);
        let variable = &self.variable;
        self.expression = quote!(#variable);
        self.bare = true;
        self.ty = ty;
        self.options = 0;
    }

    fn elements(&mut self) -> Option<()> {
        let element = self.ty.element()?;
        let map = matches!(self.ty.inner(), Type::Map(_));
        let (expression, variable) = (&self.expression, &self.variable);
        let iterator = match (&self.iterator, map) {
            (None, false) => quote!(#expression.iter()),
            (None, true) => quote!(#expression.values()),
            (Some(head), true) => quote!(#head.flat_map(|#variable| #expression.values())),
            (Some(head), false) if self.bare => quote!(#head.flatten()),
            (Some(head), false) => quote!(#head.flat_map(|#variable| &#expression)),
        };
        self.at(iterator, name_of(self.api, element), element);
        self.options = usize::from(element.is_nullable());
        Some(())
    }

    fn field(&mut self, wire: &str) -> Option<()> {
        let field = self.api.fields(self.ty).iter().find(|field| field.wire == wire)?;
        let (expression, name) = (&self.expression, ident(&field.name));
        self.expression = quote!(#expression.#name);
        self.bare = false;
        self.ty = &field.ty;
        self.options = options(field);
        Some(())
    }

    fn name(&self) -> String {
        name_of(self.api, self.ty)
    }
}

/// How many `Option`s a field is declared with; a `Nullable` iterates as one.
fn options(field: &Field) -> usize {
    usize::from(!field.required || field.ty.is_nullable())
}

/// A variable for a value of a type.
pub(super) fn name_of(api: &Api, ty: &Type) -> String {
    let name = match ty.inner() {
        Type::Named(id) => api.def(*id).name.to_snake_case(),
        Type::List(element) => return plural(&name_of(api, element)),
        _ => "value".to_owned(),
    };
    // `list_posts_response` says less than `response`.
    let name = name.rsplit_once("_response").filter(|(_, rest)| rest.is_empty()).map_or(name.as_str(), |_| "response");
    let name = if name == "body" || name == "params" { "value" } else { name };
    if syn::parse_str::<syn::Ident>(name).is_ok() { name.to_owned() } else { "value".to_owned() }
}

fn plural(name: &str) -> String {
    if singular(name) != *name || name.ends_with('s') { format!("{name}_list") } else { format!("{name}s") }
}
