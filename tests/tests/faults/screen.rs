//! What an application shows all the time: watchers of everything, to be compared with what the server holds.

use std::fmt::Debug;

use larder::{Client, Part, Query, Watcher};
use larder_tests::social::comments::list_comments;
use larder_tests::social::posts::{get_post, list_posts};
use larder_tests::social::timeline::get_timeline;
use larder_tests::social::types::{Comment, GetTimeline, ListPosts, Post, PostPage, Visibility};

/// Watchers of posts, of lists of posts, and of comments.
pub struct Screen {
    posts: Vec<Shown<Post>>,
    pages: Vec<Shown<PostPage>>,
    comments: Vec<Shown<Vec<Part<Comment>>>>,
}

struct Shown<T> {
    query: Query<T>,
    watcher: Watcher<T>,
}

impl Screen {
    /// Watches the posts of these numbers with their comments, and every kind of list.
    pub fn open(client: &Client, posts: std::ops::RangeInclusive<i64>) -> Screen {
        let by = |author_id| ListPosts { author_id: Some(author_id), ..ListPosts::default() };
        // A change of its visibility takes a post out of a list, which is known by its id: the list has to hold all of them, or
        // else it is stale in how many there are beyond its limit.
        let seen_by = |visibility| ListPosts { visibility: Some(visibility), limit: Some(100), ..ListPosts::default() };
        let both = ListPosts { author_id: Some(1), ..seen_by(Visibility::Private) };
        let lists = [ListPosts::default(), ListPosts { limit: Some(3), ..ListPosts::default() }, by(1), by(2), both]
            .into_iter()
            .chain([Visibility::Public, Visibility::Followers, Visibility::Private].map(seen_by));
        let timelines = [None, Some(2)].map(|limit| get_timeline(&GetTimeline { limit }));
        let pages = lists.map(|params| list_posts(&params)).chain(timelines);
        Screen {
            posts: posts.clone().map(|post| Shown::new(client, get_post(post))).collect(),
            pages: pages.map(|page| Shown::new(client, page)).collect(),
            comments: posts.map(|post| Shown::new(client, list_comments(post))).collect(),
        }
    }

    /// Fails if something is shown as fresh and is not what the server holds; `all` must be fresh, or any may be stale.
    /// Says how many were fresh.
    pub async fn compare(&self, truth: &Client, all: bool) -> usize {
        let mut fresh = 0;
        for shown in &self.posts {
            fresh += usize::from(shown.compare(truth, all).await);
        }
        for shown in &self.pages {
            fresh += usize::from(shown.compare(truth, all).await);
        }
        for shown in &self.comments {
            fresh += usize::from(shown.compare(truth, all).await);
        }
        fresh
    }
}

impl<T: Debug + Send + Sync + 'static> Shown<T> {
    fn new(client: &Client, query: Query<T>) -> Shown<T> {
        Shown { watcher: client.watch(query.clone()), query }
    }

    async fn compare(&self, truth: &Client, all: bool) -> bool {
        let state = self.watcher.snapshot();
        let is_fresh = !state.is_stale && state.error.is_none();
        assert!(is_fresh || !all, "{:?} is not fresh: {state:?}", self.query);
        if is_fresh {
            let held = truth.refetch(&self.query).await.expect("the truth");
            let shown = state.data.expect("what is fresh is there");
            let (shown, held) = (format!("{shown:?}"), format!("{held:?}"));
            if let Some(at) = shown.bytes().zip(held.bytes()).position(|(one, other)| one != other) {
                let near = |text: &str| {
                    String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(200)..text.len().min(at + 200)])
                        .into_owned()
                };
                panic!("{:?} is shown as fresh:\n{}\nand the server holds\n{}", self.query, near(&shown), near(&held));
            }
            assert_eq!(shown.len(), held.len(), "{:?} is shown as fresh", self.query);
        }
        is_fresh
    }
}
