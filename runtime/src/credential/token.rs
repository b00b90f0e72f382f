//! Tokens that change, and where they come from.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::transport::Transport;

/// A token that says who the caller is, for a time. Its text is never shown.
#[derive(Clone)]
pub struct Token {
    pub(super) text: String,
    pub(super) lifetime: Option<Duration>,
}

impl Token {
    /// A token that is used until the server refuses it.
    pub fn new(text: impl Into<String>) -> Token {
        Token { text: text.into(), lifetime: None }
    }

    /// How long it is valid, from the moment at which it was asked for. A new one is asked for shortly before.
    #[must_use]
    pub fn expires_in(self, lifetime: Duration) -> Token {
        Token { lifetime: Some(lifetime), ..self }
    }
}

/// Shows how long it is valid, never the token.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// Where tokens come from. [`OAuth2`](crate::OAuth2) is one; a function without arguments that returns a future of a [`Token`]
/// is another. See [`Credential::tokens`](crate::Credential::tokens).
///
/// ```
/// # use larder::{Credential, Token};
/// async fn from_the_keyring() -> Result<Token, std::io::Error> {
///     Ok(Token::new("…"))
/// }
///
/// let credential = Credential::tokens("token", from_the_keyring);
/// # let _ = credential;
/// ```
pub trait TokenSource: MaybeSend + MaybeSync + 'static {
    /// A new token. It is asked for when there is none, shortly before the last one expires, and when the server refused it.
    /// There is never more than one call at a time, and it goes on when nobody waits for it any more, up to the client's
    /// timeout.
    ///
    /// `transport` is the client's own, below its layers; `base_url` is where the client's API is.
    ///
    /// # Errors
    /// When there is none. The error's text ends up in that of every request that waits, so it must hold no secret.
    fn token(
        &self,
        transport: Arc<dyn Transport>,
        base_url: &str,
    ) -> BoxFuture<Result<Token, Box<dyn StdError + Send + Sync>>>;
}

impl<F, A, E> TokenSource for F
where
    F: Fn() -> A + MaybeSend + MaybeSync + 'static,
    A: Future<Output = Result<Token, E>> + MaybeSend + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn token(&self, _: Arc<dyn Transport>, _: &str) -> BoxFuture<Result<Token, Box<dyn StdError + Send + Sync>>> {
        let token = self();
        Box::pin(async move { token.await.map_err(Into::into) })
    }
}
