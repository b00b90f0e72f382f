//! What the events tell.

use super::*;
use crate::{Refetch, Removal, Target};

fn causes(events: &Mutex<Vec<Event>>) -> Vec<Cause> {
    let cause = |event: &Event| match event {
        Event::Requested { cause, .. } => Some(*cause),
        _ => None,
    };
    lock(events).iter().filter_map(cause).collect()
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_every_request_tells_its_cause() {
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let heard = events.clone();
    let (client, _server) = counting_with(|builder| {
        builder.on_event(move |event| lock(&heard).push(event.clone())).focus_throttle(Duration::ZERO)
    });
    client.fetch(get_post(1)).await.unwrap();
    client.fetch(get_post(1)).await.unwrap();
    client.refetch(&get_post(1)).await.unwrap();
    client.prefetch(get_post(2), Prefetch::IfMissing);
    let always = get_post(3).refetch_on_focus(Refetch::Always).refetch_on_reconnect(Refetch::Always);
    let _watcher = watched(&client, always.poll_every(SECOND)).await;
    after(SECOND).await;
    client.focused(true);
    yield_often().await;
    client.online(false);
    client.online(true);
    yield_often().await;
    client.invalidate(POST.id(3)).await;
    client.reset(&get_post(3)).await;
    let expected = [
        Cause::Fetch,
        Cause::Refetch,
        Cause::Prefetch,
        Cause::Watch,
        Cause::Poll,
        Cause::Focus,
        Cause::Reconnect,
        Cause::Invalidated,
        Cause::Reset,
    ];
    assert_eq!(causes(&events), expected);
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_an_answer_from_the_cache_is_told_and_is_no_request() {
    let (client, server, events) = listening();
    let fetching = tokio::spawn(client.fetch(get_post(1)));
    server.next().await.ok(json("1"));
    fetching.await.unwrap().unwrap();
    lock(&events).clear();
    client.fetch(get_post(1)).await.unwrap();
    let _watcher = client.watch(get_post(1));
    let heard = lock(&events);
    assert!(matches!(
        heard[..],
        [Event::AnsweredFromCache { .. }, Event::Subscribed { .. }, Event::AnsweredFromCache { .. }]
    ));
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_every_removal_tells_why() {
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let heard = events.clone();
    let (client, _server) = counting_with(|builder| {
        builder.on_event(move |event| lock(&heard).push(event.clone())).max_entries(2).remove_unwatched(true)
    });
    client.fetch(get_post(1)).await.unwrap();
    client.remove(&get_post(1));
    client.fetch(get_post(2)).await.unwrap();
    client.invalidate(POST.id(2));
    client.fetch(get_post(3)).await.unwrap();
    client.invalidate(POST.id(3).gone());
    for id in 4..=6 {
        client.fetch(get_post(id)).await.unwrap();
    }
    after(SECOND * 61).await;
    let why: Vec<Removal> = lock(&events)
        .iter()
        .filter_map(|event| match event {
            Event::Removed { why, .. } => Some(*why),
            _ => None,
        })
        .collect();
    let (hand, unused) = (Removal::ByHand, Removal::Unused);
    assert_eq!(why, [hand, Removal::Invalidated, Removal::Gone, Removal::Bounds, unused, unused]);
    assert!(client.would_reach(Target::everything()).is_empty());
}

// B35
#[tokio::test(start_paused = true)]
async fn b35_an_invalidation_tells_what_became_of_each_entry() {
    let (client, server, events) = listening();
    let _watcher = client.watch(get_post(1));
    server.next().await.ok(json("1"));
    client.set(&get_post(2), 2.into()).unwrap();
    client.set(&get_post(3), 3.into()).unwrap();
    client.invalidate([POST.id(1), POST.id(2), POST.id(3).gone()]);
    let told = lock(&events).iter().find_map(|event| match event {
        Event::Invalidated { tags, refetching, marked_stale, dropped } => {
            let urls = |calls: &[crate::CallRef]| calls.iter().map(|call| call.url.to_string()).collect::<Vec<_>>();
            Some((tags.len(), urls(refetching), urls(marked_stale), urls(dropped)))
        }
        _ => None,
    });
    let one = |id: i64| vec![format!("/posts/{id}")];
    assert_eq!(told, Some((3, one(1), one(2), one(3))));
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_transport_that_never_answers_ends_as_a_timeout_and_nobody_else_waits() {
    let (client, server) = setup();
    let mut hanging = client.watch(get_post(1));
    let _never = server.next().await;
    let fetching = tokio::spawn(client.fetch(get_post(2)));
    server.next().await.ok(json("2"));
    fetching.await.unwrap().unwrap();
    assert_eq!(hanging.ready().await.unwrap_err().kind(), crate::ErrorKind::Timeout);
    client.invalidate(POST.id(1));
    server.next().await.ok(json("1"));
    server.settled().await;
    assert_eq!(number(&hanging), 1);
}

// B36
#[tokio::test(start_paused = true)]
async fn b36_a_listener_may_drop_watchers_change_the_cache_and_start_mutations() {
    let (server, own) = (Counter::default(), Arc::new(Mutex::new(None::<(Client, Option<Watcher<Json>>)>)));
    let inner = own.clone();
    let client = Client::builder("https://api.example.com/v1")
        .transport(server.clone())
        .on_event(move |event| {
            let Event::Received { entry, .. } = event else { return };
            let taken = lock(&inner).take();
            if let Some((client, watcher)) = taken {
                assert_eq!(&*entry.url, "/posts/1");
                drop(watcher);
                client.set(&get_post(3), 30.into()).unwrap();
                client.batch(|batch| batch.invalidate(POST.id(2)));
                client.reset(&get_post(1));
                drop(client.mutate(changing(POST.id(2))));
            }
        })
        .build()
        .unwrap();
    let other = watched(&client, get_post(2)).await;
    let watcher = client.watch(get_post(1));
    *lock(&own) = Some((client.clone(), Some(watcher)));
    yield_often().await;
    assert!(client.peek(&get_post(1)).is_none() && client.peek(&get_post(3)).is_some());
    assert_eq!(server.of("/posts/2"), 3);
    assert!(number(&other) == 3 && !seen(&other).is_stale);
}
