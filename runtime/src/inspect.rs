//! What a call means to the cache, without a client: for tests that hold generated code and its plan together.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::event::CallRef;
use crate::mutation::{Mutation, MutationDefaults, ReadResult};
use crate::query::Query;
use crate::response::RawResponse;
use crate::tags::Tags;

/// What a mutation does to the cache.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The tags that it invalidates.
    pub invalidates: Tags,
    /// The entries that its response fills.
    pub writes: Vec<CallRef>,
}

/// The tags that `query` provides when it is answered so.
///
/// # Errors
/// When the answer cannot be read, in words.
pub fn provides<T: Send + Sync + 'static>(query: Query<T>, status: u16, body: &[u8]) -> Result<Tags, String> {
    let (plan, response) = (query.into_plan(), response(status, body)?);
    let (value, _) = plan.reader.decode(&response, None).map_err(|failure| failure.detail)?;
    Ok(plan.tags.iter().cloned().chain(plan.reader.tags(&value, &response)).collect())
}

/// What `mutation` does when it is answered so.
///
/// # Errors
/// When the answer cannot be read, in words.
pub fn effect<T: Send + 'static>(mutation: Mutation<T>, status: u16, body: &[u8]) -> Result<Effect, String> {
    let (plan, response) = (mutation.into_plan(&Arc::default(), &MutationDefaults::default()), response(status, body)?);
    let read = plan.reader.read(&response).map_err(|_| "reading the answer panicked".to_owned())?;
    let ReadResult { tags, writes, panicked, .. } = read.map_err(|failure| failure.detail)?;
    if panicked {
        return Err("a function that names tags panicked".to_owned());
    }
    let writes = plan.writes.iter().chain(&writes).map(|query| CallRef::new(0, &query.request)).collect();
    Ok(Effect { invalidates: plan.tags.into_iter().chain(tags).collect(), writes })
}

fn response(status: u16, body: &[u8]) -> Result<RawResponse, String> {
    let status = StatusCode::from_u16(status).map_err(|error| error.to_string())?;
    Ok(RawResponse { status, headers: Arc::new(HeaderMap::new()), body: Bytes::copy_from_slice(body) })
}
