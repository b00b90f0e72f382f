//! What a trial has its server answer, what arrived there, and the gates at which answers wait.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;
use tokio::sync::watch;

/// One trial's part of the server.
pub struct Script {
    known: Mutex<Known>,
    /// Counts what changed.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Known {
    /// By method and path. The last answer stays.
    answers: HashMap<String, VecDeque<Value>>,
    arrived: Vec<Value>,
    open: HashSet<String>,
    given_up: usize,
}

impl Default for Script {
    fn default() -> Script {
        Script { known: Mutex::default(), changes: watch::Sender::new(0) }
    }
}

impl Script {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Known) -> R) -> R {
        let changed = change(&mut self.known());
        self.changes.send_modify(|count| *count += 1);
        changed
    }

    async fn until(&self, is_so: impl Fn(&Known) -> bool) {
        let mut changes = self.changes.subscribe();
        while !is_so(&self.known()) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Adds an answer to a call, after those that are there.
    pub fn add(&self, call: &str, answer: Value) {
        self.change(|known| known.answers.entry(call.to_owned()).or_default().push_back(answer));
    }

    /// Notes a request, and gives the answer that is due.
    ///
    /// Answers to the call with just this query string come before those to any.
    pub fn answer(&self, call: &str, query: &str, request: Value) -> Option<Value> {
        self.change(|known| {
            known.arrived.push(request);
            let exact = format!("{call}{query}");
            let call = if known.answers.contains_key(&exact) { &*exact } else { call };
            let answers = known.answers.get_mut(call)?;
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
        })
    }

    pub fn open(&self, gate: &str) {
        self.change(|known| known.open.insert(gate.to_owned()));
    }

    pub async fn opened(&self, gate: &str) {
        self.until(|known| known.open.contains(gate)).await;
    }

    /// What arrived, once it is as many.
    pub async fn arrived(&self, least: usize) -> Vec<Value> {
        self.until(|known| known.arrived.len() >= least).await;
        self.known().arrived.clone()
    }

    /// Returns once so many answers were given up by the page before their end.
    pub async fn given_up(&self, least: usize) {
        self.until(|known| known.given_up >= least).await;
    }

    /// An answer was given up.
    pub fn give_up(&self) {
        self.change(|known| known.given_up += 1);
    }
}
