//! What an error says to people, whatever shape a server gives its errors.

mod category;
mod fields;
mod read;
#[cfg(test)]
mod tests;
mod text;

use http::StatusCode;

pub use self::category::ErrorCategory;
pub(crate) use self::text::shorten;
use crate::platform::{MaybeSend, MaybeSync};
use crate::redact::Secrets;
use crate::response::RawResponse;

/// What an error says, read alike from every usual shape of an error body: problem details (RFC 9457), those of Microsoft and
/// Google, lists such as JSON:API's, maps of fields as ASP.NET, Rails, Laravel and Django write them, FastAPI's, OAuth's, and
/// plain text. See [`Error::view`](crate::Error::view).
///
/// It is for people, and bounded: texts are cut after a thousand characters, lists after a hundred. What the document says of
/// an error is [`Error::by_status`](crate::Error::by_status).
///
/// ```
/// use larder::ErrorView;
///
/// let view = ErrorView::new("The title is too long.").code("too_long").field("title", "at most 80 characters");
/// assert_eq!(view.fields[0].field, "title");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorView {
    /// The response's status, if there was a response.
    pub status: Option<StatusCode>,
    /// What kind of problem it is, in words, where the server says so apart from the message.
    pub title: Option<String>,
    /// What went wrong. Never empty in the view of an error: where the server says nothing, it is the status in words.
    pub message: String,
    /// The server's own name for the problem: a code, or the URI of problem details.
    pub code: Option<String>,
    /// Further messages that are about no field.
    pub details: Vec<String>,
    /// What is wrong with single fields of what was sent.
    pub fields: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// The field, by its names from the outside in: `address.city`, `items.0.title`. Pointers and lists of names are written
    /// in this way, too, without what only says that the field is in the body.
    pub field: String,
    /// What is wrong with it.
    pub messages: Vec<String>,
}

/// How many fields, messages of a field, and details are kept.
const MOST: usize = 100;

/// How an application reads its server's errors.
pub(crate) trait ViewErrors: MaybeSend + MaybeSync {
    fn view(&self, response: &RawResponse) -> Option<ErrorView>;
}

impl<F: Fn(&RawResponse) -> Option<ErrorView> + MaybeSend + MaybeSync> ViewErrors for F {
    fn view(&self, response: &RawResponse) -> Option<ErrorView> {
        self(response)
    }
}

impl ErrorView {
    /// A view with this message, and nothing else.
    pub fn new(message: impl Into<String>) -> ErrorView {
        ErrorView { message: message.into(), ..ErrorView::default() }
    }

    /// Reads a response as one of the usual shapes. The message is empty where the response has none.
    pub fn read(response: &RawResponse) -> ErrorView {
        read::read(response, &Secrets::default())
    }

    /// As [`read`](Self::read), without what must not be shown.
    pub(crate) fn read_hiding(response: &RawResponse, secrets: &Secrets) -> ErrorView {
        read::read(response, secrets)
    }

    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> ErrorView {
        self.title = Some(title.into());
        self
    }

    /// Sets the server's own name for the problem.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> ErrorView {
        self.code = Some(code.into());
        self
    }

    /// Adds a message that is about no field. After a hundred it adds nothing.
    #[must_use]
    pub fn detail(mut self, message: impl Into<String>) -> ErrorView {
        self.add_detail(message.into());
        self
    }

    /// Adds a message about a field. After a hundred it adds nothing.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> ErrorView {
        self.add_field(field.into(), message.into());
        self
    }

    /// What is wrong with this field.
    pub fn messages_of(&self, field: &str) -> &[String] {
        self.fields.iter().find(|one| one.field == field).map_or(&[], |one| &one.messages)
    }

    fn add_detail(&mut self, message: String) {
        if self.details.len() < MOST && !message.is_empty() && !self.details.contains(&message) {
            self.details.push(message);
        }
    }

    fn add_field(&mut self, field: String, message: String) {
        if message.is_empty() {
            return;
        }
        let has_room = self.fields.len() < MOST;
        match self.fields.iter_mut().find(|one| one.field == field) {
            Some(one) if one.messages.len() < MOST && !one.messages.contains(&message) => one.messages.push(message),
            Some(_) => {}
            None if has_room => self.fields.push(FieldError { field, messages: vec![message] }),
            None => {}
        }
    }

    /// The same without what must not be shown.
    pub(crate) fn hiding(self, secrets: &Secrets) -> ErrorView {
        let hide = |text: String| secrets.hide(&text).into_owned();
        let all = |texts: Vec<String>| texts.into_iter().map(hide).collect();
        let field = |one: FieldError| FieldError { field: hide(one.field), messages: all(one.messages) };
        ErrorView {
            status: self.status,
            title: self.title.map(hide),
            message: hide(self.message),
            code: self.code.map(hide),
            details: all(self.details),
            fields: self.fields.into_iter().map(field).collect(),
        }
    }

    /// The view of an error with this status: there is always a message.
    pub(crate) fn of_status(mut self, status: StatusCode) -> ErrorView {
        self.status = Some(status);
        if self.message.is_empty() {
            self.message = status.canonical_reason().map_or_else(|| status.as_u16().to_string(), str::to_owned);
        }
        self
    }
}
