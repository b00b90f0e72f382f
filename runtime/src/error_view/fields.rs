//! What is wrong with single fields, from the lists and maps in which servers tell it.

use serde_json::{Map, Value as Json};

use super::ErrorView;
use super::text::fit;
use crate::redact::Secrets;

/// Where lists or maps of errors stand.
const PLACES: [&str; 24] = [
    "/errors",
    "/error/details",
    "/error/errors",
    "/error/fields",
    "/invalid-params",
    "/invalidParams",
    "/invalid_params",
    "/detail",
    "/details",
    "/detail/errors",
    "/issues",
    "/error/issues",
    "/violations",
    "/fields",
    "/fieldErrors",
    "/field_errors",
    "/fieldViolations",
    "/validationErrors",
    "/validation_errors",
    "/modelState",
    "/ModelState",
    "/error/validation",
    "/messages",
    "/error",
];

/// Under which names an item of a list has its field.
const FIELD_NAMES: [&str; 17] = [
    "pointer",
    "/source/pointer",
    "/source/parameter",
    "/source/header",
    "field",
    "loc",
    "path",
    "propertyPath",
    "property",
    "name",
    "target",
    "param",
    "parameter",
    "attribute",
    "fieldName",
    "field_name",
    "key",
];

/// Under which names an item of a list has its message.
const MESSAGE_NAMES: [&str; 11] = [
    "detail",
    "message",
    "msg",
    "description",
    "reason",
    "defaultMessage",
    "error",
    "title",
    "errorMessage",
    "messages",
    "code",
];

/// Names of maps that stand for no field.
const NO_FIELD: [&str; 9] = ["non_field_errors", "nonFieldErrors", "__all__", "base", "", "$", "_", "*", "general"];

/// How deep lists within lists are read.
const DEEPEST: usize = 6;

/// Adds what a body says of fields, and further messages.
pub(super) fn read(json: &Json, view: &mut ErrorView, secrets: &Secrets) {
    let mut reader = Reader { view, secrets };
    for place in PLACES {
        match json.pointer(place) {
            Some(Json::Array(items)) => reader.list(items, 0),
            // An object that is one error holds texts; a map of fields holds lists, or is where maps are.
            Some(Json::Object(map)) if is_map_of_fields(place, map) => reader.map("", map, 0),
            _ => {}
        }
    }
    // Django's: the body itself is the map.
    if let Json::Object(map) = json
        && matches!(reader.view.status.map(|status| status.as_u16()), Some(400 | 422))
        && !map.is_empty()
        && map.iter().all(|(name, value)| is_texts(value) && !PLACES.contains(&format!("/{name}").as_str()))
    {
        reader.map("", map, 0);
    }
}

/// Whether a value is a list of texts, and not empty.
fn is_texts(json: &Json) -> bool {
    json.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Json::is_string))
}

fn is_map_of_fields(place: &str, map: &Map<String, Json>) -> bool {
    if matches!(place, "/detail" | "/details" | "/error" | "/error/details" | "/messages") {
        return map.values().any(is_texts) && map.values().all(|value| is_texts(value) || value.is_object());
    }
    true
}

struct Reader<'r> {
    view: &'r mut ErrorView,
    secrets: &'r Secrets,
}

impl Reader<'_> {
    fn text(&self, json: &Json) -> Option<String> {
        json.as_str().map(|text| fit(text, self.secrets)).filter(|text| !text.is_empty())
    }

    fn list(&mut self, items: &[Json], depth: usize) {
        for item in items.iter().take(super::MOST) {
            match item {
                Json::String(_) => self.say(None, item),
                Json::Object(item) => self.item(item, depth),
                _ => {}
            }
        }
    }

    /// One error of a list.
    fn item(&mut self, item: &Map<String, Json>, depth: usize) {
        // Google's `BadRequest`, ASP.NET's and others have lists of their own within an item.
        const WITHIN: [&str; 4] = ["fieldViolations", "field_violations", "details", "errors"];
        let at = |name: &&str| match name.strip_prefix('/') {
            Some(path) => path.split('/').try_fold(None, |outer: Option<&Json>, step| {
                let next = outer.map_or_else(|| item.get(step), |outer| outer.get(step))?;
                Some(Some(next))
            })?,
            None => item.get(*name),
        };
        let field = FIELD_NAMES.iter().find_map(|name| field_name(at(name)?, self.secrets));
        let message = MESSAGE_NAMES.iter().filter_map(at).find(|message| !is_blank(message));
        if let Some(message) = message {
            self.say(field.as_deref(), message);
        }
        if depth < DEEPEST {
            for within in WITHIN.iter().filter_map(|name| item.get(*name)) {
                match within {
                    Json::Array(items) => self.list(items, depth + 1),
                    Json::Object(map) if map.values().any(is_texts) => self.map("", map, depth + 1),
                    _ => {}
                }
            }
        }
    }

    /// A map from fields to what is wrong with them.
    fn map(&mut self, outer: &str, map: &Map<String, Json>, depth: usize) {
        for (name, errors) in map.iter().take(super::MOST) {
            let field = if NO_FIELD.contains(&name.as_str()) { outer.to_owned() } else { joined(outer, &dotted(name)) };
            let field = self.secrets.hide(&field).into_owned();
            let of = if field.is_empty() { None } else { Some(field.as_str()) };
            match errors {
                Json::String(_) => self.say(of, errors),
                Json::Array(items) => {
                    for item in items.iter().take(super::MOST) {
                        match item {
                            Json::Object(item) => {
                                let message = MESSAGE_NAMES.iter().filter_map(|name| item.get(*name));
                                message.into_iter().find(|message| !is_blank(message)).into_iter().for_each(
                                    |message| {
                                        self.say(of, message);
                                    },
                                );
                            }
                            _ => self.say(of, item),
                        }
                    }
                }
                Json::Object(inner) => match inner.get("message").filter(|message| message.is_string()) {
                    Some(message) => self.say(of, message),
                    // Zod's and others' lists of a field.
                    None if depth < DEEPEST => {
                        let inner_field =
                            if matches!(name.as_str(), "_errors" | "fieldErrors") { outer } else { &field };
                        self.map(inner_field, inner, depth + 1);
                    }
                    None => {}
                },
                _ => {}
            }
        }
    }

    /// Adds a text, or a list of texts.
    fn say(&mut self, field: Option<&str>, said: &Json) {
        if let Json::Array(items) = said {
            for item in items.iter().take(super::MOST).filter(|item| item.is_string()) {
                self.say(field, item);
            }
            return;
        }
        let Some(message) = self.text(said) else { return };
        match field {
            Some(field) => self.view.add_field(field.to_owned(), message),
            None => self.view.add_detail(message),
        }
    }
}

fn is_blank(json: &Json) -> bool {
    match json {
        Json::String(text) => text.trim().is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => true,
    }
}

/// The name of a field, from a name, a pointer, a path or a list of names.
fn field_name(json: &Json, secrets: &Secrets) -> Option<String> {
    let name = match json {
        Json::String(text) => dotted(text),
        Json::Array(steps) => {
            let steps = steps.iter().take(20).filter_map(|step| match step {
                Json::String(step) => Some(step.clone()),
                Json::Number(step) => Some(step.to_string()),
                _ => None,
            });
            without_place(steps.collect())
        }
        _ => return None,
    };
    Some(fit(&name, secrets)).filter(|name| !name.is_empty())
}

/// A pointer or a path as names with dots between them: `#/items/0/title` and `items[0].title` are `items.0.title`.
fn dotted(name: &str) -> String {
    let name = name.trim();
    if let Some(pointer) = name.strip_prefix("#/").or_else(|| name.strip_prefix('/')) {
        let steps = pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
        return without_place(steps.collect());
    }
    let name = name.strip_prefix("$.").unwrap_or(name);
    name.replace('[', ".").replace([']', '"', '\''], "").trim_matches('.').to_owned()
}

/// Leaves out what only says that the field is in the body.
fn without_place(mut steps: Vec<String>) -> String {
    let leading = match steps.first().map(String::as_str) {
        Some("body" | "query" | "path" | "header" | "cookie") if steps.len() > 1 => 1,
        // JSON:API has its fields there.
        Some("data") if matches!(steps.get(1).map(String::as_str), Some("attributes" | "relationships")) => 2,
        _ => 0,
    };
    steps.drain(..leading.min(steps.len()));
    steps.join(".")
}

fn joined(outer: &str, name: &str) -> String {
    if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") }
}
