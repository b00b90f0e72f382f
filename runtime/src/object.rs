//! Objects: structs whose members are read and written by a table.
//!
//! Derived code does the same with one more enum and visitor a struct; a table takes half of the time to check and to
//! compile, and decodes as fast.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::forward_to_deserialize_any;

/// The name of a member.
#[doc(hidden)]
pub struct Key<'de>(Cow<'de, str>);

impl<'de> Key<'de> {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, as it was read.
    pub(crate) fn into_cow(self) -> Cow<'de, str> {
        self.0
    }

    /// The name, by value.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'de>, D::Error> {
        struct Name;

        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }

            fn visit_string<E>(self, name: String) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(name)))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

/// How a member that is there is read, by its kind.
#[doc(hidden)]
pub mod read {
    use serde::de::{Deserialize, MapAccess};
    use serde_json::Value as Json;

    use crate::Nullable;

    pub fn required<'de, T: Deserialize<'de>, A: MapAccess<'de>>(members: &mut A) -> Result<T, A::Error> {
        members.next_value()
    }

    pub fn optional<'de, T: Deserialize<'de>, A: MapAccess<'de>>(members: &mut A) -> Result<Option<T>, A::Error> {
        members.next_value()
    }

    pub fn nullable<'de, T: Deserialize<'de>, A: MapAccess<'de>>(members: &mut A) -> Result<Nullable<T>, A::Error> {
        members.next_value()
    }

    /// `null` is a value of its own.
    pub fn untyped<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Option<Json>, A::Error> {
        members.next_value().map(Some)
    }
}

/// What a member is that is not there, by its kind.
#[doc(hidden)]
pub mod absent {
    use std::marker::PhantomData;

    use serde::de::{Deserialize, Error};
    use serde_json::Value as Json;

    use super::Missing;
    use crate::Nullable;

    /// `None` for a value that can be `null`, else an error.
    pub fn required<'de, T: Deserialize<'de>, E: Error>(name: &'static str) -> Result<T, E> {
        T::deserialize(Missing(name, PhantomData))
    }

    pub fn optional<T, E>(_name: &'static str) -> Result<Option<T>, E> {
        Ok(None)
    }

    pub fn nullable<T, E>(_name: &'static str) -> Result<Nullable<T>, E> {
        Ok(Nullable::Absent)
    }

    pub fn untyped<E>(_name: &'static str) -> Result<Option<Json>, E> {
        Ok(None)
    }
}

/// How a member is written, by its kind.
#[doc(hidden)]
pub mod write {
    use serde::ser::{Serialize, SerializeMap};
    use serde_json::Value as Json;

    use crate::Nullable;

    pub fn required<T: Serialize, M: SerializeMap>(value: &T, name: &str, members: &mut M) -> Result<(), M::Error> {
        members.serialize_entry(name, value)
    }

    pub fn optional<T: Serialize, M: SerializeMap>(
        value: &Option<T>,
        name: &str,
        members: &mut M,
    ) -> Result<(), M::Error> {
        value.as_ref().map_or(Ok(()), |value| members.serialize_entry(name, value))
    }

    pub fn nullable<T: Serialize, M: SerializeMap>(
        value: &Nullable<T>,
        name: &str,
        members: &mut M,
    ) -> Result<(), M::Error> {
        if value.is_absent() { Ok(()) } else { members.serialize_entry(name, value) }
    }

    pub fn untyped<M: SerializeMap>(value: &Option<Json>, name: &str, members: &mut M) -> Result<(), M::Error> {
        optional(value, name, members)
    }
}

/// A required member that is not there, in the place of its value.
struct Missing<E>(&'static str, PhantomData<E>);

impl<'de, E: Error> Deserializer<'de> for Missing<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, E> {
        Err(E::missing_field(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Implements serde for a struct that is written above it: a row for each field, with its name on the wire and its kind.
///
/// A `required` member is always there; an `optional` one is an `Option`, a `nullable` one a [`Nullable`](crate::Nullable),
/// and an `untyped` one an `Option` of JSON for which `null` is a value. Members that no row names are ignored, or
/// kept in the map that `..` names.
///
/// ```
/// use larder::Nullable;
///
/// #[derive(Debug, PartialEq)]
/// pub struct Post {
///     id: i64,
///     author_id: Option<i64>,
///     edited_at: Nullable<String>,
/// }
///
/// larder::object! {
///     Post { id = "id" required, author_id = "authorId" optional, edited_at = "editedAt" nullable }
/// }
///
/// let post = Post { id: 7, author_id: None, edited_at: Nullable::Null };
/// assert_eq!(serde_json::to_string(&post).unwrap(), r#"{"id":7,"editedAt":null}"#);
/// assert_eq!(serde_json::from_str::<Post>(r#"{"editedAt":null,"id":7,"new":1}"#).unwrap(), post);
/// ```
///
/// With `read` or `write` before the name, only that direction is implemented.
#[macro_export]
macro_rules! object {
    (read $name:ident { $($field:ident = $wire:literal $kind:ident),* $(,)? $(.. $rest:ident $(,)?)? }) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                struct Members;
                impl<'de> $crate::serde::de::Visitor<'de> for Members {
                    type Value = $name;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(::std::concat!("an object: ", ::std::stringify!($name)))
                    }
                    fn visit_map<A: $crate::serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> ::std::result::Result<$name, A::Error> {
                        $(let mut $field = ::std::option::Option::None;)*
                        $(let mut $rest = ::std::collections::BTreeMap::new();)?
                        while let ::std::option::Option::Some(key) =
                            members.next_key::<$crate::__private::Key<'de>>()?
                        {
                            match key.as_str() {
                                $($wire => {
                                    $field = ::std::option::Option::Some($crate::__private::read::$kind(&mut members)?);
                                })*
                                _ => $crate::object!(@other members key $($rest)?),
                            }
                        }
                        ::std::result::Result::Ok($name {
                            $($field: match $field {
                                ::std::option::Option::Some(value) => value,
                                ::std::option::Option::None => $crate::__private::absent::$kind($wire)?,
                            },)*
                            $($rest,)?
                        })
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }
    };
    (write $name:ident { $($field:ident = $wire:literal $kind:ident),* $(,)? $(.. $rest:ident $(,)?)? }) => {
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                #[allow(unused_mut)]
                let mut members = serializer.serialize_map(::std::option::Option::None)?;
                $($crate::__private::write::$kind(&self.$field, $wire, &mut members)?;)*
                $(for (name, value) in &self.$rest {
                    $crate::serde::ser::SerializeMap::serialize_entry(&mut members, name, value)?;
                })?
                $crate::serde::ser::SerializeMap::end(members)
            }
        }
    };
    (@other $members:ident $key:ident) => {{
        $members.next_value::<$crate::serde::de::IgnoredAny>()?;
    }};
    (@other $members:ident $key:ident $rest:ident) => {{
        let value = $members.next_value()?;
        $rest.insert($key.into_string(), value);
    }};
    ($name:ident { $($rows:tt)* }) => {
        $crate::object! { read $name { $($rows)* } }
        $crate::object! { write $name { $($rows)* } }
    };
}

#[cfg(test)]
#[path = "object_tests.rs"]
mod tests;
