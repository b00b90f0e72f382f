//! Optimistic changes through generated code: its tables find the entities wherever a response holds them.

use std::collections::BTreeMap;
use std::sync::Arc;

use larder::http::{Request, Response};
use larder::{BoxFuture, Bytes, Client, Optimistic, Part, ResponseBody, Transport, TransportError};
use larder_tests::social::posts::{create_post, get_post, list_posts};
use larder_tests::social::tags::POST;
use larder_tests::social::types::{ListPosts, NewPost, Post};
use larder_tests::tagging::issues::{get_issue, map_issues};
use larder_tests::tagging::repos::{get_repo, list_repos};
use larder_tests::tagging::tags::{ISSUE, PERSON, REPO};
use larder_tests::tagging::types::{Issue, Person, Repo};
use social::server::Server;

/// A server of a few documents, by path.
#[derive(Clone)]
struct Documents(Arc<BTreeMap<&'static str, &'static str>>);

impl Transport for Documents {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
        let body = self.0.get(request.uri().path()).copied();
        let status = if body.is_some() { 200 } else { 404 };
        let response = Response::builder().status(status).body(Bytes::from(body.unwrap_or_default()).into());
        Box::pin(async { response.map_err(|_| TransportError::lost("no response")) })
    }
}

fn client(documents: impl Into<BTreeMap<&'static str, &'static str>>) -> Client {
    let transport = Documents(Arc::new(documents.into()));
    Client::builder("https://api.example.com").transport(transport).build().expect("the address is valid")
}

// B22
#[tokio::test]
async fn b22_a_post_is_changed_put_in_and_taken_out_wherever_it_is() {
    let server = Server::start().await.expect("the server starts");
    let client = Client::new(server.url()).expect("its address is valid");
    let by_one = || list_posts(&ListPosts { author_id: Some(1), ..ListPosts::default() });
    let all = || list_posts(&ListPosts::default());
    let (page, mine) = (client.fetch(all()).await.expect("the list"), client.fetch(by_one()).await.expect("a list"));
    let id = mine.items[0].id;
    client.fetch(get_post(id)).await.expect("the post");
    let layer =
        client.layer(Optimistic::new().change(POST.id(id), |post: &mut Post| post.favourited = !post.favourited));
    let favourited = |page: &larder_tests::social::types::PostPage| {
        page.items.iter().find(|post| post.id == id).map(|post| post.favourited)
    };
    let before = mine.items[0].favourited;
    let shown = client.peek(&all()).expect("it is cached");
    assert_eq!(favourited(&shown), Some(!before));
    assert_eq!(favourited(&client.peek(&by_one()).expect("it is cached")), Some(!before));
    assert_eq!(client.peek(&get_post(id)).expect("it is cached").favourited, !before);
    let same = page.items.iter().zip(&shown.items).filter(|(one, other)| Part::ptr_eq(one, other)).count();
    assert_eq!(same, page.items.len() - 1, "the other posts are the same parts");
    layer.undo();
    assert!(Arc::ptr_eq(&page, &client.peek(&all()).expect("it is cached")));

    let body = NewPost { author_id: 1, content: "Quinces".to_owned(), visibility: None, attachments: None };
    let draft = Post { id: -1, content: "Quinces".to_owned(), ..Post::clone(&mine.items[0]) };
    let to = POST.list().with("author_id", 1);
    let creating =
        client.mutate(create_post(&body).optimistic(Optimistic::new().insert(to, draft).remove(POST.id(id))));
    let shown = client.peek(&by_one()).expect("it is cached");
    assert_eq!((shown.items[0].id, shown.items.len()), (-1, mine.items.len()));
    assert!(shown.items.iter().all(|post| post.id != id));
    creating.await.expect("it is created");
    let made = client.fetch(by_one()).await.expect("the list");
    assert!(made.items.iter().any(|post| post.content == "Quinces") && made.items.iter().all(|post| post.id > 0));
    assert_eq!(client.peek(&get_post(id)).expect("it is cached").id, id, "its own entry was left alone");
}

const ANN: &str = r#"{"login":"ann","boss":{"login":"eve","boss":{"login":"ada"}}}"#;

// B22
#[tokio::test]
async fn b22_people_within_optional_places_maps_and_boxes_are_found() {
    let issue =
        format!(r#"{{"number":1,"state":"open","assignee":{ANN},"watchers":{{"a":{ANN},"b":{{"login":"bob"}}}}}}"#);
    let issues = format!(r#"{{"1":{issue},"2":{{"number":2,"state":"open","assignee":null}}}}"#);
    let repo = format!(r#"{{"owner":"ann","name":"lab","contributors":[{ANN},{{"login":"bob"}}]}}"#);
    let repos = format!(r#"{{"items":[{repo},{{"owner":"bob","name":"den"}}]}}"#);
    let envelope = format!(r#"{{"repo":{repo}}}"#);
    let [issue, issues, repos, envelope] = [issue, issues, repos, envelope].map(|text| &*text.leak());
    let client = client([("/issues", issues), ("/issues/1", issue), ("/repos", repos), ("/repos/ann/lab", envelope)]);
    let (map, list) = (|| map_issues(&Default::default()), || list_repos(&Default::default()));
    client.fetch(map()).await.expect("the issues");
    client.fetch(get_issue(1)).await.expect("the issue");
    client.fetch(list()).await.expect("the repositories");
    client.fetch(get_repo("ann", "lab")).await.expect("the repository");
    let before = client.peek(&map()).expect("it is cached");

    // A boss is changed before the person around, whose login is changed, too.
    let rename = |person: &mut Person| person.login = format!("{}!", person.login);
    let layer = client.layer(Optimistic::new().change(PERSON.id("eve"), rename).change(PERSON.id("ann"), rename));
    let names = |person: &Person| (person.login.clone(), person.boss.as_ref().map(|boss| boss.login.clone()));
    let renamed = ("ann!".to_owned(), Some("eve!".to_owned()));
    let issues = client.peek(&map()).expect("it is cached");
    let watchers = issues["1"].watchers.as_ref().expect("watchers");
    assert_eq!(issues["1"].assignee.get().map(names).expect("an assignee"), renamed);
    assert_eq!((names(&watchers["a"]), watchers["b"].login.as_str()), (renamed.clone(), "bob"));
    assert!(Part::ptr_eq(&issues["2"], &before["2"]), "nothing changed there");
    let issue = client.peek(&get_issue(1)).expect("it is cached");
    assert_eq!(issue.assignee.get().map(names).expect("an assignee"), renamed);
    let repos = client.peek(&list()).expect("it is cached");
    assert_eq!(
        repos.items.get().and_then(|repos| repos[0].contributors.as_ref()).map(|all| names(&all[0])),
        Some(renamed)
    );
    layer.undo();

    let removed = Optimistic::new().remove(ISSUE.id(2)).remove(PERSON.id("bob")).remove(REPO.id(("bob", "den")));
    let topics = |repo: &mut Repo| repo.topics = Some(vec!["new".to_owned()]);
    let opened = |issue: &mut Issue| issue.person_id = larder::Nullable::Null;
    let more = removed.change(REPO.id(("ann", "lab")), topics).change(ISSUE.all(), opened);
    let layer = client.layer(more);
    let issues = client.peek(&map()).expect("it is cached");
    assert_eq!((issues.len(), issues["1"].watchers.as_ref().map(BTreeMap::len)), (1, Some(1)));
    assert!(issues["1"].person_id.is_null());
    let repos = client.peek(&list()).expect("it is cached");
    let [repo] = repos.items.get().expect("repositories").as_slice() else { panic!("one is left") };
    assert_eq!((repo.contributors.as_ref().map(Vec::len), repo.topics.is_some()), (Some(1), true));
    let envelope = client.peek(&get_repo("ann", "lab")).expect("it is cached");
    assert_eq!(envelope.repo.topics, Some(vec!["new".to_owned()]), "within its envelope as well");
    layer.undo();
    assert!(Arc::ptr_eq(&before, &client.peek(&map()).expect("it is cached")));
}
