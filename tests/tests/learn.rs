//! What recorded traffic teaches: overrides that make the plan reach what changed, on the recording, on a second run of the
//! same scenario with other ids, and on the part of the traffic that was not learned from.
//!
//! The recordings are found as in `replay_score.rs`.

mod oracle;

use std::collections::BTreeSet;

use larder_codegen::Generator;
use larder_codegen::learn::{self, Learned};
use larder_codegen::plan::Plan;
use larder_codegen::recording::{self, Score, Step};
use oracle::Recorded;

fn plan_of(recorded: &Recorded) -> Plan {
    Generator::new(&recorded.document).generate().expect("it generates").plan
}

fn scored(learned: &Learned, plan: &Plan, steps: &[Step]) -> Score {
    recording::score(&learned.apply(plan), steps)
}

fn told(score: &Score) -> String {
    format!("recall {:.4} ({}/{}) precision {:.4} ({}/{})", score.recall(), score.hit, score.changed, score.precision(), score.useful, score.sent)
}

#[test]
fn what_is_learned_reaches_what_changed_and_little_else() {
    let Some(folder) = oracle::folder() else { return };
    for recorded in oracle::recordings(&folder) {
        let (plan, steps) = (plan_of(&recorded), recording::read(&recorded.truth).expect("a recording"));
        let before = recording::score(&plan, &steps);
        let learned = learn::learn(&plan, &steps);
        let after = scored(&learned, &plan, &steps);
        println!("{}: {}\n  learned: {}", recorded.name, told(&before), told(&after));
    }
}

#[test]
fn what_is_learned_from_a_part_of_the_traffic_holds_for_the_rest() {
    let Some(folder) = oracle::folder() else { return };
    for recorded in oracle::recordings(&folder) {
        let (plan, steps) = (plan_of(&recorded), recording::read(&recorded.truth).expect("a recording"));
        let mut sums = [[0usize; 4]; 2];
        for seed in 0..20 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (mut seen, mut rest) = (Vec::new(), Vec::new());
            for step in &steps {
                if random.bool() { seen.push(step.clone()) } else { rest.push(step.clone()) }
            }
            let learned = learn::learn(&plan, &seen);
            for (sum, score) in sums.iter_mut().zip([recording::score(&plan, &rest), scored(&learned, &plan, &rest)]) {
                for (sum, more) in sum.iter_mut().zip([score.hit, score.changed, score.useful, score.sent]) {
                    *sum += more;
                }
            }
        }
        for (name, [hit, changed, useful, sent]) in ["plan", "learned on the other half"].iter().zip(sums) {
            println!("{} {name}: recall {:.4} precision {:.4}", recorded.name, hit as f64 / changed as f64, useful as f64 / sent as f64);
        }
    }
}
