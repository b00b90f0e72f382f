//! Turns an OpenAPI document into a Rust client whose data stays fresh.
//!
//! For every operation of the document there will be one function that returns
//! a typed query or mutation, carrying the cache tags that it provides or
//! invalidates. The tags are inferred from the document; [`plan`] holds what
//! was inferred, and why. The generated code needs the crate `larder`, which
//! sends the requests and keeps the cache.
//!
//! In a build script:
//!
//! ```no_run
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     larder_codegen::Generator::new("openapi.yaml").build()?;
//!     Ok(())
//! }
//! ```
//!
//! and in the crate: `mod api { larder::include_api!("openapi"); }`.
//!
//! The pipeline is `load → normalise → model → plan → emit → write`, each a
//! module that knows only the one before it.

#![forbid(unsafe_code)]

#[cfg(feature = "cli")]
pub mod cli;
mod config;
mod coverage;
mod diagnostic;
mod emit;
mod error;
#[cfg(feature = "cli")]
pub mod explain;
mod generator;
#[cfg(feature = "cli")]
pub mod learn;
mod load;
mod mock;
mod model;
mod normalise;
mod pipeline;
pub mod plan;
mod pointer;
mod problem_kind;
#[cfg(feature = "cli")]
pub mod recording;
mod select;
mod settings;
mod signature;
mod stage;
mod suggest;
#[cfg(feature = "cli")]
mod toml_text;
mod type_use;
mod write;

pub use coverage::{Coverage, UntypedUse};
pub use diagnostic::{Located, Severity};
pub use emit::File;
pub use error::Error;
pub use generator::{Generated, Generator};
pub use problem_kind::ProblemKind;
pub use settings::Dates;
#[doc(hidden)]
pub use signature::{Argument, Signature};
pub use stage::Stage;
#[doc(hidden)]
pub use type_use::{Testable, TypeUse};
pub use write::{Change, Changes, Written};
