//! Faults of connections.

use std::time::Duration;

use super::super::fault::{act, ignore};
use super::{Case, harmless, late, lost, unreadable};

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
        late("interim answers without end, quickly", act().endless(HINTS, Duration::from_millis(10))),
        late("half a trailer", act().chunked().trailers(format!("x-sum: {}\r\n", "7".repeat(400))).part(90).hang()),
        lost("closed within an interim answer", act().raw("HTTP/1.1 103 Early Hints\r\nlink: </").close()),
        lost("closed after an interim answer", act().raw(HINTS).close()),
        lost("reset after an interim answer", ignore().raw(HINTS).reset()),
        lost("closed before the trailer", act().chunked().trailers("x-sum: 7\r\n").part(97).close()),
        harmless("byte by byte", act().drip()),
        harmless("a hundred interim answers", act().raw(HINTS.repeat(50)).all()),
        harmless("a trailer", act().chunked().trailers("x-sum: 7\r\n").all()),
        harmless("a trailer that contradicts", act().chunked().trailers("content-length: 1\r\nx: y\r\n").all()),
        harmless("byte by byte, in chunks", act().chunked().drip()),
        harmless("ended by the connection's end", act().raw("HTTP/1.0 200 OK\r\n\r\n").bare().all().close()),
        harmless("100 Continue and 103 Early Hints first", act().raw(HINTS).all()),
        harmless("closed after the answer", act().all().close()),
        harmless("Connection: close", act().header("connection", "close").all().close()),
    ]
}
