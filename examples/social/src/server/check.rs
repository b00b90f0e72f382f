//! What the OpenAPI document asks of values beyond their types.

use super::problem::Problem;

/// How many posts a page has if the request does not say.
pub(super) const USUAL_LIMIT: i64 = 20;

const LONGEST_CONTENT: usize = 500;

/// A text of 1 to 500 characters.
pub(super) fn content(text: &str) -> Result<(), Problem> {
    match text.chars().count() {
        0 => Err(Problem::invalid("`content` must not be empty")),
        1..=LONGEST_CONTENT => Ok(()),
        length => {
            Err(Problem::invalid(format!("`content` has {length} characters; at most {LONGEST_CONTENT} are allowed")))
        }
    }
}

/// A page of 1 to 100 posts.
pub(super) fn limit(wanted: Option<i64>) -> Result<i64, Problem> {
    match wanted.unwrap_or(USUAL_LIMIT) {
        limit @ 1..=100 => Ok(limit),
        limit => Err(Problem::invalid(format!("`limit` must be from 1 to 100, not {limit}"))),
    }
}

/// A date and time as RFC 3339 has it, such as `2026-03-01T08:30:00Z` or `2026-03-01T09:30:00.5+01:00`.
pub(super) fn date_time(name: &str, text: &str) -> Result<(), Problem> {
    if is_date_time(text.as_bytes()) {
        Ok(())
    } else {
        Err(Problem::invalid(format!("`{name}` must be a date and time such as 2026-03-01T08:30:00Z")))
    }
}

fn is_date_time(text: &[u8]) -> bool {
    let Some((start, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let separators_fit = start[4] == b'-'
        && start[7] == b'-'
        && matches!(start[10], b'T' | b't')
        && start[13] == b':'
        && start[16] == b':';
    let numbers = [&start[..4], &start[5..7], &start[8..10], &start[11..13], &start[14..16], &start[17..]].map(number);
    let [Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)] = numbers else {
        return false;
    };
    let date_fits = (1..=days_of_month(year, month)).contains(&day);
    separators_fit && date_fits && hour < 24 && minute < 60 && second <= 60 && is_zone(without_fraction(rest))
}

fn without_fraction(rest: &[u8]) -> &[u8] {
    let Some(fraction) = rest.strip_prefix(b".") else {
        return rest;
    };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    // A dot with no digit after it stays, and is no zone.
    if digits == 0 { rest } else { &fraction[digits..] }
}

fn is_zone(zone: &[u8]) -> bool {
    match zone {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hour @ .., b':', ten, one] if hour.len() == 2 => {
            number(hour).is_some_and(|hour| hour < 24) && number(&[*ten, *one]).is_some_and(|minute| minute < 60)
        }
        _ => false,
    }
}

fn days_of_month(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_dates_and_times() {
        for good in [
            "2026-03-01T08:30:00Z",
            "2024-02-29t23:59:60z",
            "2026-03-01T09:30:00.123456+01:00",
            "2026-12-31T00:00:00-11:30",
        ] {
            assert!(is_date_time(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "now",
            "2026-03-01",
            "2026-03-01 08:30:00Z",
            "2026-02-29T08:30:00Z",
            "2026-13-01T08:30:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T08:30:00",
            "2026-03-01T08:30:00.Z",
            "2026-03-01T08:30:00+1:00",
            "2026-03-01T08:30:00ä",
        ] {
            assert!(!is_date_time(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert!(content(&"ä".repeat(500)).is_ok());
        assert!(content(&"a".repeat(501)).is_err());
        assert!(content("").is_err());
    }
}
