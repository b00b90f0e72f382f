//! What media types are, and which of several is used.

use crate::normalise::Media;

/// What data of a media type is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Json,
    /// Many JSON texts, one after the other.
    JsonLines,
    /// Server-sent events.
    Events,
    Form,
    Multipart,
    Text,
    Bytes,
}

impl Media {
    pub(super) fn family(&self) -> Family {
        let essence = essence(&self.content_type);
        let (kind, subtype) = essence.split_once('/').unwrap_or((&essence, ""));
        match (kind, subtype) {
            ("application" | "text", "jsonl" | "jsonlines" | "x-jsonlines" | "x-jsonl")
            | ("application" | "text", "ndjson" | "x-ndjson" | "json-seq" | "json-lines" | "stream+json") => {
                Family::JsonLines
            }
            _ if subtype.ends_with("+json-seq") => Family::JsonLines,
            (_, "json") | ("*" | "application", "*") => Family::Json,
            _ if subtype.ends_with("+json") => Family::Json,
            ("text", "event-stream") => Family::Events,
            (_, "x-www-form-urlencoded") => Family::Form,
            ("multipart", _) => Family::Multipart,
            ("text", _)
            | ("application", "xml" | "yaml" | "x-yaml" | "toml" | "javascript" | "graphql" | "sql" | "sdp" | "jwt") => {
                Family::Text
            }
            _ if subtype.ends_with("+xml") || subtype.ends_with("+yaml") => Family::Text,
            _ => Family::Bytes,
        }
    }

    /// Whether it names no type of its own: `*/*`, or `text/*`.
    pub(super) fn is_range(&self) -> bool {
        essence(&self.content_type).ends_with("/*")
    }

    /// The content type as a request names it, where `usual` would not say the same.
    pub(super) fn unusual(&self, usual: &str) -> Option<String> {
        let named = self.content_type.trim();
        // JSON and text are UTF-8 here, said or not.
        let only_charset =
            named.split(';').skip(1).all(|part| part.trim().to_ascii_lowercase().starts_with("charset="));
        let same = essence(named) == usual && only_charset;
        let sendable = named.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        (!same && !self.is_range() && sendable).then(|| named.to_owned())
    }
}

pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The best of several in this order of families; among equals plain JSON, else the first.
pub(super) fn best<'a>(media: &'a [Media], order: &[Family]) -> Option<&'a Media> {
    let rank = |media: &&Media| {
        let family = media.family();
        let rank = order.iter().position(|other| *other == family).unwrap_or(order.len());
        // A range is only used where nothing is named.
        (rank, family == Family::Json && essence(&media.content_type) != "application/json", media.is_range())
    };
    media.iter().min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_have_a_family() {
        for (content_type, family) in [
            ("application/json; charset=utf-8", Family::Json),
            ("application/vnd.api+json", Family::Json),
            ("*/*", Family::Json),
            ("application/x-ndjson", Family::JsonLines),
            ("application/geo+json-seq", Family::JsonLines),
            ("multipart/related", Family::Multipart),
            ("text/event-stream; charset=utf-8", Family::Events),
            ("application/atom+xml", Family::Text),
            ("image/png", Family::Bytes),
            ("nonsense", Family::Bytes),
        ] {
            let media = Media {
                content_type: content_type.to_owned(),
                schema: None,
                item_schema: None,
                encoding: Vec::new(),
                examples: Vec::new(),
            };
            assert_eq!(media.family(), family, "{content_type}");
        }
    }
}
