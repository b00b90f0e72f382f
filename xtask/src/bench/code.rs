//! `cargo xtask bench code`: what generated code costs to check, beside that of other generators, in one run.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;
use larder_codegen::Generator;
use larder_corpus::{Checked, Scratch, find, name};

use crate::fixtures;

/// What is compared when no names are given: small to large, all with versions that the others can read.
const DOCUMENTS: [&str; 9] =
    ["petstore3", "realworld", "memos", "spotify-fixed", "mastodon", "discord31", "asana", "box", "stripe-2023"];

/// Arguments of `bench code`.
#[derive(Args)]
pub struct Code {
    /// Documents by name in the folder that LARDER_SPECS names; nine of them unless told
    names: Vec<String>,
    /// Where crates are made and compiled
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

/// A generator and how it makes a crate: in a folder that has one already, from a document.
struct Maker {
    title: &'static str,
    /// The program to look for; nothing for our own.
    program: Option<&'static str>,
    make: fn(&Path, &Path) -> io::Result<()>,
}

const MAKERS: [Maker; 3] = [
    Maker { title: "larder", program: None, make: larder },
    Maker { title: "openapi-to-rust", program: Some("openapi-to-rust"), make: openapi_to_rust },
    Maker { title: "progenitor", program: Some("cargo-progenitor"), make: progenitor },
];

impl Code {
    /// Makes, checks and measures, and prints a row for each document.
    pub fn run(self) -> ExitCode {
        match self.report() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    fn report(&self) -> io::Result<()> {
        let folder = env::var_os("LARDER_SPECS")
            .ok_or_else(|| io::Error::other("LARDER_SPECS is not set: set it to a folder of OpenAPI documents"))?;
        let wanted = |path: &Path| match self.names.is_empty() {
            true => DOCUMENTS.contains(&name(path).as_str()),
            false => self.names.contains(&name(path)),
        };
        let documents: Vec<PathBuf> = find(Path::new(&folder))?.into_iter().filter(|path| wanted(path)).collect();
        let makers: Vec<&Maker> = MAKERS.iter().filter(|maker| is_there(maker)).collect();
        let scratch = self.scratch.clone().unwrap_or_else(|| fixtures::root().join("target/bench"));
        fs::create_dir_all(&scratch)?;
        let scratch = Scratch::new(fs::canonicalize(scratch)?, fs::canonicalize(fixtures::root())?);
        println!(
            "`cargo check` of the generated crate alone: CPU seconds / peak MB / lines, and CPU as a multiple of ours\n"
        );
        print!("{:<16}", "document");
        makers.iter().for_each(|maker| print!(" {:>34}", maker.title));
        println!();
        for document in documents {
            print!("{:<16}", name(&document));
            let mut ours = None;
            for maker in &makers {
                let cell = match measured(maker, &document, &scratch) {
                    Ok((checked, lines)) => {
                        let cpu = checked.cost.cpu.as_secs_f64();
                        let ratio = cpu / *ours.get_or_insert(cpu);
                        format!("{cpu:.1} / {} / {lines} ({ratio:.1})", checked.cost.memory >> 20)
                    }
                    Err(error) => error.to_string().chars().take(33).collect(),
                };
                print!(" {cell:>34}");
            }
            println!();
        }
        Ok(())
    }
}

/// Says plainly which generator is not on this machine.
fn is_there(maker: &Maker) -> bool {
    let Some(program) = maker.program else { return true };
    let paths = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&paths).any(|folder| folder.join(program).is_file());
    if !found {
        println!("left out: {} (`{program}` is not on the PATH; `cargo install` brings it)", maker.title);
    }
    found
}

fn measured(maker: &Maker, document: &Path, scratch: &Scratch) -> io::Result<(Checked, usize)> {
    let folder = scratch.make(&format!("{}-{}", maker.title, name(document)), "pub mod api;\n", None)?;
    (maker.make)(document, &folder).map_err(|_| io::Error::other("does not generate"))?;
    let checked = scratch.check_twice(&folder)?;
    match checked.error {
        Some(_) => Err(io::Error::other("does not compile")),
        None => Ok((checked, lines(&folder.join("src"))?)),
    }
}

fn lines(folder: &Path) -> io::Result<usize> {
    let mut lines = 0;
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            lines += self::lines(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            lines += fs::read_to_string(&path)?.lines().count();
        }
    }
    Ok(lines)
}

fn larder(document: &Path, folder: &Path) -> io::Result<()> {
    let generated = Generator::new(document).generate().map_err(io::Error::other)?;
    generated.write_to(&folder.join("src/api")).map_err(io::Error::other)?;
    Ok(())
}

/// Writes `src/generated` and the dependencies that it needs.
fn openapi_to_rust(document: &Path, folder: &Path) -> io::Result<()> {
    done(Command::new("openapi-to-rust").arg("generate").arg(document).current_dir(folder))?;
    fs::write(folder.join("src/lib.rs"), "pub mod generated;\n")?;
    let dependencies = fs::read_to_string(folder.join("src/generated/REQUIRED_DEPS.toml"))?;
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    let head = manifest.split("[dependencies]").next().unwrap_or_default();
    fs::write(folder.join("Cargo.toml"), format!("{head}\n{dependencies}\n"))
}

/// Writes a crate of its own.
fn progenitor(document: &Path, folder: &Path) -> io::Result<()> {
    drop(fs::remove_dir_all(folder));
    let package = format!("progenitor_{}", name(document).replace(['-', '.'], "_"));
    let mut command = Command::new("cargo-progenitor");
    command.arg("progenitor").arg("-i").arg(document).arg("-o").arg(folder).args(["-n", &package, "-v", "0.0.0"]);
    done(&mut command)?;
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    fs::write(folder.join("Cargo.toml"), format!("{manifest}\n[workspace]\n"))
}

fn done(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
