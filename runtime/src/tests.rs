//! The shell in virtual time, with a transport that the tests answer by hand. Nothing sleeps.

mod answered;
#[cfg(feature = "audit")]
mod audit;
mod downloads;
mod enhancing;
mod errors;
mod growing;
mod hooks;
mod http;
mod lookup;
mod mutating;
mod notifying;
mod outbox;
mod outbox_in_use;
mod paging;
mod queueing;
mod reading;
mod recording;
mod restarts;
mod scenarios;
mod selecting;
mod sending;
mod sharing;
mod statuses;
mod streams;
mod telling;
mod telling_errors;
mod threads;
mod tokens;
mod triggers;
mod undescribed;
mod uploads;
mod watching;
mod wedged;
mod wedged_dropping;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::http::Response;
use tokio::sync::oneshot;

use crate::guard::lock;
use crate::{
    BoxFuture, Bytes, Client, ClientBuilder, Event, Json, Mutation, Query, Request, ResponseBody, Retry, TagType,
    Transport, TransportError,
};

const POST: TagType = TagType::new("Post");

fn get_post(id: i64) -> Query<Json> {
    Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)).provides(POST.id(id))
}

fn list_posts() -> Query<Vec<Json>> {
    Query::new(Request::get("listPosts", "/posts"))
        .provides(POST.list())
        .provides_from(|posts: &Vec<Json>| posts.iter().map(|post| POST.id(&post["id"])).collect())
}

fn update_post(id: i64) -> Mutation<Json> {
    Mutation::new(
        Request::patch("updatePost", "/posts/{id}").path_param("id", &id).json(&serde_json::json!({ "a": 1 })),
    )
    .invalidates(POST.id(id))
}

type Answer = Result<Response<ResponseBody>, TransportError>;

/// A request that waits for its answer.
struct Asked {
    request: ::http::Request<Bytes>,
    answer: oneshot::Sender<Answer>,
}

impl Asked {
    fn url(&self) -> String {
        self.request.uri().to_string()
    }

    fn ok(self, body: impl Into<ResponseBody>) {
        self.with(200, body);
    }

    fn with(self, status: u16, body: impl Into<ResponseBody>) {
        let mut response = Response::new(body.into());
        *response.status_mut() = status.try_into().unwrap();
        self.send(Ok(response));
    }

    fn send(self, answer: Answer) {
        // Whoever asked may have gone.
        drop(self.answer.send(answer));
    }
}

/// A transport that hands requests to the test.
#[derive(Clone, Default)]
struct Server {
    asked: Arc<Mutex<VecDeque<Asked>>>,
    count: Arc<Mutex<usize>>,
}

impl Transport for Server {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        let (answer, answered) = oneshot::channel();
        *lock(&self.count) += 1;
        lock(&self.asked).push_back(Asked { request, answer });
        Box::pin(async { answered.await.unwrap_or_else(|_| Err(TransportError::lost("the server went away"))) })
    }
}

impl Server {
    /// The next request, once it is sent.
    #[track_caller]
    fn next(&self) -> impl Future<Output = Asked> + use<'_> {
        let at = std::panic::Location::caller();
        async move { self.find(at).await }
    }

    async fn find(&self, at: &std::panic::Location<'_>) -> Asked {
        for _ in 0..100 {
            if let Some(asked) = lock(&self.asked).pop_front() {
                return asked;
            }
            tokio::task::yield_now().await;
        }
        panic!("no request was sent, at {at}");
    }

    /// Lets everything go on that can, and says how many requests were sent in all.
    async fn settled(&self) -> usize {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        *lock(&self.count)
    }
}

fn builder(server: &Server) -> ClientBuilder {
    Client::builder("https://api.example.com/v1").transport(server.clone()).retry(Retry::none())
}

fn setup() -> (Client, Server) {
    let server = Server::default();
    (builder(&server).build().unwrap(), server)
}

/// A client that writes down its events.
fn listening() -> (Client, Server, Arc<Mutex<Vec<Event>>>) {
    let (server, events) = (Server::default(), Arc::new(Mutex::new(Vec::new())));
    let heard = events.clone();
    let client = builder(&server).on_event(move |event| lock(&heard).push(event.clone())).build().unwrap();
    (client, server, events)
}

fn json(body: &'static str) -> Bytes {
    Bytes::from_static(body.as_bytes())
}

async fn yield_often() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

const SECOND: Duration = Duration::from_secs(1);
