//! One token for all requests of a client: one refresh at a time, shared by all that wait for it.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::watch;

use super::oauth2::PutOff;
use super::token::{Token, TokenSource};
use crate::error::{Error, deepest};
use crate::guard::{guarded, guarded_future, lock};
use crate::platform::{Instant, Spawner, within};
use crate::retry::is_transient;
use crate::sync::Mutex;
use crate::transport::{Transport, TransportError};

/// After a refresh, or the failure of one, there is none for this long, whatever servers say of the token.
const FLOOR: Duration = Duration::from_secs(1);

/// A token is refreshed this long before it expires, or a tenth of its lifetime, whichever is shorter.
const LONGEST_LEAD: Duration = Duration::from_secs(60);

/// The token of one credential, with the refresh that may be under way.
pub(crate) struct Tokens {
    source: Box<dyn TokenSource>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// How many tokens there were.
    count: u64,
    /// Tells of the refresh that is under way.
    refresh: Option<watch::Receiver<Option<Outcome>>>,
    failed: Option<(Instant, Failure)>,
}

/// A token as it is sent, and which one it is.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) header: HeaderValue,
    pub(crate) number: u64,
    asked_at: Instant,
    lifetime: Option<Duration>,
}

/// Why there is no token, without anything secret.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) why: Arc<str>,
    /// After what time there may be one, if it may go better then.
    pub(crate) again: Option<Duration>,
}

type Outcome = Result<Held, Failure>;

/// What a refresh needs of the client.
pub(crate) struct Refresher {
    pub(crate) spawner: Spawner,
    /// Below all layers.
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base_url: String,
    pub(crate) timeout: Duration,
}

/// What is to be done for a request.
enum Next {
    Use(Held),
    /// The token does for now, but not for long.
    UseAndRefresh(Held, watch::Sender<Option<Outcome>>),
    Wait(watch::Receiver<Option<Outcome>>),
    Refresh(watch::Sender<Option<Outcome>>, watch::Receiver<Option<Outcome>>),
    Fail(Failure),
}

impl Tokens {
    pub(super) fn new(source: impl TokenSource) -> Tokens {
        Tokens { source: Box::new(source), state: Mutex::default() }
    }

    /// A token to send a request with. `refused` is the number of the one that the server refused for this request; when the
    /// same comes back, there is no newer one to try.
    pub(crate) async fn get(self: &Arc<Self>, refresher: &Refresher, refused: Option<u64>) -> Outcome {
        let next = lock(&self.state).next(Instant::now(), refused);
        let mut outcome = match next {
            Next::Use(held) => return Ok(held),
            Next::UseAndRefresh(held, tell) => {
                self.refresh(refresher, tell);
                return Ok(held);
            }
            Next::Fail(failure) => return Err(failure),
            Next::Wait(outcome) => outcome,
            Next::Refresh(tell, outcome) => {
                self.refresh(refresher, tell);
                outcome
            }
        };
        let given_up = || Err(Failure::lasting("the request for it was given up"));
        // The sender is dropped without a word when the runtime ends.
        outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone()).unwrap_or_else(given_up)
    }

    /// Starts a refresh. It is a task of its own, which goes on whoever waits: a new refresh token must not get lost.
    fn refresh(self: &Arc<Self>, refresher: &Refresher, tell: watch::Sender<Option<Outcome>>) {
        let (tokens, asked_at, timeout) = (self.clone(), Instant::now(), refresher.timeout);
        let work = guarded(|| self.source.token(refresher.transport.clone(), &refresher.base_url));
        refresher.spawner.spawn(async move {
            let outcome = match work {
                Ok(work) => within(timeout, guarded_future(work)).await,
                Err(panicked) => Some(Err(panicked)),
            };
            let outcome = match outcome {
                Some(Ok(Ok(token))) => Ok(token),
                Some(Ok(Err(error))) => Err(guarded(|| Failure::of(&*error)).unwrap_or_else(|_| Failure::lasting(""))),
                Some(Err(_)) => Err(Failure::lasting("what makes it panicked")),
                None => Err(Failure::late(timeout)),
            };
            let outcome = lock(&tokens.state).settle(outcome, asked_at, Instant::now());
            // Nobody may wait any more.
            let _ = tell.send(Some(outcome));
            // What makes tokens is the application's.
            let _ = guarded(|| drop(tokens));
        });
    }
}

impl Failure {
    fn lasting(why: &str) -> Failure {
        Failure { why: why.into(), again: None }
    }

    /// Sooner than the floor nobody is asked.
    fn passing(why: &str, after: Duration) -> Failure {
        Failure { why: why.into(), again: Some(after.max(FLOOR)) }
    }

    /// There was no token in time.
    pub(crate) fn late(limit: Duration) -> Failure {
        Failure::passing(&format!("there was no answer within {limit:?}"), Duration::ZERO)
    }

    /// What a source of tokens says. Whether it may go better the next time shows in what is behind it: a connection, an
    /// answer that puts off, an error of a client like this one.
    fn of(error: &(dyn StdError + 'static)) -> Failure {
        let why = deepest(error);
        let mut next = Some(error);
        while let Some(error) = next {
            let put_off = error.downcast_ref::<PutOff>().map(|put_off| put_off.after);
            let lost = error.is::<TransportError>().then_some(Duration::ZERO);
            let failed = error.downcast_ref::<Error>().filter(|error| is_transient(error));
            let failed = failed.map(|error| error.retry_after().unwrap_or_default());
            if let Some(after) = put_off.or(lost).or(failed) {
                return Failure::passing(&why, after);
            }
            next = error.source();
        }
        Failure::lasting(&why)
    }
}

impl State {
    fn next(&mut self, now: Instant, refused: Option<u64>) -> Next {
        let held = self.held.as_ref().filter(|held| !held.has_expired(now)).cloned();
        let may_refresh = self.refresh.is_none() && self.rested(now);
        match held {
            Some(held) if refused != Some(held.number) => {
                if !(may_refresh && held.expires_soon(now)) {
                    return Next::Use(held);
                }
                let (tell, outcome) = watch::channel(None);
                self.refresh = Some(outcome);
                Next::UseAndRefresh(held, tell)
            }
            // It is new, and refused all the same: another would be, too.
            Some(held) if self.refresh.is_none() && now < held.asked_at + FLOOR => Next::Use(held),
            _ => self.renew(now),
        }
    }

    fn renew(&mut self, now: Instant) -> Next {
        if let Some(outcome) = &self.refresh {
            return Next::Wait(outcome.clone());
        }
        if let Some((_, failure)) = self.failed.as_ref().filter(|(at, _)| now < *at + FLOOR) {
            return Next::Fail(failure.clone());
        }
        let (tell, outcome) = watch::channel(None);
        self.refresh = Some(outcome.clone());
        Next::Refresh(tell, outcome)
    }

    /// Whether the last attempt is long enough ago for another that nobody waits for.
    fn rested(&self, now: Instant) -> bool {
        let failed = self.failed.as_ref().is_some_and(|(at, _)| now < *at + FLOOR);
        !failed && self.held.as_ref().is_none_or(|held| held.asked_at + FLOOR <= now)
    }

    fn settle(&mut self, outcome: Result<Token, Failure>, asked_at: Instant, now: Instant) -> Outcome {
        self.refresh = None;
        let made = outcome.and_then(|token| {
            let mut header = HeaderValue::from_str(&format!("Bearer {}", token.text))
                .map_err(|_| Failure::lasting("it holds characters that a header cannot carry"))?;
            header.set_sensitive(true);
            self.count += 1;
            Ok(Held { header, number: self.count, asked_at, lifetime: token.lifetime })
        });
        match &made {
            Ok(held) => (self.held, self.failed) = (Some(held.clone()), None),
            Err(failure) => self.failed = Some((now, failure.clone())),
        }
        made
    }
}

impl Held {
    fn has_expired(&self, now: Instant) -> bool {
        // A token that hardly lives is used for a moment all the same.
        self.lifetime.is_some_and(|lifetime| lifetime.max(FLOOR) <= now.saturating_duration_since(self.asked_at))
    }

    fn expires_soon(&self, now: Instant) -> bool {
        self.lifetime.is_some_and(|lifetime| {
            let lead = (lifetime / 10).min(LONGEST_LEAD);
            lifetime.saturating_sub(lead) <= now.saturating_duration_since(self.asked_at)
        })
    }
}
