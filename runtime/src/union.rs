//! Unions: enums of several shapes, told apart by a field or by the members that are there.

use serde::de::{DeserializeOwned, Deserializer};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

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

/// Decodes a variant from the whole object.
#[doc(hidden)]
pub fn read_tagged<T: DeserializeOwned>(json: &Json) -> Option<T> {
    T::deserialize(json).ok()
}

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
/// among these the ones that miss fewest of their own.
#[doc(hidden)]
pub fn best_variant(json: &Json, known: &[&[&str]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..known.len()).collect();
    let Json::Object(members) = json else { return order };
    order.sort_by_key(|at| {
        let keys = known[*at];
        let present = keys.iter().filter(|key| members.contains_key(**key)).count();
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
                ::std::result::Result::Ok(variant.unwrap_or($name::Unknown(json)))
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
/// Each variant lists the members it knows. Of the variants that decode, the one that knows most of what is there is
/// taken; what no variant can hold is kept as `Unknown`.
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
/// larder::untagged_union! { Shape { Circle ["radius", "name"], Square ["side"], Text [] } }
///
/// assert_eq!(serde_json::from_str::<Shape>(r#"{"side":2}"#).unwrap(), Shape::Square(Square { side: 2.0 }));
/// ```
///
/// With `read` or `write` before the name, only that direction is implemented.
#[macro_export]
macro_rules! untagged_union {
    (read $name:ident { $($variant:ident [$($key:literal),* $(,)?]),* $(,)? }) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let json = $crate::__private::read_json(deserializer)?;
                let known: &[&[&str]] = &[$(&[$($key),*]),*];
                let readers: &[fn(&$crate::Json) -> ::std::option::Option<Self>] =
                    &[$(|json| $crate::__private::read_tagged(json).map($name::$variant)),*];
                let order = $crate::__private::best_variant(&json, known);
                let variant = order.into_iter().find_map(|at| readers[at](&json));
                ::std::result::Result::Ok(variant.unwrap_or($name::Unknown(json)))
            }
        }
    };
    (write $name:ident { $($variant:ident [$($key:literal),* $(,)?]),* $(,)? }) => {
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
