//! What `larder::Recorder` keeps, an exchange a line, read as steps: what each query answered before and after a mutation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{RecordedMutation, RecordedQuery, Step};
use crate::plan::evaluate::Call;

/// A request and its response.
#[derive(Debug, Deserialize)]
pub(super) struct Exchange {
    #[serde(flatten)]
    call: Call,
    kind: Kind,
    method: String,
    path_template: String,
    /// In microseconds since the recording's start.
    #[serde(default)]
    began_at: u64,
    #[serde(default)]
    ended_at: u64,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    response_body: Value,
    #[serde(default)]
    response_left_out: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Query,
    Mutation,
}

/// The steps of a recording. What was asked before and after one mutation, with no other beside it, tells what that one changed;
/// the rest tells nothing, and is left out.
pub(super) fn steps(exchanges: &[Exchange]) -> Vec<Step> {
    let mut queries: BTreeMap<String, Vec<(usize, &Exchange)>> = BTreeMap::new();
    for (at, exchange) in exchanges.iter().enumerate().filter(|(_, exchange)| exchange.kind == Kind::Query) {
        queries.entry(exchange.key()).or_default().push((at, exchange));
    }
    let mutations = exchanges.iter().enumerate().filter(|(_, exchange)| exchange.kind == Kind::Mutation);
    let mutations: Vec<(usize, &Exchange)> = mutations.collect();
    let step = |(at, mutation): &(usize, &Exchange)| {
        let found = queries.values().filter_map(|asked| query(asked, *at, mutation, &mutations));
        let queries: Vec<RecordedQuery> = found.collect();
        (!queries.is_empty()).then(|| Step { mutation: mutation.mutation(), queries })
    };
    mutations.iter().filter_map(step).collect()
}

/// What a query answered before and after a mutation, if both are known and nobody else can have changed it in between.
fn query(
    asked: &[(usize, &Exchange)],
    at: usize,
    mutation: &Exchange,
    mutations: &[(usize, &Exchange)],
) -> Option<RecordedQuery> {
    // Exchanges are in the order in which they ended.
    let is_before = |(index, query): &&(usize, &Exchange)| *index < at && query.ended_at <= mutation.began_at;
    let is_after = |(index, query): &&(usize, &Exchange)| at < *index && mutation.ended_at <= query.began_at;
    let (first, before) = asked.iter().rfind(is_before)?;
    let (last, after) = asked.iter().find(is_after)?;
    if !before.has_data() || !(after.has_data() || after.is_gone()) {
        return None;
    }
    let meanwhile = |(index, other): &(usize, &Exchange)| {
        let overlaps = before.began_at < other.ended_at && other.began_at < after.ended_at;
        *index != at && ((first < index && index < last) || overlaps)
    };
    if mutations.iter().any(meanwhile) {
        return None;
    }
    let response_after = if after.is_gone() { Value::Null } else { after.response_body.clone() };
    Some(RecordedQuery {
        call: before.call.clone(),
        url: Some(format!("{} {}", before.method, before.path_template)),
        status_before: before.status,
        response_before: before.response_body.clone(),
        changed: before.response_body != response_after,
        response_after: Some(response_after),
        cached: true,
        also_possible: Vec::new(),
    })
}

impl Exchange {
    /// What tells one call from another.
    fn key(&self) -> String {
        let Call { operation_id, path_params, query, body, .. } = &self.call;
        let sorted = |members: &serde_json::Map<String, Value>| -> BTreeMap<String, Value> {
            members.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        serde_json::json!([operation_id, sorted(path_params), sorted(query), body]).to_string()
    }

    fn has_data(&self) -> bool {
        !self.response_left_out && self.status.is_some_and(|status| (200..300).contains(&status))
    }

    fn is_gone(&self) -> bool {
        matches!(self.status, Some(404 | 410))
    }

    fn mutation(&self) -> RecordedMutation {
        let Exchange { call, status, response_body, .. } = self;
        RecordedMutation { call: call.clone(), status: *status, response_body: response_body.clone(), ok: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(lines: &[(&str, &str, u64, u64, u16, &str)]) -> Vec<Step> {
        let exchange = |(kind, id, began_at, ended_at, status, body): &(&str, &str, u64, u64, u16, &str)| Exchange {
            call: Call { operation_id: (*id).to_owned(), ..Call::default() },
            kind: if *kind == "q" { Kind::Query } else { Kind::Mutation },
            method: "GET".to_owned(),
            path_template: "/".to_owned(),
            began_at: *began_at,
            ended_at: *ended_at,
            status: Some(*status),
            response_body: Value::String((*body).to_owned()),
            response_left_out: false,
        };
        steps(&lines.iter().map(exchange).collect::<Vec<_>>())
    }

    #[test]
    fn only_what_one_mutation_alone_can_have_changed_is_told() {
        let steps = recorded(&[
            ("q", "list", 0, 1, 200, "a"),
            ("q", "other", 0, 1, 200, "a"),
            ("q", "gone", 0, 1, 200, "a"),
            ("m", "change", 2, 3, 200, ""),
            ("q", "list", 4, 5, 200, "b"),
            ("q", "gone", 4, 5, 404, "no"),
            ("m", "again", 6, 8, 204, ""),
            // Began before the mutation had ended: nobody knows which it saw.
            ("q", "list", 7, 9, 200, "c"),
            ("q", "other", 10, 11, 200, "a"),
        ]);
        let told: Vec<_> = steps
            .iter()
            .map(|step| {
                let queries = step.queries.iter().map(|query| (query.call.operation_id.as_str(), query.changed));
                (step.mutation.call.operation_id.as_str(), queries.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(told, [("change", vec![("gone", true), ("list", true)])]);
        assert_eq!(steps[0].queries[0].after(), &Value::Null);
    }
}
