//! The half of a function that speaks to the cache: its tags and writes.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::file::ident;
use super::function;
use super::tags::{Names, in_words};
use super::ty;
use super::walk::{Place, name_of};
use crate::model::{self, Api, Operation, Type};
use crate::plan::{self, Scope, Source, Tag};
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
        calls.extend(self.holds(planned));
        calls.extend(planned.invalidates.iter().map(|tag| self.call(tag, "invalidates")));
        calls.extend(self.when_lost(planned));
        calls.extend(planned.writes.iter().map(|write| self.write(write)));
        if let Some(path) = &planned.with {
            let with = function::Function { api: self.api, operation: self.operation, kind: planned.kind };
            calls.push(with.call(path));
            self.reads_result = true;
        }
        quote!(#(#calls)*)
    }

    /// What only the result tells of, as a whole: for when the result is lost.
    fn when_lost(&mut self, planned: &plan::Operation) -> Vec<TokenStream> {
        let mut known: Vec<Tag> = planned.invalidates.clone();
        let mut calls = Vec::new();
        let answered = |tag: &&Tag| tag.sources().any(|source| matches!(source, Source::Response { .. }));
        for tag in planned.invalidates.iter().filter(answered) {
            let scope = match tag.scope {
                Scope::List { .. } => Scope::List { list: Default::default(), filtered: false },
                _ => Scope::Type {},
            };
            let whole = Tag { scope, gone: false, ..tag.clone() };
            let covered = known.iter().any(|other| {
                let wide = other.scope == Scope::Type {} || other.scope == whole.scope;
                other.tag_type == whole.tag_type && wide && other.reference >= whole.reference
            });
            if !covered && let Some(tags) = self.of_args(&whole) {
                calls.push(quote!(.invalidates_when_lost(#tags)));
                known.push(whole);
            }
        }
        calls
    }

    fn call(&mut self, tag: &Tag, verb: &str) -> TokenStream {
        let answered = tag.sources().any(|source| matches!(source, Source::Response { .. }));
        if answered {
            let root = name_of(self.api, &self.operation.response);
            if let Some(tags) = self.of_result(tag, &root) {
                let (method, root) = (ident(&format!("{verb}_from")), ident(&root));
                self.reads_result = true;
                return quote!(.#method(|#root| #tags));
            }
            let method = ident(&format!("{verb}_at"));
            return self.looked_up(tag).map(|tags| quote!(.#method(#tags))).unwrap_or_default();
        }
        let method = ident(verb);
        let tags = self.many_from_body(tag).or_else(|| self.of_args(tag)).or_else(|| self.looked_up(tag));
        tags.map(|tags| quote!(.#method(#tags))).unwrap_or_default()
    }

    fn constant(&mut self, tag: &Tag) -> TokenStream {
        let constant = self.names.constant(&tag.tag_type).to_owned();
        let name = ident(&constant);
        self.tags.insert(constant);
        quote!(#name)
    }

    /// A tag whose parts are all in the arguments, each a value of one type.
    fn of_args(&mut self, tag: &Tag) -> Option<TokenStream> {
        let base = match &tag.scope {
            Scope::Type {} => Base::All,
            Scope::Id { id } => {
                Base::Id(id.iter().map(|source| self.argument(source, Want::One)).collect::<Option<_>>()?)
            }
            Scope::List { list, .. } => {
                let value =
                    |(name, source): (&String, &Source)| Some((name.clone(), self.argument(source, Want::Each)?));
                Base::List(list.iter().map(value).collect::<Option<_>>()?)
            }
        };
        Some(self.tag(tag, base))
    }

    /// The tag of an entity whose id has these parts.
    pub(super) fn id(&mut self, tag: &Tag, parts: Vec<TokenStream>) -> TokenStream {
        self.tag(tag, Base::Id(parts))
    }

    /// `POST.id(…)` or `POST.list().with(…)`, with its marks.
    fn tag(&mut self, tag: &Tag, base: Base) -> TokenStream {
        let constant = self.constant(tag);
        let base = match base {
            Base::All => quote!(#constant.all()),
            Base::Id(parts) => match parts.as_slice() {
                [only] => quote!(#constant.id(#only)),
                several => quote!(#constant.id((#(#several),*))),
            },
            Base::List(constraints) => {
                let with = constraints.iter().map(|(name, value)| quote!(.with(#name, #value)));
                quote!(#constant.list()#(#with)*)
            }
        };
        marks(tag, base)
    }

    pub(super) fn argument(&self, source: &Source, want: Want) -> Option<TokenStream> {
        match source {
            Source::Value { value } => Some(quote!(#value)),
            Source::Body { pointer } => self.values(self.body()?.follow(pointer)?, want),
            Source::Response { .. } => None,
            source => {
                let (value, ty) = self.parameter(source)?;
                want.takes(self.api, ty).then_some(value)
            }
        }
    }

    /// What is at `place`, serialised as it is: an array where there are several.
    fn values(&self, mut place: Place<'_>, want: Want) -> Option<TokenStream> {
        if place.iterator.is_none() {
            return want.takes(self.api, place.ty()).then(|| place.value());
        }
        place.finish();
        let iterator = place.iterator.as_ref()?;
        (want == Want::Each && Want::One.takes(self.api, place.ty())).then(|| quote!(#iterator.collect::<Vec<_>>()))
    }

    fn parameter(&self, source: &Source) -> Option<(TokenStream, &'a Type)> {
        let (wire, place) = match source {
            Source::Path { name } => (name, model::Place::Path),
            Source::Query { name } => (name, model::Place::Query),
            Source::Header { name } => (name, model::Place::Header),
            _ => return None,
        };
        let is = |parameter: &&model::Parameter| parameter.wire == *wire && parameter.place == place;
        if let Some(parameter) = self.operation.arguments.iter().find(is) {
            let name = ident(&parameter.name);
            return Some((quote!(#name), &parameter.ty));
        }
        let parameter = self.operation.params.as_ref()?.parameters.iter().find(is)?;
        let name = ident(&parameter.name);
        let value = ty::is_copy(self.api, &parameter.ty);
        Some((if value { quote!(params.#name) } else { quote!(&params.#name) }, &parameter.ty))
    }

    fn body(&self) -> Option<Place<'a>> {
        let body = self.operation.body.as_ref()?;
        let place = Place::new(self.api, "body", &body.ty);
        Some(if body.required { place } else { place.optional() })
    }

    /// Ids of all things in a body that holds several.
    fn many_from_body(&mut self, tag: &Tag) -> Option<TokenStream> {
        let Scope::Id { id } = &tag.scope else { return None };
        let parts = id.iter().map(|source| match source {
            Source::Body { pointer } => Some(Part::At(pointer)),
            source => Part::constant(source),
        });
        let tags = self
            .ids(tag, self.body()?, &parts.collect::<Option<Vec<_>>>()?, "collect::<Tags>()")
            .filter(|tags| tags.many)?;
        self.collects = true;
        Some(tags.code)
    }

    /// A tag whose parts are all in the result, each a value of one type.
    fn of_result(&mut self, tag: &Tag, root: &str) -> Option<TokenStream> {
        let result = || Place::new(self.api, root, &self.operation.response);
        match &tag.scope {
            Scope::Type {} => None,
            Scope::Id { id } => {
                let parts = id.iter().map(|source| match source {
                    Source::Response { pointer } => Some(Part::At(pointer)),
                    source => Part::constant(source),
                });
                self.ids(tag, result(), &parts.collect::<Option<Vec<_>>>()?, "collect()").map(|tags| tags.code)
            }
            Scope::List { list, .. } => {
                let value = |(name, source): (&String, &Source)| {
                    let value = match source {
                        Source::Response { pointer } => self.values(result().follow(pointer)?, Want::Each)?,
                        Source::Value { value } => quote!(#value),
                        _ => return None,
                    };
                    Some((name.clone(), value))
                };
                let base = Base::List(list.iter().map(value).collect::<Option<_>>()?);
                let tag = self.tag(tag, base);
                Some(quote!(#tag.into()))
            }
        }
    }

    /// A tag for each thing below `root` that has all parts of the id: fields of one struct, or a value itself.
    fn ids(&mut self, tag: &Tag, root: Place<'_>, parts: &[Part<'_>], many: &str) -> Option<Ids> {
        let first = parts.iter().find_map(Part::pointer)?;
        let (parent, last) = first.rsplit_once('/')?;
        let mut place = root.follow(if last == "*" { first } else { parent })?;
        place.unwrap_options();
        let part = |part: &Part<'_>| {
            let (value, ty) = match part {
                Part::Constant(value) => return Some(quote!(#value)),
                Part::At(pointer) if last == "*" => (*pointer == first).then(|| (place.value(), place.ty()))?,
                Part::At(pointer) => {
                    let (beside, field) = pointer.rsplit_once('/')?;
                    (beside == parent).then(|| place.field_value(&unescape(field)))??
                }
            };
            Want::One.takes(self.api, ty).then_some(value)
        };
        let parts = parts.iter().map(part).collect::<Option<Vec<_>>>()?;
        let tag = self.tag(tag, Base::Id(parts));
        let (many, variable): (TokenStream, _) = (many.parse().ok()?, &place.variable);
        Some(match &place.iterator {
            Some(iterator) => Ids { many: true, code: quote!(#iterator.map(|#variable| #tag).#many) },
            None => Ids { many: false, code: quote!(#tag.into()) },
        })
    }

    /// A tag whose parts are looked up in JSON: some in the args and some in the result, in a union, where no type is.
    fn looked_up(&mut self, tag: &Tag) -> Option<TokenStream> {
        let calls = match &tag.scope {
            Scope::Type {} => return None,
            Scope::Id { id } => {
                let parts = id.iter().map(|source| {
                    Some(match source {
                        Source::Response { pointer } => quote!(.part_at(#pointer)),
                        Source::Body { pointer } => quote!(.part_in(body, #pointer)),
                        Source::Value { value } => quote!(.part(#value)),
                        source => self.parameter(source).map(|(value, _)| quote!(.part(#value)))?,
                    })
                });
                let parts = parts.collect::<Option<Vec<_>>>()?;
                quote!(.id_at()#(#parts)*)
            }
            Scope::List { list, .. } => {
                let with = list.iter().map(|(name, source)| {
                    Some(match source {
                        Source::Response { pointer } => quote!(.with_at(#name, #pointer)),
                        Source::Body { pointer } => quote!(.with_in(#name, body, #pointer)),
                        Source::Value { value } => quote!(.with(#name, #value)),
                        source => self.parameter(source).map(|(value, _)| quote!(.with(#name, #value)))?,
                    })
                });
                let with = with.collect::<Option<Vec<_>>>()?;
                quote!(.list_at()#(#with)*)
            }
        };
        let constant = self.constant(tag);
        Some(marks(tag, quote!(#constant #calls)))
    }
}

/// A scope with expressions for its values.
enum Base {
    All,
    Id(Vec<TokenStream>),
    List(Vec<(String, TokenStream)>),
}

/// A part of an id.
enum Part<'s> {
    Constant(&'s str),
    /// What is at this pointer.
    At(&'s str),
}

impl<'s> Part<'s> {
    fn constant(source: &'s Source) -> Option<Part<'s>> {
        match source {
            Source::Value { value } => Some(Part::Constant(value)),
            _ => None,
        }
    }

    fn pointer(&self) -> Option<&'s str> {
        match self {
            Part::Constant(_) => None,
            Part::At(pointer) => Some(pointer),
        }
    }
}

/// Tags for ids, and whether there can be several.
struct Ids {
    many: bool,
    code: TokenStream,
}

/// What is wanted of a value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Want {
    /// One scalar.
    One,
    /// A scalar, or an array of them.
    Each,
}

impl Want {
    pub(super) fn takes(self, api: &Api, ty: &Type) -> bool {
        let list = match ty.inner() {
            Type::List(element) => !element.is_nullable() && Want::One.takes(api, element),
            _ => false,
        };
        api.is_one_value(ty) || (self == Want::Each && list)
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
    if planned.paging.is_some() {
        lines.push("It has pages: `Query::pages` is the list of them.".to_owned());
    }
    if let Some(path) = &planned.with {
        let verb = if planned.kind == plan::Kind::Query { "provides" } else { "invalidates" };
        lines.push(format!("It also {verb} what `{path}` says."));
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
