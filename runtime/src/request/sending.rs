//! A request as it is sent, or why it cannot be.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{HeaderValue, Uri};

use super::Request;
use super::parameters::Parameters;
use super::path::path_problem;
use crate::credential::{Credential, choose};
use crate::error::Error;
use crate::param::encode_illegal;

impl Request {
    /// The path with the query string, of which `more` is a part.
    pub(super) fn path_with(&self, more: &[&str]) -> String {
        let pieces = self.rare().query.as_given().into_iter();
        let query = pieces.chain(more.iter().copied()).collect::<Vec<_>>().join("&");
        // Some documents have a part of the query string in their paths.
        let joint = if self.path().contains('?') { '&' } else { '?' };
        let path = encode_illegal(self.path());
        if query.is_empty() { path.into_owned() } else { format!("{path}{joint}{query}") }
    }

    /// The same request with another query string.
    pub(crate) fn with_query(&self, query: &str) -> Request {
        let mut request = self.clone();
        request.rare_mut().query = Parameters::raw(query);
        request
    }

    /// Takes a parameter out of the query string, and gives back its value.
    pub(crate) fn take_query(&mut self, name: &str) -> Option<Box<str>> {
        self.args.rare.as_mut()?.query.take(name)
    }

    /// The request in full, with those of the credentials that it accepts, or why it cannot be sent.
    pub(crate) fn build(&self, base: &str, given: &[Credential]) -> Result<http::Request<Bytes>, Error> {
        let rare = self.rare();
        if let Some(problem) = rare.problem.as_deref().map(str::to_owned).or_else(|| path_problem(self.path())) {
            return Err(Error::unbuildable(self.call(), problem));
        }
        let credentials = self.chosen(given);
        let slash = if self.path().starts_with('/') { "" } else { "/" };
        let pairs: Vec<&str> = credentials.iter().filter_map(|credential| credential.query()).collect();
        let uri: Uri = format!("{}{slash}{}", self.base(base), self.path_with(&pairs))
            .parse()
            .map_err(|error| Error::unbuildable(self.call(), format!("its URL is not valid: {error}")))?;
        let mut request =
            http::Request::new(rare.content.as_ref().map(|content| content.body.clone()).unwrap_or_default());
        if let Some(upload) = self.upload() {
            request.extensions_mut().insert(upload);
        }
        *request.method_mut() = self.method().clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        let accept = self.common.accept.and_then(|accept| HeaderValue::from_str(accept).ok());
        headers.insert(ACCEPT, accept.unwrap_or(HeaderValue::from_static("*/*")));
        if let Some(content) = &rare.content {
            headers.insert(CONTENT_TYPE, content.content_type.clone());
        }
        // What a call says itself counts more than what the client was given.
        for (name, value) in credentials.iter().filter_map(|credential| credential.header()) {
            headers.insert(name, value.clone());
        }
        for (name, value) in &rare.headers {
            headers.insert(name, value.clone());
        }
        let cookies = rare.cookies.as_given().into_iter();
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

    /// Those of the credentials that the operation accepts.
    pub(crate) fn chosen<'c>(&self, given: &'c [Credential]) -> Vec<&'c Credential> {
        choose(given, self.rare().security)
    }

    /// Where the request goes: to the operation's own server if it has one.
    pub(crate) fn base<'a>(&self, base: &'a str) -> Cow<'a, str> {
        let Some(server) = self.rare().server else { return Cow::Borrowed(base) };
        let server = server.trim_end_matches('/');
        if !server.is_empty() && !server.starts_with('/') {
            return Cow::Borrowed(server);
        }
        let host = base.split_inclusive('/').take(3).collect::<String>();
        Cow::Owned(format!("{}{server}", host.trim_end_matches('/')))
    }
}
