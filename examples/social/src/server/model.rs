//! What the server sends and accepts, as the OpenAPI document has it.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A page of posts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostPage {
    /// The posts, newest first.
    pub items: Vec<Post>,
    /// How many posts there are, beyond this page's limit too.
    pub total: i64,
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Its number.
    pub id: i64,
    /// Who wrote it.
    pub author_id: i64,
    /// The author's name, for showing.
    pub author: String,
    /// Plain text.
    pub content: String,
    /// Who may read it.
    pub visibility: Visibility,
    /// Whether the reader marked it as a favourite.
    pub favourited: bool,
    /// How many people did.
    pub favourites_count: i32,
    /// How many comments it has.
    pub comments_count: i32,
    /// Things to look at beside it.
    pub attachments: Vec<Attachment>,
    /// How often each emoji was given.
    pub reactions: BTreeMap<String, i32>,
    /// When it was written.
    pub created_at: String,
    /// When it was last changed; null if never.
    pub edited_at: Option<String>,
}

/// Who may read a post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everyone.
    #[default]
    Public,
    /// Those who follow the author.
    Followers,
    /// Only the author.
    Private,
}

impl Visibility {
    /// Its name on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Followers => "followers",
            Self::Private => "private",
        }
    }

    /// The visibility of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Public, Self::Followers, Self::Private].into_iter().find(|known| known.name() == name)
    }
}

/// Something to look at beside a post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Attachment {
    /// A picture.
    Image {
        /// Where it is.
        url: String,
        /// What can be seen, in words.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        alt: Option<String>,
    },
    /// A page elsewhere.
    Link {
        /// Where it is.
        url: String,
        /// What it is called.
        title: String,
    },
}

/// A post to be written.
#[derive(Debug, Clone, Deserialize)]
pub struct NewPost {
    /// Who writes it.
    pub author_id: i64,
    /// Plain text, not empty.
    pub content: String,
    /// Who may read it; everyone if absent.
    #[serde(default)]
    pub visibility: Visibility,
    /// Things to look at beside it.
    #[serde(default, deserialize_with = "objects")]
    pub attachments: Vec<Attachment>,
}

/// What to change in a post; the rest stays as it is.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PostPatch {
    /// The new text.
    #[serde(default, deserialize_with = "present")]
    pub content: Option<String>,
    /// Who may read it from now on.
    #[serde(default, deserialize_with = "present")]
    pub visibility: Option<Visibility>,
    /// When it was changed; `Some(None)` hides that it was.
    #[serde(default, deserialize_with = "present")]
    pub edited_at: Option<Option<String>>,
}

/// An answer to a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its number.
    pub id: i64,
    /// The post it answers.
    pub post_id: i64,
    /// Who wrote it.
    pub author_id: i64,
    /// The author's name, for showing.
    pub author: String,
    /// Plain text.
    pub content: String,
}

/// A comment to be written.
#[derive(Debug, Clone, Deserialize)]
pub struct NewComment {
    /// Who writes it.
    pub author_id: i64,
    /// Plain text, not empty.
    pub content: String,
}

/// Somebody who writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their number.
    pub id: i64,
    /// Their name.
    pub name: String,
}

/// A property that may be absent, but, unless `T` says so itself, not null.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Each an object: serde would take an array for one, too.
fn objects<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Map<String, Value>>::deserialize(from)?;
    objects.into_iter().map(|object| serde_json::from_value(Value::Object(object)).map_err(D::Error::custom)).collect()
}
