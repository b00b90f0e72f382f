//! What somebody may have meant by a name that is not there.

use similar::get_close_matches;

/// At most three of `names` that are like `word`, the likest first.
pub(crate) fn close<'a>(word: &str, names: &[&'a str], alike: f32) -> Vec<&'a str> {
    get_close_matches(word, names, 3, alike)
}
