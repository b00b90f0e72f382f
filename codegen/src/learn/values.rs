//! Where the values of a call come from: for each text the sources that hold it, with `*` for what is an instance.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::plan::Source;
use crate::plan::evaluate::{Call, text};
use crate::pointer::escape;
use crate::recording::Step;

/// Deeper than this nobody would look for an id.
const MAX_DEPTH: usize = 8;

/// A call has no more values than this that are looked at.
const MAX_VALUES: usize = 5_000;

/// What the traffic uses as ids. A member of an object that is called by one is an instance and no field.
pub(super) struct Instances(BTreeSet<String>);

impl Instances {
    pub(super) fn new(steps: &[Step]) -> Instances {
        let mut texts = BTreeSet::new();
        for step in steps {
            let calls = step.queries.iter().map(|query| &query.call).chain([&step.mutation.call]);
            for value in calls.flat_map(|call| call.path_params.values().chain(call.query.values())) {
                texts.extend(text(value));
            }
        }
        Instances(texts)
    }

    /// Whether a member's name is an instance's, which no rule may name.
    fn has(&self, key: &str) -> bool {
        let is_name = |character: char| character.is_alphanumeric() || "_-$@.".contains(character);
        let digits = key.chars().filter(char::is_ascii_digit).count();
        key.is_empty()
            || self.0.contains(key)
            || key.starts_with(|first: char| first.is_ascii_digit())
            || digits > 3
            || !key.chars().all(is_name)
    }
}

/// The sources of each text of a call, the surest first.
pub(super) fn sources(call: &Call, response: &Value, instances: &Instances) -> BTreeMap<String, Vec<Source>> {
    let mut found = Found { instances, sources: BTreeMap::new(), left: MAX_VALUES };
    for (name, value) in &call.path_params {
        found.parameter(value, &Source::Path { name: name.clone() });
    }
    for (name, value) in &call.query {
        found.parameter(value, &Source::Query { name: name.clone() });
    }
    found.walk(&call.body, String::new(), 0, &|pointer| Source::Body { pointer });
    found.walk(response, String::new(), 0, &|pointer| Source::Response { pointer });
    found.sources
}

struct Found<'i> {
    instances: &'i Instances,
    sources: BTreeMap<String, Vec<Source>>,
    left: usize,
}

impl Found<'_> {
    fn parameter(&mut self, value: &Value, source: &Source) {
        let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for text in several.iter().filter_map(text) {
            self.add(text, source.clone());
        }
    }

    fn walk(&mut self, value: &Value, pointer: String, depth: usize, source: &dyn Fn(String) -> Source) {
        if depth > MAX_DEPTH || self.left == 0 {
            return;
        }
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    let token = if self.instances.has(key) { "*".to_owned() } else { escape(key) };
                    self.walk(value, format!("{pointer}/{token}"), depth + 1, source);
                }
            }
            Value::Array(elements) => {
                for value in elements {
                    self.walk(value, format!("{pointer}/*"), depth + 1, source);
                }
            }
            scalar => {
                self.left -= 1;
                if let Some(text) = text(scalar) {
                    self.add(text, source(pointer));
                }
            }
        }
    }

    fn add(&mut self, text: String, source: Source) {
        let sources = self.sources.entry(text).or_default();
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
}

/// How far a source is from what anybody would write for this name; 0 is just that.
pub(super) fn distance(source: &Source, names: &[&str]) -> u32 {
    let (place, path) = match source {
        Source::Path { name } => (0, name.as_str()),
        Source::Query { name } | Source::Header { name } => (2, name.as_str()),
        Source::Body { pointer } => (1, pointer.as_str()),
        Source::Response { pointer } => (3, pointer.as_str()),
        Source::Value { .. } => return 0,
    };
    let tokens: Vec<&str> = path.split('/').filter(|token| !matches!(*token, "" | "*")).collect();
    let last = plain(tokens.last().copied().unwrap_or_default());
    let whole = plain(&tokens.concat());
    let fits = names.iter().map(|name| plain(name)).filter(|name| !name.is_empty()).map(|name| {
        if last == name || last == format!("{name}id") || last == format!("{name}name") {
            0
        } else if whole.contains(&name) || (last.len() > 3 && name.contains(&last)) {
            2
        } else if matches!(last.as_str(), "id" | "name" | "key" | "uuid" | "slug") {
            3
        } else {
            8
        }
    });
    let depth = u32::try_from(tokens.len().saturating_sub(1)).unwrap_or(u32::MAX);
    fits.min().unwrap_or(8) * 2 + place + depth.min(10)
}

fn plain(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
