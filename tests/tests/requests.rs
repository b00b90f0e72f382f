//! What generated functions send, byte for byte, as a real server sees it.

mod echo;

use echo::server;
use larder::{Bytes, ErrorKind};
use larder_tests::requests::bodies::{send_bytes, send_form, send_optional, send_text};
use larder_tests::requests::search::{ask_oddly, get_matrix, search_everything};
use larder_tests::requests::types::{AskOddly, Filter, Kind, Point, SearchEverything};

#[tokio::test]
async fn parameters_go_where_the_document_says_in_the_style_it_says() {
    let (client, mut arrived) = server().await;
    let filter = Filter { from: Some("a&b".to_owned()), to: Some(3) };
    let params = SearchEverything {
        ids: Some(vec![1, 2]),
        joined: Some(vec!["x".to_owned(), "y z".to_owned()]),
        piped: Some(vec!["p".to_owned(), "q".to_owned()]),
        filter: Some(filter.clone()),
        spec: Some(filter),
        x_request_tag: Some("tag/1".to_owned()),
        session: Some("s1".to_owned()),
        r#type: Some(true),
    };
    let found = client.fetch(search_everything(&Kind::Post, &[4, 5], "ä ?", &params)).await.expect("it is found");
    assert_eq!(*found, "found");
    let request = arrived.recv().await.expect("a request arrived");
    let (line, query) = request.line.split_once('?').expect("there is a query");
    assert_eq!(line, "GET /base/search/post/4,5");
    let mut query: Vec<&str> = query.split('&').collect();
    query.sort_unstable();
    assert_eq!(
        query,
        [
            "filter%5Bfrom%5D=a%26b",
            "filter%5Bto%5D=3",
            "ids=1",
            "ids=2",
            "joined=x,y%20z",
            "piped=p%7Cq",
            "q=%C3%A4%20%3F",
            "spec=%7B%22from%22%3A%22a%26b%22%2C%22to%22%3A3%7D",
            "type=true",
        ]
    );
    assert_eq!(request.header("x-request-tag"), Some("tag/1"));
    assert_eq!(request.header("cookie"), Some("session=s1"));
}

#[tokio::test]
async fn absent_parameters_are_not_sent() {
    let (client, mut arrived) = server().await;
    client.fetch(search_everything(&Kind::User, &[1], "q", &SearchEverything::default())).await.expect("it is found");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "GET /base/search/user/1?q=q");
    assert_eq!((request.header("x-request-tag"), request.header("cookie")), (None, None));
}

#[tokio::test]
async fn path_styles_are_kept() {
    let (client, mut arrived) = server().await;
    client.fetch(get_matrix(&Point { x: 1, y: 2 }, "here")).await.expect("it is there");
    assert_eq!(arrived.recv().await.expect("a request arrived").line, "GET /base/matrix/;x=1;y=2/.here");
}

#[tokio::test]
async fn odd_paths_and_names_are_kept() {
    let (client, mut arrived) = server().await;
    let params = AskOddly {
        ids: Some(vec![1, 2]),
        expand: Some(vec!["a".to_owned(), "b".to_owned()]),
        target: Some("https://a.b/c?d&e".to_owned()),
        id: Some("q".to_owned()),
        id_header: Some(vec!["h".to_owned(), "i".to_owned()]),
        id_cookie: Some(vec!["c".to_owned(), "d".to_owned()]),
    };
    client.fetch(ask_oddly(&params)).await.expect("it is odd");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(
        request.line,
        "GET /base/odd/exact?beta=true&ids%5B%5D=1&ids%5B%5D=2&expand%5B%5D=a&expand%5B%5D=b\
         &target=https://a.b/c?d%26e&id=q"
    );
    assert_eq!((request.header("id"), request.header("cookie")), (Some("h,i"), Some("id=c; id=d")));
}

#[tokio::test]
async fn bodies_are_sent_as_their_content_type() {
    let (client, mut arrived) = server().await;
    let filter = Filter { from: Some("a b&c".to_owned()), to: None };

    client.mutate(send_form(&filter)).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.body, "from=a%20b%26c");

    client.mutate(send_text("plain ✓")).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert!(request.header("content-type").is_some_and(|text| text.starts_with("text/plain")), "{request:?}");
    assert_eq!(request.body, "plain ✓");

    let back = client.mutate(send_bytes(Bytes::from_static(b"\x89PNG"))).await.expect("it is taken");
    assert_eq!(&back[..], b"\x89PNG");
    assert_eq!(arrived.recv().await.expect("a request arrived").header("content-type"), Some("image/png"));

    client.mutate(send_optional(Some(&filter))).await.expect("it is taken");
    assert_eq!(arrived.recv().await.expect("a request arrived").body, r#"{"from":"a b&c"}"#);
    client.mutate(send_optional(None)).await.expect("it is taken");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!((request.header("content-type"), request.body.as_str()), (None, ""));
}

#[tokio::test]
async fn a_path_parameter_can_never_lead_to_another_path() {
    let (client, mut arrived) = server().await;
    for label in ["..", ".", ""] {
        let refused = client.fetch(larder_tests::social::posts::get_post(1)).await;
        drop(refused);
        arrived.recv().await.expect("the harmless one arrived");
        let refused = client.fetch(larder_tests::tagging::people::get_person(label)).await.expect_err("it is not sent");
        assert_eq!(refused.kind(), ErrorKind::Request, "{refused}");
    }
    let odd = client.fetch(larder_tests::tagging::people::get_person("a/../b?c#d%2e")).await;
    drop(odd);
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "GET /base/people/a%2F..%2Fb%3Fc%23d%252e");
}
