//! The language of faults: what the server does with one request, step by step.
//!
//! `act()` has the API do what was asked, and takes what it says as the answer; `say(…)` answers without it. What follows
//! changes the answer, sends as much of it as it says, and ends: `act().part(50).reset()` does what was asked, sends half of the
//! body, and resets the connection.

use std::io::{self, Write as _};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::wire::{Answer, Request};

/// What the server does with one request.
#[derive(Clone, Debug, Default)]
pub struct Fault {
    /// The body of the request stays where it is.
    pub unread: bool,
    /// The API does what was asked.
    pub acts: bool,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Say(String, Vec<u8>),
    Set(&'static str, Option<String>),
    Status(String),
    Body(Vec<u8>),
    Within(String),
    Before(Vec<u8>),
    Behind(Vec<u8>),
    Gzipped,
    DamagedAtEnd,
    Longer(i64),
    Chunked,
    Trailers(String),
    Raw(Vec<u8>),
    Head,
    Bare,
    Part(usize),
    Drip,
    Endless(Vec<u8>, Duration),
    Hang,
    Close,
    Reset,
}

/// The API does what was asked.
pub fn act() -> Fault {
    Fault { acts: true, ..Fault::default() }
}

/// The API hears nothing of it.
pub fn ignore() -> Fault {
    Fault::default()
}

/// An answer without the API, such as `say("503 Service Unavailable", "…")`.
pub fn say(status: impl Into<String>, body: impl Into<Vec<u8>>) -> Fault {
    ignore().then(Step::Say(status.into(), body.into()))
}

impl Fault {
    fn then(mut self, step: Step) -> Fault {
        self.steps.push(step);
        self
    }

    /// The body of the request is not read.
    pub fn unread(self) -> Fault {
        Fault { unread: true, ..self }
    }

    /// A header of the answer, in place of any of its name.
    pub fn header(self, name: &'static str, value: impl Into<String>) -> Fault {
        self.then(Step::Set(name, Some(value.into())))
    }

    /// The answer has no header of this name.
    pub fn without(self, name: &'static str) -> Fault {
        self.then(Step::Set(name, None))
    }

    /// Another status, with the same body.
    pub fn status(self, status: &str) -> Fault {
        self.then(Step::Status(status.to_owned()))
    }

    /// More members at the beginning of the body's object, such as `"a": 1,`.
    pub fn within(self, members: impl Into<String>) -> Fault {
        self.then(Step::Within(members.into()))
    }

    /// Bytes before the body.
    pub fn before(self, bytes: impl Into<Vec<u8>>) -> Fault {
        self.then(Step::Before(bytes.into()))
    }

    /// Another body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Fault {
        self.then(Step::Body(body.into()))
    }

    /// Bytes behind the body, which count as part of it.
    pub fn behind(self, bytes: impl Into<Vec<u8>>) -> Fault {
        self.then(Step::Behind(bytes.into()))
    }

    /// The body is compressed, and says so.
    pub fn gzipped(self) -> Fault {
        self.then(Step::Gzipped).header("content-encoding", "gzip")
    }

    /// The last bytes of the body are others.
    pub fn damaged_at_end(self) -> Fault {
        self.then(Step::DamagedAtEnd)
    }

    /// `Content-Length` is wrong by so much.
    pub fn longer(self, by: i64) -> Fault {
        self.then(Step::Longer(by))
    }

    /// The body is sent in chunks.
    pub fn chunked(self) -> Fault {
        self.then(Step::Chunked)
    }

    /// Lines behind the last chunk.
    pub fn trailers(self, lines: impl Into<String>) -> Fault {
        self.then(Step::Trailers(lines.into()))
    }

    /// Bytes as they are.
    pub fn raw(self, bytes: impl Into<Vec<u8>>) -> Fault {
        self.then(Step::Raw(bytes.into()))
    }

    /// Sends the status and the headers.
    pub fn head(self) -> Fault {
        self.then(Step::Head)
    }

    /// The status and the headers are not sent.
    pub fn bare(self) -> Fault {
        self.then(Step::Bare)
    }

    /// Sends the body up to so many hundredths.
    pub fn part(self, hundredths: usize) -> Fault {
        self.then(Step::Part(hundredths))
    }

    /// Sends all of the answer; the connection stays open for the next request.
    pub fn all(self) -> Fault {
        self.part(100)
    }

    /// Sends the body byte by byte.
    pub fn drip(self) -> Fault {
        self.then(Step::Drip)
    }

    /// Sends these bytes again and again, with a pause before each time, until the client is gone.
    pub fn endless(self, bytes: impl Into<Vec<u8>>, pause: Duration) -> Fault {
        self.then(Step::Endless(bytes.into(), pause))
    }

    /// Nothing more comes.
    pub fn hang(self) -> Fault {
        self.then(Step::Hang)
    }

    /// Closes the connection in order.
    pub fn close(self) -> Fault {
        self.then(Step::Close)
    }

    /// Resets the connection.
    pub fn reset(self) -> Fault {
        self.then(Step::Reset)
    }

    /// Does it. `answer` is what the API said, if it was asked; `waits` is called before the server lets the client wait.
    /// Says whether the connection is still good for another request.
    pub async fn run(
        &self,
        stream: &mut BufReader<TcpStream>,
        request: &Request,
        answer: Answer,
        waits: impl Fn(),
    ) -> io::Result<bool> {
        let trailers = String::new();
        let mut sending = Sending { answer, longer: 0, chunked: false, trailers, head: false, sent: 0 };
        for step in &self.steps {
            match step {
                Step::Say(status, body) => {
                    sending.answer.status.clone_from(status);
                    sending.answer.body.clone_from(body);
                    sending.answer.set("content-type", Some("application/json"));
                }
                Step::Set(name, value) => sending.answer.set(name, value.as_deref()),
                Step::Status(status) => sending.answer.status.clone_from(status),
                Step::Within(members) => {
                    let body = &mut sending.answer.body;
                    if body.first() == Some(&b'{') {
                        drop(body.splice(1..1, members.bytes()));
                    }
                }
                Step::Before(bytes) => drop(sending.answer.body.splice(0..0, bytes.iter().copied())),
                Step::Body(body) => sending.answer.body.clone_from(body),
                Step::Behind(bytes) => sending.answer.body.extend(bytes),
                Step::Gzipped => sending.answer.body = gzipped(&sending.answer.body)?,
                Step::DamagedAtEnd => sending.answer.body.iter_mut().rev().take(8).for_each(|byte| *byte ^= 0x55),
                Step::Trailers(lines) => sending.trailers.clone_from(lines),
                Step::Longer(by) => sending.longer = *by,
                Step::Chunked => sending.chunked = true,
                Step::Raw(bytes) => stream.write_all(bytes).await?,
                Step::Head => sending.head(stream).await?,
                Step::Bare => sending.head = true,
                Step::Part(hundredths) => sending.part(stream, *hundredths).await?,
                Step::Drip => {
                    for hundredth in 0..=100 {
                        sending.part(stream, hundredth).await?;
                        stream.flush().await?;
                        tokio::task::yield_now().await;
                    }
                }
                Step::Endless(bytes, pause) => {
                    waits();
                    loop {
                        tokio::time::sleep(*pause).await;
                        stream.write_all(bytes).await?;
                    }
                }
                Step::Hang => {
                    waits();
                    // The client never sends more before it has its answer.
                    gone(stream).await;
                    return Ok(false);
                }
                Step::Close => {
                    stream.shutdown().await?;
                    gone(stream).await;
                    return Ok(false);
                }
                Step::Reset => {
                    stream.get_ref().set_zero_linger()?;
                    return Ok(false);
                }
            }
        }
        // A body that must not be is read by nobody. Whatever was asked on this connection next would be answered by it, while the
        // server still does what was asked.
        let must_be_empty = ["1", "204", "304"].iter().any(|code| sending.answer.status.starts_with(code));
        if must_be_empty && sending.sent > 0 {
            return Ok(false);
        }
        let asked_to_close = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        Ok(!asked_to_close)
    }
}

/// Waits until the client closes or resets the connection.
async fn gone(stream: &mut BufReader<TcpStream>) {
    let mut rest = tokio::io::sink();
    // However it ends, it is gone then.
    drop(tokio::io::copy_buf(stream, &mut rest).await);
}

fn gzipped(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body)?;
    encoder.finish()
}

/// An answer on its way.
struct Sending {
    answer: Answer,
    longer: i64,
    chunked: bool,
    trailers: String,
    head: bool,
    sent: usize,
}

impl Sending {
    /// The body as it is sent.
    fn body(&self) -> Vec<u8> {
        if !self.chunked {
            return self.answer.body.clone();
        }
        let chunks = self.answer.body.chunks(7).map(|chunk| {
            let size = format!("{:x}\r\n", chunk.len());
            [size.as_bytes(), chunk, b"\r\n"].concat()
        });
        [chunks.collect::<Vec<_>>().concat(), format!("0\r\n{}\r\n", self.trailers).into_bytes()].concat()
    }

    async fn head(&mut self, stream: &mut BufReader<TcpStream>) -> io::Result<()> {
        if std::mem::replace(&mut self.head, true) {
            return Ok(());
        }
        let has_length = self.answer.headers.iter().any(|(name, _)| name == "content-length");
        if self.chunked {
            self.answer.set("transfer-encoding", Some("chunked"));
        } else if !has_length && !self.answer.status.starts_with("204") {
            let length = self.answer.body.len() as i64 + self.longer;
            self.answer.set("content-length", Some(&length.to_string()));
        }
        stream.write_all(self.answer.head().as_bytes()).await
    }

    async fn part(&mut self, stream: &mut BufReader<TcpStream>, hundredths: usize) -> io::Result<()> {
        self.head(stream).await?;
        let body = self.body();
        let end = body.len() * hundredths / 100;
        stream.write_all(&body[self.sent..end]).await?;
        self.sent = end;
        Ok(())
    }
}
