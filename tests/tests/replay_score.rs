//! A plan's score on recordings of real servers is the one that the recordings' own tool gives.
//!
//! They are found through `LARDER_ORACLE`; without it the tests say that they were left out, and under `CI=true` that is
//! a failure.

mod oracle;

use std::process::Command;

use larder_codegen::Generator;
use larder_codegen::plan::Plan;
use larder_codegen::recording::{self, Score, Step};
use oracle::Recorded;

/// The lines that the tool prints, sorted.
fn told(score: &Score) -> Vec<String> {
    let mut lines = vec![score.to_string()];
    let misses = score
        .misses
        .iter()
        .map(|((mutation, query), urls)| format!("missed  {:4}  {mutation} -> {query}   e.g. {}", urls.len(), urls[0]));
    let extras =
        score.extras.iter().map(|((mutation, query), count)| format!("extra   {count:4}  {mutation} -> {query}"));
    lines.extend(misses.chain(extras));
    lines.sort();
    lines
}

fn compare(plan: &Plan, steps: &[Step], recorded: &Recorded, tool: &std::path::Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let written = folder.path().join("plan.json");
    std::fs::write(&written, serde_json::to_string(plan).expect("a plan is JSON")).expect("it can be written");
    let output = Command::new("python3")
        .arg(tool)
        .args([&written, &recorded.truth])
        .args(["--misses", "--extras"])
        .output()
        .expect("python3 runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("recall"), "{}", String::from_utf8_lossy(&output.stderr));
    let mut theirs: Vec<String> = text.lines().map(str::to_owned).collect();
    theirs.sort();
    // The tool shows the sixty pairs with the most extras.
    let shown = theirs.iter().filter(|line| line.starts_with("extra")).count();
    let ours = told(&recording::score(plan, steps));
    if shown < 60 {
        assert_eq!(ours, theirs, "{}", recorded.name);
    } else {
        assert!(theirs.iter().all(|line| ours.contains(line)), "{}: {ours:#?}\n{theirs:#?}", recorded.name);
    }
}

#[test]
fn the_score_of_a_plan_is_what_the_recordings_tool_says() {
    let Some(folder) = oracle::folder() else { return };
    let tool = folder.join("score.py");
    for recorded in oracle::recordings(&folder) {
        let steps = recording::read(&recorded.truth).expect("a recording");
        let plan = Generator::new(&recorded.document).generate().expect("it generates").plan;
        compare(&plan, &steps, &recorded, &tool);
        let mut other = plan;
        for operation in &mut other.operations {
            // Every second tag, so that there are misses too.
            let mut at = 0;
            operation.invalidates.retain(|_| {
                at += 1;
                at % 2 == 0
            });
        }
        compare(&other, &steps, &recorded, &tool);
    }
}
