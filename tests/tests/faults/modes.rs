//! Every fault in every way of asking: who is told what, what stays, and what is left.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larder::{Client, Error, ErrorKind, Event, Outcome, Watcher};
use larder_tests::social::comments::create_comment;
use larder_tests::social::posts::get_post;
use larder_tests::social::types::{Comment, NewComment, Post};

use super::cases::{self, Case, Told};
use super::fault::act;
use super::server::{FaultServer, SECRET};

const POST: i64 = 2;
const READ: &str = "GET /posts/2";
const WRITE: &str = "POST /posts/2/comments";

fn comment() -> NewComment {
    NewComment { author_id: 1, content: "Indeed".to_owned() }
}

/// A client with a limit that a test can reach.
fn client(server: &FaultServer) -> Client {
    server.builder().max_response_bytes(1 << 20).build().expect("the address is valid")
}

/// Data that is about a post.
pub trait About {
    fn about(&self) -> i64;
}

impl About for Arc<Post> {
    fn about(&self) -> i64 {
        self.id
    }
}

impl About for Comment {
    fn about(&self) -> i64 {
        self.post_id
    }
}

/// Somebody got what the table says.
pub fn check<T: About>(case: &Case, told: Told, result: Result<T, Error>) {
    let name = case.name;
    match (told, result) {
        (Told::Data, Ok(data)) => assert_eq!(data.about(), POST, "{name}: the data is what the server holds"),
        (Told::Data, Err(error)) => panic!("{name}: it is harmless, and failed: {error}"),
        (Told::Error(..), Ok(_)) => panic!("{name}: nobody was told"),
        (Told::Error(kind, status, words), Err(error)) => {
            let found = (error.kind(), error.status().map(|status| status.as_u16()), error.was_sent());
            assert_eq!(found, (kind, status, true), "{name}: {error}");
            let text = error.to_string();
            assert!(text.contains(words) && text.contains(", request "), "{name}: {error}");
            keeps_secrets(name, &error);
        }
    }
}

/// No text of an error holds a credential or what the server's page said, nor do those that people read tell the address.
fn keeps_secrets(name: &str, error: &Error) {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        let (text, details) = (error.to_string(), format!("{error:?}"));
        assert!(!text.contains("127.0.0.1"), "{name}: {text}");
        for secret in [SECRET, "passwd", "<h"] {
            assert!(!text.contains(secret) && !details.contains(secret), "{name}: {text} {details}");
        }
        next = error.source();
    }
}

/// All who asked are gone, and nothing of theirs is left.
pub async fn leaves_nothing(case: &Case, server: &FaultServer, client: Client) {
    let inspection = client.inspect();
    assert!(inspection.entries.is_empty() && inspection.mutations.is_empty(), "{}: {inspection}", case.name);
    drop(client);
    server.deserted().await;
}

/// The first state that fits.
async fn until(watcher: &mut Watcher<Post>, fits: impl Fn(&larder::State<Post>) -> bool) -> larder::State<Post> {
    let mut state = watcher.snapshot();
    while !fits(&state) {
        state = watcher.changed().await;
    }
    state
}

/// Tries every fault in one mode, each with a server of its own, and tells all that went wrong.
pub fn each<F: Future<Output = ()>>(mode: impl Fn(Case, FaultServer) -> F) {
    let wrong: Vec<&str> = cases::all()
        .into_iter()
        .filter_map(|case| {
            let name = case.name;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let work = || runtime.block_on(async { mode(case, FaultServer::start().await).await });
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err().then_some(name)
        })
        .collect();
    assert!(wrong.is_empty(), "these went wrong, as told above: {wrong:#?}");
}

fn is_error(told: Told) -> bool {
    matches!(told, Told::Error(..))
}

#[test]
fn who_fetches_is_told_and_the_next_one_is_served() {
    each(|case, server| async move {
        let client = client(&server);
        server.once(READ, case.fault.clone());
        check(&case, case.query, server.through(client.fetch(get_post(POST))).await);
        let next = server.through(client.fetch(get_post(POST))).await;
        assert_eq!(next.map(|post| post.id).map_err(|error| error.to_string()), Ok(POST), "{}", case.name);
        assert_eq!(server.take().len(), 2, "{}: each asked once", case.name);
        leaves_nothing(&case, &server, client).await;
    });
}

#[test]
fn who_watches_is_told_and_is_served_when_asked_again() {
    each(|case, server| async move {
        let client = client(&server);
        server.once(READ, case.fault.clone());
        let mut watcher = client.watch(get_post(POST));
        check(&case, case.query, server.through(watcher.ready()).await);
        let state = watcher.snapshot();
        assert_eq!(
            (state.data.is_none(), state.error.is_some(), state.is_fetching),
            (is_error(case.query), is_error(case.query), false),
            "{}",
            case.name
        );
        client.refetch(&get_post(POST)).await.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let state = watcher.snapshot();
        assert!(state.data.is_some() && state.error.is_none() && !state.is_stale, "{}: {state:?}", case.name);
        drop(watcher);
        leaves_nothing(&case, &server, client).await;
    });
}

#[test]
fn b5_after_a_mutation_a_failed_refetch_leaves_the_data_and_says_that_it_is_stale() {
    each(|case, server| async move {
        let client = client(&server);
        let mut watcher = client.watch(get_post(POST));
        let before = watcher.ready().await.expect("the post");
        server.once(READ, case.fault.clone());
        let done = server.through(client.mutate(create_comment(POST, &comment())).refetched()).await;
        let errors = done.unwrap_or_else(|error| panic!("{}: {error}", case.name)).errors;
        assert_eq!(errors.len(), usize::from(is_error(case.query)), "{}: {errors:?}", case.name);
        let state = watcher.snapshot();
        assert_eq!(
            (state.is_stale, state.error.is_some()),
            (is_error(case.query), is_error(case.query)),
            "{}",
            case.name
        );
        if let Some(error) = errors.into_iter().next() {
            check::<Comment>(&case, case.query, Err(error));
            assert!(Arc::ptr_eq(&state.data.expect("it stays"), &before), "{}: the data stays", case.name);
        }
        let now = client.fetch(get_post(POST)).await.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(now.comments_count, before.comments_count + 1, "{}", case.name);
        drop(watcher);
        leaves_nothing(&case, &server, client).await;
    });
}

#[test]
fn b15_a_mutation_is_told_what_is_known_and_invalidates_unless_it_was_refused() {
    each(|case, server| async move {
        let outcomes = Arc::new(Mutex::new(Vec::new()));
        let heard = outcomes.clone();
        let client = server.builder().max_response_bytes(1 << 20).on_event(move |event| {
            if let Event::MutationSettled { outcome, .. } = event {
                heard.lock().expect("nobody panicked").push(*outcome);
            }
        });
        let client = client.build().expect("the address is valid");
        let mut watcher = client.watch(get_post(POST));
        watcher.ready().await.expect("the post");
        server.take();
        server.once(WRITE, case.fault.clone());
        check(&case, case.mutation, server.through(client.mutate(create_comment(POST, &comment()))).await);
        until(&mut watcher, |state| !state.is_fetching).await;
        assert_eq!(*outcomes.lock().expect("nobody panicked"), [case.outcome], "{}", case.name);
        let met: Vec<String> = server.take().iter().map(|met| met.request.line()).collect();
        let expected = if case.outcome == Outcome::Refused { vec![WRITE] } else { vec![WRITE, READ] };
        assert_eq!(met, expected, "{}: sent once, and what it made stale is asked for", case.name);

        let truth = server.truth().fetch(get_post(POST)).await.expect("the truth");
        let shown = watcher.snapshot();
        assert_eq!(shown.data.map(|post| post.comments_count), Some(truth.comments_count), "{}", case.name);
        assert!(!shown.is_stale && shown.error.is_none(), "{}", case.name);
        client.mutate(create_comment(POST, &comment())).await.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        drop(watcher);
        until_empty(&client).await;
        leaves_nothing(&case, &server, client).await;
    });
}

/// Requests that nobody needs any more are given up as their tasks come to run.
async fn until_empty(client: &Client) {
    while !client.inspect().entries.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn b26_who_polls_is_told_and_polls_on() {
    each(|case, server| async move {
        let failures = Arc::new(AtomicUsize::new(0));
        let heard = failures.clone();
        let count = move |event: &Event| {
            heard.fetch_add(usize::from(matches!(event, Event::Failed { .. })), Relaxed);
        };
        let client =
            server.builder().max_response_bytes(1 << 20).on_event(count).build().expect("the address is valid");
        let mut watcher = client.watch(get_post(POST).poll_every(Duration::from_millis(1)));
        let before = watcher.ready().await.expect("the post");
        server.once(READ, case.fault.clone());
        if is_error(case.query) {
            let failed = server.through(until(&mut watcher, |state| state.error.is_some())).await;
            assert!(failed.data.is_some_and(|data| Arc::ptr_eq(&data, &before)), "{}: the data stays", case.name);
            check::<Comment>(&case, case.query, Err(failed.error.expect("it is one")));
        }
        client.mutate(create_comment(POST, &comment())).await.expect("it is done");
        let later = |state: &larder::State<Post>| {
            let count = state.data.as_ref().map(|post| post.comments_count);
            state.error.is_none() && count == Some(before.comments_count + 1)
        };
        server.through(until(&mut watcher, later)).await;
        assert_eq!(failures.load(Relaxed), usize::from(is_error(case.query)), "{}: no other request failed", case.name);
        drop(watcher);
        leaves_nothing(&case, &server, client).await;
    });
}

#[tokio::test]
async fn b15_a_server_that_is_not_there_was_sent_nothing_and_nothing_is_invalidated() {
    let mut server = FaultServer::start().await;
    let client = client(&server);
    // No connection stays open that could be used once more.
    server.once(READ, act().header("connection", "close").all().close());
    let mut watcher = client.watch(get_post(POST));
    let before = watcher.ready().await.expect("the post");
    server.deserted().await;
    server.stop().await;

    let error = client.mutate(create_comment(POST, &comment())).await.expect_err("nobody is there");
    assert_eq!((error.kind(), error.status(), error.was_sent()), (ErrorKind::Connect, None, false), "{error}");
    assert!(error.to_string().contains("no connection could be made"), "{error}");
    keeps_secrets("nobody listens", &error);
    let state = watcher.snapshot();
    assert!(!state.is_stale && !state.is_fetching && state.error.is_none(), "{state:?}");

    let error = client.refetch(&get_post(POST)).await.expect_err("nobody is there");
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Connect, false), "{error}");
    let state = watcher.snapshot();
    assert!(state.data.is_some_and(|data| Arc::ptr_eq(&data, &before)), "the data stays");
}
