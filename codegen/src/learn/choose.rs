//! Chooses the tags of one mutation: what it has to reach besides, and what it reaches for nothing.

use std::collections::BTreeSet;

use crate::plan::{Scope, Source, Tag};

use super::candidates::{Candidate, candidates};
use super::evidence::{Evidence, Mutation, Place};
use super::{Care, Evident, LearnedOperation};

/// A tag with what it reaches.
#[derive(Clone)]
struct Reaching {
    tag: Tag,
    places: BTreeSet<Place>,
    inferred: bool,
}

/// What the recordings teach of one mutation.
pub(super) fn choose(evidence: &Evidence<'_>, mutation: &Mutation<'_>, care: Care) -> LearnedOperation {
    let inferred = |tag: &Tag| Reaching { tag: tag.clone(), places: mutation.reach(tag), inferred: true };
    let planned: Vec<Reaching> = mutation.planned.iter().map(inferred).collect();
    let mut tags = planned.clone();
    let missed = |tags: &[Reaching]| {
        let places = mutation.places().filter(|place| {
            let seen = mutation.seen(*place);
            seen.changed && !seen.written && !tags.iter().any(|tag| tag.places.contains(place))
        });
        places.collect::<BTreeSet<Place>>()
    };
    let open = missed(&tags);
    let added = cover(evidence, mutation, &tags, open, true);
    tags.extend(added);
    narrow(evidence, mutation, &mut tags, care);
    if !tags.is_empty() && tags.iter().all(|tag| is_answered(&tag.tag)) {
        // When an answer is lost, what the call made stale must be known all the same.
        let gone = planned.iter().filter(|reaching| !tags.iter().any(|tag| tag.tag == reaching.tag));
        let gone: Vec<Reaching> = gone.filter(|reaching| !is_answered(&reaching.tag)).cloned().collect();
        tags.extend(gone);
    }
    let kept = |reaching: &Reaching| tags.iter().any(|tag| tag.inferred && tag.tag == reaching.tag);
    let evident = |reaching: &Reaching| {
        let changed = reaching.places.iter().filter(|place| mutation.seen(**place).changed).count();
        Evident {
            tag: reaching.tag.clone(),
            changed,
            unchanged: reaching.places.len() - changed,
            calls: mutation.calls.len(),
            inferred: reaching.inferred,
        }
    };
    let drops: Vec<Evident> = planned.iter().filter(|reaching| !kept(reaching)).map(evident).collect();
    let (stay, adds): (Vec<_>, Vec<_>) = tags.iter().partition(|reaching| reaching.inferred);
    LearnedOperation {
        id: mutation.id.to_owned(),
        adds: adds.into_iter().map(evident).collect(),
        replaces: (!drops.is_empty()).then(|| stay.into_iter().map(evident).collect()),
        drops,
        ..LearnedOperation::default()
    }
}

/// Adds tags until every entry in `open` is reached, the ones first that reach most of it and least of what did not change.
fn cover(
    evidence: &Evidence<'_>,
    mutation: &Mutation<'_>,
    tags: &[Reaching],
    mut open: BTreeSet<Place>,
    with_own: bool,
) -> Vec<Reaching> {
    let mut reached: BTreeSet<Place> = tags.iter().flat_map(|tag| tag.places.iter().copied()).collect();
    let mut proposed: Vec<(Candidate, BTreeSet<Place>)> = Vec::new();
    for place in &open {
        let (call, seen) = (&mutation.calls[place.0], mutation.seen(*place));
        let found = candidates(evidence, call, seen);
        for candidate in found.into_iter().filter(|found| with_own || !evidence.own.contains_key(&found.tag.tag_type)) {
            match proposed.iter_mut().find(|(known, _)| known.tag == candidate.tag) {
                Some((known, _)) => known.distance = known.distance.min(candidate.distance),
                None => {
                    let places = mutation.reach(&candidate.tag);
                    proposed.push((candidate, places));
                }
            }
        }
    }
    let mut added = Vec::new();
    while !open.is_empty() {
        let worth = |(candidate, places): &(Candidate, BTreeSet<Place>)| {
            let gain = places.intersection(&open).count();
            let lost =
                places.iter().filter(|place| !reached.contains(place) && !mutation.seen(**place).changed).count();
            let price = 1.0 + lost as f64 + f64::from(candidate.distance) * 0.1;
            (gain > 0).then(|| gain as f64 / price)
        };
        let best = proposed
            .iter()
            .filter_map(|candidate| Some((worth(candidate)?, candidate)))
            // Of equals the first: candidates are in the order of the recording.
            .reduce(|best, other| if other.0 > best.0 { other } else { best });
        let Some((_, (candidate, places))) = best else { break };
        open.retain(|place| !places.contains(place));
        reached.extend(places.iter().copied());
        added.push(Reaching { tag: candidate.tag.clone(), places: places.clone(), inferred: false });
    }
    added
}

/// Takes away what every observation says is for nothing, or puts something narrower in its place. No entry that changed is lost.
fn narrow(evidence: &Evidence<'_>, mutation: &Mutation<'_>, tags: &mut Vec<Reaching>, care: Care) {
    // A call that changed nothing says little of a mutation whose other calls do.
    let ever = mutation.calls.iter().any(|call| call.had_effect);
    let counts = |place: &&Place| !ever || mutation.calls[place.0].had_effect;
    let mut order: Vec<Tag> =
        tags.iter().filter(|tag| tag.inferred && may_go(&tag.tag, ever)).map(|tag| tag.tag.clone()).collect();
    // The least sure first.
    order.sort_by(|one, other| one.confidence.total_cmp(&other.confidence));
    for tag in order {
        let Some(at) = tags.iter().position(|reaching| reaching.inferred && reaching.tag == tag) else { continue };
        let others: BTreeSet<Place> = tags
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .flat_map(|(_, reaching)| reaching.places.iter().copied())
            .collect();
        let alone = tags[at].places.difference(&others).copied();
        let (useful, useless): (BTreeSet<Place>, BTreeSet<Place>) =
            alone.partition(|place| mutation.seen(*place).changed);
        let evident = useless.iter().filter(counts).count();
        let calls: BTreeSet<usize> = useless.iter().filter(counts).map(|place| place.0).collect();
        let enough = if may_go(&tag, true) { care.entries } else { 2 * care.entries };
        if evident < enough || calls.len() < care.calls {
            continue;
        }
        let needed: BTreeSet<Place> = useful.into_iter().filter(|place| !mutation.seen(*place).written).collect();
        let rest: Vec<Reaching> =
            tags.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, tag)| tag.clone()).collect();
        if needed.is_empty() {
            tags.remove(at);
            continue;
        }
        let narrower = cover(evidence, mutation, &rest, needed.clone(), false);
        let reached: BTreeSet<Place> = narrower.iter().flat_map(|tag| tag.places.iter().copied()).collect();
        let still = useless.iter().filter(|place| reached.contains(place)).filter(counts).count();
        let further = reached.iter().filter(|place| !tags[at].places.contains(place) && !others.contains(place));
        let further = further.filter(|place| !mutation.seen(**place).changed).count();
        if needed.is_subset(&reached) && still + further + care.entries <= evident {
            tags.remove(at);
            tags.extend(narrower);
        }
    }
}

/// Whether the answer alone tells what it names.
fn is_answered(tag: &Tag) -> bool {
    tag.sources().any(|source| matches!(source, Source::Response { .. }))
}

/// The entity that the call itself names is always reached: that it did not change was the accident of a call. Only an
/// action that was guessed to change it, and that was never seen to change anything, may go with twice the evidence.
fn may_go(tag: &Tag, had_effect: bool) -> bool {
    let from_path = |source: &Source| matches!(source, Source::Path { .. });
    let names_own = matches!(&tag.scope, Scope::Id { id } if !tag.reference && id.iter().all(from_path));
    !tag.gone && (!names_own || (!had_effect && tag.confidence < 1.0))
}
