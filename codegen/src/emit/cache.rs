//! The half of a function that speaks to the cache: its tags and writes.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::file::ident;
use super::tags::{Names, in_words};
use super::ty;
use super::walk::{Place, name_of};
use crate::model::{self, Api, Operation, Type};
use crate::plan::{self, Scope, Source, Tag, Write};
use crate::pointer::unescape;

/// The calls that follow `Query::new(request)` or `Mutation::new(request)`.
pub(super) struct Chain<'a> {
    pub(super) api: &'a Api,
    pub(super) plan: &'a plan::Plan,
    pub(super) names: &'a Names,
    pub(super) operation: &'a Operation,
    /// Constants of tag types that were named.
    pub(super) tags: BTreeSet<String>,
    /// Whether `Tags` was named.
    pub(super) collects: bool,
    /// Whether a closure over the result was written.
    pub(super) reads_result: bool,
}

impl<'a> Chain<'a> {
    /// All calls for the tags and writes of `planned`.
    pub(super) fn calls(&mut self, planned: &plan::Operation) -> TokenStream {
        let provides = planned.provides.iter().map(|tag| self.call(tag, "provides"));
        let mut calls: Vec<TokenStream> = provides.collect();
        calls.extend(planned.invalidates.iter().map(|tag| self.call(tag, "invalidates")));
        calls.extend(planned.writes.iter().map(|write| self.write(write)));
        quote!(#(#calls)*)
    }

    fn call(&mut self, tag: &Tag, verb: &str) -> TokenStream {
        let from_response = tag.sources().any(|source| matches!(source, Source::Response { .. }));
        if from_response {
            let method = ident(&format!("{verb}_from"));
            let root = name_of(self.api, &self.operation.response);
            let place = Place::new(self.api, &root, &self.operation.response);
            let Some(tags) = self.found(tag, place, "into", "collect()") else { return TokenStream::new() };
            let root = ident(&root);
            self.reads_result = true;
            return quote!(.#method(|#root| #tags));
        }
        let method = ident(verb);
        let tags = match self.many_from_body(tag) {
            Some(tags) => tags,
            None => self.of_args(tag),
        };
        quote!(.#method(#tags))
    }

    fn constant(&mut self, tag: &Tag) -> TokenStream {
        let constant = self.names.constant(&tag.tag_type).to_owned();
        let name = ident(&constant);
        self.tags.insert(constant);
        quote!(#name)
    }

    /// A tag whose parts are all in the arguments.
    fn of_args(&mut self, tag: &Tag) -> TokenStream {
        let constant = self.constant(tag);
        let base = match &tag.scope {
            Scope::Type {} => quote!(#constant.all()),
            Scope::Id { id } => {
                let parts: Vec<TokenStream> = id.iter().filter_map(|source| self.argument(source)).collect();
                match parts.as_slice() {
                    [only] => quote!(#constant.id(#only)),
                    several => quote!(#constant.id((#(#several),*))),
                }
            }
            Scope::List { list, .. } => {
                let constraints = list.iter().filter_map(|(name, source)| Some((name, self.argument(source)?)));
                let with = constraints.map(|(name, value)| quote!(.with(#name, #value)));
                quote!(#constant.list()#(#with)*)
            }
        };
        marks(tag, base)
    }

    fn argument(&self, source: &Source) -> Option<TokenStream> {
        match source {
            Source::Path { name } => self.parameter(name, model::Place::Path),
            Source::Query { name } => self.parameter(name, model::Place::Query),
            Source::Header { name } => self.parameter(name, model::Place::Header),
            Source::Value { value } => Some(quote!(#value)),
            Source::Body { pointer } => {
                let mut place = self.body()?.follow(pointer)?;
                if place.iterator.is_none() {
                    return Some(place.value());
                }
                place.finish();
                // Serialised as it is: an array of what was found.
                let iterator = place.iterator.as_ref()?;
                Some(quote!(#iterator.collect::<Vec<_>>()))
            }
            Source::Response { .. } => None,
        }
    }

    fn parameter(&self, wire: &str, place: model::Place) -> Option<TokenStream> {
        let is = |parameter: &&model::Parameter| parameter.wire == wire && parameter.place == place;
        if let Some(parameter) = self.operation.arguments.iter().find(is) {
            let name = ident(&parameter.name);
            return Some(quote!(#name));
        }
        let parameter = self.operation.params.as_ref()?.parameters.iter().find(is)?;
        let name = ident(&parameter.name);
        let value = ty::is_copy(self.api, &parameter.ty);
        Some(if value { quote!(params.#name) } else { quote!(&params.#name) })
    }

    fn body(&self) -> Option<Place<'a>> {
        let body = self.operation.body.as_ref()?;
        let place = Place::new(self.api, "body", &body.ty);
        Some(if body.required { place } else { place.optional() })
    }

    /// Ids of all things in a body that holds several.
    fn many_from_body(&mut self, tag: &Tag) -> Option<TokenStream> {
        let Scope::Id { id } = &tag.scope else { return None };
        let [Source::Body { pointer }, ..] = id.as_slice() else { return None };
        let parent = pointer.rsplit_once('/')?.0.to_owned();
        let mut place = self.body()?.follow(&parent)?;
        place.unwrap_options();
        place.iterator.as_ref()?;
        self.collects = true;
        self.parts(tag, &place, "into", "collect::<Tags>()")
    }

    /// A tag whose parts are all in the value at `place`.
    fn found(&mut self, tag: &Tag, place: Place<'_>, one: &str, many: &str) -> Option<TokenStream> {
        let first = tag.sources().find_map(|source| match source {
            Source::Response { pointer } => Some(pointer.clone()),
            _ => None,
        })?;
        let (parent, _) = first.rsplit_once('/')?;
        let mut place = place.follow(parent)?;
        place.unwrap_options();
        if let Some(tags) = self.parts(tag, &place, one, many) {
            return Some(tags);
        }
        // Untyped from the parent on: the pointer's last step is taken in the JSON.
        let last = format!("/{}", first.rsplit('/').next()?);
        let place = place.follow(&last)?;
        let (iterator, variable, value) = (place.iterator.as_ref()?, place.variable.clone(), place.value());
        let constant = self.constant(tag);
        let base = match &tag.scope {
            Scope::Id { id } if id.len() == 1 => quote!(#constant.id(#value)),
            Scope::List { list, .. } if list.len() == 1 => {
                let name = list.keys().next()?;
                quote!(#constant.list().with(#name, #value))
            }
            _ => return None,
        };
        let tag = marks(tag, base);
        let many: TokenStream = many.parse().ok()?;
        Some(quote!(#iterator.map(|#variable| #tag).#many))
    }

    /// The tag made of fields of what is at `place`.
    fn parts(&mut self, tag: &Tag, place: &Place<'_>, one: &str, many: &str) -> Option<TokenStream> {
        let field = |source: &Source| match source {
            Source::Response { pointer } | Source::Body { pointer } => {
                let wire = unescape(pointer.rsplit('/').next()?);
                place.field_value(&wire)
            }
            _ => None,
        };
        let constant = self.constant(tag);
        let base = match &tag.scope {
            Scope::Type {} => quote!(#constant.all()),
            Scope::Id { id } => {
                let parts: Vec<TokenStream> = id.iter().map(field).collect::<Option<_>>()?;
                match parts.as_slice() {
                    [only] => quote!(#constant.id(#only)),
                    several => quote!(#constant.id((#(#several),*))),
                }
            }
            Scope::List { list, .. } => {
                let with: Option<Vec<TokenStream>> =
                    list.iter().map(|(name, source)| field(source).map(|value| quote!(.with(#name, #value)))).collect();
                let with = with?;
                quote!(#constant.list()#(#with)*)
            }
        };
        let tag = marks(tag, base);
        let end: TokenStream = if place.iterator.is_some() { many } else { one }.parse().ok()?;
        let variable = &place.variable;
        Some(match &place.iterator {
            Some(iterator) => quote!(#iterator.map(|#variable| #tag).#end),
            None => quote!(#tag.#end()),
        })
    }

    /// The entry that the response fills, as a call of the query's function.
    fn write(&mut self, write: &Write) -> TokenStream {
        let reader =
            self.plan.operations.iter().zip(&self.api.operations).find(|(planned, _)| planned.id == write.operation);
        let Some((_, reader)) = reader else { return TokenStream::new() };
        let root = name_of(self.api, &self.operation.response);
        let answered =
            write.args.values().all(|source| matches!(source, Source::Response { .. })) && !write.args.is_empty();
        let argument = |source: &Source| match source {
            Source::Response { pointer } => {
                let place = Place::new(self.api, &root, &self.operation.response).follow(pointer)?;
                place.iterator.is_none().then(|| place.value())
            }
            source => self.argument(source),
        };
        let arguments = reader.arguments.iter().map(|parameter| write.args.get(&parameter.wire).and_then(argument));
        let Some(mut arguments) = arguments.collect::<Option<Vec<TokenStream>>>() else { return TokenStream::new() };
        if reader.params.is_some() {
            arguments.push(quote!(&Default::default()));
        }
        let function = ident(&reader.function);
        let module = ident(&self.api.groups[reader.group].module);
        let path =
            if reader.group == self.operation.group { quote!(#function) } else { quote!(super::#module::#function) };
        if answered {
            let root = ident(&root);
            self.reads_result = true;
            return quote!(.writes_from(|#root| #path(#(#arguments),*)));
        }
        quote!(.writes(#path(#(#arguments),*)))
    }
}

fn marks(tag: &Tag, base: TokenStream) -> TokenStream {
    let filtered = matches!(tag.scope, Scope::List { filtered: true, .. }).then(|| quote!(.filtered()));
    let gone = tag.gone.then(|| quote!(.gone()));
    let reference = tag.reference.then(|| quote!(.reference()));
    quote!(#base #filtered #gone #reference)
}

/// What the tags are, in words, for the doc comment.
pub(super) fn words(planned: &plan::Operation) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(tags) = sentence(&planned.provides, &|tag| if tag.reference { "refers to " } else { "" }) {
        lines.push(format!("Provides {tags}."));
    }
    if let Some(tags) = sentence(&planned.invalidates, &|_| "") {
        lines.push(format!("Invalidates {tags}."));
    }
    for write in &planned.writes {
        lines.push(format!("Its result is the result of `{}` too, which is not asked for again.", write.operation));
    }
    lines
}

fn sentence(tags: &[Tag], prefix: &dyn Fn(&Tag) -> &'static str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for tag in tags {
        let each = tag.sources().any(|source| matches!(source, Source::Response { pointer } if pointer.contains('*')));
        let suffix = match (each, &tag.scope) {
            (_, Scope::List { filtered: true, .. }) => " where a list names it",
            (true, Scope::Id { .. }) => " of each",
            _ => "",
        };
        let word = format!("{}`{}`{suffix}", prefix(tag), in_words(tag));
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let (last, rest) = words.split_last()?;
    Some(if rest.is_empty() { last.clone() } else { format!("{} and {last}", rest.join(", ")) })
}

/// Whether the response of an operation can carry tags.
pub(super) fn has_data(operation: &Operation) -> bool {
    operation.response != Type::Unit
}
