//! What a response brings: one type, or an enum by status.

use super::builder::Builder;
use super::media::{Family, best};
use super::sides::Side;
use super::{Decoding, ErrorBody, Sample, StatusVariant, Type};
use crate::normalise::{Media, Response, Status};

/// From best to worst.
const ORDER: [Family; 7] =
    [Family::Json, Family::JsonLines, Family::Text, Family::Form, Family::Multipart, Family::Bytes, Family::Events];

/// What a success brings.
pub(super) struct Answer {
    pub(super) ty: Type,
    pub(super) decoding: Decoding,
    /// What each event brings, where it can be a stream of events.
    pub(super) events: Option<Type>,
    pub(super) accept: Option<String>,
    pub(super) others: Vec<(String, Decoding)>,
    pub(super) sample: Option<Sample>,
}

/// A response as one of several.
pub(super) struct Arm<'a> {
    pub(super) response: &'a Response,
    media: Option<&'a Media>,
    ty: Type,
    decoding: Decoding,
}

impl Builder<'_, '_> {
    /// What a success brings. An empty success beside one with data makes the data nullable; different data under
    /// different statuses make an enum.
    pub(super) fn answer(&mut self, responses: &[Response], hint: &str, function: &str, method: &str) -> Answer {
        let mut successes: Vec<&Response> = responses.iter().filter(|response| response.status.is_success()).collect();
        if successes.is_empty() {
            successes = responses.iter().filter(|response| response.status == Status::Default).collect();
        }
        if method == "HEAD" {
            successes.clear();
        }
        let arms = self.arms(&successes, hint, "Response");
        let empty = arms.iter().any(|arm| arm.decoding == Decoding::Empty);
        let mut kinds: Vec<(&Type, Decoding)> = Vec::new();
        for arm in arms.iter().filter(|arm| arm.decoding != Decoding::Empty) {
            if !kinds.contains(&(&arm.ty, arm.decoding)) {
                kinds.push((&arm.ty, arm.decoding));
            }
        }
        let (ty, decoding) = match kinds.as_slice() {
            // Who asks is answered, whether or not the document says by what.
            [] if method == "GET" && successes.iter().any(|response| may_have_content(response.status)) => {
                (Type::Json, Decoding::Undescribed)
            }
            [] => (Type::Unit, Decoding::Empty),
            [(ty, Decoding::Json)] if empty => ((*ty).clone().nullable(), Decoding::Json),
            [(ty, decoding)] => ((*ty).clone(), *decoding),
            _ => (self.successes(&arms, hint, function), Decoding::ByStatus),
        };
        let is_stream = arms.iter().any(|arm| arm.media.is_some_and(|media| media.family() == Family::Events));
        let decoding = if decoding == Decoding::Text && is_stream { Decoding::Events } else { decoding };
        let accept = accept(&arms, decoding);
        let mut others = self.other_answers(&arms);
        others.retain(|(_, decoding)| *decoding != Decoding::Events);
        let events = self.events(&arms, hint);
        Answer { ty, decoding, events, accept, others, sample: sample(&arms) }
    }

    /// What a refusal brings, status by status.
    pub(super) fn errors(&mut self, responses: &[Response], hint: &str, method: &str) -> Vec<ErrorBody> {
        let has_success = responses.iter().any(|response| response.status.is_success());
        let refusal = |response: &&Response| match response.status {
            Status::Default => has_success,
            Status::Code(code) => code >= 400,
            Status::Range(range) => range >= 4,
        };
        let refusals: Vec<&Response> = responses.iter().filter(refusal).collect();
        if method == "HEAD" {
            // Nothing that answers `HEAD` has a body, whatever the document says.
            let empty = |response: &&Response| ErrorBody {
                status: response.status,
                description: response.description.clone(),
                ty: None,
                decoding: Decoding::Empty,
            };
            return refusals.iter().map(empty).collect();
        }
        let arms = self.arms(&refusals, hint, "ErrorBody").into_iter();
        let errors = arms.map(|arm| ErrorBody {
            status: arm.response.status,
            description: arm.response.description.clone(),
            ty: (arm.decoding != Decoding::Empty).then_some(arm.ty),
            decoding: arm.decoding,
        });
        errors.collect()
    }

    /// Each response with its best media type.
    fn arms<'a>(&mut self, responses: &[&'a Response], hint: &str, what: &str) -> Vec<Arm<'a>> {
        let chosen: Vec<_> = responses.iter().map(|response| best(&response.media, &ORDER)).collect();
        let mut schemas: Vec<_> = chosen.iter().filter_map(|media| self.spec.resolve((*media)?.schema?).ok()).collect();
        schemas.dedup();
        let several = schemas.len() > 1;
        let arm = |(response, media): (&&'a Response, Option<&'a Media>)| {
            // The enum has the plain name, and what it holds one by its status.
            let hint = if several { format!("{hint}{}", response.status.name()) } else { format!("{hint}{what}") };
            let (ty, decoding) = match media {
                None => (Type::Unit, Decoding::Empty),
                Some(media) => self.kind(media, &hint),
            };
            Arm { response, media, ty, decoding }
        };
        responses.iter().zip(chosen).map(arm).collect()
    }

    fn kind(&mut self, media: &Media, hint: &str) -> (Type, Decoding) {
        let mut ty = |schema| {
            let alike = self.alike.first(schema).map(|(first, name)| (first, name.to_owned()));
            let (schema, hint) = alike.unwrap_or_else(|| (schema, hint.to_owned()));
            self.ty(schema, &hint, Side::Received)
        };
        match media.family() {
            Family::Json => match (media.schema, media.item_schema) {
                (Some(schema), _) => match ty(schema) {
                    // Under `*/*`, what is no JSON is not read as such.
                    Type::File => (Type::Bytes, Decoding::Bytes),
                    ty => (ty, Decoding::Json),
                },
                (None, _) if media.is_range() => (Type::Bytes, Decoding::Bytes),
                (None, _) => (Type::Json, Decoding::Json),
            },
            Family::JsonLines => {
                let item = media.item_schema.or(media.schema).map_or(Type::Json, ty);
                let list = if matches!(item, Type::List(_)) { item } else { Type::List(Box::new(item)) };
                (list, Decoding::JsonLines)
            }
            Family::Text | Family::Events => (Type::String, Decoding::Text),
            Family::Form | Family::Multipart | Family::Bytes => (Type::Bytes, Decoding::Bytes),
        }
    }

    /// An enum with a variant for each success.
    fn successes(&mut self, arms: &[Arm<'_>], hint: &str, function: &str) -> Type {
        let default = arms.iter().any(|arm| arm.response.status == Status::Default);
        let variants = arms.iter().map(|arm| StatusVariant {
            name: arm.response.status.name(),
            statuses: arm.response.status.pattern(),
            rank: arm.response.status.rank(),
            doc: arm.response.description.clone(),
            ty: (arm.decoding != Decoding::Empty).then(|| arm.ty.clone()),
            decoding: arm.decoding,
        });
        let doc = format!("What `{function}` answers, by status.");
        Type::Named(self.by_status(&format!("{hint}Response"), doc, variants.collect(), !default))
    }

    /// Other media types in which the server offers other data.
    fn other_answers(&self, arms: &[Arm<'_>]) -> Vec<(String, Decoding)> {
        let mut others: Vec<(String, Decoding)> = Vec::new();
        for arm in arms {
            let Some(chosen) = arm.media else { continue };
            for media in arm.response.media.iter().filter(|media| !std::ptr::eq(*media, chosen)) {
                if media.is_range() || self.is_same_data(media, chosen) {
                    continue;
                }
                let text = matches!(media.family(), Family::Json | Family::JsonLines | Family::Text);
                let decoding = match media.family() {
                    Family::Events => Decoding::Events,
                    _ if text => Decoding::Text,
                    _ => Decoding::Bytes,
                };
                let named = media.unusual("").map(|name| (name, decoding));
                others.extend(named.filter(|other| !others.contains(other)));
            }
        }
        others
    }
}

/// Whether a status allows a body.
fn may_have_content(status: Status) -> bool {
    !matches!(status, Status::Code(204 | 205))
}

/// The first response with data, else the first.
fn sample(arms: &[Arm<'_>]) -> Option<Sample> {
    let arm = arms.iter().find(|arm| arm.decoding != Decoding::Empty).or(arms.first())?;
    let status = match arm.response.status {
        Status::Code(code) => code,
        Status::Range(_) | Status::Default => 200,
    };
    let content_type = arm.media.filter(|media| !media.is_range()).map(|media| media.content_type.clone());
    let usual = match arm.decoding {
        Decoding::Json | Decoding::ByStatus => "application/json",
        Decoding::JsonLines => "application/jsonl",
        Decoding::Text | Decoding::Events => "text/plain",
        Decoding::Bytes => "application/octet-stream",
        Decoding::Empty | Decoding::Undescribed => "",
    };
    Some(Sample {
        status,
        content_type: content_type.unwrap_or_else(|| usual.to_owned()),
        ty: arm.ty.clone(),
        decoding: arm.decoding,
        schema: arm.media.and_then(|media| media.schema),
        examples: arm.media.map(|media| media.examples.clone()).unwrap_or_default(),
    })
}

/// What to ask for, where it is not what such responses usually are.
fn accept(arms: &[Arm<'_>], decoding: Decoding) -> Option<String> {
    if decoding == Decoding::Events {
        return None;
    }
    let mut named: Vec<String> = Vec::new();
    for arm in arms {
        let Some(media) = arm.media.filter(|media| !media.is_range()) else { continue };
        let alone = arm.response.media.len() == 1;
        let name = match arm.decoding {
            Decoding::Json => media.unusual("application/json"),
            Decoding::Text => media.unusual("text/plain").filter(|_| !alone),
            Decoding::JsonLines => media.unusual("application/jsonl"),
            _ => media.unusual("").filter(|_| !alone),
        };
        named.extend(name.filter(|name| !named.contains(name)));
    }
    if named.is_empty() {
        return None;
    }
    if decoding == Decoding::ByStatus {
        named.push("*/*;q=0.5".to_owned());
    } else if decoding == Decoding::Json
        && arms.iter().any(|arm| arm.media.is_some_and(|media| media.unusual("application/json").is_none()))
    {
        named.insert(0, "application/json".to_owned());
    }
    Some(named.join(", "))
}
