//! `larder init`: the first steps with a document. Nothing that is there already is overwritten.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use toml::de::{DeTable, DeValue};

use super::generate::counted;
use super::input::{FILE, Job};
use super::reporter::{Reporter, Talk};
use super::watch::Watch;
use super::{Done, Fault, print};
use crate::config::Api;
use crate::plan::Kind;
use crate::{Error, Generated};

/// What `larder init --help` ends with.
const EXAMPLES: &str = "\
Examples:
  larder init openapi.yaml                   code in src/api, to be committed
  larder init openapi.yaml --build-script    code made at each build

It writes larder.toml and the code, or larder.toml and build.rs, and prints what
to add to your crate. Nothing that is there already is overwritten.";

/// More operations than this are hard to find one's way in, so a selection is proposed.
const MANY: usize = 100;

/// Arguments of `init`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// The OpenAPI document, YAML or JSON
    pub document: PathBuf,
    /// The folder for the generated files; it becomes a module
    #[arg(long, value_name = "DIR", default_value = "src/api")]
    pub out: PathBuf,
    /// Generate at each build instead, into the folder that cargo has for that
    #[arg(long, conflicts_with = "out")]
    pub build_script: bool,
    /// How it talks.
    #[command(flatten)]
    pub talk: Talk,
}

impl Init {
    pub(super) fn run(self) -> Done {
        let reporter = Reporter::new(&self.talk);
        let out = (!self.build_script).then(|| self.out.clone());
        let job = Job { api: Api { document: self.document.clone(), out, ..Api::default() } };
        let watch = Watch::start(&job.api.document, reporter.shows_progress());
        let done = self.begin(&job, &reporter, &watch);
        let timings = watch.stop();
        let done = match done {
            Ok(()) => Done::Well,
            Err(fault) => reporter.fault(&fault),
        };
        reporter.timings(&job.name(), &timings);
        done
    }

    fn begin(&self, job: &Job, reporter: &Reporter, watch: &Watch) -> Result<(), Fault> {
        let generated = job.generate(reporter, watch)?;
        let config = self.config(&generated);
        if Path::new(FILE).exists() {
            return Err(Fault::Refused(format!(
                "{FILE} is there already, and is left alone; add this to it, then run `larder gen`:\n\n{config}"
            )));
        }
        if let Some(out) = &job.api.out {
            // Before anything is written: it fails where a file of the user's is in the way.
            generated.changes(out)?;
        }
        create(Path::new(FILE), &config)?;
        let mut steps = Vec::new();
        let mut wrote = vec![FILE.to_owned()];
        match &job.api.out {
            Some(out) => {
                let written = generated.write_to(out)?;
                wrote.push(format!("{} in {}", counted(written.changed.len(), "file"), out.display()));
                steps.extend(dependencies(false));
                steps.push(module(out));
            }
            None => {
                let script = "fn main() -> Result<(), Box<dyn std::error::Error>> {\n    \
                     for api in larder_codegen::Generator::from_config(\"larder.toml\")? {\n        \
                     api.build()?;\n    }\n    Ok(())\n}\n";
                if Path::new("build.rs").exists() {
                    steps.push(format!("build.rs is there already; add what this does to it:\n\n{}", indent(script)));
                } else {
                    create(Path::new("build.rs"), script)?;
                    wrote.push("build.rs".to_owned());
                }
                steps.extend(dependencies(true));
                let name = job.api.generator().api_name();
                let include = format!("mod api {{\n    larder::include_api!({name:?});\n}}\n");
                steps.push(format!("{}:\n\n{}", root_file(), indent(&include)));
            }
        }
        reporter.note(&format!("{}; wrote {}", summary(&generated), wrote.join(", ")));
        let steps: String = steps.iter().map(|step| format!("\n{step}")).collect();
        print(&format!("To use it, add\n{steps}"));
        Ok(())
    }

    /// The text of `larder.toml`.
    fn config(&self, generated: &Generated) -> String {
        let mut text = format!("[[api]]\ndocument = {}\n", quoted(&self.document));
        if !self.build_script {
            text.push_str(&format!("out = {}\n", quoted(&self.out)));
        }
        let operations = &generated.plan.operations;
        if operations.len() > MANY {
            let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
            for operation in operations {
                let group = operation.function.split("::").next().unwrap_or_default();
                *groups.entry(group.trim_start_matches("r#")).or_default() += 1;
            }
            let mut largest: Vec<(&str, usize)> = groups.iter().map(|(group, count)| (*group, *count)).collect();
            largest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let folder = largest_folder(operations.iter().map(|operation| operation.path.as_str()));
            let shown: Vec<String> = largest.iter().take(5).map(|(group, count)| format!("{group} {count}")).collect();
            text.push_str(&format!(
                "# All {} operations are generated, in {} modules ({}, …). Fewer compile faster:\n\
                 # only = [{}]\n",
                operations.len(),
                groups.len(),
                shown.join(", "),
                quoted(Path::new(&format!("path:{folder}/**"))),
            ));
        }
        text
    }
}

/// The path below which most operations are, one segment longer than what all paths begin with.
fn largest_folder<'p>(paths: impl Iterator<Item = &'p str>) -> String {
    let paths: Vec<Vec<&str>> = paths.map(|path| path.split('/').skip(1).collect()).collect();
    let Some(first) = paths.first() else { return String::new() };
    let shared =
        |at: &usize| first.get(*at).is_some_and(|segment| paths.iter().all(|path| path.get(*at) == Some(segment)));
    let depth = (0..).take_while(shared).count();
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths.iter().filter(|path| path.get(depth).is_some_and(|segment| !segment.contains(['{', '*']))) {
        *folders.entry(path[..=depth].iter().map(|segment| format!("/{segment}")).collect()).or_default() += 1;
    }
    let largest = folders.into_iter().max_by_key(|(folder, count)| (*count, std::cmp::Reverse(folder.clone())));
    largest.map(|(folder, _)| folder).unwrap_or_default()
}

fn summary(generated: &Generated) -> String {
    let operations = &generated.plan.operations;
    let queries = operations.iter().filter(|operation| operation.kind == Kind::Query).count();
    let queries_shown = if queries == 1 { "1 query".to_owned() } else { format!("{queries} queries") };
    let title = generated.plan.title.trim();
    let title = if title.is_empty() { "The document" } else { title };
    format!("{title}: {queries_shown}, {}", counted(operations.len() - queries, "mutation"))
}

/// Writes a file that is not there.
fn create(path: &Path, text: &str) -> Result<(), Error> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// What `Cargo.toml` lacks.
fn dependencies(build: bool) -> Option<String> {
    let manifest = fs::read_to_string("Cargo.toml").unwrap_or_default();
    let version = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    let mut lines = String::new();
    for (table, name) in [("dependencies", "larder"), ("build-dependencies", "larder-codegen")] {
        let wanted = build || table == "dependencies";
        if wanted && !has(&manifest, table, name) {
            lines.push_str(&format!("[{table}]\n{name} = \"{version}\"\n"));
        }
    }
    (!lines.is_empty()).then(|| format!("to Cargo.toml:\n\n{}", indent(&lines)))
}

fn has(manifest: &str, table: &str, name: &str) -> bool {
    let parsed = DeTable::parse(manifest).ok();
    let found = parsed.as_ref().and_then(|manifest| manifest.get_ref().get(table)).map(|table| table.get_ref());
    matches!(found, Some(DeValue::Table(table)) if table.contains_key(name))
}

/// The line that makes the folder a module.
fn module(out: &Path) -> String {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    match out.parent() {
        Some(parent) if parent == Path::new("src") => {
            format!("{}:\n\n{}", root_file(), indent(&format!("mod {name};\n")))
        }
        Some(parent) => format!("to the module of {}:\n\n{}", parent.display(), indent(&format!("mod {name};\n"))),
        None => indent(&format!("mod {name};\n")),
    }
}

fn root_file() -> &'static str {
    let only_program = Path::new("src/main.rs").exists() && !Path::new("src/lib.rs").exists();
    if only_program { "to src/main.rs" } else { "to src/lib.rs" }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

/// A path as a text of TOML.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string().replace('\\', "/");
    // TOML's escapes are those of JSON.
    serde_json::Value::from(text).to_string()
}
