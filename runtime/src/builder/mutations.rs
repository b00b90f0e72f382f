//! What a client says of all of its mutations.

use super::ClientBuilder;
use crate::error::Error;
use crate::hooks::ClientHooks;
#[cfg(doc)]
use crate::mutation::Mutation;
use crate::outbox::{Keeper, Outbox};
use crate::platform::MaybeSend;
use crate::waiting::WhenOffline;

impl ClientBuilder {
    /// What becomes of mutations while the client is offline: [`WhenOffline::Send`] unless said otherwise. What a mutation says
    /// itself counts more.
    pub fn when_offline(mut self, when_offline: WhenOffline) -> Self {
        self.mutation_defaults.when_offline = when_offline;
        self
    }

    /// Adds hooks around all mutations. They come before those of an operation and of a call. Hooks that are given later come
    /// after those before.
    pub fn mutation_hooks<C: MaybeSend + 'static>(mut self, hooks: ClientHooks<C>) -> Self {
        self.mutation_defaults.hooks.push(hooks.erased());
        self
    }

    /// The header in which mutations have an idempotency key, by which a server does once what comes twice: for operations of
    /// which the document names no such header, when their method is `POST` or `PATCH`. See [`Mutation::idempotency_key`].
    ///
    /// # Errors
    /// When the name is not one that a header can have.
    pub fn idempotency_key(mut self, header: &str) -> Result<Self, Error> {
        let name = header.parse().map_err(|_| Error::setup(format!("{header:?} is no header name")))?;
        self.mutation_defaults.idempotency_header = Some(name);
        Ok(self)
    }

    /// Where mutations are kept that wait for a connection ([`WhenOffline::Wait`]), from when they wait until they have settled, so
    /// that they survive the end of the program.
    ///
    /// What an earlier run left there is started with the client, in its order and its scopes, before all others that may wait
    /// or have a scope. The types of the results are gone: events and [`mutation_hooks`](Self::mutation_hooks) tell how they
    /// end, and what the args told of their tags is invalidated, with those for a lost result. One that finds no connection,
    /// though the client counts as online, waits for the next time that it comes online. One that was on its way when the
    /// program ended is sent once more: an [idempotency key](Self::idempotency_key) tells the server.
    ///
    /// A record holds path, parameters and body as they are sent, and no credentials, which are added when it is sent. A call
    /// that has cookies, or a parameter whose name says that it may be secret, or a transport of its own, is not kept: it waits
    /// in this run alone, which [`Event::OutboxFailed`](crate::Event::OutboxFailed) tells, as all that goes wrong here.
    ///
    /// ```
    /// # fn build() -> Result<larder::Client, larder::Error> {
    /// # use larder::{Client, FileOutbox, WhenOffline};
    /// Client::builder("https://api.example.com")
    ///     .when_offline(WhenOffline::Wait)
    ///     .idempotency_key("Idempotency-Key")?
    ///     .outbox(FileOutbox::new("/var/lib/notes/outbox"))
    ///     .build()
    /// # }
    /// ```
    pub fn outbox(mut self, outbox: impl Outbox) -> Self {
        self.outbox = Some(Keeper::new(outbox));
        self
    }
}
