//! A request: what one call sends. Building it never fails; what went wrong is told when it is to be sent.

use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue, Method, Uri};
use serde::Serialize;
use serde_json::Value as Json;

use crate::error::{Call, Error};
use crate::param::{Style, percent_encode, write};

/// One call of an operation: method, path, parameters and body.
///
/// A value that cannot be written, such as an empty path parameter, is remembered and reported as an [`Error`] of kind
/// [`Request`](crate::ErrorKind::Request) when the request is to be sent. Nothing is sent then.
///
/// ```
/// use larder::Request;
///
/// let request = Request::get("getPost", "/posts/{id}").path_param("id", &42).query_param("tag", &["a", "b"]);
/// assert_eq!(request.path_and_query(), "/posts/42?tag=a&tag=b");
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent until a client is given the request"]
pub struct Request {
    operation: &'static str,
    method: Method,
    template: &'static str,
    path: String,
    query: Vec<Part>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cookies: Vec<Part>,
    content_type: Option<HeaderValue>,
    body: Bytes,
    problem: Option<String>,
}

/// A parameter by its name, as the pieces that its style made.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Part {
    name: &'static str,
    pieces: Vec<String>,
}

/// All of a request that tells it from others. Compared in full.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    operation: &'static str,
    method: Method,
    path: String,
    query: Vec<Part>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cookies: Vec<Part>,
    content_type: Option<HeaderValue>,
    body: Bytes,
    /// A request that cannot be sent must not pass for one that can.
    problem: Option<String>,
}

#[derive(Clone, Copy)]
enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

macro_rules! methods {
    ($($name:ident $method:ident),* $(,)?) => {$(
        #[doc = concat!("A `", stringify!($method), "` request.")]
        pub fn $name(operation_id: &'static str, path_template: &'static str) -> Request {
            Request::new(Method::$method, operation_id, path_template)
        }
    )*};
}

impl Request {
    /// A request of any method. `path_template` holds its parameters in braces: `/posts/{post_id}`.
    pub fn new(method: Method, operation_id: &'static str, path_template: &'static str) -> Request {
        Request {
            operation: operation_id,
            method,
            template: path_template,
            path: path_template.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            content_type: None,
            body: Bytes::new(),
            problem: None,
        }
    }

    methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE, head HEAD, options OPTIONS, trace TRACE);

    /// Sets a parameter of the path, in style [`Simple`](Style::Simple).
    #[inline]
    pub fn path_param(self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Path, Style::Simple, name, serde_json::to_value(value))
    }

    /// Sets a parameter of the path in this style.
    #[inline]
    pub fn path_param_as(self, style: Style, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Path, style, name, serde_json::to_value(value))
    }

    /// Adds a parameter to the query string, in style [`FormExploded`](Style::FormExploded). `None` adds nothing.
    #[inline]
    pub fn query_param(self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Query, Style::FormExploded, name, serde_json::to_value(value))
    }

    /// Adds a parameter to the query string in this style. `None` adds nothing.
    #[inline]
    pub fn query_param_as(self, style: Style, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Query, style, name, serde_json::to_value(value))
    }

    /// Sets a header, in style [`Simple`](Style::Simple). `None` sets nothing.
    #[inline]
    pub fn header_param(self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Header, Style::Simple, name, serde_json::to_value(value))
    }

    /// Sets a header in this style. `None` sets nothing.
    #[inline]
    pub fn header_param_as(self, style: Style, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Header, style, name, serde_json::to_value(value))
    }

    /// Adds a cookie, in style [`Form`](Style::Form). `None` adds nothing.
    #[inline]
    pub fn cookie_param(self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Cookie, Style::Form, name, serde_json::to_value(value))
    }

    /// Adds a cookie in this style. `None` adds nothing.
    #[inline]
    pub fn cookie_param_as(self, style: Style, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Cookie, style, name, serde_json::to_value(value))
    }

    /// Sends this as JSON.
    #[inline]
    pub fn json<B: Serialize + ?Sized>(self, body: &B) -> Request {
        self.json_body(serde_json::to_vec(body))
    }

    /// Sends this as JSON when it is there.
    #[inline]
    pub fn json_opt<B: Serialize + ?Sized>(self, body: Option<&B>) -> Request {
        match body {
            Some(body) => self.json(body),
            None => self,
        }
    }

    /// Sends this as a form, `application/x-www-form-urlencoded`. An array repeats its name.
    #[inline]
    pub fn form<B: Serialize + ?Sized>(self, body: &B) -> Request {
        self.form_body(serde_json::to_value(body))
    }

    /// Sends this as a form when it is there.
    #[inline]
    pub fn form_opt<B: Serialize + ?Sized>(self, body: Option<&B>) -> Request {
        match body {
            Some(body) => self.form(body),
            None => self,
        }
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
    pub fn bytes(mut self, content_type: &'static str, body: Bytes) -> Request {
        match HeaderValue::from_str(content_type) {
            Ok(value) => self.content_type = Some(value),
            Err(_) => self.fail(format!("{content_type:?} is no content type")),
        }
        self.body = body;
        self
    }

    /// Sends these bytes when they are there.
    pub fn bytes_opt(self, content_type: &'static str, body: Option<Bytes>) -> Request {
        match body {
            Some(body) => self.bytes(content_type, body),
            None => self,
        }
    }

    /// The operation's id.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path and query as they will follow the client's base URL.
    pub fn path_and_query(&self) -> String {
        let query = joined(&self.query, "&");
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    pub(crate) fn call(&self) -> Call {
        Call { operation: self.operation, method: self.method.clone(), template: self.template }
    }

    pub(crate) fn identity(&self) -> Identity {
        let by_name = |parts: &[Part]| {
            let mut parts = parts.to_vec();
            parts.sort_by_key(|part| part.name);
            parts
        };
        let mut headers = self.headers.clone();
        headers.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
        Identity {
            operation: self.operation,
            method: self.method.clone(),
            path: self.path.clone(),
            query: by_name(&self.query),
            headers,
            cookies: by_name(&self.cookies),
            content_type: self.content_type.clone(),
            body: self.body.clone(),
            problem: self.problem.clone(),
        }
    }

    /// The request in full, or why it cannot be sent.
    pub(crate) fn build(&self, base: &str, accept: &'static str) -> Result<http::Request<Bytes>, Error> {
        if let Some(problem) = self.problem.clone().or_else(|| path_problem(&self.path)) {
            return Err(Error::unbuildable(self.call(), problem));
        }
        let slash = if self.path.starts_with('/') { "" } else { "/" };
        let uri: Uri = format!("{base}{slash}{}", self.path_and_query())
            .parse()
            .map_err(|error| Error::unbuildable(self.call(), format!("its URL is not valid: {error}")))?;
        let mut request = http::Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        if let Some(content_type) = &self.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        if !self.cookies.is_empty() {
            let mut value = HeaderValue::try_from(joined(&self.cookies, "; "))
                .map_err(|_| Error::unbuildable(self.call(), "a cookie cannot hold its value"))?;
            value.set_sensitive(true);
            headers.insert(COOKIE, value);
        }
        Ok(request)
    }

    fn add(mut self, place: Place, style: Style, name: &'static str, value: serde_json::Result<Json>) -> Request {
        let value = match value {
            Ok(value) => value,
            Err(error) => {
                self.fail(format!("the parameter {name} cannot be written: {error}"));
                return self;
            }
        };
        match place {
            Place::Path => self.fill(style, name, &value),
            Place::Query => self.query.extend(part(style, name, &value)),
            Place::Cookie => self.cookies.extend(part(style, name, &value)),
            Place::Header => self.set_header(style, name, &value),
        }
        self
    }

    fn fill(&mut self, style: Style, name: &'static str, value: &Json) {
        let shown = if style == Style::Json { "" } else { name };
        let text = write(style, shown, value, percent_encode).concat();
        let slot = format!("{{{name}}}");
        if text.is_empty() || matches!(value, Json::String(text) if text.is_empty()) {
            self.fail(format!("the path parameter {name} is empty, which would name another path"));
        } else if !self.path.contains(&slot) {
            self.fail(format!("the path has no place for the parameter {name}"));
        } else {
            // What was written before holds no braces: they are percent-encoded.
            self.path = self.path.replace(&slot, &text);
        }
    }

    fn set_header(&mut self, style: Style, name: &'static str, value: &Json) {
        let pieces = write(style, "", value, str::to_owned);
        if pieces.is_empty() {
            return;
        }
        match (HeaderName::try_from(name), HeaderValue::try_from(pieces.join(","))) {
            (Ok(header), Ok(mut value)) => {
                value.set_sensitive(true);
                self.headers.push((header, value));
            }
            (Err(_), _) => self.fail(format!("{name:?} is no header name")),
            (_, Err(_)) => self.fail(format!("the header {name} cannot hold its value")),
        }
    }

    fn json_body(mut self, body: serde_json::Result<Vec<u8>>) -> Request {
        match body {
            Ok(body) => self.bytes("application/json", Bytes::from(body)),
            Err(error) => {
                self.fail(format!("the body cannot be written as JSON: {error}"));
                self
            }
        }
    }

    fn form_body(mut self, body: serde_json::Result<Json>) -> Request {
        let mut pieces = Vec::new();
        match body {
            Ok(Json::Object(members)) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_unstable_by_key(|(name, _)| *name);
                for (name, value) in members {
                    pieces.extend(write(Style::FormExploded, name, &wrapped(value), percent_encode));
                }
            }
            Ok(Json::Null) => {}
            Ok(_) => self.fail("a form must be an object".to_owned()),
            Err(error) => self.fail(format!("the body cannot be written as a form: {error}")),
        }
        self.bytes("application/x-www-form-urlencoded", Bytes::from(pieces.join("&")))
    }

    /// Keeps the first thing that went wrong.
    pub(crate) fn fail(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }
}

/// Shows what is asked of which operation, and never a value: those may be secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.template)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A nested object in a form would lose its name, so it is written as the only element of an array: as JSON.
fn wrapped(value: &Json) -> Json {
    if value.is_object() { Json::Array(vec![value.clone()]) } else { value.clone() }
}

fn part(style: Style, name: &'static str, value: &Json) -> Option<Part> {
    let pieces = write(style, name, value, percent_encode);
    if pieces.is_empty() { None } else { Some(Part { name, pieces }) }
}

fn joined(parts: &[Part], separator: &str) -> String {
    parts.iter().flat_map(|part| &part.pieces).map(String::as_str).collect::<Vec<_>>().join(separator)
}

/// Why a path would lead to another route than the document's.
fn path_problem(path: &str) -> Option<String> {
    if let Some((_, rest)) = path.split_once('{') {
        let name = rest.split('}').next().unwrap_or(rest);
        return Some(format!("the path parameter {name} was not given"));
    }
    let is_dots = |segment: &str| segment == "." || segment == "..";
    path.split('/')
        .any(is_dots)
        .then(|| "a path parameter would make a segment `.` or `..`, which names another path".to_owned())
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
