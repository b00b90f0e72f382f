//! Finds out where in a JSON text an error lies.
//!
//! Decoders are generated per type, so tracking the path while decoding would make each of them larger. Reading the text
//! again up to the error's position costs nothing until there is an error.

use std::fmt::Write;

enum Step {
    Field(String),
    Index(usize),
}

/// The path of the value at a position that `serde_json` reported, such as `items[3].id`. `None` for the whole document.
pub(crate) fn json_path(text: &[u8], line: usize, column: usize) -> Option<String> {
    let end = offset(text, line, column)?;
    let mut steps: Vec<Step> = Vec::new();
    let mut key: Option<String> = None;
    let mut position = 0;
    while position < end {
        match text[position] {
            b'{' => steps.push(Step::Field(String::new())),
            b'[' => steps.push(Step::Index(0)),
            b'}' | b']' => drop(steps.pop()),
            b',' => {
                if let Some(Step::Index(index)) = steps.last_mut() {
                    *index += 1;
                }
            }
            b':' => {
                if let (Some(Step::Field(name)), Some(key)) = (steps.last_mut(), key.take()) {
                    *name = key;
                }
            }
            b'"' => {
                let close = string_end(text, position, end);
                key = serde_json::from_slice(&text[position..close]).ok();
                position = close;
                continue;
            }
            _ => {}
        }
        position += 1;
    }
    render(&steps)
}

fn render(steps: &[Step]) -> Option<String> {
    let mut path = String::new();
    for step in steps {
        match step {
            // Inside an object, before its first field.
            Step::Field(name) if name.is_empty() => {}
            Step::Field(name) if path.is_empty() => path.push_str(name),
            // Writing to a `String` cannot fail.
            Step::Field(name) => drop(write!(path, ".{name}")),
            Step::Index(index) => drop(write!(path, "[{index}]")),
        }
    }
    if path.is_empty() { None } else { Some(path) }
}

fn offset(text: &[u8], line: usize, column: usize) -> Option<usize> {
    // Line 0: the error has no position.
    let before: usize = text.split_inclusive(|byte| *byte == b'\n').take(line.checked_sub(1)?).map(<[u8]>::len).sum();
    Some((before + column).min(text.len()))
}

/// The position after the string that opens at `start`.
fn string_end(text: &[u8], start: usize, end: usize) -> usize {
    let mut position = start + 1;
    while position < end {
        match text[position] {
            b'\\' => position += 2,
            b'"' => return position + 1,
            _ => position += 1,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Page {
        #[allow(dead_code)]
        items: Vec<Item>,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Item {
        #[allow(dead_code)]
        id: i64,
        #[allow(dead_code)]
        name: Option<String>,
    }

    #[test]
    fn paths_of_errors() {
        let table = [
            (r#"{"items": [{"id": 1}, {"id": "x"}]}"#, Some("items[1].id")),
            (r#"{"items": [{"id": 1}, {"name": "a"}]}"#, Some("items[1]")),
            ("{\n \"items\": [\n {\"id\": 1,\n \"name\": 5}]}", Some("items[0].name")),
            (r#"{"items": [{"name": "a\"{[", "id": true}]}"#, Some("items[0].id")),
            (r#"{"items": 5}"#, Some("items")),
            (r#"[]"#, None),
            (r#"{"other": 1}"#, None),
            ("", None),
            (r#"{"items": [{"id": 1}, "#, Some("items[1]")),
        ];
        for (text, expected) in table {
            let error = serde_json::from_str::<Page>(text).unwrap_err();
            assert_eq!(json_path(text.as_bytes(), error.line(), error.column()).as_deref(), expected, "{text} {error}");
        }
    }
}
