//! A server that does as it is told: the social network's API with faults in front of it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use larder::{Client, ClientBuilder, Retry};
use social::server::Server;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::clock::Clock;
use super::fault::{Fault, act};
use super::wire::{self, Answer, Request};

/// What every client of these tests says of itself, and no text may tell.
pub const SECRET: &str = "token-that-nobody-may-read";

/// Nothing takes longer: not even a client's own limits, which are shorter.
const LIMIT: Duration = Duration::from_secs(120);

/// Which fault a request meets.
type Choose = Box<dyn FnMut(&Request) -> Option<Fault> + Send>;

/// A request that arrived, and what came of it.
#[derive(Clone, Debug)]
pub struct Met {
    pub request: Request,
    /// The status by which the API answered, if it was asked.
    pub acted: Option<u16>,
}

/// The server. It answers as the API does, but for what it is told to do otherwise.
pub struct FaultServer {
    api: Server,
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
    pub clock: Clock,
}

struct Shared {
    api: SocketAddr,
    choose: Mutex<Option<Choose>>,
    met: Mutex<Vec<Met>>,
    /// How many connections are open.
    open: watch::Sender<usize>,
    /// How often a client was left waiting.
    waits: watch::Sender<usize>,
}

impl FaultServer {
    pub async fn start() -> FaultServer {
        let api = Server::start().await.expect("the API starts");
        let behind = api.url().trim_start_matches("http://").trim_end_matches("/api").parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("the port has a number");
        let shared = Arc::new(Shared {
            api: behind,
            choose: Mutex::default(),
            met: Mutex::default(),
            open: watch::Sender::new(0),
            waits: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        FaultServer { api, address, shared, accepting, clock: Clock::default() }
    }

    /// Where the API is, by way of the faults.
    pub fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// A client that meets the faults, and tries once; still to be set up.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder(self.url()).bearer_token(SECRET).keep_unused(Duration::ZERO).retry(Retry::none())
    }

    /// A client that meets no fault, and sees what the server holds.
    pub fn truth(&self) -> Client {
        Client::new(self.api.url()).expect("the address is valid")
    }

    /// The next request with this line, such as `GET /posts/7`, meets a fault.
    pub fn once(&self, line: &str, fault: Fault) {
        self.times(1, line, fault);
    }

    /// The next so many requests with this line meet a fault.
    pub fn times(&self, mut times: usize, line: &str, fault: Fault) {
        let line = line.to_owned();
        self.choose(move |request| {
            let meets = times > 0 && request.line() == line;
            times -= usize::from(meets);
            meets.then(|| fault.clone())
        });
    }

    /// What each request meets from now on.
    pub fn choose(&self, choose: impl FnMut(&Request) -> Option<Fault> + Send + 'static) {
        *lock(&self.shared.choose) = Some(Box::new(choose));
    }

    /// Nobody listens any more; connections that are open stay open.
    pub async fn stop(&mut self) {
        self.accepting.abort();
        assert!((&mut self.accepting).await.is_err_and(|error| error.is_cancelled()), "it listened until now");
    }

    /// The requests since this was called last.
    pub fn take(&self) -> Vec<Met> {
        std::mem::take(&mut lock(&self.shared.met))
    }

    /// Waits for something that may have to wait for a limit of the client's. As soon as the server lets the client wait,
    /// time is skipped: this takes no longer than the machine needs, and what waits for ever fails.
    pub async fn through<T>(&self, work: impl Future<Output = T>) -> T {
        self.through_too(self, work).await
    }

    /// As [`through`](Self::through), where one of two servers may let the client wait.
    pub async fn through_too<T>(&self, other: &FaultServer, work: impl Future<Output = T>) -> T {
        let (mut waits, mut waits_there) = (self.shared.waits.subscribe(), other.shared.waits.subscribe());
        let work = tokio::time::timeout(LIMIT, work);
        tokio::pin!(work);
        let result = tokio::select! {
            result = &mut work => result,
            _ = async { tokio::select! { _ = waits.changed() => (), _ = waits_there.changed() => () } } => {
                self.clock.skip();
                work.await
            }
        };
        self.clock.run();
        result.expect("it comes to its end")
    }

    /// Waits until no connection is open: nobody is left who would ask.
    pub async fn deserted(&self) {
        let mut open = self.shared.open.subscribe();
        let deserted = open.wait_for(|open| *open == 0);
        tokio::time::timeout(LIMIT, deserted).await.expect("nothing stays open").expect("the server is there");
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.open.send_modify(|open| *open += 1);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // A connection may end in any way.
            drop(serve(stream, &shared).await);
            shared.open.send_modify(|open| *open -= 1);
        });
    }
}

async fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(mut request) = wire::read_head(&mut stream).await? {
        let chosen = lock(&shared.choose).as_mut().and_then(|choose| choose(&request));
        let fault = chosen.unwrap_or_else(|| act().all());
        if !fault.unread {
            wire::read_body(&mut stream, &mut request).await?;
        }
        let answer = if fault.acts { wire::forward(shared.api, &request).await? } else { Answer::default() };
        let acted = answer.status.get(..3).and_then(|status| status.parse().ok());
        lock(&shared.met).push(Met { request: request.clone(), acted });
        let waits = || shared.waits.send_modify(|waits| *waits += 1);
        if !fault.run(&mut stream, &request, answer, waits).await? {
            return Ok(());
        }
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
