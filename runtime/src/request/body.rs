//! What a request carries: JSON, forms, multipart, text, bytes.

use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;
use serde_json::Value as Json;

use super::Request;
use super::rare::Content;
use crate::json_text;
use crate::multipart::{self, Written};
use crate::param::{Style, percent_encode, write};
use crate::upload::RequestBody;

impl Request {
    /// Sends this as JSON.
    #[inline]
    pub fn json<B: Serialize + ?Sized>(self, body: &B) -> Request {
        self.json_body(json_text::to_vec(body))
    }

    /// Sends this as JSON when it is there.
    #[inline]
    pub fn json_opt<B: Serialize + ?Sized>(self, body: Option<&B>) -> Request {
        match body {
            Some(body) => self.json(body),
            None => self,
        }
    }

    /// Sends these as JSON, one a line (`application/jsonl`).
    pub fn json_lines<B: Serialize>(self, items: &[B]) -> Request {
        let mut lines = Vec::new();
        for item in items {
            if let Err(error) = json_text::add(&mut lines, item) {
                return self.failed(format!("the body cannot be written as JSON: {error}"));
            }
            lines.push(b'\n');
        }
        self.bytes("application/jsonl", Bytes::from(lines))
    }

    /// Sends this as a form, `application/x-www-form-urlencoded`. An array repeats its name, and an object within is JSON.
    /// `None` is not sent.
    #[inline]
    pub fn form<B: Serialize + ?Sized>(self, body: &B) -> Request {
        self.form_body(&[], Style::FormExploded, serde_json::to_value(body))
    }

    /// Sends this as a form whose arrays and objects are in this style. `None` is not sent.
    #[inline]
    pub fn form_as<B: Serialize + ?Sized>(self, style: Style, body: &B) -> Request {
        self.form_body(&[], style, serde_json::to_value(body))
    }

    /// Sends this as a form in which some fields have a style of their own. `None` is not sent.
    #[inline]
    pub fn form_with<B: Serialize + ?Sized>(self, styles: &[(&str, Style)], body: &B) -> Request {
        self.form_body(styles, Style::FormExploded, serde_json::to_value(body))
    }

    /// Sends this as `multipart/form-data`: a part for each field, and for each element of an array. A
    /// [`FilePart`](crate::FilePart) is a file, an object within is JSON. `None` is not sent.
    ///
    /// Parts are in the order of their names, files last: a server that reads as it goes then knows all fields when a
    /// file comes, and equal values always make the same request.
    #[inline]
    pub fn multipart<B: Serialize + ?Sized>(self, body: &B) -> Request {
        self.multipart_with(&[], body)
    }

    /// Sends this as `multipart/form-data` in which some fields have a content type of their own. `None` is not sent.
    #[inline]
    pub fn multipart_with<B: Serialize + ?Sized>(self, content_types: &[(&str, &str)], body: &B) -> Request {
        self.multipart_body(content_types, multipart::collect(|| serde_json::to_value(body)))
    }

    /// Sends this as plain text.
    pub fn text(self, body: impl Into<String>) -> Request {
        self.bytes("text/plain; charset=utf-8", Bytes::from(body.into()))
    }

    /// Sends this as plain text when it is there.
    pub fn text_opt(self, body: Option<impl Into<String>>) -> Request {
        match body {
            Some(body) => self.text(body),
            None => self,
        }
    }

    /// Sends these bytes.
    pub fn bytes(mut self, content_type: &str, body: Bytes) -> Request {
        match HeaderValue::from_str(content_type) {
            Ok(content_type) => {
                self.rare_mut().content = Some(Box::new(Content { content_type, body, key: None, stream: None }));
            }
            Err(_) => self.fail(format!("{content_type:?} is no content type")),
        }
        self
    }

    /// Sends these bytes when they are there.
    pub fn bytes_opt(self, content_type: &str, body: Option<Bytes>) -> Request {
        match body {
            Some(body) => self.bytes(content_type, body),
            None => self,
        }
    }

    /// Sends this body piece by piece, as it comes.
    pub fn stream(self, content_type: &str, body: RequestBody) -> Request {
        self.bytes(content_type, Bytes::new()).with_body(body)
    }

    /// Sends this body in place of the one that there is, under the same content type; where there is none, as
    /// `application/octet-stream`.
    pub fn with_body(self, body: RequestBody) -> Request {
        let mut request =
            if self.rare().content.is_some() { self } else { self.bytes("application/octet-stream", Bytes::new()) };
        if let Some(content) = &mut request.rare_mut().content {
            content.body = Bytes::new();
            content.key = Some(body.identity());
            content.stream = Some(body);
        }
        request
    }

    /// Calls the body by another content type, such as `application/merge-patch+json`. Without a body it does nothing.
    pub fn content_type(mut self, content_type: &str) -> Request {
        let Some(content) = &self.rare().content else { return self };
        let boundary = content.content_type.to_str().ok().and_then(|present| present.split_once("boundary="));
        let named = match boundary {
            Some((_, boundary)) => format!("{content_type}; boundary={boundary}"),
            None => content_type.to_owned(),
        };
        match HeaderValue::from_str(&named) {
            Ok(named) => self.rare_mut().content.iter_mut().for_each(|content| {
                content.content_type = named.clone();
                content.key = content.stream.as_ref().map(RequestBody::identity);
            }),
            Err(_) => self.fail(format!("{content_type:?} is no content type")),
        }
        self
    }

    /// The body that is sent piece by piece, and whoever wants to know how far it is. Nothing where it is sent as a whole and
    /// nobody does.
    pub(super) fn upload(&self) -> Option<RequestBody> {
        let content = self.rare().content.as_ref()?;
        let watching = self.sending().and_then(|sending| sending.upload.clone());
        let whole = || watching.is_some().then(|| RequestBody::bytes(content.body.clone()));
        let body = content.stream.clone().or_else(whole)?;
        Some(body.watched(watching))
    }

    fn json_body(self, body: serde_json::Result<Vec<u8>>) -> Request {
        match body {
            Ok(body) => self.bytes("application/json", Bytes::from(body)),
            Err(error) => self.failed(format!("the body cannot be written as JSON: {error}")),
        }
    }

    fn form_body(self, styles: &[(&str, Style)], usual: Style, body: serde_json::Result<Json>) -> Request {
        let members = match body {
            Ok(Json::Object(members)) => members,
            Ok(Json::Null) => return self,
            Ok(_) => return self.failed("a form must be an object".to_owned()),
            Err(error) => return self.failed(format!("the body cannot be written as a form: {error}")),
        };
        let mut members: Vec<_> = members.iter().collect();
        members.sort_unstable_by_key(|(name, _)| *name);
        let mut pieces = Vec::new();
        for (name, value) in members {
            let style = styles.iter().find(|(field, _)| field == name).map_or(usual, |(_, style)| *style);
            // An exploded object would lose its name, so it is written as JSON.
            let style = if style == Style::FormExploded && value.is_object() { Style::Json } else { style };
            pieces.extend(write(style, name, value, percent_encode));
        }
        self.bytes("application/x-www-form-urlencoded", Bytes::from(pieces.join("&")))
    }

    fn multipart_body(self, content_types: &[(&str, &str)], body: serde_json::Result<multipart::Collected>) -> Request {
        match body.map(|collected| collected.write(content_types)) {
            Ok(Some((content_type, Written::Whole(body)))) => self.bytes(&content_type, body),
            Ok(Some((content_type, Written::Stream(body)))) => self.stream(&content_type, body),
            Ok(None) => self,
            Err(error) => self.failed(format!("the body cannot be written as multipart: {error}")),
        }
    }

    fn failed(mut self, problem: String) -> Request {
        self.fail(problem);
        self
    }
}
