//! The credentials of a client, which can change while it is there: users sign in and out.

use std::sync::Arc;

use super::Credential;
use crate::client::Client;
use crate::error::Error;
use crate::guard::lock;
use crate::sync::Mutex;

/// The credentials of a client, one for each scheme.
#[derive(Default)]
pub(crate) struct Credentials(Mutex<Arc<Vec<Credential>>>);

impl Credentials {
    pub(crate) fn get(&self) -> Arc<Vec<Credential>> {
        lock(&self.0).clone()
    }

    /// Takes one in, in place of that of the same scheme.
    pub(crate) fn set(&self, credential: Credential) {
        let others = |all: &[Credential]| {
            let others = all.iter().filter(|other| !other.is_for_same(&credential)).cloned();
            others.chain([credential.clone()]).collect()
        };
        self.replace(others);
    }

    fn remove(&self, scheme: &str) {
        self.replace(|all| all.iter().filter(|credential| credential.scheme() != scheme).cloned().collect());
    }

    /// A credential may hold what is the application's, so what is replaced is dropped outside of the lock.
    fn replace(&self, change: impl FnOnce(&[Credential]) -> Vec<Credential>) {
        let mut held = lock(&self.0);
        let former = std::mem::take(&mut *held);
        *held = Arc::new(change(&former));
        drop(held);
        drop(former);
    }
}

impl Client {
    /// Says who the caller is from now on, as [`ClientBuilder::credential`](crate::ClientBuilder::credential) does: somebody
    /// signed in. In place of the credential of the same scheme, if there is one.
    ///
    /// Requests under way keep what they were sent with, and the cache keeps its data. When it is somebody else's now, forget it
    /// with [`reset`](Self::reset): that has what is watched requested anew.
    ///
    /// ```
    /// # use larder::{Client, Credential, Error, Target};
    /// # fn signed_in(client: &Client, token: &str) -> Result<(), Error> {
    /// client.set_credential(Credential::bearer("token", token))?;
    /// client.reset(Target::everything());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When it cannot be sent. The one before stays.
    pub fn set_credential(&self, credential: impl Into<Credential>) -> Result<(), Error> {
        let credential = credential.into();
        credential.check()?;
        self.shared().exchange.credentials.set(credential);
        Ok(())
    }

    /// Forgets the credential of a scheme, by the document's name for it: somebody signed out. What was said of the cache
    /// [there](Self::set_credential) holds here, too.
    pub fn remove_credential(&self, scheme: &str) {
        self.shared().exchange.credentials.remove(scheme);
    }
}
