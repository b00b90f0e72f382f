//! A request: what one call sends. Building it never fails; what went wrong is told when it is to be sent.

mod body;
mod canonical;
mod idempotency;
mod kept;
mod parameters;
mod path;
mod rare;
#[cfg(feature = "audit")]
mod recorded;
mod same;
mod sending;
mod sent;

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use serde::Serialize;
use serde_json::Value as Json;

use self::path::Path;
use self::rare::{Rare, known_method};
use crate::credential::Security;
use crate::error::Call;
use crate::param::{Style, encode_unsafe, percent_encode, write};
use crate::streaming::Grow;

/// One call of an operation: method, path, parameters and body.
///
/// A value that cannot be written, such as an empty path parameter, is remembered and reported as an [`Error`](crate::Error) of kind
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
    common: Common,
    args: Args,
}

/// What the calls of an operation have alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Common {
    operation: &'static str,
    /// One of the methods that have a name of their own, unless the rare parts hold another.
    method: &'static Method,
    template: &'static str,
    accept: Option<&'static str>,
}

/// What tells one call of an operation from another.
#[derive(Clone)]
pub(crate) struct Args {
    /// The path with what was filled in, if anything was.
    path: Option<Path>,
    /// What most requests have none of, so that the others are held at little cost.
    rare: Option<Box<Rare>>,
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

impl Common {
    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }

    /// What the response should be.
    pub(crate) fn accepts(&self) -> Option<&'static str> {
        self.accept
    }
}

impl Request {
    /// A request of any method. `path_template` holds its parameters in braces: `/posts/{post_id}`.
    pub fn new(method: Method, operation_id: &'static str, path_template: &'static str) -> Request {
        let request = |method| Request {
            common: Common { operation: operation_id, method, template: path_template, accept: None },
            args: Args { path: None, rare: None },
        };
        match known_method(&method) {
            Some(known) => request(known),
            None => {
                let mut request = request(&Method::GET);
                request.rare_mut().method = Some(Box::new(method));
                request
            }
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

    /// Adds a cookie, in style [`FormExploded`](Style::FormExploded). `None` adds nothing. In a browser it has no effect, since
    /// browsers send their own cookies alone.
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
        self.common.accept = Some(content_types);
        self
    }

    /// The security schemes that the operation accepts, where it is not what operations of the API usually accept.
    pub fn security(mut self, accepted: Security) -> Request {
        self.rare_mut().security = Some(accepted);
        self
    }

    /// Where the operation is served, when it is not where the rest of the API is: a URL, or a path on the same host.
    pub fn server(mut self, base: &'static str) -> Request {
        self.rare_mut().server = Some(base);
        self
    }

    /// The operation's id.
    pub fn operation(&self) -> &'static str {
        self.common.operation
    }

    /// The method.
    pub fn method(&self) -> &Method {
        self.rare().method.as_deref().unwrap_or(self.common.method)
    }

    /// The path and query as they will follow the client's base URL.
    pub fn path_and_query(&self) -> String {
        self.path_with(&[])
    }

    /// The path, as it is before characters are encoded that no URL holds.
    pub(crate) fn path(&self) -> &str {
        self.args.path(&self.common)
    }

    /// The request of which these are the two halves.
    pub(crate) fn of(common: Common, args: Args) -> Request {
        Request { common, args }
    }

    pub(crate) fn common(&self) -> &Common {
        &self.common
    }

    pub(crate) fn args(&self) -> &Args {
        &self.args
    }

    fn rare(&self) -> &Rare {
        self.args.rare()
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.args.rare.get_or_insert_default()
    }

    /// How the response is read, if it is a stream.
    pub(crate) fn streaming(&self) -> Option<&Arc<dyn Grow>> {
        self.sending()?.stream.as_ref()
    }

    /// The request with its response read as a stream.
    pub(crate) fn with_stream(mut self, stream: Arc<dyn Grow>) -> Request {
        self.sending_mut().stream = Some(stream);
        self
    }

    /// The request with its response read as a whole.
    pub(crate) fn without_stream(mut self) -> Request {
        if self.streaming().is_some() {
            self.sending_mut().stream = None;
        }
        self
    }

    /// The request with what its response should be, unless that was said.
    pub(crate) fn accept_or(mut self, content_types: &'static str) -> Request {
        self.common.accept.get_or_insert(content_types);
        self
    }

    pub(crate) fn call(&self) -> Call {
        Call { operation: self.common.operation, method: self.method().clone(), template: self.common.template }
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
        self.rare_mut().args.push((place, name, value.clone()));
        match place {
            Place::Path => self.fill(style, name, &value),
            Place::Header => self.set_header(style, name, &value),
            Place::Query | Place::ReservedQuery | Place::Cookie => {
                let escape = if place == Place::ReservedQuery { encode_unsafe } else { percent_encode };
                let pieces = write(style, name, &value, escape);
                match place {
                    _ if pieces.is_empty() => {}
                    Place::Cookie => self.rare_mut().cookies.add(name, joined(pieces, "; ")),
                    _ => self.rare_mut().query.add(name, joined(pieces, "&")),
                }
            }
        }
        self
    }

    fn fill(&mut self, style: Style, name: &'static str, value: &Json) {
        match path::filled(self.path(), style, name, value) {
            Ok(path) => self.args.path = Some(path),
            Err(problem) => self.fail(problem),
        }
    }

    fn set_header(&mut self, style: Style, name: &'static str, value: &Json) {
        let pieces = write(style, "", value, |text| text.into());
        if pieces.is_empty() {
            return;
        }
        match (HeaderName::try_from(name), HeaderValue::try_from(pieces.join(","))) {
            (Ok(header), Ok(mut value)) => {
                value.set_sensitive(true);
                self.rare_mut().set_header(header, value);
            }
            (Err(_), _) => self.fail(format!("{name:?} is no header name")),
            (_, Err(_)) => self.fail(format!("the header {name} cannot hold its value")),
        }
    }

    /// Keeps the first thing that went wrong.
    pub(crate) fn fail(&mut self, problem: String) {
        self.rare_mut().problem.get_or_insert(problem.into());
    }
}

/// Shows what is asked of which operation, and never a value: those may be secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.common.operation)
            .field("method", self.method())
            .field("path", &self.common.template)
            .field("body_bytes", &self.rare().content.as_ref().map_or(0, |content| content.body.len()))
            .finish_non_exhaustive()
    }
}

fn joined(mut pieces: Vec<String>, separator: &str) -> String {
    if pieces.len() == 1 { pieces.swap_remove(0) } else { pieces.join(separator) }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
