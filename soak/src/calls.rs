//! The calls that one task makes, chosen by chance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use larder::{CallbackGuard, Client, Json, Prefetch, Selected, Watcher};

use crate::server::{NUMBERS, Server, count_up, get_number, list_numbers, tag};

/// What a task has open. The oldest are closed for new ones.
#[derive(Default)]
struct Open {
    watchers: Vec<Watcher<Json>>,
    parts: Vec<Selected<Option<u64>>>,
    guards: Vec<CallbackGuard>,
}

/// Makes so many calls.
pub async fn make(client: Client, calls: u64, seed: u64, done: Arc<AtomicU64>) {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut open = Open::default();
    for call in 0..calls {
        let id = chance.u64(0..NUMBERS);
        match chance.u8(0..100) {
            0..30 => drop(client.peek(&get_number(id))),
            30..45 => drop(client.fetch(get_number(id)).await),
            45..47 => drop(client.fetch(list_numbers()).await),
            47..50 => drop(tokio::time::timeout(Duration::ZERO, client.fetch(get_number(id))).await),
            50..60 => keep(&mut open.watchers, client.watch(get_number(id))),
            60..70 => drop(chance.choice(&open.watchers).map(Watcher::snapshot)),
            70..75 => chance.choice(&open.watchers).into_iter().for_each(|watcher| watcher.set_query(get_number(id))),
            75..79 => drop(client.invalidate(tag(id))),
            79..81 => drop(client.mutate(count_up(id)).await),
            81..82 => drop(client.mutate(count_up(id).writes(get_number(id)))),
            82..85 => select(&mut open, &client, &mut chance),
            85..87 => drop(chance.choice(&open.parts).map(Selected::snapshot)),
            87..89 => listen(&mut open, &client, &mut chance, id),
            89..91 => client.prefetch(get_number(id), Prefetch::IfMissing),
            91..92 => chance.choice(&open.watchers).into_iter().for_each(|it| it.set_query(get_number(id).when(false))),
            92..93 => drop(client.update(&get_number(id), |_| ())),
            93..94 => client.remove(&get_number(id)),
            94..96 => drop(client.would_reach(tag(id))),
            96..97 => open = Open::default(),
            97..98 => client.batch(|batch| batch.invalidate(tag(id))).await.clear(),
            _ => tokio::task::yield_now().await,
        }
        if call % 64 == 0 {
            done.fetch_add(64, Ordering::Relaxed);
        }
    }
}

fn keep<T>(all: &mut Vec<T>, one: T) {
    const MOST: usize = 8;
    if all.len() == MOST {
        all.remove(0);
    }
    all.push(one);
}

fn select(open: &mut Open, _client: &Client, chance: &mut fastrand::Rng) {
    let Some(watcher) = chance.choice(&open.watchers) else { return };
    keep(&mut open.parts, watcher.select(|number| number.as_u64().map(|number| number / 4)));
}

/// Callbacks that call the client themselves.
fn listen(open: &mut Open, client: &Client, chance: &mut fastrand::Rng, id: u64) {
    let Some(watcher) = chance.choice(&open.watchers) else { return };
    let calling = client.clone();
    keep(&mut open.guards, watcher.on_change(move |_| drop(calling.peek(&get_number(id)))));
}

/// Fails unless every number that is watched is shown as it is.
pub async fn last_data_is_shown(client: &Client, server: &Server) -> Result<(), String> {
    for id in 0..NUMBERS {
        let mut watcher = client.watch(get_number(id));
        let shown = async {
            let mut state = watcher.snapshot();
            while state.is_fetching || state.is_stale || state.data.is_none() {
                if state.error.is_some() && !state.is_fetching {
                    // Lost on purpose: asked for again.
                    drop(client.invalidate(tag(id)));
                }
                state = watcher.changed().await;
            }
            state.data.and_then(|data| data.as_u64())
        };
        let shown =
            tokio::time::timeout(Duration::from_secs(10), shown).await.map_err(|_| format!("{id} never comes"))?;
        if shown != Some(server.number(id)) {
            return Err(format!("the number {id} is {} and shown as {shown:?}", server.number(id)));
        }
    }
    Ok(())
}
