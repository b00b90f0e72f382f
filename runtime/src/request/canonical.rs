//! JSON as a key: two texts of the same value are one, whatever order the members of objects were written in (B1).

use serde_json::value::RawValue;

use crate::same_json::members;

/// How deep values are looked into. What is nested deeper is taken as it is written.
const DEPTH: usize = 128;

/// JSON values, one after the other, without spaces and with the members of objects by name. `None` for what is no JSON.
///
/// Scalars stay as they are written, digit by digit: a number that no type here can hold must not pass for its neighbour.
pub(super) fn canonical(text: &[u8]) -> Option<Vec<u8>> {
    let mut written = Vec::with_capacity(text.len());
    for value in serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>() {
        if !written.is_empty() {
            written.push(b'\n');
        }
        write(value.ok()?.get(), DEPTH, &mut written)?;
    }
    Some(written)
}

fn write(text: &str, depth: usize, written: &mut Vec<u8>) -> Option<()> {
    let Some(below) = depth.checked_sub(1) else {
        written.extend_from_slice(text.as_bytes());
        return Some(());
    };
    let comma = |written: &mut Vec<u8>, at: usize| written.extend_from_slice(if at == 0 { b"" } else { b"," });
    if text.starts_with('{') {
        written.push(b'{');
        for (at, (name, value)) in members(text.as_bytes())?.iter().enumerate() {
            comma(written, at);
            serde_json::to_writer(&mut *written, name).ok()?;
            written.push(b':');
            write(value.get(), below, written)?;
        }
        written.push(b'}');
    } else if text.starts_with('[') {
        written.push(b'[');
        for (at, item) in serde_json::from_str::<Vec<&RawValue>>(text).ok()?.iter().enumerate() {
            comma(written, at);
            write(item.get(), below, written)?;
        }
        written.push(b']');
    } else {
        written.extend_from_slice(text.as_bytes());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::canonical;

    fn of(text: &str) -> Option<String> {
        canonical(text.as_bytes()).and_then(|text| String::from_utf8(text).ok())
    }

    // B1
    #[test]
    fn b1_members_are_by_name_and_all_else_is_kept_to_the_letter() {
        let table = [
            (r#"{"b":1,"a":[{"d":null,"c":"x"}]}"#, r#"{"a":[{"c":"x","d":null}],"b":1}"#),
            (r#" { "b" : 1.0 , "a" : -0 } "#, r#"{"a":-0,"b":1.0}"#),
            (r#"{"\u0061":2,"A":1}"#, r#"{"A":1,"a":2}"#),
            (r#"{"a":2,"b":0,"a":1}"#, r#"{"a":2,"a":1,"b":0}"#),
            ("[1180591620717411303425, 0.10000000000000000001]", "[1180591620717411303425,0.10000000000000000001]"),
            ("{\"b\":1,\"a\":2}\n[3]\n", "{\"a\":2,\"b\":1}\n[3]"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(of(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_or_too_deep_does_no_harm() {
        for text in ["{", "{a:1}", "[1,]", "nul", "{\"a\":1}}"] {
            assert_eq!(of(text), None, "{text}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(of(&deep).as_ref(), Some(&deep));
        let mixed = format!("{}{{\"b\":1,\"a\":2}}{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(of(&mixed).as_ref(), Some(&mixed));
    }
}
