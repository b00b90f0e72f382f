//! Texts with a format: dates, UUIDs, base64.
//!
//! A value of a format keeps the text that came, to the letter: what a server wrote is what it gets back, and a date that
//! is no date costs nothing but itself. It is read as what it stands for on demand, by [`Formatted::get`].
//!
//! Dates and times are read by the crate `chrono` ([`chrono`], feature `chrono`, on by default), `jiff` ([`jiff`], feature
//! `jiff`) or `time` ([`time`], feature `time`); which of them generated code uses is a setting of the generator.

mod base64;
#[cfg(feature = "chrono")]
pub mod chrono;
#[cfg(feature = "jiff")]
pub mod jiff;
#[cfg(feature = "time")]
pub mod time;
#[cfg(feature = "uuid")]
mod uuid;

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes as base64 text, as the format `byte` has them.
pub type Base64 = Formatted<Vec<u8>>;

/// A UUID, as the format `uuid` has it.
#[cfg(feature = "uuid")]
pub type Uuid = Formatted<::uuid::Uuid>;

/// What a text can stand for.
pub trait Format: Sized {
    /// Reads the text; `None` when it is not in this format.
    fn read(text: &str) -> Option<Self>;

    /// Writes the value as text.
    fn write(&self) -> String;
}

/// A text that stands for a `T`, kept as it was written.
///
/// Two are equal when their texts are; compare what [`get`](Self::get) gives to compare what they stand for.
///
/// ```
/// use larder::formats::Base64;
///
/// let sent = Base64::from(b"quince".to_vec());
/// assert_eq!(sent.as_str(), "cXVpbmNl");
/// let came: Base64 = serde_json::from_str(r#""cXVpbmNl""#).unwrap();
/// assert_eq!(came.get().as_deref(), Some(b"quince".as_slice()));
/// let broken: Base64 = serde_json::from_str(r#""?""#).unwrap();
/// assert_eq!((broken.get(), broken.as_str()), (None, "?"));
/// ```
pub struct Formatted<T> {
    text: String,
    format: PhantomData<fn() -> T>,
}

/// A text that is not in the format it should be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInFormat;

impl<T> Formatted<T> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn from_text(text: String) -> Formatted<T> {
        Formatted { text, format: PhantomData }
    }
}

impl<T: Format> Formatted<T> {
    /// What the text stands for, or `None` when it is not in this format. It is read anew each time.
    pub fn get(&self) -> Option<T> {
        T::read(&self.text)
    }
}

impl<T: Format> From<T> for Formatted<T> {
    fn from(value: T) -> Formatted<T> {
        Formatted::from_text(value.write())
    }
}

impl<T: Format> FromStr for Formatted<T> {
    type Err = NotInFormat;

    fn from_str(text: &str) -> Result<Formatted<T>, NotInFormat> {
        T::read(text).ok_or(NotInFormat)?;
        Ok(Formatted::from_text(text.to_owned()))
    }
}

impl fmt::Display for NotInFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not in the format that it should be in")
    }
}

impl std::error::Error for NotInFormat {}

impl<T> Serialize for Formatted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T> Deserialize<'de> for Formatted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Formatted<T>, D::Error> {
        String::deserialize(deserializer).map(Formatted::from_text)
    }
}

impl<T> Clone for Formatted<T> {
    fn clone(&self) -> Formatted<T> {
        Formatted::from_text(self.text.clone())
    }
}

impl<T> Default for Formatted<T> {
    fn default() -> Formatted<T> {
        Formatted::from_text(String::new())
    }
}

impl<T> fmt::Debug for Formatted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<T> fmt::Display for Formatted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> PartialEq for Formatted<T> {
    fn eq(&self, other: &Formatted<T>) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Formatted<T> {}

impl<T> std::hash::Hash for Formatted<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

#[cfg(test)]
#[path = "formats_tests.rs"]
mod tests;
