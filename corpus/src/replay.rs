//! Recorded calls through generated functions: whether their tags are those of the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::process::{Command, Stdio};

use larder_codegen::plan::evaluate::{Call, Filled, filled, tags};
use larder_codegen::plan::{Operation, Plan};
use larder_codegen::recording::Step;
use larder_codegen::{Generator, Signature};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::cargo::Scratch;
use crate::replay_program;

/// What came of a recording's calls.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// Different calls that were answered with success.
    pub calls: usize,
    /// Those of which code and plan say the same.
    pub agreed: usize,
    /// Those of which they do not.
    pub differences: Vec<Difference>,
    /// Calls that the types do not take, or whose answer they do not: how many, by operation and reason.
    pub unfit: BTreeMap<(String, String), usize>,
}

/// A call of which code and plan say different things.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The operation.
    pub operation: String,
    /// The call, as it was sent.
    pub call: String,
    /// What only the plan says.
    pub planned: Vec<String>,
    /// What only the code says.
    pub coded: Vec<String>,
}

/// A call with an answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The call.
    pub call: Call,
    /// The status of the answer.
    pub status: u16,
    /// Its body; `null` without one.
    pub response: Value,
}

/// Every different call of a recording that was answered with success.
pub fn calls(recording: &[Step]) -> Vec<Answered> {
    let mut all = Vec::new();
    for step in recording {
        let mutation = &step.mutation;
        if mutation.succeeded() {
            all.push(answered(&mutation.call, mutation.status, &mutation.response_body));
        }
        for query in step.queries.iter().filter(|query| query.cached) {
            all.push(answered(&query.call, query.status_before, &query.response_before));
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|one| (200..300).contains(&one.status) && seen.insert(format!("{:?} {}", one.call, one.response)));
    all
}

fn answered(call: &Call, status: Option<u16>, response: &Value) -> Answered {
    Answered { call: call.clone(), status: status.unwrap_or(200), response: response.clone() }
}

/// Sends `calls` through code that `generator` makes, compiled in `scratch` under `name`, and compares with its plan.
///
/// # Errors
/// When it does not generate, and when the program cannot be written, compiled or run.
pub fn replay(generator: &Generator, calls: &[Answered], scratch: &Scratch, name: &str) -> io::Result<Replay> {
    let testable = generator.generate_for_tests().map_err(io::Error::other)?;
    let asked: BTreeSet<&str> = calls.iter().map(|one| one.call.operation_id.as_str()).collect();
    let called: Vec<&Signature> =
        testable.signatures.iter().filter(|one| asked.contains(one.id.as_str()) && !one.holds_bytes).collect();
    let name = format!("{name}-replay");
    let folder = scratch.make(&name, "", Some(&replay_program::text(&testable, &called)))?;
    let api = folder.join("src/api");
    drop(fs::remove_dir_all(&api));
    testable.generated.write_to(&api).map_err(io::Error::other)?;
    let (program, _) = scratch.build(&folder, &name)?;

    let mut replay = Replay { calls: calls.len(), ..Replay::default() };
    let (mut sent, mut asked) = (Vec::new(), String::new());
    for one in calls {
        let Some(at) = called.iter().position(|signature| signature.id == one.call.operation_id) else {
            let known = testable.signatures.iter().any(|signature| signature.id == one.call.operation_id);
            let why = if known { "it holds bytes" } else { "the plan does not have it" };
            replay.note(one, why);
            continue;
        };
        let Call { path_params, query, headers, body, .. } = &one.call;
        let line = json!({ "called": at, "path": path_params, "query": query, "header": headers, "body": body,
            "status": one.status, "response": one.response, "lines": called[at].lines });
        let _ = writeln!(asked, "{line}");
        sent.push(one);
    }
    let input = folder.join("calls.jsonl");
    fs::write(&input, asked)?;
    let output = Command::new(&program).stdin(fs::File::open(input)?).stderr(Stdio::inherit()).output()?;
    let lines: Vec<Value> =
        serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect::<Result<_, _>>()?;
    if !output.status.success() || lines.len() != sent.len() {
        return Err(io::Error::other(format!("{} failed", program.display())));
    }
    for (one, said) in sent.into_iter().zip(lines) {
        replay.compare(&testable.generated.plan, one, &said);
    }
    Ok(replay)
}

impl Replay {
    fn note(&mut self, one: &Answered, why: &str) {
        *self.unfit.entry((one.call.operation_id.clone(), why.to_owned())).or_default() += 1;
    }

    fn compare(&mut self, plan: &Plan, one: &Answered, said: &Value) {
        if let Some(why) = said["unfit"].as_str() {
            return self.note(one, why.split(" at line ").next().unwrap_or(why));
        }
        let Some(planned) = plan.operations.iter().find(|planned| planned.id == one.call.operation_id) else { return };
        let all = planned.provides.iter().chain(&planned.invalidates);
        let mut expected: BTreeSet<String> =
            tags(all, &one.call, &one.response).iter().map(ToString::to_string).collect();
        let fills = planned.writes.iter().map(|write| filled(write, &one.call, &one.response));
        expected.extend(fills.filter_map(|filled| write(plan, &filled)));
        let words = |key: &str| said[key].as_array().cloned().unwrap_or_default();
        let mut coded: BTreeSet<String> = words("tags").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        coded.extend(words("writes").iter().map(coded_write));
        if expected == coded {
            self.agreed += 1;
            return;
        }
        self.differences.push(Difference {
            operation: one.call.operation_id.clone(),
            call: format!("{:?}", one.call),
            planned: expected.difference(&coded).cloned().collect(),
            coded: coded.difference(&expected).cloned().collect(),
        });
    }
}

/// The entry that is filled, by its path.
fn write(plan: &Plan, filled: &Filled<'_>) -> Option<String> {
    let reader: &Operation = plan.operations.iter().find(|planned| planned.id == filled.operation)?;
    let mut path = reader.path.split('#').next().unwrap_or_default().to_owned();
    for (name, values) in &filled.args {
        path = path.replace(&format!("{{{name}}}"), values.first()?);
    }
    Some(format!("writes {} {path}", filled.operation))
}

fn coded_write(write: &Value) -> String {
    let [operation, url] = [0, 1].map(|at| write[at].as_str().unwrap_or_default());
    format!("writes {operation} {}", percent_decode_str(url).decode_utf8_lossy())
}
