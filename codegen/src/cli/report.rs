//! `larder report`: what of a document did not reach the code, and why.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::generate::counted;
use super::input::{Input, each};
use super::reporter::{Reporter, Talk};
use super::{Done, json, print};
use crate::diagnostic::Located;
use crate::{Generated, ProblemKind};

/// What `larder report --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder report openapi.yaml                   for people
  larder report openapi.yaml --format json     for tools

A use is a place that asks for the type of a schema: a field, the items of a
list, a body, a response, a parameter, a variant. A schema that says nothing is
no loss when it stays untyped.";

/// Arguments of `report`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Report {
    /// The document, and what to do with it.
    #[command(flatten)]
    pub input: Input,
    /// Text for people, or JSON for tools
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// How it talks.
    #[command(flatten)]
    pub talk: Talk,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    #[default]
    Text,
    /// For tools
    Json,
}

impl Report {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        each(&self.input, None, &reporter, |job, watch| {
            // The report holds the warnings, so they are not told one by one.
            let generated = job.api.generator().on_stage(watch.hook()).generate();
            watch.pause();
            let generated = generated?;
            print(&match self.format {
                ReportFormat::Text => text(&job.name(), &generated),
                ReportFormat::Json => json::pretty(&value(&job.name(), &generated)),
            });
            match generated.warnings.len() {
                count @ 1.. if job.api.strict => Err(crate::Error::Strict { count }.into()),
                _ => Ok(()),
            }
        })
    }
}

fn left_out(generated: &Generated) -> Vec<&Located> {
    generated.warnings.iter().filter(|warning| warning.kind == ProblemKind::OperationLeftOut).collect()
}

fn kinds(generated: &Generated) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for warning in &generated.warnings {
        *kinds.entry(warning.kind.name()).or_default() += 1;
    }
    kinds
}

fn text(document: &str, generated: &Generated) -> String {
    let (coverage, left_out) = (&generated.coverage, left_out(generated));
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{document}: {}, {} left out; {} of a schema, {} untyped ({:.2} %)",
        counted(generated.plan.operations.len(), "operation"),
        left_out.len(),
        counted(coverage.uses, "use"),
        coverage.untyped.len(),
        coverage.untyped_share() * 100.0,
    );
    if !coverage.untyped.is_empty() {
        let _ = writeln!(text, "\nUNTYPED although the document says more");
        for each in &coverage.untyped {
            let _ = writeln!(text, "  {}\n    {}:{}:{}: {}", each.pointer, each.file, each.line, each.column, each.why);
        }
    }
    if !left_out.is_empty() {
        let _ = writeln!(text, "\nOPERATIONS left out");
        for each in left_out {
            let id = each.operation.as_deref().unwrap_or("?");
            let _ = writeln!(text, "  {id}\n    {}:{}:{}: {}", each.file, each.line, each.column, each.message);
        }
    }
    let kinds = kinds(generated);
    if !kinds.is_empty() {
        let _ = writeln!(text, "\nWARNINGS by kind");
        for (kind, count) in kinds {
            let _ = writeln!(text, "  {kind:<24} {count}");
        }
    }
    text
}

fn value(document: &str, generated: &Generated) -> Value {
    let untyped = generated.coverage.untyped.iter().map(|each| {
        json!({
            "pointer": each.pointer, "file": each.file, "line": each.line, "column": each.column, "why": each.why,
        })
    });
    let left_out = left_out(generated).into_iter().map(|each| {
        json!({
            "operation": each.operation, "file": each.file, "line": each.line, "column": each.column,
            "why": each.message,
        })
    });
    json!({
        "larder": 1,
        "document": document,
        "operations": {
            "generated": generated.plan.operations.len(),
            "left_out": left_out.collect::<Vec<_>>(),
        },
        "schema_uses": {
            "count": generated.coverage.uses,
            "untyped_share": generated.coverage.untyped_share(),
            "untyped": untyped.collect::<Vec<_>>(),
        },
        "warnings": kinds(generated),
    })
}
