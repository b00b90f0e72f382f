//! How layers end, and what is shown then.

use super::*;

// B22
#[tokio::test(start_paused = true)]
async fn b22_a_change_is_shown_before_it_is_sent_and_taken_away_when_it_is_refused() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let mutating = client.mutate(rename(7, "mine"));
    assert_eq!(title(&watcher), "mine", "before anything else happens");
    assert_eq!(client.peek(&post(7)).unwrap().title, "mine");
    assert_eq!(client.fetch(post(7)).await.unwrap().title, "mine", "as fresh as what it is over");
    server.next().await.with(409, json("{}"));
    mutating.await.unwrap_err();
    assert_eq!(title(&watcher), "a");
    assert_eq!(server.settled().await, 2, "a refusal changes nothing, so nothing is asked for");
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_overlapping_changes_are_undone_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let (client, server) = setup();
        let watcher = watched_with(&client, &server, post(7), A).await;
        let (mut asked, mut left) = (Vec::new(), vec!["+x", "+y", "+z"]);
        for more in ["+x", "+y", "+z"] {
            drop(client.mutate(adding(7, more)));
            asked.push(Some(server.next().await));
        }
        assert_eq!(title(&watcher), "a+x+y+z");
        let names = left.clone();
        for which in order {
            asked[which].take().unwrap().with(400, json("{}"));
            server.settled().await;
            left.retain(|name| *name != names[which]);
            assert_eq!(title(&watcher), format!("a{}", left.concat()), "{order:?}");
        }
    }
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_an_older_response_and_a_poll_do_not_wipe_a_pending_change() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7).poll_every(SECOND), A).await;
    drop(tokio::spawn(client.refetch(&post(7))));
    let older = server.next().await;
    let mutating = client.mutate(adding(7, "+x"));
    let asked = server.next().await;
    older.ok(json(B));
    server.settled().await;
    assert_eq!(title(&watcher), "b+x", "the older response is what the change is shown over");
    after(SECOND).await;
    server.next().await.ok(json(A));
    server.settled().await;
    assert_eq!(title(&watcher), "a+x");
    asked.with(400, json("{}"));
    mutating.await.unwrap_err();
    assert_eq!(title(&watcher), "a");
}

// B22, B4
#[tokio::test(start_paused = true)]
async fn b22_an_equal_response_beneath_a_change_is_no_news() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    drop(client.mutate(adding(7, "+x")));
    let _asked = server.next().await;
    let before = seen(&watcher).data.unwrap();
    drop(tokio::spawn(client.refetch(&post(7))));
    server.next().await.ok(json(A));
    server.settled().await;
    assert!(Arc::ptr_eq(&before, &seen(&watcher).data.unwrap()));
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_after_a_success_the_change_stays_until_newer_data_is_there() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let shown = Arc::new(Mutex::new(Vec::new()));
    let told = shown.clone();
    let _guard = watcher.on_change(move |state| lock(&told).extend(state.data.map(|post| post.title.clone())));
    drop(tokio::spawn(client.refetch(&post(7))));
    let older = server.next().await;
    let mutating = client.mutate(rename(7, "b"));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert!(title(&watcher) == "b" && seen(&watcher).is_stale);
    older.ok(json(A));
    let newer = server.next().await;
    assert_eq!(title(&watcher), "b", "a response that began before the change was done does not show the old value");
    newer.ok(json(r#"{"id":7,"title":"b, as the server has it"}"#));
    server.settled().await;
    assert!(title(&watcher) == "b, as the server has it" && !seen(&watcher).is_stale);
    let shown = lock(&shown).clone();
    let first = shown.iter().position(|title| title != "a").unwrap();
    assert!(shown.iter().skip(first).all(|title| title.starts_with('b')), "no flash of the old value: {shown:?}");
    assert_eq!(server.settled().await, 4);
}

// B22, B16
#[tokio::test(start_paused = true)]
async fn b22_what_a_mutation_writes_takes_over_from_its_change() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let other = client.mutate(
        changing(Vec::new()).optimistic(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+other")),
    );
    let other_asked = server.next().await;
    let mutating = client.mutate(rename(7, "mine").writes(post(7)));
    assert_eq!(title(&watcher), "mine");
    server.next().await.ok(json(B));
    mutating.await.unwrap();
    assert_eq!(title(&watcher), "b+other", "its own change is gone, and the other one stays");
    assert_eq!(server.settled().await, 3, "nothing is asked for");
    other_asked.with(404, json("{}"));
    other.await.unwrap_err();
    assert_eq!(title(&watcher), "b");
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_what_was_changed_and_not_reached_is_asked_for_after_a_success() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let guess = |mutation: Mutation<Json>| {
        mutation.optimistic(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+x"))
    };
    let mutating = client.mutate(guess(changing(USER.id(1))));
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(title(&watcher), "a+x");
    server.next().await.ok(json(B));
    server.settled().await;
    assert_eq!(title(&watcher), "b");
    let mutating = client.mutate(guess(changing(POST.id(7))).without_invalidation());
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(server.settled().await, 4, "the call said that nothing is to be asked for");
    assert!(title(&watcher) == "b+x" && !seen(&watcher).is_stale);
    drop(tokio::spawn(client.refetch(&post(7))));
    server.next().await.ok(json(A));
    server.settled().await;
    assert_eq!(title(&watcher), "a", "it stays until the next data");
}

// B22, B15
#[tokio::test(start_paused = true)]
async fn b22_a_change_of_which_nobody_knows_is_taken_away_and_asked_for() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let mutating = client.mutate(rename(7, "mine"));
    server.next().await.with(502, json("{}"));
    mutating.await.unwrap_err();
    assert!(title(&watcher) == "a" && seen(&watcher).is_stale);
    server.next().await.ok(json(B));
    server.settled().await;
    assert_eq!(title(&watcher), "b");
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_a_change_by_hand_is_undone_or_done() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let adding = |more: &'static str| {
        client.layer(Optimistic::new().change(POST.id(7), move |post: &mut Post| post.title += more))
    };
    let (one, two, three) = (adding("+x"), adding("+y"), adding("+z"));
    assert_eq!(title(&watcher), "a+x+y+z");
    two.undo();
    assert_eq!(title(&watcher), "a+x+z");
    drop(one);
    assert_eq!(title(&watcher), "a+z", "dropping it is undoing it");
    assert_eq!(server.settled().await, 1);
    three.done();
    assert!(title(&watcher) == "a+z" && seen(&watcher).is_stale);
    server.next().await.ok(json(B));
    server.settled().await;
    assert_eq!(title(&watcher), "b");
    let outliving = adding("+x");
    drop(client);
    drop(watcher);
    drop(outliving);
}

// B22, B23
#[tokio::test(start_paused = true)]
async fn b23_data_by_hand_is_written_beneath_changes() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let layer = client.layer(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+x"));
    assert!(client.update(&post(7), |post| post.title += "1").unwrap());
    assert_eq!(title(&watcher), "a1+x", "the change is not in what is updated");
    client.set(&post(7), Post { id: 7, title: "set".to_owned() }).unwrap();
    assert_eq!(title(&watcher), "set+x");
    client.upsert(&post(7), |post| Post { id: 7, title: format!("{}!", post.unwrap().title) }).unwrap();
    assert_eq!(title(&watcher), "set!+x");
    layer.undo();
    assert_eq!(title(&watcher), "set!");
    assert_eq!(server.settled().await, 1);
}

// B22, B18
#[tokio::test(start_paused = true)]
async fn b22_what_was_reset_gets_the_change_with_its_first_data() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, post(7), A).await;
    let mutating = client.mutate(adding(7, "+x"));
    let asked = server.next().await;
    drop(client.reset(crate::Target::everything()));
    assert_eq!(seen(&watcher).data, None);
    server.next().await.ok(json(B));
    server.settled().await;
    assert_eq!(title(&watcher), "b+x");
    asked.with(400, json("{}"));
    mutating.await.unwrap_err();
    assert_eq!(title(&watcher), "b");
}
