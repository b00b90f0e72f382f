//! Formats: what is kept, what is read, what is refused.

use super::{Base64, Uuid};

#[test]
fn a_text_is_kept_to_the_letter_and_read_on_demand() {
    let text = r#""67E55044-10B1-426F-9247-BB680E5FE0C8""#;
    let uuid: Uuid = serde_json::from_str(text).unwrap();
    assert_eq!(uuid.get().map(|uuid| uuid.as_u128()), Some(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8));
    assert_eq!(serde_json::to_string(&uuid).unwrap(), text);
    assert_eq!(uuid.to_string(), "67E55044-10B1-426F-9247-BB680E5FE0C8");
}

#[test]
fn what_is_not_in_the_format_survives_and_is_refused_when_asked_for() {
    let uuid: Uuid = serde_json::from_str(r#""none yet""#).unwrap();
    assert_eq!((uuid.get(), uuid.as_str()), (None, "none yet"));
    assert!("none yet".parse::<Uuid>().is_err());
    assert!("67e55044-10b1-426f-9247-bb680e5fe0c8".parse::<Uuid>().is_ok());
}

#[test]
fn base64_is_read_in_each_of_its_spellings() {
    let read = |text: &str| serde_json::from_value::<Base64>(text.into()).unwrap().get();
    for text in ["+/8=", "+/8", "-_8=", "-_8", "+/\r\n8="] {
        assert_eq!(read(text), Some(vec![0xfb, 0xff]), "{text}");
    }
    assert_eq!(read("****"), None);
    assert_eq!(Base64::from(vec![0xfb, 0xff]).as_str(), "+/8=");
}

#[cfg(feature = "chrono")]
#[test]
fn chrono_values_are_written_as_rfc_3339() {
    use super::chrono::{Date, DateTime};
    let moment = ::chrono::DateTime::from_timestamp(1_709_197_200, 0).unwrap();
    assert_eq!(DateTime::from(moment).as_str(), "2024-02-29T09:00:00Z");
    let day = ::chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    assert_eq!(Date::from(day).as_str(), "2024-02-29");
    assert_eq!("2024-02-29".parse::<Date>().unwrap().get(), Some(day));
}

#[cfg(feature = "jiff")]
#[test]
fn jiff_values_are_written_as_rfc_3339() {
    use super::jiff::{Date, DateTime};
    let moment = ::jiff::Timestamp::from_second(1_709_197_200).unwrap();
    assert_eq!(DateTime::from(moment).as_str(), "2024-02-29T09:00:00Z");
    let day = ::jiff::civil::date(2024, 2, 29);
    assert_eq!(Date::from(day).as_str(), "2024-02-29");
    assert_eq!("2024-02-29".parse::<Date>().unwrap().get(), Some(day));
}

#[cfg(feature = "time")]
#[test]
fn time_values_are_written_as_rfc_3339() {
    use super::time::{Date, DateTime};
    let moment = ::time::OffsetDateTime::from_unix_timestamp(1_709_197_200).unwrap();
    assert_eq!(DateTime::from(moment).as_str(), "2024-02-29T09:00:00Z");
    let day = ::time::Date::from_calendar_date(2024, ::time::Month::February, 29).unwrap();
    assert_eq!(Date::from(day).as_str(), "2024-02-29");
    assert_eq!("2024-02-29".parse::<Date>().unwrap().get(), Some(day));
}
