//! Why nothing could be generated.

use std::path::PathBuf;

use crate::diagnostic::Located;

/// Why a document could not be turned into code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A document is neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("{} is not UTF-8: byte {offset} begins no character; save it as UTF-8", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The first byte that is no part of a character.
        offset: usize,
    },
    /// A document is larger than what is read.
    #[error("{} is too large: all files of a document together may have up to {} MiB", path.display(), crate::load::MAX_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The document has errors; all of them are here.
    #[error("{}", lines(.0))]
    Document(Vec<Located>),
    /// What was written is not what the document gives.
    #[error("{0}")]
    OutOfDate(String),
    /// A file that nobody generated stands where a generated one would go.
    #[error("{} was not written by larder and is left alone: choose another folder, or remove it", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The document has warnings, and none were allowed.
    #[error("{count} warnings, and `--strict` allows none")]
    Strict {
        /// How many.
        count: usize,
    },
    /// Called outside a build script without a folder to write to.
    #[error("OUT_DIR is not set: call `build` from a build script, or `write_to` with a folder")]
    NoOutDir,
    /// A fault of the generator itself: it made code that is no Rust.
    #[error(
        "the code made for `{file}` is not Rust ({message}); this is a fault in Larder: please report it with the document"
    )]
    Internal {
        /// The file that was being made.
        file: String,
        /// What the parser said.
        message: String,
    },
}

fn lines(problems: &[Located]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}
