//! What a mutation says of how it is sent, beside its request.

use std::sync::Arc;

use http::HeaderName;

use super::Mutation;
use crate::core::Turn;
use crate::error::Error;
use crate::event::CallRef;
use crate::hooks::{AnyHooks, Hooks};
use crate::platform::{MaybeSend, MaybeSync};
use crate::request::Request;
use crate::waiting::WhenOffline;

/// What a mutation says of how it is sent. What it leaves open, the client's [`MutationDefaults`] say.
#[derive(Clone, Default)]
pub(crate) struct MutationSettings {
    scope: Option<Arc<str>>,
    when_offline: Option<WhenOffline>,
    idempotency_key: Option<Box<str>>,
    hooks: Vec<Arc<dyn AnyHooks>>,
}

/// What holds for every mutation unless it says otherwise.
#[derive(Clone, Default)]
pub(crate) struct MutationDefaults {
    pub(crate) when_offline: WhenOffline,
    /// The header of idempotency keys, for operations of which the document names none.
    pub(crate) idempotency_header: Option<HeaderName>,
    pub(crate) hooks: Vec<Arc<dyn AnyHooks>>,
}

impl MutationSettings {
    /// What is said of all calls of an operation, which began with what a call said itself. That counts more; its hooks come
    /// later.
    pub(super) fn keep(mut self, before: MutationSettings) -> MutationSettings {
        let own = before.hooks.len().min(self.hooks.len());
        self.hooks.rotate_left(own);
        MutationSettings {
            scope: before.scope.or(self.scope),
            when_offline: before.when_offline.or(self.when_offline),
            idempotency_key: before.idempotency_key.or(self.idempotency_key),
            hooks: self.hooks,
        }
    }

    /// Those that are of any type of result.
    pub(super) fn without_hooks(self) -> MutationSettings {
        MutationSettings { hooks: Vec::new(), ..self }
    }

    /// The request with its idempotency key, if it is to have one.
    pub(super) fn keyed(&self, request: Request, defaults: &MutationDefaults) -> Request {
        request.with_idempotency_key(self.idempotency_key.as_deref(), defaults.idempotency_header.as_ref())
    }

    /// All hooks, in their order.
    pub(super) fn hooks(&self, defaults: &MutationDefaults) -> Vec<Arc<dyn AnyHooks>> {
        defaults.hooks.iter().chain(&self.hooks).cloned().collect()
    }

    pub(super) fn turn(&self, defaults: &MutationDefaults) -> Turn {
        let waits_offline = self.when_offline.unwrap_or(defaults.when_offline) == WhenOffline::Wait;
        Turn { scope: self.scope.clone(), waits_offline, resumed: None }
    }
}

impl<T> Mutation<T> {
    /// Mutations of one scope are sent one after the other, in the order in which they were started, each when the one before
    /// it has settled, however that ended. Others go in parallel. Of a mutation in a scope, one that waits for a connection
    /// holds up those after it, whatever they say themselves.
    pub fn scope(mut self, name: impl Into<Arc<str>>) -> Mutation<T> {
        self.settings.scope = Some(name.into());
        self
    }

    /// What becomes of it while the client is offline: what the client says
    /// ([`ClientBuilder::when_offline`](crate::ClientBuilder::when_offline)) unless it is said here.
    pub fn when_offline(mut self, when_offline: WhenOffline) -> Mutation<T> {
        self.settings.when_offline = Some(when_offline);
        self
    }

    /// The key by which the server knows this call if it comes twice. It goes in the header that the document names for that,
    /// else in the client's ([`ClientBuilder::idempotency_key`](crate::ClientBuilder::idempotency_key)), else in `Idempotency-Key`.
    ///
    /// Where there is such a header, a key is made for each call of which none is said. It stays the same however often
    /// the call is sent.
    pub fn idempotency_key(mut self, key: impl Into<Box<str>>) -> Mutation<T> {
        self.settings.idempotency_key = Some(key.into());
        self
    }

    /// Adds hooks: functions around the mutation, with a context. See [`Hooks`] for their order.
    pub fn hooks<C: MaybeSend + 'static>(mut self, hooks: Hooks<T, C>) -> Mutation<T>
    where
        T: 'static,
    {
        self.settings.hooks.push(hooks.erased());
        self
    }

    /// Does this before the mutation is sent.
    pub fn on_mutate(self, call: impl Fn(&CallRef) + MaybeSend + MaybeSync + 'static) -> Mutation<T>
    where
        T: 'static,
    {
        self.hooks(Hooks::new(call))
    }

    /// Does this with the result, before the caller has it.
    pub fn on_success(self, call: impl Fn(&T) + MaybeSend + MaybeSync + 'static) -> Mutation<T>
    where
        T: 'static,
    {
        self.hooks(Hooks::new(|_| ()).on_success(move |value, ()| call(value)))
    }

    /// Does this if there is no result.
    pub fn on_error(self, call: impl Fn(&Error) + MaybeSend + MaybeSync + 'static) -> Mutation<T>
    where
        T: 'static,
    {
        self.hooks(Hooks::new(|_| ()).on_error(move |error, ()| call(error)))
    }

    /// Does this at the end, whatever it was.
    pub fn on_settled(self, call: impl Fn(Result<&T, &Error>) + MaybeSend + MaybeSync + 'static) -> Mutation<T>
    where
        T: 'static,
    {
        self.hooks(Hooks::new(|_| ()).on_settled(move |result, ()| call(result)))
    }
}
