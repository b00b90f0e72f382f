//! The transport that comes with this crate: `reqwest` natively, `fetch` through it in a browser.

#[cfg(not(target_arch = "wasm32"))]
mod builder;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

#[cfg(not(target_arch = "wasm32"))]
pub use self::builder::ReqwestTransportBuilder;
use super::{ResponseBody, Transport, TransportError};
use crate::cache_groups::keep_to_origin;
use crate::error::Error;
use crate::platform::BoxFuture;
#[cfg(not(target_arch = "wasm32"))]
use crate::upload::RequestBody;
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
            let response = follow(&transport, request).await?;
            let (status, mut headers) = (response.status(), response.headers().clone());
            keep_to_origin(&mut headers, &asked, response.url().as_str());
            let mut answer = http::Response::new(ResponseBody::stream(Pieces(Box::pin(response.bytes_stream()))));
            *answer.status_mut() = status;
            *answer.headers_mut() = headers;
            Ok(answer)
        })
    }
}

#[cfg(target_arch = "wasm32")]
async fn follow(
    transport: &ReqwestTransport,
    request: http::Request<Bytes>,
) -> Result<::reqwest::Response, TransportError> {
    let request = ::reqwest::Request::try_from(request).map_err(TransportError::not_sent)?;
    // What the browser's own cache holds may be older than the invalidation that this request is sent for: it has to ask.
    let request = ::reqwest::RequestBuilder::from_parts(transport.client.clone(), request).fetch_cache_no_cache();
    let request = match transport.cookies {
        None => request,
        Some(SendCookies::Never) => request.fetch_credentials_omit(),
        Some(SendCookies::SameOrigin) => request.fetch_credentials_same_origin(),
        Some(SendCookies::Always) => request.fetch_credentials_include(),
    };
    request.send().await.map_err(lost)
}

#[cfg(not(target_arch = "wasm32"))]
async fn follow(
    transport: &ReqwestTransport,
    request: http::Request<Bytes>,
) -> Result<::reqwest::Response, TransportError> {
    const MOST_REDIRECTS: usize = 10;
    let mut request = request;
    for hop in 0..=MOST_REDIRECTS {
        let mut outgoing = ::reqwest::Request::try_from(request.clone()).map_err(TransportError::not_sent)?;
        if let Some(body) = request.extensions().get::<RequestBody>() {
            let unopened = if hop == 0 { TransportError::not_sent } else { TransportError::lost };
            let pieces = body.open().map_err(unopened)?;
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
            Some(next) => request = next,
            None => return Ok(response),
        }
    }
    Err(TransportError::lost(format!("more than {MOST_REDIRECTS} redirects")))
}

fn lost(error: ::reqwest::Error) -> TransportError {
    TransportError::lost(error.without_url())
}

/// The pieces of a body, with their errors translated.
struct Pieces<S>(Pin<Box<S>>);

impl<S: Stream<Item = ::reqwest::Result<Bytes>>> Stream for Pieces<S> {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|piece| piece.map(|piece| piece.map_err(lost)))
    }
}
