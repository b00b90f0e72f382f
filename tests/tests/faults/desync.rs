//! Answers that nobody asked for are never taken for the answer to what is asked next.

use larder_tests::social::posts::get_post;
use larder_tests::social::users::get_user;

use super::fault::{act, say};
use super::server::FaultServer;

/// An answer as it would be sent to somebody who asks for a user.
fn planted() -> String {
    let body = r#"{"id":3,"name":"Planted"}"#;
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_second_answer_is_nobodys() {
    let server = FaultServer::start().await;
    let truth = server.truth().fetch(get_user(3)).await.expect("the truth").name.clone();
    let behind = [
        ("in one piece with the first", say("200 OK", "").bare().raw(format!("{}{}", planted(), planted()))),
        ("after the first", act().all().raw(planted())),
        ("after a body shorter than its length", act().longer(-1).all().raw(planted())),
        ("after an answer without a body", act().status("304 Not Modified").all().raw(planted())),
    ];
    for (name, fault) in behind {
        for _ in 0..20 {
            let client = server.builder().build().expect("the address is valid");
            server.once("GET /posts/2", fault.clone());
            // What is planted is no post, so this may fail.
            drop(client.fetch(get_post(2)).await);
            let user = client.fetch(get_user(3)).await;
            match user {
                Ok(user) => assert_eq!(user.name, truth, "{name}"),
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
}
