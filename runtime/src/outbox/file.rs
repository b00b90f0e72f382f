//! An outbox in a folder: a file for each mutation that waits.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::{MAX_RECORD, Outbox};
use crate::platform::BoxFuture;

/// An outbox in a folder: a file for each mutation that waits, which the user of the program alone may read. What cannot be read
/// is renamed to `….unreadable`.
///
/// A folder is for one client at a time: two would send everything twice.
#[derive(Clone, Debug)]
pub struct FileOutbox {
    folder: PathBuf,
}

impl FileOutbox {
    /// An outbox in this folder, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> FileOutbox {
        FileOutbox { folder: folder.into() }
    }

    /// Works with the file of a record, where waiting for the disk holds nobody up.
    fn with<R: Send + 'static>(
        &self,
        id: &str,
        work: impl FnOnce(&Path, PathBuf) -> io::Result<R> + Send + 'static,
    ) -> BoxFuture<io::Result<R>> {
        let is_plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let (folder, file) = (self.folder.clone(), self.folder.join(format!("{id}.json")));
        Box::pin(async move {
            if !is_plain {
                return Err(io::Error::new(ErrorKind::InvalidInput, "the id is no file name"));
            }
            let done = tokio::task::spawn_blocking(move || work(&folder, file)).await;
            done.unwrap_or_else(|error| Err(io::Error::other(error)))
        })
    }
}

impl Outbox for FileOutbox {
    fn put(&self, id: &str, record: Bytes) -> BoxFuture<io::Result<()>> {
        self.with(id, move |folder, file| {
            make_private(folder)?;
            let unfinished = file.with_extension("tmp");
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut written = options.open(&unfinished)?;
            written.write_all(&record)?;
            written.sync_all()?;
            fs::rename(&unfinished, &file)?;
            settle(folder)
        })
    }

    fn remove(&self, id: &str) -> BoxFuture<io::Result<()>> {
        self.with(id, |folder, file| match fs::remove_file(file) {
            Ok(()) => settle(folder),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        })
    }

    fn load(&self) -> BoxFuture<io::Result<Vec<(String, Bytes)>>> {
        self.with("all", |folder, _| {
            let mut records = Vec::new();
            let files = match fs::read_dir(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(records),
                files => files?,
            };
            for file in files {
                let path = file?.path();
                let (Some(id), Some(ending)) = (path.file_stem().and_then(|id| id.to_str()), path.extension()) else {
                    continue;
                };
                if ending == "json" {
                    // One that cannot be read is told of, and put aside, as one that makes no sense.
                    records.push((id.to_owned(), read(&path).unwrap_or_default()));
                } else if ending == "tmp" {
                    // The program ended before it was written.
                    let _ = fs::remove_file(&path);
                }
            }
            Ok(records)
        })
    }

    fn set_aside(&self, id: &str) -> BoxFuture<io::Result<()>> {
        self.with(id, |_, file| fs::rename(&file, file.with_extension("unreadable")))
    }
}

/// Reads no more than a record can be, and one byte that tells of more.
fn read(path: &Path) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_RECORD as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Sees to it that what was done to the names in a folder survives a crash, where there is a way.
fn settle(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
