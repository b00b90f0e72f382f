//! Streams cut into items, wherever the pieces end.

use super::*;

/// The items of a stream that comes in pieces of this size, as `event|id|data`.
fn cut(framing: Framing, text: &[u8], size: usize) -> Result<Vec<String>, Uncut> {
    let (mut framer, mut frames) = (Framer::new(framing, 64), Vec::new());
    for piece in text.chunks(size) {
        framer.push(piece, &mut frames)?;
    }
    framer.finish(&mut frames)?;
    let shown = |frame: Frame| {
        let (event, id) = (frame.event.unwrap_or_default(), frame.id.unwrap_or_default());
        format!("{event}|{id}|{}", String::from_utf8_lossy(&frame.data))
    };
    Ok(frames.into_iter().map(shown).collect())
}

/// Whatever size the pieces have.
fn assert_cut(framing: Framing, text: &[u8], expected: &Result<Vec<&str>, Uncut>) {
    for size in 1..=text.len().max(1) {
        let found = cut(framing, text, size);
        let expected = expected.as_ref().map(|items| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>());
        let shown = String::from_utf8_lossy(text);
        assert_eq!(found.as_ref(), expected.as_ref().map_err(|uncut| *uncut), "{shown:?} in pieces of {size}");
    }
}

// B30
#[test]
fn b30_server_sent_events_are_cut_as_browsers_cut_them() {
    let table: [(&str, &[&str]); 14] = [
        ("data: a\n\n", &["||a"]),
        ("\u{feff}data: a\r\n\r\ndata: b\r\rdata:c\n\n", &["||a", "||b", "||c"]),
        ("data: YHOO\ndata: +2\ndata\ndata:\n\n", &["||YHOO\n+2\n\n"]),
        (": only a comment\n\n:\n\n", &[]),
        ("event: add\ndata: 1\n\nevent: gone\n\ndata: 2\n\n", &["add||1", "||2"]),
        ("id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", &["|7|a", "|7|b", "||c"]),
        ("id: 1\0\ndata: a\n\n", &["||a"]),
        ("data:  two spaces\n\n", &["|| two spaces"]),
        ("data\n\n", &["||"]),
        ("Data: a\nnonsense: b\n\n", &[]),
        ("retry: 5\nretry: soon\ndata: a\n\n", &["||a"]),
        ("\n\n\n", &[]),
        ("", &[]),
        ("data: ä€𝄞\n\n", &["||ä€𝄞"]),
    ];
    for (text, expected) in table {
        assert_cut(Framing::Events, text.as_bytes(), &Ok(expected.to_vec()));
    }
}

// B30
#[test]
fn b30_lines_are_cut_at_line_feeds_and_record_separators() {
    let table: [(&str, &[&str]); 5] = [
        ("{\"a\":1}\n{\"a\":2}\n", &["||{\"a\":1}", "||{\"a\":2}"]),
        ("1\r\n\n  \n2", &["||1\r", "||2"]),
        ("\u{1e}1\n\u{1e}2\n", &["||1", "||2"]),
        ("\u{feff}1\n", &["||1"]),
        ("", &[]),
    ];
    for (text, expected) in table {
        assert_cut(Framing::Lines, text.as_bytes(), &Ok(expected.to_vec()));
    }
}

// B36
#[test]
fn b36_half_events_bad_text_and_endless_items_are_errors() {
    let within = || Err(Uncut::Malformed("the stream ended within an event"));
    assert_cut(Framing::Events, b"data: a\n\ndata: b\n", &within());
    assert_cut(Framing::Events, b"data: a\n\ndat", &within());
    assert_cut(Framing::Events, b"data: \xff\n\n", &Err(Uncut::Malformed("an event is not UTF-8")));
    assert_cut(Framing::Events, b": \xff\n\n", &Ok(Vec::new()));
    assert_cut(Framing::Events, "data: 0123456789\n".repeat(10).as_bytes(), &Err(Uncut::TooLarge));
    assert_cut(Framing::Events, ":".repeat(100).as_bytes(), &Err(Uncut::TooLarge));
    assert_cut(Framing::Lines, "0".repeat(65).as_bytes(), &Err(Uncut::TooLarge));
    assert_cut(Framing::Lines, "0".repeat(64).as_bytes(), &Ok(vec![&*format!("||{}", "0".repeat(64))]));
}

#[test]
fn what_the_server_said_of_the_connection_outlives_it() {
    let (mut framer, mut frames) = (Framer::new(Framing::Events, 64), Vec::new());
    framer.push(b"retry: 70\nid: 3\ndata: a\n\nid: 4\ndata: half", &mut frames).unwrap();
    let last_id = framer.last_id().map(|id| &**id);
    assert_eq!(
        (framer.retry(), last_id),
        (Some(Duration::from_millis(70)), Some("3")),
        "half an event has to come again"
    );
    framer.restart();
    framer.push(b"\xef\xbb\xbfdata: b\n\n", &mut frames).unwrap();
    assert_eq!(frames.iter().map(|frame| &frame.data[..]).collect::<Vec<_>>(), [b"a", b"b"]);
    assert_eq!(framer.retry(), Some(Duration::from_millis(70)));
}
