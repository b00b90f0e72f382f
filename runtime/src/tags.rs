//! A list of tags, and all that can be turned into one.

use serde::Serialize;

use crate::tag::{Tag, TagType};

/// A list of tags. Tags that name nothing, such as the id of something absent, are not in it.
///
/// ```
/// use larder::{Tags, TagType};
///
/// const POST: TagType = TagType::new("Post");
/// assert_eq!(Tags::from("Post"), Tags::from(POST.all()));
/// assert_eq!(Tags::from(("Post", 42)), Tags::from(POST.id("42")));
/// assert!(Tags::from(POST.id(None::<i64>)).is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// No tags.
    pub const fn none() -> Tags {
        Tags(Vec::new())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The tags, in the order they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Tag> {
        self.0.iter()
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    pub(crate) fn add(&mut self, more: Tags) {
        if self.0.is_empty() {
            self.0 = more.0;
        } else {
            self.0.extend(more.0);
        }
    }
}

/// Sorts tags and leaves each once. A full tag says more than a reference to the same.
pub(crate) fn sort(tags: &mut Vec<Tag>) {
    tags.sort_unstable();
    tags.dedup_by(|later, first| later.type_name() == first.type_name() && later.scope() == first.scope());
}

impl From<Tag> for Tags {
    fn from(tag: Tag) -> Tags {
        // Most queries have one, each time that they are made.
        if tag.is_nothing() { Tags::none() } else { Tags(vec![tag]) }
    }
}

impl From<Option<Tag>> for Tags {
    fn from(tag: Option<Tag>) -> Tags {
        tag.map_or_else(Tags::none, Tags::from)
    }
}

impl From<Vec<Tag>> for Tags {
    fn from(mut tags: Vec<Tag>) -> Tags {
        tags.retain(|tag| !tag.is_nothing());
        Tags(tags)
    }
}

impl<const N: usize> From<[Tag; N]> for Tags {
    fn from(tags: [Tag; N]) -> Tags {
        Tags::from(Vec::from(tags))
    }
}

impl From<TagType> for Tags {
    fn from(tag_type: TagType) -> Tags {
        tag_type.all().into()
    }
}

impl From<&'static str> for Tags {
    fn from(type_name: &'static str) -> Tags {
        Tag::of_type(type_name.into()).into()
    }
}

impl From<String> for Tags {
    fn from(type_name: String) -> Tags {
        Tag::of_type(type_name.into()).into()
    }
}

impl<I: Serialize> From<(&'static str, I)> for Tags {
    fn from((type_name, id): (&'static str, I)) -> Tags {
        Tag::of_id(type_name.into(), id).into()
    }
}

impl FromIterator<Tag> for Tags {
    fn from_iter<I: IntoIterator<Item = Tag>>(tags: I) -> Tags {
        Tags(tags.into_iter().filter(|tag| !tag.is_nothing()).collect())
    }
}

impl FromIterator<Tags> for Tags {
    fn from_iter<I: IntoIterator<Item = Tags>>(lists: I) -> Tags {
        Tags(lists.into_iter().flatten().collect())
    }
}

impl Extend<Tag> for Tags {
    fn extend<I: IntoIterator<Item = Tag>>(&mut self, tags: I) {
        self.0.extend(tags.into_iter().filter(|tag| !tag.is_nothing()));
    }
}

impl IntoIterator for Tags {
    type Item = Tag;
    type IntoIter = std::vec::IntoIter<Tag>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Tags {
    type Item = &'a Tag;
    type IntoIter = std::slice::Iter<'a, Tag>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
