//! Bugs of what waits: mutations in their lanes.

use super::{Planted, bug};

pub const WAITING: &[Planted] = &[
    bug(
        "B24: what an earlier run left goes behind what is new",
        "core/lanes.rs",
        "self.resumed.map_or((true, mutation.0), |place| (false, place))",
        "self.resumed.map_or((false, mutation.0), |place| (true, place))",
    ),
    bug(
        "B24: the next of a scope waits on when the one before it has settled",
        "core/lanes.rs",
        "} else if let Some((_, next)) = self.lanes.first(&lane) {\n            self.send_if_ready(next);",
        "} else if let Some((_, next)) = self.lanes.first(&lane) {\n            let _ = next;",
    ),
    bug(
        "B24: what may wait is sent without a connection",
        "core/lanes.rs",
        "(is_online || !self.turn.waits_offline)",
        "(is_online || self.turn.waits_offline)",
    ),
];
