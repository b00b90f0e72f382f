//! Downloads that go to a file, or to whatever else bytes can be written to.

use std::fs::OpenOptions;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::fs::{self, File};
use tokio::io::AsyncWrite;

use super::Download;
use crate::error::Error;

impl Download {
    /// Writes the body to a file and says how many bytes that were. Natively only.
    ///
    /// It is written beside, in the same folder, and takes the file's place at the end: nobody ever sees half of it, and what
    /// was there stays if anything goes wrong. When the future is dropped, what was written is removed.
    ///
    /// # Errors
    /// What goes wrong with the body; of kind [`Request`](crate::ErrorKind::Request) when the file cannot be written.
    pub async fn to_file(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let (half, file) = beside(path).map_err(|error| unwritten(&self, &error))?;
        let mut file = File::from_std(file);
        let (written, download) = self.all_into(&mut file).await?;
        let kept = async {
            file.sync_all().await?;
            drop(file);
            half.take_place_of(path).await
        };
        match kept.await {
            Ok(()) => Ok(written),
            Err(error) => Err(unwritten(&download, &error)),
        }
    }

    /// Writes the body to whatever bytes can be written to, flushes it, and says how many bytes that were. Natively only.
    ///
    /// # Errors
    /// As [`to_file`](Self::to_file).
    pub async fn write_to<W: AsyncWrite + Unpin + ?Sized>(self, writer: &mut W) -> Result<u64, Error> {
        self.all_into(writer).await.map(|(written, _)| written)
    }

    /// Writes all of it, and gives itself back.
    async fn all_into<W: AsyncWrite + Unpin + ?Sized>(mut self, writer: &mut W) -> Result<(u64, Download), Error> {
        while let Some(piece) = self.next().await {
            let piece = piece?;
            write_all(writer, &piece).await.map_err(|error| unwritten(&self, &error))?;
        }
        let flushed = poll_fn(|context| Pin::new(&mut *writer).poll_flush(context)).await;
        flushed.map_err(|error| unwritten(&self, &error))?;
        Ok((self.progress.bytes, self))
    }
}

async fn write_all<W: AsyncWrite + Unpin + ?Sized>(writer: &mut W, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match poll_fn(|context| Pin::new(&mut *writer).poll_write(context, rest)).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => rest = &rest[written.min(rest.len())..],
        }
    }
    Ok(())
}

fn unwritten(download: &Download, error: &io::Error) -> Error {
    download.trail.of(Error::unwritten(download.call.clone(), error.to_string()))
}

/// A new file beside this one. It is made at once, so that it cannot be there without somebody who removes it.
fn beside(path: &Path) -> io::Result<(Half, std::fs::File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    loop {
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}-{}.part", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let beside = path.with_file_name(beside);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((Half(Some(beside)), file)),
            // Somebody else's, or of a program that had the same number before.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// A file that is not whole yet, and is removed unless it becomes so.
struct Half(Option<PathBuf>);

impl Half {
    async fn take_place_of(mut self, path: &Path) -> io::Result<()> {
        let Some(half) = &self.0 else { return Ok(()) };
        fs::rename(half, path).await?;
        self.0 = None;
        Ok(())
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if let Some(half) = self.0.take() {
            // There is nobody to tell, and it harms nobody.
            let _ = std::fs::remove_file(half);
        }
    }
}
