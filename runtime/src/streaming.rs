//! Responses that are streams of items: server-sent events, lines of JSON. They are read as they come, or as a query that
//! grows.

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
