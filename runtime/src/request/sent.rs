//! How a request is sent, where that differs from how the client sends. It tells no call from another.

use super::{Args, Request};
use crate::sending::Sending;

impl Request {
    pub(crate) fn sending(&self) -> Option<&Sending> {
        self.rare().sending.as_deref()
    }

    pub(crate) fn sending_mut(&mut self) -> &mut Sending {
        self.rare_mut().sending.get_or_insert_default()
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
