//! Unions: enums of several shapes, told apart by a field or by the members that are there.

use serde::de::{DeserializeOwned, Deserializer};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use crate::{loss, parts};

/// Reads any JSON value.
#[doc(hidden)]
pub fn read_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
    serde::Deserialize::deserialize(deserializer)
}

/// The text of the field that tells variants apart.
#[doc(hidden)]
pub fn tag_of(json: &Json, field: &str) -> Option<String> {
    crate::tag::scalar(json.get(field)?).map(String::from)
}

/// Decodes a variant from the whole value, and counts what the variant could not hold.
#[doc(hidden)]
pub fn read_variant<T: DeserializeOwned>(json: &Json) -> Option<(T, usize)> {
    let mut ignored = 0;
    // What a part ignores would go uncounted if the part were read from a text of its own.
    let read = || parts::suspended(|| serde_ignored::deserialize(json, |_| ignored += 1).ok());
    let (value, noted) = loss::measured(read);
    Some((value?, ignored + noted))
}

/// The variant whose tag is there; what it could not hold counts for a union around it.
#[doc(hidden)]
pub fn read_tagged<T: DeserializeOwned>(json: &Json) -> Option<T> {
    let (value, lost) = read_variant(json)?;
    loss::note(lost);
    Some(value)
}

/// Of the variants that decode, the one that loses least; among equals the first of those that know most of what is there.
#[doc(hidden)]
pub fn read_best<T>(json: &Json, known: &[&[Member]], readers: &[VariantReader<T>]) -> Option<T> {
    let mut best: Option<(T, usize)> = None;
    for at in likely_variants(json, known) {
        let Some((value, lost)) = readers.get(at).and_then(|read| read(json)) else { continue };
        if lost == 0 {
            return Some(value);
        }
        if best.as_ref().is_none_or(|(_, least)| lost < *least) {
            best = Some((value, lost));
        }
    }
    let (value, lost) = best?;
    loss::note(lost);
    Some(value)
}

/// What no variant fits, kept whole.
#[doc(hidden)]
pub fn unknown_variant(json: Json) -> Json {
    loss::note(1);
    json
}

/// A member that a variant knows, and the text that it always has, if it always has the same.
pub type Member = (&'static str, &'static [&'static str]);

/// Reads a variant, and counts what it could not hold.
pub type VariantReader<T> = fn(&Json) -> Option<(T, usize)>;

/// Writes a variant, with the field that tells variants apart in front when the variant has none itself.
#[doc(hidden)]
pub fn write_tagged<T: Serialize, S: Serializer>(
    value: &T,
    field: &str,
    tag: &str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match serde_json::to_value(value).map_err(S::Error::custom)? {
        Json::Object(members) if !members.contains_key(field) => {
            let mut map = serializer.serialize_map(Some(members.len() + 1))?;
            map.serialize_entry(field, tag)?;
            for (name, value) in &members {
                map.serialize_entry(name, value)?;
            }
            map.end()
        }
        json => json.serialize(serializer),
    }
}

/// The variants in the order in which to try them: those that know most of the members that are there come first, and
/// among these the ones that miss fewest of their own. One with another text where it always has the same is out.
fn likely_variants(json: &Json, known: &[&[Member]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..known.len()).collect();
    let Json::Object(members) = json else { return order };
    let contradicted = |(name, texts): &Member| {
        let found = members.get(*name).and_then(Json::as_str);
        !texts.is_empty() && found.is_some_and(|found| !texts.contains(&found))
    };
    order.retain(|at| !known[*at].iter().any(contradicted));
    order.sort_by_key(|at| {
        let keys = known[*at];
        let present = keys.iter().filter(|(key, _)| members.contains_key(*key)).count();
        let unknown = members.len() - present;
        (unknown, keys.len() - present)
    });
    order
}

/// Implements serde for an enum that is written above it, whose variants are told apart by a field.
///
/// An unknown or missing tag, or a variant that does not decode, is kept whole as `Unknown`. When several tags name one
/// variant, the first is the one written.
///
/// ```
/// # use larder::serde::{Deserialize, Serialize};
/// # #[derive(Debug, PartialEq, Serialize, Deserialize)] #[serde(crate = "larder::serde")] pub struct Image { url: String }
/// # #[derive(Debug, PartialEq, Serialize, Deserialize)] #[serde(crate = "larder::serde")] pub struct Link { href: String }
/// #[derive(Debug, PartialEq)]
/// pub enum Attachment {
///     Image(Image),
///     Link(Link),
///     Unknown(larder::Json),
/// }
///
/// larder::tagged_union! { Attachment by "kind" { "image" => Image, "link" => Link } }
///
/// let image: Attachment = serde_json::from_str(r#"{"kind":"image","url":"/a.png"}"#).unwrap();
/// assert_eq!(serde_json::to_string(&image).unwrap(), r#"{"kind":"image","url":"/a.png"}"#);
/// ```
///
/// With `read` or `write` before the name, only that direction is implemented.
#[macro_export]
macro_rules! tagged_union {
    (read $name:ident by $field:literal { $($tag:literal => $variant:ident),* $(,)? }) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let json = $crate::__private::read_json(deserializer)?;
                let variant = match $crate::__private::tag_of(&json, $field).as_deref() {
                    $(::std::option::Option::Some($tag) => $crate::__private::read_tagged(&json).map($name::$variant),)*
                    _ => ::std::option::Option::None,
                };
                ::std::result::Result::Ok(variant.unwrap_or_else(|| $name::Unknown($crate::__private::unknown_variant(json))))
            }
        }
    };
    (write $name:ident by $field:literal { $($tag:literal => $variant:ident),* $(,)? }) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                // Of several tags for one variant the first is written, so the later arms may not be reached.
                #[allow(unreachable_patterns)]
                match self {
                    $($name::$variant(value) => $crate::__private::write_tagged(value, $field, $tag, serializer),)*
                    $name::Unknown(json) => $crate::serde::Serialize::serialize(json, serializer),
                }
            }
        }
    };
    ($name:ident by $field:literal { $($variants:tt)* }) => {
        $crate::tagged_union! { read $name by $field { $($variants)* } }
        $crate::tagged_union! { write $name by $field { $($variants)* } }
    };
}

/// Implements serde for an enum that is written above it, whose variants nothing tells apart but their members.
///
/// Each variant lists the members it knows, and the text of those that always have the same. Of the variants that decode,
/// the one that loses least is taken; what no variant can hold is kept as `Unknown`.
///
/// ```
/// # use larder::serde::{Deserialize, Serialize};
/// # #[derive(Debug, PartialEq, Serialize, Deserialize)] #[serde(crate = "larder::serde")]
/// # pub struct Circle { radius: f64, #[serde(skip_serializing_if = "Option::is_none")] name: Option<String> }
/// # #[derive(Debug, PartialEq, Serialize, Deserialize)] #[serde(crate = "larder::serde")] pub struct Square { side: f64 }
/// #[derive(Debug, PartialEq)]
/// pub enum Shape {
///     Circle(Circle),
///     Square(Square),
///     Text(String),
///     Unknown(larder::Json),
/// }
///
/// larder::untagged_union! { Shape { Circle ["radius", "name"], Square ["side", "kind" = "square"], Text [] } }
///
/// assert_eq!(serde_json::from_str::<Shape>(r#"{"side":2}"#).unwrap(), Shape::Square(Square { side: 2.0 }));
/// ```
///
/// With `read` or `write` before the name, only that direction is implemented.
#[macro_export]
macro_rules! untagged_union {
    (read $name:ident { $($variant:ident [$($key:literal $(= $text:literal)?),* $(,)?]),* $(,)? }) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let json = $crate::__private::read_json(deserializer)?;
                let known: &[&[$crate::__private::Member]] = &[$(&[$(($key, &[$($text)?])),*]),*];
                let readers: &[$crate::__private::VariantReader<Self>] = &[$(|json| {
                    let (value, lost) = $crate::__private::read_variant(json)?;
                    ::std::option::Option::Some(($name::$variant(value), lost))
                }),*];
                let best = $crate::__private::read_best(&json, known, readers);
                ::std::result::Result::Ok(
                    best.unwrap_or_else(|| $name::Unknown($crate::__private::unknown_variant(json))),
                )
            }
        }
    };
    (write $name:ident { $($variant:ident [$($members:tt)*]),* $(,)? }) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                match self {
                    $($name::$variant(value) => $crate::serde::Serialize::serialize(value, serializer),)*
                    $name::Unknown(json) => $crate::serde::Serialize::serialize(json, serializer),
                }
            }
        }
    };
    ($name:ident { $($variants:tt)* }) => {
        $crate::untagged_union! { read $name { $($variants)* } }
        $crate::untagged_union! { write $name { $($variants)* } }
    };
}

#[cfg(test)]
#[path = "union_tests.rs"]
mod tests;
