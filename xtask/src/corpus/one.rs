//! What came of one document.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use larder_codegen::{Generator, ProblemKind};
use larder_corpus::{Checked, Cost, Scratch, Trip, name, prepare, run};
use serde_json::{Value, json};

use super::plans::{Shares, shares};

/// What is asked of every document beside generating.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub check: bool,
    pub clippy: bool,
    pub doc: bool,
    pub examples: bool,
    pub keep_unknown: bool,
}

/// What came of one document.
#[derive(Default)]
pub struct Report {
    pub name: String,
    /// Bytes of the document.
    pub size: u64,
    pub operations: usize,
    /// Operations that were left out.
    pub left_out: usize,
    /// Places that use a schema.
    pub uses: usize,
    /// Those that are untyped JSON although the schema says more.
    pub untyped: usize,
    /// Warnings by kind.
    pub warnings: BTreeMap<String, usize>,
    /// The tags of its queries, and of its mutations.
    pub plan: [Shares; 2],
    pub lines: usize,
    pub generating: Cost,
    pub checked: Option<Checked>,
    pub clippy: Option<Checked>,
    pub doc: Option<Checked>,
    pub trip: Option<Trip>,
    pub failures: Vec<String>,
}

impl Report {
    /// Generates, and does what else is wanted. What fails is noted, and ends what builds on it.
    pub fn make(document: &Path, scratch: &Scratch, wanted: Wanted) -> Report {
        let mut report = Report { name: name(document), ..Report::default() };
        if let Err(error) = report.fill(document, scratch, wanted) {
            report.failures.push(error.to_string());
        }
        report
    }

    fn fill(&mut self, document: &Path, scratch: &Scratch, wanted: Wanted) -> io::Result<()> {
        self.size = fs::metadata(document)?.len();
        let folder = scratch.make(&self.name, "//! Generated.\n#![allow(deprecated)]\npub mod api;\n", None)?;
        self.generate(document, &folder.join("src/api"))?;
        if wanted.check {
            let checked = scratch.check(&folder, "check")?;
            self.note("check", &checked, false);
            self.checked = Some(checked);
        }
        if wanted.clippy {
            let checked = scratch.check(&folder, "clippy")?;
            self.note("clippy", &checked, true);
            self.clippy = Some(checked);
        }
        if wanted.doc {
            let checked = scratch.check(&folder, "doc")?;
            self.note("doc", &checked, true);
            self.doc = Some(checked);
        }
        if wanted.examples {
            let trip = prepare(document, wanted.keep_unknown).map_err(io::Error::other)?.run(document, scratch);
            self.trip = Some(trip.map_err(|error| io::Error::other(format!("examples: {error}")))?);
        }
        Ok(())
    }

    /// In a process of its own, so that its time and memory are its alone.
    fn generate(&mut self, document: &Path, out: &Path) -> io::Result<()> {
        let mut command = Command::new(std::env::current_exe()?);
        let (output, cost) = run(command.arg("corpus").arg(document).arg("--one").arg(out))?;
        self.generating = cost;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(io::Error::other(format!("generating: {text}")));
        }
        let said: Value = serde_json::from_slice(&output.stdout)?;
        let count = |key: &str| said[key].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
        self.operations = count("operations");
        self.left_out = count("left_out");
        self.plan = ["queries", "mutations"].map(|kind| Shares::read(&said["plan"][kind]));
        self.lines = count("lines");
        if let Some(peak) = said["peak_bytes"].as_u64() {
            self.generating.memory = peak;
        }
        self.uses = count("uses");
        self.untyped = count("untyped");
        for warning in said["warnings"].as_array().into_iter().flatten() {
            let part = |key: &str| warning[key].as_str().unwrap_or_default();
            *self.warnings.entry(format!("{}: {}", part("kind"), kind(part("message")))).or_default() += 1;
        }
        Ok(())
    }

    fn note(&mut self, what: &str, checked: &Checked, clean: bool) {
        if let Some(error) = &checked.error {
            self.failures.push(format!("{what}: {error}"));
        } else if clean && checked.warnings > 0 {
            self.failures.push(format!("{what}: {} warnings", checked.warnings));
        }
    }

    /// For tools.
    pub fn json(&self) -> Value {
        let cost = |cost: &Cost| json!({ "cpu_seconds": cost.cpu.as_secs_f64(), "peak_bytes": cost.memory });
        let checked = |checked: &Option<Checked>| {
            checked.as_ref().map(
                |checked| json!({ "cost": cost(&checked.cost), "warnings": checked.warnings, "error": checked.error }),
            )
        };
        let exceptions = self.trip.iter().flat_map(|trip| &trip.exceptions).map(|exception| {
            json!({ "pointer": exception.pointer, "schema": exception.schema, "type": exception.rust,
                    "kind": exception.kind, "detail": exception.detail, "example": exception.example })
        });
        json!({
            "document": self.name, "bytes": self.size, "operations": self.operations, "left_out": self.left_out,
            "uses": self.uses, "untyped": self.untyped, "warnings": self.warnings, "lines": self.lines,
            "plan": plan(&self.plan), "generating": cost(&self.generating), "check": checked(&self.checked), "clippy": checked(&self.clippy),
            "doc": checked(&self.doc),
            "examples": self.trip.as_ref().map(|trip| json!({
                "found": trip.found, "unasked": trip.unasked, "valid": trip.valid, "equal": trip.equal,
                "exceptions": exceptions.collect::<Vec<_>>() })),
            "failures": self.failures,
        })
    }
}

/// Generates from one document into `out` and prints what the report needs.
pub fn generate(document: &Path, out: &Path) -> io::Result<ExitCode> {
    let generated = Generator::new(document).generate().map_err(io::Error::other)?;
    generated.write_to(out).map_err(io::Error::other)?;
    let lines: usize = generated.files.iter().map(|file| file.text.lines().count()).sum();
    let left_out = generated.warnings.iter().filter(|warning| warning.kind == ProblemKind::OperationLeftOut);
    let said = json!({
        "operations": generated.plan.operations.len(),
        "left_out": left_out.count(),
        "plan": plan(&shares(&generated.plan)),
        "lines": lines,
        "peak_bytes": peak(),
        "uses": generated.coverage.uses,
        "untyped": generated.coverage.untyped.len(),
        "warnings": generated
            .warnings
            .iter()
            .map(|warning| json!({ "kind": warning.kind.name(), "message": warning.message }))
            .collect::<Vec<_>>(),
    });
    println!("{said}");
    Ok(ExitCode::SUCCESS)
}

fn plan([queries, mutations]: &[Shares; 2]) -> Value {
    json!({ "queries": queries.json(), "mutations": mutations.json() })
}

/// The most memory that this process held. What a parent learns of its child begins with what the parent held itself,
/// so where the system tells, the child tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// A message without the names in it.
fn kind(message: &str) -> String {
    let mut quoted = false;
    let outside = message.chars().filter(|c| {
        quoted ^= *c == '`';
        !quoted
    });
    outside.map(|c| if c == '`' { '…' } else { c }).collect()
}
