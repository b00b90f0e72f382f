//! JSON text to nodes, with the place of every key and element.

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::de::IgnoredAny;

use super::node::{Document, Kind, NodeId, Span};
use super::{Fault, MAX_DEPTH, scalar};

/// Reads `text` into `document` and returns the root.
pub(super) fn read(text: &str, file: u32, document: &mut Document) -> Result<NodeId, Fault> {
    let mut reader = Reader { text, file, at: 0, document };
    let root = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.unexpected("the end of the document"));
    }
    Ok(root)
}

struct Reader<'a> {
    text: &'a str,
    file: u32,
    at: usize,
    document: &'a mut Document,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let help = match found {
            Some('/' | '#') => "JSON has no comments: remove this one, or save the document as YAML",
            Some('}' | ']') => "JSON has no comma behind the last value, and a value behind every key",
            Some('\'') => "JSON puts text in double quotes",
            None => "the document is cut off: is the file complete?",
            _ => "the document is not valid JSON here",
        };
        let found =
            found.map_or_else(|| "the text ends".to_owned(), |found| format!("found `{}`", found.escape_debug()));
        Fault::new(self.at, self.at + 1, format!("expected {wanted}, but {found}"), help)
    }

    fn push(&mut self, kind: Kind, start: usize) -> NodeId {
        self.document.push(kind, Span::new(self.file, start, self.at.max(start + 1)))
    }

    fn value(&mut self, depth: usize) -> Result<NodeId, Fault> {
        self.skip_space();
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(Fault::too_deep(start));
        }
        if self.document.is_full() {
            return Err(Fault::too_many(start));
        }
        let kind = match self.peek() {
            Some(b'{') => return self.object(start, depth),
            Some(b'[') => return self.array(start, depth),
            Some(b'"') => Kind::String(self.string()?),
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'-' | b'0'..=b'9') => return self.number(),
            _ => return Err(self.unexpected("a value")),
        };
        Ok(self.push(kind, start))
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn number(&mut self) -> Result<NodeId, Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        let valid = serde_json::from_str::<IgnoredAny>(text).is_ok();
        let Some((number, whole)) = scalar::number(text).filter(|_| valid) else {
            return Err(Fault::new(
                start,
                self.at,
                format!("`{text}` is not a number"),
                "write it as JSON has it, or as a string",
            ));
        };
        let node = self.push(Kind::Number(number), start);
        if !whole {
            self.document.inexact.insert(node, text.to_owned());
        }
        Ok(node)
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(self.unexpected("the end of the string")),
            }
        }
        self.at += 1;
        let Some(quoted) = self.text.get(start..self.at) else {
            return Err(self.unexpected("the end of the string"));
        };
        serde_json::from_str(quoted).map_err(|error| {
            // The reader counts from the start of the string.
            let error = error.to_string();
            let why = error.split(" at line ").next().unwrap_or_default();
            Fault::new(
                start,
                self.at,
                format!("this string cannot be read: {why}"),
                "a control character is written as `\\n` or `\\u0000`, and one beyond U+FFFF as a pair of escapes",
            )
        })
    }

    fn array(&mut self, start: usize, depth: usize) -> Result<NodeId, Fault> {
        self.at += 1;
        let array = self.push(Kind::Null, start);
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                elements.push(self.value(depth + 1)?);
                if self.ends(b']', "`,` or `]`")? {
                    break;
                }
            }
        }
        self.document.set(array, Kind::Array(elements));
        Ok(array)
    }

    fn object(&mut self, start: usize, depth: usize) -> Result<NodeId, Fault> {
        self.at += 1;
        let object = self.push(Kind::Null, start);
        let mut members = IndexMap::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                self.member(&mut members, depth)?;
                if self.ends(b'}', "`,` or `}`")? {
                    break;
                }
            }
        }
        self.document.set(object, Kind::Object(members));
        Ok(object)
    }

    fn member(&mut self, members: &mut IndexMap<String, NodeId>, depth: usize) -> Result<(), Fault> {
        self.skip_space();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in quotes"));
        }
        let key = self.string()?;
        let end = self.at;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        let value = self.value(depth + 1)?;
        self.document.set_span(value, Span::new(self.file, start, end));
        match members.entry(key) {
            Entry::Occupied(entry) => Err(Fault::duplicate(entry.key(), start, end)),
            Entry::Vacant(entry) => {
                entry.insert(value);
                Ok(())
            }
        }
    }

    /// Whether the collection closes here; otherwise a comma was passed.
    fn ends(&mut self, close: u8, wanted: &str) -> Result<bool, Fault> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.unexpected(wanted)),
        }
    }
}
