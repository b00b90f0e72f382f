//! Where the usual shapes of an error body have what they say.

use serde_json::Value as Json;

use super::ErrorView;
use super::fields;
use super::text::{fit, plain};
use crate::redact::Secrets;
use crate::response::RawResponse;

/// Larger bodies are no messages to people.
const LARGEST: usize = 256 << 10;

/// Where a message stands. The first that is a text counts.
const MESSAGES: [&str; 29] = [
    "/detail",
    "/error/message",
    "/message",
    "/error_description",
    "/error/detail",
    "/error/description",
    "/detail/message",
    "/detail/msg",
    "/error/msg",
    "/msg",
    "/error_message",
    "/errorMessage",
    "/error/reason",
    "/Message",
    "/fault/faultstring",
    "/status/message",
    "/meta/message",
    "/errors/message",
    "/data/message",
    "/description",
    "/non_field_errors/0",
    "/error",
    "/title",
    "/errors",
    "/error/title",
    "/reason",
    "/fault",
    "/statusText",
    "/error/0/message",
];

/// Where the problem's title stands.
const TITLES: [&str; 3] = ["/title", "/errors/0/title", "/error/title"];

/// Where the server's own name for the problem stands: a text, or a number that is not the status once more.
const CODES: [&str; 18] = [
    "/error/status",
    "/error/code",
    "/code",
    "/error_code",
    "/errorCode",
    "/errors/0/code",
    "/errors/0/extensions/code",
    "/error/type",
    "/__type",
    "/Code",
    "/fault/detail/errorcode",
    "/error",
    "/type",
    "/errors/0/type",
    "/reason",
    "/status",
    "/error/name",
    "/name",
];

/// What a response says.
pub(super) fn read(response: &RawResponse, secrets: &Secrets) -> ErrorView {
    let body = &response.body;
    let mut view = ErrorView { status: Some(response.status), ..ErrorView::default() };
    let json = if body.len() <= LARGEST { serde_json::from_slice::<Json>(body).ok() } else { None };
    match json {
        Some(json) => from_json(&json, &mut view, secrets),
        None => view.message = plain(body, secrets).unwrap_or_default(),
    }
    view
}

fn from_json(json: &Json, view: &mut ErrorView, secrets: &Secrets) {
    let text = |json: &Json| json.as_str().map(|text| fit(text, secrets)).filter(|text| !text.is_empty());
    let find = |places: &[&str]| places.iter().find_map(|place| text(json.pointer(place)?));
    if let Json::String(_) = json {
        view.message = text(json).unwrap_or_default();
        return;
    }
    view.title = find(&TITLES);
    view.message = find(&MESSAGES).unwrap_or_default();
    let status = view.status.map(|status| status.as_u16());
    let code = |place: &&str| match json.pointer(place)? {
        Json::Number(number) => {
            let is_status = number.as_u64().is_some_and(|number| Some(number) == status.map(u64::from));
            (!is_status).then(|| fit(&number.to_string(), secrets))
        }
        other => text(other).filter(|code| is_code(code) && *code != view.message),
    };
    view.code = CODES.iter().find_map(code);
    fields::read(json, view, secrets);
    if view.message.is_empty() {
        let of_field = view.fields.first().and_then(|one| Some(format!("{}: {}", one.field, one.messages.first()?)));
        view.message = view.details.first().cloned().or(of_field).unwrap_or_default();
    }
    // What the message or the title says already is no detail.
    let (message, title) = (&view.message, view.title.as_ref());
    view.details.retain(|detail| detail != message && Some(detail) != title);
}

/// Whether a text is a name and not a sentence. `about:blank` is the name of no problem (RFC 9457).
fn is_code(text: &str) -> bool {
    text.len() <= 200 && !text.contains(char::is_whitespace) && text != "about:blank"
}
