//! Answers that are no HTTP, too much of it, or HTTP that hardly anybody writes.

use std::time::Duration;

use larder::{ErrorKind, Outcome};

use super::super::fault::{Fault, act, ignore, say};
use super::{Case, Told, harmless, late, lost, refused, spoilt};

/// Answers that are no HTTP, or too much of it.
pub fn cases() -> Vec<Case> {
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

/// What is hardly ever sent, and what is sent by what is hardly a server.
pub fn odd() -> Vec<Case> {
    let ok = |head: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\n");
    let many_cookies: String = (0..50).map(|number| format!("set-cookie: c{number}={number}\r\n")).collect();
    let extension = format!("5;{}\r\n", "x".repeat(1 << 20));
    let reason = format!("HTTP/1.1 200 {}\r\n", "very ".repeat(1 << 18));
    vec![
        lost("status 000", ignore().raw("HTTP/1.1 000 Nothing\r\ncontent-length: 0\r\n\r\n").close()),
        lost("a status of four digits", ignore().raw("HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n").close()),
        lost("HTTP/2 without having been asked for", ignore().raw("HTTP/2.0 200 OK\r\n\r\n").close()),
        lost(
            "frames of HTTP/2",
            ignore().raw("\u{0}\u{0}\u{6}\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{3}\u{0}\u{0}").close(),
        ),
        lost("a status line in small letters", act().raw("http/1.1 200 ok\r\n\r\n").close()),
        lost("a reason of a megabyte", act().raw(reason).close()),
        lost("a length below nothing", act().raw(ok("content-length: -1\r\n")).close()),
        lost("a length beyond counting", act().raw(ok("content-length: 99999999999999999999999\r\n")).close()),
        lost("a length with a sign", act().header("content-length", "+5").all().close()),
        lost("a header that holds a zero", act().raw(ok("x: a\u{0}b\r\n")).close()),
        lost("a header without a name", act().raw(ok(": a\r\n")).close()),
        lost("a chunk with an extension of a megabyte", act().chunked().head().raw(extension).close()),
        lost("a chunk that is longer than it says", act().chunked().head().raw("1\r\nab\r\n").close()),
        harmless("fifty cookies", act().raw("HTTP/1.1 200 OK\r\n").raw(many_cookies).raw("\r\n").bare().all().close()),
        harmless("lines without a carriage return", act().raw("HTTP/1.1 200 OK\nx: y\n\n").bare().all().close()),
        harmless("no reason", act().raw("HTTP/1.1 200\r\n\r\n").bare().all().close()),
        harmless("an empty line first", act().raw("\r\n").all()),
        harmless(
            "headers in any case, with any white space",
            act().raw(ok("X-A:b\r\nx-a: \t c \t\r\n")).bare().all().close(),
        ),
        harmless("a header that is no ASCII", act().header("x-note", "na\u{ef}ve \u{1f980}").all()),
        harmless("Connection: keep-alive, and closed", act().header("connection", "keep-alive").all().close()),
        harmless("203 by a proxy", act().status("203 Non-Authoritative Information").all()),
        harmless("299 of no name", act().status("299").all()),
        harmless("206 for a list with more pages", act().status("206 Partial Content").all()),
        spoilt_by("206 of bytes unasked", half().all(), 206, "a part (206)"),
        refused("421 Misdirected", say("421 Misdirected Request", "").all(), 421, "421 Misdirected"),
        refused("431 for nothing", say("431 Request Header Fields Too Large", "").all(), 431, "431"),
    ]
}

/// The first bytes of what there is, as a server says it that was asked for them.
fn half() -> Fault {
    act().status("206 Partial Content").header("content-range", "bytes 0-9/100").body("{\"id\": 2,")
}

fn spoilt_by(name: &'static str, fault: Fault, status: u16, words: &'static str) -> Case {
    let told = Told::Error(ErrorKind::Decode, Some(status), words);
    Case { query: told, mutation: told, ..spoilt(name, fault, words) }
}
