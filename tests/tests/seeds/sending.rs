//! What DataSource says of requests: mock data, logic of one's own, headers, transaction ids, retries, text.

use larder::http::{Method, Response};
use larder::layers::RequestIds;
use larder::{MockAnswer, MockTransport, Retry, transport_fn};
use larder_tests::social::posts::get_post;
use larder_tests::social::users::{get_user, list_users};

use super::{Outcome, asked, start, start_with};

#[tokio::test]
async fn mock_data() -> Outcome {
    let (server, client) = start_with(|builder| {
        let mock = MockTransport::new().route(
            Method::GET,
            "/users/{user_id}",
            MockAnswer::json(200, r#"{"id":9,"name":"Mock"}"#),
        );
        builder.transport_for("getUser", mock)
    })
    .await;
    let user = client.fetch(get_user(9)).await?;
    assert_eq!((user.name.as_str(), asked(&server).len()), ("Mock", 0));
    Ok(())
}

#[tokio::test]
async fn the_fetch_event() -> Outcome {
    let (server, client) = start().await;

    let mine = transport_fn(|_request| async { Ok(Response::new(r#"{"id":9,"name":"Mine"}"#.into())) });
    let (one, other) = (get_user(9).transport(mine), get_user(9).transport(mine));
    let (one, other) = (client.fetch(one).await?, client.fetch(other).await?);
    assert!(std::sync::Arc::ptr_eq(&one, &other)); // Asked once: caching, tags and polling are as ever.

    assert!(asked(&server).is_empty());
    Ok(())
}

#[tokio::test]
async fn headers_and_ids() -> Outcome {
    let (_server, client) = start_with(|builder| {
        builder
            .header("accept-language", "eo")
            .expect("a header")
            .layer(RequestIds::new()) // a transaction id; where a server takes none, leave the layer out
            .retry(Retry::times(2))
    })
    .await;
    let missing = client.fetch(get_post(4_000)).await.expect_err("there is none");
    let (told, id) = (missing.to_string(), missing.request_id().expect("an id"));
    assert!(told.starts_with("GET /posts/{post_id} (getPost") && told.contains(id), "{told}");
    Ok(())
}

#[tokio::test]
async fn data_type_text() -> Outcome {
    let (_server, client) = start().await;

    let text = client.fetch(list_users().as_text("application/json")).await?;
    assert!(text.starts_with('['));
    Ok(())
}
