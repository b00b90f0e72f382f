//! What commands print for tools.

use serde::Serialize;

/// JSON that people can read, too.
pub(super) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
