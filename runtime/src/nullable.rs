//! For fields that are optional *and* nullable: absent and `null` are different on the wire.
//!
//! ```
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct PostPatch {
//!     #[serde(default, with = "larder::nullable", skip_serializing_if = "Option::is_none")]
//!     edited_at: Option<Option<String>>,
//! }
//!
//! let cleared = PostPatch { edited_at: Some(None) };
//! assert_eq!(serde_json::to_string(&cleared).unwrap(), r#"{"edited_at":null}"#);
//! let untouched: PostPatch = serde_json::from_str("{}").unwrap();
//! assert_eq!(untouched.edited_at, None);
//! ```

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes `Some(None)` as `null`. An absent field is skipped by `skip_serializing_if`.
///
/// # Errors
/// When the value inside cannot be written.
pub fn serialize<T: Serialize, S: Serializer>(value: &Option<Option<T>>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(Some(value)) => serializer.serialize_some(value),
        Some(None) | None => serializer.serialize_none(),
    }
}

/// Reads a field that is there: `null` is `Some(None)`. An absent field is left to `default`.
///
/// # Errors
/// When the value is neither null nor a `T`.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
