//! The page's server: its files, an API that answers as each trial says, and what the trials say it by.
//!
//! It listens at two addresses, which are two origins to a browser.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use futures_core::Stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::script::Script;

const MAX_BODY: usize = 16 << 20;

pub struct Server {
    page: SocketAddr,
    other: SocketAddr,
}

struct Shared {
    files: PathBuf,
    scripts: Mutex<HashMap<String, Arc<Script>>>,
}

impl Server {
    pub async fn start(files: &Path) -> Result<Server, String> {
        let shared = Arc::new(Shared { files: files.to_owned(), scripts: Mutex::default() });
        let router = Router::new().fallback(serve).with_state(shared);
        Ok(Server { page: listen(router.clone()).await?, other: listen(router).await? })
    }

    /// Where the page is.
    pub fn page(&self) -> String {
        format!("http://{}", self.page)
    }

    /// The same server as another origin.
    pub fn other(&self) -> String {
        format!("http://{}", self.other)
    }
}

async fn listen(router: Router) -> Result<SocketAddr, String> {
    let problem = |error| format!("the server could not be started: {error}");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(problem)?;
    let address = listener.local_addr().map_err(problem)?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let allowed = allowed(request.headers());
    let mut parts = path.splitn(3, '/');
    let (room, trial, rest) = (parts.next(), parts.next(), parts.next());
    let mut response = match (room, trial, rest) {
        _ if request.method() == "OPTIONS" => Response::default(),
        (Some("api"), Some(trial), Some(rest)) => api(shared.script(trial), rest, request).await,
        (Some("control"), Some(trial), Some(rest)) => control(&shared.script(trial), rest, request).await,
        (Some(file), None, None) => shared.file(if file.is_empty() { "index.html" } else { file }),
        _ => said(StatusCode::NOT_FOUND, "there is nothing"),
    };
    for (name, value) in allowed {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Whatever a page of another origin asks for. Requests with cookies may not be answered with `*`.
fn allowed(request: &HeaderMap) -> [(&'static str, HeaderValue); 4] {
    let asked = |name: &str| request.get(name).cloned().unwrap_or(HeaderValue::from_static("*"));
    [
        ("access-control-allow-origin", asked("origin")),
        ("access-control-allow-headers", asked("access-control-request-headers")),
        ("access-control-allow-methods", asked("access-control-request-method")),
        ("access-control-allow-credentials", HeaderValue::from_static("true")),
    ]
}

impl Shared {
    fn script(&self, trial: &str) -> Arc<Script> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner).entry(trial.to_owned()).or_default().clone()
    }

    fn file(&self, name: &str) -> Response<Body> {
        let kind = match name.rsplit_once('.') {
            Some((_, "html")) => "text/html",
            Some((_, "js")) => "text/javascript",
            Some((_, "wasm")) => "application/wasm",
            _ => return said(StatusCode::NOT_FOUND, "no such file"),
        };
        match std::fs::read(self.files.join(name)) {
            Ok(bytes) => built(200, &json!({ "content-type": kind }), Body::from(bytes)),
            Err(_) => said(StatusCode::NOT_FOUND, "no such file"),
        }
    }
}

/// How a trial speaks to its server.
async fn control(script: &Script, what: &str, request: Request<Body>) -> Response<Body> {
    let body = to_bytes(request.into_body(), MAX_BODY).await.unwrap_or_default();
    let said_of: Value = serde_json::from_slice(&body).unwrap_or_default();
    let least = usize::try_from(said_of.as_u64().unwrap_or_default()).unwrap_or_default();
    let mut answer = Value::Null;
    match what {
        "answer" => script.add(said_of["on"].as_str().unwrap_or_default(), said_of.clone()),
        "open" => script.open(said_of.as_str().unwrap_or_default()),
        "arrived" => answer = script.arrived(least).await.into(),
        "given-up" => script.given_up(least).await,
        _ => return said(StatusCode::NOT_FOUND, "no such control"),
    }
    built(200, &json!({ "content-type": "application/json" }), Body::from(answer.to_string()))
}

/// Answers as the trial says.
async fn api(script: Arc<Script>, path: &str, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let call = format!("{} /{path}", head.method);
    let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let asked = json!({
        "call": format!("{call}{query}"),
        "headers": as_json(&head.headers),
        "body": String::from_utf8_lossy(&body),
    });
    let mut guard = GivenUp(Some(script.clone()));
    let Some(answer) = script.answer(&call, &query, asked) else {
        guard.0 = None;
        return said(StatusCode::NOT_FOUND, "the trial says nothing of this call");
    };
    if let Some(gate) = answer["gate"].as_str() {
        script.opened(gate).await;
    }
    let sent = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    if answer["refuses"].is_string() && sent("authorization") == answer["refuses"].as_str() {
        guard.0 = None;
        return said(StatusCode::UNAUTHORIZED, "not with this token");
    }
    let etag = answer["headers"]["etag"].as_str();
    if etag.is_some() && sent("if-none-match") == etag {
        guard.0 = None;
        return built(304, &answer["headers"], Body::empty());
    }
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    let body = match answer["body"].as_array() {
        None => {
            guard.0 = None;
            Body::from(answer["body"].as_str().unwrap_or_default().to_owned())
        }
        Some(pieces) => Body::from_stream(pieces_of(script, pieces.clone(), guard)),
    };
    built(status, &answer["headers"], body)
}

/// A body of texts, and of gates to wait at in between; `null` breaks it off.
fn pieces_of(script: Arc<Script>, pieces: Vec<Value>, guard: GivenUp) -> Pieces {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        for piece in pieces {
            let piece = match (piece.as_str(), piece["gate"].as_str()) {
                (Some(text), _) => Ok(Bytes::from(text.to_owned())),
                (None, Some(gate)) => {
                    script.opened(gate).await;
                    continue;
                }
                (None, None) => Err(std::io::Error::other("broken off")),
            };
            if sender.send(piece).await.is_err() {
                return;
            }
        }
    });
    Pieces { receiver, guard }
}

struct Pieces {
    receiver: tokio::sync::mpsc::Receiver<std::io::Result<Bytes>>,
    guard: GivenUp,
}

impl Stream for Pieces {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = self.receiver.poll_recv(context);
        if matches!(piece, Poll::Ready(None | Some(Err(_)))) {
            self.guard.0 = None;
        }
        piece
    }
}

/// Tells the script when it is dropped before the answer is through: the page has given it up.
struct GivenUp(Option<Arc<Script>>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        if let Some(script) = self.0.take() {
            script.give_up();
        }
    }
}

fn as_json(headers: &HeaderMap) -> Value {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes()))))
        .collect()
}

fn built(status: u16, headers: &Value, body: Body) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers.as_object().into_iter().flatten() {
        response = response.header(name, value.as_str().unwrap_or_default());
    }
    response.body(body).unwrap_or_else(|_: axum::http::Error| said(StatusCode::INTERNAL_SERVER_ERROR, "no such answer"))
}

fn said(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
