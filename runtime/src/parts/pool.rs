//! The parts of a response while it is decoded, beside those of the response before.

use std::any::TypeId;
use std::sync::Arc;

use bytes::Bytes;

use super::index::Index;
use super::{Level, Parts, Record};
use crate::query::Value;

/// Parts within parts beyond this many are decoded with what is around them, since the text is read once for each.
const MAX_NESTING: usize = 16;

/// After this many parts running were not found anywhere, no more are looked for but where they are expected: where all
/// changes, looking costs as much as decoding.
const MAX_MISSES: usize = 64;

/// Values nested deeper than this are read by one decoder, whose own limit holds. `serde_json` has 128.
const MAX_DEPTH: usize = 120;

/// The parts of a response while it is decoded.
pub(super) struct Pool {
    body: Bytes,
    previous: Parts,
    /// Where all parts of the previous body are, once something was not where it was expected.
    index: Option<Index>,
    /// How many parts running were not found.
    misses: usize,
    /// The body, the part in it that is being decoded, the part within that, and so on.
    frames: Vec<Frame>,
    /// Whether the body is nested so little that parts may be decoded within parts.
    shallow: Option<bool>,
}

/// A part that is being decoded, or the body.
pub(super) struct Frame {
    /// Where its text is in the body.
    start: usize,
    size: usize,
    /// What stood there before.
    known: Option<Known>,
    /// The parts within it, so far.
    found: Vec<Record>,
}

/// The parts of what is thought to be the earlier form of a part.
struct Known {
    level: Arc<Level>,
    /// Where the earlier form is in the previous body.
    start: usize,
    /// The part that is expected next.
    next: usize,
}

/// What a look at a text brought.
pub(super) enum Look {
    Known(Value),
    /// It is open, with this many around it.
    New(usize),
    /// It is no text of this body.
    Elsewhere,
}

impl Record {
    /// Whether the part is of this type, and its text in `body` is this one. `around` is where what is around it begins.
    fn is(&self, body: &Bytes, around: usize, text: &str, ty: TypeId) -> bool {
        self.size as usize == text.len()
            && (*self.value).type_id() == ty
            && self.text(body, around) == Some(text.as_bytes())
    }

    pub(super) fn text<'b>(&self, body: &'b Bytes, around: usize) -> Option<&'b [u8]> {
        let start = around.checked_add(self.start as usize)?;
        body.get(start..start.checked_add(self.size as usize)?)
    }
}

impl Pool {
    pub(super) fn new(body: Bytes, previous: Parts) -> Pool {
        let known = Some(Known { level: previous.level.clone(), start: 0, next: 0 });
        let whole = Frame { start: 0, size: body.len(), known, found: Vec::new() };
        Pool { body, previous, index: None, misses: 0, frames: vec![whole], shallow: None }
    }

    /// All parts, once the body is decoded.
    pub(super) fn finish(&mut self) -> Option<Arc<Parts>> {
        let level = self.frames.drain(..).next().and_then(|whole| level(whole.found))?;
        Some(Arc::new(Parts { body: self.body.clone(), level }))
    }

    /// Whether a part may stand here.
    pub(super) fn takes_more(&mut self) -> bool {
        match self.frames.len() {
            // Places in larger bodies do not fit.
            1 => u32::try_from(self.body.len()).is_ok(),
            2..=MAX_NESTING => {
                let body = &self.body;
                *self.shallow.get_or_insert_with(|| nesting(body) <= MAX_DEPTH)
            }
            _ => false,
        }
    }

    /// Looks a part up; one that is not known is open from now on.
    pub(super) fn enter(&mut self, text: &str, ty: TypeId) -> Look {
        let Some(start) = self.place_of(text) else { return Look::Elsewhere };
        if let Some((value, inner)) = self.find(text, ty) {
            self.add(start, text.len(), value.clone(), inner);
            return Look::Known(value);
        }
        let known = self.earlier_form(ty);
        self.frames.push(Frame { start, size: text.len(), known, found: Vec::new() });
        Look::New(self.frames.len() - 1)
    }

    /// The open part is decoded. It is left later.
    pub(super) fn keep(&mut self, depth: usize, value: Value) {
        let Some(frame) = self.frames.get_mut(depth) else { return };
        let (start, size) = (frame.start, frame.size);
        let inner = level(std::mem::take(&mut frame.found));
        if let Some(around) = depth.checked_sub(1).and_then(|around| self.frames.get_mut(around)) {
            around.add(start, size, value, inner);
        }
    }

    /// Ends the open part and what is left of parts within it, to be dropped by the caller.
    pub(super) fn leave(&mut self, depth: usize) -> Vec<Frame> {
        if self.frames.len() <= depth { Vec::new() } else { self.frames.split_off(depth) }
    }

    /// Where `text` is in what is being decoded, if it is a piece of it.
    fn place_of(&self, text: &str) -> Option<usize> {
        let frame = self.frames.last()?;
        let start = (text.as_ptr() as usize).checked_sub(self.body.as_ptr() as usize)?;
        let is_within = frame.start <= start && start.checked_add(text.len())? <= frame.start + frame.size;
        is_within.then_some(start)
    }

    fn add(&mut self, start: usize, size: usize, value: Value, inner: Option<Arc<Level>>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.add(start, size, value, inner);
        }
    }

    /// The part from before with this text: usually the one that comes next, or its neighbour; else any.
    fn find(&mut self, text: &str, ty: TypeId) -> Option<(Value, Option<Arc<Level>>)> {
        let previous = &self.previous;
        let frame = self.frames.last_mut()?;
        if let Some(known) = &mut frame.known {
            let next = known.next;
            // After one was left out the following one comes, after one was put in the one before.
            for at in [Some(next), Some(next + 1), next.checked_sub(1)].into_iter().flatten() {
                let Some(record) = known.level.0.get(at) else { continue };
                if record.is(&previous.body, known.start, text, ty) {
                    known.next = at + 1;
                    self.misses = 0;
                    return Some((record.value.clone(), record.inner.clone()));
                }
            }
        }
        if self.misses > MAX_MISSES {
            return None;
        }
        self.misses += 1;
        let index = self.index.get_or_insert_with(|| Index::new(previous));
        let (level, at) = index.find(&previous.body, text, ty)?;
        self.misses = 0;
        if let Some(known) = frame.known.as_mut().filter(|known| Arc::ptr_eq(&known.level, level)) {
            known.next = at + 1;
        }
        level.0.get(at).map(|record| (record.value.clone(), record.inner.clone()))
    }

    /// What probably was the part that comes next, which has another text now.
    fn earlier_form(&mut self, ty: TypeId) -> Option<Known> {
        let known = self.frames.last_mut()?.known.as_mut()?;
        let record = known.level.0.get(known.next).filter(|record| (*record.value).type_id() == ty);
        known.next += 1;
        let record = record?;
        let start = known.start.checked_add(record.start as usize)?;
        Some(Known { level: record.inner.clone()?, start, next: 0 })
    }
}

impl Frame {
    fn add(&mut self, start: usize, size: usize, value: Value, inner: Option<Arc<Level>>) {
        // All of these fit, or else no part would have been taken.
        let place = start.checked_sub(self.start).map(u32::try_from);
        if let (Some(Ok(start)), Ok(size)) = (place, u32::try_from(size)) {
            self.found.push(Record { start, size, value, inner });
        }
    }
}

fn level(mut found: Vec<Record>) -> Option<Arc<Level>> {
    found.shrink_to_fit();
    (!found.is_empty()).then(|| Arc::new(Level(found)))
}

/// How deep the objects and arrays of a JSON text are nested.
fn nesting(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::nesting;

    #[test]
    fn nesting_is_counted_outside_of_texts() {
        let table = [("1", 0), ("[]", 1), (r#"{"a":[{}],"b":[]}"#, 3), (r#"["[[{", "\"[[", "\\"]"#, 1), ("]]][", 1)];
        for (text, expected) in table {
            assert_eq!(nesting(text.as_bytes()), expected, "{text}");
        }
    }
}
