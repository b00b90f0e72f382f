//! Parameters of which the order does not matter.

use std::hash::{Hash, Hasher};

use percent_encoding::percent_decode_str;

/// Written parameters, held by name: equal ones are equal whatever order they were set in (B1). They are sent in that order.
#[derive(Clone)]
pub(super) struct Parameters(Vec<Parameter>);

#[derive(Clone)]
struct Parameter {
    name: &'static str,
    /// Name and value, as the style writes them.
    text: Box<str>,
    /// How many were set before.
    place: usize,
}

impl Parameters {
    pub(super) const NONE: Parameters = Parameters(Vec::new());

    /// Adds a parameter. Of one name the earlier stays before the later.
    pub(super) fn add(&mut self, name: &'static str, text: String) {
        let at = self.0.partition_point(|other| other.name <= name);
        self.0.reserve_exact(1);
        self.0.insert(at, Parameter { name, text: text.into(), place: self.0.len() });
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|parameter| parameter.name)
    }

    /// Names and texts in the order in which they were set.
    pub(super) fn named(&self) -> impl Iterator<Item = [&str; 2]> {
        let mut parameters: Vec<&Parameter> = self.0.iter().collect();
        parameters.sort_unstable_by_key(|parameter| parameter.place);
        parameters.into_iter().map(|parameter| [parameter.name, &*parameter.text])
    }

    /// A query string as it is.
    pub(super) fn raw(query: &str) -> Parameters {
        Parameters(vec![Parameter { name: "", text: query.into(), place: 0 }])
    }

    /// Takes a parameter out, and gives back its value.
    pub(super) fn take(&mut self, name: &str) -> Option<Box<str>> {
        let at = self.0.iter().position(|parameter| parameter.name == name)?;
        let Parameter { text, place, .. } = self.0.remove(at);
        self.0.iter_mut().filter(|other| place < other.place).for_each(|other| other.place -= 1);
        let value = text.split_once('=').map_or("", |(_, value)| value);
        Some(percent_decode_str(value).decode_utf8_lossy().into())
    }

    /// The texts in the order in which they were set.
    pub(super) fn as_given(&self) -> Vec<&str> {
        let mut parameters: Vec<&Parameter> = self.0.iter().collect();
        parameters.sort_unstable_by_key(|parameter| parameter.place);
        parameters.into_iter().map(|parameter| &*parameter.text).collect()
    }
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters::NONE
    }
}

impl PartialEq for Parameters {
    fn eq(&self, other: &Parameters) -> bool {
        let pair = |one: &Parameter, other: &Parameter| one.name == other.name && one.text == other.text;
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(one, other)| pair(one, other))
    }
}

impl Hash for Parameters {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|parameter| parameter.text.hash(state));
    }
}
