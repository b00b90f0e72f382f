//! Queries and mutations whose response is a stream: how they are made, and what can be said of their streams.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::fold::{Grow, Latest, Reduce, Shape};
use super::frame::{Framer, Framing, Uncut};
use super::growing::{Growing, Item};
use super::grows::Regrow;
use crate::decode;
use crate::error::DecodeFailure;
use crate::mutation::Mutation;
use crate::query::Query;
use crate::request::Request;
use crate::response::RawResponse;

const ACCEPT_EVENTS: &str = "text/event-stream";
/// What many APIs send as their last event. It is no JSON, so it can be nothing else.
const DONE: &str = "[DONE]";

/// What [`Client::stream`](crate::Client::stream) takes: a query or a mutation whose response is a stream.
#[must_use = "nothing is sent until a client is given the call"]
pub struct Streaming<T>(pub(super) Call<T>);

pub(super) enum Call<T> {
    Query(Query<Growing<T>>),
    Mutation(Mutation<Growing<T>>),
}

impl<T> From<Query<Growing<T>>> for Streaming<T> {
    fn from(query: Query<Growing<T>>) -> Streaming<T> {
        Streaming(Call::Query(query))
    }
}

impl<T> From<Mutation<Growing<T>>> for Streaming<T> {
    fn from(mutation: Mutation<Growing<T>>) -> Streaming<T> {
        Streaming(Call::Mutation(mutation))
    }
}

/// What a request's stream is made of, if it is one of these items.
pub(super) fn shape_of<T: 'static>(request: &Request) -> Option<Shape<T>> {
    request.streaming()?.as_any().downcast_ref().cloned()
}

fn json_events<T: DeserializeOwned>() -> Shape<T> {
    Shape::new(Framing::Events, decode::json_text, Some(DONE))
}

fn json_lines<T: DeserializeOwned>() -> Shape<T> {
    Shape::new(Framing::Lines, decode::json_text, None)
}

macro_rules! streams {
    ($call:ident, $told:literal) => {
        impl<T: DeserializeOwned + Send + Sync + 'static> $call<Growing<T>> {
            #[doc = concat!("A ", $told, " whose response is a stream of server-sent events with JSON in their data (B30).")]
            ///
            /// An event with the data `[DONE]` is the end; see [`end_at`](Self::end_at).
            #[inline]
            pub fn events(request: Request) -> $call<Growing<T>> {
                $call::reading(streamed(request, json_events::<T>()), ACCEPT_EVENTS, whole_events)
            }
        }

        impl $call<Growing<String>> {
            #[doc = concat!("A ", $told, " whose response is a stream of server-sent events, with their data as it is.")]
            #[inline]
            pub fn text_events(request: Request) -> $call<Growing<String>> {
                let shape = Shape::new(Framing::Events, decode::text_of, None);
                $call::reading(streamed(request, shape), ACCEPT_EVENTS, whole_text_events)
            }
        }

        impl<T: DeserializeOwned + Send + Sync + 'static> $call<Vec<T>> {
            /// The same for a response of many JSON texts, one a line, that is read as it comes.
            pub fn growing(self) -> $call<Growing<T>> {
                self.as_json_lines()
            }
        }

        impl<T> $call<T> {
            /// The same for the response as server-sent events with JSON in their data, where the server offers several
            /// media types. What holds for [`as_text`](Self::as_text) holds for it.
            pub fn as_events<E: DeserializeOwned + Send + Sync + 'static>(self) -> $call<Growing<E>> {
                self.reread(ACCEPT_EVENTS, whole_events).with_shape(json_events())
            }

            /// The same for a response of many JSON texts, one a line, that is read as it comes, where the document does not
            /// say so.
            pub fn as_json_lines<E: DeserializeOwned + Send + Sync + 'static>(self) -> $call<Growing<E>> {
                self.reread(decode::ACCEPT_JSON_LINES, whole_lines).with_shape(json_lines())
            }
        }

        impl<T: Send + Sync + 'static> $call<Growing<T>> {
            /// An item with exactly this data says that the stream is at its end. It is no item itself.
            pub fn end_at(self, data: &str) -> $call<Growing<T>> {
                self.reshaped(|shape| shape.reading.end = Some(data.into()))
            }

            /// How long the server may be silent before the stream ends with an error of kind
            /// [`Timeout`](crate::ErrorKind::Timeout), instead of what the client says. `Duration::MAX` is for ever.
            pub fn idle_timeout(self, time: Duration) -> $call<Growing<T>> {
                self.reshaped(|shape| shape.reading.idle = Some(time))
            }

            /// How large an item may be: 8 MiB unless said otherwise. A larger one ends the stream with an error of kind
            /// [`TooLarge`](crate::ErrorKind::TooLarge).
            pub fn max_item_bytes(self, bytes: usize) -> $call<Growing<T>> {
                self.reshaped(|shape| shape.reading.max_item_bytes = bytes)
            }

            fn with_shape(self, shape: Shape<T>) -> $call<Growing<T>> {
                self.map_request(|request| streamed(request, shape))
            }

            fn reshaped(self, change: impl FnOnce(&mut Shape<T>)) -> $call<Growing<T>> {
                let Some(mut shape) = shape_of::<T>(self.request()) else { return self };
                change(&mut shape);
                self.with_shape(shape)
            }
        }
    };
}

streams!(Query, "query");
streams!(Mutation, "mutation");

impl<T: Send + Sync + 'static> Query<Growing<T>> {
    /// How often in a row the connection is made anew when it ends or is lost, as browsers do for event sources: zero unless
    /// said otherwise, `u32::MAX` for ever. An item in between starts the count anew.
    ///
    /// The server is told the last event's id, if there was one, and can go on from there; what came before stays. It is left
    /// alone for as long as it says (`retry:`), else for three seconds, twice as long after each failure, at most a minute. A
    /// status of 204, any error status and [`end_at`](Self::end_at) end the stream for good. Only a `GET` is sent anew.
    pub fn reconnect(self, times: u32) -> Query<Growing<T>> {
        self.reshaped(|shape| shape.reading.reconnects = times)
    }

    /// How many of the last items a query that grows keeps: all, unless said otherwise, up to the client's limit for
    /// responses.
    pub fn keep_last(self, items: usize) -> Query<Growing<T>> {
        self.reshaped(|shape| shape.keep_last = items)
    }

    /// What becomes of the items that are there when the stream is asked for again: [`Regrow::Reset`] unless said otherwise.
    pub fn regrow(self, how: Regrow) -> Query<Growing<T>> {
        self.reshaped(|shape| shape.regrow = how)
    }

    /// The same query for the last item alone: each takes the place of the one before. What was said of tags that are read
    /// from the result is gone.
    pub fn latest(self) -> Query<T> {
        self.made_by(Latest)
    }

    /// The same query for data that a function makes of the items: it begins with `initial`, and each item changes it. The
    /// data is copied for each batch of items that comes. What was said of tags that are read from the result is gone.
    ///
    /// Two calls with the same result type are the same entry, whatever their functions: that of the last call counts. A
    /// panic in `step` ends as an error on the entry.
    ///
    /// ```
    /// # use larder::{Growing, Json, Query, Request};
    /// let ticks: Query<Growing<Json>> = Query::events(Request::get("ticks", "/ticks"));
    /// let count = ticks.reduce(0_usize, |count, _tick| *count += 1);
    /// # let _ = count;
    /// ```
    pub fn reduce<A, F>(self, initial: A, step: F) -> Query<A>
    where
        A: Clone + Send + Sync + 'static,
        F: Fn(&mut A, &Item<T>) + Send + Sync + 'static,
    {
        self.made_by(|of| Reduce { of, initial, step: Arc::new(step) })
    }

    fn made_by<A: 'static, G: Grow + 'static>(self, grow: impl FnOnce(Shape<T>) -> G) -> Query<A> {
        let shape = shape_of::<T>(self.request());
        let accept = self.request().common().accepts().unwrap_or(ACCEPT_EVENTS);
        let query = self.reread(accept, whole_is_no_item);
        match shape {
            Some(shape) => query.map_request(|request| request.with_stream(Arc::new(grow(shape)))),
            None => query,
        }
    }
}

fn streamed<T: Send + Sync + 'static>(request: Request, shape: Shape<T>) -> Request {
    request.with_stream(Arc::new(shape))
}

fn whole_events<T: DeserializeOwned>(response: &RawResponse) -> Result<Growing<T>, DecodeFailure> {
    whole(response, &json_events())
}

fn whole_text_events(response: &RawResponse) -> Result<Growing<String>, DecodeFailure> {
    whole(response, &Shape::new(Framing::Events, decode::text_of, None))
}

fn whole_lines<T: DeserializeOwned>(response: &RawResponse) -> Result<Growing<T>, DecodeFailure> {
    whole(response, &Shape::new(Framing::Lines, decode::json_text, None))
}

/// What is made of a stream's items is not made of a response that is there at once.
fn whole_is_no_item<A>(_response: &RawResponse) -> Result<A, DecodeFailure> {
    let detail = "the data is made of a stream's items".to_owned();
    Err(DecodeFailure { detail, json_path: None })
}

/// A stream that was read to its end. The client's limit of responses has bounded it.
fn whole<T>(response: &RawResponse, shape: &Shape<T>) -> Result<Growing<T>, DecodeFailure> {
    let (mut framer, mut frames) = (Framer::new(shape.reading.framing, usize::MAX), Vec::new());
    let cut = framer.push(response.body(), &mut frames).and_then(|()| framer.finish(&mut frames));
    let end = shape.reading.end.as_deref().unwrap_or_default();
    let is_end = |data: &[u8]| !end.is_empty() && data == end.as_bytes();
    let ended = frames.iter().position(|frame| is_end(&frame.data));
    frames.truncate(ended.unwrap_or(frames.len()));
    let failure = |detail: &str| DecodeFailure { detail: detail.to_owned(), json_path: None };
    match cut {
        Err(Uncut::Malformed(what)) if ended.is_none() && !is_end(framer.unfinished()) => return Err(failure(what)),
        Err(Uncut::TooLarge) => return Err(failure("an item is too large")),
        _ => {}
    }
    let items = frames.into_iter().map(|frame| shape.item(frame).map(Arc::new).map_err(|(failure, _)| failure));
    items.collect::<Result<_, _>>().map(Growing::new)
}
