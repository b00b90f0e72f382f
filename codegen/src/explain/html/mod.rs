//! The plan as one page: what it needs is in it, and nothing that a document says can become more than text.
//!
//! The page's own script and style are the only ones that run, by their hashes; the plan is data beside them. Without
//! scripts, the page is a table.

mod data;
mod plain;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::layout::printable;
use super::reach::Reach;
use crate::plan::Plan;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The plan as one self-contained page.
pub fn html(plan: &Plan) -> String {
    let reach = Reach::of(plan);
    let title = escaped(&[plan.title.as_str(), plan.version.as_str()].join(" "));
    let title = title.trim();
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    let (data, table) = (data::json(plan, &reach), plain::table(plan, &reach));
    format!(
        r##"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="larder">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1><a href="#/">{title}</a></h1>
<input id="find" data-live hidden type="search" placeholder="Search operations, paths, tag types, reasons" aria-label="Search" autocomplete="off" spellcheck="false" aria-controls="list">
<fieldset data-live hidden aria-label="What is listed">
<label><input type="radio" name="kind" value="all" checked>all</label>
<label><input type="radio" name="kind" value="mutation">mutations</label>
<label><input type="radio" name="kind" value="query">queries</label>
<label><input type="checkbox" id="unsure">unsure only</label>
</fieldset>
<span id="count" class="soft" role="status" aria-live="polite"></span>
</header>
<nav id="list" data-live hidden aria-label="Operations"></nav>
<main id="view"><noscript>
{table}</noscript></main>
<script type="application/json" id="plan">{data}</script>
<script>{SCRIPT}</script>
</body>
</html>
"##
    )
}

/// What a policy calls a script or a style.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Text as HTML shows it, in content and in quoted attributes.
fn escaped(text: &str) -> String {
    let text = printable(text);
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE, escaped, html};
    use crate::plan::Plan;

    const HOSTILE: &str = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>\"'&\u{202e}";

    fn hostile() -> Plan {
        let text = format!(
            r#"{{ "larder": 1, "title": {0}, "version": {0}, "warnings": [{{ "operation": {0}, "message": {0} }}],
                "tag_types": [{{ "name": {0}, "collections": [{0}], "members": [], "schemas": [], "id": [{0}] }}],
                "operations": [
                {{ "id": {0}, "kind": "mutation", "method": {0}, "path": {0}, "function": {0}, "why": [{0}],
                   "invalidates": [{{ "type": {0}, "why": {0} }}] }},
                {{ "id": "show", "kind": "query", "method": {0}, "path": {0}, "function": {0}, "why": [{0}],
                   "provides": [{{ "type": {0}, "list": {{ {0}: {{ "in": "query", "name": {0} }} }}, "why": {0} }}] }} ] }}"#,
            serde_json::to_string(HOSTILE).expect("it is text")
        );
        serde_json::from_str(&text).expect("it is a plan")
    }

    #[test]
    fn no_text_of_a_document_becomes_markup() {
        let page = html(&hostile());
        assert!(page.contains("alert(1)") && page.contains(&escaped(HOSTILE)), "it is shown as text");
        let rest = page.replace(SCRIPT, "").replace(STYLE, "");
        assert_eq!(rest.matches("<script").count(), 2, "the data and the page's own");
        assert_eq!(rest.matches("</script>").count(), 2);
        assert!(!rest.contains("<img") && !rest.contains("<!--") && !rest.contains('\u{202e}'));
    }

    #[test]
    fn the_page_asks_for_nothing_from_elsewhere() {
        let page = html(&hostile());
        assert!(page.contains("default-src 'none'; script-src 'sha256-"));
        for word in ["http:", "https:", "src=\"", "url(", "@import", "innerHTML", "style=\""] {
            let own = [SCRIPT.replace("http://www.w3.org/2000/svg", ""), STYLE.to_owned()].concat();
            assert!(!own.contains(word), "{word}");
        }
    }
}
