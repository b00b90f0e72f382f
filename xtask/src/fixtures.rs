//! The documents in `fixtures/` and the golden code beside each.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use larder_codegen::{Error, Generated, Generator};

/// Compares the golden code of every fixture with what its document gives now.
pub fn check() -> ExitCode {
    each(|generated, folder| {
        generated.check(folder)?;
        Ok("up to date".to_owned())
    })
}

/// Rewrites the golden code of every fixture.
pub fn bless() -> ExitCode {
    each(|generated, folder| {
        let written = generated.write_to(folder)?;
        Ok(match (written.changed.len(), written.removed.len()) {
            (0, 0) => "unchanged".to_owned(),
            (changed, removed) => format!("{changed} files written, {removed} removed"),
        })
    })
}

fn each(action: impl Fn(&Generated, &Path) -> Result<String, Error>) -> ExitCode {
    let fixtures = match fixtures() {
        Ok(fixtures) => fixtures,
        Err(error) => {
            eprintln!("error: cannot list the fixtures: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut code = ExitCode::SUCCESS;
    for fixture in fixtures {
        let name = fixture.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let done = generator(&fixture).and_then(|generator| generator.generate());
        match done.and_then(|generated| action(&generated, &fixture.join("generated"))) {
            Ok(done) => println!("{name}: {done}"),
            Err(Error::OutOfDate(diff)) => {
                eprintln!("{diff}\n{name} is out of date; `cargo xtask bless` rewrites it");
                code = ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("{name}: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

/// As its `larder.toml` says, if it has one.
fn generator(fixture: &Path) -> Result<Generator, Error> {
    let (document, config) = (fixture.join("openapi.yaml"), fixture.join("larder.toml"));
    let configured = if config.is_file() { Generator::from_config(config)? } else { Vec::new() };
    Ok(configured.into_iter().next().unwrap_or_else(|| Generator::new(document)))
}

/// The folders in `fixtures/` that have a document, sorted.
fn fixtures() -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in root().join("fixtures").read_dir()? {
        let folder = entry?.path();
        if folder.join("openapi.yaml").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The top of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
