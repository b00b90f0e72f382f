//! Answers that are no success.

use larder::{ErrorKind, Outcome};

use super::super::fault::{act, ignore, say};
use super::{Case, Told, failed, refused};

const PROBLEM: &str = r#"{"title":"No","status":400,"detail":"the server's words"}"#;
const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n";
const PAGE: &str = "<html><h1>502 Bad Gateway</h1><p>nginx</p></html>";

pub fn cases() -> Vec<Case> {
    let words = "the server's words";
    let page = |status| say(status, PAGE).header("content-type", "text/html").all();
    let later = |status, when: &str| say(status, PROBLEM).header("retry-after", when).all();
    let empty = |name, status: &str, told| Case {
        name,
        fault: act().status(status).body(PROBLEM).all(),
        query: Told::Error(ErrorKind::Decode, Some(told), "the body is empty"),
        mutation: Told::Error(ErrorKind::Decode, Some(told), "the body is empty"),
        outcome: Outcome::Succeeded,
    };
    vec![
        refused("400", say("400 Bad Request", PROBLEM).all(), 400, words),
        refused("401", say("401 Unauthorized", PROBLEM).all(), 401, words),
        refused("403 with a page", page("403 Forbidden"), 403, "403 Forbidden"),
        refused("404", say("404 Not Found", "").all(), 404, "404 Not Found"),
        refused("409 that is cut off", say("409 Conflict", PROBLEM).part(50).reset(), 409, "409 Conflict"),
        refused("412 with garbage", say("412 Precondition Failed", b"\xff\xfe").all(), 412, "412 Precondition"),
        refused("429 in seconds", later("429 Too Many Requests", "2"), 429, words),
        refused("429 by date", later("429 Too Many Requests", "Fri, 31 Dec 1999 23:59:59 GMT"), 429, words),
        refused("429 in a million years", later("429 Too Many Requests", "99999999999999999999"), 429, words),
        refused("499 of no name", say("499", PROBLEM).all(), 499, words),
        failed("101 unasked", ignore().raw(SWITCHING).close(), 101, "101 Switching Protocols"),
        failed("302 to nowhere", say("302 Found", "").all(), 302, "it has no Location"),
        failed(
            "302 to another protocol",
            say("302 Found", "").header("location", "file:///etc/passwd").all(),
            302,
            "another protocol than HTTP",
        ),
        failed("302 to nonsense", say("302 Found", "").header("location", "http://[").all(), 302, "no URL"),
        failed(
            "302 from here to where anybody reads along",
            say("302 Found", "").header("location", "ftp://a/").all(),
            302,
            "another protocol",
        ),
        failed("300 of many", say("300 Multiple Choices", "[]").header("location", "/api/posts").all(), 300, "300"),
        failed("305 by a proxy", say("305 Use Proxy", "").header("location", "http://127.0.0.1:1/").all(), 305, "305"),
        failed("308 without a word on where", say("308 Permanent Redirect", PAGE).all(), 308, "no Location"),
        failed("304 unasked", say("304 Not Modified", "").all(), 304, "304 Not Modified"),
        refused(
            "408 that was too slow",
            say("408 Request Timeout", "").header("connection", "close").all().close(),
            408,
            "408",
        ),
        refused("416 for no range", say("416 Range Not Satisfiable", "").all(), 416, "416"),
        refused("417 for no expectation", say("417 Expectation Failed", "").all(), 417, "417"),
        refused("425 too early", say("425 Too Early", "").all(), 425, "425"),
        refused("426 to another protocol", say("426 Upgrade Required", "").header("upgrade", "h2c").all(), 426, "426"),
        failed("507 for want of room", say("507 Insufficient Storage", "").all(), 507, "507"),
        failed("511 by a hotel", page("511 Network Authentication Required"), 511, "502 Bad Gateway"),
        failed("500, and nothing done", say("500 Internal Server Error", PROBLEM).all(), 500, words),
        failed("500, after it was done", act().status("500 Internal Server Error").body(PROBLEM).all(), 500, words),
        failed("502 with a page", page("502 Bad Gateway"), 502, "502 Bad Gateway"),
        failed("503 for a while", later("503 Service Unavailable", "-1"), 503, words),
        failed("504 that is cut off", act().status("504 Gateway Timeout").head().close(), 504, "504 Gateway Timeout"),
        failed("999", say("999 Odd", PROBLEM).all(), 999, words),
        empty("204 with a body", "204 No Content", 204),
    ]
}
