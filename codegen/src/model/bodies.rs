//! Which of an operation's media types is used, and what travels in it.

use super::builder::Builder;
use super::sides::Side;
use super::{Body, Decoding, Encoding, ErrorBody, Type};
use crate::diagnostic::Diagnostic;
use crate::normalise::{self, Media, Status};

impl Builder<'_, '_> {
    /// The body of a request.
    ///
    /// # Errors
    /// When none of its media types can be written.
    pub(super) fn body(&mut self, body: &normalise::Body, hint: &str) -> Result<Option<Body>, Diagnostic> {
        let Some((media, encoding)) = choose_request(&body.media) else {
            if body.media.is_empty() {
                return Ok(None);
            }
            let offered: Vec<&str> = body.media.iter().map(|media| media.content_type.as_str()).collect();
            return Err(Diagnostic::warning(format!("a body of {} cannot be sent yet", offered.join(", ")))
                .at(self.spec.document.span(body.at))
                .help("the operation is left out; offer `application/json` beside it to have it generated"));
        };
        let ty = match (&encoding, media.schema) {
            (Encoding::Text, _) => Type::String,
            (Encoding::Raw(_), _) => Type::Bytes,
            (_, Some(schema)) => self.ty(schema, &format!("{hint}Body"), Side::Sent),
            (_, None) => Type::Json,
        };
        Ok(Some(Body { ty, encoding, required: body.required }))
    }

    /// What a success brings. An empty success beside one with data makes the data nullable.
    pub(super) fn response(&mut self, responses: &[normalise::Response], hint: &str) -> (Type, Decoding) {
        let mut successes: Vec<_> = responses.iter().filter(|response| response.status.is_success()).collect();
        if successes.is_empty() {
            successes = responses.iter().filter(|response| response.status == Status::Default).collect();
        }
        let empty = successes.iter().any(|response| response.media.is_empty());
        let mut kinds: Vec<(Type, Decoding)> = Vec::new();
        for media in successes.iter().filter_map(|response| choose_response(&response.media)) {
            if let Some(item) = media.item_schema.filter(|_| media.schema.is_none()) {
                let message = format!("values of {} in a row are not taken apart", media.content_type);
                self.spec.warn(item, message, "the body is read as a whole");
            }
            let kind = match (decoding(&media.content_type), media.schema) {
                (Decoding::Json, Some(schema)) => {
                    (self.ty(schema, &format!("{hint}Response"), Side::Received), Decoding::Json)
                }
                (Decoding::Json, None) => (Type::Json, Decoding::Json),
                (Decoding::Text, _) => (Type::String, Decoding::Text),
                (decoding, _) => (Type::Bytes, decoding),
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        match kinds.as_slice() {
            [] => (Type::Unit, Decoding::Empty),
            [(ty, Decoding::Json)] if empty => (ty.clone().nullable(), Decoding::Json),
            [kind] => kind.clone(),
            several if several.iter().all(|(_, decoding)| *decoding == Decoding::Json) => (Type::Json, Decoding::Json),
            _ => (Type::Bytes, Decoding::Bytes),
        }
    }

    /// What a refusal brings, status by status.
    pub(super) fn errors(&mut self, responses: &[normalise::Response], hint: &str) -> Vec<ErrorBody> {
        let has_success = responses.iter().any(|response| response.status.is_success());
        let refusal = |response: &&normalise::Response| match response.status {
            Status::Default => has_success,
            Status::Code(code) => code >= 400,
            Status::Range(range) => range >= 4,
        };
        let mut errors = Vec::new();
        for response in responses.iter().filter(refusal) {
            let media =
                choose_response(&response.media).filter(|media| decoding(&media.content_type) == Decoding::Json);
            let schema = media.and_then(|media| media.schema);
            errors.push(ErrorBody {
                status: match response.status {
                    Status::Code(code) => code.to_string(),
                    Status::Range(range) => format!("{range}XX"),
                    Status::Default => "default".to_owned(),
                },
                description: response.description.clone(),
                ty: schema.map(|schema| self.ty(schema, &format!("{hint}Error"), Side::Received)),
            });
        }
        errors
    }
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn decoding(content_type: &str) -> Decoding {
    let essence = essence(content_type);
    if is_json(&essence) {
        Decoding::Json
    } else if essence.starts_with("text/") {
        Decoding::Text
    } else {
        Decoding::Bytes
    }
}

fn is_json(essence: &str) -> bool {
    matches!(essence, "application/json" | "text/json" | "*/*" | "application/*") || essence.ends_with("+json")
}

fn choose_request(media: &[Media]) -> Option<(&Media, Encoding)> {
    let find = |wanted: &dyn Fn(&str) -> bool| media.iter().find(|media| wanted(&essence(&media.content_type)));
    if let Some(media) = find(&is_json) {
        return Some((media, Encoding::Json));
    }
    if let Some(media) = find(&|essence| essence == "application/x-www-form-urlencoded") {
        return Some((media, Encoding::Form));
    }
    if let Some(media) = find(&|essence| essence == "text/plain") {
        return Some((media, Encoding::Text));
    }
    let raw = find(&|essence| !essence.starts_with("multipart/") && !essence.is_empty())?;
    Some((raw, Encoding::Raw(raw.content_type.clone())))
}

fn choose_response(media: &[Media]) -> Option<&Media> {
    let json = media.iter().find(|media| decoding(&media.content_type) == Decoding::Json);
    json.or_else(|| media.first())
}
