//! The model: committed data, layers, and the ones folded over the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use super::super::random::Random;
use super::Said;
use crate::Request;
use crate::core::MutationId;
use crate::core::tests::POST;
use crate::enhance::Enhancements;
use crate::optimistic::{LayerPlan, Optimistic};
use crate::query::{Query, QueryPlan, Value};
use crate::tag::Tag;

pub(super) type Post = (i64, String);

/// The queries there are: two posts by themselves, and the lists of two authors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Own(i64),
    List(i64),
}

static PLANS: LazyLock<Vec<(Key, Arc<QueryPlan>, String)>> = LazyLock::new(|| {
    let plan = |key: Key| match key {
        Key::Own(_) => key.own().into_plan(),
        Key::List(_) => key.list().into_plan(),
    };
    let of = |key: Key| (key, plan(key), plan(key).request.path_and_query().to_string());
    Key::ALL.into_iter().map(of).collect()
});

/// What an entry holds: one post of its own, or many.
pub(super) type Data = Vec<Post>;

/// A change of a layer.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Adds to a post's text.
    Add(i64, char),
    Insert(i64, i64),
    Remove(i64),
    /// Adds to all texts of one query.
    Replace(Key),
    /// Panics on one query.
    Panic(Key),
}

impl Key {
    pub(super) const ALL: [Key; 4] = [Key::Own(1), Key::Own(2), Key::List(1), Key::List(2)];

    /// The key with this path and query.
    pub(super) fn of_url(url: &str) -> Key {
        PLANS.iter().find(|(.., other)| other == url).expect("a query of these").0
    }

    pub(super) fn plan(self) -> Arc<QueryPlan> {
        PLANS.iter().find(|(key, ..)| *key == self).expect("every key has a plan").1.clone()
    }

    fn own(self) -> Query<Post> {
        let (Key::Own(id) | Key::List(id)) = self;
        Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)).provides(POST.id(id))
    }

    fn list(self) -> Query<Vec<Post>> {
        let (Key::Own(author) | Key::List(author)) = self;
        Query::<Vec<Post>>::new(Request::get("listPosts", "/posts").query_param("author", &author))
            .provides(POST.list().with("author", author))
            .provides_from(|posts| posts.iter().map(|post| POST.id(post.0)).collect())
            .holds(|posts, held| held.list(posts, |post| POST.id(post.0)))
    }

    pub(super) fn said(self, said: Said) -> Data {
        let text = char::from(b'a' + said.text as u8).to_string();
        match self {
            Key::Own(id) => vec![(id, text)],
            Key::List(_) => (1..=said.many).map(|id| (id, text.clone())).collect(),
        }
    }

    pub(super) fn value(self, data: &Data) -> Value {
        match self {
            Key::Own(_) => Arc::new(data[0].clone()),
            Key::List(_) => Arc::new(data.clone()),
        }
    }

    pub(super) fn data(self, value: &Value) -> Data {
        match value.downcast_ref::<Post>() {
            Some(post) => vec![post.clone()],
            None => value.downcast_ref::<Data>().cloned().expect("posts"),
        }
    }
}

impl Op {
    pub(super) fn of(random: &mut Random) -> Op {
        let id = 1 + random.below(4) as i64;
        match random.below(12) {
            0..5 => Op::Add(id, random.pick(&['x', 'y', 'z'])),
            5..7 => Op::Insert(1 + random.below(2) as i64, random.pick(&[id, 9])),
            7..9 => Op::Remove(id),
            9 => Op::Add(9, '9'),
            10 => Op::Replace(random.pick(&Key::ALL)),
            _ => {
                if random.once_in(6) {
                    Op::Panic(random.pick(&Key::ALL))
                } else {
                    Op::Remove(9)
                }
            }
        }
    }

    pub(super) fn plan(ops: &[Op]) -> Arc<LayerPlan> {
        let add = |shown: Optimistic, op: &Op| match *op {
            Op::Add(id, more) => shown.change(POST.id(id), move |post: &mut Post| post.1.push(more)),
            Op::Insert(author, id) => shown.insert(POST.list().with("author", author), (id, "new".to_owned())),
            Op::Remove(id) => shown.remove(POST.id(id)),
            Op::Replace(key @ Key::Own(_)) => shown.replace(&key.own(), |post| post.1.push('r')),
            Op::Replace(key) => shown.replace(&key.list(), |posts| posts.iter_mut().for_each(|post| post.1.push('r'))),
            Op::Panic(key @ Key::Own(_)) => shown.replace(&key.own(), |_| panic!("on purpose")),
            Op::Panic(key) => shown.replace(&key.list(), |_| panic!("on purpose")),
        };
        ops.iter().fold(Optimistic::new(), add).into_plan(&Enhancements::default())
    }

    /// What it makes of data; nothing if it panics.
    fn apply(&self, key: Key, mut data: Data) -> Option<Data> {
        match *self {
            Op::Add(id, more) => data.iter_mut().filter(|post| post.0 == id).for_each(|post| post.1.push(more)),
            Op::Insert(author, id) => {
                if key == Key::List(author) && data.iter().all(|post| post.0 != id) {
                    data.insert(0, (id, "new".to_owned()));
                }
            }
            Op::Remove(id) => {
                if matches!(key, Key::List(_)) {
                    data.retain(|post| post.0 != id);
                }
            }
            Op::Replace(of) => {
                if key == of {
                    data.iter_mut().for_each(|post| post.1.push('r'));
                }
            }
            Op::Panic(of) => return (key != of).then_some(data),
        }
        Some(data)
    }
}

/// A layer, as the model knows it.
pub(super) struct Layer {
    pub(super) id: MutationId,
    pub(super) ops: Vec<Op>,
    pub(super) is_asked_for: bool,
    /// When it was done.
    pub(super) done_at: Option<u64>,
}

/// Committed data.
#[derive(Clone, Debug)]
pub(super) struct Committed {
    pub(super) data: Data,
    /// When what brought it began.
    pub(super) began: u64,
    /// The mutation whose result it is.
    pub(super) made_by: Option<MutationId>,
}

/// The model.
#[derive(Default)]
pub(super) struct Model {
    pub(super) committed: BTreeMap<Key, Committed>,
    /// In the order in which they came.
    pub(super) layers: Vec<Layer>,
}

impl Model {
    /// What is to be shown, and the layers that change it.
    pub(super) fn shown(&self, key: Key) -> Option<(Data, Vec<MutationId>)> {
        let Committed { mut data, began, made_by } = self.committed.get(&key)?.clone();
        let mut changing = Vec::new();
        for layer in &self.layers {
            if Some(layer.id) == made_by || layer.done_at.is_some_and(|done_at| done_at <= began) {
                continue;
            }
            let tagged: BTreeSet<i64> = data.iter().map(|post| post.0).collect();
            let means = |op: &&Op| match op {
                Op::Add(post, _) | Op::Remove(post) => tagged.contains(post),
                _ => true,
            };
            // What one change of a layer puts in, the next of the same layer does not look for.
            let queries = layer.ops.iter().filter(|op| matches!(op, Op::Replace(_) | Op::Panic(_)));
            let others = layer.ops.iter().filter(|op| !matches!(op, Op::Replace(_) | Op::Panic(_)));
            let all = queries.chain(others.filter(means));
            let folded = all.into_iter().try_fold(data.clone(), |data, op| op.apply(key, data));
            if let Some(folded) = folded.filter(|folded| *folded != data) {
                data = folded;
                changing.push(layer.id);
            }
        }
        Some((data, changing))
    }
}

/// The tags of data, without those of the args.
pub(super) fn ids(data: &Data) -> impl Iterator<Item = Tag> {
    data.iter().map(|post| POST.id(post.0))
}
