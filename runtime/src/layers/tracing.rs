//! What goes over the wire, for `tracing`.

use std::sync::Arc;

use bytes::Bytes;
use tracing::{debug, warn};

use super::{Layer, layer_fn};
use crate::platform::Instant;
use crate::transport::{OperationInfo, RequestId, ResponseBody, Transport, TransportError};

/// Tells of each request and its response by `tracing`, with target `larder::http`: the operation, the method, the path as the
/// document writes it, the id, the status, and the milliseconds until the response's headers were there. At level `DEBUG`, and
/// at `WARN` where there was no response.
///
/// Args, headers and bodies are left out, because logs are kept. Whatever is below this layer is part of the time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracing;

impl Layer for Tracing {
    fn layer(&self, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        layer_fn(told).layer(inner)
    }
}

async fn told(
    request: http::Request<Bytes>,
    inner: Arc<dyn Transport>,
) -> Result<http::Response<ResponseBody>, TransportError> {
    let method = request.method().clone();
    let info = request.extensions().get::<OperationInfo>().copied();
    let (operation, path) = info.map_or(("", ""), |info| (info.id(), info.path_template()));
    let id = request.extensions().get::<RequestId>().cloned();
    let started = Instant::now();
    let answer = inner.send(request).await;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let id = id.as_ref().map(RequestId::as_str);
    match &answer {
        Ok(response) => {
            let status = response.status().as_u16();
            debug!(target: "larder::http", operation, %method, path, id, status, millis, "answered");
        }
        // Its text is the transport's own, and may say where the request went.
        Err(error) => {
            let sent = error.was_sent();
            warn!(target: "larder::http", operation, %method, path, id, sent, millis, "not answered");
        }
    }
    answer
}
