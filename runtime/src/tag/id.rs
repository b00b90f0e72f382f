//! Ids of entities, and the texts that values become in tags.

use std::fmt;

use serde_json::{Number, Value as Json};

use crate::json_text;

/// The id of an entity: the texts of its parts, joined so that different parts never give the same text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(Kind);

/// One text is always of one kind, whatever it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    /// A text that an integer would be written as. It needs no memory of its own.
    Integer(i64),
    Text(Box<str>),
}

impl Id {
    /// The id that a value is: a scalar, or an array of them. `None` for all else.
    pub(super) fn of(value: Json) -> Option<Id> {
        match value {
            Json::Array(parts) if !parts.is_empty() => {
                Some(Id::of_parts(parts.iter().map(scalar).collect::<Option<_>>()?))
            }
            Json::Number(number) => Some(match integer(&number) {
                Some(integer) => Id(Kind::Integer(integer)),
                None => Id::of_text(number.to_string()),
            }),
            Json::String(text) => Some(Id::of_part(text)),
            part => Some(Id::of_text(scalar(&part)?)),
        }
    }

    /// Joins parts with `/`, escaped as in a JSON Pointer, so that `["a/b"]` and `["a", "b"]` stay different.
    pub(super) fn of_parts(mut parts: Vec<Box<str>>) -> Id {
        if parts.len() == 1 {
            return Id::of_part(parts.swap_remove(0));
        }
        for part in &mut parts {
            if part.contains(['~', '/']) {
                *part = escaped(part).into();
            }
        }
        Id::of_text(parts.join("/"))
    }

    /// An id as it is shown.
    pub(super) fn of_joined(text: &str) -> Id {
        Id::of_text(text)
    }

    fn of_part(part: impl Into<Box<str>> + AsRef<str>) -> Id {
        if part.as_ref().contains(['~', '/']) { Id::of_text(escaped(part.as_ref())) } else { Id::of_text(part) }
    }

    fn of_text(text: impl Into<Box<str>> + AsRef<str>) -> Id {
        Id(match written_integer(text.as_ref()) {
            Some(integer) => Kind::Integer(integer),
            None => Kind::Text(text.into()),
        })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Integer(integer) => write!(f, "{integer}"),
            Kind::Text(text) => f.write_str(text),
        }
    }
}

fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// The integer that is written as this text and no other: not one for `007`, `+7`, `-0` or `7.0`.
fn written_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = match digits.as_bytes() {
        [b'0'] => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.len() < 19 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if plain { text.parse().ok() } else { None }
}

/// A scalar as text: what a path or a query string would say. `42`, `42.0` and `"42"` are the same.
pub(crate) fn scalar(value: &Json) -> Option<Box<str>> {
    match value {
        Json::String(text) => Some(text.as_str().into()),
        Json::Bool(true) => Some("true".into()),
        Json::Bool(false) => Some("false".into()),
        Json::Number(number) => Some(match integer(number) {
            Some(integer) => integer.to_string().into(),
            None => number.to_string().into(),
        }),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// A number without a fraction, where a fraction would not have been lost.
fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().filter(|_| number.is_f64()).and_then(json_text::whole))
}
