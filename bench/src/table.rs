//! One table of all that was measured, and a line for each goal.

use crate::rounds::Candidate;

/// The head of the table, in Markdown.
pub const HEAD: &str = "| measured | candidate | entries | median | least |\n|---|---|---:|---:|---:|";

/// One line of the table. `unit` follows both figures.
pub fn row(measured: &str, name: &str, entries: u64, median: f64, least: f64, unit: &str) -> String {
    format!("| {measured} | {name} | {} | {} | {} |", grouped(entries), figure(median, unit), figure(least, unit))
}

/// The lines of what was measured together.
pub fn rows(measured: &str, candidates: &[Candidate<'_>]) -> Vec<String> {
    let line = |candidate: &Candidate<'_>| {
        row(measured, candidate.name, candidate.entries, candidate.median(), candidate.least(), "ns")
    };
    candidates.iter().map(line).collect()
}

/// The median of a candidate, found by its name and how many entries it had.
pub fn median(candidates: &[Candidate<'_>], name: &str, entries: u64) -> Option<f64> {
    let found = candidates.iter().find(|candidate| candidate.name == name && candidate.entries == entries);
    found.map(Candidate::median)
}

/// How many times another a figure is, where there is no goal.
pub fn beside(what: &str, ratio: Option<f64>) -> String {
    ratio.map_or_else(|| format!("not measured: {what}"), |ratio| format!("no goal: {what}: {ratio:.2}×"))
}

/// Whether a figure is at most its limit, as a line.
pub fn verdict(goal: &str, is: Option<f64>, limit: f64, unit: &str) -> String {
    match is {
        Some(is) if is <= limit => format!("met: {goal}: {is:.2}{unit} of {limit}{unit}"),
        Some(is) => format!("NOT MET: {goal}: {is:.2}{unit} of {limit}{unit}"),
        None => format!("not measured: {goal}"),
    }
}

fn figure(value: f64, unit: &str) -> String {
    match unit {
        "" => format!("{value:.1}"),
        "ns" if value >= 1e9 => format!("{:.2} s", value / 1e9),
        "ns" if value >= 1e6 => format!("{:.2} ms", value / 1e6),
        "ns" if value >= 1e4 => format!("{:.1} µs", value / 1e3),
        _ if value >= 100.0 || value.fract() == 0.0 => format!("{value:.0} {unit}"),
        _ => format!("{value:.1} {unit}"),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
