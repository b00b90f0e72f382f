//! The tables of `cargo xtask corpus`, at most 120 columns wide.

use std::collections::BTreeMap;

use larder_corpus::{Cost, UNDECLARED, by_kind};

use super::one::{Report, Wanted};
use super::plans;

/// Kinds of exceptions and warnings are shown with so many places.
const SHOWN: usize = 3;

/// The table's head.
pub fn head(wanted: Wanted) {
    print!(
        "{:<21} {:>4} {:>3} {:>6} {:>4} {:>5} {:>6} {:>9}",
        "document", "ops", "out", "uses", "json", "warn", "lines", "gen s/MB"
    );
    if wanted.check {
        print!(" {:>11} {:>4}", "check s/MB", "warn");
    }
    if wanted.clippy {
        print!(" {:>5}", "lint");
    }
    if wanted.doc {
        print!(" {:>4}", "doc");
    }
    if wanted.examples {
        print!(" {:>6} {:>5} {:>5}", "found", "valid", "equal");
    }
    println!();
}

/// A document's row; what failed is told at the end.
pub fn row(report: &Report, wanted: Wanted) {
    let warnings: usize = report.warnings.values().sum();
    print!(
        "{:<21} {:>4} {:>3} {:>6} {:>4} {:>5} {:>6} {:>9}",
        report.name,
        report.operations,
        report.left_out,
        report.uses,
        report.untyped,
        warnings,
        report.lines,
        cost(&report.generating)
    );
    let none = || "-".to_owned();
    if wanted.check {
        let checked = report.checked.as_ref();
        let warned = checked.map_or_else(none, |checked| checked.warnings.to_string());
        print!(" {:>11} {warned:>4}", checked.map_or_else(none, |checked| cost(&checked.cost)));
    }
    for (wanted, checked, width) in [(wanted.clippy, &report.clippy, 5), (wanted.doc, &report.doc, 4)] {
        let said = checked.as_ref().map_or_else(none, |checked| match &checked.error {
            Some(_) => "fail".to_owned(),
            None => checked.warnings.to_string(),
        });
        if wanted {
            print!(" {said:>width$}");
        }
    }
    if wanted.examples {
        match &report.trip {
            Some(trip) => print!(" {:>6} {:>5} {:>5}", trip.found, trip.valid, trip.equal),
            None => print!(" {:>6} {:>5} {:>5}", "-", "-", "-"),
        }
    }
    println!("{}", if report.failures.is_empty() { "" } else { "  FAILED" });
}

fn cost(cost: &Cost) -> String {
    format!("{:.2}/{:>4}", cost.cpu.as_secs_f64(), cost.memory >> 20)
}

/// What stands below the table: warnings by kind, exceptions by kind, failures.
pub fn end(reports: &[Report], wanted: Wanted) {
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (kind, count) in reports.iter().flat_map(|report| &report.warnings) {
        let entry = kinds.entry(kind).or_default();
        *entry = (entry.0 + count, entry.1 + 1);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    println!("\nwarnings, in how many documents, and of which kind");
    for (kind, (count, documents)) in kinds {
        println!("{count:>8} {documents:>4}  {}", cut(kind, 104));
    }
    plans::table(reports.iter().map(|report| (report.name.as_str(), report.plan)));
    if wanted.examples {
        exceptions(reports);
    }
    let failed: Vec<_> = reports.iter().filter(|report| !report.failures.is_empty()).collect();
    println!("\n{} documents, {} failed", reports.len(), failed.len());
    for report in failed {
        for failure in &report.failures {
            println!("{}: {failure}", report.name);
        }
    }
}

fn exceptions(reports: &[Report]) {
    let trips = || reports.iter().filter_map(|report| report.trip.as_ref());
    let (valid, equal): (usize, usize) =
        trips().fold((0, 0), |(valid, equal), trip| (valid + trip.valid, equal + trip.equal));
    let rate = if valid == 0 { 100.0 } else { 100.0 * equal as f64 / valid as f64 };
    println!("\nexamples: {valid} are valid by their own schema, {equal} came back equal: {rate:.2} %");
    let undeclared = trips().flat_map(|trip| &trip.exceptions).filter(|exception| exception.kind == UNDECLARED).count();
    if undeclared > 0 {
        println!(
            "of the rest, {undeclared} lost nothing but properties that their schema does not declare (see --keep-unknown)"
        );
    }
    for report in reports {
        let Some(trip) = &report.trip else { continue };
        if let Some(why) = &trip.why_unasked {
            println!("{}: {} × the schema cannot be asked: {}", report.name, trip.unasked, cut(why, 60));
        }
        for (kind, exceptions) in by_kind(&trip.exceptions) {
            println!("{}: {} × {}", report.name, exceptions.len(), cut(kind, 80));
            for exception in exceptions.iter().take(SHOWN) {
                println!("    {}", cut(&exception.pointer, 114));
                println!("      as {}: {}", cut(&exception.rust, 40), cut(&exception.detail, 66));
            }
        }
    }
}

fn cut(text: &str, width: usize) -> String {
    let mut shown: String = text.chars().take(width).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if shown.len() < text.len() && text.chars().count() > width {
        shown.pop();
        shown.push('…');
    }
    shown
}
