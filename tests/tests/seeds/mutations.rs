//! Mutations, as kweri and RTK Query describe them: triggers, hooks, what is stale afterwards.

use std::sync::{Arc, Mutex};

use larder::{ClientHooks, Hooks, Target, Trigger, TriggerStatus};
use larder_tests::social::posts::{create_post, delete_post, favourite_post, get_post, list_posts, update_post};
use larder_tests::social::types::{ListPosts, NewPost, Post, PostPatch};

use super::{Outcome, asked, start, start_with};

#[tokio::test]
async fn a_basic_mutation() -> Outcome {
    let (server, client) = start().await;

    let new = NewPost { author_id: 1, content: "Hello".to_owned(), visibility: None, attachments: None };
    let post = client.mutate(create_post(&new)).await?;
    assert_eq!(post.content, "Hello");

    // Results are not cached, and calls at the same time are not one call.
    let (one, other) = (client.mutate(create_post(&new)), client.mutate(create_post(&new)));
    assert_ne!(one.await?.id, other.await?.id);
    assert_eq!(asked(&server), ["POST /posts"; 3]);
    Ok(())
}

#[tokio::test]
async fn the_trigger_and_its_state() -> Outcome {
    let (_server, client) = start().await;
    let patch = PostPatch { content: Some("A better name".to_owned()), ..PostPatch::default() };

    let save: Trigger<Post> = client.trigger();
    assert!(save.state().is_idle()); // It does not run by itself.

    drop(save.run(update_post(7, &patch))); // mutate: fire and forget
    assert!(save.state().is_pending()); // isLoading

    let post = save.run(update_post(7, &patch)).await?; // mutateAsync, unwrap
    let state = save.state();
    assert_eq!(state.status(), TriggerStatus::Success); // status, isSuccess
    assert_eq!(state.data().map(|data| data.id), Some(post.id)); // data
    assert_eq!(state.operation(), Some("updatePost")); // endpoint
    assert!(state.request().is_some()); // originalArgs

    save.reset();
    assert!(save.state().is_idle());
    Ok(())
}

#[tokio::test]
async fn a_trigger_that_failed() -> Outcome {
    let (_server, client) = start().await;
    let empty = NewPost { author_id: 1, content: String::new(), visibility: None, attachments: None };

    let create: Trigger<Post> = client.trigger();
    let refused = create.run(create_post(&empty)).await;
    let state = create.state();
    assert!(refused.is_err() && state.is_error());
    let message = state.error().map(|error| error.view().message.clone());

    assert!(message.is_some_and(|message| !message.is_empty()));
    Ok(())
}

#[tokio::test]
async fn several_places_show_one_mutation() -> Outcome {
    let (_server, client) = start().await;

    let (toolbar, dialog) = (client.trigger_as::<()>("favourite"), client.trigger_as::<()>("favourite"));
    toolbar.run(favourite_post(3)).await?;
    assert!(dialog.state().is_success());
    Ok(())
}

#[tokio::test]
async fn hooks_run_in_order_and_share_a_context() -> Outcome {
    let told: Arc<Mutex<Vec<&str>>> = Arc::default();
    let tell = |what: &'static str| {
        let told = told.clone();
        move || told.lock().expect("nobody panics").push(what)
    };
    let (before, worked, failed, settled) = (tell("before"), tell("worked"), tell("failed"), tell("settled"));
    let (_server, client) = start().await;

    let hooks = Hooks::new(move |_call| {
        before(); // onMutate: what it returns is the context
        42
    })
    .on_success(move |_post: &Post, context| {
        assert_eq!(*context, 42);
        worked();
    })
    .on_error(move |_error, _context| failed())
    .on_settled(move |_result, _context| settled());
    client.mutate(update_post(7, &PostPatch::default()).hooks(hooks)).await?;

    assert_eq!(*told.lock().expect("nobody panics"), ["before", "worked", "settled"]);
    Ok(())
}

#[tokio::test]
async fn hooks_of_all_mutations() -> Outcome {
    let failures: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = failures.clone();

    let (_server, client) = start_with(|builder| {
        builder.mutation_hooks(ClientHooks::new(|_call| ()).on_error(move |end, _| {
            heard.lock().expect("nobody panics").extend(end.error.as_ref().map(|error| error.view().message.clone()));
        }))
    })
    .await;
    let _ = client.mutate(delete_post(-1)).await;

    assert_eq!(failures.lock().expect("nobody panics").len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_else_is_stale_can_be_named_by_operation_and_path() -> Outcome {
    let (server, client) = start().await;
    let (mut posts, mut post) = (client.watch(list_posts(&ListPosts::default())), client.watch(get_post(1)));
    posts.ready().await?;
    post.ready().await?;
    asked(&server);

    client.invalidate(Target::operation("listPosts")).await; // invalidateQuery(getPosts)
    assert_eq!(asked(&server), ["GET /posts"]);
    client.invalidate(Target::path("/posts")).await; // invalidateByPath("/posts")
    assert_eq!(asked(&server), ["GET /posts", "GET /posts/1"]);
    Ok(())
}
