//! Faults of connections, and answers that are no HTTP.

use std::time::Duration;

use larder::{ErrorKind, Outcome};

use super::super::fault::{act, ignore, say};
use super::{Case, Told, harmless, late, lost, unreadable};

const SECOND: Duration = Duration::from_secs(1);

const HINTS: &str = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";

pub fn cases() -> Vec<Case> {
    vec![
        lost("closed before an answer, and nothing done", ignore().close()),
        lost("closed before an answer, after it was done", act().close()),
        lost("reset before an answer", ignore().reset()),
        lost("reset before an answer, after it was done", act().reset()),
        lost("reset with the request half read", ignore().unread().reset()),
        lost("closed within the status", act().raw("HTTP/1.1 2").close()),
        lost("closed within a header", act().raw("HTTP/1.1 200 OK\r\ncontent-le").close()),
        lost("closed before the body", act().head().close()),
        lost("closed in the body", act().part(50).close()),
        lost("reset in the body", act().part(50).reset()),
        lost("reset at the last byte", act().part(99).reset()),
        lost("closed in a chunk", act().chunked().part(50).close()),
        lost("closed before the last chunk", act().chunked().part(99).close()),
        lost("a body shorter than it says", act().longer(5).all().close()),
        unreadable("a body longer than it says", act().longer(-5).all().close(), "EOF while parsing"),
        late("no answer, and nothing done", ignore().hang()),
        late("no answer, after it was done", act().hang()),
        late("no body", act().head().hang()),
        late("half a body", act().part(50).hang()),
        late("half a chunked body", act().chunked().part(50).hang()),
        late("a body without end, slowly", act().chunked().head().endless("1\r\n \r\n", SECOND)),
        late("headers without end, slowly", act().raw("HTTP/1.1 200 OK\r\n").endless("a: b\r\n", SECOND)),
        late("nothing but 100 Continue, slowly", act().endless("HTTP/1.1 100 Continue\r\n\r\n", SECOND)),
        harmless("byte by byte", act().drip()),
        harmless("byte by byte, in chunks", act().chunked().drip()),
        harmless("ended by the connection's end", act().raw("HTTP/1.0 200 OK\r\n\r\n").bare().all().close()),
        harmless("100 Continue and 103 Early Hints first", act().raw(HINTS).all()),
        harmless("closed after the answer", act().all().close()),
        harmless("Connection: close", act().header("connection", "close").all().close()),
    ]
}

/// Answers that are no HTTP, or too much of it.
pub fn protocol() -> Vec<Case> {
    let headers: String = (0..2_000).map(|number| format!("x-{number}: {number}\r\n")).collect();
    let header = format!("x: {}\r\n", "y".repeat(1 << 20));
    let piece = " ".repeat(1 << 16);
    let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
    let too_large = |name, fault, status, mutation| {
        let told = |status| Told::Error(ErrorKind::TooLarge, Some(status), "the response is larger than 1048576 bytes");
        Case { name, fault, query: told(status), mutation: told(mutation), outcome: Outcome::Unknown }
    };
    vec![
        lost("garbage", ignore().raw("\u{0}\u{1}what?\r\n\r\n").close()),
        lost("another protocol", ignore().raw("SSH-2.0-OpenSSH_9.2\r\n").close()),
        lost("a status that is no number", act().raw("HTTP/1.1 OK OK\r\n\r\n").close()),
        lost("a header without a colon", act().raw("HTTP/1.1 200 OK\r\nwhat\r\n\r\n").close()),
        lost("a length that is no number", act().header("content-length", "many").all().close()),
        lost("two lengths", act().raw("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n1").close()),
        lost("a chunk whose size is no number", act().chunked().head().raw("zz\r\n").close()),
        lost("a chunk of a size beyond counting", act().chunked().head().raw("ffffffffffffffffff\r\n").close()),
        lost("thousands of headers", act().raw("HTTP/1.1 200 OK\r\n").raw(headers).close()),
        lost("a header of a megabyte", act().raw("HTTP/1.1 200 OK\r\n").raw(header).close()),
        too_large("a body beyond the limit", say("200 OK", vec![b' '; (1 << 20) + 1]).all(), 200, 200),
        too_large("a body without end", act().chunked().head().endless(chunk, Duration::ZERO), 200, 201),
        late("a body that will be huge", act().header("content-length", "99999999999").part(50).hang()),
    ]
}
