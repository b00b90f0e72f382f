//! Texts of a server, made fit to be shown: one line, of bounded length, without secrets.

use std::borrow::Cow;

use crate::redact::Secrets;

/// How many characters of a text are kept.
const LONGEST: usize = 1000;

/// One line of at most a thousand characters, without secrets.
pub(super) fn fit(text: &str, secrets: &Secrets) -> String {
    shorten(&secrets.hide(bounded(text)), LONGEST)
}

/// One line of at most so many characters.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The beginning of a text, so that a huge one costs little. It is much longer than what is kept, so that no secret is cut in
/// two before it is looked for.
fn bounded(text: &str) -> &str {
    const ENOUGH: usize = 64 << 10;
    let mut end = ENOUGH.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What a body that is no JSON says: the title of a page, or the text itself. Nothing for what is no text, or is JSON that was
/// cut.
pub(super) fn plain(body: &[u8], secrets: &Secrets) -> Option<String> {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        // The body may have been cut within a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&body[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let text = bounded(text.trim_start_matches('\u{feff}').trim_start());
    let said = if text.starts_with('<') { Cow::Owned(page_title(text)?) } else { Cow::Borrowed(text) };
    if said.starts_with(['{', '[']) || said.contains(|c: char| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    Some(fit(&said, secrets)).filter(|said| !said.is_empty())
}

/// The title of an HTML page, else its first heading.
fn page_title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let inside = |element: &str| {
        let start = lower.find(&format!("<{element}"))?;
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find(&format!("</{element}"))?;
        let text = without_markup(&page[start..end]);
        (!text.trim().is_empty()).then_some(text)
    };
    inside("title").or_else(|| inside("h1"))
}

/// The text of markup.
fn without_markup(markup: &str) -> String {
    const ENTITIES: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    let mut text = String::with_capacity(markup.len());
    let mut is_tag = false;
    for character in markup.chars() {
        match character {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if !is_tag => text.push(character),
            _ => {}
        }
    }
    for (entity, character) in ENTITIES {
        text = text.replace(entity, character);
    }
    text
}
