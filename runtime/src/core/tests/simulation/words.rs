//! A schedule in words, for whoever has to find out what went wrong.

use std::fmt;

use super::asked::words;
use super::payload;
use super::schedule::{Arrival, ByHand, Ending, Meant, Step};
use super::world::View;
use crate::core::Effect;
use crate::event::Event as Report;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Watch(call) => write!(f, "somebody watches {call}"),
            Step::Unwatch(_) => f.write_str("a watcher leaves"),
            Step::Fetch(call) => write!(f, "somebody fetches {call}"),
            Step::Hit(call) => write!(f, "somebody fetches {call}, on the short way if it is fresh"),
            Step::Rework(call) => write!(f, "by hand: update {call}"),
            Step::Refetch(call) => write!(f, "somebody refetches {call}"),
            Step::Prefetch(call, when) => write!(f, "prefetch ({when:?}) of {call}"),
            Step::Cancel(_) => f.write_str("a caller goes before there is an answer"),
            Step::Start(mutation) => write!(f, "a mutation begins: {mutation}"),
            Step::Commit(_) => f.write_str("the server does a mutation"),
            Step::Settle(_, Ending::Told) => f.write_str("a mutation's outcome is told"),
            Step::Settle(_, Ending::Unknown) => f.write_str("a mutation ends, and its outcome is unknown"),
            Step::Serve(_, tag, max_age) => {
                f.write_str("the server answers a query")?;
                tag.as_ref().map_or(Ok(()), |tag| write!(f, ", which also provides {tag}"))?;
                max_age.map_or(Ok(()), |age| write!(f, ", which is fresh for {age} s"))
            }
            Step::Deliver(_, Arrival::Whole) => f.write_str("an answer arrives"),
            Step::Deliver(_, Arrival::Lost) => f.write_str("an answer is lost"),
            Step::Deliver(_, Arrival::Again(millis)) => {
                write!(f, "an answer is lost, which may be asked for again in {millis} ms")
            }
            Step::Deliver(_, Arrival::Panicked) => f.write_str("an answer arrives, and the application's code panics"),
            Step::Again(_) => f.write_str("something comes once more, or too late"),
            Step::Change(changes) => {
                let list: Vec<String> = changes.iter().map(ToString::to_string).collect();
                write!(f, "by hand: {}", list.join("; then "))
            }
            Step::Pass(time) => write!(f, "{time:?} pass, and the timer rings"),
            Step::Ring => f.write_str("time passes until the timer rings"),
            Step::PassUnnoticed(time) => write!(f, "{time:?} pass, and the timer is late"),
            Step::Tick => f.write_str("the timer rings"),
            Step::Focus(true) => f.write_str("the window gets the focus"),
            Step::Focus(false) => f.write_str("the window loses the focus"),
            Step::Online(true) => f.write_str("the host is online"),
            Step::Online(false) => f.write_str("the host is offline"),
        }
    }
}

impl fmt::Display for ByHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ByHand::Invalidate(meant, refetch) => write!(f, "invalidate {meant}, refetch of {refetch:?}"),
            ByHand::Set { call, tags_are_all: true } => write!(f, "set {call}"),
            ByHand::Set { call, tags_are_all: false } => write!(f, "set {call}, whose JSON tells more tags"),
            ByHand::Remove(meant) => write!(f, "remove {meant}"),
            ByHand::Reset(meant) => write!(f, "reset {meant}"),
        }
    }
}

impl fmt::Display for Meant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Meant::Tags(tags) => f.write_str(&words(tags)),
            Meant::Query(asked) => write!(f, "{asked}"),
            Meant::Operation(operation) => write!(f, "the operation {operation}"),
            Meant::Path(pattern) => write!(f, "the path {pattern}"),
            Meant::Everything => f.write_str("everything"),
        }
    }
}

/// An effect of the core.
pub(super) fn of_effect(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Publish { snapshot, .. } => format!("shown: {}", View::of(snapshot)),
        Effect::Send(outgoing) => {
            format!("sent: {} as request {}", outgoing.plan.request.path_and_query(), outgoing.request.0)
        }
        Effect::Report(Report::Requested { request, cause, .. }) => format!("request {request} is due to {cause:?}"),
        Effect::Abort { request } => format!("given up: request {}", request.0),
        Effect::Answer { waiter, result: Ok(value) } => {
            format!("caller {} has its answer: #{}", waiter.0, payload::serial(value))
        }
        Effect::Answer { waiter, result: Err(error) } => format!("caller {} has its answer: {error}", waiter.0),
        Effect::HoldMutation { mutation } => format!("mutation {} waits", mutation.0),
        Effect::SendMutation { mutation } => format!("mutation {} is sent", mutation.0),
        Effect::AnswerMutation { mutation } => format!("the caller of mutation {} has its result", mutation.0),
        Effect::Refetched { mutation, errors } => {
            format!("the refetches of {} are through, with {} errors", mutation.0, errors.len())
        }
        Effect::WakeAt(at) => format!("the timer will ring at {at:?}"),
        Effect::Report(Report::Removed { entry, why }) => format!("removed: {} ({why:?})", entry.url),
        Effect::Report(Report::Invalidated { tags, refetching, marked_stale, dropped }) => {
            let paths = |calls: &[crate::event::CallRef]| -> Vec<String> {
                calls.iter().map(|call| call.url.to_string()).collect()
            };
            let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
            format!(
                "invalidated {tags:?}: refetching {:?}, marked {:?}, dropped {:?}",
                paths(refetching),
                paths(marked_stale),
                paths(dropped)
            )
        }
        Effect::Report(Report::Received { entry, changed, .. }) => format!("stored: {}, changed: {changed}", entry.url),
        Effect::Report(Report::Written { entry, changed }) => format!("written: {}, changed: {changed}", entry.url),
        Effect::Report(_) | Effect::Empty(_) | Effect::Discard(_) => return None,
    })
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.serial {
            Some(serial) => write!(f, "#{serial}")?,
            None => f.write_str("no data")?,
        }
        for (is_so, word) in [(self.is_stale, "stale"), (self.is_fetching, "fetching")] {
            if is_so {
                write!(f, ", {word}")?;
            }
        }
        self.error.as_ref().map_or(Ok(()), |error| write!(f, ", {error}"))
    }
}
