//! The README's steps, run against a live server.

use larder::Client;
use social::server::Server;

#[tokio::test]
async fn the_list_is_fresh_once_the_mutation_is_refetched() {
    let server = Server::start().await.expect("the server starts");
    let client = Client::new(server.url()).expect("the server's address is valid");
    let newest = quickstart::write(&client, "Hello").await.expect("the server takes a post");
    assert_eq!(newest.as_deref(), Some("Hello"));
    let lists = server.requests().iter().filter(|request| request.method == "GET").count();
    assert_eq!(lists, 2, "one request for the list, and one more after the post");
}
