//! The `larder` command: what it prints and how it exits.

mod program;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use program::{program, run, text};
use serde_json::Value;

fn social() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/social")
}

fn larder(arguments: &[&str]) -> Output {
    run(Path::new("."), arguments)
}

/// A folder with a crate's manifest and the document of the example.
fn crate_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"mine\"\n").expect("a file");
    fs::copy(social().join("openapi.yaml"), folder.path().join("openapi.yaml")).expect("a copy");
    folder
}

#[test]
fn it_exits_as_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, document) = (folder.path().join("api"), social().join("openapi.yaml"));
    let (out, document) = (out.to_str().unwrap(), document.to_str().unwrap());

    let generated = larder(&["gen", document, "--out", out]);
    assert_eq!(generated.status.code(), Some(0), "{}", text(&generated.stderr));
    assert_eq!(larder(&["check", document, "--out", out]).status.code(), Some(0));

    let file = Path::new(out).join("posts.rs");
    let changed = fs::read_to_string(&file).unwrap().replace("list_posts", "list_all_posts");
    fs::write(&file, changed).unwrap();
    let stale = larder(&["gen", document, "--out", out, "--check"]);
    assert_eq!(stale.status.code(), Some(1));
    let told = text(&stale.stderr);
    assert!(told.contains("-pub fn list_all_posts") && told.contains("+pub fn list_posts"), "{told}");

    let broken = folder.path().join("broken.yaml");
    fs::write(&broken, "openapi: [").unwrap();
    assert_eq!(larder(&["gen", broken.to_str().unwrap(), "--out", out]).status.code(), Some(1));
    assert_eq!(larder(&["gen", "missing.yaml", "--out", out]).status.code(), Some(1));
    let partial = folder.path().join("partial.yaml");
    let odd = "openapi: 3.0.0\ninfo: { title: Odd, version: '1' }\npaths: { /a: { get: { responses: { '200': \
               { description: ok, content: { application/json: { schema: { $ref: '#/nowhere' } } } } } } } }\n";
    fs::write(&partial, odd).unwrap();
    let (partial, strict) = (partial.to_str().unwrap(), folder.path().join("strict"));
    let other = folder.path().join("other");
    let warned = larder(&["gen", partial, "--out", other.to_str().unwrap()]);
    assert_eq!(warned.status.code(), Some(0), "a warning is no failure");
    let refused = larder(&["gen", partial, "--out", strict.to_str().unwrap(), "--strict"]);
    assert_eq!((refused.status.code(), strict.exists()), (Some(1), false), "{}", text(&refused.stderr));
    assert_eq!(run(folder.path(), &["gen"]).status.code(), Some(2), "wrong usage: there is no larder.toml");
    assert_eq!(larder(&["gen", document]).status.code(), Some(2), "wrong usage: no folder");
    assert_eq!(larder(&["bake"]).status.code(), Some(2), "wrong usage");
}

#[test]
fn explain_fits_a_terminal_and_speaks_json() {
    let document = social().join("openapi.yaml");
    let table = text(&larder(&["explain", document.to_str().unwrap()]).stdout);
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    let json = text(&larder(&["explain", document.to_str().unwrap(), "--format", "json"]).stdout);
    let plan: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(plan["larder"], 1);
    assert_eq!(plan["operations"].as_array().map(Vec::len), Some(13));
}

#[test]
fn the_first_steps_end_with_code_and_what_to_add() {
    let folder = crate_folder();
    let begun = run(folder.path(), &["init", "openapi.yaml"]);
    assert_eq!(begun.status.code(), Some(0), "{}", text(&begun.stderr));
    let told = text(&begun.stdout);
    assert!(told.contains("larder = \"0.1\"") && told.contains("mod api;") && told.contains("src/lib.rs"), "{told}");
    assert!(folder.path().join("src/api/mod.rs").exists());

    // From here on, larder.toml says it all.
    for arguments in [&["gen"][..], &["check"], &["report"], &["explain"]] {
        let done = run(folder.path(), arguments);
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", text(&done.stderr));
    }
    let config = fs::read_to_string(folder.path().join("larder.toml")).unwrap();
    let again = run(folder.path(), &["init", "openapi.yaml"]);
    assert_eq!(again.status.code(), Some(1), "larder.toml is never overwritten");
    assert_eq!(fs::read_to_string(folder.path().join("larder.toml")).unwrap(), config);
}

#[test]
fn what_is_proposed_of_a_large_document_selects_something() {
    let folder = crate_folder();
    let path = |at: usize, folder: &str| {
        format!("  /api/{folder}/{at}:\n    post: {{ responses: {{ '204': {{ description: done }} }} }}\n")
    };
    let paths: String = (0..120).map(|at| path(at, if at % 3 == 0 { "{any}" } else { "zones" })).collect();
    let document = format!("openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths:\n{paths}");
    fs::write(folder.path().join("large.yaml"), document).expect("it is written");
    let done = run(folder.path(), &["init", "large.yaml"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let config = folder.path().join("larder.toml");
    let written = fs::read_to_string(&config).expect("it is there");
    assert!(written.contains("# only = [\"path:/api/zones/**\"]"), "{written}");
    fs::write(&config, written.replace("# only", "only")).expect("it is written");
    let done = run(folder.path(), &["gen"]);
    assert!(text(&done.stdout).contains("80 operations") || text(&done.stderr).contains("80 operations"), "{done:?}");
}

#[test]
fn what_is_wrong_in_many_places_alike_is_shown_once() {
    let folder = crate_folder();
    let path = |at: usize| {
        let schema = "schema: { $ref: '#/components/schemas/Missing' }";
        format!(
            "  /{at}:\n    get: {{ responses: {{ '200': {{ description: '', content: {{ application/json: {{ {schema} }} }} }} }} }}\n"
        )
    };
    for (count, shown, more) in [(2, 2, None), (12, 1, Some("openapi.yaml:11:")), (12, 1, Some(", 3 more places"))] {
        let paths: String = (0..count).map(path).collect();
        let document = format!("openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths:\n{paths}");
        fs::write(folder.path().join("openapi.yaml"), document).expect("it is written");
        let done = run(folder.path(), &["gen", "openapi.yaml", "--out", "src/api"]);
        let told = text(&done.stderr);
        assert_eq!(told.matches("names nothing in this document").count(), shown, "{told}");
        assert!(more.is_none_or(|more| told.contains(more)), "{told}");
        let told = run(folder.path(), &["gen", "openapi.yaml", "--out", "src/api", "--message-format", "json"]);
        assert_eq!(text(&told.stderr).matches("\"kind\":\"reference\"").count(), count, "tools are told of each");
    }
}

#[test]
fn the_first_steps_touch_nothing_of_the_user() {
    let folder = crate_folder();
    fs::create_dir_all(folder.path().join("src/api")).unwrap();
    fs::write(folder.path().join("src/api/types.rs"), "// mine\n").unwrap();
    let refused = run(folder.path(), &["init", "openapi.yaml"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(!folder.path().join("larder.toml").exists(), "all or nothing");

    let script = "fn main() {}\n";
    fs::write(folder.path().join("build.rs"), script).unwrap();
    let begun = run(folder.path(), &["init", "openapi.yaml", "--build-script"]);
    assert_eq!(begun.status.code(), Some(0), "{}", text(&begun.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("build.rs")).unwrap(), script);
    let told = text(&begun.stdout);
    assert!(told.contains("from_config") && told.contains("larder::include_api!(\"openapi\")"), "{told}");
    assert!(told.contains("larder-codegen = \"0.1\""), "{told}");
}

#[test]
fn flags_win_over_the_file() {
    let folder = crate_folder();
    let config = "[[api]]\ndocument = \"openapi.yaml\"\nout = \"src/api\"\nonly = [\"tag:posts\"]\n";
    fs::write(folder.path().join("larder.toml"), config).unwrap();
    assert_eq!(run(folder.path(), &["gen"]).status.code(), Some(0));
    assert!(folder.path().join("src/api/posts.rs").exists() && !folder.path().join("src/api/users.rs").exists());
    let flags = run(folder.path(), &["gen", "--only", "tag:users", "--out", "src/users"]);
    assert_eq!(flags.status.code(), Some(0), "{}", text(&flags.stderr));
    assert!(folder.path().join("src/users/users.rs").exists() && !folder.path().join("src/users/posts.rs").exists());

    fs::write(folder.path().join("larder.toml"), config.replace("only", "onyl")).unwrap();
    let wrong = run(folder.path(), &["gen"]);
    let told = text(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(told.contains("larder.toml:4:1") && told.contains("did you mean `only`?"), "{told}");
}

#[test]
fn a_dry_run_shows_and_writes_nothing() {
    let folder = crate_folder();
    let shown = run(folder.path(), &["gen", "openapi.yaml", "--out", "src/api", "--dry-run"]);
    let told = text(&shown.stdout);
    assert!(told.contains("create   src/api/posts.rs (") && told.contains(" bytes)"), "{told}");
    assert!(!folder.path().join("src/api").exists());

    run(folder.path(), &["gen", "openapi.yaml", "--out", "src/api"]);
    let less = ["gen", "openapi.yaml", "--out", "src/api", "--dry-run", "--only", "tag:posts"];
    let told = text(&run(folder.path(), &less).stdout);
    assert!(told.contains("change   src/api/mod.rs (") && told.contains("remove   src/api/users.rs ("), "{told}");
    assert!(folder.path().join("src/api/users.rs").exists());
}

#[test]
fn messages_for_tools_are_an_object_a_line() {
    let folder = crate_folder();
    let odd = "openapi: 3.0.0\ninfo: { title: Odd, version: '1' }\npaths:\n  /a:\n    get:\n      operationId: getA\n      \
               responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/nowhere' } } } } }\n";
    fs::write(folder.path().join("odd.yaml"), odd).unwrap();
    let json = ["--message-format", "json"];
    let lines = |output: &Output| -> Vec<Value> {
        let told = text(&output.stderr);
        told.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} is no JSON"))).collect()
    };
    let done = run(folder.path(), &[&["gen", "odd.yaml", "--out", "api"], &json[..]].concat());
    let [warning, summary] = lines(&done).try_into().expect("a warning and what was done");
    assert_eq!((warning["severity"].as_str(), warning["kind"].as_str()), (Some("warning"), Some("reference")));
    assert_eq!((warning["operation"].as_str(), warning["file"].as_str()), (Some("getA"), Some("odd.yaml")));
    assert_eq!(warning["line"], 7);
    for field in ["message", "help", "rendered"] {
        assert!(warning[field].is_string(), "{field}: {warning}");
    }
    assert_eq!((summary["severity"].as_str(), summary["line"].is_null()), (Some("note"), true));

    for (arguments, kind) in [
        (["gen", "missing.yaml", "--out", "api"], "io"),
        (["check", "odd.yaml", "--out", "elsewhere"], "out-of-date"),
        (["gen", "Cargo.toml", "--out", "api"], "syntax"),
    ] {
        let failed = run(folder.path(), &[&arguments[..], &json].concat());
        let errors = lines(&failed);
        assert!(errors.iter().any(|error| error["severity"] == "error" && error["kind"] == kind), "{errors:?}");
    }
    let quiet = run(folder.path(), &["gen", "odd.yaml", "--out", "api", "-q"]);
    assert_eq!((text(&quiet.stderr), quiet.status.code()), (String::new(), Some(0)));
}

#[test]
fn a_report_tells_what_did_not_reach_the_code() {
    let folder = crate_folder();
    let odd = "openapi: 3.0.0\ninfo: { title: Odd, version: '1' }\npaths:\n  /a:\n    get:\n      operationId: getA\n      \
               responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/nowhere' } } } } }\n  \
               /b:\n    get: [getB]\n";
    fs::write(folder.path().join("odd.yaml"), odd).unwrap();
    let told = text(&run(folder.path(), &["report", "odd.yaml"]).stdout);
    assert!(told.contains("1 operation, 1 left out") && told.contains("GET /b"), "{told}");
    assert!(told.contains("/paths/~1a/get/responses/200/content/application~1json/schema"), "{told}");
    let json = text(&run(folder.path(), &["report", "odd.yaml", "--format", "json"]).stdout);
    let report: Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(report["operations"]["left_out"][0]["operation"], "GET /b");
    assert_eq!(report["schema_uses"]["untyped"][0]["line"], 7);
    assert_eq!(report["warnings"]["operation-left-out"], 1);
}

#[test]
fn the_effective_document_has_its_overlays() {
    let folder = crate_folder();
    let overlay = "overlay: 1.0.0\ninfo: { title: Fixes, version: '1' }\nactions:\n  - target: $.info\n    \
                   update: { title: Renamed }\n";
    fs::write(folder.path().join("fixes.yaml"), overlay).unwrap();
    let printed = run(folder.path(), &["document", "openapi.yaml", "--overlay", "fixes.yaml"]);
    let document: Value = serde_json::from_str(&text(&printed.stdout)).expect("it is JSON");
    assert_eq!(document["info"]["title"], "Renamed");
}

#[test]
fn timings_name_each_stage() {
    let folder = crate_folder();
    let told = text(&run(folder.path(), &["gen", "openapi.yaml", "--out", "api", "--timings"]).stderr);
    for stage in ["load ", "model ", "plan ", "emit ", "write ", "in all"] {
        assert!(told.contains(stage), "{stage}: {told}");
    }
    assert!(!told.contains('\u{1b}'), "no colours and no progress where nobody sees them");
}

#[test]
fn a_closed_output_is_no_failure() {
    let document = social().join("openapi.yaml");
    let mut child = Command::new(program())
        .args(["explain", document.to_str().unwrap(), "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let mut told = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut told).expect("it is text");
    assert_eq!((child.wait().expect("it ends").code(), told.as_str()), (Some(0), ""));
}

#[test]
fn help_shows_examples() {
    for command in ["init", "gen", "check", "explain", "report", "document"] {
        let help = text(&larder(&[command, "--help"]).stdout);
        assert!(help.contains("Examples:\n  larder "), "{help}");
    }
    assert!(text(&larder(&["--help"]).stdout).contains("Exit codes:"));
}
