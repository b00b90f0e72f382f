//! What a client tells `tracing`. A process of its own, because subscribers are found by process.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use larder::http::{Request as HttpRequest, Response};
use larder::{BoxFuture, Bytes, Client, Json, Query, Request, ResponseBody, TagType, Transport, TransportError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

const POST: TagType = TagType::new("Post");

/// Answers everything with `1`.
struct One;

impl Transport for One {
    fn send(&self, _: HttpRequest<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
        Box::pin(async { Ok(Response::new(Bytes::from_static(b"1").into())) })
    }
}

/// What was told, line by line.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<String>>);
struct Fields<'a>(&'a mut String);
impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}
impl Subscriber for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("larder")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = locked(&self.0);
        text.push_str("span");
        span.record(&mut Fields(&mut text));
        text.push('\n');
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = locked(&self.0);
        text.push_str("event");
        event.record(&mut Fields(&mut text));
        text.push('\n');
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn locked(text: &Mutex<String>) -> MutexGuard<'_, String> {
    text.lock().unwrap()
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_tracing_tells_what_happens_without_args() {
    let told = Told::default();
    let heard = tracing::subscriber::set_default(told.clone());
    let client = Client::builder("https://api.example.com").transport(One).layer(larder::layers::Tracing);
    let client = client.bearer_token("s3cret").build().unwrap();
    let secret = Query::<Json>::new(Request::get("getPost", "/posts/{id}").path_param("id", "s3cret"))
        .provides(POST.id("s3cret"));
    let mut post = client.watch(secret);
    post.ready().await.unwrap();
    client.invalidate(POST.id("s3cret"));
    drop(heard);
    let text = locked(&told.0).clone();
    for part in [
        "message=requested",
        "cause=Watch",
        "message=answered",
        "message=received",
        "status=200",
        "message=invalidated",
        "tags=\"Post\"",
        "path=\"/posts/{id}\"",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    assert!(!text.contains("s3cret"), "{text}");
}

/// Looks into the client at every question whether something is to be told, and then panics.
#[derive(Clone, Default)]
struct Curious(Arc<(OnceLock<Client>, AtomicUsize)>);

impl Subscriber for Curious {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let (client, asked) = &*self.0;
        if let Some(client) = client.get().filter(|_| metadata.target().starts_with("larder")) {
            // This would never return if the cache was locked.
            client.inspect();
            asked.fetch_add(1, Ordering::SeqCst);
            panic!("a filter");
        }
        false
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_what_filters_traces_may_call_the_client_and_panic() {
    let filter = Curious::default();
    let _heard = tracing::subscriber::set_default(filter.clone());
    let client = Client::builder("https://api.example.com").transport(One).build().unwrap();
    let post = || Query::<Json>::new(Request::get("getPost", "/posts/1")).provides(POST.id(1));
    client.fetch(post()).await.unwrap();
    assert!(filter.0.0.set(client.clone()).is_ok());
    let mut events = client.events();
    client.invalidate(POST.id(1));
    assert!(matches!(events.next().await, Some(larder::Event::Invalidated { .. })));
    assert!(client.inspect().entries[0].is_stale);
    assert!(filter.0.1.load(Ordering::SeqCst) > 0);
}
