//! A server on this machine that tells what it was sent.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use larder::{Client, ClientBuilder};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request as it arrived.
#[derive(Debug)]
pub struct Arrived {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Arrived {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// The server, and a client for it.
pub async fn server() -> (Client, UnboundedReceiver<Arrived>) {
    let (builder, arrived) = builder().await;
    (builder.build().expect("the address is valid"), arrived)
}

/// The server, and a client for it that is still to be set up.
pub async fn builder() -> (ClientBuilder, UnboundedReceiver<Arrived>) {
    let (tell, arrived) = unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the port has a number");
    let app = Router::new().fallback(move |request: Request<Body>| answer(tell.clone(), request));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (Client::builder(format!("http://{address}/base/")), arrived)
}

async fn answer(tell: UnboundedSender<Arrived>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("the body arrives");
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let line = format!("{} {}", parts.method, parts.uri);
    let headers = headers.collect();
    tell.send(Arrived { line, headers, body: String::from_utf8_lossy(&body).into_owned() }).expect("the test listens");
    if parts.uri.path().starts_with("/base/search") {
        return "found".into_response();
    }
    if parts.uri.path().ends_with("/bytes") || parts.uri.path().ends_with("/lines") {
        return body.into_response();
    }
    if let Some(status) = parts.uri.path().strip_prefix("/base/jobs/") {
        let status = status.split('/').next().and_then(|status| status.parse().ok());
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let json = r#"{"x":1,"percent":50,"missing":7,"detail":"no"}"#;
        return (status.expect("the id is the status to answer with"), json).into_response();
    }
    if parts.uri.path().starts_with("/base/bodies/patch") {
        return r#"{"from":"here"}"#.into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}
