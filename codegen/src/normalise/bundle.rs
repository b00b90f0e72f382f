//! The document as it is read: one value, after overlays, with every file in it, in the form of the latest version.

use std::collections::{HashMap, HashSet, VecDeque};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::Spec;
use crate::diagnostic::Diagnostic;
use crate::load::{Kind, NodeId};
use crate::pointer::escape;

/// Values that are written out at most: aliases and parts of other files are copied to each place that names them.
const MAX_VALUES: usize = 2_000_000;

/// Deeper nesting, as aliases and references to files can make it, is refused.
const MAX_DEPTH: usize = 1_000;

/// What a reference may stand for, and where that has its place in `components`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    PathItem,
    Parameter,
    Response,
    RequestBody,
    Header,
    Example,
    Link,
    Callback,
    SecurityScheme,
    MediaType,
    Schema,
    /// An example or a default: whatever it holds refers to nothing.
    Data,
}

impl Part {
    /// The key in `components`.
    fn place(self) -> &'static str {
        match self {
            Part::PathItem => "pathItems",
            Part::Parameter => "parameters",
            Part::Response => "responses",
            Part::RequestBody => "requestBodies",
            Part::Header => "headers",
            Part::Example => "examples",
            Part::Link => "links",
            Part::Callback => "callbacks",
            Part::SecurityScheme => "securitySchemes",
            Part::MediaType => "mediaTypes",
            Part::Schema | Part::Data => "schemas",
        }
    }

    /// What stands below a key, and whether it stands there under names that somebody chose.
    fn below(key: &str) -> (Part, bool) {
        match key {
            "paths" | "webhooks" | "pathItems" => (Part::PathItem, true),
            "parameters" => (Part::Parameter, true),
            "responses" => (Part::Response, true),
            "requestBody" => (Part::RequestBody, false),
            "requestBodies" => (Part::RequestBody, true),
            "headers" => (Part::Header, true),
            "examples" => (Part::Example, true),
            "links" => (Part::Link, true),
            "callbacks" => (Part::Callback, true),
            "securitySchemes" => (Part::SecurityScheme, true),
            "content" | "mediaTypes" => (Part::MediaType, true),
            "properties" | "patternProperties" | "dependentSchemas" | "schemas" | "definitions" | "$defs" => {
                (Part::Schema, true)
            }
            "example" | "default" | "const" | "enum" | "value" => (Part::Data, false),
            key if key.starts_with("x-") => (Part::Data, false),
            _ => (Part::Schema, false),
        }
    }
}

/// Every place in `components`.
const PLACES: [Part; 11] = [
    Part::PathItem,
    Part::Parameter,
    Part::Response,
    Part::RequestBody,
    Part::Header,
    Part::Example,
    Part::Link,
    Part::Callback,
    Part::SecurityScheme,
    Part::MediaType,
    Part::Schema,
];

impl Spec<'_> {
    /// The whole document as one value. What stands in other files is brought into `components`; path items come to
    /// the place where they are referred to.
    ///
    /// # Errors
    /// When it would be too large to be written out.
    pub(crate) fn bundle(&self) -> Result<Value, Diagnostic> {
        let mut bundler = Bundler {
            spec: self,
            names: self.component_names(),
            homes: HashMap::new(),
            taken: HashSet::new(),
            waiting: VecDeque::new(),
            budget: MAX_VALUES,
        };
        bundler.own_components();
        let mut root = bundler.value(self.document.root(), Part::Schema, 0)?;
        while let Some((node, part, name)) = bundler.waiting.pop_front() {
            let value = bundler.value(node, part, 0)?;
            let Some(members) = root.as_object_mut() else { break };
            let components = members.entry("components").or_insert_with(|| json!({}));
            let place =
                components.as_object_mut().map(|members| members.entry(part.place()).or_insert_with(|| json!({})));
            if let Some(place) = place.and_then(Value::as_object_mut) {
                place.insert(name, value);
            }
        }
        // Of Swagger 2.0, where schemas were; they are components now.
        if let Some(members) = root.as_object_mut() {
            members.shift_remove("definitions");
        }
        Ok(root)
    }
}

struct Bundler<'s, 'd> {
    spec: &'s Spec<'d>,
    names: HashMap<NodeId, String>,
    /// What is in `components`: kind and name.
    homes: HashMap<NodeId, (&'static str, String)>,
    taken: HashSet<(&'static str, String)>,
    /// What is still to be brought there.
    waiting: VecDeque<(NodeId, Part, String)>,
    budget: usize,
}

impl Bundler<'_, '_> {
    /// The components that the root document has already.
    fn own_components(&mut self) {
        let document = self.spec.document;
        let Some(components) = document.get(document.root(), "components") else { return };
        for kind in PLACES.map(Part::place) {
            for (name, node) in document.members(components, kind) {
                self.taken.insert((kind, name.to_owned()));
                self.homes.insert(node, (kind, name.to_owned()));
            }
        }
    }

    /// The value at `node`, which is such a part.
    fn value(&mut self, node: NodeId, part: Part, depth: usize) -> Result<Value, Diagnostic> {
        let document = self.spec.document;
        if self.budget == 0 || depth > MAX_DEPTH {
            return Err(Diagnostic::error("the document is too large to be written out as one")
                .at(document.span(node))
                .help("look for aliases within aliases, or for files that bring each other in"));
        }
        self.budget -= 1;
        let members = match document.kind(node) {
            Kind::Null => return Ok(Value::Null),
            Kind::Bool(flag) => return Ok(json!(flag)),
            Kind::Number(number) => return Ok(Value::Number(number.clone())),
            Kind::String(text) => return Ok(json!(text)),
            Kind::Array(elements) => {
                let elements = elements.iter().map(|element| self.value(*element, part, depth + 1));
                return elements.collect::<Result<_, _>>().map(Value::Array);
            }
            Kind::Object(members) => members,
        };
        if part == Part::Data {
            return self.members(members, |_| Part::Data, depth);
        }
        if let Some(value) = self.reference(node, part, members, depth)? {
            return Ok(value);
        }
        let mut value = Map::new();
        for (key, child) in members {
            let (part, named) = Part::below(key);
            let child = match document.object(*child) {
                Some(targets) if key == "mapping" && members.contains_key("propertyName") => self.mapping(targets),
                Some(children) if named => self.members(children, |_| part, depth + 1)?,
                // The examples of a schema are a list, and data.
                None if part == Part::Example => self.value(*child, Part::Data, depth + 1)?,
                _ => self.value(*child, part, depth + 1)?,
            };
            value.insert(key.clone(), child);
        }
        Ok(Value::Object(value))
    }

    fn members(
        &mut self,
        members: &IndexMap<String, NodeId>,
        part: impl Fn(&str) -> Part,
        depth: usize,
    ) -> Result<Value, Diagnostic> {
        let mut value = Map::new();
        for (key, child) in members {
            value.insert(key.clone(), self.value(*child, part(key), depth + 1)?);
        }
        Ok(Value::Object(value))
    }

    /// An object with a `$ref` that the root document could not follow by itself, or that names a component.
    fn reference(
        &mut self,
        node: NodeId,
        part: Part,
        members: &IndexMap<String, NodeId>,
        depth: usize,
    ) -> Result<Option<Value>, Diagnostic> {
        let document = self.spec.document;
        let Some(reference) = document.str_at(node, "$ref") else { return Ok(None) };
        let Ok(Some(named)) = document.target(node) else { return Ok(None) };
        let is_local = document.span(node).file == 0
            && reference.starts_with("#/")
            && !reference.starts_with("#/definitions/")
            && document.span(named.node).file == 0;
        if is_local {
            return Ok(None);
        }
        if part == Part::PathItem {
            let Ok(item) = document.resolve(node, |_, _| {}) else { return Ok(None) };
            return self.value(item, part, depth + 1).map(Some);
        }
        let pointer = self.home(named.node, part, reference);
        let own = |key: &str| if key == "$ref" { Part::Data } else { Part::below(key).0 };
        let mut value = self.members(members, own, depth)?;
        if let Some(members) = value.as_object_mut() {
            members.insert("$ref".to_owned(), json!(pointer));
        }
        Ok(Some(value))
    }

    fn mapping(&mut self, targets: &IndexMap<String, NodeId>) -> Value {
        let document = self.spec.document;
        let targets = targets.iter().map(|(value, target)| {
            let text = document.str(*target).unwrap_or_default();
            let is_file = text.contains(['.', '/', '#']);
            let named = is_file.then(|| document.named(*target, text).ok()).flatten();
            let target = named.map_or_else(|| text.to_owned(), |named| self.home(named.node, Part::Schema, text));
            (value.clone(), json!(target))
        });
        Value::Object(targets.collect())
    }

    /// The reference to what has its place in `components`, and is given one if it has none.
    fn home(&mut self, node: NodeId, part: Part, reference: &str) -> String {
        if !self.homes.contains_key(&node) {
            let kind = part.place();
            let given = self.names.get(&node).cloned().or_else(|| self.spec.given_name(node, reference));
            let wanted = given.unwrap_or_else(|| "Part".to_owned());
            let wanted: String =
                wanted.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
            let mut name = wanted.clone();
            let mut count = 1;
            while !self.taken.insert((kind, name.clone())) {
                count += 1;
                name = format!("{wanted}{count}");
            }
            self.homes.insert(node, (kind, name.clone()));
            self.waiting.push_back((node, part, name));
        }
        self.homes.get(&node).map(|(kind, name)| pointer(kind, name)).unwrap_or_default()
    }
}

fn pointer(kind: &str, name: &str) -> String {
    format!("#/components/{kind}/{}", escape(name))
}
