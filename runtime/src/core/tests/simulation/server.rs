//! The simulated server: what it holds, what it answers, and what each mutation does to it.
//!
//! It holds a version of each thing, which mutations move on. So an answer tells how new it is.

use std::fmt;

use super::asked::{Asked, POSTS, USERS};
use crate::core::tests::{POST, USER};
use crate::tag::Tag;

/// What the server holds: posts, how many posts an author has, the choice of the favourite, users.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Server {
    posts: [u64; POSTS],
    counts: [u64; USERS],
    recounts: [u64; USERS],
    choice: u64,
    favourite: usize,
    users: [u64; USERS],
}

/// Something that has a version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Thing {
    Post(usize),
    Count(usize),
    Recount(usize),
    Choice,
    User(usize),
}

/// The versions of all things that an answer shows, and whose invalidations reach it.
pub(super) type Facts = Vec<(Thing, u64)>;

/// What the server answers.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) body: String,
    pub(super) tags: Vec<Tag>,
    pub(super) facts: Facts,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Mutation {
    Edit {
        post: usize,
        /// The answer is the post.
        writes: bool,
    },
    /// The post is gone, and what is found in its place is another version.
    Delete(usize),
    /// One more post of an author.
    Add(usize),
    /// The answer is all posts, which it edits the first of.
    Publish,
    Choose(usize),
    Rename(usize),
    /// Changes what an author's posts show in a way that no tag tells.
    Recount(usize),
    /// The answer is what is written about it all, which no tag tells.
    Describe,
}

impl Server {
    pub(super) fn version(&self, thing: Thing) -> u64 {
        match thing {
            Thing::Post(id) => self.posts[id],
            Thing::Count(author) => self.counts[author],
            Thing::Recount(author) => self.recounts[author],
            Thing::Choice => self.choice,
            Thing::User(id) => self.users[id],
        }
    }

    /// What this server knows that is newer than what `other` knows is taken over.
    pub(super) fn raise(&mut self, thing: Thing, version: u64) {
        let known = match thing {
            Thing::Post(id) => &mut self.posts[id],
            Thing::Count(author) => &mut self.counts[author],
            Thing::Recount(author) => &mut self.recounts[author],
            Thing::Choice => &mut self.choice,
            Thing::User(id) => &mut self.users[id],
        };
        *known = version.max(*known);
    }

    pub(super) fn answer(&self, asked: Asked) -> Answer {
        let (things, tags) = match asked {
            Asked::Post(id) => (vec![Thing::Post(id)], Vec::new()),
            Asked::All => {
                let posts = (0..POSTS).map(Thing::Post);
                (posts.chain((0..USERS).map(Thing::Count)).collect(), (0..POSTS).map(|id| POST.id(id)).collect())
            }
            Asked::By(author) => {
                let posts = (0..POSTS).filter(|id| id % USERS == author);
                let things =
                    posts.clone().map(Thing::Post).chain([Thing::Count(author), Thing::Recount(author)]).collect();
                (things, posts.map(|id| POST.id(id)).chain([USER.id(author).reference()]).collect())
            }
            Asked::Favourite => (
                vec![Thing::Choice, Thing::Post(self.favourite)],
                vec![POST.id(self.favourite), USER.id(1).reference()],
            ),
            Asked::Latest => {
                (vec![Thing::User(0), Thing::Post(self.favourite)], vec![USER.id(0), POST.id(self.favourite)])
            }
            Asked::About => (vec![Thing::User(1)], Vec::new()),
        };
        let facts: Facts = things.into_iter().map(|thing| (thing, self.version(thing))).collect();
        let body = facts.iter().map(|(thing, version)| format!("{thing:?}={version}")).collect::<Vec<_>>().join(" ");
        // What never goes stale is allowed to be old.
        let facts = if matches!(asked, Asked::About | Asked::Latest) { Vec::new() } else { facts };
        Answer { body, tags, facts }
    }

    /// Does a mutation, and says which versions it made.
    pub(super) fn commit(&mut self, mutation: Mutation) -> Facts {
        let things = match mutation {
            Mutation::Edit { post, .. } | Mutation::Delete(post) => vec![Thing::Post(post)],
            Mutation::Publish => vec![Thing::Post(0)],
            Mutation::Add(author) => vec![Thing::Count(author)],
            Mutation::Recount(author) => vec![Thing::Recount(author)],
            Mutation::Choose(post) => {
                self.favourite = post;
                vec![Thing::Choice]
            }
            Mutation::Rename(user) => vec![Thing::User(user)],
            Mutation::Describe => Vec::new(),
        };
        for thing in &things {
            self.raise(*thing, self.version(*thing) + 1);
        }
        things.into_iter().map(|thing| (thing, self.version(thing))).collect()
    }
}

impl Mutation {
    /// What it invalidates once it is done.
    pub(super) fn tags(self) -> Vec<Tag> {
        match self {
            Mutation::Edit { post, .. } => vec![POST.id(post)],
            Mutation::Delete(post) => vec![POST.id(post).gone(), POST.list().with("author", post % USERS)],
            Mutation::Add(author) => vec![POST.list().with("author", author)],
            Mutation::Publish => vec![POST.id(0)],
            Mutation::Choose(_) => vec![USER.list()],
            Mutation::Rename(user) => vec![USER.id(user).reference()],
            Mutation::Recount(_) | Mutation::Describe => Vec::new(),
        }
    }

    /// The query whose data its answer is.
    pub(super) fn writes(self) -> Option<Asked> {
        match self {
            Mutation::Edit { post, writes: true } => Some(Asked::Post(post)),
            Mutation::Publish => Some(Asked::All),
            Mutation::Describe => Some(Asked::About),
            _ => None,
        }
    }

    /// Queries that it changed in a way that no tag and no answer tells.
    pub(super) fn suspects(self) -> Vec<Asked> {
        match self {
            Mutation::Recount(author) => vec![Asked::By(author)],
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mutation::Edit { post, writes: false } => write!(f, "edit of post {post}"),
            Mutation::Edit { post, writes: true } => write!(f, "edit of post {post} which answers with the post"),
            Mutation::Delete(post) => write!(f, "deletion of post {post}"),
            Mutation::Add(author) => write!(f, "new post of author {author}"),
            Mutation::Describe => f.write_str("edit of what is written about it all, without a tag"),
            Mutation::Publish => f.write_str("edit of post 0 which answers with all posts"),
            Mutation::Choose(post) => write!(f, "choice of post {post} as the favourite"),
            Mutation::Rename(user) => write!(f, "new name of user {user}"),
            Mutation::Recount(author) => write!(f, "recount of author {author}, which no tag tells"),
        }
    }
}
