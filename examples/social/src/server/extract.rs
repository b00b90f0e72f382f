//! Reading requests so that whatever is wrong with one is answered with a [`Problem`].

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::problem::Problem;

/// The ids in the path. Text that is no id names nothing, so the answer is 404.
pub(super) struct Ids<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(ids)) => Ok(Self(ids)),
            Err(_) => Err(Problem::not_found(format!("{} is not the place of anything", parts.uri.path()))),
        }
    }
}

/// The query parameters.
pub(super) struct Params<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::invalid(rejection.body_text())),
        }
    }
}

/// The body, which has to be a JSON object: serde would take an array for a struct, too.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| Problem::invalid(rejection.body_text()))?;
        serde_json::from_slice::<Map<String, Value>>(&bytes)
            .and_then(|object| serde_json::from_value(Value::Object(object)))
            .map(Self)
            .map_err(|error| Problem::invalid(format!("the body is not what it should be: {error}")))
    }
}
