//! Responses that are streams of items: server-sent events, lines of JSON. They are read as they come, or as a query that
//! grows.

use std::time::Duration;

use crate::builder::ClientBuilder;

mod calls;
mod fold;
mod frame;
mod growing;
mod grows;
mod items;
mod settling;
mod source;

pub use self::calls::Streaming;
pub(crate) use self::fold::Grow;
pub use self::growing::{Growing, Item};
pub use self::grows::Regrow;
pub(crate) use self::grows::grow;
pub use self::items::Items;
pub(crate) use self::settling::Settling;

impl ClientBuilder {
    /// How long the server may be silent within a body that is read as it comes, such as a stream of events: two minutes
    /// unless said otherwise. The time for all of it has no limit then. `Duration::MAX` is for ever.
    pub fn stream_idle_timeout(mut self, time: Duration) -> Self {
        self.stream_idle = time;
        self
    }
}
