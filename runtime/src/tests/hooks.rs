//! Hooks around mutations: their order, their context, and what their panics do.

use super::*;
use crate::{ClientHooks, Error, ErrorKind, HookStep, Hooks};

/// What happened, in order.
#[derive(Clone, Default)]
struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    fn note(&self, what: impl Into<String>) {
        lock(&self.0).push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.0))
    }

    /// Hooks that note what they are told, with a context that counts them.
    fn hooks(&self, name: &'static str) -> Hooks<Json, u8> {
        let [begin, success, error, settled] = [(); 4].map(|()| self.clone());
        Hooks::new(move |call| {
            begin.note(format!("{name} before {}", call.operation));
            1
        })
        .on_success(move |value, count| {
            *count += 1;
            success.note(format!("{name} has {value}"));
        })
        .on_error(move |cause, count| {
            *count += 1;
            error.note(format!("{name} has {:?}", cause.kind()));
        })
        .on_settled(move |result, count| settled.note(format!("{name} settled {} {count}", result.is_ok())))
    }

    fn client_hooks(&self) -> ClientHooks<String> {
        let [success, error, settled] = [(); 3].map(|()| self.clone());
        let begin = self.clone();
        ClientHooks::new(move |call| {
            begin.note(format!("client before {call}"));
            call.to_string()
        })
        .on_success(move |end, call| success.note(format!("client: {call} {:?}", end.status)))
        .on_error(move |end, _| error.note(format!("client: {:?} {}", end.outcome, end.error.is_some())))
        .on_settled(move |end, _| settled.note(format!("client settled {:?}", end.outcome)))
    }

    fn client(&self) -> (Client, Server) {
        let (server, story, heard) = (Server::default(), self.clone(), self.clone());
        let client = builder(&server)
            .mutation_hooks(self.client_hooks())
            .enhance_mutation("updatePost", move |update: Mutation<Json>| update.hooks(story.hooks("endpoint")))
            .on_event(move |event| match event {
                Event::MutationStarted { .. } => heard.note("started"),
                Event::Requested { .. } => heard.note("requested"),
                Event::HookPanicked { step, .. } => heard.note(format!("panicked: {step:?}")),
                _ => {}
            })
            .build()
            .unwrap();
        (client, server)
    }
}

// B16, B21
#[tokio::test(start_paused = true)]
async fn b21_hooks_run_in_order_after_the_refetches_began_and_before_the_caller() {
    let story = Story::default();
    let (client, server) = story.client();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    story.take();
    let mutating = client.mutate(update_post(1).hooks(story.hooks("call")));
    let caller = story.clone();
    let caller = tokio::spawn(async move {
        let result = mutating.await;
        caller.note(format!("caller {}", result.is_ok()));
    });
    let before = ["client before PATCH /posts/1 (updatePost)", "endpoint before updatePost", "call before updatePost"];
    assert_eq!(story.take(), [before.as_slice(), &["started"]].concat());
    server.next().await.ok(json("7"));
    caller.await.unwrap();
    let expected = [
        "requested",
        "client: PATCH /posts/1 (updatePost) Some(200)",
        "endpoint has 7",
        "call has 7",
        "client settled Succeeded",
        "endpoint settled true 2",
        "call settled true 2",
        "caller true",
    ];
    assert_eq!(story.take(), expected);
    let mutating = client.mutate(update_post(1).hooks(story.hooks("call")));
    server.next().await.ok(json("2"));
    server.next().await.with(409, json("{}"));
    mutating.await.unwrap_err();
    let expected = [
        "client: Refused true",
        "endpoint has Status",
        "call has Status",
        "client settled Refused",
        "endpoint settled false 2",
        "call settled false 2",
    ];
    assert_eq!(story.take()[4..], expected);
}

// B21
#[tokio::test(start_paused = true)]
async fn b21_short_forms_and_hooks_of_calls_that_nobody_awaits() {
    let story = Story::default();
    let (client, server) = setup();
    let [one, two, three, four] = [(); 4].map(|()| story.clone());
    let update = update_post(1)
        .on_mutate(move |call| one.note(call.operation))
        .on_success(move |value| two.note(value.to_string()))
        .on_error(move |error| three.note(format!("{:?}", error.kind())))
        .on_settled(move |result: Result<&Json, &Error>| four.note(format!("{}", result.is_ok())));
    drop(client.mutate(update.clone()));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert_eq!(story.take(), ["updatePost", "1", "true"]);
    drop(client.mutate(update.clone()));
    server.next().await.ok(json("{"));
    server.settled().await;
    assert_eq!(story.take(), ["updatePost", "Decode", "false"], "done, but without a result");
    drop(client.mutate(update.as_text("text/plain")));
    server.next().await.ok(json("text"));
    server.settled().await;
    assert_eq!(story.take(), [""; 0], "they are of another type");
}

// B21, B36
#[tokio::test(start_paused = true)]
async fn b21_a_panic_in_any_hook_is_told_and_stops_nothing_else() {
    for step in [HookStep::Mutate, HookStep::Success, HookStep::Settled] {
        let story = Story::default();
        let (client, server) = story.client();
        let watcher = client.watch(get_post(1));
        server.next().await.ok(json("1"));
        server.settled().await;
        let panicking = Hooks::new(move |_| assert!(step != HookStep::Mutate, "mutate"))
            .on_success(move |_: &Json, ()| assert!(step != HookStep::Success, "success"))
            .on_settled(move |_, ()| assert!(step != HookStep::Settled, "settled"));
        let mutating = client.mutate(update_post(1).hooks(panicking).hooks(story.hooks("later")));
        server.next().await.ok(json("7"));
        assert_eq!(mutating.await.unwrap(), 7, "{step:?}");
        server.next().await.ok(json("2"));
        server.settled().await;
        assert_eq!(*watcher.snapshot().data.unwrap(), 2, "{step:?}");
        let story = story.take();
        for expected in
            [&format!("panicked: {step:?}"), "later has 7", "later settled true 2", "client settled Succeeded"]
        {
            assert!(story.iter().any(|line| line == expected), "{step:?}: {expected} is not in {story:?}");
        }
    }
}

// B21, B23
#[tokio::test(start_paused = true)]
async fn b21_hooks_may_call_the_client_and_undo_what_they_did() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let [before, after] = [client.clone(), client.clone()];
    let hooks = || {
        let [before, after] = [before.clone(), after.clone()];
        Hooks::new(move |_| {
            let old = before.peek(&get_post(1));
            before.set(&get_post(1), 9.into()).unwrap();
            old
        })
        .on_error(move |_, old| {
            if let Some(old) = old.take() {
                after.set(&get_post(1), (*old).clone()).unwrap();
            }
        })
    };
    let mutating = client.mutate(update_post(1).hooks(hooks()));
    assert_eq!(*watcher.snapshot().data.unwrap(), 9);
    server.next().await.with(422, json("{}"));
    mutating.await.unwrap_err();
    assert_eq!(*watcher.snapshot().data.unwrap(), 1);
    let mutating = client.mutate(update_post(1).hooks(hooks()).writes(get_post(1)));
    server.next().await.ok(json("9"));
    mutating.await.unwrap();
    assert_eq!(server.settled().await, 3, "what a hook wrote before does not count as a change meanwhile");
}

// B21
#[tokio::test(start_paused = true)]
async fn b21_a_call_that_is_given_up_while_it_waits_ends_for_its_hooks_as_well() {
    let story = Story::default();
    let (client, server) = setup();
    let _first = client.mutate(update_post(1).scope("a"));
    let second = client.mutate(update_post(2).scope("a").hooks(story.hooks("call")));
    for waiting in client.waiting() {
        assert!(waiting.cancel());
    }
    assert_eq!(second.await.unwrap_err().kind(), ErrorKind::Aborted);
    assert_eq!(story.take(), ["call before updatePost", "call has Aborted", "call settled false 2"]);
    assert_eq!(server.settled().await, 1);
}

// B21
#[tokio::test(start_paused = true)]
async fn b21_the_client_s_hooks_hear_of_mutations_that_stream() {
    let (server, story) = (Server::default(), Story::default());
    let (failed, ended) = (story.clone(), story.clone());
    let hooks = ClientHooks::new(|call| call.operation)
        .on_error(move |end, _| failed.note(format!("{:?}", end.error.as_ref().map(Error::kind))))
        .on_settled(move |end, operation| ended.note(format!("{operation} {:?} {:?}", end.outcome, end.status)));
    let client = builder(&server).mutation_hooks(hooks).build().unwrap();
    let run = || {
        let run = Mutation::<Json>::new(Request::post("run", "/runs")).as_events::<Json>();
        run.on_settled(|_| panic!("nobody has the whole"))
    };
    let mut items = client.stream(run());
    let pieces = server.next().await.begin();
    pieces.send("data: 1\n\n");
    assert!(items.next().await.unwrap().is_ok());
    assert!(story.take().is_empty(), "it is not through");
    drop(pieces);
    assert!(items.next().await.is_none());
    assert_eq!(story.take(), ["run Succeeded Some(200)"]);
    let refused = tokio::spawn(client.download(run()));
    server.next().await.with(422, json(""));
    assert!(refused.await.unwrap().is_err());
    assert_eq!(story.take(), ["Some(Status)", "run Refused Some(422)"]);
    let items = client.stream(run());
    let pieces = server.next().await.begin();
    server.settled().await;
    drop(items);
    server.settled().await;
    assert!(!pieces.is_read());
    assert_eq!(story.take(), ["Some(Aborted)", "run Unknown None"]);
}
