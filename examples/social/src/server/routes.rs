//! What is answered at which path.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::extract::{Body, Ids, Params};
use super::gate::Gates;
use super::log::Log;
use super::model::{Comment, NewComment, NewPost, Post, PostPage, PostPatch, User, Visibility};
use super::problem::Problem;
use super::store::{Filter, Store};
use super::{BASE_PATH, check};

type Stored = State<Arc<Store>>;

/// What happens around every request.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub log: Arc<Log>,
    pub gates: Arc<Gates>,
}

/// The whole API.
pub(super) fn router(store: Arc<Store>, watch: Watch) -> Router {
    let api = Router::new()
        .route("/timeline", get(get_timeline))
        .route("/posts", get(list_posts).post(create_post))
        .route("/posts/{post_id}", get(get_post).patch(update_post).delete(delete_post))
        .route("/posts/{post_id}/favourite", post(favourite_post))
        .route("/posts/{post_id}/unfavourite", post(unfavourite_post))
        .route("/posts/{post_id}/comments", get(list_comments).post(create_comment))
        .route("/posts/{post_id}/comments/{comment_id}", delete(delete_comment))
        .route("/users", get(list_users))
        .route("/users/{user_id}", get(get_user));
    Router::new()
        .nest(BASE_PATH, api)
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(watch, watched))
        .with_state(store)
}

/// Notes the request; and if a gate is up for it, holds the finished answer back there.
async fn watched(State(watch): State<Watch>, request: Request, next: Next) -> Response {
    let method = request.method().as_str();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let number = watch.log.arrived(method, path);
    let passage = watch.gates.meet(method, path);
    let response = next.run(request).await;
    if let Some(passage) = passage {
        passage.pass().await;
    }
    watch.log.answered(number, response.status().as_u16());
    response
}

async fn no_such_path(request: Request) -> Problem {
    Problem::not_found(format!("there is nothing at {}", request.uri().path()))
}

async fn no_such_method(request: Request) -> Problem {
    Problem::wrong_method(format!("{} is not possible at {}", request.method(), request.uri().path()))
}

#[derive(Deserialize)]
struct TimelineParams {
    limit: Option<i64>,
}

async fn get_timeline(State(store): Stored, Params(params): Params<TimelineParams>) -> Result<Json<PostPage>, Problem> {
    store.posts(&Filter::default(), check::limit(params.limit)?).map(Json)
}

#[derive(Deserialize)]
struct ListParams {
    author_id: Option<i64>,
    visibility: Option<Visibility>,
    limit: Option<i64>,
}

async fn list_posts(State(store): Stored, Params(params): Params<ListParams>) -> Result<Json<PostPage>, Problem> {
    let filter = Filter { author_id: params.author_id, visibility: params.visibility };
    store.posts(&filter, check::limit(params.limit)?).map(Json)
}

async fn create_post(State(store): Stored, Body(new): Body<NewPost>) -> Result<(StatusCode, Json<Post>), Problem> {
    store.create_post(&new).map(created)
}

async fn get_post(State(store): Stored, Ids(post_id): Ids<i64>) -> Result<Json<Post>, Problem> {
    store.post(post_id).map(Json)
}

async fn update_post(
    State(store): Stored,
    Ids(post_id): Ids<i64>,
    Body(patch): Body<PostPatch>,
) -> Result<Json<Post>, Problem> {
    store.update_post(post_id, &patch).map(Json)
}

async fn delete_post(State(store): Stored, Ids(post_id): Ids<i64>) -> Result<StatusCode, Problem> {
    store.delete_post(post_id).map(nothing)
}

async fn favourite_post(State(store): Stored, Ids(post_id): Ids<i64>) -> Result<StatusCode, Problem> {
    store.set_favourite(post_id, true).map(nothing)
}

async fn unfavourite_post(State(store): Stored, Ids(post_id): Ids<i64>) -> Result<StatusCode, Problem> {
    store.set_favourite(post_id, false).map(nothing)
}

async fn list_comments(State(store): Stored, Ids(post_id): Ids<i64>) -> Result<Json<Vec<Comment>>, Problem> {
    store.comments(post_id).map(Json)
}

async fn create_comment(
    State(store): Stored,
    Ids(post_id): Ids<i64>,
    Body(new): Body<NewComment>,
) -> Result<(StatusCode, Json<Comment>), Problem> {
    store.create_comment(post_id, &new).map(created)
}

async fn delete_comment(
    State(store): Stored,
    Ids((post_id, comment_id)): Ids<(i64, i64)>,
) -> Result<StatusCode, Problem> {
    store.delete_comment(post_id, comment_id).map(nothing)
}

async fn list_users(State(store): Stored) -> Result<Json<Vec<User>>, Problem> {
    store.users().map(Json)
}

async fn get_user(State(store): Stored, Ids(user_id): Ids<i64>) -> Result<Json<User>, Problem> {
    store.user(user_id).map(Json)
}

fn created<T>(thing: T) -> (StatusCode, Json<T>) {
    (StatusCode::CREATED, Json(thing))
}

fn nothing((): ()) -> StatusCode {
    StatusCode::NO_CONTENT
}
