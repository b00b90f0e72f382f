//! An outbox in a folder: a file for each mutation that waits.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fs4::TryLockError;

use super::{MAX_RECORD, Outbox};
use crate::guard::lock;
use crate::platform::{BoxFuture, sleep};
use crate::sync::Mutex;

/// An outbox in a folder: a file for each mutation that waits, which the user of the program alone may read. What cannot be read
/// is renamed to `….unreadable`.
///
/// A folder is for one client at a time, since two would send everything twice: the file `in-use.lock` in it is locked for as long
/// as its client is there, also against other programs. Another one waits for it for five seconds. After that it keeps nothing
/// until the folder is free, sends nothing of what is in it, and says so by
/// [`Event::OutboxFailed`](crate::Event::OutboxFailed). A clone is another outbox in the same folder.
#[derive(Debug)]
pub struct FileOutbox {
    folder: PathBuf,
    /// Open and locked from the first use on.
    lock: Arc<Mutex<Option<File>>>,
}

/// How long the folder may be another client's before it is told, and how often it is looked at meanwhile.
const PATIENCE: (u32, Duration) = (50, Duration::from_millis(100));

impl Clone for FileOutbox {
    fn clone(&self) -> FileOutbox {
        FileOutbox::new(self.folder.clone())
    }
}

impl FileOutbox {
    /// An outbox in this folder, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> FileOutbox {
        FileOutbox { folder: folder.into(), lock: Arc::default() }
    }

    /// Works with the file of a record, where waiting for the disk holds nobody up.
    fn with<R: Send + 'static>(
        &self,
        id: &str,
        work: impl FnOnce(&Path, PathBuf) -> io::Result<R> + Send + 'static,
    ) -> BoxFuture<io::Result<R>> {
        let is_plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let (folder, file, held) = (self.folder.clone(), self.folder.join(format!("{id}.json")), self.lock.clone());
        Box::pin(async move {
            if !is_plain {
                return Err(io::Error::new(ErrorKind::InvalidInput, "the id is no file name"));
            }
            let done = tokio::task::spawn_blocking(move || {
                make_private(&folder)?;
                own(&folder, &held)?;
                work(&folder, file)
            });
            done.await.unwrap_or_else(|error| Err(io::Error::other(error)))
        })
    }

    /// All records, if the folder is nobody else's.
    async fn load_once(&self) -> io::Result<Vec<(String, Bytes)>> {
        if !fs::exists(&self.folder)? {
            return Ok(Vec::new());
        }
        self.with("all", |folder, _| records(folder)).await
    }
}

impl Outbox for FileOutbox {
    fn put(&self, id: &str, record: Bytes) -> BoxFuture<io::Result<()>> {
        self.with(id, move |folder, file| {
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
        let outbox = FileOutbox { folder: self.folder.clone(), lock: self.lock.clone() };
        Box::pin(async move {
            let (times, pause) = PATIENCE;
            for _ in 0..times {
                match outbox.load_once().await {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(pause).await,
                    loaded => return loaded,
                }
            }
            outbox.load_once().await
        })
    }

    fn set_aside(&self, id: &str) -> BoxFuture<io::Result<()>> {
        self.with(id, |_, file| fs::rename(&file, file.with_extension("unreadable")))
    }
}

/// What is in a folder.
fn records(folder: &Path) -> io::Result<Vec<(String, Bytes)>> {
    let mut records = Vec::new();
    for entry in fs::read_dir(folder)? {
        let (entry, path) = entry.map(|entry| (entry.file_type(), entry.path()))?;
        let (Some(id), Some(ending)) = (path.file_stem().and_then(|id| id.to_str()), path.extension()) else {
            continue;
        };
        if ending == "json" {
            // One that cannot be read is told of, and put aside, as one that makes no sense. To read what is no file may take
            // for ever.
            let written = if entry?.is_file() { read(&path).unwrap_or_default() } else { Bytes::new() };
            records.push((id.to_owned(), written));
        } else if ending == "tmp" {
            // The program ended before it was written.
            let _ = fs::remove_file(&path);
        }
    }
    Ok(records)
}

/// Locks the folder, unless that is done.
fn own(folder: &Path, held: &Mutex<Option<File>>) -> io::Result<()> {
    let mut held = lock(held);
    if held.is_none() {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(folder.join("in-use.lock"))?;
        fs4::FileExt::try_lock(&file).map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(ErrorKind::WouldBlock, "the folder is in use by another client"),
            TryLockError::Error(error) => error,
        })?;
        *held = Some(file);
    }
    Ok(())
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
