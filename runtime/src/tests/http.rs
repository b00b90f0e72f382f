//! The transport that comes with the crate, against a server on this machine.
#![cfg(feature = "reqwest")]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::{Credential, ErrorKind, Polling};

/// Answers each connection with the next of these texts, and gives back what was asked.
async fn serve(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the request was cut off");
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            requests.push(String::from_utf8_lossy(&request).to_lowercase());
        }
        requests
    });
    (url, serving)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

#[tokio::test]
async fn a_request_and_its_response() {
    let (url, serving) = serve(vec![answer("200 OK", "x-a: b\r\n", "7")]).await;
    let client = Client::builder(format!("{url}/v1")).bearer_token("t").build().unwrap();
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 7);
    let request = &serving.await.unwrap()[0];
    assert!(request.starts_with("get /v1/posts/1 http/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: bearer t\r\n") && request.contains("user-agent: larder/"), "{request}");
}

#[tokio::test]
async fn redirects_are_followed_and_secrets_stay_with_their_origin() {
    let (elsewhere, second) = serve(vec![answer("200 OK", "", "2")]).await;
    let moved = answer("302 Found", "location: /v1/posts/2\r\n", "");
    let away = answer("307 Temporary Redirect", &format!("location: {elsewhere}/x\r\n"), "");
    let (url, first) = serve(vec![moved, away]).await;
    let client = Client::builder(format!("{url}/v1")).header("x-key", "k").unwrap();
    let client = client.credential(Credential::in_header("a", "x-other", "secret"));
    let client = client.credential(Credential::in_query("b", "api_key", "secret"));
    let client = client.credential(Credential::in_cookie("c", "sid", "secret")).build().unwrap();
    assert_eq!(*client.fetch(get_post(1)).await.unwrap(), 2);
    let first = first.await.unwrap();
    assert!(first[1].starts_with("get /v1/posts/2 ") && first[1].contains("x-key: k"), "{first:?}");
    let second = second.await.unwrap();
    assert!(second[0].contains("accept: application/json") && !second[0].contains("x-key"), "{second:?}");
    assert!(first[0].contains("x-other: secret") && first[0].contains("sid=secret"), "{first:?}");
    assert!(first[0].contains("?api_key=secret") && !second[0].contains("secret"), "{second:?}");
}

// B28
#[tokio::test]
async fn b28_a_server_confirms_what_is_there() {
    let etag = "etag: W/\"a\"\r\n";
    let (url, serving) = serve(vec![answer("200 OK", etag, "[1]"), answer("304 Not Modified", etag, "")]).await;
    let client = Client::new(url).unwrap();
    let first = client.fetch(get_post(1)).await.unwrap();
    let second = client.refetch(&get_post(1)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    let requests = serving.await.unwrap();
    assert!(
        !requests[0].contains("if-none-match") && requests[1].contains("if-none-match: w/\"a\"\r\n"),
        "{requests:?}"
    );
}

// B38
#[tokio::test]
async fn b38_where_a_redirect_leads_elsewhere_groups_are_not_ours() {
    let grouped = || answer("200 OK", "cache-groups: \"x\"\r\n", "1");
    let (elsewhere, _second) = serve(vec![grouped()]).await;
    let away = answer("302 Found", &format!("location: {elsewhere}/posts/1\r\n"), "");
    let (url, _first) = serve(vec![away, grouped()]).await;
    let client = Client::new(url).unwrap();
    let groups = async || client.inspect().entries[0].tags.iter().filter(|tag| tag.is_group()).count();
    client.fetch(get_post(1)).await.unwrap();
    assert_eq!(groups().await, 0);
    client.refetch(&get_post(1)).await.unwrap();
    assert_eq!(groups().await, 1);
}

#[tokio::test]
async fn redirects_come_to_an_end() {
    let circle = answer("301 Moved Permanently", "location: /posts/1\r\n", "");
    let (url, serving) = serve(vec![circle; 11]).await;
    let client = Client::builder(url).retry(Retry::none()).build().unwrap();
    let error = client.fetch(get_post(1)).await.unwrap_err();
    assert!(error.to_string().ends_with("more than 10 redirects"), "{error}");
    assert_eq!(serving.await.unwrap().len(), 11);
}

#[tokio::test]
async fn no_connection_and_a_lost_one_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}/?", listener.local_addr().unwrap()).replace("/?", "");
    drop(listener);
    let error = Client::new(closed).unwrap().mutate(update_post(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Connect, false));
    let (url, _serving) = serve(vec!["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1".to_owned()]).await;
    let error = Client::new(url).unwrap().mutate(update_post(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Connect, true));
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
}

// B29
#[tokio::test]
async fn b29_an_operation_that_goes_on_after_its_answer() {
    let (url, serving) = serve(vec![
        answer("202 Accepted", "location: /status\r\nretry-after: 0\r\n", ""),
        answer("200 OK", "retry-after: 0\r\n", r#"{"status":"running"}"#),
        answer("303 See Other", "location: /result\r\n", ""),
        answer("200 OK", "", "42"),
    ])
    .await;
    let start = Mutation::<()>::empty(Request::post("start", "/start"));
    assert_eq!(Client::new(url).unwrap().run::<_, u8>(start, Polling::new()).await.unwrap(), 42);
    let requests = serving.await.unwrap();
    let lines: Vec<&str> = requests.iter().filter_map(|request| request.lines().next()).collect();
    assert_eq!(lines, ["post /start http/1.1", "get /status http/1.1", "get /status http/1.1", "get /result http/1.1"]);
}
