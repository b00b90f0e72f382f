//! Tokens that change: one refresh for all who wait, what was refused is sent again, and failures are told clearly.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::{Instant, sleep};

use super::*;
use crate::{Credential, ErrorKind, MockAnswer, MockTransport, OAuth2, Token};

const TOKEN_PATH: &str = "/oauth/token";

/// A server with tokens that live for a time, and that can be revoked.
#[derive(Clone, Default)]
struct Auth(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    given: usize,
    under_way: usize,
    most_under_way: usize,
    /// When the last token ends, and from which one on they count.
    ends: Option<Instant>,
    valid_from: usize,
    lifetime: Option<Duration>,
    answered: usize,
    refused: usize,
    bodies: Vec<String>,
    /// Answers to requests for tokens that are no tokens.
    failures: VecDeque<MockAnswer>,
    slowness: Duration,
}

impl Auth {
    fn lasting(lifetime: Duration) -> Auth {
        let auth = Auth::default();
        lock(&auth.0).lifetime = Some(lifetime);
        auth
    }

    fn tokens(&self) -> usize {
        lock(&self.0).given
    }

    /// How many requests were answered, and how many refused.
    fn counts(&self) -> (usize, usize) {
        let state = lock(&self.0);
        (state.answered, state.refused)
    }

    fn asked(&self) -> Vec<String> {
        lock(&self.0).bodies.clone()
    }

    fn revoke(&self) {
        let mut state = lock(&self.0);
        state.valid_from = state.given + 1;
    }

    async fn give(self, request: ::http::Request<Bytes>) -> Answer {
        let slowness = {
            let mut state = lock(&self.0);
            state.under_way += 1;
            state.most_under_way = state.most_under_way.max(state.under_way);
            state.bodies.push(String::from_utf8(request.body().to_vec()).unwrap());
            state.slowness
        };
        sleep(slowness).await;
        let failure = {
            let mut state = lock(&self.0);
            state.under_way -= 1;
            state.failures.pop_front()
        };
        if let Some(failure) = failure {
            return failure.send().await;
        }
        let mut state = lock(&self.0);
        state.given += 1;
        state.ends = state.lifetime.map(|lifetime| Instant::now() + lifetime);
        let expires = state.lifetime.map_or(String::new(), |time| format!(", \"expires_in\": {}", time.as_secs()));
        let body = format!(r#"{{"access_token": "t{}", "refresh_token": "r{0}"{expires}}}"#, state.given);
        Ok(Response::new(Bytes::from(body).into()))
    }

    fn answer(&self, request: &::http::Request<Bytes>) -> Answer {
        let mut state = lock(&self.0);
        let sent = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let number: usize = sent.strip_prefix("Bearer t").and_then(|number| number.parse().ok()).unwrap_or(0);
        let lives = state.ends.is_none_or(|ends| Instant::now() < ends);
        let is_valid = number == state.given && state.valid_from <= number && number > 0 && lives;
        state.answered += usize::from(is_valid);
        state.refused += usize::from(!is_valid);
        let mut response = Response::new("1".into());
        *response.status_mut() = if is_valid { 200 } else { 401 }.try_into().unwrap();
        Ok(response)
    }
}

impl Transport for Auth {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        if request.uri().path() == TOKEN_PATH {
            assert!(request.extensions().get::<crate::OperationInfo>().is_none());
            return Box::pin(self.clone().give(request));
        }
        let auth = self.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            auth.answer(&request)
        })
    }
}

/// What an error says, without which request it is of.
fn what(error: &crate::Error) -> String {
    let text = error.to_string();
    text.split_once("): ").map(|(_, what)| what.to_owned()).unwrap_or(text)
}

fn worker() -> OAuth2 {
    OAuth2::client_credentials("oauth", TOKEN_PATH, "worker", "s3cret")
}

fn client(auth: &Auth, credential: impl Into<Credential>) -> Client {
    let builder = Client::builder("https://api.example.com/v1").transport(auth.clone()).retry(Retry::none());
    builder.credential(credential).build().unwrap()
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_all_requests_wait_for_one_token() {
    let auth = Auth::default();
    let client = client(&auth, worker().scopes(["a", "b"]));
    let fetching: Vec<_> = (0..50).map(|id| tokio::spawn(client.fetch(get_post(id)))).collect();
    for fetched in fetching {
        fetched.await.unwrap().unwrap();
    }
    client.mutate(update_post(1)).await.unwrap();
    assert_eq!(auth.asked(), ["grant_type=client_credentials&scope=a%20b"]);
    assert_eq!(auth.counts(), (51, 0));
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_what_was_refused_is_sent_again_with_a_new_token_and_only_once() {
    let auth = Auth::default();
    let client = client(&auth, worker());
    client.fetch(get_post(1)).await.unwrap();
    sleep(10 * SECOND).await;
    auth.revoke();
    let fetching: Vec<_> = (2..22).map(|id| tokio::spawn(client.fetch(get_post(id)))).collect();
    let mutating = client.mutate(update_post(1));
    for fetched in fetching {
        fetched.await.unwrap().unwrap();
    }
    mutating.await.unwrap();
    assert_eq!((auth.tokens(), auth.counts().1), (2, 21));
    // Tokens that are refused however new they are: each request is sent twice at most.
    sleep(10 * SECOND).await;
    lock(&auth.0).valid_from = usize::MAX;
    let refused = auth.counts().1;
    let error = client.mutate(update_post(1)).await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(401));
    assert_eq!((auth.tokens(), auth.counts().1), (3, refused + 2));
    // The new one was refused: another is not asked for at once.
    client.mutate(update_post(1)).await.unwrap_err();
    assert_eq!((auth.tokens(), auth.counts().1), (3, refused + 3));
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_token_is_renewed_before_it_expires_and_nobody_waits_for_that() {
    let auth = Auth::lasting(100 * SECOND);
    let client = client(&auth, worker());
    client.fetch(get_post(1)).await.unwrap();
    sleep(89 * SECOND).await;
    client.fetch(get_post(2)).await.unwrap();
    assert_eq!(auth.tokens(), 1);
    sleep(2 * SECOND).await;
    lock(&auth.0).slowness = 5 * SECOND;
    let started = Instant::now();
    client.fetch(get_post(3)).await.unwrap();
    let under_way = lock(&auth.0).under_way;
    assert_eq!((started.elapsed(), under_way), (Duration::ZERO, 1));
    sleep(6 * SECOND).await;
    assert_eq!(auth.tokens(), 2);
    // Long after its end the next request waits for a new one, and none is refused.
    sleep(1000 * SECOND).await;
    client.fetch(get_post(4)).await.unwrap();
    assert_eq!((auth.tokens(), auth.counts().1), (3, 0));
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_refresh_that_fails_is_told_to_all_who_wait_and_tried_again_later() {
    let auth = Auth::default();
    let refused = MockAnswer::json(400, r#"{"error": "invalid_client", "error_description": "no such s3cret"}"#);
    lock(&auth.0).failures = [refused, MockAnswer::lost()].into();
    lock(&auth.0).slowness = SECOND;
    let client = client(&auth, worker());
    let fetching: Vec<_> = (0..5).map(|id| tokio::spawn(client.fetch(get_post(id)))).collect();
    let mut watcher = client.watch(list_posts());
    let mut texts = Vec::new();
    for fetched in fetching {
        let error = fetched.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Credential, false));
        texts.push(what(&error));
    }
    watcher.changed().await;
    texts.dedup();
    let told = "there is no token for oauth: the token server answered 400 Bad Request: invalid_client";
    assert_eq!(texts, [told]);
    assert_eq!(auth.asked().len(), 1);
    // Not at once: the token server has a rest.
    assert_eq!(what(&client.fetch(get_post(1)).await.unwrap_err()), told);
    assert_eq!(auth.asked().len(), 1);
    sleep(SECOND).await;
    let error = client.mutate(update_post(1)).await.unwrap_err();
    assert!(error.to_string().ends_with("for oauth: the mock lost the connection"), "{error}");
    sleep(SECOND).await;
    client.fetch(get_post(1)).await.unwrap();
    assert_eq!(auth.counts().0, 1);
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_whoever_started_a_refresh_may_go() {
    let auth = Auth::default();
    lock(&auth.0).slowness = 5 * SECOND;
    let client = client(&auth, worker());
    let first = tokio::spawn(client.fetch(get_post(1)));
    yield_often().await;
    let second = tokio::spawn(client.fetch(get_post(2)));
    yield_often().await;
    first.abort();
    second.await.unwrap().unwrap();
    assert_eq!((auth.tokens(), auth.asked().len()), (1, 1));
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_new_refresh_tokens_are_used_and_told() {
    let (auth, told) = (Auth::lasting(60 * SECOND), Arc::new(Mutex::new(Vec::new())));
    let telling = told.clone();
    let user = OAuth2::refresh_token("oauth", "https://api.example.com/oauth/token", "app", "r0").on_refresh_token(
        move |token| {
            lock(&telling).push(token.to_owned());
            panic!("on purpose");
        },
    );
    let client = client(&auth, user);
    for id in 1..=3 {
        client.fetch(get_post(id)).await.unwrap();
        sleep(61 * SECOND).await;
    }
    assert_eq!(*lock(&told), ["r1", "r2", "r3"]);
    let asked = |token| format!("grant_type=refresh_token&refresh_token={token}&client_id=app");
    assert_eq!(auth.asked(), ["r0", "r1", "r2"].map(asked));
}

// B28, B36
#[tokio::test(start_paused = true)]
async fn b28_tokens_come_from_wherever_the_application_says() {
    let (auth, asked) = (Auth::default(), Arc::new(AtomicUsize::new(0)));
    lock(&auth.0).given = 1;
    let asking = asked.clone();
    let source = move || {
        let number = asking.fetch_add(1, Ordering::SeqCst);
        async move {
            match number {
                0 => Err("the keyring is locked"),
                1 => panic!("on purpose"),
                2 => Ok(Token::new("with\nnewline")),
                3 => std::future::pending().await,
                _ => Ok(Token::new("t1")),
            }
        }
    };
    let client = client(&auth, Credential::tokens("mine", source));
    for text in ["the keyring is locked", "panicked", "cannot carry"] {
        let error = client.fetch(get_post(1)).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Credential && error.to_string().contains(text), "{error}");
        assert!(!format!("{error} {error:?}").contains("newline"), "{error}");
        sleep(2 * SECOND).await;
    }
    let error = client.fetch(get_post(1)).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Timeout || error.to_string().contains("within 30s"), "{error}");
    sleep(40 * SECOND).await;
    client.fetch(get_post(1)).await.unwrap();
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_credentials_can_change_while_the_client_is_there() {
    let mock = MockTransport::new().route(::http::Method::GET, "/posts/{id}", MockAnswer::json(200, "1"));
    let client = Client::builder("https://api.example.com").transport(mock.clone()).build().unwrap();
    client.fetch(get_post(1)).await.unwrap();
    client.set_credential(Credential::bearer("user", "ada")).unwrap();
    client.fetch(get_post(2)).await.unwrap();
    client.set_credential(Credential::bearer("user", "bob")).unwrap();
    client.fetch(get_post(3)).await.unwrap();
    assert!(client.set_credential(Credential::bearer("user", "b\nb")).is_err());
    client.remove_credential("user");
    client.fetch(get_post(4)).await.unwrap();
    let sent: Vec<_> = mock.requests().iter().map(|request| request.headers().get("authorization").cloned()).collect();
    assert_eq!(sent, [None, Some("Bearer ada".parse().unwrap()), Some("Bearer bob".parse().unwrap()), None]);
}

// B28
#[tokio::test(start_paused = true)]
async fn b28_a_token_goes_where_the_document_asks_for_it_and_what_a_call_says_counts_more() {
    let auth = Auth::default();
    let client = client(&auth, worker().usual(&[&["oauth"]]));
    let open = || Request::get("getPost", "/posts/1").security(&[]);
    assert_eq!(client.fetch(Query::<Json>::new(open())).await.unwrap_err().status().unwrap(), 401);
    let own = Request::get("getPost", "/posts/2").header_param("authorization", "Bearer mine");
    assert_eq!(client.fetch(Query::<Json>::new(own)).await.unwrap_err().status().unwrap(), 401);
    assert_eq!(auth.tokens(), 0, "nobody needed one");
    let bad = OAuth2::client_credentials("oauth", "http://elsewhere.example.com/token", "worker", "s3cret");
    client.set_credential(bad).unwrap();
    let error = client.fetch(get_post(3)).await.unwrap_err();
    assert!(error.to_string().contains("must begin with https://"), "{error}");
    let shown = format!("{:?} {:?} {:?}", worker(), Credential::from(worker()), Token::new("s3cret"));
    assert!(!shown.contains("s3cret"), "{shown}");
}

// B28
#[test]
fn b28_many_requests_against_tokens_that_expire_are_all_answered_by_one_refresh_at_a_time() {
    for seed in 0..200 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(hurried(seed));
    }
}

/// Requests that start, are dropped, and are refused at random, while tokens expire and are revoked.
async fn hurried(seed: u64) {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let auth = Auth::lasting(Duration::from_secs(5 + next(20)));
    lock(&auth.0).slowness = Duration::from_millis(next(900));
    let client = client(&auth, worker());
    let (mut waiting, mut revoked) = (Vec::new(), 0);
    for id in 0..150 {
        let fetching = tokio::spawn(client.fetch(get_post(id)));
        if next(4) == 0 {
            fetching.abort();
        } else {
            waiting.push(fetching);
        }
        match next(30) {
            // Never within the rest after a refresh: a second refusal is the server's last word.
            0 => {
                sleep(Duration::from_millis(2500)).await;
                auth.revoke();
                revoked += 1;
            }
            1..=15 => sleep(Duration::from_millis(next(1200))).await,
            _ => {}
        }
    }
    for fetched in waiting {
        fetched.await.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    let state = lock(&auth.0);
    assert_eq!(state.most_under_way, 1, "seed {seed}");
    assert!(revoked == 0 || state.given > 1, "seed {seed}");
    // One may be under way that nobody waits for.
    assert_eq!(state.bodies.len(), state.given + state.under_way, "seed {seed}");
}
