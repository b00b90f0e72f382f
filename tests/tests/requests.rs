//! What generated functions send, byte for byte, as a real server sees it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use larder::{Bytes, Client, ErrorKind};
use larder_tests::requests::bodies::{send_bytes, send_form, send_optional, send_text};
use larder_tests::requests::search::{get_matrix, search_everything};
use larder_tests::requests::types::{Filter, Kind, Point, SearchEverything};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request as it arrived.
#[derive(Debug)]
struct Arrived {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Arrived {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A server that tells what it was sent, and a client for it.
async fn server() -> (Client, UnboundedReceiver<Arrived>) {
    let (tell, arrived) = unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the port has a number");
    let app = Router::new().fallback(move |request: Request<Body>| answer(tell.clone(), request));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = Client::new(format!("http://{address}/base/")).expect("the address is valid");
    (client, arrived)
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
    if parts.uri.path().ends_with("/bytes") {
        return body.into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

#[tokio::test]
async fn parameters_go_where_the_document_says_in_the_style_it_says() {
    let (client, mut arrived) = server().await;
    let filter = Filter { from: Some("a&b".to_owned()), to: Some(3) };
    let params = SearchEverything {
        ids: Some(vec![1, 2]),
        joined: Some(vec!["x".to_owned(), "y z".to_owned()]),
        piped: Some(vec!["p".to_owned(), "q".to_owned()]),
        filter: Some(filter.clone()),
        spec: Some(filter),
        x_request_tag: Some("tag/1".to_owned()),
        session: Some("s1".to_owned()),
        r#type: Some(true),
    };
    let found = client.fetch(search_everything(&Kind::Post, &[4, 5], "ä ?", &params)).await.expect("it is found");
    assert_eq!(*found, "found");
    let request = arrived.recv().await.expect("a request arrived");
    let (line, query) = request.line.split_once('?').expect("there is a query");
    assert_eq!(line, "GET /base/search/post/4,5");
    let mut query: Vec<&str> = query.split('&').collect();
    query.sort_unstable();
    assert_eq!(
        query,
        [
            "filter%5Bfrom%5D=a%26b",
            "filter%5Bto%5D=3",
            "ids=1",
            "ids=2",
            "joined=x,y%20z",
            "piped=p%7Cq",
            "q=%C3%A4%20%3F",
            "spec=%7B%22from%22%3A%22a%26b%22%2C%22to%22%3A3%7D",
            "type=true",
        ]
    );
    assert_eq!(request.header("x-request-tag"), Some("tag/1"));
    assert_eq!(request.header("cookie"), Some("session=s1"));
}

#[tokio::test]
async fn absent_parameters_are_not_sent() {
    let (client, mut arrived) = server().await;
    client.fetch(search_everything(&Kind::User, &[1], "q", &SearchEverything::default())).await.expect("it is found");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "GET /base/search/user/1?q=q");
    assert_eq!((request.header("x-request-tag"), request.header("cookie")), (None, None));
}

#[tokio::test]
async fn path_styles_are_kept() {
    let (client, mut arrived) = server().await;
    client.fetch(get_matrix(&Point { x: 1, y: 2 }, "here")).await.expect("it is there");
    assert_eq!(arrived.recv().await.expect("a request arrived").line, "GET /base/matrix/;x=1;y=2/.here");
}

#[tokio::test]
async fn bodies_are_sent_as_their_content_type() {
    let (client, mut arrived) = server().await;
    let filter = Filter { from: Some("a b&c".to_owned()), to: None };

    client.mutate(send_form(&filter)).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.body, "from=a%20b%26c");

    client.mutate(send_text("plain ✓")).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert!(request.header("content-type").is_some_and(|text| text.starts_with("text/plain")), "{request:?}");
    assert_eq!(request.body, "plain ✓");

    let back = client.mutate(send_bytes(Bytes::from_static(b"\x89PNG"))).await.expect("it is taken");
    assert_eq!(&back[..], b"\x89PNG");
    assert_eq!(arrived.recv().await.expect("a request arrived").header("content-type"), Some("image/png"));

    client.mutate(send_optional(Some(&filter))).await.expect("it is taken");
    assert_eq!(arrived.recv().await.expect("a request arrived").body, r#"{"from":"a b&c"}"#);
    client.mutate(send_optional(None)).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!((request.header("content-type"), request.body.as_str()), (None, ""));
}

#[tokio::test]
async fn a_path_parameter_can_never_lead_to_another_path() {
    let (client, mut arrived) = server().await;
    for label in ["..", ".", ""] {
        let refused = client.fetch(larder_tests::social::posts::get_post(1)).await;
        drop(refused);
        arrived.recv().await.expect("the harmless one arrived");
        let refused = client.fetch(larder_tests::tagging::people::get_person(label)).await.expect_err("it is not sent");
        assert_eq!(refused.kind(), ErrorKind::Request, "{refused}");
    }
    let odd = client.fetch(larder_tests::tagging::people::get_person("a/../b?c#d%2e")).await;
    drop(odd);
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "GET /base/people/a%2F..%2Fb%3Fc%23d%252e");
}
