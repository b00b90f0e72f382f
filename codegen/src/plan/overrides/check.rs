//! Whether what an override names exists, and what it means as a tag of the plan.

use std::collections::BTreeMap;

use super::super::possible::has;
use super::super::{Kind, Scope, Source, Tag};
use super::pointer;
use crate::diagnostic::Diagnostic;
use crate::model::overrides::{Said, SaidScope, SaidSource, SaidTag, Span, TagOverrides};
use crate::model::{Api, Operation, Place, Type};
use crate::problem_kind::ProblemKind;
use crate::suggest;

/// How alike two names are before one is suggested for the other.
const ALIKE: f32 = 0.5;

/// Names of this many things are shown where nothing is alike.
const SHOWN: usize = 8;

/// Looks at what is said of one operation.
pub(super) struct Checker<'a> {
    api: &'a Api,
    operation: &'a Operation,
    kind: Kind,
    tag_types: &'a [&'a str],
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(api: &'a Api, operation: &'a Operation, kind: Kind, tag_types: &'a [&'a str]) -> Checker<'a> {
        Checker { api, operation, kind, tag_types, problems: Vec::new() }
    }

    pub(super) fn fault(&mut self, at: Span, message: impl Into<String>, help: impl Into<String>) {
        let fault = Diagnostic::error(message).kind(ProblemKind::Override).at(at).help(help);
        self.problems.push(fault.operation(&self.operation.id));
    }

    pub(super) fn api(&self) -> &'a Api {
        self.api
    }

    /// The type of a success.
    pub(super) fn response(&self) -> &'a Type {
        &self.operation.response
    }

    /// A parameter of the query string, by the name that the document gives it.
    pub(super) fn query_parameter(&mut self, said: &Said<String>) -> Option<String> {
        let source = Said { value: SaidSource::Query(said.value.clone()), span: said.span, place: said.place.clone() };
        self.parameter(&source, Place::Query, &said.value)
    }

    /// Tells of what is said of the other kind of operation.
    pub(super) fn is_other_kind(&mut self, other: &TagOverrides, writes: Option<&Said<()>>) {
        let id = &self.operation.id;
        let (message, help) = match self.kind {
            Kind::Query => (
                format!("`{id}` is a query, and a query invalidates and writes nothing"),
                "say what it `provides`, or add `kind = \"mutation\"`",
            ),
            Kind::Mutation => (
                format!("`{id}` is a mutation, and a mutation provides nothing"),
                "say what it `invalidates`, or add `kind = \"query\"`",
            ),
        };
        let lists = [&other.only, &other.also].into_iter().flatten().map(|said| said.span);
        let with = other.with.iter().map(|said| said.span);
        let writes = writes.filter(|_| self.kind == Kind::Query).map(|said| said.span);
        for at in lists.chain(with).chain(writes).collect::<Vec<_>>() {
            self.fault(at, message.clone(), help);
        }
    }

    /// When a mutation's answer is lost, what it made stale must be known all the same.
    pub(super) fn is_known_without_an_answer(&mut self, said: &Said<Vec<Said<SaidTag>>>, tags: &[Tag]) {
        let answered = |tag: &Tag| tag.sources().any(|source| matches!(source, Source::Response { .. }));
        if self.kind == Kind::Mutation && !tags.is_empty() && tags.iter().all(answered) {
            let help = format!(
                "add a tag from its args for when the answer is lost, such as \"{}:LIST\", or write `invalidates_also`",
                tags[0].tag_type
            );
            self.fault(said.span, "what this invalidates is known from the response alone", help);
        }
    }

    /// The path of a function, if it can be one.
    pub(super) fn function(&mut self, said: &Said<String>) -> Option<String> {
        let path = said.value.strip_prefix("::").unwrap_or(&said.value);
        let is_name = |segment: &str| {
            matches!(segment, "crate" | "super" | "self") || syn::parse_str::<syn::Ident>(segment).is_ok()
        };
        if path.contains("::") && path.split("::").all(is_name) {
            return Some(said.value.clone());
        }
        let help = "write it from the root of your crate: \"crate::tags::of_posts\"";
        self.fault(said.span, format!("`{}` is no path of a Rust function", said.value), help);
        None
    }

    /// The tag of the plan.
    pub(super) fn tag(&mut self, said: &Said<SaidTag>) -> Option<Tag> {
        let tag = &said.value;
        let before = self.problems.len();
        if !self.tag_types.contains(&tag.tag_type.as_str()) {
            let help = self.meant(&tag.tag_type, self.tag_types, |name| name.to_owned());
            let declare = format!("write `[api.tag_types.{}]` where no document says of it", tag.tag_type);
            self.fault(said.span, format!("there is no tag type `{}`", tag.tag_type), format!("{help}; {declare}"));
        }
        let scope = match &tag.scope {
            SaidScope::All => Scope::Type {},
            SaidScope::Id(parts) => {
                Scope::Id { id: parts.iter().map(|part| self.source(part)).collect::<Option<_>>()? }
            }
            SaidScope::List(list) => {
                let values = list.iter().map(|(name, value)| Some((name.clone(), self.source(value)?)));
                let list = values.collect::<Option<BTreeMap<_, _>>>()?;
                Scope::List { list, filtered: tag.filtered.is_some() }
            }
        };
        if let Some(gone) = &tag.gone {
            if self.kind == Kind::Query {
                self.fault(
                    gone.span,
                    "what a query provides is not gone",
                    "`gone` is said of what a mutation invalidates",
                );
            } else if !matches!(scope, Scope::Id { .. }) {
                self.fault(gone.span, "only an entity can be gone", "give the tag an `id`, or leave `gone` out");
            }
        }
        if let Some(filtered) = &tag.filtered {
            let help = "it is said of a list with constraints that a mutation invalidates: it reaches only lists that name one";
            let named = matches!(&scope, Scope::List { list, .. } if !list.is_empty());
            if self.kind == Kind::Query || !named {
                self.fault(filtered.span, "`filtered` means nothing here", help);
            }
        }
        if self.problems.len() > before {
            return None;
        }
        let answered =
            Tag::new(&tag.tag_type, scope.clone()).sources().any(|source| matches!(source, Source::Response { .. }));
        Some(Tag {
            tag_type: tag.tag_type.clone(),
            scope,
            reference: tag.reference,
            gone: tag.gone.is_some(),
            from_args: self.kind == Kind::Query && !answered,
            confidence: 1.0,
            why: said.place.clone(),
        })
    }

    fn source(&mut self, said: &Said<SaidSource>) -> Option<Source> {
        Some(match &said.value {
            SaidSource::Path(name) => Source::Path { name: self.parameter(said, Place::Path, name)? },
            SaidSource::Query(name) => Source::Query { name: self.parameter(said, Place::Query, name)? },
            SaidSource::Header(name) => Source::Header { name: self.parameter(said, Place::Header, name)? },
            SaidSource::Value(value) => Source::Value { value: value.clone() },
            SaidSource::Body(pointer) => {
                let (ty, source) =
                    (self.operation.body.as_ref().map(|body| &body.ty), Source::Body { pointer: pointer.clone() });
                self.leads(said, "body", ty.filter(|_| has(self.operation, &source)), pointer)?;
                source
            }
            SaidSource::Response(pointer) => {
                let source = Source::Response { pointer: pointer.clone() };
                let ty = has(self.operation, &source).then_some(&self.operation.response);
                self.leads(said, "response", ty, pointer)?;
                source
            }
        })
    }

    /// A parameter by the name that the document gives it. Headers are the same in any case.
    fn parameter(&mut self, said: &Said<SaidSource>, place: Place, name: &str) -> Option<String> {
        let header = place == Place::Header;
        let is = |wire: &str| wire == name || (header && wire.eq_ignore_ascii_case(name));
        let parameters = self.api.parameters(self.operation);
        let all: Vec<&str> = parameters.filter(|other| other.place == place).map(|other| other.wire.as_str()).collect();
        if let Some(wire) = all.iter().find(|wire| is(wire)) {
            return Some((*wire).to_owned());
        }
        let word = match place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        };
        let kind = if header { "header".to_owned() } else { format!("{word} parameter") };
        let message = format!("`{}` has no {kind} `{name}`", self.operation.id);
        let help = self.meant(name, &all, |name| format!("{word}.{name}"));
        let help = if all.is_empty() { format!("it has no {kind} at all") } else { help };
        self.fault(said.span, message, help);
        None
    }

    fn leads(&mut self, said: &Said<SaidSource>, what: &str, ty: Option<&Type>, pointer: &str) -> Option<()> {
        let id = &self.operation.id;
        let Some(ty) = ty else {
            let message = format!("`{id}` has no {what} of JSON to read from");
            self.fault(said.span, message, "take the value from the path, the query string or a header");
            return None;
        };
        let Err(end) = pointer::follow(self.api, ty, pointer) else { return Some(()) };
        match end {
            pointer::End::Nowhere { reached, token, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let place =
                    if reached.is_empty() { format!("the {what}") } else { format!("`{reached}` of the {what}") };
                let message = format!("`{what}.{pointer}` leads nowhere: {place} of `{id}` has no `{token}`");
                let help = self.meant(&token, &known, |name| format!("{what}.{reached}/{name}"));
                self.fault(said.span, message, help);
            }
            pointer::End::NoValue { inside } => {
                let message = format!("`{what}.{pointer}` of `{id}` is no value, but an object or several of them");
                let inside: Vec<String> = inside.iter().map(|token| format!("`{what}.{pointer}/{token}`")).collect();
                let help = match inside.as_slice() {
                    [] => "an id or a constraint is a text, a number or a truth value".to_owned(),
                    inside => format!("go on to a value in it: {}", inside.join(", ")),
                };
                self.fault(said.span, message, help);
            }
        }
        None
    }

    /// What somebody may have meant by a name.
    fn meant(&self, name: &str, known: &[&str], shown: impl Fn(&str) -> String) -> String {
        let list =
            |names: &[&str]| names.iter().map(|name| format!("`{}`", shown(name))).collect::<Vec<_>>().join(", ");
        let close = suggest::close(name, known, ALIKE);
        match (close.as_slice(), known.len()) {
            ([best, ..], _) => format!("did you mean {}?", list(&[best])),
            ([], 0) => "there is nothing that could be meant".to_owned(),
            ([], count) if count > SHOWN => format!("there are {}, and {} more", list(&known[..SHOWN]), count - SHOWN),
            ([], _) => format!("there is {}", list(known)),
        }
    }
}
