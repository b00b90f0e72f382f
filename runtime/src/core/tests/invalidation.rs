//! Invalidations: never lost, never twice.

use super::*;

// B12
#[test]
fn b12_tags_of_the_args_count_from_the_start_of_the_request() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    assert_eq!(bench.core.would_reach(&Kind::Tags(POST.id(1).into())).len(), 1);
    bench.assert_consistent();
}

// B13
#[test]
fn b13_a_mutation_during_the_first_fetch_leads_to_one_more_request() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.mutate(POST.id(1));
    assert_eq!(bench.sent, 1);
    bench.respond(&plan, "old");
    let state = bench.state(&plan).unwrap();
    assert!(state.is_stale && state.is_fetching, "stored, shown, and followed by one more");
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("old"), 2));
    bench.respond(&plan, "new");
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("new"), 2));
    assert!(!bench.is_stale(&plan));
}

// B13
#[test]
fn b13_the_responses_own_tags_are_checked_against_what_happened_meanwhile() {
    let mut bench = Bench::new();
    let plan = query("/posts", POST.list());
    bench.watch(&plan);
    bench.mutate(POST.id(7));
    bench.respond_with(&plan, "old", [POST.id(6), POST.id(7)]);
    assert!(bench.is_stale(&plan));
    assert_eq!(bench.sent, 2);
    bench.respond_with(&plan, "new", [POST.id(6), POST.id(7)]);
    assert!(!bench.is_stale(&plan));
    assert_eq!(bench.sent, 2);
    assert!(bench.core.log.is_idle());
}

// B13
#[test]
fn b13_a_query_that_starts_after_the_mutation_settled_is_not_refetched_for_it() {
    let mut bench = Bench::new();
    let (early, late) = (query("/other", USER.list()), post(1));
    bench.watch(&early);
    bench.mutate(POST.id(1));
    bench.watch(&late);
    bench.respond(&late, "new");
    assert!(!bench.is_stale(&late));
    assert_eq!(bench.sent, 2);
}

// B14
#[test]
fn b14_subscribed_entries_refetch_at_once_and_others_when_next_read() {
    let mut bench = Bench::new();
    let (watched, idle) = (post(1), post(2));
    bench.watch(&watched);
    bench.fetch(&idle);
    bench.respond(&watched, "1");
    bench.respond(&idle, "2");
    bench.invalidate(POST.all());
    assert_eq!((bench.flights(&watched), bench.flights(&idle)), (1, 0));
    assert!(bench.is_stale(&idle));
    assert_eq!(bench.data(&idle).as_deref(), Some("2"));
    bench.fetch(&idle);
    assert_eq!(bench.flights(&idle), 1);
}

// B14
#[test]
fn b14_a_failing_refetch_is_tried_once_for_each_invalidation() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "one");
    for round in 1..4 {
        bench.invalidate(POST.id(1));
        assert_eq!(bench.sent, 1 + round);
        bench.fail(&plan);
        assert_eq!(bench.sent, 1 + round);
        assert!(bench.is_stale(&plan));
    }
    bench.watch(&plan);
    assert_eq!(bench.sent, 5, "a new watcher of a stale entry tries again");
}

// B11, B14
#[test]
fn b14_an_entry_that_failed_at_first_refetches_when_it_is_invalidated() {
    let mut bench = Bench::new();
    let plan = query("/session", USER.all());
    bench.watch(&plan);
    bench.fail(&plan);
    bench.mutate(USER.all());
    assert_eq!(bench.sent, 2);
    bench.respond(&plan, "me");
    assert!(bench.state(&plan).unwrap().error.is_none());
}

// B17
#[test]
fn b17_overlapping_invalidations_coalesce_so_that_the_last_request_began_after_the_last_of_them() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "0");
    let (one, other) = (bench.start(), bench.start());
    bench.settle(one, POST.id(1));
    assert_eq!(bench.sent, 2);
    bench.settle(other, POST.id(1));
    bench.invalidate(POST.id(1));
    assert_eq!(bench.sent, 2);
    bench.respond(&plan, "1");
    assert_eq!(bench.sent, 3);
    bench.respond(&plan, "2");
    assert_eq!(bench.sent, 3);
    assert!(!bench.is_stale(&plan));
}

// B18
#[test]
fn b18_what_would_be_reached_is_told_without_doing_anything() {
    let mut bench = Bench::new();
    bench.watch(&post(1));
    bench.watch(&post(2));
    let reached = bench.core.would_reach(&Kind::Tags(POST.id(2).into()));
    assert_eq!(reached.iter().map(|call| &*call.url).collect::<Vec<_>>(), ["/posts/2"]);
    assert_eq!(bench.core.would_reach(&Kind::Tags(Tags::from([POST.all(), POST.id(1)]))).len(), 2);
    assert!(bench.core.would_reach(&Kind::Tags(Tags::none())).is_empty());
    assert_eq!(bench.sent, 2);
}

#[test]
fn an_entity_that_is_gone_drops_its_own_entry_and_refetches_what_refers_to_it() {
    let mut bench = Bench::new();
    let (own, list) = (post(7), query("/posts", POST.list()));
    bench.fetch(&own);
    bench.respond(&own, "seven");
    bench.watch(&list);
    bench.respond_with(&list, "[7]", [POST.id(7)]);
    bench.mutate([POST.id(7).gone().reference(), POST.list()]);
    assert!(bench.state(&own).is_none(), "dropped");
    assert_eq!(bench.flights(&list), 1);
    bench.assert_consistent();
}

#[test]
fn a_watched_entry_whose_entity_is_gone_keeps_its_data_without_a_request() {
    let mut bench = Bench::new();
    let own = post(7);
    bench.watch(&own);
    bench.respond(&own, "seven");
    bench.mutate(POST.id(7).gone());
    assert_eq!((bench.data(&own).as_deref(), bench.sent), (Some("seven"), 1));
    assert!(bench.is_stale(&own));
    bench.fetch(&own);
    assert_eq!(bench.sent, 2, "whoever asks anew is answered by the server");
    bench.fail(&own);
    bench.invalidate(POST.id(7));
    assert_eq!(bench.sent, 3, "a later invalidation counts as ever");
}

#[test]
fn a_second_invalidation_changes_no_state() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "one");
    bench.invalidate(POST.id(1));
    let before = bench.state(&plan).unwrap().versions;
    bench.invalidate(POST.id(1));
    assert_eq!(bench.state(&plan).unwrap().versions, before);
}

#[test]
fn tags_that_nothing_provides_do_nothing() {
    let mut bench = Bench::new();
    bench.watch(&post(1));
    bench.respond(&post(1), "one");
    for tags in [Tags::none(), POST.id(None::<i64>).into(), USER.all().into(), POST.id(2).into()] {
        bench.invalidate(tags);
    }
    assert_eq!(bench.sent, 1);
}

// B13, B18
#[test]
fn b13_what_is_only_marked_does_not_undo_what_asked_for_a_request() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.invalidate(POST.id(1));
    bench.invalidate_and(Kind::Tags(POST.id(1).into()), RefetchOf::Nothing);
    bench.respond(&plan, "old");
    assert_eq!(bench.sent, 2);
    bench.respond(&plan, "new");
    assert!(!bench.is_stale(&plan));
}

// B12, B13
#[test]
fn b12_a_tag_that_a_call_tells_during_a_request_counts_from_the_start_of_that() {
    let mut bench = Bench::new();
    let (plain, telling) = (query("/latest", Tags::none()), query("/latest", POST.id(7)));
    bench.watch(&plain);
    bench.mutate(POST.id(7));
    bench.watch(&telling);
    bench.respond(&plain, "old");
    assert_eq!((bench.is_stale(&plain), bench.sent), (true, 2));
}

// B9
#[test]
fn b9_a_request_by_hand_for_what_nobody_uses_is_not_given_up_for_its_age() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.fetch(&plan);
    bench.respond(&plan, "one");
    bench.advance(Duration::from_secs(59));
    bench.invalidate_and(Kind::Tags(POST.id(1).into()), RefetchOf::All);
    bench.advance(Duration::from_secs(2));
    assert_eq!((bench.aborted, bench.flights(&plan)), (0, 1));
    bench.respond(&plan, "two");
    assert_eq!(bench.data(&plan).as_deref(), Some("two"));
}
