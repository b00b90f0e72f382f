//! JSON as it is sent.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

/// Whole numbers beyond this may have lost digits, and are written as they are.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// JSON in which a number without a fraction has none, whatever type it has here: `2`, not `2.0`. Many documents call every
/// number a `number`, and a server may take `2.0` for no integer.
pub(crate) fn to_vec<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(128);
    add(&mut text, value)?;
    Ok(text)
}

/// As [`to_vec`], after what is there.
pub(crate) fn add<T: Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(text, WholeNumbers))
}

struct WholeNumbers;

impl Formatter for WholeNumbers {
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        match whole(value) {
            Some(value) => self.write_i64(writer, value),
            None => CompactFormatter.write_f64(writer, value),
        }
    }

    fn write_f32<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        match whole(value.into()) {
            Some(value) => self.write_i64(writer, value),
            None => CompactFormatter.write_f32(writer, value),
        }
    }
}

/// A number without a fraction, where a fraction would not have been lost.
pub(crate) fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::to_vec;

    // B1, B30
    #[test]
    fn b30_whole_numbers_are_sent_without_a_fraction() {
        let value = (2.0, -7.0_f32, 0.5, 1e300, f64::NAN, serde_json::json!({ "a": 3.0, "b": -0.0, "c": 1 }));
        let text = String::from_utf8(to_vec(&value).unwrap()).unwrap();
        assert_eq!(text, r#"[2,-7,0.5,1e+300,null,{"a":3,"b":0,"c":1}]"#);
        assert_eq!(to_vec(&9_007_199_254_740_992.0_f64).unwrap(), b"9007199254740992.0");
    }
}
