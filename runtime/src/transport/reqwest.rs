//! The transport that comes with this crate: `reqwest` natively, `fetch` through it in a browser.

#[cfg(not(target_arch = "wasm32"))]
mod builder;

use std::error::Error as _;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

#[cfg(not(target_arch = "wasm32"))]
pub use self::builder::ReqwestTransportBuilder;
use super::{AtFault, NotFollowed, ResponseBody, Transport, TransportError};
use crate::cache_groups::keep_to_origin;
use crate::error::Error;
use crate::platform::BoxFuture;
#[cfg(not(target_arch = "wasm32"))]
use crate::upload::RequestBody;
use crate::upload::is_of_source;
#[cfg(not(target_arch = "wasm32"))]
use http::header::CONTENT_LENGTH;

/// Sends requests with the `reqwest` crate.
///
/// Natively it follows up to ten redirects. A redirect to another origin is followed without the request's headers, because
/// they may hold secrets. A browser follows redirects by its own rules.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: ::reqwest::Client,
    #[cfg(target_arch = "wasm32")]
    cookies: Option<SendCookies>,
    /// Redirects are ours to follow, so a failed connection means that nothing was sent.
    #[cfg(not(target_arch = "wasm32"))]
    follows: bool,
}

/// With which requests a browser sends its cookies.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendCookies {
    /// With none.
    Never,
    /// With those to the origin of the page.
    SameOrigin,
    /// With all. A server of another origin has to answer with `Access-Control-Allow-Credentials`.
    Always,
}

impl ReqwestTransport {
    /// A transport with the defaults.
    ///
    /// # Errors
    /// When TLS or the system's configuration cannot be set up.
    pub fn new() -> Result<Self, Error> {
        #[cfg(not(target_arch = "wasm32"))]
        return Self::builder().build();
        #[cfg(target_arch = "wasm32")]
        match ::reqwest::Client::builder().build() {
            Ok(client) => Ok(Self::with_client(client)),
            Err(error) => Err(Error::setup(format!("the HTTP client could not be set up: {error}"))),
        }
    }

    /// A transport to be set up: proxies, compression, how long a connection may take. Not in a browser.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::new()
    }

    /// Whether the browser sends its cookies along, instead of the browser's own choice, which is with requests to the page's
    /// own origin. A server of another origin has to allow it.
    #[cfg(target_arch = "wasm32")]
    pub fn send_cookies(self, when: SendCookies) -> Self {
        Self { cookies: Some(when), ..self }
    }

    /// A transport that uses a `reqwest` client of your own, with its proxies, certificates and redirects.
    pub fn with_client(client: ::reqwest::Client) -> Self {
        Self {
            client,
            #[cfg(target_arch = "wasm32")]
            cookies: None,
            #[cfg(not(target_arch = "wasm32"))]
            follows: false,
        }
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A client of the application's own may have headers and proxies that hold secrets.
        f.write_str("ReqwestTransport")
    }
}

impl Transport for ReqwestTransport {
    /// A browser cannot.
    fn streams(&self, _request: &http::Request<Bytes>) -> bool {
        cfg!(not(target_arch = "wasm32"))
    }

    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        let transport = self.clone();
        Box::pin(async move {
            let asked = request.uri().clone();
            let (response, not_followed) = follow(&transport, request).await?;
            let (status, mut headers) = (response.status(), response.headers().clone());
            keep_to_origin(&mut headers, &asked, response.url().as_str());
            let mut answer = http::Response::new(ResponseBody::stream(Pieces(Box::pin(response.bytes_stream()))));
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            not_followed.map(|why| answer.extensions_mut().insert(why));
            Ok(answer)
        })
    }
}

#[cfg(target_arch = "wasm32")]
async fn follow(
    transport: &ReqwestTransport,
    request: http::Request<Bytes>,
) -> Result<(::reqwest::Response, Option<NotFollowed>), TransportError> {
    let request = ::reqwest::Request::try_from(request).map_err(TransportError::not_sent)?;
    // What the browser's own cache holds may be older than the invalidation that this request is sent for: it has to ask.
    let request = ::reqwest::RequestBuilder::from_parts(transport.client.clone(), request).fetch_cache_no_cache();
    let request = match transport.cookies {
        None => request,
        Some(SendCookies::Never) => request.fetch_credentials_omit(),
        Some(SendCookies::SameOrigin) => request.fetch_credentials_same_origin(),
        Some(SendCookies::Always) => request.fetch_credentials_include(),
    };
    Ok((request.send().await.map_err(lost)?, None))
}

/// The answer at the end of all redirects; or the redirect that is not followed, and why.
#[cfg(not(target_arch = "wasm32"))]
async fn follow(
    transport: &ReqwestTransport,
    request: http::Request<Bytes>,
) -> Result<(::reqwest::Response, Option<NotFollowed>), TransportError> {
    const MOST_REDIRECTS: usize = 10;
    const TOO_MANY: NotFollowed = NotFollowed("it may go in a circle, after more than 10 redirects");
    let mut request = request;
    let mut hop = 0;
    loop {
        let mut outgoing = ::reqwest::Request::try_from(request.clone()).map_err(TransportError::not_sent)?;
        if let Some(body) = request.extensions().get::<RequestBody>() {
            let unopened = if hop == 0 { TransportError::not_sent } else { TransportError::lost };
            let pieces = body.open().map_err(|error| unopened(error).of(AtFault::RequestBody))?;
            *outgoing.body_mut() = Some(::reqwest::Body::wrap_stream(pieces));
            outgoing.headers_mut().extend(body.length().map(|length| (CONTENT_LENGTH, length.into())));
        }
        let response = match transport.client.execute(outgoing).await {
            Ok(response) => response,
            // After a redirect the first server has seen the request.
            Err(error) if hop == 0 && (error.is_builder() || (transport.follows && error.is_connect())) => {
                return Err(TransportError::not_sent(error.without_url()));
            }
            Err(error) => return Err(lost(error)),
        };
        match super::redirect::next(&request, response.status(), response.headers()) {
            Ok(Some(_)) if hop == MOST_REDIRECTS => return Ok((response, Some(TOO_MANY))),
            Ok(Some(next)) => request = next,
            Ok(None) => return Ok((response, None)),
            Err(not_followed) => return Ok((response, Some(not_followed))),
        }
        hop += 1;
    }
}

fn lost(error: ::reqwest::Error) -> TransportError {
    let at_fault = if is_of_source(&error) {
        AtFault::RequestBody
    } else if error.is_decode() && is_of_decoder(&error) {
        AtFault::Answer
    } else {
        AtFault::Connection
    };
    #[cfg(target_arch = "wasm32")]
    let error = said_by_browser(&error);
    #[cfg(not(target_arch = "wasm32"))]
    let error = error.without_url();
    TransportError::lost(error).of(at_fault)
}

/// A browser's own words, without where in the page's code they were said.
#[cfg(target_arch = "wasm32")]
fn said_by_browser(error: &::reqwest::Error) -> String {
    let (mut last, mut behind) = (error.to_string(), error.source());
    while let Some(next) = behind {
        (last, behind) = (next.to_string(), next.source());
    }
    let said = last.lines().next().unwrap_or_default().trim_start_matches("JsValue(").trim_end_matches(')');
    if error.is_request() {
        return format!("{said} (there is no connection, or the server does not let pages of this origin ask)");
    }
    said.to_owned()
}

/// Whether it is what decompresses that failed: a connection's errors are those of the HTTP implementation below.
fn is_of_decoder(error: &::reqwest::Error) -> bool {
    let mut behind = error.source();
    while let Some(next) = behind.filter(|error| error.is::<::reqwest::Error>()) {
        behind = next.source();
    }
    behind.is_some_and(|error| error.is::<std::io::Error>())
}

/// The pieces of a body, with their errors translated.
struct Pieces<S>(Pin<Box<S>>);

impl<S: Stream<Item = ::reqwest::Result<Bytes>>> Stream for Pieces<S> {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|piece| piece.map(|piece| piece.map_err(lost)))
    }
}
