//! What DataSource says of pages. The timeline of the other tests has none, so these are those of `fixtures/paging`.

use larder::http::Response;
use larder::{Client, Error, Paging, transport_fn};
use larder_tests::paging::lists::list_by_cursor;
use larder_tests::paging::types::{ListByCursor, ListByCursorResponse};

use super::Outcome;

/// Three pages with a note each, the first of them without a cursor.
fn client() -> Result<Client, Error> {
    let transport = transport_fn(|request| async move {
        let (before, page, after) = match request.uri().query() {
            Some("cursor=b") => ("null", 1, r#""c""#),
            Some("cursor=c") => (r#""b""#, 2, "null"),
            _ => ("null", 0, r#""b""#),
        };
        let before = if page == 1 { r#""a""# } else { before };
        let meta = format!(r#"{{"next_cursor":{after},"previous_cursor":{before}}}"#);
        Ok(Response::new(format!(r#"{{"items":[{{"id":{page},"text":"note"}}],"meta":{meta}}}"#).into()))
    });
    Client::builder("https://api.example.com").transport(transport).build()
}

#[tokio::test]
async fn the_next_and_the_previous_page() -> Outcome {
    let client = client()?;
    let middle = ListByCursor { cursor: Some("b".to_owned()), ..ListByCursor::default() };

    // Where the next and the previous page are told stands in the generated function.
    let mut notes = client.watch_pages(list_by_cursor(&middle));
    notes.ready().await?;
    notes.fetch_next().await?;
    let pages = notes.fetch_previous().await?;
    let ids: Vec<i64> = pages.iter().flat_map(|page| page.items.iter().map(|note| note.id)).collect();
    assert_eq!(ids, [0, 1, 2]);
    assert!(!notes.snapshot().has_next());

    Ok(())
}

#[tokio::test]
async fn selectors_by_hand() -> Outcome {
    let client = client()?;

    // nextPageSelector as a function, prevPageSelector as a path.
    let paging = Paging::cursor("cursor")
        .next(|page: &ListByCursorResponse, _headers| page.meta.next_cursor.get().cloned())
        .previous_at("/meta/previous_cursor");
    let pages = client.fetch_pages(list_by_cursor(&ListByCursor::default()).paged(paging), 3).await?;

    assert_eq!(pages.iter().count(), 3);
    Ok(())
}
