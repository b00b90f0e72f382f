//! The code of `fixtures/paging`: each way of paging, through a server on the loopback; and what documents are taken to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use larder::{Client, Pages, Query};
use larder_codegen::Generator;
use larder_codegen::plan::{Paging, PagingKind};
use larder_tests::paging::lists as api;
use larder_tests::paging::types::{
    ListAfter, ListAsSaid, ListAtOnce, ListBare, ListByCursor, ListByLink, ListByOffset, ListByPage, ListByToken,
};
use serde_json::{Value, json};

/// What the server was asked for.
type Asked = Arc<Mutex<Vec<String>>>;

/// Five notes, two a page, in whichever way the path says.
async fn answer(State(asked): State<Asked>, uri: Uri) -> Response {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let params: HashMap<&str, String> = pairs.map(|(name, value)| (name, value.replace("%20", " "))).collect();
    asked.lock().unwrap().push(uri.to_string());
    let number = |name: &str| params.get(name).and_then(|value| value.parse::<usize>().ok());
    let start = match uri.path() {
        "/cursor" => params.get("cursor").and_then(|cursor| cursor.strip_prefix("at ")?.parse().ok()).unwrap_or(0),
        "/token" => number("pageToken").unwrap_or(0),
        "/said" => number("since").unwrap_or(0),
        "/after" => number("starting_after").unwrap_or_else(|| number("ending_before").map_or(0, |before| before - 3)),
        "/offset" => number("offset").unwrap_or(0),
        "/bare" => number("page").unwrap_or(0) * 2,
        _ => (number("page").unwrap_or(1) - 1) * 2,
    };
    let end = (start + 2).min(5);
    let notes: Vec<Value> = (start.min(5) + 1..=end).map(|id| json!({ "id": id, "text": "note" })).collect();
    let (next, previous) = ((end < 5).then_some(end), start.checked_sub(2));
    let url = |page: usize| format!("{}?page={page}", uri.path());
    let (next_url, previous_url) = (next.map(|next| url(next / 2 + 1)), previous.map(|previous| url(previous / 2 + 1)));
    let mut headers = HeaderMap::new();
    match (uri.path(), &next_url) {
        ("/link", Some(next)) => drop(headers.insert("link", format!("<{next}>; rel=\"next\"").parse().unwrap())),
        ("/said", _) => {
            drop(headers.insert("x-next-since", next.map(|next| next.to_string()).unwrap_or_default().parse().unwrap()))
        }
        _ => {}
    }
    let text = |at: Option<usize>| at.map(|at| format!("at {at}"));
    let body = match uri.path() {
        "/cursor" => {
            json!({ "items": notes, "meta": { "next_cursor": text(next), "previous_cursor": text(previous) } })
        }
        "/token" => json!({ "notes": notes, "nextPageToken": next.map(|next| next.to_string()).unwrap_or_default() }),
        "/after" => {
            let more = if params.contains_key("ending_before") { start > 0 } else { end < 5 };
            json!({ "data": notes, "has_more": more })
        }
        "/page" => json!({ "data": notes, "meta": { "total_pages": 3, "total": 5 } }),
        "/offset" => json!({ "notes": notes, "total": 5 }),
        "/url" => json!({ "notes": notes, "links": { "next": next_url, "prev": previous_url } }),
        "/said" => json!({ "notes": notes }),
        _ => json!(notes),
    };
    headers.insert("content-type", "application/json".parse().unwrap());
    (headers, body.to_string()).into_response()
}

async fn server() -> (Client, Asked) {
    let asked = Asked::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(answer).with_state(asked.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap_or_else(|error| panic!("{error}")) });
    (Client::new(base).unwrap(), asked)
}

/// Goes to the end of a list, and gives back how many items each page has and what was asked for.
async fn all<T: Send + Sync + 'static>(query: Query<T>, count: fn(&T) -> usize) -> (Vec<usize>, Vec<String>) {
    let (client, asked) = server().await;
    let pages: Arc<Pages<T>> = client.fetch_pages(query, 10).await.unwrap();
    assert!(!pages.has_next());
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    (pages.iter().map(|page| count(page)).collect(), asked)
}

fn three(asked: [&str; 3]) -> (Vec<usize>, Vec<String>) {
    (vec![2, 2, 1], asked.map(str::to_owned).into())
}

// B31
#[tokio::test]
async fn b31_what_is_generated_goes_through_every_kind_of_list() {
    let by_cursor = all(api::list_by_cursor(&ListByCursor::default()), |page| page.items.len()).await;
    assert_eq!(by_cursor, three(["/cursor", "/cursor?cursor=at%202", "/cursor?cursor=at%204"]));
    let by_token = all(api::list_by_token(&ListByToken { page_size: Some(2), ..Default::default() }), |page| {
        page.notes.as_ref().map_or(0, Vec::len)
    });
    let expected = ["/token?pageSize=2", "/token?pageSize=2&pageToken=2", "/token?pageSize=2&pageToken=4"];
    assert_eq!(by_token.await, three(expected));
    let after = all(api::list_after(&ListAfter::default()), |page| page.data.len()).await;
    assert_eq!(after, three(["/after", "/after?starting_after=2", "/after?starting_after=4"]));
    let by_page = all(api::list_by_page(&ListByPage::default()), |page| page.data.len()).await;
    assert_eq!(by_page, three(["/page", "/page?page=2", "/page?page=3"]));
    let bare = all(api::list_bare(&ListBare::default()), Vec::len).await;
    let expected = ["/bare", "/bare?page=1", "/bare?page=2", "/bare?page=3"].map(str::to_owned);
    assert_eq!(bare, (vec![2, 2, 1, 0], expected.into()));
    let by_offset = all(api::list_by_offset(&ListByOffset::default()), |page| page.notes.len()).await;
    assert_eq!(by_offset, three(["/offset", "/offset?offset=2", "/offset?offset=4"]));
    let by_link = all(api::list_by_link(&ListByLink::default()), Vec::len).await;
    assert_eq!(by_link, three(["/link", "/link?page=2", "/link?page=3"]));
    let by_url = all(api::list_by_url(), |page| page.notes.as_ref().map_or(0, Vec::len)).await;
    assert_eq!(by_url, three(["/url", "/url?page=2", "/url?page=3"]));
    let as_said = all(api::list_as_said(&ListAsSaid::default()), |page| page.notes.as_ref().map_or(0, Vec::len)).await;
    assert_eq!(as_said, three(["/said", "/said?since=2", "/said?since=4"]));
}

// B31
#[tokio::test]
async fn b31_what_is_generated_goes_backwards_where_the_document_tells_how() {
    let (client, asked) = server().await;
    let mut watcher = client.watch_pages(api::list_after(&ListAfter { starting_after: Some(2), ..Default::default() }));
    watcher.ready().await.unwrap();
    let pages = watcher.fetch_previous().await.unwrap();
    let ids: Vec<Vec<i64>> = pages.iter().map(|page| page.data.iter().map(|note| note.id).collect()).collect();
    assert_eq!((ids, pages.has_previous()), (vec![vec![1, 2], vec![3, 4]], false));
    assert_eq!(*asked.lock().unwrap(), ["/after?starting_after=2", "/after?ending_before=3"]);
}

// B31
#[tokio::test]
async fn b31_what_has_no_pages_is_not_asked_for_as_a_list() {
    let (client, asked) = server().await;
    let error = client.fetch_pages(api::list_at_once(&ListAtOnce::default()), 2).await.unwrap_err();
    assert!(error.to_string().contains("Query::paged") && asked.lock().unwrap().is_empty(), "{error}");
}

/// What is found for a list with these parameters and fields.
fn found(parameters: &str, fields: &str) -> Option<Paging> {
    let document = format!(
        r##"{{"openapi":"3.1.0","info":{{"title":"t","version":"1"}},"paths":{{"/notes":{{"get":{{"operationId":"listNotes",
        "parameters":[{parameters}],"responses":{{"200":{{"description":"","content":{{"application/json":{{"schema":
        {{"type":"object","properties":{{"notes":{{"type":"array","items":{{"$ref":"#/components/schemas/Note"}}}}{fields}}}}}}}}}}}}}}}}}}},
        "components":{{"schemas":{{"Note":{{"type":"object","required":["id"],"properties":{{"id":{{"type":"string"}}}}}}}}}}}}"##
    );
    let generated = Generator::new("notes.json").generate_text(document).expect("it is a document");
    generated.plan.operations[0].paging.clone()
}

fn text(name: &str) -> String {
    format!(r#"{{"name":"{name}","in":"query","schema":{{"type":"string"}}}}"#)
}

fn number(name: &str) -> String {
    format!(r#"{{"name":"{name}","in":"query","schema":{{"type":"integer"}}}}"#)
}

// B31
#[test]
fn b31_evidence_is_a_pair_and_half_of_it_is_none() {
    let kind = |parameters: &str, fields: &str| found(parameters, fields).map(|paging| paging.kind);
    let next = r#","next_cursor":{"type":["string","null"]}"#;
    assert_eq!(kind(&text("cursor"), next), Some(PagingKind::Cursor));
    assert_eq!(kind(&text("cursor"), ""), None);
    assert_eq!(kind("", next), None);
    // A time is no cursor, and neither is a text that nothing tells.
    assert_eq!(kind(&text("after"), r#","total":{"type":"integer"}"#), None);
    assert_eq!(kind(&text("page"), ""), None);
    assert_eq!(kind(&number("page"), ""), Some(PagingKind::Page));
    assert_eq!(kind(&text("page"), r#","next_page":{"type":["string","null"]}"#), Some(PagingKind::Cursor));
    assert_eq!(kind(&number("offset"), ""), None);
    assert_eq!(kind(&[number("offset"), number("limit")].join(","), ""), Some(PagingKind::Offset));
    assert_eq!(kind(&text("start"), r#","total":{"type":"integer"}"#), None);
    // A `next` that is a word among others is no URL.
    assert_eq!(kind("", r#","next":{"type":"string"}"#), None);
    assert_eq!(kind("", r#","next":{"type":"string","description":"URL of the next page"}"#), Some(PagingKind::Url));
    assert_eq!(kind("", r#","@odata.nextLink":{"type":"string"}"#), Some(PagingKind::Url));
}

// B31
#[test]
fn b31_where_both_are_offered_what_has_to_be_asked_for_is_not_taken() {
    let parameters = [text("marker"), number("offset"), number("limit")].join(",");
    let fields = r#","next_marker":{"type":["string","null"]},"total_count":{"type":"integer"}"#;
    let paging = found(&parameters, fields).expect("it has pages");
    assert_eq!((paging.kind, paging.param.as_deref()), (PagingKind::Offset, Some("offset")));
}
