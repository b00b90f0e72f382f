//! Mutations that wait to be sent: for a connection, or for those before them.

use std::fmt;
use std::sync::Arc;

use crate::event::{CallRef, WaitsFor};
use crate::platform::SystemTime;
use crate::shared::{Shared, WaitingRun};

/// What becomes of a mutation while the client is offline ([`Client::online`](crate::Client::online)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenOffline {
    /// It is sent, and fails if there is no connection.
    #[default]
    Send,
    /// It waits until the client is online. What was sent while the connection was lost, and surely did not reach the server,
    /// waits as well. Those that waited go on one after the other, in the order in which they started; those in a
    /// [scope](crate::Mutation::scope) in the order of their scope.
    Wait,
}

/// A mutation that waits to be sent: see [`Client::waiting`](crate::Client::waiting).
#[must_use = "it is only looked at"]
pub struct Waiting {
    shared: Arc<Shared>,
    run: WaitingRun,
}

impl Waiting {
    pub(crate) fn new(shared: Arc<Shared>, run: WaitingRun) -> Self {
        Self { shared, run }
    }

    /// The call.
    pub fn call(&self) -> &CallRef {
        &self.run.call
    }

    /// Its scope, if it has one.
    pub fn scope(&self) -> Option<&str> {
        self.run.scope.as_deref()
    }

    /// What it waited for when it was listed.
    pub fn waits_for(&self) -> WaitsFor {
        self.run.waits_for
    }

    /// When it was started.
    pub fn started_at(&self) -> SystemTime {
        self.run.started_at
    }

    /// Gives it up: it is not sent, and its caller gets an error of kind [`Aborted`](crate::ErrorKind::Aborted). Says whether it
    /// still waited. One that is on its way goes on.
    pub fn cancel(self) -> bool {
        self.shared.give_up_mutation(self.run.mutation)
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("call", &self.run.call)
            .field("waits_for", &self.run.waits_for)
            .finish_non_exhaustive()
    }
}
