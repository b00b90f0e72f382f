//! Credentials are sent where the document asks for them, and nowhere else.

#[allow(dead_code, reason = "other tests use the rest of it")]
mod echo;

use echo::builder;
use larder::Client;
use larder_tests::access::access::{get_certified, get_either, get_open, get_scoped, get_usual, upload};
use larder_tests::access::security;
use larder_tests::access::servers;

#[tokio::test]
async fn each_operation_gets_what_it_accepts() {
    let (builder, mut arrived) = builder().await;
    let client = builder
        .credential(security::key("K"))
        .credential(security::query_key("Q&"))
        .credential(security::session("S"))
        .credential(security::user("Aladdin", "open sesame"))
        .build()
        .expect("the credentials can be sent");
    client.fetch(get_usual()).await.expect("it is fine");
    client.fetch(get_scoped()).await.expect("it is fine");
    for _ in 0..2 {
        let request = arrived.recv().await.expect("a request arrived");
        assert_eq!((request.header("x-api-key"), request.header("authorization")), (Some("K"), None));
        assert!(!request.line.contains('?') && request.header("cookie").is_none(), "{request:?}");
    }
    client.fetch(get_open()).await.expect("it is fine");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!((request.header("x-api-key"), request.header("authorization")), (None, None));
    client.fetch(get_either()).await.expect("it is fine");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "GET /base/either?api_key=Q%26");
    assert_eq!((request.header("cookie"), request.header("authorization")), (Some("sid=S"), None));
    client.fetch(get_certified()).await.expect("it is fine");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.header("authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
}

#[tokio::test]
async fn the_first_alternative_that_can_be_met_in_full_is_sent() {
    let (builder, mut arrived) = builder().await;
    let given = builder.credential(security::token("T")).credential(security::query_key("Q"));
    let client = given.credential(security::user("u", "p")).build().expect("the credentials can be sent");
    client.fetch(get_usual()).await.expect("it is fine");
    assert_eq!(arrived.recv().await.expect("a request arrived").header("authorization"), Some("Bearer T"));
    client.fetch(get_either()).await.expect("it is fine");
    let request = arrived.recv().await.expect("a request arrived");
    assert_eq!(request.line, "GET /base/either");
    assert!(request.header("authorization").is_some_and(|value| value.starts_with("Basic ")), "{request:?}");
}

#[tokio::test]
async fn an_operation_with_a_server_of_its_own_is_sent_there() {
    let (builder, mut arrived) = builder().await;
    client_of(builder).mutate(upload()).await.expect("it is taken");
    assert_eq!(arrived.recv().await.expect("a request arrived").line, "POST /uploads/elsewhere");
}

fn client_of(builder: larder::ClientBuilder) -> Client {
    builder.build().expect("the address is valid")
}

/// A client for the API in one region, which says who it is.
fn connect() -> Result<Client, larder::Error> {
    let region = servers::OneRegion { region: "us".to_owned(), ..Default::default() };
    Client::builder(region).credential(security::key("…")).build()
}

#[tokio::test]
async fn a_client_does_not_show_what_it_was_given() {
    let client = connect().expect("the key can be sent");
    assert!(!format!("{client:?}").contains('…'));
}

#[tokio::test]
async fn servers_have_names_and_their_variables_defaults() {
    Client::new(servers::PRODUCTION).expect("it is a URL");
    let region = servers::OneRegion { region: "us".to_owned(), ..Default::default() };
    assert_eq!(String::from(region.clone()), "https://us.example.com:8443/v1");
    Client::new(region).expect("it is a URL");
    assert_eq!(servers::YOUR_OWN_SERVER, "/v1");
}
