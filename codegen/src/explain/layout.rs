//! Text in columns that a terminal of 100 columns shows whole, whatever the document holds.

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter, wrap};

use crate::diagnostic::is_unprintable;

/// Lines of a terminal table are no wider than this.
pub(super) const WIDTH: usize = 100;

/// Lines of text, each at most [`WIDTH`] wide.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
}

/// A column: where it begins, how wide it is, and what it says.
pub(super) struct Column<'t>(pub(super) usize, pub(super) usize, pub(super) &'t str);

impl Lines {
    /// What was written.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Text that wraps, with every line `indent` deep.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.row(&[Column(indent, WIDTH - indent, text)]);
    }

    /// A label, and beside it text that begins at column `at`, or below it when the label is longer than that.
    pub(super) fn labelled(&mut self, indent: usize, label: &str, at: usize, text: &str) {
        let label = printable(label);
        if indent + display_width(&label) < at {
            self.row(&[Column(indent, at - indent, &label), Column(at, WIDTH - at, text)]);
        } else {
            self.line(indent, &label);
            self.line(at, text);
        }
    }

    /// Columns side by side; each wraps in its own width.
    pub(super) fn row(&mut self, columns: &[Column<'_>]) {
        let wrapped: Vec<Vec<String>> = columns.iter().map(|Column(_, width, text)| wrapped(text, *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..height {
            let mut line = String::new();
            for (Column(begin, ..), lines) in columns.iter().zip(&wrapped) {
                if let Some(part) = lines.get(at).filter(|part| !part.is_empty()) {
                    line.push_str(&" ".repeat(begin.saturating_sub(display_width(&line))));
                    line.push_str(part);
                }
            }
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}

/// A document's text as a terminal may have it: nothing in it moves the cursor or turns the line around.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect()
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    // A hyphen in a name is part of it, and no place to break a line.
    let options = Options::new(width.max(1)).break_words(true).word_splitter(WordSplitter::NoHyphenation);
    wrap(&printable(text), options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    use textwrap::core::display_width;

    use super::{Column, Lines, WIDTH};

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let long = "x".repeat(250);
        for text in
            ["漢字".repeat(90), long.clone(), "a b ".repeat(80), "🦀".repeat(130), "\u{1b}[31m\t\u{202e}".repeat(60)]
        {
            let mut lines = Lines::default();
            lines.line(4, &text);
            lines.labelled(2, &text, 30, &text);
            lines.row(&[Column(2, 9, "refetches"), Column(12, 34, &text), Column(48, 52, &long)]);
            let shown = lines.into_text();
            for line in shown.lines() {
                assert!(display_width(line) <= WIDTH, "{} columns: {line}", display_width(line));
                assert!(!line.contains(['\u{1b}', '\t', '\u{202e}']), "{line:?}");
            }
        }
    }
}
