//! What is told on standard error, to people or to tools.

use std::collections::HashMap;
use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Done, Fault, memory};
use crate::diagnostic::{Located, Severity};
use crate::{Error, Stage};

/// So many problems that say the same are each shown.
const SHOWN_ALIKE: usize = 2;

/// Of more, so many places.
const SHOWN_PLACES: usize = 8;

/// How a command talks.
#[derive(Args, Clone, Debug, Default)]
pub struct Talk {
    /// How messages are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,
    /// Tell of errors alone
    #[arg(short, long)]
    pub quiet: bool,
    /// Tell how long each stage took, and the most memory that was used
    #[arg(long)]
    pub timings: bool,
}

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// As rustc writes them
    #[default]
    Human,
    /// One object a line, with `severity` (`error`, `warning`, `note`), `kind` (a short name that stays the same),
    /// `message`, `help`, `operation`, `file`, `line`, `column` and `rendered`; null is what does not apply
    Json,
}

/// Tells what happens.
#[derive(Debug)]
pub(super) struct Reporter {
    talk: Talk,
    colours: bool,
}

impl Reporter {
    pub(super) fn new(talk: &Talk) -> Reporter {
        let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let able = env::var_os("TERM").is_none_or(|term| term != "dumb");
        Reporter { talk: talk.clone(), colours: wanted && able && io::stderr().is_terminal() }
    }

    /// Whether somebody sees a line that is rewritten.
    pub(super) fn shows_progress(&self) -> bool {
        !self.talk.quiet && self.is_human() && io::stderr().is_terminal()
    }

    fn is_human(&self) -> bool {
        self.talk.message_format == MessageFormat::Human
    }

    /// The problems of a document. To people, those that say the same are shown once, with the places of the others.
    pub(super) fn problems(&self, problems: &[Located]) {
        let mut alike: HashMap<(&str, &str), Vec<&Located>> = HashMap::new();
        for problem in problems {
            alike.entry((&problem.message, &problem.help)).or_default().push(problem);
        }
        for problem in problems {
            let same = &alike[&(problem.message.as_str(), problem.help.as_str())];
            let is_first = same.first().is_some_and(|first| std::ptr::eq(*first, problem));
            if !self.is_human() || same.len() <= SHOWN_ALIKE {
                self.problem(problem);
            } else if is_first && !self.hides(problem) {
                self.problem(problem);
                let place = |other: &&Located| format!("{}:{}:{}", other.file, other.line, other.column);
                let mut places: Vec<String> = same.iter().skip(1).take(SHOWN_PLACES).map(place).collect();
                let rest = same.len() - 1 - places.len();
                places.extend((rest > 0).then(|| format!("{rest} more places")));
                say(&format!("  and the same at {}\n", places.join(", ")));
            }
        }
    }

    fn hides(&self, problem: &Located) -> bool {
        self.talk.quiet && problem.severity == Severity::Warning
    }

    /// A problem of a document.
    fn problem(&self, problem: &Located) {
        if self.hides(problem) {
            return;
        }
        match self.talk.message_format {
            MessageFormat::Human if self.colours => say(&format!("{}\n", problem.coloured())),
            MessageFormat::Human => say(&format!("{problem}\n")),
            MessageFormat::Json => say(&located(problem).to_string()),
        }
    }

    /// What was done, in a line.
    pub(super) fn note(&self, message: &str) {
        match self.talk.message_format {
            _ if self.talk.quiet => {}
            MessageFormat::Human => say(message),
            MessageFormat::Json => say(&plain("note", "summary", message).to_string()),
        }
    }

    /// Why a command stopped.
    pub(super) fn fault(&self, fault: &Fault) -> Done {
        let (kind, message) = match fault {
            Fault::Usage(message) => ("usage", message.clone()),
            Fault::Refused(message) => ("refused", message.clone()),
            Fault::Error(Error::Document(problems)) => {
                self.problems(problems);
                return Done::Failed;
            }
            Fault::Error(error) => (error_kind(error), error.to_string()),
        };
        match self.talk.message_format {
            MessageFormat::Human if self.colours => say(&format!("\u{1b}[1;31merror\u{1b}[0m: {message}")),
            MessageFormat::Human => say(&format!("error: {message}")),
            MessageFormat::Json => say(&plain("error", kind, &message).to_string()),
        }
        if kind == "usage" { Done::Misused } else { Done::Failed }
    }

    /// How long each stage took.
    pub(super) fn timings(&self, document: &str, stages: &[(&'static str, Duration)]) {
        if !self.talk.timings {
            return;
        }
        let all: Duration = stages.iter().map(|(_, time)| *time).sum();
        let peak = memory::peak();
        if self.is_human() {
            let stages = stages.iter().map(|(stage, time)| format!("{stage} {:.2} s", time.as_secs_f64()));
            let stages = stages.collect::<Vec<_>>().join(", ");
            let peak = peak.map(|bytes| format!("; at most {} MB of memory", bytes / 1_000_000)).unwrap_or_default();
            say(&format!("{document}: {stages}; {:.2} s in all{peak}", all.as_secs_f64()));
            return;
        }
        let mut line = plain("note", "timings", &format!("{document}: {:.2} s", all.as_secs_f64()));
        let seconds: serde_json::Map<String, Value> =
            stages.iter().map(|(stage, time)| ((*stage).to_owned(), json!(time.as_secs_f64()))).collect();
        line["file"] = json!(document);
        line["seconds"] = Value::Object(seconds);
        line["peak_memory"] = json!(peak);
        say(&line.to_string());
    }
}

/// What a stage is called while it goes on.
pub(super) fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Load => "reading the document",
        Stage::Model => "understanding its schemas",
        Stage::Plan => "inferring tags",
        Stage::Emit => "writing the code",
    }
}

fn error_kind(error: &Error) -> &'static str {
    match error {
        Error::Read { .. } | Error::Write { .. } => "io",
        Error::Encoding { .. } | Error::TooLarge { .. } => "syntax",
        Error::OutOfDate(_) => "out-of-date",
        Error::Foreign { .. } => "foreign-file",
        Error::Strict { .. } => "strict",
        Error::Internal { .. } => "internal",
        _ => "other",
    }
}

/// Standard error may be closed, and that is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A problem as one JSON object.
pub(super) fn located(problem: &Located) -> Value {
    let place = |at: usize| (at > 0).then_some(at);
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "kind": problem.kind.name(),
        "message": problem.message,
        "help": text(&problem.help),
        "operation": problem.operation,
        "file": text(&problem.file),
        "line": place(problem.line),
        "column": place(problem.column),
        "rendered": problem.to_string(),
    })
}

fn plain(severity: &str, kind: &str, message: &str) -> Value {
    let rendered = if severity == "note" { message.to_owned() } else { format!("{severity}: {message}") };
    json!({
        "severity": severity, "kind": kind, "message": message, "help": null, "operation": null,
        "file": null, "line": null, "column": null, "rendered": rendered,
    })
}
