//! What the simulated application asks for, and the tags that it speaks of.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::core::tests::{POST, USER};
use crate::query::{Query, QueryPlan};
use crate::settings::Said;
use crate::tag::Tag;
use crate::{Json, Request, Tags};

pub(super) const POSTS: usize = 3;
pub(super) const USERS: usize = 2;

/// A query. A post's author is the user whose number is the post's, modulo two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Asked {
    Post(usize),
    /// All posts.
    All,
    /// The posts of an author.
    By(usize),
    /// Which post is the favourite, and that post.
    Favourite,
    /// Its args tell no tags: all that it provides is read from the response.
    Latest,
    /// It says of itself that it never goes stale, as some calls of the latest do.
    About,
}

impl Asked {
    pub(super) const ALL: [Asked; 9] = [
        Asked::Post(0),
        Asked::Post(1),
        Asked::Post(2),
        Asked::All,
        Asked::By(0),
        Asked::By(1),
        Asked::Favourite,
        Asked::Latest,
        Asked::About,
    ];

    /// The tags that the args tell.
    pub(super) fn arg_tags(self) -> &'static [Tag] {
        static TAGS: LazyLock<BTreeMap<Asked, Vec<Tag>>> =
            LazyLock::new(|| Asked::ALL.into_iter().map(|asked| (asked, asked.make_arg_tags())).collect());
        TAGS.get(&self).map_or(&[], Vec::as_slice)
    }

    fn make_arg_tags(self) -> Vec<Tag> {
        match self {
            Asked::Post(id) => vec![POST.id(id)],
            Asked::All => vec![POST.list()],
            Asked::By(author) => vec![POST.list().with("author", author)],
            Asked::Favourite => vec![USER.list()],
            Asked::Latest => Vec::new(),
            Asked::About => vec![POST.list(), USER.id(0)],
        }
    }

    fn request(self) -> Request {
        match self {
            Asked::Post(id) => Request::get("getPost", "/posts/{id}").path_param("id", &id),
            Asked::All => Request::get("listPosts", "/posts"),
            Asked::By(author) => Request::get("listByAuthor", "/users/{id}/posts").path_param("id", &author),
            Asked::Favourite => Request::get("getFavourite", "/users/favourite"),
            Asked::Latest => Request::get("getLatest", "/latest"),
            Asked::About => Request::get("getAbout", "/about"),
        }
    }

    pub(super) fn operation(self) -> &'static str {
        match self {
            Asked::Post(_) => "getPost",
            Asked::All => "listPosts",
            Asked::By(_) => "listByAuthor",
            Asked::Favourite => "getFavourite",
            Asked::Latest => "getLatest",
            Asked::About => "getAbout",
        }
    }

    /// The segments of its path.
    pub(super) fn path(self) -> Vec<String> {
        match self {
            Asked::Post(id) => vec!["posts".to_owned(), id.to_string()],
            Asked::All => vec!["posts".to_owned()],
            Asked::By(author) => vec!["users".to_owned(), author.to_string(), "posts".to_owned()],
            Asked::Favourite => vec!["users".to_owned(), "favourite".to_owned()],
            Asked::Latest => vec!["latest".to_owned()],
            Asked::About => vec!["about".to_owned()],
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asked::Post(id) => write!(f, "post {id}"),
            Asked::All => f.write_str("all posts"),
            Asked::By(author) => write!(f, "posts of author {author}"),
            Asked::Favourite => f.write_str("the favourite"),
            Asked::Latest => f.write_str("the latest"),
            Asked::About => f.write_str("about"),
        }
    }
}

/// A call of a query: what it asks for, and what it says beside.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) asked: Asked,
    pub(super) settings: Said,
    /// One more tag that the args tell.
    pub(super) extra: Option<Tag>,
}

impl Call {
    pub(super) fn plain(asked: Asked) -> Call {
        Call { asked, settings: Said { never_stale: asked == Asked::About, ..Said::default() }, extra: None }
    }

    pub(super) fn tags(&self) -> Vec<Tag> {
        self.asked.arg_tags().iter().cloned().chain(self.extra.clone()).collect()
    }

    pub(super) fn plan(&self) -> Arc<QueryPlan> {
        self.query().into_plan()
    }

    pub(super) fn query(&self) -> Query<Json> {
        let Said {
            keep_unused,
            stale_time,
            stale_time_from_server,
            on_watch,
            on_focus,
            on_reconnect,
            poll_every,
            poll_only_focused,
            never_stale,
            // What concerns the shell alone.
            ..
        } = self.settings.clone();
        let mut query =
            Query::<Json>::new(self.asked.request()).provides(self.tags()).poll_only_focused(poll_only_focused);
        if let Some(time) = keep_unused {
            query = query.keep_unused(time);
        }
        if let Some(time) = stale_time {
            query = query.stale_time(time);
        }
        if let Some(on) = stale_time_from_server {
            query = query.stale_time_from_server(on);
        }
        if let Some(when) = on_watch {
            query = query.refetch_on_watch(when);
        }
        if let Some(when) = on_focus {
            query = query.refetch_on_focus(when);
        }
        if let Some(when) = on_reconnect {
            query = query.refetch_on_reconnect(when);
        }
        if let Some(time) = poll_every {
            query = query.poll_every(time);
        }
        if never_stale {
            query = query.never_stale();
        }
        query
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        write!(f, "{}", self.asked)?;
        let mut say = |name: &str, value: Option<String>| value.map_or(Ok(()), |value| write!(f, ", {name} {value}"));
        say("kept unused for", settings.keep_unused.map(|time| format!("{time:?}")))?;
        say("fresh for", settings.stale_time.map(|time| format!("{time:?}")))?;
        say("fresh as the server says:", settings.stale_time_from_server.map(|on| on.to_string()))?;
        say("on watch", settings.on_watch.map(|when| format!("{when:?}")))?;
        say("on focus", settings.on_focus.map(|when| format!("{when:?}")))?;
        say("on reconnect", settings.on_reconnect.map(|when| format!("{when:?}")))?;
        say("polled every", settings.poll_every.map(|time| format!("{time:?}")))?;
        say("polled only with focus:", settings.poll_only_focused.then(|| "true".to_owned()))?;
        say("never stale:", settings.never_stale.then(|| "true".to_owned()))?;
        say("also provides", self.extra.as_ref().map(ToString::to_string))
    }
}

/// Tags that an invalidation may name: each kind of scope, wide, narrow, filtered, gone, references, and what nobody provides.
pub(super) static PROBED: LazyLock<Vec<Tag>> = LazyLock::new(probes);

fn probes() -> Vec<Tag> {
    let mut tags = vec![
        POST.all(),
        POST.list(),
        POST.list().with("author", 0),
        POST.list().with("author", 1),
        POST.list().with("author", [0, 1]).filtered(),
        POST.list().with("author", 0).filtered(),
        POST.list().with("colour", "red"),
        POST.list().with("colour", "green"),
        POST.list().with("author", 1).with("colour", "red"),
        POST.list().with("author", 0).with("colour", ["blue", "green"]).filtered(),
        POST.list().with("size", 1).filtered(),
        USER.list().with("name", "Bob").reference(),
        POST.id(0).gone(),
        POST.id(1).reference(),
        POST.id(9),
        USER.all(),
        USER.list(),
        USER.id(0),
        USER.id(1),
        USER.id(1).reference(),
        USER.all().reference(),
    ];
    tags.extend((0..POSTS).map(|id| POST.id(id)));
    tags.extend(groups());
    tags
}

/// Groups that servers named, one of them at an origin that is called as a type is.
fn groups() -> [Tag; 3] {
    let group = |origin, name: &str| Tag::of_group(origin, name.to_owned());
    [group("https://a", "LIST"), group("https://b", "LIST"), group("Post", "0")]
}

/// Tags that a response may bring beside those that belong to it.
pub(super) static ODD: LazyLock<Vec<Tag>> = LazyLock::new(odd_tags);

fn odd_tags() -> Vec<Tag> {
    let mut tags = Vec::from([POST.id(1).reference(), USER.id(1).reference(), POST.all(), USER.id(0), POST.list()]);
    tags.extend([POST.list().with("author", 0).with("colour", ["red", "blue"]), USER.list().with("name", "Ann")]);
    tags.extend((0..POSTS).map(|id| POST.id(id)));
    tags.extend(groups());
    tags
}

pub(super) fn words(tags: &[Tag]) -> String {
    tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A list of tags as the cache's own code takes it.
pub(super) fn as_tags(tags: &[Tag]) -> Tags {
    tags.iter().cloned().collect()
}
