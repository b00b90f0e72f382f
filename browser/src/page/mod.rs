//! The page: a client of `larder` in a real browser, tried against a server that answers as each trial says.
//!
//! What is tried here is what a browser does otherwise than a native program: sending, timers, focus and connection, its own
//! cache of responses, and other origins. Nothing sleeps: a trial waits for what it has to see.

#![cfg(target_arch = "wasm32")]

mod caching;
mod calls;
mod condition;
mod credentials;
mod growing;
mod host;
mod mutations;
mod offline;
mod origins;
mod paging;
mod server;
mod trial;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::trial::Trial;

/// Begins, and goes on until a trial panics: then the program opens the page anew, for the trials that follow.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| host::panicked(&panic.to_string())));
    wasm_bindgen_futures::spawn_local(async {
        let plan = host::plan();
        let trials = trial::all().into_iter().enumerate().skip(plan.from);
        for (number, (name, run)) in trials.filter(|(_, (name, _))| plan.wants(name)) {
            host::begins(number, name);
            run(Trial::new(name, &plan.other)).await;
            host::passed();
        }
        host::end();
    });
}
