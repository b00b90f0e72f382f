//! Optimistic changes: what is shown before the server has done it.

mod edit;
mod held;
mod layer;
mod project;

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

pub use self::held::{Elements, Held};
pub use self::layer::OptimisticLayer;
pub(crate) use self::project::{Frame, Job, Projection, run};
use crate::enhance::Enhancements;
use crate::mutation::Mutation;
use crate::query::{Query, QueryPlan, Value};
use crate::tag::Tag;
use edit::{Edit, Item};

/// A query to be changed, once the client is known that changes its calls.
type PlanOf = Arc<dyn Fn(&Enhancements) -> Arc<QueryPlan> + Send + Sync>;

/// Changes of cached data that are shown until the server has done them, or has not.
///
/// A [`Mutation`](crate::Mutation) that is given one shows it from the moment it starts; see
/// [`Mutation::optimistic`](crate::Mutation::optimistic). [`Client::layer`](crate::Client::layer) shows one by hand.
///
/// Nothing is written: the changes are a layer over what the server said, and are applied again whenever that changes, in
/// the order in which layers came. So they may be called often, on data of any age, and must do the same to the same data.
/// They run outside of the cache's lock and may call the client. When one of them panics, its layer is left out of that
/// entry, which is told as [`Event::LayerFailed`](crate::Event::LayerFailed); all else goes on.
///
/// Entities are found by the tags that an entry provides in full, and within its data by the query's table: see
/// [`Query::holds`]. Generated queries have one wherever a document tells what is needed. A query without one, whose result
/// is the entity itself and whose args name it, needs none.
///
/// ```
/// # use larder::{Client, Error, Mutation, Optimistic, Query, Request, TagType};
/// # const POST: TagType = TagType::new("Post");
/// # #[derive(Clone, serde::Deserialize)] struct Post { id: i64, title: String }
/// # fn get_post(id: i64) -> Query<Post> {
/// #     Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)).provides(POST.id(id))
/// # }
/// # fn rename_post(id: i64, title: &str) -> Mutation<Post> {
/// #     Mutation::new(Request::patch("renamePost", "/posts/{id}").path_param("id", &id).json(&title)).invalidates(POST.id(id))
/// # }
/// # async fn run(client: Client) -> Result<(), Error> {
/// let shown = Optimistic::new().change(POST.id(7), |post: &mut Post| post.title = "Quinces".to_owned());
/// client.mutate(rename_post(7, "Quinces").optimistic(shown)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "nothing is shown until a mutation or a client is given it"]
pub struct Optimistic(Vec<Op>);

/// One change.
#[derive(Clone)]
enum Op {
    /// Entities that the tag reaches, wherever they are.
    Change(Tag, Edit),
    /// One more entity in lists.
    Insert(Tag, Item),
    /// Entities that the tag reaches leave lists.
    Remove(Tag),
    /// The data of one query.
    Replace(PlanOf, Edit),
}

impl Optimistic {
    /// No changes.
    pub fn new() -> Optimistic {
        Optimistic::default()
    }

    /// Changes an entity wherever an entry provides it in full: its own entry, lists, other entities that embed it.
    ///
    /// It is found by its tag and by its type: a change of a `Post` does not see a `PostSummary`, for which another can be
    /// given. A [`TagType::all`](crate::TagType::all) means each entity of its type.
    pub fn change<E>(mut self, tag: Tag, change: impl Fn(&mut E) + Send + Sync + 'static) -> Optimistic
    where
        E: Clone + Send + Sync + 'static,
    {
        self.0.push(Op::Change(tag.into_plain(), Edit::new(change)));
        self
    }

    /// Puts an entity into the lists that an invalidation of the tag reaches, at the first place.
    ///
    /// Give all constraints that the entity has: `POST.list()` means every list of posts, also one of another author. Each page
    /// of a list is such a list. It is put into the first list of its type that stands in no other list; an entry that has
    /// none, such as a map, is left as it is, and so is one that holds an entity with its tag already.
    pub fn insert<E>(self, list: Tag, entity: E) -> Optimistic
    where
        E: Clone + Send + Sync + 'static,
    {
        self.inserted(list, Item::first(entity))
    }

    /// As [`insert`](Self::insert), at the last place.
    pub fn insert_last<E>(self, list: Tag, entity: E) -> Optimistic
    where
        E: Clone + Send + Sync + 'static,
    {
        self.inserted(list, Item::last(entity))
    }

    fn inserted(mut self, list: Tag, item: Item) -> Optimistic {
        self.0.push(Op::Insert(list.into_plain(), item));
        self
    }

    /// Takes an entity out of every list and map that holds it. Its own entry is left as it is.
    pub fn remove(mut self, tag: Tag) -> Optimistic {
        self.0.push(Op::Remove(tag.into_plain()));
        self
    }

    /// Changes the data of one query, of whatever kind: no table and no tags are needed.
    pub fn replace<T>(mut self, query: &Query<T>, change: impl Fn(&mut T) + Send + Sync + 'static) -> Optimistic
    where
        T: Clone + Send + Sync + 'static,
    {
        let query = query.clone();
        let plan: PlanOf = Arc::new(move |enhancements| enhancements.apply(query.clone()).into_plan());
        self.0.push(Op::Replace(plan, Edit::new(change)));
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, more: Optimistic) {
        self.0.extend(more.0);
    }

    /// The changes as the core and the driver handle them.
    pub(crate) fn into_plan(self, enhancements: &Enhancements) -> Arc<LayerPlan> {
        let mut plan = LayerPlan { by_tag: Vec::new(), by_query: Vec::new() };
        for op in self.0 {
            match op {
                Op::Change(tag, edit) => plan.by_tag.push((tag, Doing::Change(edit))),
                Op::Insert(tag, item) => plan.by_tag.push((tag, Doing::Insert(item))),
                Op::Remove(tag) => plan.by_tag.push((tag, Doing::Remove)),
                Op::Replace(query, edit) => plan.by_query.push((query(enhancements), edit)),
            }
        }
        Arc::new(plan)
    }
}

impl fmt::Debug for Optimistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Optimistic").field("changes", &self.0.len()).finish_non_exhaustive()
    }
}

/// The changes of one layer, without their types.
pub(crate) struct LayerPlan {
    by_tag: Vec<(Tag, Doing)>,
    by_query: Vec<(Arc<QueryPlan>, Edit)>,
}

/// What is done to entities that a tag names.
pub(crate) enum Doing {
    Change(Edit),
    Insert(Item),
    Remove,
}

impl LayerPlan {
    /// The tags of what it changes. Those of lists are of lists that something is put into.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &Tag> {
        self.by_tag.iter().map(|(tag, _)| tag)
    }

    /// The queries that it changes, whatever they hold.
    pub(crate) fn queries(&self) -> impl Iterator<Item = &Arc<QueryPlan>> {
        self.by_query.iter().map(|(plan, _)| plan)
    }

    /// The value of a query as this layer shows it; nothing where that is as it was. Runs user code.
    fn apply(&self, plan: &QueryPlan, value: &Value, tags: &[Tag]) -> Option<Value> {
        let mut shown = None;
        for (query, edit) in &self.by_query {
            if query.key() == plan.key() {
                shown = edit.whole(shown.as_ref().unwrap_or(value)).or(shown);
            }
        }
        for (tag, doing) in &self.by_tag {
            if !tags.iter().any(|provided| !provided.is_reference() && tag.reaches(provided)) {
                continue;
            }
            let mut held = Held::new(tag, doing, plan.ty);
            shown = plan.reader.hold(shown.as_ref().unwrap_or(value), &mut held).or(shown);
            // A query whose args name the entity, and which returns just that, needs no table.
            if let Doing::Change(edit) = doing
                && !held.met_whole()
                && edit.ty() == plan.ty
                && plan.tags.iter().any(|own| !own.is_reference() && tag.reaches(own))
            {
                shown = edit.whole(shown.as_ref().unwrap_or(value)).or(shown);
            }
        }
        shown
    }
}

/// Whether a value of this type is meant.
fn is_of<T: 'static>(ty: TypeId) -> bool {
    TypeId::of::<T>() == ty
}

impl<T> Mutation<T> {
    /// Shows changes from the moment the mutation starts, before it is sent, also while it waits to be sent.
    ///
    /// When it is refused, or was never sent, they are taken away; so they are when its outcome is unknown, and then what they
    /// changed is asked for again. When it succeeded they stay, entry by entry, until the mutation's result is written there
    /// or data arrives that was asked for later, so the old data is not seen in between; an entry that they changed and that
    /// no tag reached is asked for all the same. [`without_invalidation`](Self::without_invalidation) leaves that out.
    /// Several calls add up.
    pub fn optimistic(mut self, shown: Optimistic) -> Mutation<T> {
        self.optimistic_mut().add(shown);
        self
    }
}

impl<T> Query<T> {
    /// Says where the result holds entities, so that an [`Optimistic`] change finds them. It replaces what was said before.
    ///
    /// ```
    /// # use larder::{Part, Query, Request, TagType};
    /// # const POST: TagType = TagType::new("Post");
    /// # #[derive(Clone, serde::Deserialize)] struct Post { id: i64 }
    /// # #[derive(Clone, serde::Deserialize)] struct PostPage { items: Vec<Part<Post>> }
    /// let list_posts = Query::<PostPage>::new(Request::get("listPosts", "/posts"))
    ///     .provides(POST.list())
    ///     .provides_from(|page| page.items.iter().map(|post| POST.id(post.id)).collect())
    ///     .holds(|page, held| held.list(&mut page.items, |post| POST.id(post.id)));
    /// # let _ = list_posts;
    /// ```
    #[inline]
    pub fn holds(self, table: fn(&mut T, &mut Held<'_>)) -> Query<T>
    where
        T: Clone,
    {
        self.holding((T::clone, table))
    }
}
