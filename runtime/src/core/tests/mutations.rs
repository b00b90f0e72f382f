//! Mutations: what they write, what they make stale, and in which order.

use super::*;

fn settle_as(bench: &mut Bench, outcome: Outcome, tags: Tags, suspects: Vec<Arc<QueryPlan>>) {
    let mutation = bench.start();
    bench.apply(Event::MutationSettled {
        mutation,
        settlement: Settlement { outcome, tags, writes: Vec::new(), suspects },
    });
}

// B16
#[test]
fn b16_writes_then_marks_then_events_and_refetches_then_the_result() {
    let mut bench = Bench::new();
    let (own, list) = (post(1), query("/posts", POST.list()));
    for plan in [&own, &list] {
        bench.watch(plan);
        bench.respond(plan, "old");
    }
    let mutation = bench.start();
    bench.order.clear();
    bench.reports.clear();
    bench.settle_writing(mutation, [POST.id(1), POST.list()], vec![(&own, decoded("new", Tags::none()))]);
    let order: Vec<_> = bench.order.iter().copied().filter(|kind| !matches!(*kind, "wake" | "discard")).collect();
    assert_eq!(order, ["publish", "publish", "report", "report", "report", "report", "send", "answer mutation"]);
    assert!(matches!(
        bench.reports.as_slice(),
        [Report::MutationSettled { .. }, Report::Written { .. }, Report::Invalidated { .. }, Report::Requested { .. }]
    ));
    assert_eq!(bench.data(&own).as_deref(), Some("new"));
    assert_eq!((bench.flights(&own), bench.flights(&list)), (0, 1), "what was just written is not refetched");
}

// B16
#[test]
fn b16_the_caller_can_wait_for_the_refetches_and_hears_of_their_errors() {
    let mut bench = Bench::new();
    let (one, two) = (post(1), post(2));
    for plan in [&one, &two] {
        bench.watch(plan);
        bench.respond(plan, "old");
    }
    let mutation = bench.start();
    bench.settle(mutation, POST.all());
    assert!(bench.refetched.is_empty());
    bench.respond(&one, "new");
    assert!(bench.refetched.is_empty());
    bench.fail(&two);
    assert_eq!(bench.refetched, [(mutation, 1)]);
    let nothing = bench.start();
    bench.settle(nothing, USER.all());
    assert_eq!(bench.refetched[1], (nothing, 0));
}

// B16
#[test]
fn b16_waiting_for_refetches_ends_when_their_watcher_goes() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    let mutation = bench.start();
    bench.settle(mutation, POST.id(1));
    bench.unwatch(&plan);
    bench.respond(&plan, "old");
    assert_eq!(bench.refetched, [(mutation, 0)], "no second request follows, so there is nothing to wait for");
    assert!(bench.core.awaited.is_empty());
}

// B15
#[test]
fn b15_only_what_changed_or_may_have_changed_is_invalidated() {
    let table = [
        (Outcome::Succeeded, Tags::from(POST.id(1)), 1),
        (Outcome::Unknown, Tags::from(POST.id(1)), 1),
        (Outcome::Refused, Tags::none(), 0),
        (Outcome::NotSent, Tags::none(), 0),
    ];
    for (outcome, tags, refetches) in table {
        let mut bench = Bench::new();
        let plan = post(1);
        bench.watch(&plan);
        bench.respond(&plan, "one");
        settle_as(&mut bench, outcome, tags, Vec::new());
        assert_eq!(bench.flights(&plan), refetches, "{outcome:?}");
    }
}

// B15
#[test]
fn b15_an_entry_that_a_mutation_may_have_changed_without_telling_counts_as_invalidated() {
    let mut bench = Bench::new();
    let plan = query("/me", Tags::none());
    bench.watch(&plan);
    bench.respond(&plan, "one");
    settle_as(&mut bench, Outcome::Unknown, Tags::none(), vec![plan.clone()]);
    assert_eq!(bench.flights(&plan), 1);
}

// B16
#[test]
fn b16_a_write_makes_an_entry_and_its_tags_count() {
    let mut bench = Bench::new();
    let plan = post(9);
    let mutation = bench.start();
    bench.settle_writing(mutation, POST.list(), vec![(&plan, decoded("nine", USER.id(3)))]);
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("nine"), 0));
    bench.watch(&plan);
    assert_eq!(bench.sent, 0);
    bench.invalidate(USER.id(3));
    assert_eq!(bench.sent, 1);
    bench.assert_consistent();
}

// B4, B16
#[test]
fn b4_a_write_of_equal_bytes_keeps_the_data() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "same");
    let before = bench.state(&plan).unwrap();
    let mutation = bench.start();
    bench.settle_writing(mutation, POST.id(1), vec![(&plan, decoded("same", Tags::none()))]);
    let after = bench.state(&plan).unwrap();
    assert!(Arc::ptr_eq(&before.shown.as_ref().unwrap().value, &after.shown.as_ref().unwrap().value));
    assert_eq!(bench.sent, 1);
}

// B13, B16
#[test]
fn b16_a_write_takes_the_place_of_an_older_request_and_answers_who_waits() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    let waiter = bench.fetch(&plan);
    let mutation = bench.start();
    bench.settle_writing(mutation, POST.id(1), vec![(&plan, decoded("new", Tags::none()))]);
    assert_eq!((bench.aborted, bench.in_flight.len()), (1, 0));
    assert_eq!(bench.answer_to(waiter).unwrap().unwrap(), "new");
    assert_eq!(bench.data(&plan).as_deref(), Some("new"));
}

// B17
#[test]
fn b17_of_two_overlapping_writes_the_second_refetches() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "0");
    let (one, other) = (bench.start(), bench.start());
    bench.settle_writing(one, POST.id(1), vec![(&plan, decoded("one", Tags::none()))]);
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("one"), 1));
    bench.settle_writing(other, POST.id(1), vec![(&plan, decoded("other", Tags::none()))]);
    assert_eq!(bench.data(&plan).as_deref(), Some("one"), "nobody knows which is newer");
    assert_eq!(bench.sent, 2);
    bench.respond(&plan, "last");
    assert!(!bench.is_stale(&plan));
}

// B17
#[test]
fn b17_a_write_that_an_invalidation_overtook_is_not_shown_as_fresh() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "0");
    let writing = bench.start();
    bench.mutate(POST.id(1));
    bench.respond(&plan, "1");
    bench.settle_writing(writing, Tags::none(), vec![(&plan, decoded("older", Tags::none()))]);
    assert_eq!(bench.data(&plan).as_deref(), Some("1"));
    assert_eq!(bench.flights(&plan), 1);
}

// B17
#[test]
fn b17_a_write_counts_as_a_change_for_other_mutations_even_without_tags() {
    let mut bench = Bench::new();
    let plan = query("/me", Tags::none());
    bench.watch(&plan);
    bench.respond(&plan, "0");
    let (one, other) = (bench.start(), bench.start());
    bench.settle_writing(one, Tags::none(), vec![(&plan, decoded("one", Tags::none()))]);
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("one"), 1));
    bench.settle_writing(other, Tags::none(), vec![(&plan, decoded("other", Tags::none()))]);
    assert_eq!((bench.data(&plan).as_deref(), bench.sent), (Some("one"), 2));
}

// B17
#[test]
fn b17_an_entry_that_is_not_there_is_not_written_with_data_that_its_args_tell_is_stale() {
    let mut bench = Bench::new();
    let writing = bench.start();
    bench.mutate(POST.id(1));
    bench.settle_writing(writing, Tags::none(), vec![(&post(1), decoded("older", Tags::none()))]);
    assert!(bench.state(&post(1)).is_none());
}

// B17
#[test]
fn b17_a_write_of_an_entry_that_is_not_there_is_checked_as_well() {
    let mut bench = Bench::new();
    let plan = post(1);
    let writing = bench.start();
    bench.mutate(USER.id(3));
    bench.settle_writing(writing, Tags::none(), vec![(&plan, decoded("older", USER.id(3)))]);
    assert!(bench.state(&plan).is_none());
}

#[test]
fn a_mutation_is_settled_once() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "0");
    let mutation = bench.start();
    bench.settle(mutation, POST.id(1));
    bench.respond(&plan, "1");
    bench.settle(mutation, POST.id(1));
    assert_eq!(bench.sent, 2);
}

// B18
#[test]
fn b18_a_mutation_from_before_a_reset_writes_nothing_into_what_was_asked_for_since() {
    let mut bench = Bench::new();
    let plan = post(1);
    let before = bench.start();
    bench.change(vec![Change::Reset(Kind::Everything)]);
    bench.fetch(&plan);
    bench.settle_writing(before, Tags::none(), vec![(&plan, decoded("of the user before", Tags::none()))]);
    assert_eq!((bench.data(&plan), bench.flights(&plan)), (None, 1));
}

// B16
#[test]
fn b16_an_error_of_one_request_is_heard_once() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.watch(&plan);
    bench.respond(&plan, "one");
    let invalidate = |refetch| Change::Invalidate { target: Kind::Tags(POST.id(1).into()), refetch };
    bench.change(vec![invalidate(RefetchOf::Watched), invalidate(RefetchOf::All)]);
    bench.fail(&plan);
    assert_eq!(bench.refetched.last().map(|(_, errors)| *errors), Some(1));
}

// B36
#[test]
fn b36_replaced_data_is_given_out_to_be_dropped_elsewhere() {
    let mut bench = Bench::new();
    let plan = post(1);
    bench.fetch(&plan);
    bench.respond(&plan, "one");
    bench.refetch(&plan);
    bench.order.clear();
    bench.respond(&plan, "two");
    assert!(bench.order.contains(&"discard"));
}
