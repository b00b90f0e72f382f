//! What an invalidation by hand is meant for: tags, one query, an operation, paths, everything.

use std::sync::Arc;

use crate::query::{Query, QueryPlan};
use crate::tags::Tags;

/// Which entries of the cache are meant. Tags, and a reference to a query, can be given in its place.
///
/// ```
/// # use larder::{Client, Json, Query, Request, TagType, Target};
/// # const POST: TagType = TagType::new("Post");
/// # fn run(client: &Client, query: &Query<Json>) {
/// client.invalidate(POST.id(7));
/// client.invalidate([POST.list(), POST.id(7)]);
/// client.invalidate(query);
/// client.invalidate(Target::operation("listPosts"));
/// client.invalidate(Target::path("/users/*/posts"));
/// client.invalidate(Target::everything());
/// # }
/// ```
#[derive(Clone)]
pub struct Target(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Tags(Tags),
    Query(Arc<QueryPlan>),
    Operation(String),
    /// The segments of a path's beginning; `*` is any one segment.
    Path(Vec<String>),
    Everything,
}

impl Target {
    /// All entries of an operation, by the id that its document gives it.
    pub fn operation(operation_id: impl Into<String>) -> Target {
        Target(Kind::Operation(operation_id.into()))
    }

    /// All entries whose path begins so, segment by segment: `/posts` means `/posts` and `/posts/7/comments` but not
    /// `/postscript`. A segment `*` is any one segment.
    pub fn path(pattern: &str) -> Target {
        Target(Kind::Path(segments(pattern).map(str::to_owned).collect()))
    }

    /// Every entry.
    pub fn everything() -> Target {
        Target(Kind::Everything)
    }
}

impl Kind {
    /// Whether an entry of this operation and path is meant. Tags and queries are looked up instead.
    pub(crate) fn means(&self, operation_id: &str, path: &str) -> bool {
        match self {
            Kind::Tags(_) | Kind::Query(_) => false,
            Kind::Operation(operation) => operation_id == operation,
            Kind::Path(pattern) => {
                let mut found = segments(path.split('?').next().unwrap_or_default());
                pattern.iter().all(|wanted| found.next().is_some_and(|segment| wanted == "*" || wanted == segment))
            }
            Kind::Everything => true,
        }
    }

    /// Whether a query is meant that need not be in the cache, as far as its args tell.
    pub(crate) fn means_by_args(&self, plan: &QueryPlan) -> bool {
        match self {
            Kind::Tags(tags) => tags.iter().any(|tag| plan.tags.iter().any(|provided| tag.reaches(provided))),
            Kind::Query(query) => query.key() == plan.key(),
            other => other.means(plan.request.operation(), plan.request.path()),
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

impl<T: Send + Sync + 'static> From<&Query<T>> for Target {
    fn from(query: &Query<T>) -> Target {
        Target(Kind::Query(query.clone().into_plan()))
    }
}

impl<T: Into<Tags>> From<T> for Target {
    fn from(tags: T) -> Target {
        Target(Kind::Tags(tags.into()))
    }
}

/// Which of the entries that an invalidation reaches are requested again at once. The others are marked stale and wait for
/// their next reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RefetchOf {
    /// Those that are watched.
    #[default]
    Watched,
    /// Those that nobody watches.
    Unwatched,
    /// All of them.
    All,
    /// None: they are only marked.
    Nothing,
}

impl RefetchOf {
    pub(crate) fn includes(self, watched: bool) -> bool {
        match self {
            RefetchOf::Watched => watched,
            RefetchOf::Unwatched => !watched,
            RefetchOf::All => true,
            RefetchOf::Nothing => false,
        }
    }
}
