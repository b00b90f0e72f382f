//! What an application does around its mutations: before they are sent, and when they ended.

mod steps;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use http::StatusCode;

pub(crate) use self::steps::{AnyHooks, BegunHooks, Ended};
use self::steps::{Steps, after};
use crate::error::Error;
use crate::event::{CallRef, Outcome};
use crate::platform::{MaybeSend, MaybeSync};
use crate::response::ResponseHead;

/// Functions around a mutation whose result is a `T`, with a context that the first of them makes for the others.
///
/// In this order: `on_mutate` before it is sent, also if it has to wait; `on_success` or `on_error`; `on_settled`. The last ones
/// run when the cache is up to date and its refetches have begun, and before the caller has the result. All run outside of
/// every lock, so they may call the client; they must not wait for it, which goes on only when they return.
///
/// The client's hooks ([`ClientBuilder::mutation_hooks`](crate::ClientBuilder::mutation_hooks)) come first, then those of all calls
/// of the operation ([`enhance_mutation`](crate::ClientBuilder::enhance_mutation)), then the call's own: all of one step before
/// the next step. A panic in one is told as [`Event::HookPanicked`](crate::Event::HookPanicked) and stops nothing else; without the
/// context that `on_mutate` would have made, the other functions of the same hooks are left out.
///
/// ```
/// # use larder::{Client, Error, Hooks, Json, Mutation};
/// # async fn run(client: Client, update_post: Mutation<Json>) -> Result<(), Error> {
/// let timed = Hooks::new(|_| std::time::Instant::now())
///     .on_success(|post: &Json, begun| println!("{} is saved after {:?}", post["title"], begun.elapsed()))
///     .on_error(|error, _| println!("not saved: {error}"));
/// client.mutate(update_post.hooks(timed)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "they are to be given to a mutation"]
pub struct Hooks<T, C> {
    steps: Steps<C>,
    ty: PhantomData<fn(&T)>,
}

impl<T: 'static, C: MaybeSend + 'static> Hooks<T, C> {
    /// Hooks whose context is what this function makes of the call before it is sent.
    pub fn new(on_mutate: impl Fn(&CallRef) -> C + MaybeSend + MaybeSync + 'static) -> Hooks<T, C> {
        Hooks { steps: Steps::new(on_mutate), ty: PhantomData }
    }

    /// What is done with the result.
    pub fn on_success(mut self, call: impl Fn(&T, &mut C) + MaybeSend + MaybeSync + 'static) -> Hooks<T, C> {
        self.steps.success = after(move |ended, context| {
            if let Some(Ok(value)) = ended.result::<T>() {
                call(value, context);
            }
        });
        self
    }

    /// What is done with the result, in place of `on_success`, with the status and the headers of the response that brought it.
    pub fn on_answered(
        mut self,
        call: impl Fn(&T, &ResponseHead, &mut C) + MaybeSend + MaybeSync + 'static,
    ) -> Hooks<T, C> {
        self.steps.success = after(move |ended, context| {
            if let (Some(Ok(value)), Some(head)) = (ended.result::<T>(), &ended.end.head) {
                call(value, head, context);
            }
        });
        self
    }

    /// What is done if there is no result. It may have been done all the same, see [`Error::was_sent`].
    pub fn on_error(mut self, call: impl Fn(&Error, &mut C) + MaybeSend + MaybeSync + 'static) -> Hooks<T, C> {
        self.steps.error = after(move |ended, context| {
            if let Some(Err(error)) = ended.result::<T>() {
                call(error, context);
            }
        });
        self
    }

    /// What is done at the end, whatever it was.
    pub fn on_settled(
        mut self,
        call: impl Fn(Result<&T, &Error>, &mut C) + MaybeSend + MaybeSync + 'static,
    ) -> Hooks<T, C> {
        self.steps.settled = after(move |ended, context| {
            if let Some(result) = ended.result::<T>() {
                call(result, context);
            }
        });
        self
    }

    pub(crate) fn erased(self) -> Arc<dyn AnyHooks> {
        Arc::new(self.steps)
    }
}

impl<T, C> fmt::Debug for Hooks<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}

/// As [`Hooks`], for all mutations of a client, whatever their results are.
///
/// They are also told of what an earlier run of the program left to be sent, which nobody else is.
///
/// ```
/// # use larder::{Client, ClientHooks, Error};
/// # fn build() -> Result<Client, Error> {
/// Client::builder("https://api.example.com")
///     .mutation_hooks(ClientHooks::new(|_| ()).on_error(|end, _| println!("{}: {:?}", end.call, end.outcome)))
///     .build()
/// # }
/// ```
#[must_use = "they are to be given to a client's builder"]
pub struct ClientHooks<C> {
    steps: Steps<C>,
}

impl<C: MaybeSend + 'static> ClientHooks<C> {
    /// Hooks whose context is what this function makes of each call before it is sent.
    pub fn new(on_mutate: impl Fn(&CallRef) -> C + MaybeSend + MaybeSync + 'static) -> ClientHooks<C> {
        ClientHooks { steps: Steps::new(on_mutate) }
    }

    /// What is done when a mutation has a result.
    pub fn on_success(
        mut self,
        call: impl Fn(&MutationEnd, &mut C) + MaybeSend + MaybeSync + 'static,
    ) -> ClientHooks<C> {
        self.steps.success = after(move |ended, context| call(ended.end, context));
        self
    }

    /// What is done when it has none.
    pub fn on_error(mut self, call: impl Fn(&MutationEnd, &mut C) + MaybeSend + MaybeSync + 'static) -> ClientHooks<C> {
        self.steps.error = after(move |ended, context| call(ended.end, context));
        self
    }

    /// What is done at the end, whatever it was.
    pub fn on_settled(
        mut self,
        call: impl Fn(&MutationEnd, &mut C) + MaybeSend + MaybeSync + 'static,
    ) -> ClientHooks<C> {
        self.steps.settled = after(move |ended, context| call(ended.end, context));
        self
    }

    pub(crate) fn erased(self) -> Arc<dyn AnyHooks> {
        Arc::new(self.steps)
    }
}

impl<C> fmt::Debug for ClientHooks<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientHooks")
    }
}

/// How a mutation ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MutationEnd {
    /// The call.
    pub call: CallRef,
    /// What became of it on the server. It can have succeeded there and have an error here, when the response cannot be read.
    pub outcome: Outcome,
    /// The response's status, if there was one.
    pub status: Option<StatusCode>,
    /// Status and headers of a success. An error has its own.
    pub head: Option<ResponseHead>,
    /// Why there is no result, if there is none.
    pub error: Option<Error>,
}
