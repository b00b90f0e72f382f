//! What is wrong with a document, where, and what to do about it.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::load::{Source, Span};
use crate::problem_kind::ProblemKind;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was left out or read more coarsely; the rest is generated.
    Warning,
    /// The document cannot be used.
    Error,
}

/// A problem, by byte offsets; [`Located`] is the form for people.
#[derive(Clone, Debug)]
pub(crate) struct Diagnostic {
    severity: Severity,
    kind: ProblemKind,
    message: String,
    help: String,
    operation: Option<String>,
    span: Option<Span>,
}

impl Diagnostic {
    pub(crate) fn error(message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, ..Diagnostic::warning(message) }
    }

    pub(crate) fn warning(message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            kind: ProblemKind::Other,
            message: message.into(),
            help: String::new(),
            operation: None,
            span: None,
        }
    }

    pub(crate) fn kind(mut self, kind: ProblemKind) -> Diagnostic {
        self.kind = kind;
        self
    }

    pub(crate) fn at(mut self, span: Span) -> Diagnostic {
        self.span = Some(span);
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = help.into();
        self
    }

    /// Says what was done instead, before what to do about it.
    pub(crate) fn instead(mut self, what: &str) -> Diagnostic {
        self.help = if self.help.is_empty() { what.to_owned() } else { format!("{what}; {}", self.help) };
        self
    }

    pub(crate) fn operation(mut self, operation: impl Into<String>) -> Diagnostic {
        self.operation = Some(operation.into());
        self
    }

    /// The operation it belongs to, by its id.
    pub(crate) fn operation_id(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// What is wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Where it is.
    pub(crate) fn span(&self) -> Option<Span> {
        self.span
    }
}

/// A problem in a document, with the line and column it stands at.
#[derive(Clone, Debug)]
pub struct Located {
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub kind: ProblemKind,
    /// What is wrong.
    pub message: String,
    /// What was done instead, or what to do; may be empty.
    pub help: String,
    /// The operation it belongs to, by its id, if it belongs to one.
    pub operation: Option<String>,
    /// The file, as it was named when it was read.
    pub file: String,
    /// The line, from 1; 0 when the problem has no place.
    pub line: usize,
    /// The column in characters, from 1; 0 when the problem has no place.
    pub column: usize,
    snippet: Option<Snip>,
}

/// A line of a file with control characters made harmless, and what is marked in it.
#[derive(Clone, Debug)]
struct Snip {
    text: String,
    start: usize,
    end: usize,
    /// The text begins within the line.
    cut: bool,
}

/// Lines longer than this are cut around the place: a JSON document may be one line.
const SHOWN_COLUMNS: usize = 160;

/// Names of a document stand in messages, and may be megabytes long.
const SHOWN_MESSAGE: usize = 1_000;

impl Located {
    pub(crate) fn new(sources: &[Source], mut diagnostic: Diagnostic) -> Located {
        shorten(&mut diagnostic.message);
        shorten(&mut diagnostic.help);
        let source = diagnostic.span.and_then(|span| Some((span, sources.get(span.file as usize)?)));
        let file = source.or_else(|| Some((Span::default(), sources.first()?)));
        let file = file.map(|(_, source)| source.path.display().to_string()).unwrap_or_default();
        let place = source.map(|(span, source)| source.position(span.start as usize));
        let (line, column) = place.map_or((0, 0), |(line, column, _)| (line, column));
        let snippet = source.map(|(span, source)| window(source, span));
        Located {
            severity: diagnostic.severity,
            kind: diagnostic.kind,
            message: diagnostic.message,
            help: diagnostic.help,
            operation: diagnostic.operation,
            file,
            line,
            column,
            snippet,
        }
    }

    /// The message as rustc would show it, with the colours of a terminal.
    pub fn coloured(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let message = printable(&self.message);
        let help = printable(&self.help);
        let title = level.primary_title(message.as_str());
        let mut group = match &self.snippet {
            Some(Snip { text, start, end, .. }) => title.element(
                Snippet::source(text.as_str())
                    .line_start(self.line)
                    .path(self.file.as_str())
                    .annotation(AnnotationKind::Primary.span(*start..*end)),
            ),
            None => Group::with_title(title),
        };
        if !help.is_empty() {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let shown = renderer.render(&[group]).to_string();
        match &self.snippet {
            // The renderer counts columns from where the text was cut.
            Some(Snip { text, start, cut: true, .. }) => {
                let counted = text[..*start].chars().count() + 1;
                let place = |column: usize| format!("{}:{}:{column}", self.file, self.line);
                shown.replacen(&place(counted), &place(self.column), 1)
            }
            _ => shown,
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

fn shorten(text: &mut String) {
    if text.len() > SHOWN_MESSAGE {
        let tail = text.split_off(floor(text, SHOWN_MESSAGE));
        let end = tail.char_indices().rev().nth(SHOWN_MESSAGE / 10).map_or(0, |(at, _)| at);
        text.push('…');
        text.push_str(&tail[end..]);
    }
}

/// The nearest character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The line around a span with control characters made harmless, and the span within it.
fn window(source: &Source, span: Span) -> Snip {
    let text = source.text.as_str();
    let start = floor(text, span.start as usize);
    let end = floor(text, span.end as usize).max(start);
    let (_, _, line) = source.position(start);
    let from = floor(text, start.saturating_sub(SHOWN_COLUMNS / 2)).max(line.start);
    let to = floor(text, start + SHOWN_COLUMNS).min(line.end).max(start);
    let to = if text[start..to].ends_with('\r') { to - 1 } else { to };
    let end = end.clamp(start, to);
    let cut = from > line.start;
    let before = format!("{}{}", if cut { "…" } else { "" }, printable(&text[from..start]));
    let marked = printable(&text[start..end]);
    let after = format!(
        "{}{}",
        printable(&text[end..to]),
        if to < line.end && !text[to..].starts_with('\r') { "…" } else { "" }
    );
    // What is empty is marked by the character after it.
    let shortest = after.chars().next().map_or(1, char::len_utf8);
    let (start, end) = (before.len(), before.len() + if marked.is_empty() { shortest } else { marked.len() });
    Snip { text: format!("{before}{marked}{after} "), start, end, cut }
}

/// Text of a document may hold control and direction characters that would
/// rewrite what a terminal shows.
fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' => c,
        '\t' => ' ',
        c if is_unprintable(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// Whether a character changes how the text around it is shown.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}
