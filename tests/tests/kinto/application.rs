//! A small application on Kinto: notes in a collection, by the client that was generated from Kinto's own document. `main.rs`
//! beside it compiles and runs this.

// The application uses a part of it.
#[allow(dead_code, unused_imports)]
mod api;

use std::collections::BTreeMap;

use api::buckets::create_bucket;
use api::collections::{create_collection, delete_collection, get_collection};
use api::records::{create_record, delete_record, get_record, get_records, patch_record, update_record};
use api::security::basicauth;
use api::types::{
    ApiError, CreateBucket, CreateBucketBody, CreateBucketBodyData, CreateCollection, CreateCollectionBody,
    CreateCollectionBodyData, CreateRecord, CreateRecordBody, CreateRecordResponse, DeleteCollection, DeleteRecord,
    GetCollection, GetRecord, GetRecords, GetRecordsResponse, PatchRecord, PatchRecordBody, UpdateRecord,
    UpdateRecordBody, UpdateRecordResponse,
};
use larder::audit::Audit;
use larder::{Client, ErrorKind, Json, State};

const BUCKET: &str = "home";
const NOTES: &str = "notes";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).expect("the address of a Kinto server");
    strangers_are_refused(&url).await;

    let audit = Audit::new();
    let client = Client::builder(&url).credential(basicauth("ada", "the password")).audit(&audit).build();
    let client = client.expect("the address is valid");
    let named = |id: &str| BTreeMap::from([("id".to_owned(), Json::from(id))]);
    let data = CreateBucketBodyData { additional: named(BUCKET), ..CreateBucketBodyData::default() };
    let bucket = CreateBucketBody { data: Some(data), permissions: None };
    client.mutate(create_bucket(&bucket, &CreateBucket::default())).await.expect("the bucket is made");
    let data = CreateCollectionBodyData { additional: named(NOTES), ..CreateCollectionBodyData::default() };
    let collection = CreateCollectionBody { data: Some(data), permissions: None };
    let collection = create_collection(BUCKET, &collection, &CreateCollection::default());
    client.mutate(collection).await.expect("the collection is made");

    notes_come_and_go(&client).await;
    who_is_late_is_told(&client).await;
    pages_follow_their_tokens(&client).await;
    a_collection_goes_with_its_notes(&client).await;

    audit.finished().await;
    assert!(audit.misses().is_empty(), "the server changed what the client took for fresh: {audit}");
    println!("{} mutations were audited", audit.reports().len());
}

fn text(text: &str) -> Option<BTreeMap<String, Json>> {
    Some(BTreeMap::from([("text".to_owned(), Json::from(text))]))
}

fn texts(state: &State<GetRecordsResponse>) -> Vec<String> {
    let records = state.data.as_ref().and_then(|data| data.data.clone()).unwrap_or_default();
    records.iter().map(|record| record["text"].as_str().expect("every note has a text").to_owned()).collect()
}

/// Writes a note, and says which id it got.
async fn write(client: &Client, words: &str) -> String {
    let body = CreateRecordBody { data: text(words), permissions: None };
    let written = client.mutate(create_record(BUCKET, NOTES, &body, &CreateRecord::default())).refetched().await;
    let written = written.expect("the note is taken");
    assert!(written.errors.is_empty(), "{:?}", written.errors);
    match written.data {
        CreateRecordResponse::Created(record) => {
            record.data.expect("the note comes back")["id"].as_str().expect("it has an id").to_owned()
        }
        other => panic!("a new note is created: {other:?}"),
    }
}

async fn strangers_are_refused(url: &str) {
    let stranger = Client::new(url).expect("the address is valid");
    let notes = get_records(BUCKET, NOTES, &GetRecords::default());
    let error = stranger.fetch(notes).await.expect_err("nobody said who asks");
    assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (ErrorKind::Status, Some(401)));
    match error.by_status::<ApiError>() {
        Some(ApiError::Unauthorized(problem)) => assert_eq!((problem.code, problem.errno), (401, 104)),
        other => panic!("the document describes it: {other:?}"),
    }
    assert!(error.to_string().contains("Please authenticate yourself"), "{error}");
}

async fn notes_come_and_go(client: &Client) {
    let newest_first = GetRecords { sort: Some(vec!["-last_modified".to_owned()]), ..GetRecords::default() };
    let mut list = client.watch(get_records(BUCKET, NOTES, &newest_first));
    list.ready().await.expect("the list");
    assert!(texts(&list.snapshot()).is_empty());

    let bread = write(client, "Bake bread").await;
    write(client, "Water the leeks").await;
    assert_eq!(texts(&list.snapshot()), ["Water the leeks", "Bake bread"]);

    let mut note = client.watch(get_record(BUCKET, NOTES, &bread, &GetRecord::default()));
    note.ready().await.expect("the note");
    let patch = PatchRecordBody { data: text("Bake more bread"), ..PatchRecordBody::default() };
    let patch = patch_record(BUCKET, NOTES, &bread, &patch, &PatchRecord::default());
    client.mutate(patch).refetched().await.expect("the note is changed");
    let shown = note.snapshot().data.expect("it is there").data.clone().expect("it has data");
    assert_eq!(shown["text"], "Bake more bread");
    assert_eq!(texts(&list.snapshot()), ["Bake more bread", "Water the leeks"]);

    client
        .mutate(delete_record(BUCKET, NOTES, &bread, &DeleteRecord::default()))
        .refetched()
        .await
        .expect("it is deleted");
    assert_eq!(texts(&list.snapshot()), ["Water the leeks"]);
    assert!(note.snapshot().is_stale, "what is gone is not shown as fresh");
    let error = client.fetch(get_record(BUCKET, NOTES, &bread, &GetRecord::default())).await.expect_err("it is gone");
    match error.by_status::<ApiError>() {
        Some(ApiError::NotFound(problem)) => assert_eq!(problem.code, 404),
        other => panic!("the document describes it: {other:?}"),
    }
}

/// Somebody else changes a note meanwhile: a write of what was read before is refused, and nothing is lost.
async fn who_is_late_is_told(client: &Client) {
    let id = write(client, "Fold the letters").await;
    let mut note = client.watch(get_record(BUCKET, NOTES, &id, &GetRecord::default()));
    note.ready().await.expect("the note");
    let etag = note.snapshot().headers.and_then(|headers| Some(headers.get("etag")?.to_str().ok()?.to_owned()));
    let etag = etag.expect("Kinto gives an ETag");

    let update = |words: &str| {
        let body = UpdateRecordBody { data: text(words), permissions: None };
        let params = UpdateRecord { if_match: Some(etag.clone()), ..UpdateRecord::default() };
        update_record(BUCKET, NOTES, &id, &body, &params)
    };
    let first = client.mutate(update("Fold the blue letters")).refetched().await.expect("nobody was quicker");
    assert!(matches!(first.data, UpdateRecordResponse::Ok(_)), "{:?}", first.data);
    let error = client.mutate(update("Burn the letters")).await.expect_err("the note is another by now");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(412), "{error}");
    assert!(matches!(error.by_status(), Some(ApiError::PreconditionFailed(problem)) if problem.code == 412));
    let state = note.snapshot();
    assert!(!state.is_stale && !state.is_fetching, "a refusal makes nothing stale");
    let shown = state.data.expect("it is there").data.clone().expect("it has data");
    assert_eq!(shown["text"], "Fold the blue letters");
}

async fn pages_follow_their_tokens(client: &Client) {
    for number in 1..=3 {
        write(client, &format!("Note {number}")).await;
    }
    let mut all = Vec::new();
    let mut params = GetRecords { limit: Some(2), ..GetRecords::default() };
    loop {
        let mut page = client.watch(get_records(BUCKET, NOTES, &params));
        page.ready().await.expect("a page");
        let state = page.snapshot();
        all.extend(texts(&state));
        let next = state.headers.and_then(|headers| Some(headers.get("next-page")?.to_str().ok()?.to_owned()));
        let Some(next) = next else { break };
        let token = next.split(['?', '&']).find_map(|part| part.strip_prefix("_token="));
        params.token = Some(token.expect("the next page has a token").replace("%3D", "="));
    }
    all.sort();
    assert_eq!(all, ["Fold the blue letters", "Note 1", "Note 2", "Note 3", "Water the leeks"]);
}

async fn a_collection_goes_with_its_notes(client: &Client) {
    let mut list = client.watch(get_records(BUCKET, NOTES, &GetRecords::default()));
    let mut collection = client.watch(get_collection(BUCKET, NOTES, &GetCollection::default()));
    list.ready().await.expect("the list");
    collection.ready().await.expect("the collection");
    let gone = delete_collection(BUCKET, NOTES, &DeleteCollection::default());
    client.mutate(gone).refetched().await.expect("the collection is deleted");
    assert!(collection.snapshot().is_stale, "what is gone is not shown as fresh");
    let list = list.snapshot();
    assert!(list.is_stale || list.error.is_some(), "a list of what is gone is not shown as fresh: {list:?}");
}
