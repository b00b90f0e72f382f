//! A Chromium without a window, told what to do by its own protocol, over pipes.

use std::collections::VecDeque;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// What the page calls to be heard.
const BINDING: &str = "larderHost";

/// The browser that there is.
pub fn find() -> Option<PathBuf> {
    let on_path = || {
        let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
        NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
    };
    env::var_os("LARDER_CHROMIUM").map(PathBuf::from).or_else(on_path)
}

/// What comes from the page.
pub enum Heard {
    /// It told something.
    Told(Value),
    /// It failed, and says why.
    Broken(String),
}

/// A running browser with one page. It ends when this is dropped.
pub struct Chromium {
    _process: Child,
    _profile: TempDir,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    commands: u64,
    session: Value,
    /// What was told while an answer was waited for.
    early: VecDeque<Value>,
}

impl Chromium {
    pub async fn start(browser: &Path) -> Result<Chromium, String> {
        let profile = tempfile::tempdir().map_err(|error| format!("there is no folder for the browser: {error}"))?;
        // The browser reads commands from its third file and writes to its fourth.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"])
            .arg(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("the browser could not be started: {error}"))?;
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the browser has no pipes".to_owned());
        };
        let (from, early) = (BufReader::new(from), VecDeque::new());
        let mut this =
            Chromium { _process: process, _profile: profile, to, from, commands: 0, session: Value::Null, early };
        let target = this.command("Target.createTarget", json!({ "url": "about:blank" })).await?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        this.session = this.command("Target.attachToTarget", attach).await?["sessionId"].clone();
        for domain in ["Page.enable", "Runtime.enable", "Network.enable"] {
            this.command(domain, json!({})).await?;
        }
        this.command("Runtime.addBinding", json!({ "name": BINDING })).await?;
        Ok(this)
    }

    /// Opens a page anew.
    pub async fn open(&mut self, url: &str) -> Result<(), String> {
        // A URL that differs in its fragment alone would not load it again.
        self.command("Page.navigate", json!({ "url": "about:blank" })).await?;
        self.early.clear();
        self.command("Page.navigate", json!({ "url": url })).await.map(drop)
    }

    /// Takes the page's connection away, or gives it back.
    pub async fn offline(&mut self, offline: bool) -> Result<(), String> {
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.command("Network.emulateNetworkConditions", conditions).await.map(drop)
    }

    /// What the page tells next.
    pub async fn hear(&mut self) -> Result<Heard, String> {
        loop {
            let event = match self.early.pop_front() {
                Some(event) => event,
                None => self.read().await?,
            };
            match event["method"].as_str() {
                Some("Runtime.bindingCalled") if event["params"]["name"] == BINDING => {
                    let payload = event["params"]["payload"].as_str().unwrap_or_default();
                    let told: Value = serde_json::from_str(payload).map_err(|_| format!("the page says: {payload}"))?;
                    return Ok(match told["say"].as_str() {
                        Some("panicked") => Heard::Broken(told["why"].as_str().unwrap_or_default().to_owned()),
                        _ => Heard::Told(told),
                    });
                }
                Some("Runtime.exceptionThrown") => {
                    let thrown = &event["params"]["exceptionDetails"];
                    let text = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
                    return Ok(Heard::Broken(text.unwrap_or("an exception").to_owned()));
                }
                Some("Inspector.targetCrashed") => return Ok(Heard::Broken("the page crashed".to_owned())),
                _ => {}
            }
        }
    }

    async fn command(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.commands += 1;
        let mut command = json!({ "id": self.commands, "method": method, "params": params });
        if !self.session.is_null() {
            command["sessionId"] = self.session.clone();
        }
        let sent = self.to.write_all(format!("{command}\0").as_bytes()).await;
        sent.map_err(|error| format!("the browser does not listen: {error}"))?;
        loop {
            let message = self.read().await?;
            if message["id"] != self.commands {
                self.early.push_back(message);
            } else if message["error"].is_null() {
                return Ok(message["result"].clone());
            } else {
                return Err(format!("{method}: {}", message["error"]));
            }
        }
    }

    async fn read(&mut self) -> Result<Value, String> {
        let mut message = Vec::new();
        let read = self.from.read_until(0, &mut message).await;
        read.map_err(|error| format!("the browser cannot be heard: {error}"))?;
        if message.pop() != Some(0) {
            return Err("the browser ended".to_owned());
        }
        serde_json::from_slice(&message).map_err(|error| format!("the browser says what is no JSON: {error}"))
    }
}
