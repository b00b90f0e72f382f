//! Where a change is shown: entries, lists, entities within entities.

use super::*;

const PAGE: &str = r#"{"items":[{"id":6,"title":"six"},{"id":7,"title":"a"}]}"#;

#[derive(Clone, serde::Deserialize)]
struct Author {
    id: i64,
    name: String,
}

#[derive(Clone, serde::Deserialize)]
struct Comment {
    text: String,
    author: Author,
    replies: Vec<Part<Comment>>,
    editor: Option<Author>,
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_an_entity_is_changed_wherever_it_is_cached() {
    let (client, server) = setup();
    let own = watched_with(&client, &server, post(7), A).await;
    let list = watched_with(&client, &server, posts_by(1), PAGE).await;
    let other = watched_with(&client, &server, post(6), r#"{"id":6,"title":"six"}"#).await;
    let before = seen(&list).data.unwrap();
    let layer = client.layer(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+x"));
    assert_eq!((title(&own), titles(&list)), ("a+x".to_owned(), vec!["six".to_owned(), "a+x".to_owned()]));
    let layers: Vec<usize> = client.inspect().entries.iter().map(|entry| entry.layers).collect();
    assert_eq!(layers, [1, 1, 0]);
    assert_eq!(title(&other), "six");
    let now = seen(&list).data.unwrap();
    assert!(Part::ptr_eq(&before.items[0], &now.items[0]), "what is not changed stays the same part");
    layer.undo();
    assert!(Arc::ptr_eq(&before, &seen(&list).data.unwrap()), "what was there is there again");
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_an_entity_is_put_into_the_lists_that_its_tag_reaches() {
    let (client, server) = setup();
    let mine = watched_with(&client, &server, posts_by(1), PAGE).await;
    let others = watched_with(&client, &server, posts_by(2), r#"{"items":[]}"#).await;
    let new = |id, title: &str| Post { id, title: title.to_owned() };
    let to_mine = || POST.list().with("author", 1);
    let mutating = client.mutate(
        changing(to_mine())
            .optimistic(Optimistic::new().insert(to_mine(), new(-1, "new")).insert_last(to_mine(), new(6, "again"))),
    );
    assert_eq!(titles(&mine), ["new", "six", "a"], "what is there is not put in again");
    assert_eq!(titles(&others), Vec::<String>::new());
    let second = client.layer(Optimistic::new().change(POST.id(-1), |post: &mut Post| post.title += "!"));
    assert_eq!(titles(&mine), ["new!", "six", "a"], "a later change finds it");
    second.undo();
    server.next().await.ok(json("{}"));
    mutating.await.unwrap();
    assert_eq!(titles(&mine), ["new", "six", "a"]);
    server.next().await.ok(json(r#"{"items":[{"id":8,"title":"new"},{"id":6,"title":"six"}]}"#));
    server.settled().await;
    assert_eq!(seen(&mine).data.unwrap().items[0].id, 8, "the server's id takes the place of the one that was made up");
    assert_eq!(titles(&mine), ["new", "six"]);
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_an_entity_leaves_its_lists_and_counts_for_tags_all_the_same() {
    let (client, server) = setup();
    let own = watched_with(&client, &server, post(7), A).await;
    let list = watched_with(&client, &server, posts_by(1), PAGE).await;
    let layer = client.layer(Optimistic::new().remove(POST.id(7)));
    assert_eq!((title(&own).as_str(), titles(&list)), ("a", vec!["six".to_owned()]));
    drop(client.invalidate(POST.id(7)));
    server.next().await.ok(json(B));
    server.next().await.ok(json(r#"{"items":[{"id":6,"title":"six"},{"id":7,"title":"b"}]}"#));
    assert_eq!(server.settled().await, 4, "what is hidden went stale as well");
    assert_eq!(titles(&list), ["six"]);
    layer.undo();
    assert_eq!(titles(&list), ["six", "b"], "and is new when it is seen again");
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_what_is_put_in_is_found_by_its_tags() {
    let (client, server) = setup();
    let list = watched_with(&client, &server, posts_by(1), PAGE).await;
    let layer = client.layer(Optimistic::new().insert(POST.list(), Post { id: 9, title: "nine".to_owned() }));
    assert_eq!(client.would_reach(POST.id(9)).len(), 1);
    layer.undo();
    assert!(client.would_reach(POST.id(9)).is_empty() && titles(&list) == ["six", "a"]);
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_one_query_is_changed_whatever_it_returns() {
    let (client, server) = setup();
    let about: Query<Json> = Query::new(Request::get("about", "/about"));
    let watcher = watched_with(&client, &server, about.clone(), "1").await;
    let shown = Optimistic::new().replace(&about, |about| *about = 2.into()).replace(&about, |about| {
        *about = (about.as_i64().unwrap() * 10).into();
    });
    let layer = client.layer(shown);
    assert_eq!(number(&watcher), 20);
    layer.undo();
    assert_eq!(number(&watcher), 1);
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_an_entry_that_is_made_later_shows_the_change_too() {
    let (client, server) = setup();
    let mutating = client.mutate(adding(7, "+x"));
    let asked = server.next().await;
    let list = watched_with(&client, &server, posts_by(1), PAGE).await;
    let fetching = tokio::spawn(client.fetch(post(7)));
    server.next().await.ok(json(A));
    assert_eq!(fetching.await.unwrap().unwrap().title, "a+x", "the caller that waited has it as well");
    assert_eq!(titles(&list), ["six", "a+x"]);
    client.set(&posts_by(2), Page { items: vec![Post { id: 7, title: "set".to_owned() }.into()] }).unwrap();
    assert_eq!(client.peek(&posts_by(2)).unwrap().items[0].title, "set+x");
    let late = client.watch(posts_by(3));
    let late_asked = server.next().await;
    asked.ok(json("{}"));
    mutating.await.unwrap();
    late_asked.ok(json(PAGE));
    server.settled().await;
    assert_eq!(titles(&late), ["six", "a+x"], "this began before the server had done it");
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_entities_within_entities_are_found_by_a_table() {
    fn comments(comments: &mut Vec<Part<Comment>>, held: &mut crate::Held<'_>) {
        held.parts(comments, |comment, held| {
            held.one(&mut comment.author, |author| USER.id(author.id));
            held.optional(&mut comment.editor, |author| USER.id(author.id));
            held.parts(&mut comment.replies, |reply, held| held.one(&mut reply.author, |author| USER.id(author.id)));
        });
    }
    let (client, server) = setup();
    let query = Query::<Vec<Part<Comment>>>::new(Request::get("comments", "/comments"))
        .provides_from(|comments| {
            let authors = comments.iter().flat_map(|comment| {
                let replies = comment.replies.iter().map(|reply| &reply.author);
                replies.chain([&comment.author]).chain(&comment.editor)
            });
            authors.map(|author| USER.id(author.id)).collect()
        })
        .holds(comments);
    let body = r#"[{"text":"one","author":{"id":1,"name":"Ada"},"replies":[],"editor":{"id":2,"name":"Bob"}},
        {"text":"two","author":{"id":3,"name":"Cy"},"editor":null,
         "replies":[{"text":"three","author":{"id":2,"name":"Bob"},"replies":[],"editor":null}]},
        {"text":"four","author":{"id":3,"name":"Cy"},"replies":[],"editor":null}]"#;
    let watcher = watched_with(&client, &server, query, body).await;
    let before = seen(&watcher).data.unwrap();
    let layer =
        client.layer(Optimistic::new().change(USER.id(2), |author: &mut Author| author.name = "Rob".to_owned()));
    let now = seen(&watcher).data.unwrap();
    assert_eq!(now[0].editor.as_ref().unwrap().name, "Rob");
    assert_eq!((now[0].author.name.as_str(), now[1].replies[0].author.name.as_str()), ("Ada", "Rob"));
    assert!(!Part::ptr_eq(&before[0], &now[0]) && Part::ptr_eq(&before[2], &now[2]) && now[2].text == "four");
    layer.undo();
    let nobody = client.layer(Optimistic::new().insert(USER.list(), now[0].author.clone()));
    assert!(Arc::ptr_eq(&before, &seen(&watcher).data.unwrap()), "this is no list of users");
    drop(nobody);
}

// B22, B6
#[tokio::test(start_paused = true)]
async fn b22_a_part_that_is_selected_is_a_part_of_what_is_shown() {
    let (client, server) = setup();
    let watcher = watched_with(&client, &server, posts_by(1), PAGE).await;
    let selected = watcher.select(|page: &Page| page.items.len());
    let layer = client.layer(Optimistic::new().remove(POST.id(7)));
    assert_eq!(*selected.snapshot().data.unwrap(), 1);
    layer.undo();
    assert_eq!(*selected.snapshot().data.unwrap(), 2);
}

// B22
#[tokio::test(start_paused = true)]
async fn b22_a_reference_is_not_the_entity() {
    let (client, server) = setup();
    let query = Query::<Post>::new(Request::get("referring", "/referring")).provides(POST.id(7).reference());
    let watcher = watched_with(&client, &server, query, A).await;
    let _layer = client.layer(Optimistic::new().change(POST.id(7), |post: &mut Post| post.title += "+x"));
    assert_eq!(title(&watcher), "a");
}
