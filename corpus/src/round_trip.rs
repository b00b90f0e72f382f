//! A document's examples, read into the generated types and written again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use larder_codegen::{Error, Generator, Testable};
use serde_json::Value;

use crate::cargo::Scratch;
use crate::declared::declares;
use crate::documents;
use crate::examples::{self, Example, Found};

/// Examples that are ready to be sent through their types.
pub struct Prepared {
    testable: Testable,
    found: Found,
    /// The types that have an example, each once.
    types: Vec<String>,
}

/// What came of a document's examples.
#[derive(Clone, Debug, Default)]
pub struct Trip {
    /// Examples of schemas that have a type.
    pub found: usize,
    /// Those whose schema is none that can be asked.
    pub unasked: usize,
    /// Why the first of these cannot.
    pub why_unasked: Option<String>,
    /// Those that their own schema allows; each of them was tried.
    pub valid: usize,
    /// Those that came back as they went in.
    pub equal: usize,
    /// All others.
    pub exceptions: Vec<Exception>,
}

/// An example that did not come back as it went in.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Where the example stands.
    pub pointer: String,
    /// The schema it is an example of.
    pub schema: String,
    /// The type that it was read into.
    pub rust: String,
    /// In a few words, the same for all of its kind.
    pub kind: String,
    /// What is different, or the error.
    pub detail: String,
    /// The example.
    pub example: Value,
}

/// Generates for tests and collects the examples; structs keep what the document does not declare if they are told to.
///
/// # Errors
/// When the document cannot be generated from.
pub fn prepare(document: &Path, keep_unknown: bool) -> Result<Prepared, Error> {
    let testable = Generator::new(document).keep_unknown(keep_unknown).generate_for_tests()?;
    let found = examples::find(&testable);
    let mut types: Vec<String> = found.valid.iter().map(|example| testable.types[example.of].rust.clone()).collect();
    types.sort();
    types.dedup();
    Ok(Prepared { testable, found, types })
}

impl Prepared {
    /// Compiles the types that have examples and sends every valid example through its type.
    ///
    /// # Errors
    /// When the program cannot be written, compiled or run.
    pub fn run(&self, document: &Path, scratch: &Scratch) -> io::Result<Trip> {
        let name = format!("{}-examples", documents::name(document));
        let mut trip = Trip {
            found: self.found.found,
            unasked: self.found.unasked,
            why_unasked: self.found.why_unasked.clone(),
            valid: self.found.valid.len(),
            ..Trip::default()
        };
        if self.found.valid.is_empty() {
            return Ok(trip);
        }
        let folder = scratch.make(&name, "", Some(&self.program()))?;
        let api = folder.join("src/api");
        drop(fs::remove_dir_all(&api));
        self.testable.generated.write_to(&api).map_err(io::Error::other)?;
        let (program, _) = scratch.build(&folder, &name)?;
        for (example, answer) in self.found.valid.iter().zip(self.answers(&folder, &program)?) {
            match self.exception(example, &answer) {
                None => trip.equal += 1,
                Some(exception) => trip.exceptions.push(exception),
            }
        }
        Ok(trip)
    }

    fn program(&self) -> String {
        let mut text = String::from("//! Reads and writes examples.\n#![allow(warnings)]\nmod api;\n");
        let types = Path::new("types.rs");
        let folder = Path::new("types/mod.rs");
        if self.testable.generated.files.iter().any(|file| file.path == types || file.path == folder) {
            text.push_str("use api::types::*;\n");
        }
        for line in &self.testable.imports {
            let _ = writeln!(text, "{line}");
        }
        text.push_str(PROGRAM);
        text.push_str("const TYPES: &[fn(&str) -> Result<String, String>] = &[\n");
        for ty in &self.types {
            let _ = writeln!(text, "    there_and_back::<{ty}>,");
        }
        text.push_str("];\n");
        text
    }

    /// What the program says of each example, in order.
    fn answers(&self, folder: &Path, program: &Path) -> io::Result<Vec<String>> {
        let mut asked = String::new();
        for example in &self.found.valid {
            let rust = &self.testable.types[example.of].rust;
            let at = self.types.binary_search(rust).unwrap_or_default();
            let _ = writeln!(asked, "{at} {}", example.value);
        }
        let input = folder.join("examples.txt");
        fs::write(&input, asked)?;
        let output = Command::new(program).stdin(fs::File::open(input)?).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(io::Error::other(format!("{} failed", program.display())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// What was lost; properties that the schema does not declare only where nothing else was.
    fn lost(&self, schema: &str, there: &Value, back: &Value) -> Option<(String, String)> {
        let (kind, detail) = difference(there, back, "", &|_, _| false)?;
        let undeclared = |at: &str, key: &str| !declares(&self.testable.document, schema, at, key);
        Some(match difference(there, back, "", &undeclared) {
            Some(declared) => declared,
            None => (UNDECLARED.to_owned(), if kind == LOST { detail } else { String::new() }),
        })
    }

    fn exception(&self, example: &Example, answer: &str) -> Option<Exception> {
        let used = &self.testable.types[example.of];
        let (kind, detail) = match answer.split_once(' ') {
            Some(("ok", json)) => {
                let back: Value = serde_json::from_str(json).unwrap_or_default();
                self.lost(&used.pointer, &example.value, &back)?
            }
            Some((_, error)) => (kind_of(error), error.to_owned()),
            None => ("no answer".to_owned(), String::new()),
        };
        Some(Exception {
            pointer: example.pointer.clone(),
            schema: used.pointer.clone(),
            rust: used.rust.clone(),
            kind,
            detail,
            example: example.value.clone(),
        })
    }
}

/// The program's part that is the same for all documents.
const PROGRAM: &str = r#"
fn there_and_back<T: larder::serde::de::DeserializeOwned + larder::serde::Serialize>(text: &str) -> Result<String, String> {
    let value: T = serde_json::from_str(text).map_err(|error| format!("reading: {error}"))?;
    serde_json::to_string(&value).map_err(|error| format!("writing: {error}"))
}
fn main() {
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (at, text) = line.split_once(' ').unwrap();
        match TYPES[at.parse::<usize>().unwrap()](text) {
            Ok(json) => println!("ok {json}"),
            Err(error) => println!("error {}", error.replace('\n', " ")),
        }
    }
}
"#;

/// A property that its schema declares is gone.
const LOST: &str = "a property was lost";

/// A property that its schema does not declare is gone: a struct has no place for it, unless it is told to keep such.
pub const UNDECLARED: &str = "a property that the schema does not declare was lost";

/// The first difference between what went in and what came out; numbers are compared as numbers. Losses that are
/// `forgiven`, by the place of the object and the name of the property, do not count.
fn difference(
    there: &Value,
    back: &Value,
    at: &str,
    forgiven: &dyn Fn(&str, &str) -> bool,
) -> Option<(String, String)> {
    let told = |kind: &str| Some((kind.to_owned(), format!("at `{at}`: {} became {}", short(there), short(back))));
    match (there, back) {
        (Value::Object(there), Value::Object(back)) => {
            let lost = there.keys().find(|key| !back.contains_key(*key) && !forgiven(at, key));
            if let Some(key) = lost {
                let kind = if there[key].is_null() { "a null was lost" } else { LOST };
                return Some((kind.to_owned(), format!("at `{at}`: `{key}`, {}", short(&there[key]))));
            }
            if let Some(key) = back.keys().find(|key| !there.contains_key(*key)) {
                return Some(("a property was added".to_owned(), format!("at `{at}`: `{key}`, {}", short(&back[key]))));
            }
            let both = there.iter().filter_map(|(key, value)| Some((key, value, back.get(key)?)));
            both.into_iter().find_map(|(key, there, back)| difference(there, back, &format!("{at}/{key}"), forgiven))
        }
        (Value::Array(there), Value::Array(back)) if there.len() == back.len() => {
            let pairs = there.iter().zip(back).enumerate();
            pairs
                .into_iter()
                .find_map(|(item, (there, back))| difference(there, back, &format!("{at}/{item}"), forgiven))
        }
        (Value::Number(a), Value::Number(b)) if same_number(a, b) => None,
        (Value::Number(_), Value::Number(_)) => told("a number changed"),
        (there, back) if there == back => None,
        _ => told("a value changed"),
    }
}

/// `2` is `2.0`, but large whole numbers are not what they are rounded to.
fn same_number(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    a == b || ((a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64())
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// An error without what is different in every one of its kind.
fn kind_of(error: &str) -> String {
    let plain = error.split(" at line ").next().unwrap_or(error);
    let mut quoted = false;
    let outside = plain.chars().filter(|c| {
        quoted ^= matches!(c, '`' | '"');
        !quoted && !c.is_ascii_digit() && !matches!(c, '`' | '"')
    });
    outside.collect()
}

/// Exceptions by kind, the most frequent first.
pub fn by_kind(exceptions: &[Exception]) -> Vec<(&str, Vec<&Exception>)> {
    let mut kinds: BTreeMap<&str, Vec<&Exception>> = BTreeMap::new();
    for exception in exceptions {
        kinds.entry(&exception.kind).or_default().push(exception);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, exceptions)| std::cmp::Reverse(exceptions.len()));
    kinds
}
