//! B5: results with the status and the headers that they came with.

use super::*;

fn with_header(status: u16, value: &str, body: &'static str) -> Answer {
    let mut response = Response::new(json(body).into());
    *response.status_mut() = status.try_into().unwrap();
    response.headers_mut().insert("x-total-count", value.parse().unwrap());
    Ok(response)
}

fn told<T>(answered: &crate::Answered<T>) -> Option<(u16, &str)> {
    let head = answered.head.as_ref()?;
    Some((head.status().as_u16(), head.header("X-Total-Count").unwrap_or_default()))
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_a_fetch_can_tell_the_head_of_what_it_got_also_from_the_cache() {
    let (client, server) = setup();
    let asked = tokio::spawn(client.fetch_answered(get_post(1)));
    server.next().await.send(with_header(203, "7", "1"));
    let answered = asked.await.unwrap().unwrap();
    assert_eq!((told(&answered), &*answered.data), (Some((203, "7")), &Json::from(1)));
    let again = client.fetch_answered(get_post(1)).await.unwrap();
    assert_eq!((told(&again), Arc::ptr_eq(&again.data, &answered.data)), (Some((203, "7")), true));
    client.set(&get_post(1), Json::from(2)).unwrap();
    let by_hand = client.fetch_answered(get_post(1)).await.unwrap();
    assert_eq!((told(&by_hand), &*by_hand.data), (None, &Json::from(2)));
    let refused = tokio::spawn(client.fetch_answered(get_post(2)));
    server.next().await.with(404, "");
    assert_eq!(refused.await.unwrap().unwrap_err().status().map(|status| status.as_u16()), Some(404));
}

// B5, B16
#[tokio::test(start_paused = true)]
async fn b5_a_mutation_can_tell_the_head_of_its_answer() {
    let (client, server) = setup();
    let mutating = tokio::spawn(client.mutate(update_post(1)).answered());
    server.next().await.send(with_header(201, "8", "2"));
    let answered = mutating.await.unwrap().unwrap();
    assert_eq!((told(&answered), &answered.data), (Some((201, "8")), &Json::from(2)));
    let refused = tokio::spawn(client.mutate(update_post(1)).answered());
    server.next().await.with(409, "");
    assert_eq!(refused.await.unwrap().unwrap_err().status().map(|status| status.as_u16()), Some(409));
}

/// The status and the header in the answer that some call gets.
async fn answered_by<R>(server: &Server, status: u16, value: &str, asked: impl Future<Output = R>) -> R {
    let answer = async { server.next().await.send(with_header(status, value, "{\"a\":1}")) };
    tokio::join!(asked, answer).0
}

// B5
#[tokio::test(start_paused = true)]
async fn b5_every_way_of_asking_tells_the_head() {
    const COUNT: crate::ResponseHeader<u32> = crate::ResponseHeader::new("X-Total-Count");
    let (client, server) = setup();
    let refetched = answered_by(&server, 203, "1", client.refetch_answered(&get_post(1))).await.unwrap();
    assert_eq!((told(&refetched), COUNT.of(&refetched).unwrap()), (Some((203, "1")), Some(1)));
    client.prefetch(get_post(2), crate::Prefetch::IfMissing);
    assert!(client.peek_answered(&get_post(2)).is_none());
    answered_by(&server, 203, "2", server.settled()).await;
    assert_eq!(told(&client.peek_answered(&get_post(2)).unwrap()), Some((203, "2")));
    let part = get_post(3).select(|post| post["a"].clone());
    let part = answered_by(&server, 203, "3", part.fetch_answered(&client)).await.unwrap();
    assert_eq!((told(&part), &*part.data), (Some((203, "3")), &Json::from(1)));
    let mut watched = client.watch(get_post(4));
    answered_by(&server, 203, "4", watched.ready()).await.unwrap();
    let state = watched.snapshot();
    assert_eq!((state.head().unwrap().status().as_u16(), COUNT.of(&state).unwrap()), (203, Some(4)));
    let selected = watched.select(|post| post["a"].clone());
    assert_eq!(COUNT.of(&selected.snapshot()).unwrap(), Some(4));
    let done = answered_by(&server, 201, "5", client.mutate(update_post(9)).refetched()).await.unwrap();
    assert_eq!((done.head.as_ref().unwrap().status().as_u16(), COUNT.of(&done).unwrap()), (201, Some(5)));
    let trigger = client.trigger::<Json>();
    let by_trigger = answered_by(&server, 201, "6", trigger.run(update_post(9)).answered()).await.unwrap();
    assert_eq!((COUNT.of(&by_trigger).unwrap(), COUNT.of(&trigger.state()).unwrap()), (Some(6), Some(6)));
    let run = client.run::<Json, Json>(update_post(9), crate::Polling::new());
    let run = answered_by(&server, 200, "7", run.answered()).await.unwrap();
    assert_eq!((told(&run), &run.data["a"]), (Some((200, "7")), &Json::from(1)));
    let download = answered_by(&server, 200, "8", client.download(get_post(5))).await.unwrap();
    assert_eq!(COUNT.of(&download).unwrap(), Some(8));
    let refused = answered_by(&server, 429, "9", client.fetch(get_post(6))).await.unwrap_err();
    assert_eq!(COUNT.of(&refused).unwrap(), Some(9));
}

// B21
#[tokio::test(start_paused = true)]
async fn b21_hooks_are_told_the_head_of_a_success() {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let tell = |who: &'static str| {
        let heard = heard.clone();
        move |head: &crate::ResponseHead| {
            let count = head.header("x-total-count").unwrap_or_default();
            lock(&heard).push(format!("{who}: {} {count} {:?}", head.status().as_u16(), head.operation()));
        }
    };
    let (call, all) = (tell("the call"), tell("the client"));
    let hooks = crate::ClientHooks::new(|_| ()).on_settled(move |end, ()| end.head.iter().for_each(&all));
    let server = Server::default();
    let client = builder(&server).mutation_hooks(hooks).build().unwrap();
    let own = crate::Hooks::new(|_| ()).on_answered(move |value: &Json, head, ()| {
        assert_eq!(value["a"], 1);
        call(head);
    });
    let put = update_post(1).hooks(own);
    answered_by(&server, 202, "7", client.mutate(put)).await.unwrap();
    answered_by(&server, 409, "8", client.mutate(update_post(1))).await.unwrap_err();
    let told = |who: &str| format!("{who}: 202 7 Some(\"updatePost\")");
    assert_eq!(*lock(&heard), [told("the call"), told("the client")]);
}
