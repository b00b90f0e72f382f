//! Which transport a request goes to: the call's own, that of its operation, or the client's.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{OperationInfo, ResponseBody, Transport, TransportError};
use crate::platform::BoxFuture;
use crate::sending::OwnTransport;

/// The innermost transport of a client, below its layers.
pub(crate) struct Routed {
    pub(crate) usual: Arc<dyn Transport>,
    pub(crate) by_operation: HashMap<String, Arc<dyn Transport>>,
}

/// A call's own transport, on its way through the layers.
#[derive(Clone)]
pub(crate) struct Own(pub(crate) OwnTransport);

impl Routed {
    /// The transport of the operation, or else the usual one.
    fn shared(&self, request: &http::Request<Bytes>) -> &Arc<dyn Transport> {
        let info = request.extensions().get::<OperationInfo>().filter(|_| !self.by_operation.is_empty());
        info.and_then(|info| self.by_operation.get(info.id())).unwrap_or(&self.usual)
    }
}

impl Transport for Routed {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        if let Some(Own(own)) = request.extensions().get::<Own>() {
            return own.clone().send(request);
        }
        self.shared(&request).send(request)
    }

    fn streams(&self, request: &http::Request<Bytes>) -> bool {
        match request.extensions().get::<Own>() {
            Some(Own(own)) => own.streams(request),
            None => self.shared(request).streams(request),
        }
    }
}
