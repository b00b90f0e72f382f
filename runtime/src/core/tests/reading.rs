//! Readers: sharing requests, answers from the cache, callers that go away.

use super::*;

// B2
#[test]
fn b2_a_thousand_callers_and_subscribers_share_one_request() {
    let mut bench = Bench::new();
    let plan = post(1);
    let waiters: Vec<_> = (0..1000).map(|_| bench.fetch(&plan)).collect();
    (0..1000).for_each(|_| bench.watch(&plan));
    assert_eq!(bench.sent, 1);
    bench.respond(&plan, "one");
    assert!(waiters.into_iter().all(|waiter| bench.answer_to(waiter).unwrap().unwrap() == "one"));
    assert_eq!(bench.sent, 1);
}

// B1
#[test]
fn b1_other_args_are_another_entry_and_a_number_is_its_text() {
    let mut bench = Bench::new();
    let by_text = Query::<Json>::new(Request::get("getPost", "/posts/{id}").path_param("id", "1"))
        .provides(POST.id("1"))
        .into_plan();
    bench.fetch(&post(1));
    bench.fetch(&by_text);
    assert_eq!(bench.sent, 1);
    bench.fetch(&post(2));
    assert_eq!(bench.sent, 2);
    let other_type = Query::<Vec<i32>>::new(Request::get("getPost", "/posts/{id}").path_param("id", &1)).into_plan();
    bench.fetch(&other_type);
    assert_eq!(bench.sent, 3);
}

// B3
#[test]
fn b3_fetch_answers_from_the_cache_while_fresh() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.fetch(&plan);
    bench.respond(&plan, "one");
    let again = bench.fetch(&plan);
    assert_eq!((bench.answer_to(again).unwrap().unwrap().as_str(), bench.sent), ("one", 1));
    bench.invalidate(POST.id(1));
    let anew = bench.fetch(&plan);
    assert!(bench.answer_to(anew).is_none());
    bench.respond(&plan, "two");
    assert_eq!(bench.answer_to(anew).unwrap().unwrap(), "two");
}

// B3
#[test]
fn b3_watch_shows_fresh_data_without_a_request_and_stale_data_with_one() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.fetch(&plan);
    bench.respond(&plan, "one");
    bench.watch(&plan);
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("one"), 1));
    bench.unwatch(&plan);
    bench.invalidate(POST.all());
    assert!(bench.is_stale(&plan));
    bench.watch(&plan);
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("one"), 2));
    bench.respond(&plan, "two");
    assert_eq!(bench.data(&plan).as_deref(), Some("two"));
    assert!(!bench.is_stale(&plan));
}

// B3
#[test]
fn b3_prefetch_by_its_conditions() {
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let table = [
        (None, Prefetch::IfMissing, true),
        (None, Prefetch::IfOlderThan(minute), true),
        (Some(second), Prefetch::IfMissing, false),
        (Some(second), Prefetch::Force, true),
        (Some(second), Prefetch::IfOlderThan(minute), false),
        (Some(second), Prefetch::IfOlderThan(second), true),
    ];
    for (age, when, sends) in table {
        let mut bench = Bench::new();
        let plan = post(1);
        if let Some(age) = age {
            bench.fetch(&plan);
            bench.respond(&plan, "one");
            bench.advance(age);
        }
        bench.prefetch(&plan, when);
        assert_eq!(bench.flights(&plan), usize::from(sends), "{age:?} {when:?}");
    }
}

// B3, B14
#[test]
fn b3_a_prefetched_entry_is_marked_and_not_refetched() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.prefetch(&plan, Prefetch::IfMissing);
    bench.respond(&plan, "one");
    bench.mutate(POST.id(1));
    assert_eq!(bench.sent, 1);
    assert!(bench.is_stale(&plan));
    bench.prefetch(&plan, Prefetch::IfMissing);
    assert_eq!(bench.sent, 2);
}

// B4
#[test]
fn b4_equal_bytes_keep_the_data_and_its_version() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "one");
    let before = bench.state(&plan).unwrap();
    bench.invalidate(POST.id(1));
    bench.respond(&plan, "one");
    let after = bench.state(&plan).unwrap();
    assert!(Arc::ptr_eq(&before.shown.as_ref().unwrap().value, &after.shown.as_ref().unwrap().value));
    assert_eq!(before.versions.data, after.versions.data);
    bench.invalidate(POST.id(1));
    bench.respond(&plan, "two");
    assert_eq!(bench.state(&plan).unwrap().versions.data, before.versions.data + 1);
}

// B5
#[test]
fn b5_after_an_error_the_last_good_data_stays() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.fail(&plan);
    let state = bench.state(&plan).unwrap();
    assert!(state.error.is_some() && state.shown.is_none() && !state.is_fetching && !state.is_stale);
    bench.refetch(&plan);
    bench.respond(&plan, "one");
    assert!(bench.state(&plan).unwrap().error.is_none());
    bench.refetch(&plan);
    bench.fail(&plan);
    assert!(bench.state(&plan).unwrap().error.is_some());
    assert_eq!(bench.data(&plan).as_deref(), Some("one"));
}

// B19
#[test]
fn b19_refetch_joins_a_request_unless_an_invalidation_came_after_it_started() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.fetch(&plan);
    let joined = bench.refetch(&plan);
    assert_eq!(bench.sent, 1);
    bench.invalidate(POST.id(1));
    let later = bench.refetch(&plan);
    bench.respond(&plan, "old");
    assert_eq!(bench.answer_to(joined).unwrap().unwrap(), "old");
    assert!(bench.answer_to(later).is_none());
    assert_eq!(bench.sent, 2);
    bench.respond(&plan, "new");
    assert_eq!(bench.answer_to(later).unwrap().unwrap(), "new");
}

// B13
#[test]
fn b13_a_caller_after_an_invalidation_that_only_the_response_tells_waits_for_newer_data() {
    let mut bench = Bench::new();
    let plan = query("/latest", Tags::none());
    bench.fetch(&plan);
    bench.mutate(POST.id(7));
    let later = bench.fetch(&plan);
    bench.respond_with(&plan, "old", POST.id(7));
    assert!(bench.answer_to(later).is_none());
    bench.respond_with(&plan, "new", POST.id(7));
    assert_eq!(bench.answer_to(later).unwrap().unwrap(), "new");
}

// B13
#[test]
fn b13_an_error_of_an_overtaken_request_is_no_answer_to_a_later_caller() {
    let mut bench = Bench::new();
    let plan = post(1);
    let first = bench.fetch(&plan);
    bench.invalidate(POST.id(1));
    let later = bench.fetch(&plan);
    bench.fail(&plan);
    assert!(bench.answer_to(first).unwrap().is_err());
    assert!(bench.answer_to(later).is_none());
    bench.respond(&plan, "new");
    assert_eq!(bench.answer_to(later).unwrap().unwrap(), "new");
}

// B25
#[test]
fn b25_a_request_that_nobody_needs_is_given_up() {
    let mut bench = Bench::new();
    let plan = post(1);
    let (one, other) = (bench.fetch(&plan), bench.fetch(&plan));
    bench.cancel(&plan, one);
    assert_eq!(bench.aborted, 0);
    bench.cancel(&plan, other);
    assert_eq!(bench.aborted, 1);
    bench.assert_empty();
}

// B25
#[test]
fn b25_a_request_that_a_subscriber_or_a_prefetch_needs_goes_on() {
    let mut bench = Bench::new();
    let (watched, prefetched) = (post(1), post(2));
    for plan in [&watched, &prefetched] {
        let waiter = bench.fetch(plan);
        match plan.key() == watched.key() {
            true => bench.watch(plan),
            false => bench.prefetch(plan, Prefetch::IfMissing),
        }
        bench.cancel(plan, waiter);
    }
    assert_eq!((bench.aborted, bench.in_flight.len()), (0, 2));
    bench.respond(&prefetched, "two");
    assert_eq!(bench.data(&prefetched).as_deref(), Some("two"));
}

// B25
#[test]
fn b25_giving_up_a_refetch_keeps_the_data() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.fetch(&plan);
    bench.respond(&plan, "one");
    let waiter = bench.refetch(&plan);
    bench.cancel(&plan, waiter);
    assert_eq!(bench.aborted, 1);
    assert_eq!(bench.data(&plan).as_deref(), Some("one"));
    assert!(bench.entry(&plan).unwrap().users.flight().is_none());
}
