//! What is wrong with a JSON text, in words that quote nothing of it: a response may hold secrets, and errors are logged.

use serde_json::error::Category;

/// The text of a decoding error, without the values that it quotes.
pub(crate) fn decode_message(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let (text, place) = match text.strip_suffix(&place) {
        Some(text) => (text, place.as_str()),
        None => (text.as_str(), ""),
    };
    let text = match error.classify() {
        // The parser's own words.
        Category::Syntax | Category::Eof | Category::Io => text.to_owned(),
        Category::Data => without_values(text),
    };
    format!("{text}{place}")
}

/// Messages of serde have fixed beginnings. What another `Deserialize` says may quote anything.
fn without_values(text: &str) -> String {
    const PLAIN: [&str; 4] = ["missing field `", "duplicate field `", "invalid length ", "expected a whole number"];
    const QUOTING: [&str; 4] = ["invalid type", "invalid value", "unknown variant", "unknown field"];
    if PLAIN.iter().any(|start| text.starts_with(start)) {
        return text.to_owned();
    }
    let Some(problem) = QUOTING.iter().find(|start| text.starts_with(*start)) else {
        return "the value is not one that its type allows".to_owned();
    };
    // What was expected is the type's own text. It comes last, so that no value can stand in its place.
    let expected = text.rfind(", expected ").and_then(|at| text.get(at..)).unwrap_or_default();
    let kind = text.strip_prefix(*problem).and_then(|rest| rest.strip_prefix(": ")).map_or("", kind);
    if kind.is_empty() { format!("{problem}{expected}") } else { format!("{problem}: {kind}{expected}") }
}

/// What came, by the name that serde has for such values.
fn kind(found: &str) -> &str {
    const KINDS: [&str; 7] = ["boolean", "integer", "floating point", "number", "string", "sequence", "map"];
    KINDS.into_iter().chain(["null", "character"]).find(|kind| found.starts_with(kind)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        #[allow(dead_code)]
        id: i64,
        #[allow(dead_code)]
        kind: Option<Kind>,
        #[allow(dead_code)]
        size: Option<u8>,
        #[allow(dead_code)]
        custom: Option<Custom>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Small,
        Large,
    }

    #[derive(Debug)]
    struct Custom;

    impl<'de> Deserialize<'de> for Custom {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Err(serde::de::Error::custom(format!("cannot read {text}")))
        }
    }

    fn told<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        decode_message(&serde_json::from_str::<T>(text).unwrap_err())
    }

    #[test]
    fn no_value_is_quoted_and_what_was_expected_stays() {
        let table = [
            (r#"{"id": "hunter2"}"#, "invalid type: string, expected i64 at line 1 column 16"),
            (r#"{"id": "hunter2, expected hunter2"}"#, "invalid type: string, expected i64 at line 1 column 34"),
            (r#"{"id": "a \" expected `hunter2"}"#, "invalid type: string, expected i64 at line 1 column 31"),
            (r#"{"id": 1.25}"#, "invalid type: floating point, expected i64 at line 1 column 11"),
            (r#"{"id": [12345]}"#, "invalid type: sequence, expected i64 at line 1 column 7"),
            (r#"{"id": null}"#, "invalid type: null, expected i64 at line 1 column 11"),
            (r#"{"size": 12345}"#, "invalid value: integer, expected u8 at line 1 column 14"),
            (r#"{"kind": "hunter2"}"#, "unknown variant, expected `small` or `large` at line 1 column 18"),
            (r#"{"hunter2": 1}"#, "unknown field, expected one of `id`, `kind`, `size`, `custom` at line 1 column 10"),
            (r#"{"custom": "hunter2"}"#, "the value is not one that its type allows at line 1 column 21"),
            ("{}", "missing field `id` at line 1 column 2"),
            (r#"{"id": 1, "id": 1}"#, "duplicate field `id` at line 1 column 14"),
            ("[hunter2", "expected value at line 1 column 2"),
        ];
        for (text, expected) in table {
            assert_eq!(told::<Item>(text), expected, "{text}");
        }
        assert_eq!(told::<Item>(r#"{"id": 1"#), "EOF while parsing an object at line 1 column 8");
    }
}
