//! Bodies: what a request carries and a response brings, by media type.

use serde_json::json;

use super::parameter::form_style;
use super::{Spec, Style};
use crate::diagnostic::Diagnostic;
use crate::load::NodeId;

pub(crate) struct Body {
    pub(crate) at: NodeId,
    pub(crate) required: bool,
    pub(crate) media: Vec<Media>,
}

pub(crate) struct Media {
    pub(crate) content_type: String,
    pub(crate) schema: Option<NodeId>,
    /// 3.2: the schema of each of the things that follow one another.
    pub(crate) item_schema: Option<NodeId>,
    /// How some fields of a form are written.
    pub(crate) encoding: Vec<FieldEncoding>,
    /// As the document writes them, valid or not.
    pub(crate) examples: Vec<NodeId>,
}

/// How one field of a form or part of a multipart body is written.
pub(crate) struct FieldEncoding {
    pub(crate) at: NodeId,
    pub(crate) field: String,
    pub(crate) content_type: Option<String>,
    pub(crate) style: Option<Style>,
    /// It has headers of its own.
    pub(crate) headers: bool,
}

/// The status that a response is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Code(u16),
    /// `4XX` is `Range(4)`.
    Range(u16),
    Default,
}

impl Status {
    pub(crate) fn is_success(self) -> bool {
        matches!(self, Status::Code(200..=299) | Status::Range(2))
    }

    /// Whether a response of this status never has a body.
    fn is_empty(self) -> bool {
        matches!(self, Status::Code(100..=199 | 204 | 205 | 304))
    }
}

pub(crate) struct Response {
    pub(crate) status: Status,
    pub(crate) description: String,
    pub(crate) media: Vec<Media>,
    pub(crate) headers: Vec<Header>,
}

/// A header of a response.
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) deprecated: bool,
    pub(crate) schema: Option<NodeId>,
    /// The value is JSON: a header with `content`.
    pub(crate) is_json: bool,
}

impl Spec<'_> {
    /// The body of a request. What cannot be read is taken for untyped JSON, and told.
    pub(super) fn body(&self, node: NodeId) -> Body {
        match self.resolve(node) {
            Ok(at) => Body { at, required: self.document.flag(at, "required"), media: self.media(at) },
            Err(problem) => {
                self.report(problem.instead("the body is taken to be untyped JSON"));
                Body { at: node, required: false, media: vec![Media::plain("application/json", None)] }
            }
        }
    }

    /// The responses of an operation. One that cannot be read is taken as it comes, and that is told.
    pub(super) fn responses(&self, operation: NodeId) -> Vec<Response> {
        let mut responses = Vec::new();
        for (key, node) in self.document.members(operation, "responses") {
            let Some(status) = read_status(key) else {
                if !key.starts_with("x-") {
                    let help = "this response is left out; write `200`, `4XX` or `default`";
                    self.warn(node, format!("`{key}` is no status"), help);
                }
                continue;
            };
            let (description, media, headers) = match self.resolve(node) {
                Ok(at) => {
                    let description = self.document.str_at(at, "description").unwrap_or_default();
                    let headers = self.document.members(at, "headers").map(|(name, node)| self.header(name, node));
                    (description, self.response_media(status, at), headers.collect())
                }
                Err(problem) => {
                    self.report(problem.instead("the response is taken as bytes"));
                    ("", vec![Media::plain("application/octet-stream", None)], Vec::new())
                }
            };
            responses.push(Response { status, description: description.to_owned(), media, headers });
        }
        responses
    }

    /// A header of a response. One that cannot be read is text.
    fn header(&self, name: &str, node: NodeId) -> Header {
        let at = self.resolve(node).unwrap_or(node);
        let content = self.document.members(at, "content").next();
        let (is_json, in_content) = content.map_or((false, None), |(content_type, media)| {
            let media = self.resolve(media).unwrap_or(media);
            (content_type.to_ascii_lowercase().contains("json"), self.document.get(media, "schema"))
        });
        Header {
            name: name.to_owned(),
            description: self.document.str_at(at, "description").unwrap_or_default().to_owned(),
            deprecated: self.document.flag(at, "deprecated"),
            schema: self.document.get(at, "schema").or(in_content),
            is_json,
        }
    }

    fn response_media(&self, status: Status, at: NodeId) -> Vec<Media> {
        if status.is_empty() {
            return Vec::new();
        }
        let media = self.media(at);
        match self.document.get(at, "schema") {
            Some(schema) if media.is_empty() => {
                let help = "it is read as `application/json`; from 3.0 on a schema stands in `content`";
                self.warn(schema, "this response has a schema, but no media type", help);
                vec![Media::plain("application/json", Some(schema))]
            }
            _ => media,
        }
    }

    fn media(&self, owner: NodeId) -> Vec<Media> {
        let members = self.document.members(owner, "content");
        members.filter(|(name, _)| !name.starts_with("x-")).map(|(name, node)| self.one_media(name, node)).collect()
    }

    fn one_media(&self, content_type: &str, node: NodeId) -> Media {
        let at = self.resolve(node).unwrap_or_else(|problem: Diagnostic| {
            self.report(problem.instead("the media type is read without its schema"));
            node
        });
        Media {
            schema: self.document.get(at, "schema"),
            item_schema: self.document.get(at, "itemSchema"),
            encoding: self.document.members(at, "encoding").map(|(field, at)| self.encoding(field, at)).collect(),
            examples: self.examples(at),
            content_type: content_type.to_owned(),
        }
    }

    /// One, or several by name. What cannot be read is none.
    fn examples(&self, media: NodeId) -> Vec<NodeId> {
        let resolved = |node| self.document.resolve(node, |_, _| {}).ok();
        let named = self.document.members(media, "examples");
        let named = named.filter_map(|(_, node)| self.document.get(resolved(node)?, "value"));
        self.document.get(media, "example").into_iter().chain(named).collect()
    }

    fn encoding(&self, field: &str, at: NodeId) -> FieldEncoding {
        let explode = self.document.get(at, "explode").map(|_| self.document.flag(at, "explode"));
        let style = self.document.str_at(at, "style");
        // Without any of them the content type alone counts.
        let style = (style.is_some() || explode.is_some()).then(|| form_style(style.unwrap_or("form"), explode));
        if style == Some(None) {
            let text = self.document.str_at(at, "style").unwrap_or_default();
            self.warn(at, format!("a field of a form has no style `{text}`"), "it is written in the style `form`");
        }
        FieldEncoding {
            at,
            field: field.to_owned(),
            content_type: self.document.str_at(at, "contentType").map(str::to_owned),
            style: style.map(|style| style.unwrap_or(Style::FormExploded)),
            headers: self.document.members(at, "headers").next().is_some(),
        }
    }
}

impl Media {
    fn plain(content_type: &str, schema: Option<NodeId>) -> Media {
        let (encoding, examples) = (Vec::new(), Vec::new());
        Media { content_type: content_type.to_owned(), schema, item_schema: None, encoding, examples }
    }
}

fn read_status(text: &str) -> Option<Status> {
    if text.eq_ignore_ascii_case("default") {
        return Some(Status::Default);
    }
    match serde_json::from_value::<openapiv3::StatusCode>(json!(text.trim().to_ascii_uppercase())).ok()? {
        openapiv3::StatusCode::Code(code) => Some(Status::Code(code)),
        openapiv3::StatusCode::Range(range) => Some(Status::Range(range)),
    }
}
