//! Dates and times by the crate `time`.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::{Format, Formatted};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A moment with its offset from UTC: the format `date-time` (RFC 3339).
///
/// ```
/// use larder::formats::time::DateTime;
///
/// let came: DateTime = serde_json::from_str(r#""2024-02-29T10:00:00.50+01:00""#).unwrap();
/// assert_eq!(came.get().map(|moment| moment.unix_timestamp()), Some(1_709_197_200));
/// ```
pub type DateTime = Formatted<OffsetDateTime>;

/// A day: the format `date`.
pub type Date = Formatted<time::Date>;

impl Format for OffsetDateTime {
    fn read(text: &str) -> Option<OffsetDateTime> {
        OffsetDateTime::parse(text, &Rfc3339).ok()
    }

    /// Empty for a moment that RFC 3339 cannot write: a year outside of 0 to 9999.
    fn write(&self) -> String {
        self.format(&Rfc3339).unwrap_or_default()
    }
}

impl Format for time::Date {
    fn read(text: &str) -> Option<time::Date> {
        time::Date::parse(text, DATE).ok()
    }

    fn write(&self) -> String {
        self.format(DATE).unwrap_or_default()
    }
}
