//! The outbox in random schedules of connections, answers and restarts.

use std::collections::{BTreeSet, HashMap};

use super::outbox::{Memory, client, life};
use super::*;
use crate::core::tests::simulation::random::Random;

/// What is known of a mutation, from outside of all runs.
#[derive(Default)]
struct Sent {
    times: usize,
    /// How often it was surely not done, or cut off, and so may be sent once more.
    excused: usize,
    keys: BTreeSet<String>,
}

// B24
#[test]
fn b24_restarts_at_any_point_lose_nothing_and_send_nothing_twice_without_need() {
    for seed in 1..=80 {
        let mut random = Random::new(seed);
        let outbox = Memory::default();
        let mut sent: HashMap<i64, Sent> = HashMap::new();
        let mut done: Vec<i64> = Vec::new();
        let mut last = 0;
        let scopes = [None, Some("a"), Some("b")];
        for run in 0..5 {
            life(async {
                let server = Server::default();
                let client = client(&server, &outbox);
                let mut in_flight: Vec<(i64, Asked)> = Vec::new();
                let mut online = random.once_in(2) || run == 4;
                client.online(online);
                let steps = if run == 4 { 0 } else { 5 + random.below(25) };
                for step in 0..steps + 1000 {
                    let is_over = steps <= step;
                    let is_through = step % 10 == 0 && in_flight.is_empty() && client.waiting().is_empty();
                    if is_over && (run < 4 || is_through && steps + 10 < step) {
                        break;
                    }
                    match random.below(8) {
                        // What is started without a connection waits, and so must not be lost.
                        0..3 if !online && !is_over => {
                            last += 1;
                            let mutation = update_post(last);
                            // The scope follows from the number, so that it is known afterwards.
                            drop(client.mutate(match scopes[last as usize % 3] {
                                Some(scope) => mutation.scope(scope),
                                None => mutation,
                            }));
                        }
                        0..2 if !is_over => {
                            online = !online;
                            client.online(online);
                        }
                        2 if !in_flight.is_empty() && !is_over => {
                            let (id, asked) = in_flight.swap_remove(random.below(in_flight.len()));
                            asked.send(Err(TransportError::not_sent("no route")));
                            sent.get_mut(&id).unwrap().excused += 1;
                            // So that it is put back, and not failed to nobody's knowledge.
                            client.online(false);
                            online = false;
                        }
                        _ if !in_flight.is_empty() => {
                            let (id, asked) = in_flight.swap_remove(random.below(in_flight.len()));
                            asked.ok(json("{}"));
                            done.push(id);
                        }
                        _ => {}
                    }
                    yield_often().await;
                    for asked in lock(&server.asked).drain(..) {
                        let id: i64 = asked.url().rsplit('/').next().unwrap().parse().unwrap();
                        let known = sent.entry(id).or_default();
                        known.times += 1;
                        known.keys.insert(asked.request.headers()["idempotency-key"].to_str().unwrap().to_owned());
                        in_flight.push((id, asked));
                    }
                }
                for (id, _) in in_flight {
                    sent.get_mut(&id).unwrap().excused += 1;
                }
            });
        }
        let mut all = done.clone();
        all.sort_unstable();
        assert_eq!(all, (1..=last).collect::<Vec<_>>(), "seed {seed}: each is done, once");
        for scope in 0..3 {
            let of_scope: Vec<i64> = done.iter().copied().filter(|id| *id as usize % 3 == scope).collect();
            assert!(of_scope.is_sorted(), "seed {seed}: {of_scope:?}");
        }
        let keys: BTreeSet<&String> = sent.values().flat_map(|sent| &sent.keys).collect();
        assert_eq!(keys.len(), sent.len(), "seed {seed}: a key for each");
        for (id, Sent { times, excused, keys }) in &sent {
            assert_eq!((*times, keys.len()), (excused + 1, 1), "seed {seed}: {id}");
        }
        assert!(lock(&outbox.records).is_empty(), "seed {seed}");
    }
}
