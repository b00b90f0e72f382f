//! Recorded calls through generated code have the tags that the plan says.
//!
//! Recordings are found through `LARDER_ORACLE`; without it the test says that they were left out, and under `CI=true` that
//! is a failure.

mod oracle;

use std::path::Path;

use larder_codegen::{Generator, recording};
use larder_corpus::{Scratch, calls, replay};

#[test]
fn generated_tags_are_those_of_the_plan_on_every_recording() {
    let Some(folder) = oracle::folder() else { return };
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replay");
    let scratch = Scratch::new(root, Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    for recorded in oracle::recordings(&folder) {
        let steps = recording::read(&recorded.truth).expect("a recording");
        let generator = Generator::new(&recorded.document);
        let replayed = replay(&generator, &calls(&steps), &scratch, &recorded.name).expect("it can be replayed");
        // What a server says against its own document cannot be read, and so has no tags to compare.
        for ((operation, why), count) in &replayed.unfit {
            eprintln!("{}: {count} calls of {operation} do not fit: {why}", recorded.name);
        }
        assert!(replayed.differences.is_empty(), "{}: {:#?}", recorded.name, replayed.differences);
        let unfit: usize = replayed.unfit.values().sum();
        assert_eq!(replayed.agreed + unfit, replayed.calls, "{}", recorded.name);
        assert!(replayed.agreed * 4 > replayed.calls * 3, "{}: {:#?}", recorded.name, replayed.unfit);
    }
}
