//! A time in little room.

use std::num::NonZeroU64;
use std::time::Duration;

/// A time since the client's start, or a length of time: nanoseconds, and one more so that an `Option` of it takes no more
/// room. What is beyond 584 years is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(NonZeroU64);

impl Moment {
    const FOR_EVER: Moment = Moment(NonZeroU64::MAX);

    pub(super) fn of(time: Duration) -> Moment {
        let nanos = u64::try_from(time.as_nanos()).ok().and_then(|nanos| NonZeroU64::new(nanos.checked_add(1)?));
        nanos.map_or(Moment::FOR_EVER, Moment)
    }

    pub(super) fn is_for_ever(self) -> bool {
        self == Moment::FOR_EVER
    }

    pub(super) fn get(self) -> Duration {
        if self == Moment::FOR_EVER { Duration::MAX } else { Duration::from_nanos(self.0.get() - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // B9
    #[test]
    fn b9_very_large_times_do_not_wrap() {
        for time in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(60), Duration::from_secs(1 << 34)] {
            assert_eq!(Moment::of(time).get(), time);
        }
        for time in [Duration::MAX, Duration::from_nanos(u64::MAX), Duration::from_secs(1 << 35)] {
            assert_eq!(Moment::of(time).get(), Duration::MAX);
        }
        assert_eq!(size_of::<Option<Moment>>(), 8);
    }
}
