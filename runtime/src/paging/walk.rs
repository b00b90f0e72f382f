//! Brings pages: their requests one after the other, as one request of the cache.

use std::sync::Arc;

use super::{ReadPages, Walk, Walking};
use crate::conditional;
use crate::core::{Decoded, Known};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::guard::guarded;
use crate::query::{QueryPlan, Value};
use crate::response::RawResponse;
use crate::tag::Tag;

/// Sends what a walk asks for, one request after the other, and makes the list. An error at any page is an error of all.
pub(crate) async fn read(
    exchange: &Exchange,
    plan: &QueryPlan,
    pages: Arc<dyn ReadPages>,
    known: Option<&Known>,
    walk: Walk,
) -> Result<Decoded, Error> {
    let call = || plan.request.call();
    let at = exchange.surroundings(&plan.request, pages.start());
    let walking = pages.clone().walk(known.map(|known| &known.value), walk, at, plan.settings.is_new_each_time);
    // Whether pages that are there may be asked for on condition that they have become others.
    let may_ask = known.is_some_and(|known| known.revalidated.is_some());
    let mut held = Held(Some(walking));
    while let Some(request) = held.walking().and_then(|walking| walking.ask(&plan.request)) {
        let request = request.map_err(|why| Error::unbuildable(call(), why))?;
        let held_page = held.walking().filter(|_| may_ask).and_then(|walking| walking.known());
        let (response, _) = conditional::ask(exchange, exchange.build(&request)?, &call(), held_page.as_ref()).await?;
        // It may be the last to hold the data of a page.
        let _ = guarded(|| drop(held_page));
        match guarded(|| held.walking().map(|walking| walking.take(response.clone()))) {
            Ok(None | Some(Ok(()))) => {}
            Ok(Some(Err(failure))) => return Err(Error::decode(call(), failure, response)),
            Err(_) => return Err(Error::panicked(call(), "reading a page")),
        }
    }
    let nothing = || Error::internal(crate::ErrorKind::Decode, "there is no page");
    let (value, head) = guarded(|| held.0.take()?.finish()).ok().flatten().ok_or_else(nothing)?;
    let heads = pages.heads(&value);
    let groups = heads.iter().flat_map(|headers| exchange.provided_groups(&plan.request, headers));
    tagged(plan, value, head, groups.collect())
}

/// Pages that are given up in the middle. What they hold is the application's.
struct Held(Option<Box<dyn Walking>>);

impl Held {
    fn walking(&mut self) -> Option<&mut Box<dyn Walking>> {
        self.0.as_mut()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = guarded(|| drop(self.0.take()));
    }
}

fn tagged(plan: &QueryPlan, value: Value, head: RawResponse, groups: Vec<Tag>) -> Result<Decoded, Error> {
    match guarded(|| plan.reader.tags(&value, &head)) {
        Ok(mut tags) => {
            tags.extend(groups);
            Ok(Decoded { value, response: Some(head), parts: None, tags })
        }
        Err(_) => Err(Error::panicked(plan.request.call(), "reading tags from the pages")),
    }
}
