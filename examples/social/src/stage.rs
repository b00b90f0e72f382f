//! What a scene is played with: a server, a client, and somebody who listens to both.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use larder::{Client, Mutation};

use crate::finding::{Finding, Outcome};
use crate::listener::Listener;
use crate::server::Server;
use crate::transcript::Transcript;

/// Why a scene could not be played to its end.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A transcript that several may write to.
#[derive(Clone)]
pub struct SharedTranscript(Arc<Mutex<Transcript>>);

impl SharedTranscript {
    /// Shares this one.
    pub fn new(transcript: Transcript) -> Self {
        Self(Arc::new(Mutex::new(transcript)))
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self::new(Transcript::silent())
    }

    /// Writes something.
    pub fn tell(&self, what: impl FnOnce(&mut Transcript)) {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A server with a small world, and a client that asks it.
pub struct Stage {
    /// The server.
    pub server: Server,
    /// The client.
    pub client: Client,
    transcript: SharedTranscript,
    listener: Listener,
    /// How many requests the server had seen at the last [`mark`](Stage::mark).
    seen: usize,
}

impl Stage {
    /// Starts both.
    pub async fn open(transcript: &SharedTranscript) -> Result<Self, Failure> {
        let server = Server::start().await?;
        let listener = Listener::new(transcript.clone());
        let client = {
            let listener = listener.clone();
            Client::builder(server.url()).on_event(move |event| listener.hear(event)).build()?
        };
        Ok(Self { server, client, transcript: transcript.clone(), listener, seen: 0 })
    }

    /// Tells what comes next.
    pub fn say(&self, text: &str) {
        self.transcript.tell(|told| told.say(text));
    }

    /// Counts requests from here on.
    pub fn mark(&mut self) {
        self.seen = self.server.requests().len();
    }

    /// How many requests since the mark begin like this, such as `GET /api/posts?`.
    pub fn sent(&self, start: &str) -> usize {
        self.count(|request| request.starts_with(start))
    }

    /// How many requests since the mark are exactly this.
    pub fn sent_exactly(&self, request: &str) -> usize {
        self.count(|sent| sent == request)
    }

    /// Waits until no request of the client is under way.
    pub async fn quiet(&self) {
        self.listener.quiet().await;
    }

    /// Waits until this many callers have joined a request under way.
    pub async fn joined(&self, callers: usize) {
        self.listener.joined(callers).await;
    }

    /// Sends a mutation, and waits for it and for all the refetches that it causes.
    pub async fn mutate<T: Send + 'static>(&self, mutation: Mutation<T>) -> Result<T, Failure> {
        let done = self.client.mutate(mutation).refetched().await?;
        if let Some(error) = done.errors.into_iter().next() {
            return Err(error.into());
        }
        self.quiet().await;
        Ok(done.data)
    }

    /// Ends the scene.
    pub fn close(self, findings: Vec<Finding>) -> Outcome {
        Outcome { findings, requests: self.server.requests().len(), tally: self.listener.tally() }
    }

    fn count(&self, counts: impl Fn(&str) -> bool) -> usize {
        self.server.requests().iter().skip(self.seen).filter(|request| counts(&request.to_string())).count()
    }
}
