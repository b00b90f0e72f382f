//! What a trial has to work with, and the list of all of them.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use larder::{Client, ClientBuilder, Json, Mutation, Query, Request, Retry, TagType};

use crate::host;
use crate::server::Server;
use crate::{caching, calls, condition, credentials, growing, mutations, offline, origins, paging};

pub const NOTE: TagType = TagType::new("Note");

pub struct Trial {
    pub server: Server,
    name: &'static str,
    other: String,
}

impl Trial {
    pub fn new(name: &'static str, other: &str) -> Trial {
        Trial { server: Server::new(other, name), name, other: other.to_owned() }
    }

    /// A client of the page's own server, that makes single tries.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder(format!("{}/api/{}", host::origin(), self.name)).retry(Retry::none())
    }

    pub fn client(&self) -> Client {
        self.builder().build().expect("a client")
    }

    /// The same for the server as another origin.
    pub fn elsewhere(&self) -> ClientBuilder {
        Client::builder(format!("{}/api/{}", self.other, self.name)).retry(Retry::none())
    }
}

pub fn get_note(id: u32) -> Query<Json> {
    Query::new(Request::get("getNote", "/notes/{id}").path_param("id", &id)).provides(NOTE.id(id))
}

pub fn put_note(id: u32, text: &str) -> Mutation<Json> {
    let body = serde_json::json!({ "text": text });
    Mutation::new(Request::put("putNote", "/notes/{id}").path_param("id", &id).json(&body)).invalidates(NOTE.id(id))
}

pub fn post_note(text: &str) -> Mutation<Json> {
    let body = serde_json::json!({ "text": text });
    Mutation::new(Request::post("postNote", "/notes").json(&body)).invalidates(NOTE.list())
}

/// A future that has begun, and has to wait.
pub async fn begun<F: Future>(future: F) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending(), "it has to wait");
        Poll::Ready(())
    })
    .await;
    future
}

type Run = fn(Trial) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! trials {
    ($($file:ident: $($name:ident)*;)*) => {
        /// All trials, by their names.
        pub fn all() -> Vec<(&'static str, Run)> {
            vec![$($((stringify!($name), (|trial| Box::pin($file::$name(trial))) as Run)),*),*]
        }
    };
}

trials! {
    caching:
        readers_share_a_request
        a_mutation_refetches_what_is_watched
        a_fetch_that_is_dropped_gives_its_request_up
        what_takes_too_long_is_given_up
        a_refusal_says_what_the_server_said
        a_query_is_tried_again
        retry_after_is_obeyed
        polling_goes_on
        intervals_beyond_what_a_browser_counts_do_not_ring
        unused_entries_leave
        focus_refetches_what_is_stale
        a_hidden_page_does_not_poll
        a_page_that_begins_hidden_has_no_focus
        headers_are_read_with_their_types;
    condition:
        the_browser_asks_on_condition
        the_client_asks_on_condition
        the_browsers_cache_does_not_answer_what_is_stale;
    mutations:
        a_trigger_shows_how_it_goes
        hooks_run_in_order
        a_change_is_shown_before_it_is_done_and_taken_back
        a_change_stays_until_newer_data_is_there
        an_idempotency_key_stays_the_same
        one_scope_goes_in_order
        notifications_tell_how_it_goes;
    offline:
        a_query_waits_for_the_connection
        mutations_wait_for_the_connection
        an_outbox_survives_its_client
        what_is_stale_is_asked_for_on_return;
    growing:
        events_come_as_they_are_sent
        a_watched_stream_grows
        lines_come_as_they_are_sent
        a_lost_stream_is_taken_up_again
        a_stream_that_nobody_needs_is_closed
        a_silent_stream_ends
        a_download_comes_in_pieces
        a_download_that_breaks_off_says_so;
    paging:
        pages_follow_links
        a_refetch_brings_all_pages
        a_stream_of_pages;
    calls:
        a_form_with_a_file
        a_body_that_is_streamed
        a_selection_hears_of_its_part
        an_operation_that_takes_long
        a_mock_answers
        a_recording_is_played_again
        layers_see_requests;
    credentials:
        a_token_is_fetched_and_renewed
        a_token_that_cannot_be_had_is_told;
    origins:
        another_origin_is_asked
        headers_that_another_origin_does_not_show_are_not_there
        cookies_go_where_they_are_sent
        no_server_is_an_error;
}
