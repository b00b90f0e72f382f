//! Whether the host is online, for tasks that wait for that.

use tokio::sync::watch;

/// Whether the host is online, as far as it was told.
pub(crate) struct Connection(watch::Sender<bool>);

impl Connection {
    pub(super) fn new() -> Connection {
        Connection(watch::Sender::new(true))
    }

    pub(crate) fn tell(&self, is_online: bool) {
        self.0.send_replace(is_online);
    }

    pub(crate) fn is_online(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) async fn until_online(&self) {
        // Nobody waits without holding what tells it.
        let _ = self.0.subscribe().wait_for(|is_online| *is_online).await;
    }
}
