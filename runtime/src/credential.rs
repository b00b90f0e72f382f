//! How a caller says who it is: the security schemes of a document.

mod held;
mod oauth2;
mod token;
mod tokens;

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};

use crate::error::Error;
use crate::formats::Format as _;
use crate::param::percent_encode;
use crate::recorded;

pub(crate) use self::held::Credentials;
pub use self::oauth2::OAuth2;
pub use self::token::{Token, TokenSource};
pub(crate) use self::tokens::{Failure, Held, Refresher, Tokens};

/// The schemes that an operation accepts: alternatives, each of schemes that are needed together. An empty alternative
/// stands for a caller who need not say who they are.
pub type Security = &'static [&'static [&'static str]];

/// A secret, and where it goes. The generator writes a function that makes one for each of a document's security schemes.
///
/// It is sent with the operations that the document asks it for, and never shown.
#[derive(Clone)]
pub struct Credential {
    scheme: &'static str,
    place: Place,
    usual: Option<Security>,
}

#[derive(Clone)]
enum Place {
    Header(HeaderName, HeaderValue),
    /// A pair as it stands in a query string.
    Query(String),
    /// A pair as it stands in a `Cookie` header.
    Cookie(String),
    /// A bearer token that changes.
    Tokens(Arc<Tokens>),
    /// It cannot be sent; the text says why, without the secret.
    Nowhere(String),
}

impl Credential {
    /// A token in the header `Authorization: Bearer …`. `scheme` is the document's name for it.
    pub fn bearer(scheme: &'static str, token: &str) -> Credential {
        Credential::in_header(scheme, "authorization", &format!("Bearer {token}"))
    }

    /// Tokens that change, in the header `Authorization: Bearer …`, from a source such as [`OAuth2`] or one of your own.
    ///
    /// All requests share one token. A new one is asked for when there is none, shortly before it expires, and when the server
    /// answers 401 to it: what was refused is sent once more then. While one is asked for, all who need it wait for that, and
    /// when there is none, all of them are told why. Clones of the credential share the token, too.
    pub fn tokens(scheme: &'static str, source: impl TokenSource) -> Credential {
        Credential { scheme, place: Place::Tokens(Arc::new(Tokens::new(source))), usual: None }
    }

    /// A name and a password (`Authorization: Basic …`).
    pub fn basic(scheme: &'static str, user: &str, password: &str) -> Credential {
        let pair = format!("{user}:{password}").into_bytes().write();
        Credential::in_header(scheme, "authorization", &format!("Basic {pair}"))
    }

    /// A key in this header.
    pub fn in_header(scheme: &'static str, name: &str, value: &str) -> Credential {
        let place = match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                Place::Header(name, value)
            }
            (Err(_), _) => Place::Nowhere(format!("{name:?} is no header name")),
            (_, Err(_)) => {
                Place::Nowhere(format!("the secret of {scheme} holds characters that a header cannot carry"))
            }
        };
        Credential { scheme, place, usual: None }
    }

    /// A key in the query string.
    pub fn in_query(scheme: &'static str, name: &str, value: &str) -> Credential {
        let pair = format!("{}={}", percent_encode(name), percent_encode(value));
        Credential { scheme, place: Place::Query(pair), usual: None }
    }

    /// A key in a cookie. A page cannot set cookies on requests: in a browser this does nothing, and the browser sends its own.
    pub fn in_cookie(scheme: &'static str, name: &str, value: &str) -> Credential {
        let pair = format!("{}={}", percent_encode(name), percent_encode(value));
        Credential { scheme, place: Place::Cookie(pair), usual: None }
    }

    /// What operations accept that do not say so themselves. Without it, they get the credential.
    #[must_use]
    pub fn usual(self, security: Security) -> Credential {
        Credential { usual: Some(security), ..self }
    }

    pub(crate) fn scheme(&self) -> &'static str {
        self.scheme
    }

    pub(crate) fn is_for_same(&self, other: &Credential) -> bool {
        self.scheme == other.scheme
    }

    /// # Errors
    /// When it cannot be sent.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.place {
            Place::Nowhere(problem) => Err(Error::setup(problem.clone())),
            _ => Ok(()),
        }
    }

    pub(crate) fn header(&self) -> Option<(&HeaderName, &HeaderValue)> {
        match &self.place {
            Place::Header(name, value) => Some((name, value)),
            _ => None,
        }
    }

    pub(crate) fn changing(&self) -> Option<&Arc<Tokens>> {
        match &self.place {
            Place::Tokens(tokens) => Some(tokens),
            _ => None,
        }
    }

    pub(crate) fn query(&self) -> Option<&str> {
        match &self.place {
            Place::Query(pair) => Some(pair),
            _ => None,
        }
    }

    /// The name of its parameter of the query string.
    pub(crate) fn query_name(&self) -> Option<String> {
        recorded::pairs(self.query()?).into_iter().next().map(|(name, _)| name)
    }

    pub(crate) fn cookie(&self) -> Option<&str> {
        match &self.place {
            Place::Cookie(pair) => Some(pair),
            _ => None,
        }
    }
}

/// The credentials to send: those of the first alternative that can be met in full.
pub(crate) fn choose(given: &[Credential], accepted: Option<Security>) -> Vec<&Credential> {
    let Some(accepted) = accepted else {
        let free = given.iter().filter(|credential| credential.usual.is_none());
        let mut chosen: Vec<&Credential> = free.collect();
        if let Some(usual) = given.iter().find_map(|credential| credential.usual) {
            chosen.extend(choose(given, Some(usual)));
        }
        return chosen;
    };
    let find = |scheme: &&str| given.iter().find(|credential| credential.scheme == *scheme);
    let met = accepted.iter().filter(|schemes| !schemes.is_empty());
    met.filter_map(|schemes| schemes.iter().map(find).collect::<Option<Vec<_>>>()).next().unwrap_or_default()
}

/// Shows which scheme it is for, never the secret.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Security = &[&["key"], &["user", "app"]];

    fn schemes(given: &[Credential], accepted: Option<Security>) -> Vec<&'static str> {
        choose(given, accepted).iter().map(|credential| credential.scheme).collect()
    }

    #[test]
    fn the_first_alternative_that_can_be_met_is_sent() {
        let user = Credential::bearer("user", "u").usual(USUAL);
        let app = Credential::in_header("app", "x-app", "a").usual(USUAL);
        let key = Credential::in_query("key", "key", "k").usual(USUAL);
        let alone = std::slice::from_ref(&user);
        assert_eq!(schemes(alone, None), [""; 0]);
        assert_eq!(schemes(alone, Some(&[&[], &["user"]])), ["user"]);
        assert_eq!(schemes(alone, Some(&[])), [""; 0]);
        assert_eq!(schemes(&[user.clone(), app.clone()], None), ["user", "app"]);
        assert_eq!(schemes(&[user, app, key], None), ["key"]);
        assert_eq!(schemes(&[Credential::bearer("mine", "t")], None), ["mine"]);
    }

    #[test]
    fn secrets_are_not_shown() {
        for credential in [Credential::basic("b", "name", "secret"), Credential::in_query("q", "k", "secret")] {
            assert!(!format!("{credential:?}").contains("secret"));
        }
        let error = Credential::bearer("token", "secret\n").check().unwrap_err();
        assert!(!error.to_string().contains("secret\n") && error.to_string().contains("token"), "{error}");
    }
}
