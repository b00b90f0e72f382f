//! Finds a part of the previous response by its text, wherever it stood.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{Level, Parts};

/// All parts of the previous response. Texts are compared in full; the hash is keyed at random.
pub(super) struct Index {
    /// Parts that were never looked for, by the size of their text: most are found without, so their texts are not hashed.
    unread: HashMap<usize, Vec<Spot>>,
    by_text: HashMap<TypeId, HashMap<Bytes, Spot>>,
}

struct Spot {
    level: Arc<Level>,
    at: usize,
    /// Where the text begins in the previous body.
    start: usize,
}

impl Index {
    pub(super) fn new(previous: &Parts) -> Index {
        let mut unread = HashMap::new();
        note(&previous.level, 0, &mut unread);
        Index { unread, by_text: HashMap::new() }
    }

    /// The part of this type with this text, as its level and its position there.
    pub(super) fn find(&mut self, body: &Bytes, text: &str, ty: TypeId) -> Option<(&Arc<Level>, usize)> {
        for spot in self.unread.remove(&text.len()).unwrap_or_default() {
            let end = spot.start.saturating_add(text.len());
            if let Some(record) = spot.level.0.get(spot.at).filter(|_| end <= body.len()) {
                let by_text = self.by_text.entry((*record.value).type_id()).or_default();
                by_text.entry(body.slice(spot.start..end)).or_insert(spot);
            }
        }
        let spot = self.by_text.get(&ty)?.get(text.as_bytes())?;
        Some((&spot.level, spot.at))
    }
}

/// Notes the parts of `level`, which begins at `start`, and those within them.
fn note(level: &Arc<Level>, start: usize, unread: &mut HashMap<usize, Vec<Spot>>) {
    for (at, record) in level.0.iter().enumerate() {
        let start = start.saturating_add(record.start as usize);
        unread.entry(record.size as usize).or_default().push(Spot { level: level.clone(), at, start });
        if let Some(inner) = &record.inner {
            note(inner, start, unread);
        }
    }
}
