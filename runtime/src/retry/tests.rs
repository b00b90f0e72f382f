//! The policy alone: what is tried again, and after how long.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use super::*;
use crate::error::Call;
use crate::error_view::ErrorView;
use crate::redact::Secrets;
use crate::response::RawResponse;

fn call() -> Call {
    Call { operation: "getPost", method: Method::GET, template: "/posts/{id}" }
}

fn refused(status: u16, headers: &[(&str, &str)]) -> Error {
    let headers: HeaderMap =
        headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let status = StatusCode::from_u16(status).unwrap();
    Error::refused(call(), RawResponse { status, headers: Arc::new(headers), body: Bytes::new() }, ErrorView::default())
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const PLAIN: Retry = Retry::times(3).without_jitter();

// B25
#[test]
fn b25_what_may_go_better_the_next_time_is_tried_again() {
    let retry = |error: &Error| PLAIN.next_try(error, 1, Duration::ZERO).is_some();
    for status in 400..600 {
        let expected = [408, 425, 429, 500, 502, 503, 504].contains(&status);
        assert_eq!(retry(&refused(status, &[])), expected, "{status}");
    }
    assert!(retry(&Error::timeout(call(), seconds(30))));
    assert!(retry(&Error::connection(call(), true, "lost".into(), &Secrets::default())));
    assert!(retry(&Error::connection(call(), false, "none".into(), &Secrets::default())));
    let response = RawResponse { status: StatusCode::OK, headers: Arc::default(), body: Bytes::new() };
    let others = [
        Error::aborted(call()),
        Error::panicked(call(), "a decoder"),
        Error::unbuildable(call(), "no id"),
        Error::too_large(call(), 1, response),
    ];
    for error in others {
        assert!(!retry(&error), "{error}");
    }
}

// B25
#[test]
fn b25_waits_double_up_to_a_bound_and_are_spread() {
    let waits: Vec<Option<Duration>> = (1..=9)
        .map(|failures| Retry::times(8).without_jitter().next_try(&refused(500, &[]), failures, seconds(0)))
        .collect();
    let expected = [Some(1), Some(2), Some(4), Some(8), Some(16), Some(30), Some(30), Some(30), None];
    assert_eq!(waits, expected.map(|wait| wait.map(seconds)));
    for failures in [1, 3, 40, u32::MAX] {
        let (least, most) = (PLAIN.wait_after(failures, 0.0), Retry::times(3).wait_after(failures, 1.0));
        assert_eq!(least, most, "without jitter it is the longest");
        for random in [0.0, 0.3, 1.0] {
            let spread = Retry::times(3).wait_after(failures, random);
            assert!(most / 2 <= spread && spread <= most, "{spread:?} of {most:?}");
        }
    }
    let random: Vec<f64> = (0..100).map(|_| random()).collect();
    assert!(random.iter().all(|one| (0.0..=1.0).contains(one)));
    assert!(random.iter().any(|one| *one < 0.5) && random.iter().any(|one| *one > 0.5));
    let forever = Retry::times(9).delay(Duration::MAX).next_try(&refused(500, &[]), 2, seconds(0));
    assert!(forever.is_some_and(|wait| wait >= Duration::MAX / 2));
}

// B25
#[test]
fn b25_a_server_says_when_it_may_be_asked_again() {
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let table = [
        (vec![("retry-after", "7")], Some(7)),
        (vec![("retry-after", "0")], Some(1)),
        (vec![("retry-after", "60")], Some(60)),
        (vec![("retry-after", "61")], None),
        (vec![("retry-after", "99999999999999999999999")], None),
        (vec![("retry-after", "-1")], Some(1)),
        (vec![("retry-after", "soon")], Some(1)),
        (vec![("retry-after", "")], Some(1)),
        (vec![("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT"), date], Some(20)),
        (vec![("retry-after", "Sun Nov  6 08:49:57 1994"), date], Some(20)),
        (vec![("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT"), date], Some(1)),
        (vec![("retry-after", "Sun, 06 Nov 1994 09:49:37 GMT"), date], None),
        // Long ago by this machine's clock.
        (vec![("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT")], Some(1)),
    ];
    for (headers, expected) in table {
        for status in [429, 503] {
            let wait = PLAIN.next_try(&refused(status, &headers), 1, Duration::ZERO);
            assert_eq!(wait, expected.map(seconds), "{headers:?}");
        }
    }
    let patient = PLAIN.retry_after_up_to(seconds(3600));
    assert_eq!(patient.next_try(&refused(503, &[("retry-after", "900")]), 1, seconds(0)), Some(seconds(900)));
    assert_eq!(PLAIN.next_try(&refused(404, &[("retry-after", "1")]), 1, seconds(0)), None);
}

// B25
#[test]
fn b25_a_limit_over_all_tries_and_a_condition_of_ones_own() {
    let limited = Retry::times(9).delay(seconds(2)).without_jitter().within(seconds(10));
    let after = |elapsed| limited.next_try(&refused(500, &[]), 1, seconds(elapsed));
    assert_eq!([after(0), after(7), after(8), after(60)], [Some(seconds(2)), Some(seconds(2)), None, None]);
    let own = PLAIN.when(|error, failures| error.status() == Some(StatusCode::CONFLICT) && failures < 2);
    let next = |status, failures| own.next_try(&refused(status, &[]), failures, seconds(0)).is_some();
    assert_eq!([next(409, 1), next(409, 2), next(500, 1)], [true, false, false]);
    let panics = PLAIN.when(|_, _| panic!("on purpose"));
    assert_eq!(panics.next_try(&refused(500, &[]), 1, seconds(0)), None);
    let always = PLAIN.when(|_, _| true);
    assert!(always.next_try(&Error::aborted(call()), 1, seconds(0)).is_none());
    assert!(always.next_try(&Error::panicked(call(), "a decoder"), 1, seconds(0)).is_some());
    assert!(always.next_try(&Error::panicked(call(), "a decoder"), 4, seconds(0)).is_none(), "this is bounded, too");
    assert_eq!(Retry::none().next_try(&refused(500, &[]), 1, seconds(0)), None);
}
