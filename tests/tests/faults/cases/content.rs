//! Answers of success whose content is not what the document promises.

use larder::ErrorKind;

use super::super::fault::{act, say};
use super::{Case, Told, harmless, unreadable};

const UTF16: &str = "application/json; charset=utf-16";
const PAGE: &str = "<!doctype html><title>Log in to the hotel's network</title>";

/// A post has attachments of any kind; a comment has none, and nobody reads them there.
fn deeper_than_a_stack() -> Case {
    let attachment = format!("\"attachments\":[{}{}],", "[".repeat(100_000), "]".repeat(100_000));
    let told = Told::Error(ErrorKind::Decode, Some(200), "recursion limit exceeded");
    Case { query: told, ..harmless("deeper than a stack", act().within(attachment).all()) }
}

pub fn cases() -> Vec<Case> {
    let deep = |levels: usize| format!("\"deep\":{}{},", "[".repeat(levels), "]".repeat(levels));
    let utf16: Vec<u8> = "{\"id\":2}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        unreadable(
            "a page in place of data",
            say("200 OK", PAGE).header("content-type", "text/html").all(),
            "expected",
        ),
        unreadable("no body", act().body("").all(), "the body is empty"),
        unreadable("white space", act().body(" \r\n ").all(), "the body is empty"),
        unreadable("null", act().body("null").all(), "null"),
        unreadable("a list in place of an object", act().body("[1]").all(), "sequence"),
        unreadable("a text in place of an object", act().body("\"ok\"").all(), "string"),
        unreadable("a required member is missing", act().body("{}").all(), "missing field"),
        unreadable("an id that is a text", act().body(r#"{"id":"2"}"#).all(), "at id: "),
        unreadable("an id beyond 64 bits", act().body(r#"{"id":99999999999999999999}"#).all(), "at id: "),
        unreadable("an id beyond any number", act().body(r#"{"id":1e999}"#).all(), "number out of range"),
        unreadable("an id that is NaN", act().body(r#"{"id":NaN}"#).all(), "expected value"),
        unreadable("JSON that is cut off", act().body(r#"{"id":2,"post_id":"#).all(), "EOF"),
        unreadable("JSON and more", act().body("{} {}").all(), ""),
        unreadable("bytes that are no text", act().body(b"{\"content\":\"\xff\"}").all(), "unicode"),
        unreadable("half a pair", act().body(r#"{"content":"\ud800"}"#).all(), "hex escape"),
        unreadable("UTF-16", act().body(utf16.clone()).all(), "expected"),
        unreadable("UTF-16, as it says", act().header("content-type", UTF16).body(utf16).all(), "utf-16"),
        unreadable("two answers in a row", act().body("{}{}").all(), ""),
        unreadable("a line that guards against scripts", act().before(")]}',\n").all(), "expected"),
        unreadable("a call of a function", act().before("callback(").all(), "expected"),
        unreadable("XML", say("200 OK", "<post><id>2</id></post>").all(), "expected"),
        unreadable("an error with a good status", say("200 OK", r#"{"error":{"code":500}}"#).all(), "missing field"),
        unreadable("a hundred thousand digits", act().body(format!("{{\"id\":{}}}", "9".repeat(100_000))).all(), ""),
        deeper_than_a_stack(),
        harmless("members that the document does not know", act().within("\"__proto__\":{\"a\":[1,null]},").all()),
        harmless("deeper than a stack, where nobody reads it", act().within(deep(100_000)).all()),
        harmless("a content type that lies", act().header("content-type", "text/html").all()),
        harmless("no content type", act().without("content-type").all()),
        harmless("a charset that lies", act().header("content-type", "application/json; charset=latin1").all()),
        harmless("white space around", act().before(" \r\n\t").all()),
        harmless("a byte order mark, which JSON must not have", act().before("\u{feff}").all()),
        harmless("a member twice", act().within("\"content\":\"x\",").all()),
    ]
}
