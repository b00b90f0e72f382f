//! How long entries live and stay fresh.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn keeping(time: Duration) -> Bench {
    Bench::with(Defaults { keep_unused: time, ..Defaults::default() })
}

// B9
#[test]
fn b9_an_unused_entry_lives_for_the_keep_unused_time() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "one");
    bench.advance(SECOND * 1000);
    bench.unwatch(&plan);
    bench.advance(SECOND * 59);
    assert_eq!(bench.data(&plan).as_deref(), Some("one"));
    bench.watch(&plan);
    bench.unwatch(&plan);
    bench.advance(SECOND * 59);
    assert!(bench.data(&plan).is_some());
    bench.advance(SECOND * 2);
    bench.assert_empty();
}

// B9
#[test]
fn b9_one_subscriber_keeps_the_entry() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.watch(&plan);
    bench.respond(&plan, "one");
    bench.unwatch(&plan);
    bench.advance(SECOND * 1000);
    assert!(bench.data(&plan).is_some());
}

// B9
#[test]
fn b9_zero_is_at_once_and_huge_times_do_not_wrap() {
    let mut bench = keeping(Duration::ZERO);
    let plan = post(1);
    let waiter = bench.fetch(&plan);
    bench.respond(&plan, "one");
    assert_eq!(bench.answer_to(waiter).unwrap().unwrap(), "one");
    bench.assert_empty();

    for time in [Duration::MAX, SECOND * u32::MAX, Duration::from_millis(u64::MAX)] {
        let mut bench = keeping(time);
        bench.now = SECOND;
        bench.fetch(&plan);
        bench.respond(&plan, "one");
        bench.advance(SECOND * 1_000_000);
        assert!(bench.data(&plan).is_some(), "{time:?}");
    }
}

// B9
#[test]
fn b9_the_longest_keep_unused_time_of_the_callers_counts() {
    let mut bench = Bench::new();
    let build = |time| Query::<Json>::new(Request::get("op", "/a")).keep_unused(time).into_plan();
    let plan = build(SECOND);
    bench.fetch(&plan);
    bench.respond(&plan, "one");
    bench.fetch(&build(SECOND * 10));
    bench.fetch(&plan);
    bench.advance(SECOND * 9);
    assert!(bench.data(&plan).is_some());
    bench.advance(SECOND * 2);
    bench.assert_empty();
}

// B9
#[test]
fn b9_removing_aborts_the_request_and_a_late_response_writes_nothing() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.unwatch(&plan);
    assert_eq!(bench.aborted, 0);
    let (entry, request) = (bench.in_flight[0].entry, bench.in_flight[0].request);
    bench.advance(SECOND * 61);
    assert_eq!(bench.aborted, 1);
    let response = decoded("late", POST.id(9));
    bench.apply(Event::Received { entry, request, response, not_modified: false });
    bench.assert_empty();
}

// B9
#[test]
fn b9_the_timer_wakes_when_the_next_entry_is_due() {
    let mut bench = Bench::new();
    for (id, at) in [(1, 0), (2, 10)] {
        bench.now = SECOND * at;
        bench.fetch(&post(id));
        bench.respond(&post(id), "x");
    }
    assert_eq!(bench.wake_at, Some(SECOND * 60));
    bench.advance(SECOND * 50);
    assert_eq!(bench.wake_at, Some(SECOND * 70));
    bench.assert_consistent();
}

// B8
#[test]
fn b8_data_goes_stale_by_time_when_asked_to() {
    let mut bench =
        Bench::with(Defaults { keep_unused: SECOND * 60, stale_time: Some(SECOND * 5), ..Defaults::default() });
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "one");
    bench.advance(SECOND * 4);
    assert!(!bench.is_stale(&plan));
    bench.advance(SECOND);
    assert!(bench.is_stale(&plan), "a watcher sees it");
    assert_eq!(bench.sent, 1, "time alone refetches nothing");
    bench.watch(&plan);
    assert_eq!(bench.sent, 2, "a new watcher does");
}

// B8
#[test]
fn b8_a_stale_time_counts_for_the_caller_that_gave_it() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.fetch(&plan);
    bench.respond(&plan, "one");
    bench.advance(SECOND * 3);
    let request = Request::get("getPost", "/posts/{id}").path_param("id", &1);
    let hasty = Query::<Json>::new(request).stale_time(SECOND).into_plan();
    bench.fetch(&hasty);
    assert_eq!(bench.sent, 2);
    bench.respond(&plan, "two");
    bench.fetch(&plan);
    assert_eq!(bench.sent, 2);
}

#[test]
fn tags_of_replaced_data_leave_the_index() {
    let mut bench = Bench::new();
    let plan = query("/posts", POST.list());
    bench.watch(&plan);
    bench.respond_with(&plan, "1", [POST.id(1), POST.id(2)]);
    bench.invalidate(POST.id(2));
    bench.respond_with(&plan, "2", [POST.id(1)]);
    bench.assert_consistent();
    bench.invalidate(POST.id(2));
    assert_eq!(bench.flights(&plan), 0);
    bench.invalidate(POST.id(1));
    assert_eq!(bench.flights(&plan), 1);
}
