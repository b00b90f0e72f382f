//! Multipart bodies: what is a part, in which order, and under which boundary.

use serde_json::json;

use super::*;

fn written(body: &impl Serialize, types: &[(&str, &str)]) -> (String, String) {
    let collected = collect(|| serde_json::to_value(body)).unwrap();
    let (content_type, Written::Whole(body)) = collected.write(types).unwrap() else { panic!("it is all there") };
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    (boundary.to_owned(), String::from_utf8_lossy(&body).replace(boundary, "B"))
}

#[derive(serde::Serialize)]
struct Upload {
    photo: FilePart,
    title: String,
    more: Vec<FilePart>,
    tags: Vec<&'static str>,
    place: Json,
    absent: Option<u8>,
    count: u8,
}

fn upload() -> Upload {
    Upload {
        photo: FilePart::new("a\"b\r\n.png", &b"\x01"[..]).content_type("image/png"),
        title: "Cat\r\n--B".to_owned(),
        more: vec![FilePart::from("one"), FilePart::new("two", "two")],
        tags: vec!["x", "y"],
        place: json!({ "lat": 1, "at": [2] }),
        absent: None,
        count: 3,
    }
}

#[test]
fn each_field_and_each_element_is_a_part_and_files_come_last() {
    let (_, body) = written(&upload(), &[]);
    let expected = "--B\r\nContent-Disposition: form-data; name=\"count\"\r\n\r\n3\r\n\
        --B\r\nContent-Disposition: form-data; name=\"place\"\r\nContent-Type: application/json\r\n\r\n{\"at\":[2],\"lat\":1}\r\n\
        --B\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nx\r\n\
        --B\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\ny\r\n\
        --B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nCat\r\n--B\r\n\
        --B\r\nContent-Disposition: form-data; name=\"more\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\none\r\n\
        --B\r\nContent-Disposition: form-data; name=\"more\"; filename=\"two\"\r\nContent-Type: application/octet-stream\r\n\r\ntwo\r\n\
        --B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%22b%0D%0A.png\"\r\nContent-Type: image/png\r\n\r\n\u{1}\r\n\
        --B--\r\n";
    assert_eq!(body, expected);
}

#[test]
fn a_field_can_have_a_content_type_of_its_own() {
    let body = json!({ "sdp": "v=0", "session": "x" });
    let (_, body) = written(&body, &[("sdp", "application/sdp"), ("session", "application/json")]);
    assert!(body.contains("name=\"sdp\"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"), "{body}");
    assert!(body.contains("name=\"session\"\r\nContent-Type: application/json\r\n\r\n\"x\"\r\n"), "{body}");
}

#[test]
fn the_boundary_is_the_same_for_the_same_body_and_never_within_it() {
    let (first, _) = written(&upload(), &[]);
    assert_eq!(first, written(&upload(), &[]).0);
    let plain = json!({ "text": "" });
    let (boundary, _) = written(&plain, &[]);
    let mut text = boundary;
    for _ in 0..3 {
        let (next, _) = written(&json!({ "text": text }), &[]);
        assert!(!text.contains(&next));
        text = format!("{text} {next}");
    }
}

#[test]
fn a_file_within_an_object_is_a_part_of_its_own() {
    #[derive(serde::Serialize)]
    struct Outer {
        inner: Inner,
    }
    #[derive(serde::Serialize)]
    struct Inner {
        note: &'static str,
        file: FilePart,
    }
    let (_, body) = written(&Outer { inner: Inner { note: "n", file: FilePart::new("f", "x") } }, &[]);
    assert!(body.contains("name=\"inner[note]\"\r\n\r\nn\r\n"), "{body}");
    assert!(body.contains("name=\"inner[file]\"; filename=\"f\""), "{body}");
}

#[test]
fn nothing_is_written_for_an_absent_body() {
    assert!(collect(|| serde_json::to_value(None::<Upload>)).unwrap().write(&[]).is_none());
}

#[test]
fn outside_of_multipart_a_file_is_its_text_or_an_error() {
    assert_eq!(serde_json::to_string(&FilePart::from("a")).unwrap(), "\"a\"");
    assert!(serde_json::to_string(&FilePart::from(vec![0xff])).is_err());
    assert!(!format!("{:?}", FilePart::new("name", "secret")).contains("secret"));
}

#[test]
fn a_field_that_looks_like_a_mark_is_only_a_field() {
    let (_, body) = written(&json!({ "a": { "\u{0}larder file": 7 } }), &[]);
    assert!(body.contains("application/json"), "{body}");
}
