//! What goes around a transport, and what comes ready-made of it.
//!
//! The first layer that a [`ClientBuilder`](crate::ClientBuilder::layer) is given is the outermost, as in `tower`: it sees a
//! request first and its response last. Below all of them is the transport: that of the call, of the operation, or the
//! client's. Each sending of a request passes them once, so what is sent again, because it failed or with a new token, passes them again; requests for tokens do not,
//! because what is secret in them is nobody's business.
//!
//! ```
//! # fn build() -> Result<larder::Client, larder::Error> {
//! use larder::layers::{RequestIds, Tracing, layer_fn};
//!
//! larder::Client::builder("https://api.example.com")
//!     .layer(Tracing)
//!     .layer(RequestIds::new())
//!     .layer(layer_fn(|mut request, inner| async move {
//!         request.headers_mut().insert("accept-language", larder::http::HeaderValue::from_static("eo"));
//!         inner.send(request).await
//!     }))
//!     .build()
//! # }
//! ```

mod function;
mod headers;
mod request_ids;
mod tracing;

use std::sync::Arc;

pub use self::function::{LayerFn, layer_fn};
pub use self::headers::ComputedHeader;
pub use self::request_ids::RequestIds;
pub use self::tracing::Tracing;
use crate::platform::{MaybeSend, MaybeSync};
use crate::transport::Transport;

/// Wraps a transport in another. See [`layers`](crate::layers) for the order, and for those that are there.
pub trait Layer: MaybeSend + MaybeSync + 'static {
    /// The transport that is to be used in place of `inner`.
    fn layer(&self, inner: Arc<dyn Transport>) -> Arc<dyn Transport>;
}
