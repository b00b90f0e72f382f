//! Opens the page of this crate in a Chromium without a window, and says what it found: `cargo xtask browser`.
//!
//! `LARDER_CHROMIUM` names the browser, or it is found on the `PATH`. Arguments are parts of the names of those trials that
//! are to be run; without any, all are.

#![forbid(unsafe_code)]

#[cfg(not(target_arch = "wasm32"))]
mod host;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    host::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
