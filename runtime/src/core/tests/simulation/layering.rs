//! Layers in random schedules: what is shown is at every moment what the server said, with the layers over it, in order.
//!
//! A schedule follows from a seed. A model knows the committed data of each entry and the layers, and folds the ones over
//! the other, which the core must have done as well, whatever comes between. A quarter of `LARDER_SCHEDULES` are
//! run, `LARDER_LAYERS_SEED` runs one of them.

mod model;
mod world;

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use self::model::{Key, Op};
use self::world::World;
use super::random::Random;

/// How many schedules a plain run of the tests tries.
const SCHEDULES: u64 = 2000;
const STEPS: usize = 50;

/// Something that happens. What it picks from it picks when it is done, so a schedule can be run without some of its steps.
#[derive(Clone, Debug)]
enum Step {
    /// A mutation starts, or a layer is shown by hand.
    Start {
        ops: Vec<Op>,
        by_hand: bool,
        is_asked_for: bool,
    },
    End(usize, Ending),
    Ask(Key),
    Answer(usize, Said),
    Fail(usize),
    Set(Key, Said),
    Update(Key),
    Invalidate(i64),
    Reset(Key),
    Remove(Key),
    Watch(Key),
    Unwatch(Key),
    /// The next step is overtaken by this one while layers are applied for it.
    Overtake(Box<Step>),
}

/// How a mutation ends. A layer by hand that does not succeed is undone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    /// With what it writes, and whether its tags reach what it changed.
    Succeeded(Option<(Key, Said)>, bool),
    Refused,
    Lost,
}

/// What the server, or the application, says of posts: a number for their texts, and how many there are in lists.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Said {
    text: usize,
    many: i64,
}

fn schedule(seed: u64) -> Vec<Step> {
    let mut random = Random::new(seed);
    (0..STEPS).map(|_| step(&mut random)).collect()
}

fn step(random: &mut Random) -> Step {
    let key = random.pick(&Key::ALL);
    // Few texts, so that equal data comes again.
    let said = Said { text: random.below(3), many: random.below(4) as i64 };
    let number = random.below(1 << 16);
    match random.below(100) {
        0..20 => {
            let ops = (0..1 + random.below(2)).map(|_| Op::of(random)).collect();
            Step::Start { ops, by_hand: random.once_in(3), is_asked_for: !random.once_in(4) }
        }
        20..36 => {
            let write = random.once_in(2).then_some((key, said));
            let ending = [Ending::Succeeded(write, random.once_in(2)), Ending::Refused, Ending::Lost];
            Step::End(number, if random.once_in(2) { ending[0] } else { random.pick(&ending) })
        }
        36..48 => Step::Ask(key),
        48..64 => Step::Answer(number, said),
        64..66 => Step::Fail(number),
        66..70 => Step::Set(key, said),
        70..74 => Step::Update(key),
        74..78 => Step::Invalidate(random.below(6) as i64),
        78 => Step::Reset(key),
        79 => Step::Remove(key),
        80..88 => Step::Watch(key),
        88..90 => Step::Unwatch(key),
        _ => Step::Overtake(Box::new(step(random))),
    }
}

/// Why a schedule fails, if it does.
fn run(steps: &[Step]) -> Result<(), String> {
    let live = || {
        let mut world = World::new();
        for step in steps {
            world.step(step)?;
        }
        world.end()
    };
    catch_unwind(AssertUnwindSafe(live)).unwrap_or_else(|panic| {
        Err(format!("a panic: {}", panic.downcast_ref::<String>().cloned().unwrap_or_default()))
    })
}

/// The schedule without the steps that do not matter.
fn shrunk(mut steps: Vec<Step>) -> Vec<Step> {
    let mut many = steps.len().div_ceil(2);
    loop {
        let (before, mut end) = (steps.len(), steps.len());
        while end > 0 {
            let start = end.saturating_sub(many);
            let without = [&steps[..start], &steps[end..]].concat();
            if run(&without).is_err() {
                steps = without;
            }
            end = start;
        }
        if many == 1 && steps.len() == before {
            return steps;
        }
        many = many.div_ceil(2);
    }
}

// B22, B23
#[test]
fn b22_what_is_shown_is_committed_data_with_the_layers_in_order_whatever_happens() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (first, last) = match number("LARDER_LAYERS_SEED") {
        Some(seed) => (seed, seed),
        None => (1, number("LARDER_SCHEDULES").map_or(SCHEDULES, |schedules: u64| schedules.div_ceil(4))),
    };
    let Some(seed) = (first..=last).find(|seed| run(&schedule(*seed)).is_err()) else { return };
    let steps = shrunk(schedule(seed));
    let why = run(&steps).err().unwrap_or_default();
    let told = steps.iter().fold(String::new(), |mut told, step| {
        let _ = writeln!(told, "  {step:?}");
        told
    });
    panic!("LARDER_LAYERS_SEED={seed}, in its shortest form:\n{told}fails with\n  {why}");
}
