//! The invalidation matrix of RTK Query's own tests: what is provided, what is invalidated, whether it meets.

use super::*;

fn all(name: &'static str) -> Tags {
    Tags::from(name)
}

fn one(name: &'static str, id: i64) -> Tags {
    Tags::from((name, id))
}

fn both(first: Tags, second: Tags) -> Tags {
    [first, second].into_iter().collect()
}

// B11
#[test]
fn b11_the_invalidation_matrix() {
    let (apple, pear, banana) = ("apple", "pear", "banana");
    let table = [
        (all(apple), all(apple), true),
        (all(apple), all(pear), false),
        (both(all(apple), all(pear)), all(apple), true),
        (both(all(apple), all(pear)), all(pear), true),
        (both(all(apple), all(pear)), all(banana), false),
        (all(apple), both(all(pear), all(apple)), true),
        (one(apple, 1), all(apple), true),
        (one(apple, 1), all(pear), false),
        (all(apple), one(apple, 1), false),
        (all(pear), one(apple, 1), false),
        (one(apple, 1), one(apple, 1), true),
        (one(apple, 1), one(apple, 2), false),
        (one(apple, 1), one(pear, 1), false),
        (both(one(apple, 1), one(apple, 2)), one(apple, 2), true),
        (both(one(apple, 1), one(pear, 2)), one(apple, 2), false),
        (both(one(apple, 1), one(apple, 2)), all(apple), true),
        (both(one(apple, 1), all(pear)), both(one(apple, 2), all(pear)), true),
        (both(one(apple, 1), all(pear)), both(one(apple, 2), one(pear, 1)), false),
        (all(apple), Tags::none(), false),
        (Tags::none(), all(apple), false),
    ];
    for (provides, invalidates, reached) in table {
        let mut bench = Bench::new();
        let (asked, unrelated) = (query("/asked", provides.clone()), query("/unrelated", "unrelated"));
        for plan in [&asked, &unrelated] {
            bench.watch(plan);
            bench.respond(plan, "0");
        }
        bench.mutate(invalidates.clone());
        assert_eq!(bench.flights(&asked), usize::from(reached), "{provides:?} and {invalidates:?}");
        assert_eq!(bench.flights(&unrelated), 0);
    }
}

// B11
#[test]
fn b11_several_tags_and_several_subscribers_make_one_refetch() {
    let mut bench = Bench::new();
    let list = query("/posts", POST.list());
    bench.watch(&list);
    bench.watch(&list);
    bench.respond_with(&list, "0", [POST.id(1), POST.id(2), USER.id(1)]);
    bench.mutate([POST.id(1), POST.id(2), POST.list(), POST.all(), USER.id(1)]);
    assert_eq!(bench.sent, 2);
    bench.respond(&list, "1");
    assert_eq!(bench.sent, 2);
}
