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
