//! Tags: names for data that can go stale, and which tag reaches which.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;

/// The kind of thing that a tag names, such as `Post`.
///
/// ```
/// use larder::TagType;
///
/// const POST: TagType = TagType::new("Post");
/// assert_eq!(POST.id(42).to_string(), "Post:42");
/// assert_eq!(POST.id("42"), POST.id(42));
/// assert_eq!(POST.list().with("author_id", 5).to_string(), "Post:LIST{author_id=5}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagType {
    name: &'static str,
}

impl TagType {
    /// A tag type of this name.
    pub const fn new(name: &'static str) -> TagType {
        TagType { name }
    }

    /// The name it was made with.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The Type tag: everything of this type.
    pub fn all(self) -> Tag {
        Tag::new(Cow::Borrowed(self.name), Scope::Type)
    }

    /// The whole collection, `LIST{}`. Constraints are added with [`Tag::with`].
    pub fn list(self) -> Tag {
        Tag::new(Cow::Borrowed(self.name), Scope::List(Constraints::default()))
    }

    /// One entity. A tuple or an array of scalars is an id of several parts.
    ///
    /// A number and its text are the same id. When a part is absent or null, or is no scalar, there is no such entity:
    /// the tag names nothing, and disappears when it is collected into [`Tags`](crate::Tags).
    #[inline]
    pub fn id(self, id: impl Serialize) -> Tag {
        Tag::new(Cow::Borrowed(self.name), id_scope(serde_json::to_value(id)))
    }
}

/// A name for data that can go stale. A query provides tags, a mutation invalidates them.
///
/// Tags are made from a [`TagType`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    tag_type: Cow<'static, str>,
    scope: Scope,
    // After the scope, so that the full tag sorts before a reference to the same.
    reference: bool,
    filtered: bool,
    gone: bool,
}

/// What of its type a tag names. Variants of one enum, so that no id a server returns can collide with a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Scope {
    Type,
    List(Constraints),
    /// The parts of the id, joined so that different parts never give the same text.
    Id(Box<str>),
    /// An id that a call did not have. It reaches nothing and is dropped from every collection.
    Nothing,
}

/// The constraints of a list, sorted by name; each has a sorted set of values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Constraints(Vec<(Cow<'static, str>, Vec<Box<str>>)>);

impl Tag {
    fn new(tag_type: Cow<'static, str>, scope: Scope) -> Tag {
        Tag { tag_type, scope, filtered: false, gone: false, reference: false }
    }

    pub(crate) fn of_type(name: Cow<'static, str>) -> Tag {
        Tag::new(name, Scope::Type)
    }

    pub(crate) fn of_id(name: Cow<'static, str>, id: impl Serialize) -> Tag {
        Tag::new(name, id_scope(serde_json::to_value(id)))
    }

    /// Constrains a list: the tag speaks only of members whose field has this value, or one of these values when it is an
    /// array. What is absent, null, empty or no scalar constrains nothing. On a tag that is no list this does nothing.
    #[inline]
    #[must_use]
    pub fn with(self, constraint: &'static str, value: impl Serialize) -> Tag {
        self.constrained(constraint, serde_json::to_value(value))
    }

    fn constrained(mut self, name: &'static str, value: serde_json::Result<Json>) -> Tag {
        if let (Scope::List(constraints), Ok(value)) = (&mut self.scope, value) {
            constraints.add(Cow::Borrowed(name), values_of(&value));
        }
        self
    }

    /// As [`with`](Self::with), for texts that are known to be values.
    pub(crate) fn constrained_to(mut self, name: &'static str, values: Vec<Box<str>>) -> Tag {
        if let Scope::List(constraints) = &mut self.scope {
            constraints.add(Cow::Borrowed(name), values);
        }
        self
    }

    /// The same tag for the entity whose id has these parts.
    pub(crate) fn with_id(self, parts: Vec<Box<str>>) -> Tag {
        Tag { scope: Scope::Id(join_parts(parts)), ..self }
    }

    /// On an invalidating list: reach only lists that name one of these constraints.
    #[must_use]
    pub fn filtered(mut self) -> Tag {
        self.filtered = true;
        self
    }

    /// On an invalidating id: the entity no longer exists. Its own entry is dropped instead of refetched.
    #[must_use]
    pub fn gone(mut self) -> Tag {
        self.gone = true;
        self
    }

    /// On a provided tag: the data only refers to this entity. On an invalidating tag: reach references too.
    #[must_use]
    pub fn reference(mut self) -> Tag {
        self.reference = true;
        self
    }

    /// The name of the tag's type.
    pub fn type_name(&self) -> &str {
        &self.tag_type
    }

    /// Whether an invalidation of `self` reaches data that provides `provided`.
    ///
    /// ```
    /// # const POST: larder::TagType = larder::TagType::new("Post");
    /// let created = POST.list().with("author_id", 5);
    /// assert!(created.reaches(&POST.list()));
    /// assert!(created.reaches(&POST.list().with("author_id", 5)));
    /// assert!(!created.reaches(&POST.list().with("author_id", 6)));
    /// ```
    pub fn reaches(&self, provided: &Tag) -> bool {
        if self.tag_type != provided.tag_type || (provided.reference && !self.reference) {
            return false;
        }
        match (&self.scope, &provided.scope) {
            (Scope::Nothing, _) | (_, Scope::Nothing) => false,
            (Scope::Type, _) => true,
            (Scope::Id(id), Scope::Id(other)) => id == other,
            (Scope::List(constraints), Scope::List(other)) => constraints.meets(other, self.filtered),
            _ => false,
        }
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The tag as a provided one: what only matters to an invalidation is taken off.
    pub(crate) fn into_provided(mut self) -> Tag {
        self.filtered = false;
        self.gone = false;
        self
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.scope, Scope::List(_))
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.scope == Scope::Nothing
    }

    pub(crate) fn is_filtered(&self) -> bool {
        self.filtered
    }

    pub(crate) fn without_gone(mut self) -> Self {
        self.gone = false;
        self
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone && matches!(self.scope, Scope::Id(_))
    }

    pub(crate) fn is_reference(&self) -> bool {
        self.reference
    }
}

impl Constraints {
    /// Adds values to a constraint. Naming it twice widens it, which can only make a tag reach more.
    fn add(&mut self, name: Cow<'static, str>, values: Vec<Box<str>>) {
        if values.is_empty() {
            return;
        }
        let at = match self.0.binary_search_by(|(other, _)| other.cmp(&name)) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (name, Vec::new()));
                at
            }
        };
        let set = &mut self.0[at].1;
        set.extend(values);
        set.sort_unstable();
        set.dedup();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Cow<'static, str>, &[Box<str>])> {
        self.0.iter().map(|(name, values)| (name, values.as_slice()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[Box<str>]> {
        let at = self.0.binary_search_by(|(other, _)| other.as_ref().cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    pub(crate) fn names(&self) -> Vec<Cow<'static, str>> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// No constraint that both name has disjoint values; and when `filtered`, at least one is named by both.
    pub(crate) fn meets(&self, provided: &Constraints, filtered: bool) -> bool {
        let mut shared = false;
        for (name, values) in self.iter() {
            let Some(others) = provided.get(name) else { continue };
            shared = true;
            if values.iter().all(|value| others.binary_search(value).is_err()) {
                return false;
            }
        }
        shared || !filtered
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Type => f.write_str(&self.tag_type)?,
            Scope::Nothing => write!(f, "{}:?", self.tag_type)?,
            Scope::Id(id) => write!(f, "{}:{id}", self.tag_type)?,
            Scope::List(constraints) => {
                write!(f, "{}:LIST{{", self.tag_type)?;
                for (at, (name, values)) in constraints.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{name}={}", values.join("|"))?;
                }
                f.write_str("}")?;
            }
        }
        for (set, word) in [(self.filtered, "filtered"), (self.gone, "gone"), (self.reference, "reference")] {
            if set {
                write!(f, " {word}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

fn id_scope(id: serde_json::Result<Json>) -> Scope {
    let Ok(id) = id else { return Scope::Nothing };
    let parts: Option<Vec<Box<str>>> = match &id {
        Json::Array(parts) if !parts.is_empty() => parts.iter().map(scalar).collect(),
        Json::Array(_) => None,
        part => scalar(part).map(|part| vec![part]),
    };
    parts.map_or(Scope::Nothing, |parts| Scope::Id(join_parts(parts)))
}

/// Joins parts with `/`, escaped as in a JSON Pointer, so that `["a/b"]` and `["a", "b"]` stay different.
fn join_parts(mut parts: Vec<Box<str>>) -> Box<str> {
    for part in &mut parts {
        if part.contains(['~', '/']) {
            *part = part.replace('~', "~0").replace('/', "~1").into();
        }
    }
    if parts.len() == 1 { parts.swap_remove(0) } else { parts.join("/").into() }
}

fn values_of(value: &Json) -> Vec<Box<str>> {
    match value {
        // A set with a member that has no text is not known, and what is not known must not narrow.
        Json::Array(values) => values.iter().map(scalar).collect::<Option<_>>().unwrap_or_default(),
        value => scalar(value).into_iter().collect(),
    }
}

/// A scalar as text: what a path or a query string would say. `42`, `42.0` and `"42"` are the same.
pub(crate) fn scalar(value: &Json) -> Option<Box<str>> {
    match value {
        Json::String(text) => Some(text.as_str().into()),
        Json::Bool(value) => Some(value.to_string().into()),
        Json::Number(number) => Some(number_text(number).into()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn number_text(number: &serde_json::Number) -> String {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => (float as i64).to_string(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
#[path = "tag_tests.rs"]
mod tests;
