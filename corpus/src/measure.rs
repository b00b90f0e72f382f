//! What a command costs: CPU seconds and memory, of itself and all that it starts.

use std::io::{self, Read};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use wait4::Wait4;

/// What a command cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Time on a processor, in user and system mode.
    pub cpu: Duration,
    /// The most memory that one process held, in bytes.
    pub memory: u64,
}

/// Runs `command` to its end, with its output taken.
///
/// # Errors
/// When it cannot be started or its output cannot be read.
pub fn run(command: &mut Command) -> io::Result<(Output, Cost)> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let reader = child.stdout.take().map(|mut pipe| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            pipe.read_to_end(&mut text).map(|_| text)
        })
    });
    let mut stderr = Vec::new();
    if let Some(pipe) = &mut child.stderr {
        pipe.read_to_end(&mut stderr)?;
    }
    let stdout = match reader.map(std::thread::JoinHandle::join) {
        Some(Ok(text)) => text?,
        _ => Vec::new(),
    };
    let used = child.wait4()?;
    let cost = Cost { cpu: used.rusage.utime + used.rusage.stime, memory: used.rusage.maxrss };
    Ok((Output { status: used.status, stdout, stderr }, cost))
}
