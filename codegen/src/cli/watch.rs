//! How a run goes on: a line on the terminal where it takes longer than a second, and how long each stage took.

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::reporter::doing;
use crate::Stage;
use crate::diagnostic::is_unprintable;

/// Runs that are shorter than this show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the line is written again.
const PERIOD: Duration = Duration::from_millis(200);

/// Characters of a document's name that are shown.
const MAX_NAME: usize = 40;

/// Clears the line that the cursor is in.
const CLEAR: &str = "\r\u{1b}[K";

/// The stages that began, each with its name and what to call it.
type Stages = Arc<Mutex<Vec<(&'static str, &'static str, Instant)>>>;

/// A run that is watched.
pub(super) struct Watch {
    stages: Stages,
    line: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Watch {
    /// Begins to watch; with `shown`, on the terminal.
    pub(super) fn start(document: &Path, shown: bool) -> Watch {
        // A line that wraps could not be cleared.
        let name = document.file_name().unwrap_or_default().to_string_lossy();
        let name: String = name.chars().filter(|c| !is_unprintable(*c)).take(MAX_NAME).collect();
        let stages = Stages::default();
        let line = shown.then(|| {
            let (sender, receiver) = mpsc::channel();
            let (stages, began) = (Arc::clone(&stages), Instant::now());
            let draw = move || {
                let mut wait = PATIENCE;
                while receiver.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    wait = PERIOD;
                    let stages = stages.lock().unwrap_or_else(PoisonError::into_inner);
                    let doing = stages.last().map_or("", |(_, doing, _)| doing);
                    let seconds = began.elapsed().as_secs();
                    let _ = write!(io::stderr(), "{CLEAR}{name}: {doing}, {seconds} s");
                }
                if wait == PERIOD {
                    let _ = write!(io::stderr(), "{CLEAR}");
                }
            };
            (sender, std::thread::spawn(draw))
        });
        Watch { stages, line: Mutex::new(line) }
    }

    /// What to call when a stage begins.
    pub(super) fn hook(&self) -> impl Fn(Stage) + Send + Sync + 'static {
        let stages = Arc::clone(&self.stages);
        move |stage| note(&stages, stage.name(), doing(stage))
    }

    /// Notes a stage that is none of the generator's.
    pub(super) fn stage(&self, name: &'static str) {
        note(&self.stages, name, name);
    }

    /// Takes the line away, so that messages can be written.
    pub(super) fn pause(&self) {
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, thread)) = line {
            drop(sender);
            let _ = thread.join();
        }
        note(&self.stages, "tell", "tell");
    }

    /// Ends it, and says how long each stage took.
    pub(super) fn stop(self) -> Vec<(&'static str, Duration)> {
        self.pause();
        let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let spans = stages.windows(2).filter_map(|pair| match pair {
            [(name, _, began), (_, _, ended)] => Some((*name, ended.duration_since(*began))),
            _ => None,
        });
        spans.filter(|(name, _)| *name != "tell").collect()
    }
}

fn note(stages: &Stages, name: &'static str, doing: &'static str) {
    stages.lock().unwrap_or_else(PoisonError::into_inner).push((name, doing, Instant::now()));
}
