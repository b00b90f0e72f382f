//! Where mutations that wait for a connection are kept, so that they survive the end of the program.

#[cfg(not(target_arch = "wasm32"))]
mod file;
mod keeper;
mod record;

use std::io;

use bytes::Bytes;

#[cfg(not(target_arch = "wasm32"))]
pub use self::file::FileOutbox;
pub(crate) use self::keeper::Keeper;
pub(crate) use self::record::Record;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};

/// A store of mutations that wait for a connection: see [`ClientBuilder::outbox`](crate::ClientBuilder::outbox). Natively there is
/// [`FileOutbox`]; elsewhere, implement this over what the host has.
///
/// Records are JSON texts of at most 8 MiB, under ids of letters, digits and `-`. They hold what the application sends, but no
/// credentials. The client calls one function at a time, and is the only one that may use the store.
pub trait Outbox: MaybeSend + MaybeSync + 'static {
    /// Keeps a record under this id. Once it has ended, the record must survive a crash; before, there is no record.
    fn put(&self, id: &str, record: Bytes) -> BoxFuture<io::Result<()>>;

    /// Drops a record. One that is not there is no error.
    fn remove(&self, id: &str) -> BoxFuture<io::Result<()>>;

    /// All records with their ids, in any order.
    fn load(&self) -> BoxFuture<io::Result<Vec<(String, Bytes)>>>;

    /// Puts a record aside that this client cannot read, so that it is not loaded again, and not lost. Unless there is a place
    /// for such, it stays where it is.
    fn set_aside(&self, id: &str) -> BoxFuture<io::Result<()>> {
        let _ = id;
        Box::pin(async { Ok(()) })
    }
}

/// How large a record may be, in bytes.
const MAX_RECORD: usize = 8 << 20;
