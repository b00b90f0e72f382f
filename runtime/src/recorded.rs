//! Bodies and parameters as a recording shows them: as JSON, without what is secret by its name.

use bytes::Bytes;
use serde_json::{Map, Value as Json};

/// What the names of secrets have in them.
const SECRETS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "authorization", "privatekey"];

/// A request's body as JSON. A form is an object of texts; what is no text is `null`.
pub(crate) fn body(body: &Bytes, content_type: &str) -> Json {
    if content_type.starts_with("multipart/") {
        return Json::Null;
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return Json::Object(pairs(&String::from_utf8_lossy(body)));
    }
    read(body)
}

/// A body as JSON: text where it is none, `null` where it is no text either.
pub(crate) fn read(bytes: &Bytes) -> Json {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Json::Null;
    }
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| std::str::from_utf8(bytes).map_or(Json::Null, |text| Json::String(text.to_owned())))
}

/// The pairs of a form or a query string. What is there several times is an array.
pub(crate) fn pairs(text: &str) -> Map<String, Json> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let mut members = Map::new();
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = Json::String(decode(value));
        match members.get_mut(&decode(name)) {
            Some(Json::Array(values)) => values.push(value),
            Some(first) => *first = Json::Array(vec![first.take(), value]),
            None => drop(members.insert(decode(name), value)),
        }
    }
    members
}

/// The same JSON with `null` for what is a secret by its name.
#[cfg(feature = "audit")]
pub(crate) fn without_secrets(json: Json) -> Json {
    without(json, &[])
}

/// The same JSON with `null` for what is a secret by its name, or has one of these names.
pub(crate) fn without(json: Json, names: &[String]) -> Json {
    match json {
        Json::Object(members) => {
            let kept = |(name, value): (String, Json)| {
                let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
                let plain = plain.to_ascii_lowercase();
                // A token that stands for a page is none that lets anybody in.
                let is_page = ["page", "next", "continuation"].iter().any(|word| plain.contains(word));
                let sounds = !value.is_object() && !is_page && SECRETS.iter().any(|word| plain.contains(word));
                let hidden = sounds || names.contains(&name);
                (name, if hidden { Json::Null } else { without(value, names) })
            };
            Json::Object(members.into_iter().map(kept).collect())
        }
        Json::Array(elements) => Json::Array(elements.into_iter().map(|element| without(element, names)).collect()),
        scalar => scalar,
    }
}

/// The same JSON with the members of all objects by name, however this build of `serde_json` keeps them.
pub(crate) fn sorted(json: Json) -> Json {
    match json {
        Json::Object(members) => {
            let mut members: Vec<(String, Json)> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(members.into_iter().collect())
        }
        Json::Array(elements) => Json::Array(elements.into_iter().map(sorted).collect()),
        scalar => scalar,
    }
}
