//! Eight tasks make ten million calls on one client. Fails if they hang, if a watcher ends with old data, or if memory is
//! held once all entries are gone.

#![forbid(unsafe_code)]

mod calls;
mod server;

use std::alloc::System;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cap::Cap;
use larder::{Client, Retry, Target};

use crate::server::Server;

/// Counts what is held.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

const TASKS: u64 = 8;
/// What may be held more than before: tables keep some room for what comes next.
const ROOM: usize = 256 << 10;
/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let calls = std::env::args().nth(1).map_or(Ok(10_000_000), |calls| calls.parse());
    let Ok(calls) = calls else {
        eprintln!("error: the argument is how many calls to make");
        return ExitCode::FAILURE;
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: there is no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = Arc::new(AtomicU64::new(0));
    watch_over(done.clone());
    match runtime.block_on(soak(calls, &done)) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Ends the program when nothing happens any more.
fn watch_over(done: Arc<AtomicU64>) {
    std::thread::spawn(move || {
        let mut before = None;
        loop {
            std::thread::sleep(PATIENCE);
            let now = done.load(Ordering::Relaxed);
            if before.replace(now) == Some(now) {
                eprintln!("error: nothing happens any more, after {now} calls");
                std::process::abort();
            }
        }
    });
}

async fn soak(calls: u64, done: &Arc<AtomicU64>) -> Result<String, String> {
    let server = Server::default();
    let client = Client::builder("https://soak.example")
        .transport(server.clone())
        .keep_unused(Duration::from_millis(5))
        // Waits between tries would be most of its time.
        .retry(Retry::none())
        .build()
        .map_err(|error| error.to_string())?;
    // Once for what is made only once.
    round(&client, calls / 20, 0, done).await?;
    let before = emptied(&client, done).await?;
    let start = Instant::now();
    round(&client, calls, 1000, done).await?;
    let took = start.elapsed();
    calls::last_data_is_shown(&client, &server).await?;
    let after = emptied(&client, done).await?;
    if before + ROOM < after {
        return Err(format!("{after} bytes are held, and {before} were before"));
    }
    Ok(format!("{calls} calls in {took:.1?}; {before} bytes held before, {after} after"))
}

/// Makes so many calls from all tasks.
async fn round(client: &Client, calls: u64, seed: u64, done: &Arc<AtomicU64>) -> Result<(), String> {
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| tokio::spawn(calls::make(client.clone(), calls / TASKS, seed + task, done.clone())))
        .collect();
    for task in tasks {
        task.await.map_err(|error| format!("a task ended early: {error}"))?;
    }
    Ok(())
}

/// Waits until every entry is gone, and says how much memory is held then.
async fn emptied(client: &Client, done: &AtomicU64) -> Result<usize, String> {
    for _ in 0..1000 {
        let held = client.inspect();
        if held.entries.is_empty() && held.mutations.is_empty() {
            // What just ended is put away.
            tokio::time::sleep(Duration::from_millis(50)).await;
            return Ok(MEMORY.allocated());
        }
        done.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    client.remove(Target::everything());
    Err(format!("entries are left: {}", client.inspect()))
}
