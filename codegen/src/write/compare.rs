//! What is on disk against what the document gives, as a diff.

use std::fs;
use std::io;
use std::path::Path;

use similar::TextDiff;

use super::{ours, same};
use crate::emit::File;
use crate::error::Error;

/// Lines of a diff that are shown before it is cut.
const MAX_DIFF_LINES: usize = 200;

pub(crate) fn check(folder: &Path, files: &[File]) -> Result<(), Error> {
    let mut report = String::new();
    for file in files {
        let path = folder.join(&file.path);
        match fs::read(&path) {
            Ok(text) if same(&text, &file.text) => {}
            Ok(text) => report.push_str(&diff(&path, &String::from_utf8_lossy(&text), &file.text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                report.push_str(&format!("{} is missing\n", path.display()));
            }
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    for path in ours::stale(folder, files)? {
        report.push_str(&format!("{} is no longer generated\n", path.display()));
    }
    if report.is_empty() { Ok(()) } else { Err(Error::OutOfDate(report)) }
}

fn diff(path: &Path, committed: &str, generated: &str) -> String {
    let name = path.display().to_string();
    let diff = TextDiff::from_lines(committed, generated);
    let text = diff.unified_diff().header(&name, "generated from the document").to_string();
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = lines.iter().take(MAX_DIFF_LINES).fold(String::new(), |text, line| text + line + "\n");
    if lines.len() > MAX_DIFF_LINES {
        shown.push_str(&format!("… and {} more lines\n", lines.len() - MAX_DIFF_LINES));
    }
    shown
}
