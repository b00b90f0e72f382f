//! Dates and times by the crate `chrono`.

use chrono::{FixedOffset, NaiveDate, SecondsFormat, Utc};

use super::{Format, Formatted};

/// A moment with its offset from UTC: the format `date-time` (RFC 3339).
///
/// ```
/// use larder::formats::chrono::DateTime;
///
/// let came: DateTime = serde_json::from_str(r#""2024-02-29T10:00:00.50+01:00""#).unwrap();
/// assert_eq!(came.get().map(|moment| moment.timestamp_millis()), Some(1_709_197_200_500));
/// assert_eq!(serde_json::to_string(&came).unwrap(), r#""2024-02-29T10:00:00.50+01:00""#);
/// ```
pub type DateTime = Formatted<chrono::DateTime<FixedOffset>>;

/// A day: the format `date`.
pub type Date = Formatted<NaiveDate>;

impl Format for chrono::DateTime<FixedOffset> {
    fn read(text: &str) -> Option<Self> {
        chrono::DateTime::parse_from_rfc3339(text).ok()
    }

    fn write(&self) -> String {
        self.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}

impl Format for NaiveDate {
    fn read(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(moment: chrono::DateTime<Utc>) -> DateTime {
        moment.fixed_offset().into()
    }
}
