//! The index against the rule: what it finds is what `Tag::reaches` says.

use std::collections::BTreeSet;

use super::*;
use crate::tag::TagType;
use crate::tags::Tags;

const TYPES: [TagType; 2] = [TagType::new("Post"), TagType::new("User")];

/// A small generator of its own: the same numbers on every machine.
fn next(state: &mut u64, limit: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % limit
}

fn random_tag(state: &mut u64) -> Tag {
    let ty = TYPES[next(state, 2) as usize];
    let mut tag = match next(state, 7) {
        6 => Tag::of_group(ty.name(), next(state, 4).to_string()),
        0 => ty.all(),
        1 | 2 => ty.id(next(state, 4)),
        _ => {
            let mut list = ty.list();
            for name in ["a", "b", "c"] {
                if next(state, 2) == 0 {
                    let values: Vec<u64> = (0..next(state, 3)).map(|_| next(state, 3)).collect();
                    list = list.with(name, values);
                }
            }
            list
        }
    };
    if next(state, 4) == 0 {
        tag = tag.reference();
    }
    if next(state, 4) == 0 {
        tag = tag.filtered();
    }
    tag
}

fn provided(state: &mut u64) -> Vec<Tag> {
    let mut tags: Vec<Tag> = (0..next(state, 5)).map(|_| random_tag(state).into_provided()).collect();
    tags.sort_unstable();
    tags.dedup_by(|later, first| later.type_name() == first.type_name() && later.scope() == first.scope());
    tags
}

// B11
#[test]
fn b11_the_index_finds_what_the_rule_says() {
    let state = &mut 7;
    let mut index = TagIndex::default();
    let mut entries: Vec<Vec<Tag>> = vec![Vec::new(); 12];
    for _ in 0..3000 {
        let entry = next(state, 12) as usize;
        let new = provided(state);
        index.replace(EntryId::first(entry as u32), &entries[entry], &new);
        entries[entry] = new;
        let tag = random_tag(state);
        let mut found = Vec::new();
        index.reach(&tag, &mut found);
        let found: BTreeSet<EntryId> = found.into_iter().collect();
        let expected: BTreeSet<EntryId> = (0..12)
            .filter(|entry| entries[*entry].iter().any(|provided| tag.reaches(provided)))
            .map(|entry| EntryId::first(entry as u32))
            .collect();
        assert_eq!(found, expected, "{tag} among {entries:?}");
        assert_eq!(index.len(), entries.iter().map(Vec::len).sum::<usize>());
    }
    for (entry, tags) in entries.iter().enumerate() {
        index.replace(EntryId::first(entry as u32), tags, &[]);
    }
    assert!(index.is_empty());
}

#[test]
fn a_full_tag_can_become_a_reference_and_back() {
    let (full, reference) = (vec![TYPES[0].id(1)], vec![TYPES[0].id(1).reference()]);
    let mut index = TagIndex::default();
    let reached = |index: &TagIndex| {
        let mut found = Vec::new();
        for tag in Tags::from(TYPES[0].id(1)).iter() {
            index.reach(tag, &mut found);
        }
        found.len()
    };
    index.replace(EntryId::first(1), &[], &full);
    assert_eq!(reached(&index), 1);
    index.replace(EntryId::first(1), &full, &reference);
    assert_eq!(reached(&index), 0);
    index.replace(EntryId::first(1), &reference, &full);
    assert_eq!(reached(&index), 1);
}

// B11
#[test]
fn b11_what_thousands_of_entries_share_is_found_in_full_and_forgotten_in_full() {
    let (post, mut index) = (TYPES[0], TagIndex::default());
    let reached = |index: &TagIndex, tag: Tag| {
        let mut found = Vec::new();
        index.reach(&tag, &mut found);
        assert!(found.len() <= 6000, "{tag} finds an entry more often than it has tags that match");
        found.into_iter().collect::<BTreeSet<_>>().len()
    };
    let tags = |entry: u32| {
        let mut tags = vec![post.id(entry), post.list().with("author", entry % 2).with("page", entry), post.all()];
        tags.sort_unstable();
        tags
    };
    for entry in 0..2000 {
        index.replace(EntryId::first(entry), &[], &tags(entry));
    }
    assert_eq!(reached(&index, post.all()), 2000);
    assert_eq!(reached(&index, post.list()), 2000);
    assert_eq!(reached(&index, post.list().with("author", 1)), 1000);
    assert_eq!(reached(&index, post.list().with("author", 1).with("page", [4, 5, 7])), 2);
    assert_eq!(reached(&index, post.id("1999")), 1);
    for entry in 0..1990 {
        index.replace(EntryId::first(entry), &tags(entry), &[]);
    }
    assert_eq!(reached(&index, post.all()), 10);
    assert_eq!(reached(&index, post.list().with("author", 1)), 5);
    let of_type = &index.types["Post"];
    assert!(of_type.ids.capacity() < 64, "room for {} ids is kept for ten", of_type.ids.capacity());
    for entry in 1990..2000 {
        index.replace(EntryId::first(entry), &tags(entry), &[]);
    }
    assert!(index.is_empty());
}

/// An entry with an id tag costs this in the index, so it may not grow unseen. A table is between 7/16 and 7/8 full, and
/// has one byte more for each place.
#[test]
#[cfg(target_pointer_width = "64")]
fn an_id_of_one_entry_costs_little() {
    assert!(size_of::<(Id, Postings)>() <= 32, "{}", size_of::<(Id, Postings)>());
}
