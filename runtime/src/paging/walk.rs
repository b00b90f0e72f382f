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
///
/// `progress` is how far the try before came, which is gone on from. Where a page does not come, it is how far this one did.
pub(crate) async fn read(
    exchange: &Exchange,
    plan: &QueryPlan,
    pages: Arc<dyn ReadPages>,
    known: Option<&Known>,
    walk: Walk,
    progress: &mut Option<Box<Progress>>,
) -> Result<Decoded, Error> {
    let call = || plan.request.call();
    let begin = || {
        let at = exchange.surroundings(&plan.request, pages.start());
        let anew = plan.settings.is_new_each_time;
        Box::new(Progress(Some(pages.clone().walk(known.map(|known| &known.value), walk, at, anew))))
    };
    // Whether pages that are there may be asked for on condition that they have become others.
    let may_ask = known.is_some_and(|known| known.revalidated.is_some());
    let mut held = progress.take().unwrap_or_else(begin);
    while let Some(request) = held.walking().and_then(|walking| walking.ask(&plan.request)) {
        let request = request.map_err(|why| Error::unbuildable(call(), why))?;
        let held_page = held.walking().filter(|_| may_ask).and_then(|walking| walking.known());
        let prepared = exchange.build(&request)?;
        let last_id = prepared.last_id.clone();
        let asked = conditional::ask(exchange, prepared, &call(), held_page.as_ref()).await;
        // It may be the last to hold the data of a page.
        let _ = guarded(|| drop(held_page));
        let response = match asked {
            Ok((response, _)) => response,
            Err(error) => {
                *progress = Some(held);
                return Err(error);
            }
        };
        match guarded(|| held.walking().map(|walking| walking.take(response.clone()))) {
            Ok(None | Some(Ok(()))) => {}
            Ok(Some(Err(failure))) => return Err(last_id.of(Error::decode(call(), failure, response))),
            Err(_) => return Err(Error::panicked(call(), "reading a page")),
        }
    }
    let nothing = || Error::internal(crate::ErrorKind::Decode, "there is no page");
    let (value, head) = guarded(|| held.0.take()?.finish()).ok().flatten().ok_or_else(nothing)?;
    let heads = pages.heads(&value);
    let groups = heads.iter().flat_map(|headers| exchange.provided_groups(&plan.request, headers));
    tagged(plan, value, head, groups.collect())
}

/// Pages that came, of a walk that is not at its end. What they hold is the application's.
pub(crate) struct Progress(Option<Box<dyn Walking>>);

impl Progress {
    fn walking(&mut self) -> Option<&mut Box<dyn Walking>> {
        self.0.as_mut()
    }
}

impl Drop for Progress {
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
