//! Native programs: what moves between threads.

use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;

use futures_core::Stream;

/// 128 random bits. The standard library's own randomness, which hashes that nobody can foretell are made of.
pub(crate) fn random() -> u128 {
    // Each has keys of its own.
    let bits = || u128::from(RandomState::new().hash_one(0));
    bits() << 64 | bits()
}

/// A boxed future. In a browser it need not be `Send`.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A boxed stream. In a browser it need not be `Send`.
pub(crate) type BoxStream<T> = Pin<Box<dyn Stream<Item = T> + Send>>;

/// `Send`, except in a browser, where nothing moves between threads.
pub trait MaybeSend: Send {}
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Sync`, except in a browser, where nothing is shared between threads.
pub trait MaybeSync: Sync {}
impl<T: Sync + ?Sized> MaybeSync for T {}
