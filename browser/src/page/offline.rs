//! Without a connection: the browser takes it away, says so to the page, and gives it back.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use larder::{BoxFuture, Bytes, Client, Event, Events, Outbox, Retry, WhenOffline};
use serde_json::json;

use crate::host;
use crate::trial::{NOTE, Trial, begun, get_note, post_note, put_note};

/// Takes the connection away, and returns when the client knows it.
async fn go_offline(events: &mut Events) {
    host::offline(true);
    while !matches!(events.next().await.expect("an event"), Event::Online(false)) {}
}

async fn go_online(events: &mut Events) {
    host::offline(false);
    while !matches!(events.next().await.expect("an event"), Event::Online(true)) {}
}

pub async fn a_query_waits_for_the_connection(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    let retry = Retry::times(1).delay(Duration::from_millis(1));
    let client = trial.builder().retry(retry).build().expect("a client");
    let mut events = client.events();
    go_offline(&mut events).await;
    // The first try fails at once, and the second is not made without a connection.
    let fetched = begun(client.fetch(get_note(1))).await;
    while !matches!(events.next().await.expect("an event"), Event::Retrying { .. }) {}
    go_online(&mut events).await;
    assert_eq!(fetched.await.expect("the note")["text"], "one");
    assert_eq!(trial.server.calls(0).await.len(), 1);
}

pub async fn mutations_wait_for_the_connection(trial: Trial) {
    for call in ["POST /notes", "PUT /notes/1", "PUT /notes/2"] {
        trial.server.answers_json(call, &json!({})).await;
    }
    let client = trial.builder().when_offline(WhenOffline::Wait).build().expect("a client");
    let mut events = client.events();
    go_offline(&mut events).await;
    let first = client.mutate(post_note("one"));
    let second = client.mutate(put_note(1, "one"));
    let given_up = client.mutate(put_note(3, "three"));
    let third = client.mutate(put_note(2, "two"));
    let waiting = client.waiting();
    assert_eq!(waiting.len(), 4);
    assert!(waiting.into_iter().nth(2).expect("the third").cancel());
    given_up.await.expect_err("it is given up");
    go_online(&mut events).await;
    for sent in [first, second, third] {
        sent.await.expect("it is done");
    }
    assert_eq!(trial.server.calls(0).await, ["POST /notes", "PUT /notes/1", "PUT /notes/2"]);
    assert!(client.waiting().is_empty());
}

/// What a page would keep in its database.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<BTreeMap<String, Bytes>>>);

impl Outbox for Kept {
    fn put(&self, id: &str, record: Bytes) -> BoxFuture<io::Result<()>> {
        self.0.borrow_mut().insert(id.to_owned(), record);
        Box::pin(async { Ok(()) })
    }

    fn remove(&self, id: &str) -> BoxFuture<io::Result<()>> {
        self.0.borrow_mut().remove(id);
        Box::pin(async { Ok(()) })
    }

    fn load(&self) -> BoxFuture<io::Result<Vec<(String, Bytes)>>> {
        let all = self.0.borrow().iter().map(|(id, record)| (id.clone(), record.clone())).collect();
        Box::pin(async move { Ok(all) })
    }
}

pub async fn an_outbox_survives_its_client(trial: Trial) {
    trial.server.answers_json("POST /notes", &json!({})).await;
    trial.server.answers_json("PUT /notes/1", &json!({})).await;
    let kept = Kept::default();
    let start = || -> Client {
        let builder = trial.builder().when_offline(WhenOffline::Wait).outbox(kept.clone());
        builder.idempotency_key("Idempotency-Key").expect("a name").build().expect("a client")
    };
    let client = start();
    let mut events = client.events();
    go_offline(&mut events).await;
    drop(client.mutate(post_note("one")));
    drop(client.mutate(put_note(1, "one")));
    client.outbox_written().await;
    assert_eq!(kept.0.borrow().len(), 2);
    // The page is closed and opened again: whoever kept them is gone, and a copy of the records is there.
    let copy = Kept(Rc::new(RefCell::new(kept.0.borrow().clone())));
    drop((client, events));
    let next = trial.builder().when_offline(WhenOffline::Wait).outbox(copy.clone()).build().expect("a client");
    let mut events = next.events();
    go_online(&mut events).await;
    let mut settled = 0;
    while settled < 2 {
        settled += usize::from(matches!(events.next().await.expect("an event"), Event::MutationSettled { .. }));
    }
    next.outbox_written().await;
    assert!(copy.0.borrow().is_empty());
    let arrived = trial.server.arrived(2).await;
    let of_next: Vec<_> = arrived.iter().map(|one| one.call.as_str()).collect();
    assert!(of_next.windows(2).any(|two| two == ["POST /notes", "PUT /notes/1"]), "{of_next:?}");
}

pub async fn what_is_stale_is_asked_for_on_return(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers_json("GET /notes/1", &json!({ "text": "two" })).await;
    let client = trial.client();
    let mut events = client.events();
    let mut watched = client.watch(get_note(1));
    watched.ready().await.expect("the note");
    go_offline(&mut events).await;
    client.invalidate(NOTE.id(1));
    while watched.snapshot().error.is_none() {
        watched.changed().await;
    }
    assert_eq!(watched.snapshot().data.expect("the note")["text"], "one");
    go_online(&mut events).await;
    while watched.snapshot().data.is_none_or(|note| note["text"] != "two") {
        watched.changed().await;
    }
    assert!(watched.snapshot().error.is_none());
}
