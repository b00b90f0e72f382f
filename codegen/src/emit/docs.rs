//! A document's prose as doc comments.
//!
//! Descriptions are written in all kinds of Markdown, with HTML, bare links and
//! code that is not Rust. In a doc comment each of those would warn, run as a
//! test, or break a link; here they are made harmless and stay readable.

use proc_macro2::TokenStream;
use quote::quote;

use crate::diagnostic::is_unprintable;

/// Doc attributes, one a line.
pub(super) fn attributes(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {}", printable(line)) });
    quote!(#(#[doc = #lines])*)
}

/// A line of docs: without what would end it, or show it as something that it is not.
pub(super) fn printable(line: &str) -> String {
    line.chars().filter(|c| !is_unprintable(*c)).collect()
}

/// Prose as lines of a doc comment; none for empty text.
pub(super) fn text(prose: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    let mut list = List::default();
    for line in prose.trim().lines() {
        let line: String =
            line.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !is_unprintable(*c)).collect();
        let line = line.trim_end();
        let start = line.trim_start();
        let mark = ["```", "~~~"].iter().find(|mark| start.starts_with(**mark));
        match (&fence, mark) {
            (Some(open), Some(mark)) if mark == open => {
                lines.push("```".to_owned());
                fence = None;
            }
            (None, Some(mark)) => {
                lines.push("```text".to_owned());
                fence = Some((*mark).to_owned());
            }
            (Some(_), _) => lines.push(line.replace("```", "'''")),
            (None, None) => {
                let (indent, marker, rest) = list.place(line.len() - start.len(), start);
                lines.push(format!("{}{marker}{}", " ".repeat(indent), inline(rest)));
            }
        }
        if fence.is_some() {
            list = List::default();
        }
    }
    if fence.is_some() {
        lines.push("```".to_owned());
    }
    lines
}

/// The list items that a line of prose is inside of. Lists are indented as rustdoc reads them, however they are written.
#[derive(Default)]
struct List {
    /// Where the text of each item began, and where it begins now; the innermost last.
    items: Vec<(usize, usize)>,
    after_blank: bool,
}

impl List {
    /// How far to indent a line that stood `indent` deep, its list marker, and the rest of it.
    fn place<'t>(&mut self, indent: usize, text: &'t str) -> (usize, &'t str, &'t str) {
        if text.is_empty() {
            self.after_blank = true;
            return (0, "", "");
        }
        let after_blank = std::mem::take(&mut self.after_blank);
        if let Some((marker, rest)) = marker(text) {
            let written = text.len() - rest.len();
            while self.items.last().is_some_and(|(begun, _)| indent < *begun) {
                self.items.pop();
            }
            let outer = self.items.last().map_or(0, |(_, begins)| *begins);
            self.items.push((indent + written, outer + marker.len()));
            return (outer, marker, rest);
        }
        if text.starts_with('#') || (after_blank && indent == 0) {
            self.items.clear();
        }
        // Four spaces outside of a list would make a code block, and that a test.
        (self.items.last().map_or(indent.min(3), |(_, begins)| *begins), "", text)
    }
}

/// The marker of a list item with one space after it, and the item's text.
fn marker(text: &str) -> Option<(&str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = if digits == 0 { text.starts_with(['-', '*', '+']) } else { text[digits..].starts_with(['.', ')']) };
    let rest = text.get(digits + 1..).filter(|_| sign && digits < 10)?;
    let marker = text.get(..digits + 2).filter(|_| rest.starts_with(' '))?;
    Some((marker, rest.trim_start()))
}

/// One line of prose: code spans stay, the rest is escaped where rustdoc would read more into it.
fn inline(line: &str) -> String {
    if line.matches('`').count() % 2 == 1 {
        return escape(&line.replace('`', "'"));
    }
    let mut shown = String::with_capacity(line.len());
    for (at, part) in line.split('`').enumerate() {
        if at > 0 {
            shown.push('`');
        }
        if at % 2 == 1 { shown.push_str(part) } else { shown.push_str(&escape(part)) }
    }
    shown
}

fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((link, after)) = link(rest) {
            shown.push_str(&link);
            rest = after;
            continue;
        }
        match first {
            '[' | ']' | '<' | '>' => {
                shown.push('\\');
                shown.push(first);
            }
            other => shown.push(other),
        }
        rest = &rest[first.len_utf8()..];
    }
    shown
}

/// A link at the start of `text`, in a form that rustdoc accepts, and what follows it.
fn link(text: &str) -> Option<(String, &str)> {
    if let Some(inside) = text.strip_prefix('[') {
        let (label, after) = inside.split_once("](")?;
        let (target, after) = after.split_once(')')?;
        let plain =
            !label.contains(['[', ']', '<', '>', '`']) && is_url(target) && !target.contains([' ', '<', '>', '(']);
        return plain.then(|| (format!("[{label}]({target})"), after));
    }
    let bare = text.strip_prefix('<').unwrap_or(text);
    if !is_url(bare) {
        return None;
    }
    let end = bare.find(|c: char| c.is_whitespace() || "<>\"'`()[]{}|\\^*".contains(c)).unwrap_or(bare.len());
    let url = bare[..end].trim_end_matches(['.', ',', ';', ':', '!', '?']);
    let after = &bare[url.len()..];
    let after = if text.starts_with('<') { after.strip_prefix('>').unwrap_or(after) } else { after };
    Some((format!("<{url}>"), after))
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn prose_stays_readable_and_harmless() {
        for (prose, expected) in [
            ("See [RFC](https://a.b/c) and [x] or <b>", vec!["See [RFC](https://a.b/c) and \\[x\\] or \\<b\\>"]),
            ("at https://a.b/c.", vec!["at <https://a.b/c>."]),
            ("`a[0]` stays", vec!["`a[0]` stays"]),
            ("one ` alone", vec!["one ' alone"]),
            ("    let x = 1;\n\tmore", vec!["let x = 1;", " more"]),
            ("```\nfn main() {}\n```", vec!["```text", "fn main() {}", "```"]),
            ("```json\n{}", vec!["```text", "{}", "```"]),
            ("a\u{202e}b */ c", vec!["ab */ c"]),
            ("* one\ntwo\n   three\n\nfour", vec!["* one", "  two", "  three", "", "four"]),
            ("1. a\n    - b\n      c\n2. d", vec!["1. a", "   - b", "     c", "2. d"]),
            ("- a\n\n  b\n# c", vec!["- a", "", "  b", "# c"]),
            ("- **", vec!["- **"]),
            ("[a](b::c)", vec!["\\[a\\](b::c)"]),
        ] {
            assert_eq!(text(prose), expected, "{prose:?}");
        }
    }
}
