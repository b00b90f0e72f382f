//! A typed client whose data stays fresh.
//!
//! A *query* is an operation whose result is cached, a *mutation* is one that changes the server. Queries say which
//! [tags](Tag) they provide, mutations say which tags they make stale, and the [`Client`] does the rest: it shares one
//! request among all who ask, and after a mutation it refetches exactly the watched queries that the mutation reached.
//!
//! Most queries and mutations are written by the generator from an OpenAPI document. They can be written by hand as well:
//!
//! ```no_run
//! use larder::{Client, Json, Mutation, Query, Request, TagType};
//!
//! const POST: TagType = TagType::new("Post");
//!
//! fn get_post(id: i64) -> Query<Json> {
//!     Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)).provides(POST.id(id))
//! }
//!
//! fn update_post(id: i64, body: &Json) -> Mutation<Json> {
//!     Mutation::new(Request::patch("updatePost", "/posts/{id}").path_param("id", &id).json(body))
//!         .invalidates(POST.id(id))
//! }
//!
//! # async fn run() -> Result<(), larder::Error> {
//! let client = Client::new("https://api.example.com/v1")?;
//! let mut post = client.watch(get_post(7));
//! let title = serde_json::json!({ "title": "Quinces" });
//! client.mutate(update_post(7, &title)).await?;
//! post.changed().await; // The watched post is fetched again, and nothing else is.
//! # Ok(())
//! # }
//! ```
//!
//! The cache itself is a state machine without I/O, clock or tasks; a thin shell around it sends the requests. Natively it
//! runs on tokio, in a browser on the page's event loop.

#![forbid(unsafe_code)]

mod answered;
#[cfg(feature = "audit")]
pub mod audit;
mod builder;
mod by_status;
mod cache_groups;
mod changes;
mod client;
mod coding;
mod conditional;
mod core;
mod credential;
#[cfg(feature = "csv")]
mod csv;
mod decode;
mod decode_message;
mod download;
mod driver;
mod enhance;
mod enums;
mod error;
mod error_view;
mod event;
mod events;
mod exchange;
pub mod formats;
mod freshness;
mod guard;
mod hooks;
mod http_date;
#[doc(hidden)]
pub mod inspect;
mod inspection;
mod json_path;
mod json_text;
pub mod layers;
mod listeners;
mod long_running;
mod loss;
mod method;
mod mock;
mod multipart;
mod mutating;
mod mutation;
mod notifications;
mod nullable;
mod object;
mod observed;
mod optimistic;
mod outbox;
mod paging;
mod param;
mod part;
mod part_path;
mod parts;
mod platform;
mod pointer;
mod prefetch;
mod progress;
mod pruned;
mod query;
mod recorded;
mod recorder;
mod redact;
mod request;
mod request_id;
mod response;
mod response_header;
mod retry;
mod same_json;
mod selected;
mod selection;
mod sending;
mod settings;
mod shared;
mod state;
mod streaming;
mod subscription;
mod sync;
mod tag;
mod tags;
mod tags_at;
mod target;
mod trace;
mod transport;
mod trigger;
mod union;
mod upload;
mod waiting;
mod watcher;

#[cfg(all(test, larder_shuttle))]
mod schedule_tests;
#[cfg(all(test, not(target_arch = "wasm32"), not(larder_shuttle)))]
mod tests;

pub use bytes::Bytes;
#[cfg(feature = "chrono")]
pub use chrono;
pub use http;
#[cfg(feature = "jiff")]
pub use jiff;
pub use serde;
pub use serde_json::Value as Json;
#[cfg(feature = "time")]
pub use time;
#[cfg(feature = "uuid")]
pub use uuid;

pub use crate::answered::Answered;
pub use crate::builder::ClientBuilder;
pub use crate::by_status::ByStatus;
pub use crate::changes::{Batch, Refetches};
pub use crate::client::Client;
pub use crate::credential::{Credential, OAuth2, Security, Token, TokenSource};
pub use crate::download::{Download, Downloading};
pub use crate::error::{Error, ErrorKind};
pub use crate::error_view::{ErrorCategory, ErrorView, FieldError};
pub use crate::event::{CallRef, Cause, Event, HookStep, Outcome, Removal, WaitsFor};
pub use crate::events::Events;
pub use crate::hooks::{ClientHooks, Hooks, MutationEnd};
pub use crate::inspection::{EntryView, Inspection};
pub use crate::layers::Layer;
pub use crate::listeners::CallbackGuard;
pub use crate::long_running::{Backoff, Polling, RunControl, RunProgress, Running};
pub use crate::mock::{MockAnswer, MockTransport};
pub use crate::multipart::FilePart;
pub use crate::mutating::{Mutating, Refetched, Refetching};
pub use crate::mutation::Mutation;
pub use crate::notifications::{Notification, NotificationPhase, Notifications, Notify};
pub use crate::nullable::Nullable;
pub use crate::observed::Changes;
pub use crate::optimistic::{Elements, Held, Optimistic, OptimisticLayer};
#[cfg(not(target_arch = "wasm32"))]
pub use crate::outbox::FileOutbox;
pub use crate::outbox::Outbox;
pub use crate::paging::{FurtherPage, Page, PageStream, Pages, Paging};
pub use crate::param::Style;
pub use crate::part::Part;
pub use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
pub use crate::prefetch::Prefetch;
pub use crate::progress::Progress;
pub use crate::query::Query;
pub use crate::recorder::{NoRecording, Recorder, Replay};
pub use crate::request::Request;
pub use crate::response::{RawResponse, ResponseHead};
pub use crate::response_header::{Headed, ResponseHeader};
pub use crate::retry::Retry;
pub use crate::selected::Selected;
pub use crate::selection::Selection;
pub use crate::settings::Refetch;
pub use crate::state::State;
pub use crate::streaming::{Growing, Item, Items, Regrow, Streaming};
pub use crate::tag::{Tag, TagType};
pub use crate::tags::Tags;
pub use crate::tags_at::TagsAt;
pub use crate::target::{RefetchOf, Target};
#[cfg(feature = "reqwest")]
pub use crate::transport::ReqwestTransport;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
pub use crate::transport::ReqwestTransportBuilder;
#[cfg(all(feature = "reqwest", target_arch = "wasm32"))]
pub use crate::transport::SendCookies;
pub use crate::transport::{
    OperationInfo, RequestId, ResponseBody, Transport, TransportError, TransportFn, transport_fn,
};
pub use crate::trigger::{Trigger, TriggerChanges, TriggerState, TriggerStatus};
pub use crate::upload::RequestBody;
pub use crate::waiting::{Waiting, WhenOffline};
pub use crate::watcher::Watcher;

/// What the macros of this crate expand to. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    /// How the data of a response is read.
    pub mod decode {
        pub use crate::decode::{bytes, json, json_lines, text};
    }

    pub use crate::enums::{read_integer, read_text, unknown_value};
    pub use crate::error::DecodeFailure;
    pub use crate::object::{Key, absent, read, write};
    pub use crate::part_path::{EachOfPath, ThereOnPath};
    pub use crate::union::{
        Member, VariantReader, read_best, read_json, read_tagged, read_variant, tag_of, unknown_variant, write_tagged,
    };
}

/// Brings in the client that the generator wrote into `OUT_DIR` under this name.
///
/// ```ignore
/// pub mod api {
///     larder::include_api!("openapi");
/// }
/// ```
#[macro_export]
macro_rules! include_api {
    ($name:literal) => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $name, "/mod.rs"));
    };
}
