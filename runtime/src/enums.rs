//! Enums whose wire form is a text or a number.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde_json::Value as Json;

use crate::loss;

/// Reads a text as what `from` makes of it, without a copy of the text.
#[doc(hidden)]
pub fn read_text<'de, T, D: serde::Deserializer<'de>>(deserializer: D, from: fn(&str) -> T) -> Result<T, D::Error> {
    struct Text<T>(fn(&str) -> T, PhantomData<T>);

    impl<T> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            Ok((self.0)(text))
        }
    }

    deserializer.deserialize_str(Text(from, PhantomData))
}

/// A value that the document does not list, kept as it came.
#[doc(hidden)]
pub fn unknown_value<T>(value: T) -> T {
    loss::note(1);
    value
}

/// Implements serde, `as_str`, `Display` and `From<&str>` for an enum that is written above it: each variant is a text, and
/// any other text is kept as `Unknown`.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// pub enum Status {
///     Open,
///     Closed,
///     Unknown(String),
/// }
///
/// larder::string_enum! { Status { Open = "open", Closed = "closed" } }
///
/// assert_eq!(serde_json::from_str::<Status>(r#""open""#).unwrap(), Status::Open);
/// assert_eq!(Status::from("merged"), Status::Unknown("merged".to_owned()));
/// assert_eq!(Status::Closed.as_str(), "closed");
/// ```
///
/// With `read` or `write` before the name, only that direction of serde is implemented.
#[macro_export]
macro_rules! string_enum {
    (read $name:ident { $($variants:tt)* }) => {
        $crate::string_enum! { text $name { $($variants)* } }
        $crate::string_enum! { deserialize $name }
    };
    (write $name:ident { $($variants:tt)* }) => {
        $crate::string_enum! { text $name { $($variants)* } }
        $crate::string_enum! { serialize $name }
    };
    (text $name:ident { $($variant:ident = $value:literal),* $(,)? }) => {
        impl $name {
            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $value,)*
                    $name::Unknown(text) => text,
                }
            }
        }
        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($value => $name::$variant,)*
                    other => $name::Unknown($crate::__private::unknown_value(other.to_owned())),
                }
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
    (deserialize $name:ident) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::read_text(deserializer, |text| text.into())
            }
        }
    };
    (serialize $name:ident) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
    ($name:ident { $($variants:tt)* }) => {
        $crate::string_enum! { text $name { $($variants)* } }
        $crate::string_enum! { deserialize $name }
        $crate::string_enum! { serialize $name }
    };
}

/// A whole number on the wire, also when it is written `2.0`.
#[doc(hidden)]
pub fn read_integer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let json: Json = serde::Deserialize::deserialize(deserializer)?;
    let whole = json.as_i64().or_else(|| {
        let float = json.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 9.0e15).then_some(float as i64)
    });
    whole.ok_or_else(|| serde::de::Error::custom(format_args!("expected a whole number")))
}

/// Implements `Serialize` and `Deserialize` for an enum that is written above it: each variant is a number, and any other
/// number is kept as `Unknown`.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// pub enum Priority {
///     Low,
///     High,
///     Unknown(i64),
/// }
///
/// larder::integer_enum! { Priority { Low = 1, High = 2 } }
///
/// assert_eq!(serde_json::from_str::<Priority>("2").unwrap(), Priority::High);
/// assert_eq!(serde_json::to_string(&Priority::Unknown(7)).unwrap(), "7");
/// ```
///
/// With `read` or `write` before the name, only that direction is implemented.
#[macro_export]
macro_rules! integer_enum {
    (read $name:ident { $($variant:ident = $value:literal),* $(,)? }) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                ::std::result::Result::Ok(match $crate::__private::read_integer(deserializer)? {
                    $($value => $name::$variant,)*
                    other => $name::Unknown($crate::__private::unknown_value(other)),
                })
            }
        }
    };
    (write $name:ident { $($variant:ident = $value:literal),* $(,)? }) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_i64(match self {
                    $($name::$variant => $value,)*
                    $name::Unknown(other) => *other,
                })
            }
        }
    };
    ($name:ident { $($variants:tt)* }) => {
        $crate::integer_enum! { read $name { $($variants)* } }
        $crate::integer_enum! { write $name { $($variants)* } }
    };
}

#[cfg(test)]
mod tests {
    #[derive(Debug, PartialEq)]
    enum Level {
        Minus,
        Zero,
        Unknown(i64),
    }
    integer_enum! { Level { Minus = -1, Zero = 0 } }

    #[test]
    fn known_and_unknown_values_survive_a_round_trip() {
        for (text, value) in [("-1", Level::Minus), ("0", Level::Zero), ("77", Level::Unknown(77))] {
            assert_eq!(serde_json::from_str::<Level>(text).unwrap(), value);
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
        }
        assert_eq!(serde_json::from_str::<Level>("0.0").unwrap(), Level::Zero);
        assert!(serde_json::from_str::<Level>("0.5").is_err());
    }
}
