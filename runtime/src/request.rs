//! A request: what one call sends. Building it never fails; what went wrong is told when it is to be sent.

mod body;
#[cfg(feature = "audit")]
mod recorded;

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{HeaderName, HeaderValue, Method, Uri};
use serde::Serialize;
use serde_json::Value as Json;

use crate::credential::{Credential, Security, choose};
use crate::error::{Call, Error};
use crate::param::{Escape, Style, encode_illegal, encode_unsafe, percent_encode, write};

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
    accept: Option<&'static str>,
    security: Option<Security>,
    server: Option<&'static str>,
    problem: Option<String>,
    /// The parameters as they were given, for the auditor.
    #[cfg(feature = "audit")]
    args: Vec<(Place, &'static str, Json)>,
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
    accept: Option<&'static str>,
    server: Option<&'static str>,
    /// A request that cannot be sent must not pass for one that can.
    problem: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    ReservedQuery,
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
            accept: None,
            security: None,
            server: None,
            problem: None,
            #[cfg(feature = "audit")]
            args: Vec::new(),
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

    /// Adds a parameter to the query string in this style, with reserved characters as they are. `None` adds nothing.
    #[inline]
    pub fn query_param_reserved(self, style: Style, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::ReservedQuery, style, name, serde_json::to_value(value))
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

    /// Adds a cookie, in style [`FormExploded`](Style::FormExploded). `None` adds nothing.
    #[inline]
    pub fn cookie_param(self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Cookie, Style::FormExploded, name, serde_json::to_value(value))
    }

    /// Adds a cookie in this style. `None` adds nothing.
    #[inline]
    pub fn cookie_param_as(self, style: Style, name: &'static str, value: &(impl Serialize + ?Sized)) -> Request {
        self.add(Place::Cookie, style, name, serde_json::to_value(value))
    }

    /// What the response should be, such as `application/vnd.api+json`.
    pub fn accept(mut self, content_types: &'static str) -> Request {
        self.accept = Some(content_types);
        self
    }

    /// The security schemes that the operation accepts, where it is not what operations of the API usually accept.
    pub fn security(mut self, accepted: Security) -> Request {
        self.security = Some(accepted);
        self
    }

    /// Where the operation is served, when it is not where the rest of the API is: a URL, or a path on the same host.
    pub fn server(mut self, base: &'static str) -> Request {
        self.server = Some(base);
        self
    }

    /// The operation's id.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with its parameters.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The path and query as they will follow the client's base URL.
    pub fn path_and_query(&self) -> String {
        self.path_with(&[])
    }

    /// The path with the query string, of which `more` is a part.
    fn path_with(&self, more: &[&str]) -> String {
        let pieces = self.query.iter().flat_map(|part| &part.pieces).map(String::as_str);
        let query = pieces.chain(more.iter().copied()).collect::<Vec<_>>().join("&");
        // Some documents have a part of the query string in their paths.
        let joint = if self.path.contains('?') { '&' } else { '?' };
        let path = encode_illegal(&self.path);
        if query.is_empty() { path } else { format!("{path}{joint}{query}") }
    }

    /// The request with what its response should be, unless that was said.
    pub(crate) fn accept_or(mut self, content_types: &'static str) -> Request {
        self.accept.get_or_insert(content_types);
        self
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
            accept: self.accept,
            server: self.server,
            problem: self.problem.clone(),
        }
    }

    /// The request in full, with those of the credentials that it accepts, or why it cannot be sent.
    pub(crate) fn build(&self, base: &str, given: &[Credential]) -> Result<http::Request<Bytes>, Error> {
        if let Some(problem) = self.problem.clone().or_else(|| path_problem(&self.path)) {
            return Err(Error::unbuildable(self.call(), problem));
        }
        let credentials = choose(given, self.security);
        let slash = if self.path.starts_with('/') { "" } else { "/" };
        let pairs: Vec<&str> = credentials.iter().filter_map(|credential| credential.query()).collect();
        let uri: Uri = format!("{}{slash}{}", self.base(base), self.path_with(&pairs))
            .parse()
            .map_err(|error| Error::unbuildable(self.call(), format!("its URL is not valid: {error}")))?;
        let mut request = http::Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        let accept = self.accept.and_then(|accept| HeaderValue::from_str(accept).ok());
        headers.insert(ACCEPT, accept.unwrap_or(HeaderValue::from_static("*/*")));
        if let Some(content_type) = &self.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        // What a call says itself counts more than what the client was given.
        for (name, value) in credentials.iter().filter_map(|credential| credential.header()) {
            headers.insert(name, value.clone());
        }
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        let cookies = self.cookies.iter().flat_map(|part| &part.pieces).map(String::as_str);
        let cookies: Vec<&str> =
            cookies.chain(credentials.iter().filter_map(|credential| credential.cookie())).collect();
        if !cookies.is_empty() {
            let mut value = HeaderValue::try_from(cookies.join("; "))
                .map_err(|_| Error::unbuildable(self.call(), "a cookie cannot hold its value"))?;
            value.set_sensitive(true);
            headers.insert(COOKIE, value);
        }
        Ok(request)
    }

    /// Where the request goes: to the operation's own server if it has one.
    fn base<'a>(&self, base: &'a str) -> Cow<'a, str> {
        let Some(server) = self.server else { return Cow::Borrowed(base) };
        let server = server.trim_end_matches('/');
        if !server.is_empty() && !server.starts_with('/') {
            return Cow::Borrowed(server);
        }
        let host = base.split_inclusive('/').take(3).collect::<String>();
        Cow::Owned(format!("{}{server}", host.trim_end_matches('/')))
    }

    fn add(mut self, place: Place, style: Style, name: &'static str, value: serde_json::Result<Json>) -> Request {
        let value = match value {
            Ok(value) => value,
            Err(error) => {
                self.fail(format!("the parameter {name} cannot be written: {error}"));
                return self;
            }
        };
        #[cfg(feature = "audit")]
        self.args.push((place, name, value.clone()));
        match place {
            Place::Path => self.fill(style, name, &value),
            Place::Query => self.query.extend(part(style, name, &value, percent_encode)),
            Place::ReservedQuery => self.query.extend(part(style, name, &value, encode_unsafe)),
            Place::Cookie => self.cookies.extend(part(style, name, &value, percent_encode)),
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

fn part(style: Style, name: &'static str, value: &Json, escape: Escape) -> Option<Part> {
    let pieces = write(style, name, value, escape);
    if pieces.is_empty() { None } else { Some(Part { name, pieces }) }
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
