//! What a client tells `tracing`. A process of its own, because subscribers are found by process.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use larder::http::{Request as HttpRequest, Response};
use larder::{BoxFuture, Bytes, Client, Json, Query, Request, ResponseBody, TagType, Transport, TransportError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
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
    let client = Client::builder("https://api.example.com").transport(One).build().unwrap();
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
