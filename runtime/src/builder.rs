//! Sets up a client.

mod mutations;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::client::Client;
use crate::core::Core;
use crate::credential::{Credential, Credentials, Refresher};
use crate::enhance::Enhancements;
use crate::error::Error;
use crate::error_view::{ErrorView, ViewErrors};
use crate::event::Event;
use crate::exchange::Exchange;
use crate::guard::guarded;
use crate::layers::Layer;
use crate::mutation::{Mutation, MutationDefaults};
use crate::notifications::{Notices, Notification};
use crate::outbox::Keeper;
use crate::platform::{MaybeSend, MaybeSync, Spawner};
use crate::query::Query;
use crate::response::RawResponse;
use crate::retry::Retry;
use crate::settings::{Defaults, Refetch};
use crate::shared::{Listen, Shared};
use crate::transport::{Routed, Transport};

/// Sets up a [`Client`].
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    defaults: Defaults,
    headers: HeaderMap,
    credentials: Credentials,
    timeout: Duration,
    max_response_bytes: usize,
    cache_groups: bool,
    pub(crate) stream_idle: Duration,
    transport: Option<Arc<dyn Transport>>,
    by_operation: HashMap<String, Arc<dyn Transport>>,
    /// The outermost first.
    layers: Vec<Box<dyn Layer>>,
    listener: Option<Box<dyn Listen<Event>>>,
    view: Option<Box<dyn ViewErrors>>,
    pub(crate) notices: Option<Box<dyn Listen<Notification>>>,
    #[cfg(feature = "audit")]
    audit: Option<crate::audit::Audit>,
    enhancements: Enhancements,
    mutation_defaults: MutationDefaults,
    outbox: Option<Keeper>,
    problem: Option<Error>,
}

impl ClientBuilder {
    pub(crate) fn new(base_url: String) -> Self {
        Self {
            base_url,
            defaults: Defaults::default(),
            headers: HeaderMap::new(),
            credentials: Credentials::default(),
            timeout: Duration::from_secs(30),
            max_response_bytes: 64 << 20,
            cache_groups: true,
            stream_idle: Duration::from_secs(120),
            transport: None,
            by_operation: HashMap::new(),
            layers: Vec::new(),
            listener: None,
            view: None,
            notices: None,
            #[cfg(feature = "audit")]
            audit: None,
            enhancements: Enhancements::default(),
            mutation_defaults: MutationDefaults::default(),
            outbox: None,
            problem: None,
        }
    }

    /// How long an entry is kept without anyone using it: 60 seconds unless said otherwise. `Duration::MAX` is forever.
    pub fn keep_unused(mut self, time: Duration) -> Self {
        self.defaults.keep_unused = time;
        self
    }

    /// After how long data is stale. Unless said otherwise it never is by time: tags decide.
    pub fn stale_time(mut self, time: Duration) -> Self {
        self.defaults.stale_time = Some(time);
        self
    }

    /// Whether servers say how long their answers are fresh, by `Cache-Control: max-age` or `Expires`. Unless said otherwise they are not
    /// asked. What a query says itself counts more.
    pub fn stale_time_from_server(mut self, on: bool) -> Self {
        self.defaults.stale_time_from_server = on;
        self
    }

    /// When a new watcher has data requested that is there already: [`Refetch::IfStale`] unless said otherwise.
    pub fn refetch_on_watch(mut self, when: Refetch) -> Self {
        self.defaults.on_watch = when;
        self
    }

    /// When watched data is requested because the host's window got the focus: [`Refetch::IfStale`] unless said otherwise. See
    /// [`Client::focused`].
    pub fn refetch_on_focus(mut self, when: Refetch) -> Self {
        self.defaults.on_focus = when;
        self
    }

    /// When watched data is requested because the host is online again: [`Refetch::IfStale`] unless said otherwise. What failed
    /// before is requested unless this is [`Refetch::Never`]. See [`Client::online`].
    pub fn refetch_on_reconnect(mut self, when: Refetch) -> Self {
        self.defaults.on_reconnect = when;
        self
    }

    /// What was answered, or failed, less than this before the window got the focus is not requested again for that: 5 seconds
    /// unless said otherwise. Zero is no throttle.
    pub fn focus_throttle(mut self, time: Duration) -> Self {
        self.defaults.focus_throttle = time;
        self
    }

    /// Whether and when a query's failed request is sent again: up to three times unless said otherwise. A call can say something
    /// else ([`Query::retry`]); mutations are sent once.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.defaults.retry = retry;
        self
    }

    /// Whether queries ask for what is there only if it has become another, by the `ETag` or `Last-Modified` that came with it:
    /// they do unless said otherwise (B28). A server that answers "not modified" (304) sends no body, and the data that is
    /// there is fresh again. A query asks without a condition when it sets one itself, when it reads by another method than
    /// `GET`, without [structural sharing](Query::structural_sharing), and after data was written by hand or by a mutation.
    pub fn conditional_requests(mut self, on: bool) -> Self {
        self.defaults.conditional = on;
        self
    }

    /// Whether servers say themselves which of their data goes stale together, as they may unless told otherwise (B38): the
    /// groups in the header `Cache-Groups` of a query's response are tags of its entry, those in `Cache-Group-Invalidation` of
    /// a mutation's response are invalidated by it (RFC 9875), whether it succeeded or not.
    /// [`Mutation::without_invalidation`] turns that off for a call.
    pub fn cache_groups(mut self, on: bool) -> Self {
        self.cache_groups = on;
        self
    }

    /// How many entries the cache may hold. Over that the least recently used go first; what is watched, or waited for,
    /// never goes. Unless said otherwise there is no bound.
    pub fn max_entries(mut self, entries: usize) -> Self {
        self.defaults.max_entries = entries;
        self
    }

    /// How many bytes the cache may hold, as [`max_entries`](Self::max_entries). It is an estimate: 400 bytes an entry, and
    /// twice the size of its response's body.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.defaults.max_bytes = bytes;
        self
    }

    /// Whether an entry that nobody uses leaves the cache when it is invalidated. Unless said otherwise it is kept, marked
    /// stale, and requested again by its next reader, who can be shown the old data meanwhile.
    pub fn remove_unwatched(mut self, on: bool) -> Self {
        self.defaults.remove_unwatched = on;
        self
    }

    /// A header for every request. A call's own header of that name counts more.
    ///
    /// # Errors
    /// When the name or the value is not one that a header can have.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let header: HeaderName = name.parse().map_err(|_| Error::setup(format!("{name:?} is no header name")))?;
        let value = secret(value)
            .ok_or_else(|| Error::setup(format!("the header {name} holds characters that a header cannot carry")))?;
        self.headers.insert(header, value);
        Ok(self)
    }

    /// A token for every request (`Authorization: Bearer …`).
    pub fn bearer_token(mut self, token: &str) -> Self {
        match secret(&format!("Bearer {token}")) {
            Some(value) => drop(self.headers.insert(AUTHORIZATION, value)),
            None => self.problem = Some(Error::setup("the bearer token holds characters that a header cannot carry")),
        }
        self
    }

    /// Says who the caller is, to the operations that ask for it by this credential's scheme. Give one for each scheme; of
    /// several for one scheme the last counts.
    pub fn credential(mut self, credential: impl Into<Credential>) -> Self {
        let credential = credential.into();
        if let Err(problem) = credential.check() {
            self.problem = Some(problem);
        }
        self.credentials.set(credential);
        self
    }

    /// How long a request may take, from sending to the last byte: 30 seconds unless said otherwise.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }

    /// How large a response may be: 64 MiB unless said otherwise.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// What sends requests.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// What sends the requests of one operation, by its id: the rest goes on as ever. [`Query::transport`] and
    /// [`Mutation::transport`] do so for one call.
    pub fn transport_for(mut self, operation_id: impl Into<String>, transport: impl Transport) -> Self {
        self.by_operation.insert(operation_id.into(), Arc::new(transport));
        self
    }

    /// Wraps whatever sends requests. The first layer is the outermost: see [`layers`](crate::layers).
    pub fn layer(mut self, layer: impl Layer) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// Listens to what happens. The listener is called outside every lock, one event at a time and in order.
    pub fn on_event(mut self, listener: impl Fn(&Event) + MaybeSend + MaybeSync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// How this server's errors are read, where [`Error::view`] does not find by itself what they say. It is called with each
    /// refusal; `None`, and a panic, leave it to the usual shapes. The error's text has the message.
    ///
    /// ```
    /// # fn build() -> Result<larder::Client, larder::Error> {
    /// use larder::{Client, ErrorView, Json};
    ///
    /// Client::builder("https://api.example.com")
    ///     .error_view(|response| {
    ///         let body: Json = response.json()?;
    ///         Some(ErrorView::new(body["fault"]["text"].as_str()?).code(body["fault"]["no"].to_string()))
    ///     })
    ///     .build()
    /// # }
    /// ```
    pub fn error_view(
        mut self,
        view: impl Fn(&RawResponse) -> Option<ErrorView> + MaybeSend + MaybeSync + 'static,
    ) -> Self {
        self.view = Some(Box::new(view));
        self
    }

    /// Audits every mutation: asks the server again for what the cache holds, and tells what was left stale. For
    /// development and tests; see [`audit`](crate::audit).
    #[cfg(feature = "audit")]
    pub fn audit(mut self, audit: &crate::audit::Audit) -> Self {
        self.audit = Some(audit.clone());
        self
    }

    /// Changes every query of an operation before it is used: its tags, its times. Several changes of one operation are made
    /// in their order. What a call says itself counts more: tags by [`Query::provides_only`], times.
    ///
    /// An operation has the id that its document gives it, and one type of result; a change of another type is an error at
    /// each call. A panic in `change` is one, too.
    ///
    /// ```
    /// # fn build() -> Result<larder::Client, larder::Error> {
    /// # use larder::{Client, Json, Query, TagType};
    /// # const ALERT: TagType = TagType::new("Alert");
    /// Client::builder("https://api.example.com")
    ///     .enhance_query("getStatus", |query: Query<Json>| query.provides(ALERT.list()))
    ///     .build()
    /// # }
    /// ```
    pub fn enhance_query<T: 'static>(
        mut self,
        operation_id: impl Into<String>,
        change: impl Fn(Query<T>) -> Query<T> + Send + Sync + 'static,
    ) -> Self {
        self.enhancements.add(operation_id.into(), change);
        self
    }

    /// As [`enhance_query`](Self::enhance_query), for a mutation: what it invalidates and what it writes, its
    /// hooks, how it is sent. What a call says itself counts more, of its tags by [`Mutation::invalidates_only`] or [`Mutation::without_invalidation`] counts more.
    pub fn enhance_mutation<T: 'static>(
        mut self,
        operation_id: impl Into<String>,
        change: impl Fn(Mutation<T>) -> Mutation<T> + Send + Sync + 'static,
    ) -> Self {
        self.enhancements.add(operation_id.into(), change);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// When something of the setup is not valid, or when there is no tokio runtime here.
    pub fn build(self) -> Result<Client, Error> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let usual = self.transport.map_or_else(default_transport, Ok)?;
        let base = checked_base(&self.base_url)?;
        let refresher = Refresher {
            spawner: Spawner::new()?,
            transport: usual.clone(),
            base_url: base.clone(),
            timeout: self.timeout,
        };
        let exchange = Exchange {
            base,
            refresher,
            transport: layered(Arc::new(Routed { usual, by_operation: self.by_operation }), &self.layers)?,
            headers: self.headers,
            credentials: self.credentials,
            timeout: self.timeout,
            max_response_bytes: self.max_response_bytes,
            stream_idle: self.stream_idle,
            view: self.view,
            cache_groups: self.cache_groups,
        };
        let core = Core::new(self.defaults);
        let shared = Shared::new(core, exchange, Spawner::new()?, self.listener, Notices::new(self.notices));
        #[cfg(feature = "audit")]
        let shared = shared.audited(self.audit);
        let shared = shared.enhanced(self.enhancements, self.mutation_defaults).kept_by(self.outbox);
        Ok(Client::from_shared(shared))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold secrets, and an address that was not checked yet may.
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}

/// A transport with layers around it.
fn layered(transport: Arc<dyn Transport>, layers: &[Box<dyn Layer>]) -> Result<Arc<dyn Transport>, Error> {
    let wrap = || layers.iter().rev().fold(transport, |inner, layer| layer.layer(inner));
    guarded(wrap).map_err(|_| Error::setup("a layer panicked when it was given a transport"))
}

fn secret(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The base URL without its last slash, or why nothing can be sent there.
fn checked_base(base_url: &str) -> Result<String, Error> {
    let base = base_url.trim();
    let problem = |what: &str| Error::setup(format!("the base URL cannot be used: {what}"));
    let uri: Uri = base.parse().map_err(|error| problem(&format!("{error}")))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(problem("it must begin with http:// or https://"));
    }
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        // The URL itself is a secret then.
        return Err(Error::setup("the base URL cannot hold a user and a password; send them as a header"));
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(problem("it names no host"));
    }
    if uri.query().is_some() || base.contains('#') {
        return Err(problem("it must end with the path; parameters belong to the operations"));
    }
    Ok(base.trim_end_matches('/').to_owned())
}

#[cfg(feature = "reqwest")]
fn default_transport() -> Result<Arc<dyn Transport>, Error> {
    Ok(Arc::new(crate::transport::ReqwestTransport::new()?))
}

#[cfg(not(feature = "reqwest"))]
fn default_transport() -> Result<Arc<dyn Transport>, Error> {
    Err(Error::setup("there is no transport: give one to the builder, or turn on the feature `reqwest`"))
}
