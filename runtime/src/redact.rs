//! Hides what was sent in secret from texts that are shown: servers tend to repeat what they were sent.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;

use crate::param::percent_encode;
use crate::request_id::is_request_id;

/// What stands in place of a secret.
const HIDDEN: &str = "[secret]";

/// Shorter texts are no secrets, and would be found everywhere.
const SHORTEST: usize = 4;

/// Pieces of a header that may be names as well are secrets only from this length on.
const SHORTEST_PIECE: usize = 8;

/// Texts that must not be shown, the longest first.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// What the headers of a request hold: credentials, and whatever else is marked as sensitive.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Secrets {
        let mut secrets = Secrets::default();
        for (name, value) in headers.iter().filter(|(name, _)| !is_request_id(name)) {
            let is_secret = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name) || has_secret_name(name);
            let Some(text) = value.to_str().ok().filter(|_| is_secret || value.is_sensitive()) else { continue };
            let shortest = if is_secret { SHORTEST } else { SHORTEST_PIECE };
            secrets.add(text, shortest);
            if !is_secret {
                continue;
            }
            if let Some((_, credentials)) = text.split_once(' ') {
                secrets.add(credentials, SHORTEST);
                secrets.add_basic(credentials);
            }
            for piece in text.split([' ', ',', ';', '"', '=']) {
                secrets.add(piece, SHORTEST_PIECE);
            }
            for (_, value) in text.split(';').filter_map(|pair| pair.split_once('=')) {
                secrets.add(value, SHORTEST);
            }
        }
        secrets.sort();
        secrets
    }

    /// Adds pairs as they stand in a query string.
    pub(crate) fn and_pairs<'a>(mut self, pairs: impl IntoIterator<Item = &'a str>) -> Secrets {
        for (_, value) in pairs.into_iter().filter_map(|pair| pair.split_once('=')) {
            self.add(value, SHORTEST);
        }
        self.sort();
        self
    }

    /// A password, with or without the user's name.
    fn add_basic(&mut self, credentials: &str) {
        let decoded = STANDARD.decode(credentials.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(pair) = decoded else { return };
        if let Some((_, password)) = pair.split_once(':') {
            self.add(password, SHORTEST);
            self.add(&pair, SHORTEST);
        }
    }

    /// Adds a text in the forms in which it may come back.
    fn add(&mut self, text: &str, shortest: usize) {
        let text = text.trim();
        let plain = percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text));
        let in_markup = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let forms = [text.to_owned(), percent_encode(&plain).into_owned(), in_markup, plain.into_owned()];
        for form in forms {
            if form.len() >= shortest && !self.0.contains(&form) {
                self.0.push(form);
            }
        }
    }

    /// So that a secret which holds another is hidden whole.
    fn sort(&mut self) {
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// The text without secrets, nor the beginning of one where the text was cut.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = Cow::Borrowed(text);
        for secret in &self.0 {
            if shown.contains(secret.as_str()) {
                shown = Cow::Owned(shown.replace(secret.as_str(), HIDDEN));
            }
        }
        let cut = shown.strip_suffix('…').or_else(|| shown.strip_suffix("..."));
        let start = cut.and_then(|kept| self.0.iter().filter_map(|secret| cut_secret(kept, secret)).min());
        match start {
            Some(start) => Cow::Owned(format!("{}{HIDDEN}…", &shown[..start])),
            None => shown,
        }
    }
}

/// Where the beginning of a secret stands at the end of a text.
fn cut_secret(text: &str, secret: &str) -> Option<usize> {
    let ends = secret.char_indices().map(|(end, _)| end).rev().take_while(|end| *end >= SHORTEST);
    ends.filter(|end| text.ends_with(&secret[..*end])).map(|end| text.len() - end).next()
}

fn has_secret_name(name: &HeaderName) -> bool {
    const PARTS: [&str; 8] = ["auth", "token", "key", "secret", "session", "passw", "signature", "credential"];
    PARTS.iter().any(|part| name.as_str().contains(part))
}
