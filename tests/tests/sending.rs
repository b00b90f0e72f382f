//! How requests are sent, against servers on this machine: tokens, cookies, redirects of what is secret, compression,
//! proxies, and recordings of it all that the generator can learn from.

use std::fs;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use larder::http::StatusCode;
use larder::{Client, ErrorKind, Json, Mutation, OAuth2, Query, Recorder, Request, ReqwestTransport, Retry};
use larder_codegen::recording;
use larder_tests::access::security;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server whose answers a function makes of the whole text of a request.
async fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (noted, answer) = (asked.clone(), Arc::new(answer));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (noted, answer) = (noted.clone(), answer.clone());
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let text = answer(&request);
                noted.lock().expect("no panic").push(request);
                // Whoever asked may have had enough.
                let _ = stream.write_all(&text).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (url, asked)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Lets the client's clock go on without waiting for it.
async fn later(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

fn usual() -> Query<()> {
    larder_tests::access::doors::get_usual()
}

fn texts(asked: &Mutex<Vec<String>>) -> Vec<String> {
    asked.lock().expect("no panic").clone()
}

#[tokio::test]
async fn b28_a_generated_credential_gets_its_token_and_another_when_that_is_refused() {
    let given = Mutex::new(0);
    let (url, asked) = serve(move |request| {
        if request.starts_with("POST /oauth/token ") {
            let mut given = given.lock().expect("no panic");
            *given += 1;
            let token = format!(r#"{{"access_token": "t{given}", "token_type": "Bearer", "expires_in": 3600}}"#);
            return answer("200 OK", "content-type: application/json\r\n", token.as_bytes());
        }
        let is_new = request.to_lowercase().contains("authorization: bearer t2\r\n");
        answer(if is_new { "204 No Content" } else { "401 Unauthorized" }, "", b"")
    })
    .await;
    let credential = security::token_client_credentials("a program", "s3cret").scopes(["read"]);
    let client = Client::builder(format!("{url}/v1")).credential(credential).build().expect("a client");
    let refused =
        client.fetch(usual()).await.expect_err("the first token is refused, and so new that there is no other");
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(401));
    later(2).await;
    client.fetch(usual()).await.expect("the second token is taken");
    let asked = texts(&asked);
    let tokens: Vec<_> = asked.iter().filter(|request| request.starts_with("POST ")).collect();
    assert_eq!(tokens.len(), 2, "{asked:#?}");
    // RFC 6749: both are encoded as a form is before they become a pair.
    let pair = "YSUyMHByb2dyYW06czNjcmV0";
    assert!(tokens[0].contains(pair) && tokens[0].ends_with("grant_type=client_credentials&scope=read"), "{asked:#?}");
}

#[tokio::test]
async fn b28_a_request_for_a_token_goes_to_no_other_origin() {
    let (elsewhere, stolen) = serve(|_| answer("200 OK", "", br#"{"access_token": "t"}"#)).await;
    let location = format!("location: {elsewhere}/token\r\n");
    let (url, _) = serve(move |_| answer("307 Temporary Redirect", &location, b"")).await;
    let credential = OAuth2::refresh_token("token", "/token", "app", "r3fresh");
    let client = Client::builder(&url).credential(credential).build().expect("a client");
    let error = client.fetch(usual()).await.expect_err("there is no token");
    assert_eq!(error.kind(), ErrorKind::Credential);
    assert!(error.to_string().contains("307") && !error.to_string().contains("r3fresh"), "{error}");
    assert!(texts(&stolen).is_empty());
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn b36_a_response_is_as_large_as_it_is_when_it_is_decompressed() {
    let bomb = gzipped(&vec![b' '; 20 << 20]);
    assert!(bomb.len() < 40_000);
    let (url, asked) = serve(move |request| {
        let body = if request.starts_with("GET /bomb") { bomb.clone() } else { gzipped(b"[1, 2]") };
        let takes_gzip = |line: &str| line.starts_with("accept-encoding:") && line.contains("gzip");
        if request.to_lowercase().lines().any(takes_gzip) {
            answer("200 OK", "content-encoding: gzip\r\ncontent-type: application/json\r\n", &body)
        } else {
            answer("200 OK", "content-type: application/json\r\n", b"[3]")
        }
    })
    .await;
    let get = |path| Query::<Json>::new(Request::get("get", path)).max_response_bytes(1 << 20);
    let client = Client::builder(&url).build().expect("a client");
    assert_eq!(client.fetch(get("/small")).await.expect("JSON").to_string(), "[1,2]");
    let error = client.fetch(get("/bomb")).await.expect_err("it is too large");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let transport = ReqwestTransport::builder().compression(false).build().expect("a transport");
    let plain = Client::builder(&url).transport(transport).build().expect("a client");
    assert_eq!(plain.fetch(get("/small")).await.expect("JSON").to_string(), "[3]");
    assert_eq!(texts(&asked).len(), 3);
}

#[tokio::test]
async fn b28_a_session_s_cookie_goes_back_to_its_host_and_to_no_other() {
    let (elsewhere, others) = serve(|_| answer("200 OK", "", b"\"elsewhere\"")).await;
    let elsewhere = elsewhere.replace("127.0.0.1", "localhost");
    let (url, asked) = serve(move |request| match request {
        _ if request.starts_with("POST /login ") => {
            answer("303 See Other", "set-cookie: sid=s3cret; Path=/; HttpOnly\r\nlocation: /me\r\n", b"")
        }
        _ if request.starts_with("GET /away ") => answer("302 Found", &format!("location: {elsewhere}/x\r\n"), b""),
        _ if request.to_lowercase().contains("\r\ncookie: sid=s3cret\r\n") => answer("200 OK", "", b"\"ada\""),
        _ => answer("401 Unauthorized", "", b""),
    })
    .await;
    let login = || Mutation::<Json>::new(Request::post("login", "/login").json(&"ada"));
    let get = |path| Query::<Json>::new(Request::get("get", path));
    let transport = ReqwestTransport::builder().cookies(true).build().expect("a transport");
    let client = Client::builder(&url).transport(transport).build().expect("a client");
    assert_eq!(client.fetch(get("/me")).await.expect_err("nobody is there").status(), Some(StatusCode::UNAUTHORIZED));
    assert_eq!(client.mutate(login()).await.expect("after the redirect, too"), "ada");
    assert_eq!(*client.fetch(get("/me")).await.expect("a session"), "ada");
    assert_eq!(*client.fetch(get("/away")).await.expect("an answer"), "elsewhere");
    assert!(!texts(&others)[0].to_lowercase().contains("s3cret"), "{others:?}");

    // Another client has no cookies, and this one keeps none.
    let client = Client::new(&url).expect("a client");
    assert!(client.mutate(login()).await.is_err());
    assert!(!texts(&asked).last().expect("a request").to_lowercase().contains("s3cret"), "{asked:?}");
}

#[tokio::test]
async fn b28_a_proxy_is_used_or_not_as_it_is_said() {
    let (proxy, asked) = serve(|_| answer("200 OK", "", b"\"by the proxy\"")).await;
    let get = || Query::<Json>::new(Request::get("get", "/there"));
    let transport = ReqwestTransport::builder().proxy(&proxy).build().expect("a transport");
    let client = Client::builder("http://api.example.com/v1").transport(transport).build().expect("a client");
    assert_eq!(*client.fetch(get()).await.expect("an answer"), "by the proxy");
    assert!(texts(&asked)[0].starts_with("GET http://api.example.com/v1/there HTTP/1.1\r\n"), "{asked:?}");

    let (server, _) = serve(|_| answer("200 OK", "", b"\"by the server\"")).await;
    let transport = ReqwestTransport::builder().no_proxy().user_agent("me/1").build().expect("a transport");
    let client = Client::builder(&server).transport(transport).build().expect("a client");
    assert_eq!(*client.fetch(get()).await.expect("an answer"), "by the server");
    for (problem, text) in [
        (ReqwestTransport::builder().proxy("http://user:s3cret@[::").build(), "the proxy's URL cannot be used"),
        (ReqwestTransport::builder().user_agent("a\nb").build(), "the user agent holds characters"),
    ] {
        let error = problem.expect_err("it is not valid").to_string();
        assert!(error.contains(text) && !error.contains("s3cret"), "{error}");
    }
}

#[tokio::test]
async fn b28_what_a_recorder_keeps_can_be_learned_from() {
    let title = Mutex::new("old");
    let (url, _) = serve(move |request| {
        let mut title = title.lock().expect("no panic");
        if request.starts_with("PUT ") {
            *title = "new";
            return answer("204 No Content", "", b"");
        }
        let body =
            if request.starts_with("GET /posts/7") { format!("{{\"title\": \"{title}\"}}") } else { "[]".to_owned() };
        answer("200 OK", "", body.as_bytes())
    })
    .await;
    let recorder = Recorder::new();
    let client = Client::builder(&url).layer(recorder.clone()).retry(Retry::none()).build().expect("a client");
    let post = || Query::<Json>::new(Request::get("getPost", "/posts/{id}").path_param("id", &7));
    let users = || Query::<Json>::new(Request::get("listUsers", "/users").query_param("page", &1));
    for round in 0..2 {
        client.refetch(&post()).await.expect("a post");
        client.refetch(&users()).await.expect("users");
        if round == 0 {
            let put = Request::put("putPost", "/posts/{id}")
                .path_param("id", &7)
                .json(&serde_json::json!({ "title": "new" }));
            client.mutate(Mutation::<()>::empty(put)).await.expect("it is done");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("recording.jsonl");
    recorder.save(&file).expect("it can be written");
    let steps = recording::read(&file).expect("a recording");
    assert_eq!(steps.len(), 1, "{}", fs::read_to_string(&file).expect("text"));
    assert_eq!(steps[0].mutation.call.path_params["id"], "7");
    assert_eq!(steps[0].mutation.call.body["title"], "new");
    let told: Vec<_> = steps[0].queries.iter().map(|query| (query.call.operation_id.as_str(), query.changed)).collect();
    assert_eq!(told, [("getPost", true), ("listUsers", false)]);
}
