//! Tokens from an OAuth 2 server: the client credentials grant and the refresh token grant (RFC 6749).

mod answer;

pub(super) use self::answer::PutOff;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Uri};

use super::token::{Token, TokenSource};
use super::{Credential, Security};
use crate::exchange::read_up_to;
use crate::formats::Format as _;
use crate::guard::{guarded, lock};
use crate::param::percent_encode;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::sync::Mutex;
use crate::transport::{KeepOrigin, Transport};

type Failed = Box<dyn StdError + Send + Sync>;

/// How large the answer of a token server may be.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Tokens from an OAuth 2 server. Give it to the client as any credential:
///
/// ```
/// # fn build() -> Result<larder::Client, larder::Error> {
/// use larder::{Client, OAuth2};
///
/// let worker = OAuth2::client_credentials("oauth", "https://auth.example.com/token", "worker", "secret");
/// Client::builder("https://api.example.com").credential(worker.scopes(["posts:read"])).build()
/// # }
/// ```
///
/// A token is asked for by the first request that needs one, and again shortly before it expires, or when the server answers
/// 401: the request is sent once more then, with the new token. All requests that need a token wait for one and the same.
///
/// The request for a token goes through the client's transport, below its layers, and to no other origin than that of the
/// token URL. No secret, no token and nothing that the token server says but its error code is ever shown.
#[must_use = "it does nothing until a client is given it"]
pub struct OAuth2 {
    scheme: &'static str,
    usual: Option<Security>,
    asking: Asking,
}

/// What a request for a token is made of.
struct Asking {
    token_url: String,
    client_id: String,
    client_secret: Option<String>,
    secret_in_body: bool,
    /// The newest; nothing for the client credentials grant.
    refresh_token: Option<Mutex<String>>,
    on_refresh_token: Option<Box<dyn Hear>>,
    scopes: Vec<String>,
    more: Vec<(String, String)>,
}

/// Who hears of new refresh tokens.
trait Hear: MaybeSend + MaybeSync {
    fn hear(&self, token: &str);
}

impl<F: Fn(&str) + MaybeSend + MaybeSync> Hear for F {
    fn hear(&self, token: &str) {
        self(token);
    }
}

impl OAuth2 {
    /// The client credentials grant: the program itself is the caller. `scheme` is the document's name for it.
    ///
    /// A token URL without a host is on the client's; without a slash at its start it is below the client's base URL.
    pub fn client_credentials(
        scheme: &'static str,
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> OAuth2 {
        OAuth2::new(scheme, token_url.into(), client_id.into(), None).client_secret(client_secret)
    }

    /// The refresh token grant: a user has signed in, and this is what they were given beside their first token. A server may
    /// give a new one with each token, which is used from then on: keep it, too, with
    /// [`on_refresh_token`](Self::on_refresh_token).
    pub fn refresh_token(
        scheme: &'static str,
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        refresh_token: impl Into<String>,
    ) -> OAuth2 {
        OAuth2::new(scheme, token_url.into(), client_id.into(), Some(refresh_token.into()))
    }

    fn new(scheme: &'static str, token_url: String, client_id: String, refresh_token: Option<String>) -> OAuth2 {
        let asking = Asking {
            token_url,
            client_id,
            client_secret: None,
            secret_in_body: false,
            refresh_token: refresh_token.map(Mutex::new),
            on_refresh_token: None,
            scopes: Vec::new(),
            more: Vec::new(),
        };
        OAuth2 { scheme, usual: None, asking }
    }

    /// The scopes to ask for. Without any the server decides.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> OAuth2 {
        self.asking.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// The program's own secret, where the server gave it one.
    pub fn client_secret(mut self, secret: impl Into<String>) -> OAuth2 {
        self.asking.client_secret = Some(secret.into());
        self
    }

    /// Sends the program's id and secret in the body, for servers that do not take them in the header `Authorization`.
    pub fn secret_in_body(mut self) -> OAuth2 {
        self.asking.secret_in_body = true;
        self
    }

    /// A further parameter of the request, such as `audience`.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> OAuth2 {
        self.asking.more.push((name.into(), value.into()));
        self
    }

    /// Calls a function with each new refresh token, so that it can be kept. It is called before the token is used, outside
    /// every lock; a panic in it is contained.
    pub fn on_refresh_token(mut self, hear: impl Fn(&str) + MaybeSend + MaybeSync + 'static) -> OAuth2 {
        self.asking.on_refresh_token = Some(Box::new(hear));
        self
    }

    /// As [`Credential::usual`].
    pub fn usual(self, security: Security) -> OAuth2 {
        OAuth2 { usual: Some(security), ..self }
    }
}

impl From<OAuth2> for Credential {
    fn from(oauth2: OAuth2) -> Credential {
        let OAuth2 { scheme, usual, asking } = oauth2;
        let credential = Credential::tokens(scheme, Source(Arc::new(asking)));
        usual.into_iter().fold(credential, Credential::usual)
    }
}

/// Shows which scheme it is for, never a secret.
impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

struct Source(Arc<Asking>);

impl TokenSource for Source {
    fn token(&self, transport: Arc<dyn Transport>, base_url: &str) -> BoxFuture<Result<Token, Failed>> {
        let (asking, request) = (self.0.clone(), self.0.request(base_url));
        Box::pin(async move {
            let response = transport.send(request?).await?;
            let (parts, body) = response.into_parts();
            let (body, complete) = read_up_to(body, MAX_ANSWER_BYTES).await?;
            if !complete {
                return Err(format!("the token server's answer is larger than {MAX_ANSWER_BYTES} bytes").into());
            }
            let (token, refresh_token) = answer::read(parts.status, &parts.headers, &body)?;
            if let (Some(new), Some(held)) = (refresh_token, &asking.refresh_token) {
                let is_new = std::mem::replace(&mut *lock(held), new.clone()) != new;
                if let Some(listener) = asking.on_refresh_token.as_ref().filter(|_| is_new) {
                    let _ = guarded(|| listener.hear(&new));
                }
            }
            Ok(token)
        })
    }
}

impl Asking {
    fn request(&self, base_url: &str) -> Result<http::Request<Bytes>, Failed> {
        let mut form: Vec<(&str, &str)> = Vec::new();
        let refresh_token = self.refresh_token.as_ref().map(|token| lock(token).clone());
        match &refresh_token {
            Some(token) => form.extend([("grant_type", "refresh_token"), ("refresh_token", token.as_str())]),
            None => form.push(("grant_type", "client_credentials")),
        }
        let scopes = self.scopes.join(" ");
        if !scopes.is_empty() {
            form.push(("scope", &scopes));
        }
        let secret = self.client_secret.as_deref();
        let in_header = secret.filter(|_| !self.secret_in_body);
        if in_header.is_none() {
            form.push(("client_id", &self.client_id));
            form.extend(secret.map(|secret| ("client_secret", secret)));
        }
        form.extend(self.more.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let pairs = form.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let mut request = http::Request::new(Bytes::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url(base_url)?;
        request.extensions_mut().insert(KeepOrigin);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(secret) = in_header {
            let pair = format!("{}:{}", percent_encode(&self.client_id), percent_encode(secret));
            let mut value = HeaderValue::from_str(&format!("Basic {}", pair.into_bytes().write()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    fn url(&self, base_url: &str) -> Result<Uri, Failed> {
        let url = self.token_url.trim();
        let whole = if url.contains("://") {
            url.to_owned()
        } else if url.starts_with('/') {
            let host: String = base_url.split_inclusive('/').take(3).collect();
            format!("{}{url}", host.trim_end_matches('/'))
        } else {
            format!("{base_url}/{url}")
        };
        // It is not quoted: some servers want a secret in it.
        let uri: Uri = whole.parse().map_err(|_| "the token URL cannot be used")?;
        match uri.scheme_str() {
            Some("https") => Ok(uri),
            Some("http") if base_url.starts_with("http://") => Ok(uri),
            _ => Err("the token URL must begin with https://, as the base URL does".into()),
        }
    }
}
