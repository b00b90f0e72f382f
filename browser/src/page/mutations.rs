//! Mutations: triggers, hooks, optimistic changes, scopes, idempotency keys, and what users are told.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use larder::{ErrorKind, Hooks, Json, NotificationPhase, Notify, Optimistic, Retry, Trigger};
use serde_json::json;

use crate::trial::{Trial, get_note, post_note, put_note};

pub async fn a_trigger_shows_how_it_goes(trial: Trial) {
    trial.server.answers("PUT /notes/1", json!({ "gate": "go", "body": "{\"text\":\"two\"}" })).await;
    trial.server.answers("PUT /notes/1", json!({ "status": 409, "body": "no" })).await;
    let client = trial.client();
    let mut trigger: Trigger<Json> = client.trigger_as("save");
    let other: Trigger<Json> = client.trigger_as("save");
    assert!(trigger.state().is_idle());
    drop(trigger.run(put_note(1, "two")));
    assert!(other.state().is_pending());
    trial.server.open("go").await;
    while !trigger.state().is_success() {
        trigger.changed().await;
    }
    assert_eq!(other.state().data().expect("a result")["text"], "two");
    assert_eq!(other.run(put_note(1, "three")).await.expect_err("it is refused").kind(), ErrorKind::Status);
    assert!(trigger.state().is_error());
    trigger.reset();
    assert!(other.state().is_idle());
}

pub async fn hooks_run_in_order(trial: Trial) {
    trial.server.answers_json("PUT /notes/1", &json!({ "text": "two" })).await;
    let told: Rc<RefCell<Vec<String>>> = Rc::default();
    let tell = |what: &'static str| {
        let told = told.clone();
        move || told.borrow_mut().push(what.to_owned())
    };
    let (begun, done, settled) = (tell("begun"), tell("done"), tell("settled"));
    let hooks = Hooks::new(move |_| begun())
        .on_success(move |note: &Json, ()| {
            assert_eq!(note["text"], "two");
            done();
        })
        .on_settled(move |_, ()| settled());
    trial.client().mutate(put_note(1, "two").hooks(hooks)).await.expect("it is done");
    tell("answered")();
    assert_eq!(*told.borrow(), ["begun", "done", "settled", "answered"]);
}

fn shouted() -> Optimistic {
    Optimistic::new().replace(&get_note(1), |note| note["text"] = "shown".into())
}

pub async fn a_change_is_shown_before_it_is_done_and_taken_back(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers("PUT /notes/1", json!({ "gate": "go", "status": 409, "body": "no" })).await;
    let client = trial.client();
    let mut watched = client.watch(get_note(1));
    watched.ready().await.expect("the note");
    let putting = client.mutate(put_note(1, "two").optimistic(shouted()));
    assert_eq!(watched.snapshot().data.expect("the note")["text"], "shown");
    trial.server.open("go").await;
    putting.await.expect_err("it is refused");
    assert_eq!(watched.snapshot().data.expect("the note")["text"], "one");
}

pub async fn a_change_stays_until_newer_data_is_there(trial: Trial) {
    trial.server.answers_json("GET /notes/1", &json!({ "text": "one" })).await;
    trial.server.answers("GET /notes/1", json!({ "gate": "go", "body": "{\"text\":\"two\"}" })).await;
    trial.server.answers_json("PUT /notes/1", &json!({})).await;
    let client = trial.client();
    let mut watched = client.watch(get_note(1));
    watched.ready().await.expect("the note");
    let seen: Rc<RefCell<Vec<String>>> = Rc::default();
    let also = seen.clone();
    let _guard = watched.on_change(move |state| {
        let text = state.data.map(|note| note["text"].as_str().unwrap_or_default().to_owned()).unwrap_or_default();
        if also.borrow().last() != Some(&text) {
            also.borrow_mut().push(text);
        }
    });
    let putting = client.mutate(put_note(1, "two").optimistic(shouted())).refetched();
    trial.server.arrived(3).await;
    trial.server.open("go").await;
    putting.await.expect("it is done");
    assert_eq!(*seen.borrow(), ["shown", "two"], "the old value is not seen in between");
}

pub async fn an_idempotency_key_stays_the_same(trial: Trial) {
    trial.server.answers("POST /notes", json!({ "status": 503, "headers": { "retry-after": "0" } })).await;
    trial.server.answers_json("POST /notes", &json!({})).await;
    let client = trial.builder().idempotency_key("Idempotency-Key").expect("a name").build().expect("a client");
    let retry = Retry::times(2).delay(Duration::from_millis(1));
    client.mutate(post_note("one").retry(retry)).await.expect("it is done");
    client.mutate(post_note("two").retry(retry)).await.expect("it is done");
    let arrived = trial.server.arrived(3).await;
    let keys: Vec<_> = arrived.iter().map(|one| one.header("idempotency-key").expect("a key")).collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

pub async fn one_scope_goes_in_order(trial: Trial) {
    for id in 1..=3 {
        trial.server.answers(&format!("PUT /notes/{id}"), json!({ "gate": format!("go {id}"), "body": "{}" })).await;
    }
    let client = trial.client();
    let putting: Vec<_> = (1..=3).map(|id| client.mutate(put_note(id, "x").scope("notes"))).collect();
    assert_eq!(client.waiting().len(), 2);
    for (id, putting) in (1..).zip(putting) {
        assert_eq!(trial.server.calls(id).await.len(), id);
        trial.server.open(&format!("go {id}")).await;
        putting.await.expect("it is done");
    }
    assert_eq!(trial.server.calls(3).await, ["PUT /notes/1", "PUT /notes/2", "PUT /notes/3"]);
}

pub async fn notifications_tell_how_it_goes(trial: Trial) {
    trial.server.answers_json("PUT /notes/1", &json!({ "text": "two" })).await;
    trial.server.answers("PUT /notes/1", json!({ "status": 422, "body": "The text is too long." })).await;
    let client = trial.builder().notifications(|_| ()).build().expect("a client");
    let mut told = client.notifications();
    let put = || {
        let notify = Notify::new().in_progress("Saving").completed(|note: &Json| format!("Saved {}", note["text"]));
        put_note(1, "two").notify(notify)
    };
    client.mutate(put()).await.expect("it is done");
    client.mutate(put()).await.expect_err("it is refused");
    let mut texts = Vec::new();
    for _ in 0..4 {
        let one = told.next().await.expect("a notification");
        texts.push((one.phase, one.text));
    }
    assert_eq!(
        texts,
        [
            (NotificationPhase::InProgress, "Saving".to_owned()),
            (NotificationPhase::Completed, "Saved \"two\"".to_owned()),
            (NotificationPhase::InProgress, "Saving".to_owned()),
            (NotificationPhase::Failed, "The text is too long.".to_owned()),
        ]
    );
}
