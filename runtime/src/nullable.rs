//! A field that may be left out, and may be `null` when it is there.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field that is optional *and* nullable: on the wire, absent and `null` are different.
///
/// In what is sent, `Absent` leaves a value as it is and `Null` clears it.
///
/// ```
/// use larder::Nullable;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct PostPatch {
///     #[serde(default, skip_serializing_if = "Nullable::is_absent")]
///     edited_at: Nullable<String>,
/// }
///
/// let cleared = PostPatch { edited_at: Nullable::Null };
/// assert_eq!(serde_json::to_string(&cleared).unwrap(), r#"{"edited_at":null}"#);
/// let untouched: PostPatch = serde_json::from_str("{}").unwrap();
/// assert!(untouched.edited_at.is_absent());
/// let set: PostPatch = serde_json::from_str(r#"{"edited_at":"today"}"#).unwrap();
/// assert_eq!(set.edited_at.get().map(String::as_str), Some("today"));
/// assert_eq!(set.edited_at, "today".into());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nullable<T> {
    /// The field is not there.
    #[default]
    Absent,
    /// The field is there, and `null`.
    Null,
    /// The field is there, with a value.
    Value(T),
}

impl<T> Nullable<T> {
    /// The value, if there is one.
    pub fn get(&self) -> Option<&T> {
        match self {
            Nullable::Value(value) => Some(value),
            Nullable::Absent | Nullable::Null => None,
        }
    }

    /// The value, if there is one, by value.
    pub fn into_option(self) -> Option<T> {
        match self {
            Nullable::Value(value) => Some(value),
            Nullable::Absent | Nullable::Null => None,
        }
    }

    /// Whether the field is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Nullable::Absent)
    }

    /// Whether the field is there, and `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Nullable::Null)
    }

    /// The value, if there is one, as an iterator.
    pub fn iter(&self) -> std::option::IntoIter<&T> {
        self.get().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Nullable<T> {
    type Item = &'a T;
    type IntoIter = std::option::IntoIter<&'a T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Nullable<T> {
        Nullable::Value(value)
    }
}

impl From<&str> for Nullable<String> {
    fn from(value: &str) -> Nullable<String> {
        Nullable::Value(value.to_owned())
    }
}

/// `None` is written as `null`: it clears a value. Use [`Nullable::Absent`] to leave it as it is.
impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Nullable<T> {
        value.map_or(Nullable::Null, Nullable::Value)
    }
}

/// Writes `null` for an absent field, too, unless the field is skipped as in the example above.
impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

/// A field that is there is a value or `null`; for one that is not, serde's `default` gives `Absent`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Nullable<T>, D::Error> {
        Option::deserialize(deserializer).map(Nullable::from)
    }
}
