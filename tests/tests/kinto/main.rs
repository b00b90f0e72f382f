//! A real application, Kinto, and a client that is generated from the document that it publishes: `application.rs` beside this,
//! compiled and run against it.
//!
//! `LARDER_KINTO` names the program `kinto` of a Python environment with `requirements.txt`; without it the test says that it
//! was left out, and under `CI=true` that is a failure.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use larder::{Client, Json, Query, Request};
use larder_codegen::Generator;

/// Everything in memory; somebody who says who they are may make buckets.
const SETTINGS: &str = "\
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = nothing that is secret
multiauth.policies = basicauth
kinto.bucket_create_principals = system.Authenticated

[server:main]
use = egg:waitress#main
host = 127.0.0.1
";

/// What the application needs, beside what is generated.
const MANIFEST: &str = "\
[package]
name = \"notes\"
version = \"0.0.0\"
edition = \"2024\"

[workspace]

[dependencies]
larder = { path = \"RUNTIME\", default-features = false, features = [\"audit\", \"chrono\", \"reqwest\", \"uuid\"] }
tokio = { version = \"1\", features = [\"macros\", \"rt\"] }

[profile.dev]
debug = false
incremental = false
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn program() -> Option<PathBuf> {
    let program = env::var_os("LARDER_KINTO").map(PathBuf::from);
    if program.is_none() {
        assert!(env::var_os("CI").is_none(), "LARDER_KINTO is not set: a real application must not be left out in CI");
        eprintln!("left out: a real application (LARDER_KINTO is not set)");
    }
    program
}

/// A Kinto server on this machine. It ends when it is dropped.
struct Kinto {
    child: Child,
    url: String,
}

impl Kinto {
    fn start(program: &Path, folder: &Path) -> Kinto {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = free.local_addr().expect("the port has a number").port();
        drop(free);
        let settings = folder.join("kinto.ini");
        fs::write(&settings, format!("{SETTINGS}port = {port}\n")).expect("the settings can be written");
        let mut command = Command::new(program);
        command.arg("start").arg("--ini").arg(&settings);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("Kinto starts");
        let mut said = String::new();
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped"));
        while !said.contains("http://127.0.0.1") {
            said.clear();
            assert_ne!(lines.read_line(&mut said).expect("it is text"), 0, "Kinto ended before it served");
        }
        // Whatever it says from now on must not block it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Kinto { child, url: format!("http://127.0.0.1:{port}/v1") }
    }
}

impl Drop for Kinto {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The application as a program, made from the document that the server publishes.
fn compile(document: &Json) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kinto");
    let source = folder.join("src");
    drop(fs::remove_dir_all(&source));
    fs::create_dir_all(&source).expect("a folder");
    fs::write(folder.join("openapi.json"), document.to_string()).expect("the document can be written");
    let generated = Generator::new(folder.join("openapi.json")).generate().expect("the document is understood");
    generated.write_to(&source.join("api")).expect("the code can be written");
    let runtime = root().join("runtime").canonicalize().expect("it is there");
    fs::write(folder.join("Cargo.toml"), MANIFEST.replace("RUNTIME", &runtime.to_string_lossy())).expect("a file");
    // The versions that the workspace uses are on the machine already.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a copy");
    fs::copy(root().join("tests/tests/kinto/application.rs"), source.join("main.rs")).expect("a copy");

    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline"]).current_dir(&folder).env("CARGO_TARGET_DIR", folder.join("target"));
    let built = cargo.env("RUSTFLAGS", "-D warnings").output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    folder.join("target/debug/notes")
}

#[tokio::test]
async fn an_application_on_a_real_server_reads_writes_and_stays_fresh() {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let kinto = Kinto::start(&program, folder.path());
    let published: Query<Json> = Query::new(Request::get("get_openapi_spec", "/__api__"));
    let client = Client::new(&kinto.url).expect("the address is valid");
    let document = client.fetch(published).await.expect("Kinto publishes its document");

    let output = Command::new(compile(&document)).arg(&kinto.url).output().expect("the application runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.ends_with("mutations were audited\n"), "{said}");
}
