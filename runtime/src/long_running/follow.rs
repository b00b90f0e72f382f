//! The way from the first answer to the end.

use std::future::pending;
use std::time::Duration;

use http::header::{HeaderValue, LOCATION};
use http::{HeaderMap, Method, Uri};
use serde_json::Value as Json;
use tokio::sync::watch;

use super::RunProgress;
use super::document::{self, Standing};
use super::polling::Polling;
use super::resolve::{is_same_origin, resolve};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::error_view::{ErrorView, shorten};
use crate::platform::{First, LONGEST_SLEEP, race, sleep};
use crate::redact::Secrets;
use crate::request::Request;
use crate::response::RawResponse;
use crate::retry::retry_after;
use crate::tag::Tag;
use crate::tags::Tags;
use crate::transport::KeepOrigin;

/// The longest that a server can ask to be left alone.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);

/// The headers that name where the status is asked for, whatever the answer's own status is.
const OPERATIONS: [&str; 2] = ["operation-location", "azure-asyncoperation"];

pub(super) struct Follow {
    pub(super) client: Client,
    /// The call that started it.
    pub(super) request: Request,
    pub(super) polling: Polling,
    pub(super) progress: watch::Sender<RunProgress>,
    pub(super) cancelled: watch::Receiver<bool>,
    /// What is stale at the end.
    pub(super) end_tags: Tags,
    /// What no text about it may hold.
    pub(super) secrets: Secrets,
}

/// Where the status is asked for.
struct Status {
    url: Uri,
    /// It is what the `Location` of a `202` named: what answers there without a word on the status is the result.
    is_result: bool,
}

impl Follow {
    /// Follows it to its end, invalidates, and tells.
    pub(super) async fn until_end(mut self, started: RawResponse) -> Result<RawResponse, Error> {
        let call = self.request.call();
        let sent = self.client.shared().exchange.build(&self.request)?.request;
        let origin = sent.uri().clone();
        let pairs = origin.query().into_iter().flat_map(|query| query.split('&'));
        self.secrets = Secrets::of_headers(sent.headers()).and_pairs(pairs);
        let status = match self.status_of(&started, &origin) {
            Ok(Some(status)) => status,
            Ok(None) => {
                // It ended with its first answer, which invalidated all but that something is gone.
                self.invalidate(self.end_tags.iter().filter(|tag| tag.is_gone()).cloned());
                self.end();
                return Ok(started);
            }
            Err(error) => return Err(self.ended_unknown(error)),
        };
        let limit = self.polling.limit;
        let mut cancelled = self.cancelled.clone();
        let cancel = async {
            // Without a control there is nobody to cancel it.
            if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
                pending::<()>().await;
            }
        };
        let url = status.url.clone();
        let outcome = race(race(cancel, at_most(limit)), self.follow(status, &started, &origin)).await;
        match outcome {
            First::One(First::One(())) => {
                self.send_cancel(&url, &origin).await;
                Err(self.ended_unknown(Error::aborted(call)))
            }
            First::One(First::Other(())) => Err(self.ended_unknown(Error::timeout(call, limit))),
            First::Other(Ok(response)) => {
                self.invalidate(self.end_tags.iter().cloned());
                self.end();
                Ok(response)
            }
            First::Other(Err(error)) => Err(self.ended_unknown(error)),
        }
    }

    /// Where the first answer says that the status is asked for; `None` where that was the end.
    fn status_of(&self, started: &RawResponse, origin: &Uri) -> Result<Option<Status>, Error> {
        let of_header = |name: &str| started.headers.get(name).and_then(|value| value.to_str().ok());
        let pointed = self.polling.url_at.and_then(|pointer| {
            let document: Json = started.json()?;
            document.pointer(pointer)?.as_str().map(str::to_owned)
        });
        let operation = pointed.as_deref().or_else(|| OPERATIONS.iter().find_map(|name| of_header(name)));
        let is_accepted = started.status.as_u16() == 202;
        let (reference, is_result) = match (operation, of_header(LOCATION.as_str())) {
            (Some(operation), _) => (operation, false),
            (None, _) if !is_accepted => return Ok(None),
            (None, Some(location)) => (location, true),
            (None, None) => {
                let detail = "the answer 202 does not say where the status is asked for; see Polling::status_url_at";
                return Err(self.failed(started, detail));
            }
        };
        let Some(url) = resolve(origin, reference) else {
            return Err(self.failed(started, "the URL of the status is none that can be asked"));
        };
        self.allowed(&url, origin, started)?;
        Ok(Some(Status { url, is_result }))
    }

    /// Asks until it ended well, and gives back what it brings.
    async fn follow(&self, mut status: Status, started: &RawResponse, origin: &Uri) -> Result<RawResponse, Error> {
        let (mut number, mut failures) = (0, 0);
        let mut asked_to_wait = retry_after(&started.headers);
        loop {
            let wait = match asked_to_wait.take() {
                Some(asked) => asked.min(LONGEST_RETRY_AFTER).max(Duration::from_millis(10)),
                None => self.polling.wait(number),
            };
            sleep(wait.min(LONGEST_SLEEP)).await;
            number = number.saturating_add(1);
            let answer = match self.ask(Method::GET, &status.url, origin).await {
                Ok(answer) => answer,
                Err(error) if error.status().is_some_and(|status| status.as_u16() == 303) => {
                    let found =
                        error.headers().and_then(|headers| self.location(headers, &status.url, LOCATION.as_str()));
                    let Some(url) = found else { return Err(error) };
                    return self.result_at(&url, origin, started).await;
                }
                Err(error) if is_passing(&error) && failures < self.polling.failures => {
                    failures += 1;
                    asked_to_wait = error.retry_after();
                    continue;
                }
                Err(error) => return Err(error),
            };
            failures = 0;
            asked_to_wait = retry_after(&answer.headers);
            let document: Json = answer.json().unwrap_or_default();
            self.tell(&document);
            match document::standing(&document, &self.polling) {
                Standing::Failed => {
                    let view = ErrorView::read_hiding(&answer, &self.secrets);
                    return Err(self.failed(&answer, &failure(&document)).seen_as(view));
                }
                Standing::Done => return self.result(answer, &document, &status, started, origin).await,
                // Without a word on it, the HTTP status tells.
                Standing::Unsaid if answer.status.as_u16() != 202 => {
                    return self.result(answer, &document, &status, started, origin).await;
                }
                Standing::GoesOn | Standing::Unsaid => {}
            }
            // A server may move the status.
            let names = if status.is_result { &["location"][..] } else { &OPERATIONS };
            if let Some(url) = names.iter().find_map(|name| self.location(&answer.headers, &status.url, name)) {
                self.allowed(&url, origin, &answer)?;
                status.url = url;
            }
        }
    }

    /// What it brings, after its status said that it ended well.
    async fn result(
        &self,
        answer: RawResponse,
        document: &Json,
        status: &Status,
        started: &RawResponse,
        origin: &Uri,
    ) -> Result<RawResponse, Error> {
        let part = |part: &Json| RawResponse { body: part.to_string().into(), ..answer.clone() };
        if let Some(pointer) = self.polling.result_at {
            let none = || self.failed(&answer, &format!("the status has nothing at {pointer}"));
            return document.pointer(pointer).map(part).ok_or_else(none);
        }
        // Google's.
        if let (Some(_), Some(response)) = (document.get("done"), document.get("response")) {
            return Ok(part(response));
        }
        if status.is_result || !self.polling.result_is_fetched {
            return Ok(answer);
        }
        let named = document.get("resourceLocation").and_then(Json::as_str);
        let named = named.and_then(|reference| resolve(&status.url, reference));
        let replaces = matches!(*self.request.method(), Method::PUT | Method::PATCH);
        let own = || if replaces { Some(origin.clone()) } else { self.location(&started.headers, origin, "location") };
        match named.or_else(own) {
            Some(url) => self.result_at(&url, origin, started).await,
            None => Ok(answer),
        }
    }

    async fn result_at(&self, url: &Uri, origin: &Uri, answer: &RawResponse) -> Result<RawResponse, Error> {
        self.allowed(url, origin, answer)?;
        self.ask(Method::GET, url, origin).await
    }

    fn location(&self, headers: &HeaderMap, base: &Uri, name: &str) -> Option<Uri> {
        resolve(base, headers.get(name)?.to_str().ok()?)
    }

    /// # Errors
    /// When it is not a place to which the operation may lead.
    fn allowed(&self, url: &Uri, origin: &Uri, answer: &RawResponse) -> Result<(), Error> {
        let is_allowed = |allowed: &String| allowed.parse().is_ok_and(|allowed: Uri| is_same_origin(url, &allowed));
        if is_same_origin(url, origin) || self.polling.origins.iter().any(is_allowed) {
            return Ok(());
        }
        let host = url.host().unwrap_or_default();
        Err(self.failed(answer, &format!("it leads to {host}, another origin; see Polling::allow_origin")))
    }

    /// Sends a request about the operation. Credentials and the client's headers go to its own origin alone.
    async fn ask(&self, method: Method, url: &Uri, origin: &Uri) -> Result<RawResponse, Error> {
        const ACCEPT: HeaderValue = HeaderValue::from_static("application/json, */*;q=0.5");
        let exchange = &self.client.shared().exchange;
        let about = self.request.about();
        let mut prepared = exchange.build(&about)?;
        let target = if is_same_origin(url, origin) {
            with_query(url, prepared.request.uri().query())
        } else {
            prepared.forget_secrets();
            Some(url.clone())
        };
        let Some(target) = target else {
            return Err(Error::unbuildable(self.request.call(), "the URL of the status is not valid"));
        };
        let request = &mut prepared.request;
        *request.uri_mut() = target;
        *request.method_mut() = method;
        request.headers_mut().insert(http::header::ACCEPT, ACCEPT);
        // A redirect must not lead where a URL may not.
        request.extensions_mut().insert(KeepOrigin);
        exchange.run(prepared, &about.call()).await
    }

    async fn send_cancel(&self, url: &Uri, origin: &Uri) {
        let Some((method, suffix)) = &self.polling.cancel else { return };
        let (path, query) = (url.path(), url.query());
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let target = resolve(url, &format!("{path}{suffix}{query}"));
        if let Some(target) = target {
            // That it is cancelled or not shows in what is asked for again.
            let _ = self.ask(method.clone(), &target, origin).await;
        }
    }

    /// Tells what a status document says.
    fn tell(&self, document: &Json) {
        const LONGEST: usize = 1000;
        let text = |text: &str| shorten(&self.secrets.hide(text), LONGEST);
        self.progress.send_modify(|progress| {
            progress.polls = progress.polls.saturating_add(1);
            progress.fraction = document::fraction(document, &self.polling).or(progress.fraction);
            progress.status = document::status(document).map(text).or(progress.status.take());
            progress.message = document::message(document).map(text);
        });
    }

    /// Tells that it is over. What was said of its progress stays.
    pub(super) fn end(&self) {
        self.progress.send_modify(|progress| progress.is_over = true);
    }

    fn invalidate(&self, tags: impl Iterator<Item = Tag>) {
        let tags: Tags = tags.collect();
        if !tags.is_empty() {
            drop(self.client.invalidate(tags));
        }
    }

    /// Nobody knows how far it came, so nothing counts as gone.
    fn ended_unknown(&mut self, error: Error) -> Error {
        self.invalidate(self.end_tags.iter().cloned().map(Tag::without_gone));
        self.end();
        error
    }

    fn failed(&self, answer: &RawResponse, detail: &str) -> Error {
        Error::failed(self.request.call(), answer.clone(), &shorten(&self.secrets.hide(detail), 200))
    }
}

/// What a status document says of why it failed.
fn failure(document: &Json) -> String {
    const PLACES: [&str; 8] = [
        "/error/message",
        "/error/detail",
        "/error",
        "/errors/0/message",
        "/message",
        "/statusMessage",
        "/detail",
        "/reason",
    ];
    let said = PLACES.iter().find_map(|place| document.pointer(place)?.as_str());
    let said = said.or_else(|| document::status(document)).unwrap_or_default();
    said.to_owned()
}

/// Waits for so long, which may be for ever.
async fn at_most(limit: Duration) {
    if LONGEST_SLEEP < limit { pending().await } else { sleep(limit).await }
}

/// Whether another question may have an answer.
fn is_passing(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::Timeout => true,
        ErrorKind::Credential => error.again().is_some(),
        ErrorKind::Status => {
            error.status().is_some_and(|status| status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429))
        }
        _ => false,
    }
}

/// The URL with more in its query string.
fn with_query(url: &Uri, more: Option<&str>) -> Option<Uri> {
    let Some(more) = more else { return Some(url.clone()) };
    let joint = if url.query().is_some() { '&' } else { '?' };
    format!("{url}{joint}{more}").parse().ok()
}
