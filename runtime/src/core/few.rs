//! A set that usually has one member, and then needs no memory of its own.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::Hash;

/// A set of one or more. An empty one is not kept.
pub(super) enum Few<T> {
    One(T),
    /// Two or more.
    #[expect(clippy::box_collection, reason = "a set takes 48 bytes, which those of one member need not pay")]
    Many(Box<HashSet<T>>),
}

impl<T: Hash + Eq> Few<T> {
    pub(super) fn insert(&mut self, member: T) {
        match self {
            Few::Many(members) => drop(members.insert(member)),
            Few::One(one) if *one == member => {}
            Few::One(_) => {
                let both = Few::Many(Box::new(HashSet::from([member])));
                if let (Few::One(one), Few::Many(members)) = (std::mem::replace(self, both), self) {
                    members.insert(one);
                }
            }
        }
    }

    /// Whether the set is empty without this member. Then it is for the caller to drop it.
    #[must_use]
    pub(super) fn remove<Q: Hash + Eq + ?Sized>(&mut self, member: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        let members = match self {
            Few::One(one) => return (*one).borrow() == member,
            Few::Many(members) => members,
        };
        members.remove(member);
        if members.len() == 1 {
            let last = members.drain().next();
            if let Some(one) = last {
                *self = Few::One(one);
            }
        } else if is_sparse(members.len(), members.capacity()) {
            members.shrink_to(members.len() * 2);
        }
        false
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Few::One(_) => 1,
            Few::Many(members) => members.len(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let (one, many) = match self {
            Few::One(one) => (Some(one), None),
            Few::Many(members) => (None, Some(members.iter())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

/// Whether a table has so much room to spare that going through it, or keeping it, costs more than what it holds.
pub(super) fn is_sparse(len: usize, capacity: usize) -> bool {
    capacity > 32 && len < capacity / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_set_that_shrinks() {
        let mut few = Few::One(0);
        for member in (0..1000).chain(0..1000) {
            few.insert(member);
        }
        assert_eq!(few.len(), 1000);
        assert!((3..1000).rev().chain([2000]).all(|member| !few.remove(&member)));
        let Few::Many(members) = &few else { panic!("three are many") };
        assert!(members.capacity() < 64, "{} for three", members.capacity());
        let mut left: Vec<i32> = few.iter().copied().collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2]);
        assert!(!few.remove(&1) && !few.remove(&0));
        assert!(matches!(few, Few::One(2)));
        assert!(!few.remove(&1));
        assert!(few.remove(&2));
    }
}
