//! Tags: names for data that can go stale, and which tag reaches which.

mod constraints;
mod id;
mod name;
mod wire;

use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;

pub(crate) use self::constraints::{Constraints, List};
pub(crate) use self::id::{Id, scalar};
pub(crate) use self::name::Name;

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
        Tag::new(self.name.into(), Scope::Type)
    }

    /// The whole collection, `LIST{}`. Constraints are added with [`Tag::with`].
    pub fn list(self) -> Tag {
        Tag::new(self.name.into(), Scope::List(List::default()))
    }

    /// One entity. A tuple or an array of scalars is an id of several parts.
    ///
    /// A number and its text are the same id. When a part is absent or null, or is no scalar, there is no such entity:
    /// the tag names nothing, and disappears when it is collected into [`Tags`](crate::Tags).
    #[inline]
    pub fn id(self, id: impl Serialize) -> Tag {
        Tag::new(self.name.into(), id_scope(serde_json::to_value(id)))
    }
}

/// A name for data that can go stale. A query provides tags, a mutation invalidates them.
///
/// Tags are made from a [`TagType`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    tag_type: Name,
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
    List(List),
    Id(Id),
    /// A group that a server named. The tag's type is its origin.
    Group(Box<str>),
    /// An id that a call did not have. It reaches nothing and is dropped from every collection.
    Nothing,
}

impl Tag {
    fn new(tag_type: Name, scope: Scope) -> Tag {
        Tag { tag_type, scope, filtered: false, gone: false, reference: false }
    }

    pub(crate) fn of_type(name: Name) -> Tag {
        Tag::new(name, Scope::Type)
    }

    /// A group that a server of this origin named.
    pub(crate) fn of_group(origin: &str, group: String) -> Tag {
        Tag::new(origin.to_owned().into(), Scope::Group(group.into()))
    }

    pub(crate) fn of_id(name: Name, id: impl Serialize) -> Tag {
        Tag::new(name, id_scope(serde_json::to_value(id)))
    }

    /// Constrains a list: the tag speaks only of members whose field has this value, or one of these values when it is an
    /// array. What is absent, null, empty or no scalar constrains nothing. On a tag that is no list this does nothing.
    #[inline]
    #[must_use]
    pub fn with(self, constraint: &'static str, value: impl Serialize) -> Tag {
        self.constrained(constraint, serde_json::to_value(value))
    }

    fn constrained(self, name: &'static str, value: serde_json::Result<Json>) -> Tag {
        match value {
            Ok(value) => self.constrained_to(name, values_of(&value)),
            Err(_) => self,
        }
    }

    /// As [`with`](Self::with), for texts that are known to be values.
    pub(crate) fn constrained_to(mut self, name: &'static str, values: Vec<Box<str>>) -> Tag {
        if let Scope::List(list) = &mut self.scope {
            list.add(name.into(), values);
        }
        self
    }

    /// The same tag for the entity whose id has these parts.
    pub(crate) fn with_id(self, parts: Vec<Box<str>>) -> Tag {
        Tag { scope: Scope::Id(Id::of_parts(parts)), ..self }
    }

    /// On an invalidating list: reach only lists that name one of these constraints.
    #[must_use]
    pub fn filtered(mut self) -> Tag {
        self.filtered = !self.is_group();
        self
    }

    /// On an invalidating id: the entity no longer exists. Its own entry is dropped instead of refetched.
    #[must_use]
    pub fn gone(mut self) -> Tag {
        self.gone = !self.is_group();
        self
    }

    /// On a provided tag: the data only refers to this entity. On an invalidating tag: reach references too.
    #[must_use]
    pub fn reference(mut self) -> Tag {
        self.reference = !self.is_group();
        self
    }

    /// The name of the tag's type. Of a group that a server named (B38) it is the server's origin.
    pub fn type_name(&self) -> &str {
        self.tag_type.as_str()
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
            // A group is no thing of a type, whatever a type is called.
            (Scope::Type, Scope::Group(_)) => false,
            (Scope::Type, _) => true,
            (Scope::Group(group), Scope::Group(other)) => group == other,
            (Scope::Id(id), Scope::Id(other)) => id == other,
            (Scope::List(list), Scope::List(other)) => list.constraints().meets(other.constraints(), self.filtered),
            _ => false,
        }
    }

    pub(crate) fn name(&self) -> &Name {
        &self.tag_type
    }

    /// The tag with what matters for whom it reaches, and nothing else.
    pub(crate) fn into_logged(mut self) -> Tag {
        self.gone = false;
        self.filtered &= self.is_list();
        self
    }

    /// All invalidating tags, as [`into_logged`](Self::into_logged) leaves them, that reach this provided one; but those of
    /// lists.
    pub(crate) fn reachers(&self) -> Vec<Tag> {
        if self.is_group() {
            return vec![self.clone()];
        }
        let own = matches!(self.scope, Scope::Id(_)).then(|| self.scope.clone());
        // Who reaches references reaches what is more than one as well.
        let kinds: &[bool] = if self.reference { &[true] } else { &[false, true] };
        let scopes = [Some(Scope::Type), own].into_iter().flatten();
        let tags = scopes.map(|scope| Tag::new(self.tag_type.clone(), scope));
        tags.flat_map(|tag| kinds.iter().map(move |kind| Tag { reference: *kind, ..tag.clone() })).collect()
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether both are the same, as provided tags.
    pub(crate) fn is_same_provided(&self, other: &Tag) -> bool {
        self.reference == other.reference && self.scope == other.scope && self.tag_type == other.tag_type
    }

    /// The tag as a provided one: what only matters to an invalidation is taken off.
    pub(crate) fn into_provided(mut self) -> Tag {
        self.filtered = false;
        self.gone = false;
        self
    }

    /// The tag as it says what is meant, with nothing of what only matters to an invalidation, and of no references.
    pub(crate) fn into_plain(self) -> Tag {
        Tag { reference: false, ..self.into_provided() }
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.scope, Scope::List(_))
    }

    /// Whether a server named it, and no document.
    pub(crate) fn is_group(&self) -> bool {
        matches!(self.scope, Scope::Group(_))
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.scope, Scope::Nothing)
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

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Type => f.write_str(self.type_name())?,
            Scope::Nothing => write!(f, "{}:?", self.type_name())?,
            Scope::Id(id) => write!(f, "{}:{id}", self.type_name())?,
            Scope::Group(group) => write!(f, "group {group:?} of {}", self.type_name())?,
            Scope::List(list) => {
                write!(f, "{}:LIST{{", self.type_name())?;
                for (at, (name, values)) in list.constraints().iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{}={}", name.as_str(), values.join("|"))?;
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
    id.ok().and_then(Id::of).map_or(Scope::Nothing, Scope::Id)
}

fn values_of(value: &Json) -> Vec<Box<str>> {
    match value {
        // A set with a member that has no text is not known, and what is not known must not narrow.
        Json::Array(values) => values.iter().map(scalar).collect::<Option<_>>().unwrap_or_default(),
        value => scalar(value).into_iter().collect(),
    }
}

#[cfg(test)]
#[path = "tag_tests.rs"]
mod tests;
