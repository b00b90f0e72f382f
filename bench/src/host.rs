//! The one thread and runtime that all candidates share.

use std::hint::black_box;
use std::time::Duration;

use any_spawner::Executor;
use leptos::prelude::Owner;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{LocalSet, yield_now};

/// How long every candidate keeps an entry that nobody uses: longer than any measurement.
pub const KEEP: Duration = Duration::from_secs(24 * 3600);

/// A tokio runtime of one thread, with what leptos needs around it.
pub struct Host {
    runtime: Runtime,
    local: LocalSet,
    /// Leptos keeps signals alive by their owner.
    _owner: Owner,
}

impl Host {
    /// # Errors
    /// When the system gives no runtime.
    pub fn new() -> std::io::Result<Host> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        // It fails when there is one already, which is as good.
        let _ = Executor::init_tokio();
        let owner = Owner::new();
        owner.set();
        Ok(Host { runtime, local: LocalSet::new(), _owner: owner })
    }

    /// Runs a future on the runtime, with its tasks.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        self.local.block_on(&self.runtime, future)
    }

    /// The runtime, for those who spawn.
    pub fn handle(&self) -> Handle {
        self.runtime.handle().clone()
    }

    /// Lets every task that was spawned run as far as it can, and the allocator put in order what was freed, so that neither
    /// counts to whoever comes next.
    pub fn settle(&self) {
        self.run(async {
            for _ in 0..2_000 {
                yield_now().await;
            }
        });
        // Glibc merges small free blocks when a larger one is asked for, but none so large that it comes from the system.
        drop(black_box(Vec::<u8>::with_capacity(64 << 10)));
    }
}
