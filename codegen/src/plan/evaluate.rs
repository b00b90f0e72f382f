//! What a plan means for one call: its concrete tags, what reaches what, and what a write fills.
//!
//! This is the plan read as DESIGN.md tells it, from the JSON of a call and of its response. The generated code does the
//! same with types; tests hold the two together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Scope, Source, Tag, Write};
use crate::pointer::{escape, unescape};

/// A call of an operation with its args, as they are on the wire.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Call {
    /// The operation's id in the plan.
    pub operation_id: String,
    /// Path parameters by name.
    #[serde(default, deserialize_with = "or_none")]
    pub path_params: Map<String, Value>,
    /// Query parameters by name; one that is given several times is an array.
    #[serde(default, deserialize_with = "or_none")]
    pub query: Map<String, Value>,
    /// Headers that are parameters, by name.
    #[serde(default, deserialize_with = "or_none")]
    pub headers: Map<String, Value>,
    /// The body; `null` without one.
    #[serde(default)]
    pub body: Value,
}

/// A tag with the values that its sources had in one call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConcreteTag {
    /// Name of the tag type.
    pub tag_type: String,
    /// What of that type.
    pub scope: ConcreteScope,
    /// As in the plan's tag.
    pub reference: bool,
    /// As in the plan's tag.
    pub gone: bool,
}

/// A [`Scope`] with values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConcreteScope {
    /// Everything.
    Type,
    /// A collection.
    List {
        /// Each constraint that had a value, with all of its values.
        constraints: BTreeMap<String, BTreeSet<String>>,
        /// Only lists that name one of the constraints.
        filtered: bool,
    },
    /// One entity, by the parts of its id.
    Id(Vec<String>),
}

/// What a mutation's response puts into the entry of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled<'v> {
    /// The query.
    pub operation: String,
    /// Its args; one of them may have several values, of which each counts.
    pub args: BTreeMap<String, BTreeSet<String>>,
    /// What is put there; `None` when the response has no such place.
    pub value: Option<&'v Value>,
}

/// The concrete tags of a call, sorted, each once.
pub fn tags<'t>(planned: impl IntoIterator<Item = &'t Tag>, call: &Call, response: &Value) -> BTreeSet<ConcreteTag> {
    planned.into_iter().flat_map(|tag| concrete(tag, call, response)).collect()
}

/// What `write` puts where, after this call was answered with `response`.
pub fn filled<'v>(write: &Write, call: &Call, response: &'v Value) -> Filled<'v> {
    let texts = |source| values(source, call, response).into_iter().map(|found| found.text).collect();
    Filled {
        operation: write.operation.clone(),
        args: write.args.iter().map(|(name, source)| (name.clone(), texts(source))).collect(),
        value: walk(response, &write.pointer).into_iter().next().map(|(_, value)| value),
    }
}

impl ConcreteTag {
    /// Whether an invalidation of `self` reaches a query that provides `provided`.
    pub fn reaches(&self, provided: &ConcreteTag) -> bool {
        if self.tag_type != provided.tag_type || (provided.reference && !self.reference) {
            return false;
        }
        match (&self.scope, &provided.scope) {
            (ConcreteScope::Type, _) => true,
            (ConcreteScope::Id(id), ConcreteScope::Id(other)) => id == other,
            (ConcreteScope::List { constraints, filtered }, ConcreteScope::List { constraints: others, .. }) => {
                let mut shared = constraints.iter().filter_map(|(name, values)| Some((values, others.get(name)?)));
                let meets = shared.clone().all(|(values, others)| !values.is_disjoint(others));
                meets && (!filtered || shared.next().is_some())
            }
            _ => false,
        }
    }
}

/// As the runtime writes its tags: `Post:7`, `Post:LIST{author=5} filtered`.
impl fmt::Display for ConcreteTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag_type)?;
        let mut is_filtered = false;
        match &self.scope {
            ConcreteScope::Type => {}
            ConcreteScope::Id(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| escape(part)).collect();
                write!(f, ":{}", parts.join("/"))?;
            }
            ConcreteScope::List { constraints, filtered } => {
                is_filtered = *filtered;
                let values =
                    |values: &BTreeSet<String>| values.iter().map(String::as_str).collect::<Vec<_>>().join("|");
                let constraints = constraints.iter().map(|(name, each)| format!("{name}={}", values(each)));
                write!(f, ":LIST{{{}}}", constraints.collect::<Vec<_>>().join(", "))?;
            }
        }
        for (set, word) in [(is_filtered, "filtered"), (self.gone, "gone"), (self.reference, "reference")] {
            if set {
                write!(f, " {word}")?;
            }
        }
        Ok(())
    }
}

impl Filled<'_> {
    /// Whether it is the entry of this call that is filled.
    pub fn is_entry_of(&self, query: &Call) -> bool {
        let given: BTreeMap<&String, &Value> = query.query.iter().chain(&query.path_params).collect();
        let same = |(name, values): (&String, &BTreeSet<String>)| {
            let text = given.get(name).and_then(|value| text(value));
            text.is_some_and(|text| values.contains(&text))
        };
        self.operation == query.operation_id && self.args.len() == given.len() && self.args.iter().all(same)
    }
}

/// An element's position or a member's key.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step<'v> {
    Index(usize),
    Key(&'v str),
}

/// A value of a source, with the elements that were passed on the way.
struct Found<'v> {
    passed: Vec<Step<'v>>,
    text: String,
}

fn concrete(tag: &Tag, call: &Call, response: &Value) -> BTreeSet<ConcreteTag> {
    let scopes = match &tag.scope {
        Scope::Type {} => vec![ConcreteScope::Type],
        Scope::Id { id } => ids(id, call, response).into_iter().map(ConcreteScope::Id).collect(),
        Scope::List { list, filtered } => {
            let constraint = |(name, source): (&String, &Source)| {
                let texts: BTreeSet<String> =
                    values(source, call, response).into_iter().map(|found| found.text).collect();
                (!texts.is_empty()).then(|| (name.clone(), texts))
            };
            let constraints = list.iter().filter_map(constraint).collect();
            vec![ConcreteScope::List { constraints, filtered: *filtered }]
        }
    };
    let tagged =
        |scope| ConcreteTag { tag_type: tag.tag_type.clone(), scope, reference: tag.reference, gone: tag.gone };
    scopes.into_iter().map(tagged).collect()
}

/// Parts that were found in the same element belong together; one that is above all elements belongs to each.
fn ids(sources: &[Source], call: &Call, response: &Value) -> Vec<Vec<String>> {
    let mut rows: Vec<(Vec<Step<'_>>, Vec<String>)> = vec![(Vec::new(), Vec::new())];
    for source in sources {
        let found = values(source, call, response);
        let mut longer = Vec::new();
        for (passed, id) in &rows {
            for part in found.iter().filter(|part| passed.iter().zip(&part.passed).all(|(one, other)| one == other)) {
                let deepest = if part.passed.len() > passed.len() { &part.passed } else { passed };
                longer.push((deepest.clone(), [id.as_slice(), std::slice::from_ref(&part.text)].concat()));
            }
        }
        rows = longer;
    }
    rows.into_iter().map(|(_, id)| id).collect()
}

/// Every value of a source that has a text; an array of them is several values.
fn values<'v>(source: &'v Source, call: &'v Call, response: &'v Value) -> Vec<Found<'v>> {
    let parameter = |given: &'v Map<String, Value>, name: &String| given.get(name).map(|value| (Vec::new(), value));
    let places: Vec<_> = match source {
        Source::Path { name } => parameter(&call.path_params, name).into_iter().collect(),
        Source::Query { name } => parameter(&call.query, name).into_iter().collect(),
        Source::Header { name } => parameter(&call.headers, name).into_iter().collect(),
        Source::Body { pointer } => walk(&call.body, pointer),
        Source::Response { pointer } => walk(response, pointer),
        Source::Value { value } => return vec![Found { passed: Vec::new(), text: value.clone() }],
    };
    let mut found = Vec::new();
    for (passed, value) in places {
        match value {
            Value::Array(elements) => {
                let texts = elements.iter().enumerate().filter_map(|(at, element)| Some((at, text(element)?)));
                found.extend(texts.map(|(at, text)| Found { passed: with(&passed, Step::Index(at)), text }));
            }
            value => found.extend(text(value).map(|text| Found { passed, text })),
        }
    }
    found
}

/// Every place that `pointer` names, with the elements that its `*` passed.
fn walk<'v>(root: &'v Value, pointer: &str) -> Vec<(Vec<Step<'v>>, &'v Value)> {
    let mut places = vec![(Vec::new(), root)];
    for token in pointer.split('/').skip(1) {
        let token = unescape(token);
        let mut reached = Vec::new();
        for (passed, value) in places {
            match value {
                Value::Array(elements) if token == "*" => {
                    reached
                        .extend(elements.iter().enumerate().map(|(at, value)| (with(&passed, Step::Index(at)), value)));
                }
                Value::Object(members) if token == "*" => {
                    reached.extend(members.iter().map(|(key, value)| (with(&passed, Step::Key(key)), value)));
                }
                Value::Object(members) => reached.extend(members.get(&token).map(|value| (passed, value))),
                Value::Array(elements) => {
                    let element = token.parse::<usize>().ok().and_then(|at| elements.get(at));
                    reached.extend(element.map(|value| (passed, value)));
                }
                _ => {}
            }
        }
        places = reached;
    }
    places
}

fn with<'v>(passed: &[Step<'v>], step: Step<'v>) -> Vec<Step<'v>> {
    passed.iter().cloned().chain([step]).collect()
}

/// A value as it is in an id or a constraint; `None` for what cannot be one.
pub(crate) fn text(value: &Value) -> Option<String> {
    /// Above this, a double no longer tells one integer from the next.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => (float as i64).to_string(),
            _ => number.to_string(),
        }),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What was not sent may be written as `null`.
fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
#[path = "evaluate_tests.rs"]
mod tests;
