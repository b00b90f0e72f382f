//! A part of a result that keeps its identity while it does not change.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::parts::{self, Entered};

/// An element of a list or a value of a map in a query's result, shared with the results before and after it.
///
/// A refetch that changes one post of a thousand brings a new `Vec<Part<Post>>`, in which the other 999 are the very same
/// posts as before: [`Part::ptr_eq`] says so, and they were not even decoded again. It reads like the value that it holds,
/// and cloning it copies no data.
///
/// Generated code has it around the objects of each list and map that only responses hold; a type written by hand may use
/// it wherever it likes. Outside of a client's queries it is decoded as the value alone.
///
/// ```
/// # use larder::{Part, Query, Request};
/// # #[derive(larder::serde::Deserialize)] #[serde(crate = "larder::serde")] struct Post { title: String }
/// fn list_posts() -> Query<Vec<Part<Post>>> {
///     Query::new(Request::get("listPosts", "/posts"))
/// }
///
/// let post = Part::from(Post { title: "Quinces".to_owned() });
/// assert_eq!(post.title, "Quinces");
/// assert!(Part::ptr_eq(&post, &post.clone()));
/// ```
pub struct Part<T>(Arc<T>);

impl<T> Part<T> {
    /// Whether both are one part. Parts of equal content can be two.
    pub fn ptr_eq(one: &Part<T>, other: &Part<T>) -> bool {
        Arc::ptr_eq(&one.0, &other.0)
    }

    /// The value, to be changed: a part that others hold as well is copied first, and this one becomes another.
    ///
    /// ```
    /// # use larder::Part;
    /// let (one, mut other) = (Part::from(7), Part::from(7));
    /// other.clone_from(&one);
    /// *Part::make_mut(&mut other) += 1;
    /// assert_eq!((*one, *other), (7, 8));
    /// ```
    pub fn make_mut(part: &mut Part<T>) -> &mut T
    where
        T: Clone,
    {
        Arc::make_mut(&mut part.0)
    }

    /// The value, as a handle of its own.
    pub fn into_arc(part: Part<T>) -> Arc<T> {
        part.0
    }
}

impl<T> Deref for Part<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> AsRef<T> for Part<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Part<T> {
    fn from(value: T) -> Part<T> {
        Part(Arc::new(value))
    }
}

impl<T> From<Arc<T>> for Part<T> {
    fn from(value: Arc<T>) -> Part<T> {
        Part(value)
    }
}

/// Copies no data.
impl<T> Clone for Part<T> {
    fn clone(&self) -> Part<T> {
        Part(self.0.clone())
    }
}

impl<T: Default> Default for Part<T> {
    fn default() -> Part<T> {
        Part::from(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One part is equal to itself; only the contents of two are compared.
impl<T: PartialEq> PartialEq for Part<T> {
    fn eq(&self, other: &Part<T>) -> bool {
        Part::ptr_eq(self, other) || self.0 == other.0
    }
}

impl<T: Eq> Eq for Part<T> {}

impl<T: Serialize> Serialize for Part<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What `serde_json` calls a value whose text is asked for. A `serde_json` that called it otherwise would decode each part
/// anew, and nothing else would change.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

impl<'de, T: DeserializeOwned + Send + Sync + 'static> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Part<T>, D::Error> {
        if parts::are_wanted() {
            deserializer.deserialize_newtype_struct(RAW_VALUE, RawPart(PhantomData))
        } else {
            T::deserialize(deserializer).map(Part::from)
        }
    }
}

/// Reads a part from its text.
struct RawPart<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned + Send + Sync + 'static> Visitor<'de> for RawPart<T> {
    type Value = Part<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of a result")
    }

    /// A decoder that does not give its text.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part<T>, D::Error> {
        T::deserialize(deserializer).map(Part::from)
    }

    /// The text, as the only member of a map.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Part<T>, A::Error> {
        read(&raw_text(map)?).map_err(A::Error::custom)
    }
}

/// The part with this text: the one from before, or one that is decoded now.
fn read<T: DeserializeOwned + Send + Sync + 'static>(text: &str) -> serde_json::Result<Part<T>> {
    let opened = match parts::enter(text, TypeId::of::<T>()) {
        Entered::Known(value) => match value.downcast() {
            Ok(value) => return Ok(Part(value)),
            Err(_) => None,
        },
        Entered::New(opened) => Some(opened),
    };
    // From bytes, as the whole is read, so that the compiler makes one decoder of each type.
    let value: Arc<T> = Arc::new(serde_json::from_slice(text.as_bytes())?);
    if let Some(opened) = opened {
        opened.keep(value.clone());
    }
    Ok(Part(value))
}

fn raw_text<'de, A: MapAccess<'de>>(mut map: A) -> Result<Cow<'de, str>, A::Error> {
    struct Text;

    impl<'de> Visitor<'de> for Text {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON as text")
        }

        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
            Ok(Cow::Owned(text.to_owned()))
        }

        fn visit_string<E>(self, text: String) -> Result<Cow<'de, str>, E> {
            Ok(Cow::Owned(text))
        }
    }

    struct RawText<'de>(Cow<'de, str>);

    impl<'de> Deserialize<'de> for RawText<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawText<'de>, D::Error> {
            deserializer.deserialize_str(Text).map(RawText)
        }
    }

    match map.next_entry::<serde::de::IgnoredAny, RawText<'de>>()? {
        Some((_, RawText(text))) => Ok(text),
        None => Err(A::Error::custom("a part without its text")),
    }
}
