//! What a client says of all of its mutations.

use super::ClientBuilder;
use crate::error::Error;
use crate::hooks::ClientHooks;
#[cfg(doc)]
use crate::mutation::Mutation;
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
}
