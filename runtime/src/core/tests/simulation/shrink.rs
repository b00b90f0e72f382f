//! Makes a failing schedule shorter, for as long as it still fails.

use super::run;
use super::schedule::{ByHand, Schedule, Step};

pub(super) fn shrink(mut schedule: Schedule) -> Schedule {
    let mut many = schedule.steps.len().div_ceil(2);
    loop {
        let before = schedule.steps.len();
        drop_steps(&mut schedule, many);
        if many == 1 && schedule.steps.len() == before {
            break;
        }
        many = many.div_ceil(2);
    }
    simplify(&mut schedule);
    schedule
}

/// Leaves out so many steps at a time, from the end to the beginning.
fn drop_steps(schedule: &mut Schedule, many: usize) {
    let mut end = schedule.steps.len();
    while end > 0 {
        let start = end.saturating_sub(many);
        let without: Vec<Step> = schedule.steps[..start].iter().chain(&schedule.steps[end..]).cloned().collect();
        try_steps(schedule, without);
        end = start;
    }
}

/// Of several changes by hand, only those that matter; of a call, as little as matters.
fn simplify(schedule: &mut Schedule) {
    for at in 0..schedule.steps.len() {
        for simpler in simpler(&schedule.steps[at]) {
            let mut steps = schedule.steps.clone();
            steps[at] = simpler;
            try_steps(schedule, steps);
        }
    }
}

fn simpler(step: &Step) -> Vec<Step> {
    let plain = |call: &super::asked::Call| super::asked::Call::plain(call.asked);
    match step {
        Step::Watch(call) => vec![Step::Watch(plain(call))],
        Step::Fetch(call) => vec![Step::Fetch(plain(call))],
        Step::Hit(call) => vec![Step::Fetch(call.clone()), Step::Fetch(plain(call))],
        Step::Rework(call) => vec![Step::Rework(plain(call))],
        Step::Refetch(call) => vec![Step::Refetch(plain(call))],
        Step::Prefetch(call, when) => vec![Step::Prefetch(plain(call), *when)],
        Step::Serve(pick, tag, _) => vec![Step::Serve(*pick, tag.clone(), None), Step::Serve(*pick, None, None)],
        Step::Change(changes) => {
            let without = |at: usize| -> Vec<ByHand> {
                changes.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, change)| change.clone()).collect()
            };
            (0..changes.len()).map(|at| Step::Change(without(at))).collect()
        }
        _ => Vec::new(),
    }
}

fn try_steps(schedule: &mut Schedule, steps: Vec<Step>) {
    let shorter = Schedule { defaults: schedule.defaults, steps };
    if run(&shorter, false).is_err() {
        *schedule = shorter;
    }
}
