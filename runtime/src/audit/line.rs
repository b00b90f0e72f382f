//! One line of the recording: a mutation, and the entries that were compared, in the form that `larder learn` reads.

use serde::Serialize;
use serde_json::Value as Json;

use super::auditor::Job;
use super::call::Call;

/// A line.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    mutation: Mutated<'a>,
    queries: Vec<Compared>,
}

#[derive(Serialize)]
struct Mutated<'a> {
    #[serde(flatten)]
    call: &'a Call,
    status: u16,
    ok: bool,
    response_body: &'a Json,
}

/// An entry that was compared.
#[derive(Serialize)]
pub(crate) struct Compared {
    #[serde(flatten)]
    pub(crate) call: Call,
    /// It had data before the mutation.
    pub(crate) cached: bool,
    pub(crate) changed: bool,
    /// `unchanged`, `changed` or `gone`.
    pub(crate) kind: &'static str,
    pub(crate) timestamps_only: bool,
    /// Places that differ, with `*` for each element.
    pub(crate) changed_paths: Vec<String>,
    /// The mutation invalidated it.
    pub(crate) invalidated: bool,
    /// Operations that may have changed it instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) also_possible: Vec<String>,
    pub(crate) response_before: Json,
    /// As before, where this is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response_after: Option<Json>,
}

impl Line<'_> {
    /// The line with its end.
    pub(crate) fn write(job: &Job, queries: Vec<Compared>) -> String {
        let mutation = Mutated { call: &job.call, status: job.status, ok: true, response_body: &job.response };
        // Maps with keys that are texts can always be written.
        let mut text = serde_json::to_string(&Line { mutation, queries }).unwrap_or_default();
        text.push('\n');
        text
    }
}
