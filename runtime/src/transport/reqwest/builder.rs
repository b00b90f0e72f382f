//! Sets up the transport that comes with this crate: proxies, compression, how long a connection may take.

use std::fmt;
use std::time::Duration;

use super::ReqwestTransport;
use crate::error::Error;

/// Sets up a [`ReqwestTransport`]. A browser has settings of its own, so there it is made as it is.
///
/// ```
/// # use std::time::Duration;
/// # fn build() -> Result<larder::Client, larder::Error> {
/// use larder::{Client, ReqwestTransport};
///
/// let transport = ReqwestTransport::builder()
///     .connect_timeout(Duration::from_secs(5))
///     .proxy("http://proxy.example.com:3128")
///     .build()?;
/// Client::builder("https://api.example.com").transport(transport).build()
/// # }
/// ```
#[must_use]
pub struct ReqwestTransportBuilder {
    client: ::reqwest::ClientBuilder,
    problem: Option<Error>,
}

impl ReqwestTransportBuilder {
    pub(super) fn new() -> ReqwestTransportBuilder {
        let client = ::reqwest::Client::builder()
            .user_agent(concat!("larder/", env!("CARGO_PKG_VERSION")))
            .redirect(::reqwest::redirect::Policy::none());
        ReqwestTransportBuilder { client, problem: None }
    }

    fn with(self, change: impl FnOnce(::reqwest::ClientBuilder) -> ::reqwest::ClientBuilder) -> Self {
        Self { client: change(self.client), ..self }
    }

    /// How long it may take to connect. Without it only the client's timeout counts. What does not connect in time was not sent.
    pub fn connect_timeout(self, time: Duration) -> Self {
        self.with(|client| client.connect_timeout(time))
    }

    /// The header `User-Agent`, instead of this crate's name.
    pub fn user_agent(mut self, name: &str) -> Self {
        match http::HeaderValue::from_str(name) {
            Ok(name) => self.with(|client| client.user_agent(name)),
            Err(_) => {
                self.problem = Some(Error::setup("the user agent holds characters that a header cannot carry"));
                self
            }
        }
    }

    /// Sends every request through this proxy, instead of those that the environment names. A user and a password may be in the
    /// URL. Of several proxies the first counts.
    pub fn proxy(mut self, url: &str) -> Self {
        match ::reqwest::Proxy::all(url) {
            Ok(proxy) => self.with(|client| client.proxy(proxy)),
            Err(_) => {
                // It is not quoted: it may hold a password.
                self.problem = Some(Error::setup("the proxy's URL cannot be used"));
                self
            }
        }
    }

    /// Uses no proxy. Otherwise those count that the environment names: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`.
    pub fn no_proxy(self) -> Self {
        self.with(::reqwest::ClientBuilder::no_proxy)
    }

    /// Whether servers are asked to compress, in as many ways as the features `gzip`, `brotli` and `zstd` of this crate are
    /// on: then they are, unless this says otherwise. The client's limits are of what a response is when it is decompressed.
    pub fn compression(self, on: bool) -> Self {
        if on { self } else { self.with(|client| client.no_gzip().no_brotli().no_zstd()) }
    }

    /// Keeps the cookies that servers set, and sends them back, as servers with sessions want it: with every request to those
    /// for whom they are, as browsers do, also after redirects. They are in memory, and gone with the client. With the feature
    /// `cookies`.
    ///
    /// A call with cookies of its own, by a parameter or a credential, sends those alone. What is cached knows nothing of
    /// cookies: after a login or a logout, [reset](crate::Client::reset) it.
    #[cfg(feature = "cookies")]
    pub fn cookies(self, on: bool) -> Self {
        self.with(|client| client.cookie_store(on))
    }

    /// The transport.
    ///
    /// # Errors
    /// When something of the setup is not valid, or when TLS or the system's configuration cannot be set up.
    pub fn build(self) -> Result<ReqwestTransport, Error> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        match self.client.build() {
            Ok(client) => Ok(ReqwestTransport { client, follows: true }),
            Err(error) => Err(Error::setup(format!("the HTTP client could not be set up: {error}"))),
        }
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's URL may hold a password.
        f.debug_struct("ReqwestTransportBuilder").finish_non_exhaustive()
    }
}
