//! What recorded traffic teaches: overrides that make the plan reach what changed, on the recording, on a second run of the
//! same scenario with other ids, and on the part of the traffic that was not learned from.
//!
//! The recordings are found as in `replay_score.rs`.

mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use larder_codegen::Generator;
use larder_codegen::learn::{self, Care, Learned};
use larder_codegen::plan::Plan;
use larder_codegen::recording::{self, Score, Step};
use oracle::Recorded;
use serde_json::Value;

fn learned(recorded: &Recorded, steps: &[Step], care: Care) -> (Plan, Learned) {
    Generator::new(&recorded.document).learn(steps.to_vec(), care).expect("it can be learned from")
}

fn steps_of(recorded: &Recorded) -> Vec<Step> {
    recording::read(&recorded.truth).expect("a recording")
}

fn holds(name: &str, score: &Score) {
    assert!(score.recall() >= 0.99 && score.precision() >= 0.65 && score.wrong == 0, "{name}: {score:#?}");
}

#[test]
fn what_is_learned_reaches_what_changed_and_little_else_and_larder_toml_says_it() {
    let Some(folder) = oracle::folder() else { return };
    for recorded in oracle::recordings(&folder) {
        let steps = steps_of(&recorded);
        let (plan, learned) = learned(&recorded, &steps, Care::default());
        holds(&recorded.name, &recording::score(&learned.apply(&plan), &steps));

        // Through the file, as a user has it.
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("larder.toml");
        let document = serde_json::to_string(&recorded.document.canonicalize().expect("it is there")).expect("text");
        let text = format!("[[api]]\ndocument = {document}\n");
        fs::write(&file, learn::merge(&text, 0, &learned).expect("it can be merged")).expect("it can be written");
        let generator = Generator::from_config(&file).expect("it can be read").swap_remove(0);
        let plan = generator.generate().expect("what was learned names what there is").plan;
        holds(&recorded.name, &recording::score(&plan, &steps));
        let (_, again) = generator.learn(steps.clone(), Care::default()).expect("it can be learned from");
        assert!(again.operations.iter().all(|operation| operation.adds.is_empty()), "{again:#?}");
    }
}

/// The recording with each id of its calls put for another one, wherever it stands in a value.
fn with_other_ids(text: &str) -> (Vec<Step>, BTreeSet<String>) {
    let mut recording: Value = serde_json::from_str(text).expect("JSON");
    let mut ids = BTreeSet::new();
    collect(&recording, false, &mut ids);
    let others: BTreeMap<String, String> = ids.iter().map(|id| (id.clone(), other(id))).collect();
    rename(&mut recording, &others);
    (serde_json::from_value(recording).expect("a recording"), ids)
}

/// Texts of path parameters, and UUIDs wherever they are.
fn collect(value: &Value, is_id: bool, ids: &mut BTreeSet<String>) {
    let is_uuid = |text: &str| text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    match value {
        Value::String(text) if (is_id && text.len() > 1) || is_uuid(text) => drop(ids.insert(text.clone())),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, is_id, ids)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(value, is_id || name == "path_params", ids));
        }
        _ => {}
    }
}

/// Letters and digits moved on by one.
fn other(id: &str) -> String {
    let moved = id.chars().map(|character| match character {
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        'a'..='y' | 'A'..='Y' | '0'..='8' => char::from_u32(u32::from(character) + 1).unwrap_or(character),
        other => other,
    });
    moved.chain("0".chars().filter(|_| !id.contains('-') && !id.ends_with('.'))).collect()
}

fn rename(value: &mut Value, others: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => match others.get(text) {
            Some(other) => text.clone_from(other),
            // Ids within paths and URLs.
            None if text.contains('/') => {
                let segments: Vec<&str> =
                    text.split('/').map(|segment| others.get(segment).map_or(segment, String::as_str)).collect();
                *text = segments.join("/");
            }
            None => {}
        },
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename(element, others)),
        Value::Object(members) => {
            let is_call = members.contains_key("operation_id");
            for (name, value) in members.iter_mut() {
                // What a call says of itself is the document's.
                if !(is_call && matches!(name.as_str(), "operation_id" | "method" | "path_template" | "tags")) {
                    rename(value, others);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn what_was_learned_of_one_run_holds_for_a_second_with_other_ids_and_names_none() {
    let Some(folder) = oracle::folder() else { return };
    for recorded in oracle::recordings(&folder) {
        let (plan, learned) = learned(&recorded, &steps_of(&recorded), Care::default());
        let mut text = String::new();
        let file = fs::File::open(&recorded.truth).expect("a recording");
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).expect("it is gzip");
        let (second, ids) = with_other_ids(&text);
        assert!(!ids.is_empty());
        holds(&recorded.name, &recording::score(&learned.apply(&plan), &second));

        // Words of the document may be ids of the recording, too.
        let document = serde_json::to_string(&plan).expect("a plan is JSON");
        let words = |text: &str| {
            let is_part = |character: char| character.is_alphanumeric() || "-._".contains(character);
            text.split(|character: char| !is_part(character)).map(str::to_owned).collect::<BTreeSet<String>>()
        };
        let known = words(&document);
        let said = words(&learn::render(&learned));
        let named: Vec<&String> = ids.iter().filter(|id| said.contains(*id) && !known.contains(*id)).collect();
        let mut own = document;
        own.extend(learned.tag_types.iter().map(String::as_str));
        let named: Vec<&&String> = named.iter().filter(|id| !own.contains(id.as_str())).collect();
        assert!(named.is_empty(), "{}: {named:?}", recorded.name);
    }
}

#[test]
fn what_is_learned_from_a_part_of_the_traffic_costs_the_rest_little() {
    let Some(folder) = oracle::folder() else { return };
    for recorded in oracle::recordings(&folder) {
        let steps = steps_of(&recorded);
        for calls in [1, 2] {
            let mut sums = [[0usize; 4]; 2];
            for seed in 0..5 {
                let mut random = fastrand::Rng::with_seed(seed);
                let (seen, rest): (Vec<Step>, Vec<Step>) = steps.iter().cloned().partition(|_| random.bool());
                let (plan, learned) = learned(&recorded, &seen, Care { calls, ..Care::default() });
                let scores = [recording::score(&plan, &rest), recording::score(&learned.apply(&plan), &rest)];
                for (sums, score) in sums.iter_mut().zip(scores) {
                    for (sum, more) in sums.iter_mut().zip([score.hit, score.changed, score.useful, score.sent]) {
                        *sum += more;
                    }
                }
            }
            let [inferred, learned] = sums.map(|[hit, changed, useful, sent]| {
                (hit as f64 / changed.max(1) as f64, useful as f64 / sent.max(1) as f64)
            });
            println!("{}, taking away after {calls}: {inferred:.3?} -> {learned:.3?}", recorded.name);
            let lost = if calls == 1 { 0.03 } else { 0.01 };
            assert!(learned.0 >= inferred.0 - lost, "{}: recall {inferred:?} -> {learned:?}", recorded.name);
        }
    }
}
