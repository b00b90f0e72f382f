//! What is kept of a mutation: what it sends, and what it makes stale. The type of its result is not.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::MAX_RECORD;
use crate::core::Turn;
use crate::enhance::Enhancements;
use crate::mutation::{Mutation, MutationDefaults, MutationPlan};
use crate::platform::SystemTime;
use crate::request::Request;
use crate::tag::Tag;
use crate::tags::Tags;

/// The only version there is.
const VERSION: u64 = 1;

/// A mutation that was kept.
pub(crate) struct Record {
    /// Its place among the others.
    pub(crate) place: u64,
    pub(crate) scope: Option<Arc<str>>,
    pub(crate) started_at: SystemTime,
    request: Request,
    tags: Tags,
    tags_when_refused: Tags,
}

impl Record {
    /// What a record says of a mutation, but for its place; or why it cannot be kept. Runs user code, guarded.
    pub(crate) fn of(plan: &MutationPlan, started_at: SystemTime) -> Result<Json, String> {
        let request = plan.request.to_kept()?;
        let (mut tags, mut tags_when_refused) = (Tags::none(), Tags::none());
        if plan.invalidation {
            // There will be no result to read tags from, and nothing to decode it for an entry.
            tags = plan.tags.clone();
            tags.extend(plan.reader.tags_without_result().0);
            tags.extend(plan.writes.iter().flat_map(|written| written.tags.iter().cloned()));
            tags_when_refused = plan.tags_when_refused.clone();
        }
        let json = |tags: &Tags| tags.iter().filter_map(Tag::to_json).collect::<Vec<_>>();
        let started_at = started_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Ok(json!({
            "larder": VERSION,
            "scope": plan.turn.scope.as_deref(),
            "started_at": u64::try_from(started_at.as_millis()).unwrap_or(u64::MAX),
            "request": request,
            "invalidates": json(&tags),
            "invalidates_when_refused": json(&tags_when_refused),
        }))
    }

    /// The record as it is written, or why it is not.
    pub(crate) fn written(mut record: Json, place: u64) -> Result<Bytes, String> {
        record["place"] = place.into();
        let written = record.to_string();
        if MAX_RECORD < written.len() {
            return Err(format!("it is larger than {MAX_RECORD} bytes"));
        }
        Ok(written.into())
    }

    /// The record that was written, or why it is none.
    pub(crate) fn read(written: &[u8]) -> Result<Record, String> {
        if MAX_RECORD < written.len() {
            return Err(format!("it is larger than {MAX_RECORD} bytes"));
        }
        let record: Json = serde_json::from_slice(written).map_err(|_| "it is no JSON".to_owned())?;
        match record.get("larder").and_then(Json::as_u64) {
            Some(VERSION) => Record::of_json(&record).ok_or_else(|| "it is not complete".to_owned()),
            Some(version) => Err(format!("it is of version {version}, and this client reads version {VERSION}")),
            None => Err("it does not say its version".to_owned()),
        }
    }

    fn of_json(record: &Json) -> Option<Record> {
        let tags = |name: &str| record.get(name)?.as_array()?.iter().map(Tag::from_json).collect::<Option<Vec<Tag>>>();
        let started_at = Duration::from_millis(record.get("started_at")?.as_u64()?);
        Some(Record {
            place: record.get("place")?.as_u64()?,
            scope: match record.get("scope")? {
                Json::Null => None,
                scope => Some(scope.as_str()?.into()),
            },
            started_at: SystemTime::UNIX_EPOCH.checked_add(started_at)?,
            request: Request::from_kept(record.get("request")?)?,
            tags: tags("invalidates")?.into(),
            tags_when_refused: tags("invalidates_when_refused")?.into(),
        })
    }

    /// The mutation, whose result nobody reads any more.
    pub(crate) fn into_plan(self, enhancements: &Arc<Enhancements>, defaults: &MutationDefaults) -> MutationPlan {
        let mutation =
            Mutation::empty(self.request).invalidates(self.tags).invalidates_when_refused(self.tags_when_refused);
        let turn = Turn { scope: self.scope, waits_offline: true, resumed: Some(self.place) };
        MutationPlan { turn, ..mutation.into_plan(enhancements, defaults) }
    }
}
