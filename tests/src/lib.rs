//! The golden code of every fixture, compiled as it is committed.

#![forbid(unsafe_code)]
#![allow(missing_docs)] // Documents need not describe everything.

pub mod social {
    include!("../../fixtures/social/generated/mod.rs");
}

pub mod access {
    include!("../../fixtures/access/generated/mod.rs");
}

pub mod response_headers {
    include!("../../fixtures/headers/generated/mod.rs");
}

pub mod all_types {
    include!("../../fixtures/types/generated/mod.rs");
}

pub mod requests {
    include!("../../fixtures/requests/generated/mod.rs");
}

pub mod tagging {
    include!("../../fixtures/tagging/generated/mod.rs");
}

pub mod overrides {
    include!("../../fixtures/overrides/generated/mod.rs");
}

pub mod mocked {
    include!("../../fixtures/mock/generated/mod.rs");
}

pub mod paging {
    include!("../../fixtures/paging/generated/mod.rs");
}

pub mod library;

/// The page's Rust is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/behaviour.md")]
pub struct Behaviour;

/// As above.
#[cfg(doctest)]
#[doc = include_str!("../../docs/paging.md")]
pub struct Paging;
