//! Files as bodies, read while they are sent.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::fs::{self, File};
use tokio::io::{AsyncRead, ReadBuf};

use super::sources::{PIECE_BYTES, Source};
use super::{Pieces, RequestBody};

impl RequestBody {
    /// A file, which is read while it is sent, each time from its beginning. Natively only.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read. Whether it changes later is not looked after: of what grows, as much is
    /// sent as was there; what shrinks is an error.
    pub async fn file(path: impl Into<PathBuf>) -> io::Result<RequestBody> {
        let path = path.into();
        // Now, and not when it is to be sent, is the time to hear of what cannot be read.
        let about = File::open(&path).await?.metadata().await?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let length = about.len();
        Ok(RequestBody::of(Some(length), OnDisk { path, length }))
    }
}

/// The name of a file, for the server.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned())
}

struct OnDisk {
    path: PathBuf,
    length: u64,
}

impl Source for OnDisk {
    fn open(&self) -> io::Result<Pieces> {
        let opening = State::Opening(Box::pin(fs::File::open(self.path.clone())));
        Ok(Box::pin(Read { state: opening, left: self.length }))
    }

    fn is_replayable(&self) -> bool {
        true
    }
}

struct Read {
    state: State,
    /// How much is still to be read.
    left: u64,
}

enum State {
    Opening(Pin<Box<dyn Future<Output = io::Result<File>> + Send>>),
    Reading(File),
}

impl Stream for Read {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if let State::Opening(opening) = &mut self.state {
            match ready!(opening.as_mut().poll(context)) {
                Ok(file) => self.state = State::Reading(file),
                Err(error) => {
                    self.left = 0;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        let size = usize::try_from(self.left).unwrap_or(usize::MAX).min(PIECE_BYTES);
        let State::Reading(file) = &mut self.state else { return Poll::Ready(None) };
        let mut piece = vec![0; size];
        let mut buffer = ReadBuf::new(&mut piece);
        let read = ready!(Pin::new(file).poll_read(context, &mut buffer));
        let filled = buffer.filled().len();
        if let Err(error) = read {
            self.left = 0;
            return Poll::Ready(Some(Err(error)));
        }
        if filled == 0 {
            return Poll::Ready(None);
        }
        self.left -= filled as u64;
        piece.truncate(filled);
        Poll::Ready(Some(Ok(Bytes::from(piece))))
    }
}
