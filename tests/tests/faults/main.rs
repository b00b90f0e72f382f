//! The client of the social network against a server that fails on demand, over real connections: nothing is lost, nothing
//! hangs, and every error is the right one. `docs/testing.md` tells how to add a fault.

mod cases;
mod clock;
mod desync;
mod events;
mod fault;
mod files;
mod following;
mod kept;
mod modes;
mod pages;
mod redirects;
mod retried;
mod screen;
mod script;
mod server;
mod storm;
mod tokens;
mod wire;
