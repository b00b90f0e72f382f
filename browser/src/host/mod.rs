//! The program: builds the page, serves it, opens it, and hears what it tells.

mod chromium;
mod pack;
mod script;
mod server;

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use self::chromium::{Chromium, Heard};
use self::server::Server;

/// Nothing on the page takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("there is no runtime: {error}")),
    };
    match runtime.block_on(run()) {
        Ok(failed) if failed.is_empty() => ExitCode::SUCCESS,
        Ok(failed) => fail(&format!("{} failed: {}", failed.len(), failed.join(", "))),
        Err(error) => fail(&error),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("error: {why}");
    ExitCode::FAILURE
}

/// Runs the trials, and gives back the names of those that failed.
async fn run() -> Result<Vec<String>, String> {
    let wanted: Vec<String> = env::args().skip(1).collect();
    let browser =
        chromium::find().ok_or("no Chromium was found: put one on the PATH, or name it by LARDER_CHROMIUM")?;
    let page = pack::page()?;
    let server = Server::start(page.path()).await?;
    let mut chromium = Chromium::start(&browser).await?;
    let (mut failed, mut passed, mut next) = (Vec::new(), 0, 0);
    'pages: loop {
        // What failed may have left its page in any state, so those that follow get another.
        chromium.offline(false).await?;
        let url = format!("{}/#{}", server.page(), json!({ "from": next, "wanted": wanted, "other": server.other() }));
        chromium.open(&url).await?;
        let mut trial = String::from("loading the page");
        loop {
            let heard = tokio::time::timeout(PATIENCE, chromium.hear()).await;
            let why = match heard {
                Err(_) => format!("nothing happened for {PATIENCE:?}"),
                Ok(Err(error)) => return Err(error),
                Ok(Ok(Heard::Broken(why))) => why,
                Ok(Ok(Heard::Told(told))) => match told["say"].as_str().unwrap_or_default() {
                    "begins" => {
                        trial = told["name"].as_str().unwrap_or_default().to_owned();
                        next = told["number"].as_u64().unwrap_or_default() + 1;
                        continue;
                    }
                    "passed" => {
                        passed += 1;
                        println!("ok      {trial}");
                        continue;
                    }
                    "offline" => {
                        chromium.offline(told["offline"] == Value::Bool(true)).await?;
                        continue;
                    }
                    "end" => break 'pages,
                    _ => told.to_string(),
                },
            };
            println!("FAILED  {trial}\n        {}", why.replace('\n', "\n        "));
            if next == 0 {
                return Err("the page does not begin".to_owned());
            }
            failed.push(trial);
            continue 'pages;
        }
    }
    if passed + failed.len() == 0 {
        return Err("no trial has such a name".to_owned());
    }
    println!("{passed} passed, {} failed", failed.len());
    Ok(failed)
}
