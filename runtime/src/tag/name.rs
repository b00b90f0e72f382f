//! Names of tag types and of constraints.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A name, nearly always a constant. It takes no more room than a `&str`: tags are held by the million.
#[derive(Clone)]
pub(crate) enum Name {
    Constant(&'static str),
    /// Boxed once more than needed, to leave room for telling it from a constant.
    Owned(Box<Cow<'static, str>>),
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Name::Constant(name) => name,
            Name::Owned(name) => name,
        }
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Name {
        Name::Constant(name)
    }
}

impl From<String> for Name {
    fn from(name: String) -> Name {
        Name::Owned(Box::new(Cow::Owned(name)))
    }
}

/// Names are looked up as texts, so they are hashed and compared as such.
impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
