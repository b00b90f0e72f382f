//! Cuts the bytes of a stream into items: server-sent events, or lines of JSON.

use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// How a stream is cut into items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events, as browsers read them (WHATWG HTML, section 9.2.6).
    Events,
    /// Lines, or records of a JSON text sequence (RFC 7464).
    Lines,
}

/// An item as it came.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Frame {
    pub(crate) data: Bytes,
    pub(crate) event: Option<Arc<str>>,
    /// The last id that the server gave, here or before.
    pub(crate) id: Option<Arc<str>>,
}

/// Why a stream cannot be cut any further.
#[derive(Debug, PartialEq)]
pub(crate) enum Uncut {
    /// An item is larger than the limit.
    TooLarge,
    Malformed(&'static str),
}

/// Cuts a stream into items, piece by piece.
pub(crate) struct Framer {
    framing: Framing,
    /// How large an item may be.
    limit: usize,
    /// What came of the line so far.
    line: Vec<u8>,
    is_first_line: bool,
    /// The last line ended with a carriage return, to which a line feed may still belong.
    after_return: bool,
    /// What came of the event so far.
    data: Option<Vec<u8>>,
    event: Option<Arc<str>>,
    /// The last id that came, which counts once its event is complete: what was lost with it has to come again.
    id: Option<Arc<str>>,
    last_id: Option<Arc<str>>,
    retry: Option<Duration>,
}

const RECORD_SEPARATOR: u8 = 0x1e;

impl Framer {
    pub(crate) fn new(framing: Framing, limit: usize) -> Framer {
        Framer {
            framing,
            limit,
            line: Vec::new(),
            is_first_line: true,
            after_return: false,
            data: None,
            event: None,
            id: None,
            last_id: None,
            retry: None,
        }
    }

    /// The connection is made anew: what came of an item is forgotten, and what the server said of the connection is not.
    pub(crate) fn restart(&mut self) {
        let (last_id, retry) = (self.last_id.take(), self.retry);
        *self = Framer { id: last_id.clone(), last_id, retry, ..Framer::new(self.framing, self.limit) };
    }

    /// The last id of an event that the server gave.
    pub(crate) fn last_id(&self) -> Option<&Arc<str>> {
        self.last_id.as_ref()
    }

    /// How long the server wants to be left alone before the connection is made anew.
    pub(crate) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Takes a piece of the stream in. The items that are complete are added to `frames`.
    pub(crate) fn push(&mut self, piece: &[u8], frames: &mut Vec<Frame>) -> Result<(), Uncut> {
        let mut rest = piece;
        while let Some(first) = rest.first() {
            if take(&mut self.after_return) && *first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let Some(at) = rest.iter().position(|byte| self.ends_line(*byte)) else { return self.keep(rest) };
            self.keep(&rest[..at])?;
            self.after_return = rest[at] == b'\r';
            rest = &rest[at + 1..];
            frames.extend(self.line_ends()?);
        }
        Ok(())
    }

    /// The stream is at its end. A line needs nothing behind it, but half an event is none.
    pub(crate) fn finish(&mut self, frames: &mut Vec<Frame>) -> Result<(), Uncut> {
        match self.framing {
            Framing::Lines => frames.extend(self.line_ends()?),
            Framing::Events if self.line.is_empty() && self.data.is_none() => {}
            Framing::Events => return Err(Uncut::Malformed("the stream ended within an event")),
        }
        Ok(())
    }

    /// What came of an event whose end did not come.
    pub(crate) fn unfinished(&self) -> &[u8] {
        let line = self.line.strip_prefix(b"data:").map(|line| line.strip_prefix(b" ").unwrap_or(line));
        match &self.data {
            Some(data) if self.line.is_empty() => data,
            None => line.unwrap_or_default(),
            Some(_) => &[],
        }
    }

    fn ends_line(&self, byte: u8) -> bool {
        match self.framing {
            Framing::Events => matches!(byte, b'\n' | b'\r'),
            Framing::Lines => matches!(byte, b'\n' | RECORD_SEPARATOR),
        }
    }

    fn keep(&mut self, more: &[u8]) -> Result<(), Uncut> {
        let known = self.line.len() + self.data.as_ref().map_or(0, Vec::len);
        if self.limit < known.saturating_add(more.len()) {
            return Err(Uncut::TooLarge);
        }
        self.line.extend_from_slice(more);
        Ok(())
    }

    fn line_ends(&mut self) -> Result<Option<Frame>, Uncut> {
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let mut line = take(&mut self.line);
        if take(&mut self.is_first_line) && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        match self.framing {
            Framing::Lines if line.iter().all(u8::is_ascii_whitespace) => Ok(None),
            Framing::Lines => Ok(Some(Frame { data: Bytes::from(line), ..Frame::default() })),
            Framing::Events if line.is_empty() => Ok(self.event_ends()),
            Framing::Events => self.field(&line).map(|()| None),
        }
    }

    fn event_ends(&mut self) -> Option<Frame> {
        let event = self.event.take().filter(|event| !event.is_empty());
        self.last_id.clone_from(&self.id);
        let data = self.data.take()?;
        Some(Frame { data: Bytes::from(data), event, id: self.last_id.clone().filter(|id| !id.is_empty()) })
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Uncut> {
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
            None => (line, &b""[..]),
        };
        if !matches!(name, b"data" | b"event" | b"id" | b"retry") {
            return Ok(());
        }
        let Ok(text) = std::str::from_utf8(value) else { return Err(Uncut::Malformed("an event is not UTF-8")) };
        match name {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" => self.event = Some(text.into()),
            b"id" if !text.contains('\0') => self.id = Some(text.into()),
            b"retry" if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = Some(Duration::from_millis(text.parse().unwrap_or(u64::MAX)));
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
