//! Ends that are not good, ends before the end, and where credentials go.

use super::*;
use crate::{Credential, ErrorCategory, Event, Token};

// B29
#[tokio::test(start_paused = true)]
async fn b29_what_does_not_end_well_says_why() {
    let with = |polling: Polling, answers: Vec<Said>| async move {
        let script = Script::new(answers);
        (script.client().run::<_, Json>(start(), polling).await.unwrap_err(), script)
    };
    let failed = json!({ "status": "Failed", "error": { "code": "Quota", "message": "no room" } });
    let (error, _) = with(Polling::new(), vec![accepted("location", "/op"), said(200, failed)]).await;
    assert_eq!((error.kind(), error.category()), (ErrorKind::Failed, ErrorCategory::Refused));
    assert!(error.to_string().ends_with("the operation did not end well: no room"), "{error}");
    assert_eq!(error.body::<Json>().unwrap()["error"]["code"], "Quota");
    assert_eq!((error.view().message.as_str(), error.view().code.as_deref()), ("no room", Some("Quota")));
    let (error, _) =
        with(Polling::new(), vec![accepted("location", "/op"), said(200, json!({ "status": "Cancelled" }))]).await;
    assert!(error.to_string().ends_with("did not end well: Cancelled"), "{error}");
    let (error, _) = with(Polling::new(), vec![said(202, Json::Null)]).await;
    assert!(error.to_string().contains("does not say where the status"), "{error}");
    let (error, _) = with(Polling::new(), vec![said(409, json!({ "message": "taken" }))]).await;
    assert_eq!((error.kind(), error.view().message.as_str()), (ErrorKind::Status, "taken"));
    let (error, script) = with(Polling::new(), vec![accepted("location", "https://evil.example/op")]).await;
    assert!(error.to_string().contains("evil.example, another origin"), "{error}");
    assert_eq!(script.asked().len(), 1);
    let gone = vec![accepted("location", "/op"), said(404, Json::Null)];
    assert_eq!(with(Polling::new(), gone).await.0.status().unwrap().as_u16(), 404);
    let undecodable = vec![accepted("location", "/op"), said(200, json!("text"))];
    let script = Script::new(undecodable);
    let error = script.client().run::<_, u8>(start(), Polling::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

// B29 B25
#[tokio::test(start_paused = true)]
async fn b29_questions_may_fail_in_between_and_not_for_ever() {
    let start_at = || accepted("location", "/op");
    let script = Script::new(vec![
        start_at(),
        said(0, Json::Null),
        (503, vec![("retry-after", "100".to_owned())], Json::Null),
        said(202, Json::Null),
        said(0, Json::Null),
        said(429, Json::Null),
        said(200, json!(1)),
    ]);
    let polling = || Polling::new().backoff(Backoff::None).failures(2);
    assert_eq!(script.client().run::<_, u8>(start(), polling()).await.unwrap(), 1);
    let at: Vec<String> = script.asked().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(at, ["0", "1000", "2000", "102000", "103000", "104000", "105000"]);
    let script = Script::new(vec![start_at(), said(500, Json::Null), said(0, Json::Null), said(502, Json::Null)]);
    let error = script.client().run::<_, u8>(start(), polling()).await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 502);
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_it_is_followed_no_longer_than_its_limit() {
    let answers = std::iter::once(accepted("location", "/op")).chain((0..100).map(|_| said(202, Json::Null)));
    let script = Script::new(answers.collect());
    let polling = Polling::new().backoff(Backoff::None).limit(Duration::from_millis(3500));
    let error = script.client().run::<_, u8>(start(), polling).await.unwrap_err();
    assert_eq!((error.kind(), script.asked().len()), (ErrorKind::Timeout, 4));
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_it_can_be_cancelled_and_the_server_is_told() {
    let answers = vec![accepted("operation-location", "/op/1?v=2"), said(202, Json::Null), said(204, Json::Null)];
    let script = Script::new(answers);
    let running = script.client().run::<_, u8>(start(), Polling::new().cancel_by(Method::POST, "/cancel"));
    let mut control = running.control();
    while control.progress().polls == 0 {
        control.changed().await.unwrap();
    }
    control.cancel();
    let error = running.await.unwrap_err();
    assert_eq!((error.kind(), error.category()), (ErrorKind::Aborted, ErrorCategory::Cancelled));
    assert_eq!(script.asked()[2], "1000 POST /v1/op/1/cancel?v=2".replace("/v1", ""));
    assert!(control.progress().is_over);
    control.cancel();
    assert_eq!(script.asked().len(), 3);
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_dropping_the_handle_stops_nothing() {
    let script = Script::new(vec![
        said(200, json!(1)),
        accepted("location", "/op"),
        said(200, json!(2)),
        said(200, json!(3)),
        said(200, json!(4)),
    ]);
    let client = script.client();
    let mut jobs = client.watch(list_jobs());
    jobs.ready().await.unwrap();
    drop(client.run::<_, Json>(start(), Polling::new()));
    while *jobs.data_changed().await.data.unwrap() != json!(4) {}
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_credentials_go_to_the_operations_own_origin_alone() {
    let token = || async { Ok::<_, std::io::Error>(Token::new("tok-5ecret")) };
    for changes in [false, true] {
        let script = Script::new(vec![
            accepted("operation-location", "/op"),
            said(200, json!({ "status": "done", "resourceLocation": "https://files.example.com/r" })),
            said(200, json!(1)),
        ]);
        let client = script.builder();
        let client = match changes {
            false => client.bearer_token("tok-5ecret"),
            true => client.credential(Credential::tokens("token", token)),
        };
        let client = client.credential(Credential::in_query("key", "key", "k-5ecret")).build().unwrap();
        let polling = Polling::new().allow_origin("https://files.example.com");
        assert_eq!(client.run::<_, u8>(start(), polling).await.unwrap(), 1);
        let asked = lock(&script.asked).clone();
        let is_authorized = |at: usize| asked[at].1.headers().contains_key("authorization");
        assert_eq!([is_authorized(0), is_authorized(1), is_authorized(2)], [true, true, false]);
        assert_eq!(asked[1].1.uri(), "https://api.example.com/op?key=k-5ecret");
        assert_eq!(asked[2].1.uri(), "https://files.example.com/r");
    }
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_what_the_client_says_of_the_operation_holds_and_is_said_once() {
    let script =
        Script::new(vec![said(200, json!(1)), accepted("location", "/op"), said(200, json!(2)), said(200, json!(3))]);
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = events.clone();
    let client = script
        .builder()
        .enhance_mutation("startJob", |mutation: Mutation<Json>| mutation.invalidates_only(JOB.id(9)))
        .on_event(move |event| lock(&heard).push(event.clone()))
        .build()
        .unwrap();
    let mut jobs = client.watch(list_jobs());
    jobs.ready().await.unwrap();
    client.run::<_, Json>(start(), Polling::new()).await.unwrap();
    assert!(!jobs.snapshot().is_stale);
    let invalidated = |event: &Event| matches!(event, Event::Invalidated { tags, .. } if tags.len() == 1);
    assert_eq!(lock(&events).iter().filter(|event| invalidated(event)).count(), 2);
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_no_secret_is_told_that_a_status_repeats() {
    let say = |text: &str| json!({ "status": "failed", "message": format!("{text} tok-5ecret"), "error": { "message": text } });
    let script = Script::new(vec![
        accepted("location", "/op"),
        (202, vec![], json!({ "status": "tok-5ecret", "message": "with tok-5ecret" })),
        said(200, say("bad tok-5ecret")),
    ]);
    let client = script.builder().bearer_token("tok-5ecret").build().unwrap();
    let running = client.run::<_, Json>(start(), Polling::new().limit(Duration::MAX));
    let mut control = running.control();
    let error = running.await.unwrap_err();
    let progress = control.changed().await;
    let shown = format!("{error} {error:?} {:?} {progress:?} {:?}", error.view(), control.progress());
    assert!(shown.contains("bad [secret]") && !shown.contains("5ecret"), "{shown}");
}

// B29
#[tokio::test(start_paused = true)]
async fn b29_it_is_over_also_when_it_was_refused() {
    let script = Script::new(vec![said(409, Json::Null)]);
    let running = script.client().run::<_, Json>(start(), Polling::new());
    let mut control = running.control();
    running.await.unwrap_err();
    assert!(control.progress().is_over);
    assert!(control.changed().await.is_some_and(|progress| progress.is_over));
    assert!(control.changed().await.is_none());
}
