//! What a response brings: one type, or an enum by status.

use super::builder::Builder;
use super::media::{Family, best};
use super::sides::Side;
use super::{Answer, Decoding, ErrorBody, StatusVariant, Type, TypeDef, TypeId, TypeKind};
use crate::normalise::{Media, Response, Status};

/// From best to worst.
const ORDER: [Family; 6] =
    [Family::Json, Family::JsonLines, Family::Text, Family::Form, Family::Multipart, Family::Bytes];

/// A response as one of several.
struct Arm<'a> {
    response: &'a Response,
    media: Option<&'a Media>,
    ty: Type,
    decoding: Decoding,
}

impl Builder<'_, '_> {
    /// What a success brings. An empty success beside one with data makes the data nullable; different data under
    /// different statuses make an enum.
    pub(super) fn answer(&mut self, responses: &[Response], hint: &str, method: &str) -> Answer {
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
            [] => (Type::Unit, Decoding::Empty),
            [(ty, Decoding::Json)] if empty => ((*ty).clone().nullable(), Decoding::Json),
            [(ty, decoding)] => ((*ty).clone(), *decoding),
            _ => (Type::Named(self.by_status(&arms, hint, "Response", true)), Decoding::ByStatus),
        };
        let accept = accept(&arms, decoding);
        let others = self.other_answers(&arms);
        Answer { ty, decoding, accept, others }
    }

    /// What a refusal brings, status by status, and the enum of all of them where they differ.
    pub(super) fn errors(&mut self, responses: &[Response], hint: &str) -> (Vec<ErrorBody>, Option<TypeId>) {
        let has_success = responses.iter().any(|response| response.status.is_success());
        let refusal = |response: &&Response| match response.status {
            Status::Default => has_success,
            Status::Code(code) => code >= 400,
            Status::Range(range) => range >= 4,
        };
        let refusals: Vec<&Response> = responses.iter().filter(refusal).collect();
        let mut arms = self.arms(&refusals, hint, "Error");
        let errors = arms.iter().map(|arm| ErrorBody {
            status: match arm.response.status {
                Status::Code(code) => code.to_string(),
                Status::Range(range) => format!("{range}XX"),
                Status::Default => "default".to_owned(),
            },
            description: arm.response.description.clone(),
            ty: (arm.decoding == Decoding::Json && arm.ty != Type::Json).then(|| arm.ty.clone()),
        });
        let errors: Vec<ErrorBody> = errors.collect();
        arms.retain(|arm| matches!(arm.decoding, Decoding::Json | Decoding::Text));
        let mut typed = errors.iter().filter_map(|error| error.ty.as_ref());
        let first = typed.next();
        let differ = typed.any(|ty| Some(ty) != first);
        let several = differ.then(|| self.by_status(&arms, hint, "Error", false));
        (errors, several)
    }

    /// Each response with its best media type.
    fn arms<'a>(&mut self, responses: &[&'a Response], hint: &str, what: &str) -> Vec<Arm<'a>> {
        let chosen: Vec<_> = responses.iter().map(|response| best(&response.media, &ORDER)).collect();
        let mut schemas: Vec<_> = chosen.iter().filter_map(|media| self.spec.resolve((*media)?.schema?).ok()).collect();
        schemas.dedup();
        let several = schemas.len() > 1;
        let arm = |(response, media): (&&'a Response, Option<&'a Media>)| {
            // The enum has the plain name, and what it holds one by its status.
            let hint = if several { format!("{hint}{}", variant(response.status)) } else { format!("{hint}{what}") };
            let (ty, decoding) = match media {
                None => (Type::Unit, Decoding::Empty),
                Some(media) => self.kind(media, &hint),
            };
            Arm { response, media, ty, decoding }
        };
        responses.iter().zip(chosen).map(arm).collect()
    }

    fn kind(&mut self, media: &Media, hint: &str) -> (Type, Decoding) {
        let mut ty = |schema| self.ty(schema, hint, Side::Received);
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
            Family::Text => (Type::String, Decoding::Text),
            Family::Form | Family::Multipart | Family::Bytes => (Type::Bytes, Decoding::Bytes),
        }
    }

    /// An enum with a variant for each response.
    fn by_status(&mut self, arms: &[Arm<'_>], hint: &str, what: &str, open: bool) -> TypeId {
        let mut arms: Vec<&Arm<'_>> = arms.iter().collect();
        // A single status counts more than a range, and that more than `default`.
        arms.sort_by_key(|arm| match arm.response.status {
            Status::Code(code) => (0, code),
            Status::Range(range) => (1, range),
            Status::Default => (2, 0),
        });
        let default = arms.iter().any(|arm| arm.response.status == Status::Default);
        let variants = arms.iter().map(|arm| StatusVariant {
            name: variant(arm.response.status),
            statuses: match arm.response.status {
                Status::Code(code) => code.to_string(),
                Status::Range(range) => format!("{}..={}", u32::from(range) * 100, u32::from(range) * 100 + 99),
                Status::Default => "_".to_owned(),
            },
            doc: arm.response.description.clone(),
            ty: (arm.decoding != Decoding::Empty).then(|| arm.ty.clone()),
            decoding: arm.decoding,
        });
        let variants = variants.collect();
        let name = self.type_names.unique(&format!("{hint}{what}"));
        self.types.push(TypeDef {
            stem: name.clone(),
            name,
            schema: None,
            doc: String::new(),
            deprecated: false,
            kind: TypeKind::ByStatus { variants, open: open && !default },
            sent: false,
            received: false,
        });
        TypeId(self.types.len() - 1)
    }

    /// Other media types in which the server offers other data.
    fn other_answers(&self, arms: &[Arm<'_>]) -> Vec<(String, Decoding)> {
        let mut others: Vec<(String, Decoding)> = Vec::new();
        for arm in arms {
            let Some(chosen) = arm.media else { continue };
            let schema = |media: &Media| media.schema.and_then(|node| self.spec.resolve(node).ok());
            for media in arm.response.media.iter().filter(|media| !std::ptr::eq(*media, chosen)) {
                if media.is_range() || (schema(media).is_some() && schema(media) == schema(chosen)) {
                    continue;
                }
                let text = matches!(media.family(), Family::Json | Family::JsonLines | Family::Text);
                let decoding = if text { Decoding::Text } else { Decoding::Bytes };
                let named = media.unusual("").map(|name| (name, decoding));
                others.extend(named.filter(|other| !others.contains(other)));
            }
        }
        others
    }
}

/// What to ask for, where it is not what such responses usually are.
fn accept(arms: &[Arm<'_>], decoding: Decoding) -> Option<String> {
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

/// A status in words, as HTTP has them.
fn variant(status: Status) -> String {
    let code = match status {
        Status::Default => return "Default".to_owned(),
        Status::Range(range) => {
            let name = match range {
                1 => "Informational",
                2 => "Success",
                3 => "Redirection",
                4 => "ClientError",
                _ => "ServerError",
            };
            return name.to_owned();
        }
        Status::Code(code) => code,
    };
    let name = match code {
        200 => "Ok",
        201 => "Created",
        202 => "Accepted",
        203 => "NonAuthoritativeInformation",
        204 => "NoContent",
        205 => "ResetContent",
        206 => "PartialContent",
        207 => "MultiStatus",
        400 => "BadRequest",
        401 => "Unauthorized",
        402 => "PaymentRequired",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        406 => "NotAcceptable",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "LengthRequired",
        412 => "PreconditionFailed",
        413 => "PayloadTooLarge",
        415 => "UnsupportedMediaType",
        416 => "RangeNotSatisfiable",
        417 => "ExpectationFailed",
        421 => "MisdirectedRequest",
        422 => "UnprocessableEntity",
        423 => "Locked",
        424 => "FailedDependency",
        425 => "TooEarly",
        426 => "UpgradeRequired",
        428 => "PreconditionRequired",
        429 => "TooManyRequests",
        451 => "UnavailableForLegalReasons",
        500 => "InternalServerError",
        501 => "NotImplemented",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        507 => "InsufficientStorage",
        other => return format!("Status{other}"),
    };
    name.to_owned()
}
