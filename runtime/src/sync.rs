//! The locks of the shell. A build with `--cfg larder_shuttle` takes them from `shuttle`, which tries schedules of threads.

#[cfg(all(test, larder_shuttle))]
pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU64};
#[cfg(all(test, larder_shuttle))]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};

#[cfg(not(all(test, larder_shuttle)))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64};
#[cfg(not(all(test, larder_shuttle)))]
pub(crate) use std::sync::{Mutex, MutexGuard};
