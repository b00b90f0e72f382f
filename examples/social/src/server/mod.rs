//! The server of the social network: the API of `fixtures/social/openapi.yaml`, over real HTTP.

mod check;
mod extract;
mod gate;
mod log;
pub mod model;
mod problem;
mod routes;
mod seed;
mod store;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use gate::Hold;
pub use log::LoggedRequest;

use log::Log;
use routes::Watch;
use store::Store;

/// Where the API begins.
const BASE_PATH: &str = "/api";

/// A running server, with a small world in it. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    store: Arc<Store>,
    watch: Watch,
    /// Dropping it tells the server to stop.
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// Starts a server of its own, at a free port of this machine.
    pub async fn start() -> io::Result<Self> {
        let store = Arc::new(Store::open().map_err(io::Error::other)?);
        seed::sow(&store).map_err(io::Error::other)?;
        let watch = Watch { log: Arc::default(), gates: Arc::default() };
        let router = routes::router(Arc::clone(&store), watch.clone());

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            // Nothing is ever sent: the sender's end is the signal.
            let _ = stopped.await;
        });
        tokio::spawn(async { serving.await });
        Ok(Self { address, store, watch, _stop: stop })
    }

    /// The address of the API, such as `http://127.0.0.1:49152/api`.
    pub fn url(&self) -> String {
        format!("http://{}{BASE_PATH}", self.address)
    }

    /// Writes posts by this user directly into the database: no request is counted for them.
    /// Returns their ids.
    pub fn write_posts(&self, author_id: i64, count: usize) -> io::Result<Vec<i64>> {
        seed::write_posts(&mut self.store.lock(), author_id, count).map_err(io::Error::other)
    }

    /// All requests that reached the server, in the order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.log().all()
    }

    /// All requests that reached the server since this was called last.
    pub fn take_requests(&self) -> Vec<LoggedRequest> {
        self.log().take()
    }

    /// Holds the answer to the next request that matches, such as `GET /api/posts/7`: the server
    /// reads the data for it, and sends the answer once the [`Hold`] is released.
    ///
    /// A pattern without a query matches every query.
    pub fn hold(&self, pattern: &str) -> Hold {
        self.watch.gates.hold(pattern)
    }

    fn log(&self) -> &Log {
        &self.watch.log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.watch.gates.open();
    }
}
