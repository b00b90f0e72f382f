//! Bodies of every media type, byte for byte, and what different responses become.

mod echo;

use std::collections::BTreeMap;

use echo::server;
use larder::FilePart;
use larder_tests::requests::bodies::{
    merge_patch, send_anything, send_csv, send_deep, send_files, send_lines, send_mixed_form,
};
use larder_tests::requests::jobs::{get_job, has_job, restart_job, stop_job};
use larder_tests::requests::types::{
    ApiError, Filter, GetJobResponse, JobsError, Order, OrderLinesItem, Point, Upload,
};

fn upload() -> Upload {
    Upload {
        title: "A cat".to_owned(),
        note: Some("*asleep*".to_owned()),
        photo: FilePart::new("cat.png", &b"PNG"[..]).content_type("image/png"),
        more: Some(vec![FilePart::from("one"), FilePart::new("two.txt", "two")]),
        labels: Some(vec!["a".to_owned(), "b".to_owned()]),
        place: Some(Point { x: 1, y: 2 }),
        count: None,
    }
}

#[tokio::test]
async fn multipart_has_a_part_for_each_field_element_and_file() {
    let (client, mut arrived) = server().await;
    client.mutate(send_files(&upload())).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    let content_type = request.header("content-type").expect("it has a content type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("it is multipart");
    let parts: Vec<&str> = request.body.split(&format!("--{boundary}")).collect();
    let field = |name: &str, rest: &str| format!("\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n");
    assert_eq!(
        parts,
        [
            String::new(),
            field("labels", "\r\n\r\na"),
            field("labels", "\r\n\r\nb"),
            field("note", "\r\nContent-Type: text/markdown\r\n\r\n*asleep*"),
            field("place", "\r\nContent-Type: application/json\r\n\r\n{\"x\":1,\"y\":2}"),
            field("title", "\r\n\r\nA cat"),
            field("more", "; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\none"),
            field("more", "; filename=\"two.txt\"\r\nContent-Type: application/octet-stream\r\n\r\ntwo"),
            field("photo", "; filename=\"cat.png\"\r\nContent-Type: image/png\r\n\r\nPNG"),
            "--\r\n".to_owned(),
        ]
    );
}

#[tokio::test]
async fn equal_multipart_bodies_are_sent_as_the_same_bytes() {
    let (client, mut arrived) = server().await;
    let mut bodies = Vec::new();
    for _ in 0..2 {
        client.mutate(send_files(&upload())).await.expect("it is taken");
        bodies.push(arrived.recv().await.expect("a request arrived").body);
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn parts_that_the_document_does_not_describe_can_be_sent() {
    let (client, mut arrived) = server().await;
    let parts = BTreeMap::from([("any".to_owned(), FilePart::from("thing"))]);
    client.mutate(send_anything(Some(&parts))).await.expect("it is taken");
    assert!(arrived.recv().await.expect("a request arrived").body.contains("name=\"any\""));
    client.mutate(send_anything(None)).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!((request.header("content-type"), request.body.as_str()), (None, ""));
}

#[tokio::test]
async fn forms_write_their_fields_in_the_styles_of_the_document() {
    let (client, mut arrived) = server().await;
    let order = Order {
        customer: "c 1".to_owned(),
        expand: Some(vec!["a".to_owned(), "b".to_owned()]),
        lines: Some(vec![
            OrderLinesItem { price: "p".to_owned(), quantity: Some(2) },
            OrderLinesItem { price: "q".to_owned(), quantity: None },
        ]),
    };
    client.mutate(send_deep(&order)).await.expect("it is taken");
    let deep = arrived.recv().await.expect("a request arrived").body.replace("%5B", "[").replace("%5D", "]");
    assert_eq!(deep, "customer=c%201&expand[]=a&expand[]=b&lines[0][price]=p&lines[0][quantity]=2&lines[1][price]=q");
    client.mutate(send_mixed_form(&order)).await.expect("it is taken");
    let mixed = arrived.recv().await.expect("a request arrived").body;
    assert_eq!(
        mixed,
        "customer=c%201&expand=a,b&lines=%5B%7B%22price%22%3A%22p%22%2C%22quantity%22%3A2%7D%2C%7B%22price%22%3A%22q%22%7D%5D"
    );
}

#[tokio::test]
async fn vendor_json_is_sent_and_asked_for_by_its_name() {
    let (client, mut arrived) = server().await;
    let filter = Filter { from: Some("there".to_owned()), to: None };
    let now = client.mutate(merge_patch(7, "json", &filter)).await.expect("it is taken");
    assert_eq!(now.from.as_deref(), Some("here"));
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "PATCH /base/bodies/patch/7.json");
    assert_eq!(request.header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(request.header("accept"), Some("application/vnd.example+json"));

    let other = merge_patch(7, "json", &filter).content_type("application/strategic-merge-patch+json");
    client.mutate(other).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.header("content-type"), Some("application/strategic-merge-patch+json"));
}

#[tokio::test]
async fn text_and_lines_keep_their_content_type() {
    let (client, mut arrived) = server().await;
    client.mutate(send_csv(Some("a,b"))).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!((request.header("content-type"), request.body.as_str()), (Some("text/csv"), "a,b"));

    let back = client.mutate(send_lines(&[Point { x: 1, y: 2 }, Point { x: 3, y: 4 }])).await.expect("it is taken");
    assert_eq!(back.iter().map(|line| line.x).collect::<Vec<_>>(), [1, 3]);
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.body, "{\"x\":1,\"y\":2}\n{\"x\":3,\"y\":4}\n");
}

#[tokio::test]
async fn the_status_tells_which_success_it_is() {
    let (client, mut arrived) = server().await;
    assert!(matches!(&*client.fetch(get_job(200)).await.expect("it is done"), GetJobResponse::Ok(done) if done.x == 1));
    let waiting = client.fetch(get_job(202)).await.expect("it is under way");
    assert!(matches!(&*waiting, GetJobResponse::Accepted(pending) if pending.percent == 50));
    let other = client.fetch(get_job(206)).await.expect("a success is a success");
    assert!(matches!(&*other, GetJobResponse::Other(response) if response.status() == 206));
    while arrived.try_recv().is_ok() {}

    let text = client.fetch(get_job(200).as_text("text/csv")).await.expect("it is done");
    assert!(text.starts_with('{'), "it is not read as JSON");
    assert_eq!(arrived.recv().await.expect("a request arrived").header("accept"), Some("text/csv"));
}

#[tokio::test]
async fn the_status_tells_which_error_it_is() {
    let (client, _arrived) = server().await;
    let error = client.fetch(get_job(404)).await.expect_err("there is none");
    assert!(matches!(error.by_status::<ApiError>(), Some(ApiError::NotFound(missing)) if missing.missing == 7));
    let error = client.fetch(get_job(422)).await.expect_err("it is wrong");
    assert!(matches!(error.by_status::<ApiError>(), Some(ApiError::ClientError(problem)) if problem.detail == "no"));
    let error = client.mutate(stop_job(409)).await.expect_err("it is done");
    assert!(matches!(error.by_status::<ApiError>(), Some(ApiError::Conflict(problem)) if problem.detail == "no"));
    let error = client.fetch(get_job(503)).await.expect_err("it is down");
    assert!(matches!(error.by_status::<ApiError>(), Some(ApiError::Default(problem)) if problem.detail == "no"));
}

// B29
#[tokio::test]
async fn b29_every_documented_status_is_a_variant_with_and_without_a_body() {
    let (client, _arrived) = server().await;
    let gone = client.mutate(restart_job(410)).await.expect_err("it was thrown away");
    assert!(matches!(gone.by_status(), Some(JobsError::Gone)));
    let held = client.mutate(restart_job(423)).await.expect_err("it is held");
    assert!(matches!(held.by_status(), Some(JobsError::Locked(text)) if text.contains("missing")));
    let broken = client.mutate(restart_job(502)).await.expect_err("the machine is broken");
    assert!(matches!(broken.by_status(), Some(JobsError::BadGateway(json)) if json["missing"] == 7));
    let other = client.mutate(restart_job(409)).await.expect_err("it is refused");
    assert!(other.by_status::<JobsError>().is_none());
    // Nothing that answers `HEAD` has a body, though the document gives it one.
    let missing = client.fetch(has_job(404)).await.expect_err("there is none");
    assert!(matches!(missing.by_status(), Some(JobsError::NotFound)));
}

#[tokio::test]
async fn a_response_to_head_has_no_body() {
    let (client, mut arrived) = server().await;
    let () = *client.fetch(has_job(200)).await.expect("it is there");
    assert_eq!(arrived.recv().await.expect("a request arrived").line, "HEAD /base/jobs/200");
}
