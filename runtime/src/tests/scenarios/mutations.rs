//! Which outcomes of a mutation invalidate, and in which order things happen.

use super::*;
use crate::Outcome;

// B15
#[tokio::test(start_paused = true)]
async fn b15_declared_tags_are_stale_after_success_and_others_are_not() {
    let (client, server) = counting();
    let users = watched(&client, of("/users", USER.list())).await;
    let stats = watched(&client, of("/stats", "Stats")).await;
    client.mutate(changing([USER.list(), USER.id(1)])).refetched().await.unwrap();
    assert_eq!([number(&users), number(&stats)], [2, 1]);
    assert_eq!([server.of("/users"), server.of("/stats")], [2, 1]);
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_a_refusal_invalidates_what_the_endpoint_says() {
    type End = (u16, [usize; 2]);
    let ends: [End; 5] = [(200, [2, 1]), (404, [1, 2]), (409, [1, 2]), (422, [1, 2]), (503, [2, 1])];
    for (status, expected) in ends {
        let (client, server) = setup();
        let watchers = [client.watch(get_post(1)), client.watch(get_post(2))];
        for _ in 0..2 {
            server.next().await.ok(json("1"));
        }
        let mutating = client.mutate(changing(POST.id(1)).invalidates_when_refused(POST.id(2)));
        server.next().await.with(status, json("{}"));
        let _ = mutating.await;
        server.next().await.ok(json("2"));
        server.settled().await;
        let asked = watchers.each_ref().map(|watcher| usize::try_from(number(watcher)).unwrap());
        assert_eq!(asked, expected, "{status}");
    }
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_what_a_call_says_of_all_its_tags_counts_for_refusals_too() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let refused = || changing(POST.id(7)).invalidates_when_refused(POST.id(1));
    for mutation in [refused().invalidates_only(POST.id(7)), refused().without_invalidation()] {
        let mutating = client.mutate(mutation);
        server.next().await.with(409, json("{}"));
        mutating.await.unwrap_err();
    }
    assert_eq!(server.settled().await, 3);
    // As text, the same call says the same.
    let mutating = client.mutate(refused().as_text("text/plain"));
    server.next().await.with(409, json("{}"));
    mutating.await.unwrap_err();
    assert_eq!(server.settled().await, 5);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_when_the_caller_has_its_result_the_refetches_are_under_way() {
    let (client, server, events) = listening();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let mutating = client.mutate(changing(POST.id(1)));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert!(seen(&watcher).is_stale && seen(&watcher).is_fetching);
    let causes: Vec<Cause> = lock(&events)
        .iter()
        .filter_map(|event| match event {
            Event::Requested { cause, .. } => Some(*cause),
            _ => None,
        })
        .collect();
    assert_eq!(causes, [Cause::Watch, Cause::Invalidated]);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_waiting_for_refetches_waits_for_those_that_began_after_the_mutation() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    let old = server.next().await;
    let mutating = tokio::spawn(client.mutate(changing(POST.id(1))).refetched());
    server.next().await.ok(json("{}"));
    server.settled().await;
    old.ok(json("1"));
    server.settled().await;
    assert!(!mutating.is_finished(), "the older answer is none to it");
    server.next().await.ok(json("2"));
    assert!(mutating.await.unwrap().unwrap().errors.is_empty());
    assert_eq!(number(&watcher), 2);
}

// B16
#[tokio::test(start_paused = true)]
async fn b16_waiting_for_refetches_ends_when_nothing_is_to_be_waited_for() {
    let (client, server) = setup();
    let watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    let mutating = tokio::spawn(client.mutate(changing(POST.id(1))).refetched());
    server.next().await.ok(json("{}"));
    let _hangs = server.next().await;
    server.settled().await;
    client.set(&get_post(1), 5.into()).unwrap();
    assert!(mutating.await.unwrap().unwrap().errors.is_empty());
    drop(watcher);
    let nothing = client.mutate(changing(USER.all())).refetched();
    server.next().await.ok(json("{}"));
    nothing.await.unwrap();
}

// B15, B18
#[tokio::test(start_paused = true)]
async fn b18_a_call_adds_tags_to_those_of_its_operation() {
    let (client, server) = counting();
    let _watchers = [watched(&client, get_post(1)).await, watched(&client, of("/users", USER.all())).await];
    client.mutate(update_post(1).invalidates(USER.all())).refetched().await.unwrap();
    // A `PATCH` of the same path is counted with it.
    assert_eq!([server.of("/posts/1"), server.of("/users")], [3, 2]);
}

// B14, B15
#[tokio::test(start_paused = true)]
async fn b14_what_is_gone_is_not_asked_for() {
    let (client, server) = counting();
    let watcher = watched(&client, get_post(1)).await;
    client.fetch(get_post(2)).await.unwrap();
    let list = watched(&client, of("/list", POST.list()).provides_from(|_| [POST.id(1), POST.id(2)].into())).await;
    client.mutate(changing([POST.id(1).gone(), POST.id(2).gone()])).refetched().await.unwrap();
    assert!(client.peek(&get_post(2)).is_none());
    assert!(number(&watcher) == 1 && seen(&watcher).is_stale, "it keeps what it showed");
    assert_eq!([server.of("/posts/1"), server.of("/posts/2"), server.of("/list")], [1, 1, 2]);
    assert_eq!(number(&list), 2);
}

// B15
#[tokio::test(start_paused = true)]
async fn b15_outcomes_are_told() {
    let (client, server, events) = listening();
    for (status, expected) in [(200, Outcome::Succeeded), (404, Outcome::Refused), (500, Outcome::Unknown)] {
        let mutating = client.mutate(changing(POST.id(1)));
        server.next().await.with(status, json("{}"));
        let _ = mutating.await;
        server.settled().await;
        let settled = lock(&events).iter().rev().find_map(|event| match event {
            Event::MutationSettled { outcome, .. } => Some(*outcome),
            _ => None,
        });
        assert_eq!(settled, Some(expected));
    }
}

// B16, B18
#[tokio::test(start_paused = true)]
async fn b16_waiting_for_refetches_ends_with_a_reset() {
    let (client, server) = setup();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    let mutating = tokio::spawn(client.mutate(update_post(1)).refetched());
    server.next().await.ok(json("{}"));
    let _given_up = server.next().await;
    client.reset(crate::Target::everything());
    assert!(mutating.await.unwrap().unwrap().errors.is_empty());
    server.next().await.ok(json("2"));
    assert_eq!(server.settled().await, 4);
}
