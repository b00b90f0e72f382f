//! Where a query's result holds entities, as a table that an optimistic change goes through.

use proc_macro2::TokenStream;
use quote::quote;

use super::cache::{Chain, Want};
use super::file::ident;
use super::walk::{Place, name_of};
use crate::model::{Api, Type};
use crate::plan::{self, Scope, Source, Tag};
use crate::pointer::unescape;

/// A place in a result, with the entities there and the places within.
#[derive(Default)]
struct Node<'p> {
    /// The tag of the entity here, and the fields of its id.
    tags: Vec<(&'p Tag, Vec<Field<'p>>)>,
    /// In the order in which the plan names them.
    within: Vec<(&'p str, Node<'p>)>,
}

/// A part of an id.
enum Field<'p> {
    Constant(&'p str),
    Named(String),
}

/// What stands for a value in the table.
struct Held<'a> {
    /// The value, from the variable.
    expression: TokenStream,
    /// The expression is the variable itself, which is a reference.
    is_reference: bool,
    ty: &'a Type,
    /// It may be missing.
    optional: bool,
}

impl<'p> Node<'p> {
    fn at(&mut self, pointer: &'p str) -> &mut Node<'p> {
        let Some(tail) = pointer.strip_prefix('/') else { return self };
        let (token, rest) = tail.split_at(tail.find('/').unwrap_or(tail.len()));
        let known = self.within.iter().position(|(name, _)| *name == token);
        let at = known.unwrap_or_else(|| {
            self.within.push((token, Node::default()));
            self.within.len() - 1
        });
        self.within[at].1.at(rest)
    }
}

impl<'a> Chain<'a> {
    /// `.holds(|page, held| …)`, if the result holds entities whose ids are fields of theirs.
    pub(super) fn holds(&mut self, planned: &plan::Operation) -> Option<TokenStream> {
        let mut root = Node::default();
        for tag in &planned.provides {
            let Some((pointer, fields)) = place(tag) else { continue };
            // The args name what the result is as a whole, which the runtime knows without a table.
            let is_own = |other: &Tag| {
                let is_id = matches!(&other.scope, Scope::Id { id } if !id.iter().any(is_in_response));
                is_id && !other.reference && other.tag_type == tag.tag_type
            };
            if !(pointer.is_empty() && planned.provides.iter().any(is_own)) {
                root.at(pointer).tags.push((tag, fields));
            }
        }
        let name = variable(self.api, &self.operation.response);
        let held = Held::new(&name, &self.operation.response);
        let lines = self.lines(&held, &root);
        if lines.is_empty() {
            return None;
        }
        self.reads_result = true;
        let (name, lines) = (ident(&name), block(&lines));
        Some(quote!(.holds(|#name, held| #lines)))
    }

    /// The calls for what is at a place, and within it.
    fn lines(&mut self, held: &Held<'a>, node: &Node<'_>) -> Vec<TokenStream> {
        let (place, verb) = (held.place(), if held.optional { quote!(optional) } else { quote!(one) });
        let mut lines = Vec::new();
        for (tag, fields) in &node.tags {
            lines.extend(self.entity(held.ty, tag, fields).map(|entity| quote!(held.#verb(#place, #entity))));
        }
        if !held.optional {
            lines.extend(self.within(held, node));
            return lines;
        }
        let (verb, inner) = each(held.ty);
        let name = variable(self.api, inner);
        let within = self.within(&Held::new(&name, inner), node);
        lines.extend(nested(&verb, &place, &name, &within));
        lines
    }

    /// The calls for what is within a value.
    fn within(&mut self, held: &Held<'a>, node: &Node<'_>) -> Vec<TokenStream> {
        let mut lines = Vec::new();
        for (token, within) in &node.within {
            if *token == "*" {
                lines.extend(self.elements(held, within));
            } else if let Some(field) = held.field(self.api, &unescape(token)) {
                lines.extend(self.lines(&field, within));
            }
        }
        lines
    }

    /// The calls for the elements of a list or a map.
    fn elements(&mut self, held: &Held<'a>, node: &Node<'_>) -> Vec<TokenStream> {
        let (element, verb) = match held.ty {
            Type::List(element) => (&**element, quote!(list)),
            Type::Map(element) => (&**element, quote!(map)),
            _ => return Vec::new(),
        };
        let place = held.place();
        let Some((ty, optional)) = split(element) else { return Vec::new() };
        if optional {
            let name = variable(self.api, ty);
            let lines = self.lines(&Held { optional, ..Held::new(&name, ty) }, node);
            return nested(&quote!(each), &place, &name, &lines).into_iter().collect();
        }
        let mut lines = Vec::new();
        for (tag, fields) in &node.tags {
            lines.extend(self.entity(ty, tag, fields).map(|entity| quote!(held.#verb(#place, #entity))));
        }
        let (verb, inner) = each(ty);
        let name = variable(self.api, inner);
        let within = self.within(&Held::new(&name, inner), node);
        lines.extend(nested(&verb, &place, &name, &within));
        lines
    }

    /// `|post| POST.id(post.id)`
    fn entity(&mut self, ty: &Type, tag: &Tag, fields: &[Field<'_>]) -> Option<TokenStream> {
        let name = variable(self.api, ty);
        let place = Place::new(self.api, &name, ty);
        let part = |field: &Field<'_>| match field {
            Field::Constant(value) => Some(quote!(#value)),
            Field::Named(wire) => {
                let (value, ty) = place.field_value(wire)?;
                Want::One.takes(self.api, ty).then_some(value)
            }
        };
        let parts = fields.iter().map(part).collect::<Option<Vec<_>>>()?;
        let (tag, name) = (self.id(tag, parts), ident(&name));
        Some(quote!(|#name| #tag))
    }
}

impl<'a> Held<'a> {
    fn new(variable: &str, ty: &'a Type) -> Held<'a> {
        let variable = ident(variable);
        let (ty, optional) = split(ty).unwrap_or((ty, false));
        Held { expression: quote!(#variable), is_reference: true, ty, optional }
    }

    /// The value, to be changed.
    fn place(&self) -> TokenStream {
        let expression = &self.expression;
        if self.is_reference { quote!(#expression) } else { quote!(&mut #expression) }
    }

    fn field(&self, api: &'a Api, wire: &str) -> Option<Held<'a>> {
        let field = api.fields(self.ty).iter().find(|field| field.wire == wire)?;
        let (ty, nullable) = split(&field.ty)?;
        let (expression, name) = (&self.expression, ident(&field.name));
        let expression = quote!(#expression.#name);
        Some(Held { expression, is_reference: false, ty, optional: nullable || !field.required })
    }
}

/// Where the entities of a tag are, and the fields that make its id. Nothing for a tag of which the result does not hold them.
fn place(tag: &Tag) -> Option<(&str, Vec<Field<'_>>)> {
    let Scope::Id { id } = &tag.scope else { return None };
    if tag.reference {
        return None;
    }
    let mut place = None;
    let mut fields = Vec::new();
    for source in id {
        match source {
            Source::Value { value } => fields.push(Field::Constant(value)),
            Source::Response { pointer } => {
                let (parent, field) = pointer.rsplit_once('/')?;
                if field == "*" || place.is_some_and(|place| place != parent) {
                    return None;
                }
                place = Some(parent);
                fields.push(Field::Named(unescape(field)));
            }
            _ => return None,
        }
    }
    Some((place?, fields))
}

fn is_in_response(source: &Source) -> bool {
    matches!(source, Source::Response { .. })
}

/// A type without the `Option` around it, and whether there is one. Nothing for one that is hidden in a box.
fn split(ty: &Type) -> Option<(&Type, bool)> {
    match ty {
        Type::Nullable(inner) => Some((inner, true)),
        Type::Boxed(inner) if inner.is_nullable() => None,
        ty => Some((ty, false)),
    }
}

/// How the elements of this type are gone through, and what they are then.
fn each(element: &Type) -> (TokenStream, &Type) {
    match element {
        Type::Shared(inner) => (quote!(parts), inner),
        ty => (quote!(each), ty),
    }
}

/// A call for what is within elements, unless there is nothing.
fn nested(verb: &TokenStream, place: &TokenStream, name: &str, lines: &[TokenStream]) -> Option<TokenStream> {
    let (name, block) = (ident(name), block(lines));
    (!lines.is_empty()).then(|| quote!(held.#verb(#place, |#name, held| #block)))
}

/// One call as it is, several as a block.
fn block(lines: &[TokenStream]) -> TokenStream {
    match lines {
        [only] => quote!(#only),
        several => quote!({ #(#several;)* }),
    }
}

/// A variable for a value of a type, other than the one for the table's walk.
fn variable(api: &Api, ty: &Type) -> String {
    let name = name_of(api, ty);
    if name == "held" { "value".to_owned() } else { name }
}
