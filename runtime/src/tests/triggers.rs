//! Triggers: what they show of the mutations that they start.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::*;
use crate::{ErrorKind, Trigger, TriggerState, TriggerStatus, WhenOffline};

fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    match Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(item) => item,
        Poll::Pending => None,
    }
}

// B20
#[tokio::test(start_paused = true)]
async fn b20_a_trigger_shows_each_step_of_its_mutation() {
    let (client, server) = setup();
    let save: Trigger<Json> = client.trigger();
    assert!(save.state().is_idle() && save.state().operation().is_none());
    let running = save.run(update_post(7));
    let state = save.state();
    assert!(state.is_pending() && !state.is_waiting() && state.data().is_none() && state.started_at().is_some());
    assert_eq!(
        (state.operation(), state.request().unwrap().path_and_query().as_str()),
        (Some("updatePost"), "/posts/7")
    );
    server.next().await.ok(json(r#"{"id": 7}"#));
    let post = running.await.unwrap();
    let state = save.state();
    assert!(state.is_success() && Arc::ptr_eq(state.data().unwrap(), &post), "it is shared, not copied");
    let running = save.run(update_post(8));
    assert!(save.state().data().is_none(), "another run begins with nothing");
    server.next().await.with(422, json("{}"));
    let error = running.await.unwrap_err();
    let state = save.state();
    assert!(state.is_error() && state.error().unwrap().is_same(&error));
    save.reset();
    let state = save.state();
    assert!(state.is_idle() && state.error().is_none() && state.request().is_none() && state.started_at().is_none());
}

// B20
#[tokio::test(start_paused = true)]
async fn b20_the_result_may_be_left_to_the_trigger_and_the_trigger_may_go() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let mut save: Trigger<Json> = client.trigger();
    drop(save.run(update_post(1)));
    assert!(save.changed().await.is_pending());
    server.next().await.ok(json("5"));
    assert_eq!(**save.changed().await.data().unwrap(), 5);
    server.next().await.ok(json("2"));
    drop(save.run(update_post(1)));
    drop(save);
    server.next().await.ok(json("6"));
    assert_eq!(server.settled().await, 5, "it was done, and made the post stale");
}

// B20
#[tokio::test(start_paused = true)]
async fn b20_of_one_key_the_last_started_counts_wherever_it_was_started() {
    let (client, server) = setup();
    let [one, other] = [(); 2].map(|()| client.trigger_as::<Json>("save-post"));
    let apart = [client.trigger_as::<Json>("delete-post"), client.trigger::<Json>()];
    let another_type = client.trigger_as::<String>("save-post");
    let [first, last] = [one.run(update_post(1)), other.run(update_post(2))];
    let [asked_first, asked_last] = [server.next().await, server.next().await];
    asked_last.ok(json("2"));
    assert_eq!(*last.await.unwrap(), 2);
    asked_first.ok(json("1"));
    assert_eq!(*first.await.unwrap(), 1, "its caller has its own result");
    for trigger in [&one, &other, &one.clone()] {
        assert_eq!(**trigger.state().data().unwrap(), 2);
    }
    assert!(apart.iter().all(|trigger| trigger.state().is_idle()) && another_type.state().is_idle());
    other.reset();
    assert!(one.state().is_idle());
    drop(one.run(update_post(3)));
    drop((one, other));
    let later = client.trigger_as::<Json>("save-post");
    assert!(later.state().is_pending(), "what is under way is found by its key");
    server.next().await.ok(json("3"));
    server.settled().await;
    assert!(later.state().is_success());
    drop(later);
    assert!(client.trigger_as::<Json>("save-post").state().is_idle());
}

// B20
#[tokio::test(start_paused = true)]
async fn b20_what_was_reset_is_not_shown_when_it_settles() {
    let (client, server) = setup();
    let save: Trigger<Json> = client.trigger();
    let running = save.run(update_post(1));
    let asked = server.next().await;
    save.reset();
    asked.ok(json("1"));
    assert_eq!(*running.await.unwrap(), 1);
    assert!(save.state().is_idle());
}

// B20, B24
#[tokio::test(start_paused = true)]
async fn b20_that_a_mutation_waits_is_seen() {
    let (client, server) = setup();
    let save: Trigger<Json> = client.trigger();
    client.online(false);
    drop(save.run(update_post(1).when_offline(WhenOffline::Wait)));
    assert!(save.state().is_pending() && save.state().is_waiting());
    client.online(true);
    assert!(save.state().is_pending() && !save.state().is_waiting());
    let asked = server.next().await;
    client.online(false);
    asked.send(Err(TransportError::not_sent("no route")));
    server.settled().await;
    assert!(save.state().is_waiting(), "it was put back");
    for waiting in client.waiting() {
        assert!(waiting.cancel());
    }
    assert_eq!(save.state().error().unwrap().kind(), ErrorKind::Aborted);
    assert!(!save.state().is_waiting());
}

// B20
#[tokio::test(start_paused = true)]
async fn b20_changes_are_told_to_futures_streams_and_callbacks_alike() {
    let (client, server) = setup();
    let save: Trigger<Json> = client.trigger();
    let (mut waiting, mut stream) = (save.clone(), save.clone().into_stream());
    let seen: Arc<Mutex<Vec<TriggerStatus>>> = Arc::default();
    let (heard, batches) = (seen.clone(), Arc::new(Mutex::new(0)));
    let guard = save.on_change(move |state: TriggerState<Json>| lock(&heard).push(state.status()));
    let counted = batches.clone();
    let _batch = client.on_batch(move || *lock(&counted) += 1);
    assert!(next(&mut stream).unwrap().is_idle() && next(&mut stream).is_none());
    drop(save.run(update_post(1)));
    assert!(waiting.changed().await.is_pending() && next(&mut stream).unwrap().is_pending());
    let changed = tokio::spawn(async move { waiting.changed().await });
    server.next().await.ok(json("1"));
    assert!(changed.await.unwrap().is_success() && next(&mut stream).unwrap().is_success());
    drop(guard);
    save.reset();
    assert_eq!(*lock(&seen), [TriggerStatus::Pending, TriggerStatus::Success]);
    assert_eq!(*lock(&batches), 3);
}

// B16, B20
#[tokio::test(start_paused = true)]
async fn b20_the_state_is_settled_before_hooks_run_and_refetches_are_awaited() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let save: Trigger<Json> = client.trigger();
    let (shown, seen) = (save.clone(), Arc::new(Mutex::new(None)));
    let noted = seen.clone();
    let update = update_post(1).on_success(move |_| *lock(&noted) = Some(shown.state().status()));
    let refetching = tokio::spawn(save.run(update).refetched());
    server.next().await.ok(json("5"));
    server.settled().await;
    assert_eq!(*lock(&seen), Some(TriggerStatus::Success));
    assert!(!refetching.is_finished());
    server.next().await.ok(json("2"));
    assert_eq!(*refetching.await.unwrap().unwrap().data, 5);
}

// B20
#[tokio::test(start_paused = true)]
async fn b20_no_secret_is_shown() {
    let (client, _server) = setup();
    let save: Trigger<Json> = client.trigger();
    let request = Request::post("login", "/login").header_param("Authorization", "Bearer s3cret").json("s3cret");
    drop(save.run(Mutation::new(request)));
    let shown = format!("{:?} {:?}", save.state(), save);
    assert!(shown.contains("login") && !shown.contains("s3cret"), "{shown}");
}

// B20
#[test]
fn b20_whoever_was_started_last_counts_in_any_order_of_ends() {
    use crate::core::tests::simulation::random::Random;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    for seed in 1..=200 {
        runtime.block_on(async {
            let mut random = Random::new(seed);
            let (client, server) = setup();
            let triggers = [(); 3].map(|()| client.trigger_as::<Json>("key"));
            let (mut asked, mut last, mut is_reset) = (Vec::new(), None, true);
            let mut ended = Vec::new();
            for number in 1..=20_i64 {
                match random.below(4) {
                    0 | 1 => {
                        drop(triggers[random.below(3)].run(update_post(number)));
                        asked.push((number, server.next().await));
                        (last, is_reset) = (Some(number), false);
                    }
                    2 if !asked.is_empty() => {
                        let (number, asked) = asked.swap_remove(random.below(asked.len()));
                        asked.ok(number.to_string());
                        server.settled().await;
                        ended.push(number);
                    }
                    3 if random.once_in(3) => {
                        triggers[random.below(3)].reset();
                        is_reset = true;
                    }
                    _ => {}
                }
                let last = last.filter(|_| !is_reset);
                let data = last.filter(|last| ended.contains(last)).map(Json::from);
                for trigger in &triggers {
                    let state = trigger.state();
                    assert_eq!(state.data().map(|data| (**data).clone()), data, "seed {seed}");
                    assert_eq!(
                        (state.is_idle(), state.is_pending()),
                        (last.is_none(), last.is_some() && data.is_none())
                    );
                }
            }
        });
    }
}
