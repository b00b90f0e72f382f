//! Documents with random damage: each generates or is refused, and none makes the generator fail.
//!
//! `LARDER_SEED=n` runs one seed alone.

use std::env;
use std::fs;
use std::path::Path;

use fastrand::Rng;
use larder_codegen::{Error, Generator};

/// Damaged documents for each fixture.
const RUNS: u64 = 400;

/// What stands where it does not belong.
const ODD: [&str; 14] = [
    "null",
    "[]",
    "{}",
    "true",
    "-1",
    "1e400",
    "''",
    "'#/components/schemas/Post'",
    "{ $ref: '#' }",
    "[null]",
    "\"\\u202e\"",
    "{ $ref: '#/paths' }",
    "99999999999999999999",
    "'*/ }'",
];

fn damage(text: &str, rng: &mut Rng) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..lines.len());
        match rng.u8(..6) {
            0 => {
                lines.remove(at);
            }
            1 => {
                let other = lines[rng.usize(..lines.len())].clone();
                lines.insert(at, other);
            }
            2 => {
                let other = rng.usize(..lines.len());
                lines.swap(at, other);
            }
            3 => {
                if let Some((key, _)) = lines[at].split_once(": ") {
                    lines[at] = format!("{key}: {}", rng.choice(ODD).unwrap_or("null"));
                }
            }
            4 => {
                let value = lines[rng.usize(..lines.len())].split_once(": ").map(|(_, value)| value.to_owned());
                if let (Some((key, _)), Some(value)) = (lines[at].split_once(": "), value) {
                    lines[at] = format!("{key}: {value}");
                }
            }
            _ => lines[at] = lines[at].replace("object", "array").replace("integer", "object").replace("get:", "post:"),
        }
    }
    lines.join("\n")
}

#[test]
fn no_damage_makes_the_generator_fail() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let only: Option<u64> = env::var("LARDER_SEED").ok().and_then(|seed| seed.parse().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    let mut generated = 0;
    for name in ["social", "types", "requests", "tagging"] {
        let text = fs::read_to_string(fixtures.join(name).join("openapi.yaml")).expect("the fixture is there");
        for seed in only.map_or(0..RUNS, |seed| seed..seed + 1) {
            let damaged = damage(&text, &mut Rng::with_seed(seed));
            fs::write(&path, &damaged).expect("it can be written");
            match Generator::new(&path).generate() {
                Ok(_) => generated += 1,
                Err(Error::Internal { file, message }) => {
                    panic!("{name}, LARDER_SEED={seed}: {file}: {message}\n{damaged}")
                }
                Err(_) => {}
            }
        }
    }
    assert!(only.is_some() || generated > RUNS, "most damage is local: {generated} documents generated");
}
