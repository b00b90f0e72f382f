//! Dates and times by the crate `jiff`.

use jiff::Timestamp;
use jiff::civil;

use super::{Format, Formatted};

/// A moment: the format `date-time` (RFC 3339).
///
/// ```
/// use larder::formats::jiff::DateTime;
///
/// let came: DateTime = serde_json::from_str(r#""2024-02-29T10:00:00.50+01:00""#).unwrap();
/// assert_eq!(came.get().map(|moment| moment.as_millisecond()), Some(1_709_197_200_500));
/// ```
pub type DateTime = Formatted<Timestamp>;

/// A day: the format `date`.
pub type Date = Formatted<civil::Date>;

impl Format for Timestamp {
    fn read(text: &str) -> Option<Timestamp> {
        text.parse().ok()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Format for civil::Date {
    fn read(text: &str) -> Option<civil::Date> {
        text.parse().ok()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}
