//! Tags that are looked up in the JSON of args and results.

use super::*;

fn list_records(bucket: &str) -> Query<Json> {
    Query::new(Request::get("listRecords", "/buckets/{bucket}/records").path_param("bucket", bucket))
        .provides_at(POST.id_at().part(bucket).part_at("/data/*/id"))
}

fn reached(client: &Client, bucket: &str, id: u64) -> usize {
    client.would_reach(POST.id((bucket, id))).len()
}

// B12
#[tokio::test(start_paused = true)]
async fn b12_tags_of_the_result_that_args_complete_replace_those_of_the_one_before() {
    let (client, server) = setup();
    let _watcher = client.watch(list_records("a"));
    server.next().await.ok(json(r#"{"data": [{"id": 1}, {"id": 2}]}"#));
    server.settled().await;
    assert_eq!([reached(&client, "a", 1), reached(&client, "b", 1), reached(&client, "a", 3)], [1, 0, 0]);
    let refetch = tokio::spawn(client.refetch(&list_records("a")));
    server.next().await.ok(json(r#"{"data": [{"id": 3}]}"#));
    refetch.await.unwrap().unwrap();
    assert_eq!([reached(&client, "a", 1), reached(&client, "a", 3)], [0, 1]);
}

// B11
#[tokio::test(start_paused = true)]
async fn b11_a_mutation_reaches_what_its_args_and_its_result_name_together() {
    let (client, server) = setup();
    let watchers = [client.watch(list_records("a")), client.watch(list_records("b"))];
    server.next().await.ok(json(r#"{"data": [{"id": 1}]}"#));
    server.next().await.ok(json(r#"{"data": [{"id": 1}]}"#));
    server.settled().await;
    let import = Mutation::<Json>::new(Request::post("import", "/buckets/{bucket}").path_param("bucket", "b"))
        .invalidates_at(POST.id_at().part("b").part_at("/ids"));
    let refetched = tokio::spawn(client.mutate(import).refetched());
    server.next().await.ok(json(r#"{"ids": [7, 1]}"#));
    let asked = server.next().await;
    assert!(asked.url().ends_with("/buckets/b/records"), "{}", asked.url());
    asked.ok(json(r#"{"data": []}"#));
    refetched.await.unwrap().unwrap();
    assert_eq!(server.settled().await, 4);
    assert!(!watchers[0].snapshot().is_stale);
}

#[tokio::test(start_paused = true)]
async fn lines_are_an_array_of_them() {
    let (client, server) = setup();
    let lines =
        Query::<Vec<Json>>::json_lines(Request::get("listLines", "/lines")).provides_at(POST.id_at().part_at("/*/id"));
    let fetched = tokio::spawn(client.fetch(lines));
    server.next().await.ok(json("{\"id\":1}\n{\"id\":2}\n"));
    fetched.await.unwrap().unwrap();
    assert_eq!(client.would_reach(POST.id(2)).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn read_as_text_only_what_the_args_tell_is_known() {
    let (client, server) = setup();
    let text = list_records("a").provides(POST.list()).as_text("text/csv");
    let fetched = tokio::spawn(client.fetch(text));
    server.next().await.ok(json(r#"{"data": [{"id": 1}]}"#));
    fetched.await.unwrap().unwrap();
    assert_eq!((reached(&client, "a", 1), client.would_reach(POST.list()).len()), (0, 1));
}
