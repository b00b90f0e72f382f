//! How a request is sent, where that differs from how the client sends. It tells no call from another.

use std::sync::Arc;

use super::path::Path;
use super::rare::Rare;
use super::{Args, Request};
use crate::notifications::NotifyCall;
use crate::sending::Sending;

impl Request {
    pub(crate) fn sending(&self) -> Option<&Sending> {
        self.rare().sending.as_deref()
    }

    /// Whether the call sets a header of such a name.
    pub(crate) fn has_header(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        self.rare().headers.iter().any(|(header, _)| is_meant(header.as_str()))
    }

    /// What the user is told of it.
    pub(crate) fn notify(&self) -> Option<Arc<dyn NotifyCall>> {
        self.sending()?.notify.clone()
    }

    /// Takes out what the user is told of it.
    pub(crate) fn take_notify(&mut self) -> Option<Arc<dyn NotifyCall>> {
        self.notify()?;
        self.sending_mut().notify.take()
    }

    pub(crate) fn sending_mut(&mut self) -> &mut Sending {
        self.rare_mut().sending.get_or_insert_default()
    }

    /// A request about what this one does: of the same operation, with the same credentials, sent in the same way, and
    /// without its args.
    pub(crate) fn about(&self) -> Request {
        let mut about = Request::get(self.operation(), "/");
        about.common.template = self.common.template;
        about.args.path = Some(Path::root());
        let rare = self.rare();
        let (security, server, sending) = (rare.security, rare.server, rare.sending.clone());
        if security.is_some() || server.is_some() || sending.is_some() {
            *about.rare_mut() = Rare { security, server, sending, ..Rare::default() };
        }
        about
    }

    /// What the response should be.
    pub(crate) fn accepted(&self) -> &'static str {
        self.common.accept.unwrap_or("*/*")
    }

    /// What `before` says of how it is sent counts more than what this one does.
    pub(crate) fn keep_sending(&mut self, before: &Request) {
        if let Some(said) = before.sending() {
            let kept = said.clone().or(self.sending_mut());
            *self.sending_mut() = kept;
        }
    }
}

impl Args {
    /// Takes over how another call of the same request is sent, if that says anything. Gives back what was said before, which
    /// holds what is the application's.
    pub(crate) fn adopt_sending(&mut self, other: &Args) -> Option<Box<Sending>> {
        let said = other.rare().sending.as_ref()?;
        self.rare.get_or_insert_default().sending.replace(said.clone())
    }

    /// The args without anything of the application's.
    #[cfg(feature = "audit")]
    pub(crate) fn without_sending(mut self) -> Args {
        if let Some(rare) = &mut self.rare {
            rare.sending = None;
        }
        self
    }
}
