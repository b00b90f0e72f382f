//! Tells a person what happens, line by line, and folds long repetitions.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::finding::Finding;
use crate::line::{Colour, Line, Sign};
use crate::tally::Tally;

/// How wide sentences may run.
const WIDTH: usize = 84;
/// Where the second column of an event begins, counted from its sign.
const COLUMN: usize = 34;
/// How many events of one kind are told in a row before the rest is only counted.
const TOLD: usize = 3;

/// Lines that repeat each other.
struct Group {
    told: Vec<Line>,
    more: usize,
}

/// The story so far, written as it goes.
pub struct Transcript {
    out: Box<dyn Write + Send>,
    coloured: bool,
    /// What happened since the last sentence, folded when the next one begins.
    groups: Vec<Group>,
}

impl Transcript {
    /// Tells it on standard output, in colour if a person is likely to be reading.
    pub fn for_people() -> Self {
        let wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let possible = io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self::to(Box::new(io::stdout()), wanted && possible)
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self::to(Box::new(io::sink()), false)
    }

    /// Tells it here.
    pub fn to(out: Box<dyn Write + Send>, coloured: bool) -> Self {
        Self { out, coloured, groups: Vec::new() }
    }

    /// Before everything.
    pub fn open(&mut self, title: &str, text: &str) {
        let title = self.paint(Colour::Bold, title);
        self.print(&title);
        self.wrapped("", text);
    }

    /// A new scene begins.
    pub fn scene(&mut self, number: usize, count: usize, title: &str, premise: &str) {
        self.flush();
        let head = format!("━━ {number}/{count}  {title} ");
        let rule = "━".repeat(WIDTH.saturating_sub(head.chars().count()));
        let head = self.paint(Colour::Bold, format!("{head}{rule}"));
        self.print("");
        self.print(&head);
        self.wrapped("   ", premise);
        self.print("");
    }

    /// A sentence about what comes next.
    pub fn say(&mut self, text: &str) {
        self.flush();
        self.wrapped("   ", text);
    }

    /// Something happened.
    pub fn happened(&mut self, line: Line) {
        let repeats = |group: &&mut Group| {
            group.told.first().is_some_and(|first| first.sign == line.sign && first.operation == line.operation)
        };
        // What a mutation does is a turn in the story: nothing is folded across it.
        let turn = self.groups.iter().rposition(|group| group.told.iter().any(|told| told.sign == Sign::Mutation));
        let since_turn = turn.map_or(0, |turn| turn + 1);
        let known = match line.sign {
            Sign::Mutation => None,
            _ => self.groups[since_turn..].iter_mut().find(repeats),
        };
        match known {
            Some(group) if group.told.len() < TOLD => group.told.push(line),
            Some(group) => group.more += 1,
            None => self.groups.push(Group { told: vec![line], more: 0 }),
        }
    }

    /// How a scene ended.
    pub fn findings(&mut self, findings: &[Finding]) {
        self.flush();
        self.print("");
        let head = self.paint(Colour::Grey, "   expected  counted");
        self.print(&head);
        for finding in findings {
            let (glyph, colour) = if finding.holds() { ("✓", Colour::Green) } else { ("✗", Colour::Red) };
            let glyph = self.paint(colour, glyph);
            let Finding { expected, counted, what, place } = finding;
            self.print(&format!("   {expected:>8}  {counted:>7}  {glyph} {place}  {what}"));
        }
    }

    /// After everything.
    pub fn totals(&mut self, requests: usize, tally: &Tally, wrong: usize) {
        self.flush();
        let head = self.paint(Colour::Bold, "━━ Altogether");
        self.print("");
        self.print(&head);
        self.total(requests, "requests sent, counted at the servers");
        self.total(tally.cached, "answered from the cache, with no request");
        self.total(tally.joined, "shared a request that was under way");
        self.total(tally.mutations, "mutations");
        self.total(tally.refetches, "refetches that they and invalidations caused");
        let verdict = match wrong {
            0 => self.paint(Colour::Green, "Every count is as expected."),
            1 => self.paint(Colour::Red, "One count is not as expected."),
            _ => self.paint(Colour::Red, format!("{wrong} counts are not as expected.")),
        };
        self.print("");
        self.print(&verdict);
    }

    /// Writes what is still folded.
    pub fn flush(&mut self) {
        for Group { told, more } in std::mem::take(&mut self.groups) {
            for line in &told {
                self.event(line);
            }
            if more > 0 {
                let text = self.paint(Colour::Grey, format!("     … and {more} more like these"));
                self.print(&text);
            }
        }
    }

    fn event(&mut self, line: &Line) {
        let glyph = self.paint(line.sign.colour(), line.sign.glyph());
        let text = if line.note.is_empty() {
            format!("     {glyph} {}", line.what)
        } else {
            let note = self.paint(Colour::Grey, &line.note);
            format!("     {glyph} {:<COLUMN$}  {note}", line.what)
        };
        self.print(&text);
    }

    fn total(&mut self, count: usize, what: &str) {
        self.print(&format!("   {count:>8}  {what}"));
    }

    fn wrapped(&mut self, indent: &str, text: &str) {
        for line in wrap(text, WIDTH - indent.len()) {
            self.print(&format!("{indent}{line}"));
        }
    }

    fn paint(&self, colour: Colour, text: impl Display) -> String {
        if self.coloured { format!("\x1b[{}m{text}\x1b[0m", colour.code()) } else { text.to_string() }
    }

    fn print(&mut self, line: &str) {
        // A reader who went away (`… | head`) is no reason to stop the scenes.
        let _ = writeln!(self.out, "{line}");
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("the paper").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(coloured: bool, tell: impl FnOnce(&mut Transcript)) -> String {
        let paper = Paper::default();
        let mut transcript = Transcript::to(Box::new(paper.clone()), coloured);
        tell(&mut transcript);
        transcript.flush();
        String::from_utf8(paper.0.lock().expect("the paper").clone()).expect("text")
    }

    fn line(sign: Sign, operation: &str, what: &str, note: &str) -> Line {
        Line { sign, operation: operation.to_owned(), what: what.to_owned(), note: note.to_owned() }
    }

    #[test]
    fn repetitions_are_folded() {
        let text = written(false, |told| {
            for id in 1..=100 {
                told.happened(line(Sign::Request, "getPost", &format!("GET /posts/{id}"), ""));
            }
            told.happened(line(Sign::Request, "listPosts", "GET /posts", ""));
        });
        let expected = "     → GET /posts/1\n     → GET /posts/2\n     → GET /posts/3\n     \
                        … and 97 more like these\n     → GET /posts\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn nothing_is_folded_across_a_mutation() {
        let text = written(false, |told| {
            told.happened(line(Sign::Request, "getTimeline", "GET /timeline", ""));
            told.happened(line(Sign::Mutation, "favouritePost", "favouritePost", "invalidates Post:7"));
            told.happened(line(Sign::Request, "getTimeline", "GET /timeline", ""));
        });
        let signs: String = text.lines().filter_map(|line| line.trim_start().chars().next()).collect();
        assert_eq!(signs, "→✎→");
    }

    #[test]
    fn plain_text_has_no_colour_codes() {
        let tell = |told: &mut Transcript| {
            told.open("Title", "Text.");
            told.scene(1, 2, "Scene", "It is hard.");
            told.happened(line(Sign::Cached, "getPost", "getPost from the cache", "a note"));
            told.findings(&[Finding::at_the_server("requests", 1, 2)]);
            told.totals(3, &Tally::default(), 1);
        };
        let plain = written(false, tell);
        assert!(!plain.contains('\x1b'));
        assert!(plain.contains("          1        2  ✗ at the server  requests"));
        assert!(plain.contains("One count is not as expected."));
        assert!(written(true, tell).contains("\x1b[31m✗\x1b[0m"));
    }

    #[test]
    fn long_sentences_are_wrapped() {
        let text = written(false, |told| told.say(&"word ".repeat(40)));
        assert!(text.lines().count() > 1);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.starts_with("   word")));
    }
}
