//! Changes that panic, call the client, or outlive what they are about.

use super::*;

// B22, B36
#[tokio::test(start_paused = true)]
async fn b22_a_change_that_panics_is_left_out_and_the_mutation_goes_on() {
    let (client, server, events) = listening();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let other = watched_with(&client, &server, post(8), r#"{"id":8,"title":"eight"}"#).await;
    let panicking = |post: &mut Post| {
        assert_ne!(post.id, 7, "on purpose");
        post.title += "+x";
    };
    let mutating = client.mutate(changing(POST.id(7)).optimistic(Optimistic::new().change(POST.all(), panicking)));
    let layer = client.layer(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+y"));
    assert_eq!((title(&watcher).as_str(), title(&other).as_str()), ("a+y", "eight+x"));
    let failed = || lock(&events).iter().filter(|event| matches!(event, Event::LayerFailed { .. })).count();
    assert_eq!(failed(), 1, "it is told once, and not tried again");
    let asked = server.next().await;
    drop(tokio::spawn(client.refetch(&post(7))));
    server.next().await.ok(json(B));
    server.settled().await;
    assert!(title(&watcher) == "b+y" && failed() == 1);
    asked.ok(json("{}"));
    mutating.await.unwrap();
    layer.undo();
    assert_eq!(title(&watcher), "b");
}

// B22, B36
#[tokio::test(start_paused = true)]
async fn b22_a_change_may_call_the_client() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let inner = client.clone();
    let nosy = move |shown: &mut Post| {
        shown.title += "+x";
        let _ = inner.peek(&post(7));
        drop(inner.invalidate(USER.all()));
    };
    let layer = client.layer(Optimistic::new().change(POST.id(7), nosy));
    assert_eq!(title(&watcher), "a+x");
    layer.undo();
    assert_eq!(title(&watcher), "a");
}

// B22, B36
#[tokio::test(start_paused = true)]
async fn b22_data_that_changes_while_a_change_is_made_of_it_is_changed_too() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let (inner, once) = (client.clone(), AtomicBool::new(true));
    let overtaken = move |shown: &mut Post| {
        if once.swap(false, Ordering::SeqCst) {
            inner.set(&post(7), Post { id: 7, title: "meanwhile".to_owned() }).unwrap();
        }
        shown.title += "+x";
    };
    let layer = client.layer(Optimistic::new().change(POST.id(7), overtaken));
    assert_eq!(title(&watcher), "meanwhile+x");
    layer.undo();
    assert_eq!(title(&watcher), "meanwhile");
}

// B22, B9
#[tokio::test(start_paused = true)]
async fn b22_an_entry_that_left_takes_its_layers_along() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7).keep_unused(Duration::ZERO), A).await;
    let mutating = client.mutate(rename(7, "mine"));
    let asked = server.next().await;
    drop(watcher);
    assert!(client.peek(&post(7)).is_none());
    asked.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(server.settled().await, 2);
    let again = watched_with(&client, &server, post(7), A).await;
    assert_eq!(title(&again), "a");
}

// B22, B35
#[tokio::test(start_paused = true)]
async fn b22_layers_that_come_and_go_are_told() {
    let (client, server, events) = listening();
    let _watcher = watched_with(&client, &server, post(7), A).await;
    let layer = client.layer(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+x"));
    layer.undo();
    let told = lock(&events)
        .iter()
        .filter_map(|event| match event {
            Event::Layered { layers, .. } => Some(*layers),
            _ => None,
        })
        .collect::<Vec<_>>();
    assert_eq!(told, [1, 0]);
}

// B22, B23
#[tokio::test]
async fn b22_updates_and_layers_of_many_threads_lose_nothing() {
    const ROUNDS: i64 = 200;
    let (client, _server) = setup();
    client.set(&post(7), Post { id: 0, title: String::new() }).unwrap();
    let start = std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..ROUNDS {
                    assert!(client.update(&post(7), |post| post.id += 1).unwrap());
                }
            });
            scope.spawn(|| {
                start.wait();
                for _ in 0..ROUNDS {
                    let layer =
                        client.layer(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+x"));
                    let shown = client.peek(&post(7)).unwrap();
                    assert!(["+x", "+x+x"].contains(&shown.title.as_str()), "{}", shown.title);
                    layer.undo();
                }
            });
        }
    });
    let shown = client.peek(&post(7)).unwrap();
    assert_eq!((shown.id, shown.title.as_str()), (2 * ROUNDS, ""));
}
