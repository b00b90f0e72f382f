//! A layer that is shown by hand.

use std::fmt;
use std::sync::{Arc, Weak};

use super::Optimistic;
use crate::client::Client;
use crate::core::{Event, MutationId};
use crate::shared::Shared;

impl Client {
    /// Shows changes by hand, for what is done to the server in another way than by a mutation of this client.
    ///
    /// They are shown until the layer is undone or said to be done. Dropping it undoes it, so whoever gives up, gives back
    /// what was there.
    ///
    /// ```
    /// # use larder::{Client, Optimistic, Query, TagType};
    /// # const POST: TagType = TagType::new("Post");
    /// # #[derive(Clone)] struct Post { title: String }
    /// # async fn sent_by_socket() -> bool { true }
    /// # async fn run(client: Client) {
    /// let layer = client.layer(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title.clear()));
    /// if sent_by_socket().await {
    ///     layer.done(); // What it changed is asked for again, and shown as it is until then.
    /// } else {
    ///     layer.undo();
    /// }
    /// # }
    /// ```
    pub fn layer(&self, shown: Optimistic) -> OptimisticLayer {
        let (shared, layer) = (self.shared(), MutationId(self.shared().next_id()));
        let plan = shown.into_plan(&shared.enhancements);
        shared.apply(Event::LayerAdded { layer, plan, is_asked_for: true });
        OptimisticLayer { shared: Arc::downgrade(shared), layer, is_done: false }
    }
}

/// Changes that are shown by hand: see [`Client::layer`]. Dropping it undoes them.
#[must_use = "dropping it undoes the changes"]
pub struct OptimisticLayer {
    /// It does not keep the client alive.
    shared: Weak<Shared>,
    layer: MutationId,
    is_done: bool,
}

impl OptimisticLayer {
    /// Takes the changes away; what remains are the committed data and the other layers.
    pub fn undo(self) {
        drop(self);
    }

    /// The server has done it. The entries that show the changes are invalidated, and show them until data is there that was
    /// asked for from now on.
    pub fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for OptimisticLayer {
    fn drop(&mut self) {
        let Some(shared) = self.shared.upgrade() else { return };
        shared.apply(Event::LayerEnded { layer: self.layer, is_done: self.is_done });
    }
}

impl fmt::Debug for OptimisticLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OptimisticLayer")
    }
}
