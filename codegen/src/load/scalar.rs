//! What scalars mean in the core schema of YAML 1.2, and how numbers are kept.

use serde_json::Number;

use super::node::Kind;

/// A double keeps this many digits of any number.
const EXACT_DIGITS: usize = 17;

/// What a plain scalar means, and its text if it is a number that could not be kept whole. `no` and `on` are text.
pub(super) fn plain(text: &str) -> (Kind, Option<String>) {
    let kind = match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => match number(text) {
            Some((number, true)) => Kind::Number(number),
            Some((number, false)) => return (Kind::Number(number), Some(text.to_owned())),
            None => Kind::String(text.to_owned()),
        },
    };
    (kind, None)
}

/// Reads a number, and tells whether all of it was kept.
///
/// What is out of the range of 64 bits becomes the nearest double, and what is out of their range the largest: most
/// documents that hold such a bound lose nothing by it.
pub(super) fn number(text: &str) -> Option<(Number, bool)> {
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(|number| (number.into(), true));
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if !unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte)) {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some((integer.into(), true));
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Some((integer.into(), true));
    }
    let float = text.parse::<f64>().ok()?;
    let mantissa = unsigned.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit);
    let lost = float.is_infinite() || digits.count() > EXACT_DIGITS || is_large_integer(unsigned, float);
    Some((Number::from_f64(float.clamp(f64::MIN, f64::MAX))?, !lost))
}

fn is_large_integer(text: &str, float: f64) -> bool {
    let as_written = text.bytes().all(|byte| byte.is_ascii_digit());
    as_written && float.abs() > u64::MAX as f64
}
