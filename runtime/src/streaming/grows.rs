//! A query's request whose response is a stream: its data grows while it comes.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::fold::{Fold, Grow};
use super::source::Source;
use crate::core::{Decoded, Known};
use crate::error::{DecodeFailure, Error};
use crate::exchange::Exchange;
use crate::guard::guarded;
use crate::query::QueryPlan;
use crate::response::{RawResponse, ResponseHead};

/// What becomes of the data of a query that grows when its stream is asked for again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Regrow {
    /// The first items of the new stream take the place of what was there.
    #[default]
    Reset,
    /// The new items come behind those that are there, if those came to their end. It is for servers that send only what is new.
    Append,
    /// What was there stays to be seen until the new stream is at its end. If there was nothing, it grows as it comes.
    Replace,
}

/// Reads a stream to its end. `tell` hears of the data as it grows; the last of it is the result.
pub(crate) async fn grow(
    exchange: &Arc<Exchange>,
    plan: &QueryPlan,
    grow: &dyn Grow,
    known: Option<&Known>,
    tell: impl Fn(Decoded),
) -> Result<Decoded, Error> {
    let call = || plan.request.call();
    let mut source = Source::new(exchange.clone(), plan.request.clone(), grow.reading().clone());
    source.open().await?;
    let begin = known.filter(|_| grow.regrow() == Regrow::Append).map(|known| &known.value);
    let is_silent = known.is_some() && grow.regrow() == Regrow::Replace;
    let panicked = |_| Error::panicked(call(), "reading the stream");
    let mut told = None;
    let mut fold = Guarded(Some(guarded(|| grow.begin(begin)).map_err(panicked)?));
    loop {
        let frames = source.next().await?;
        let is_end = frames.is_empty();
        for frame in frames {
            let Some(fold) = &mut fold.0 else { break };
            let added = guarded(|| fold.add(frame)).map_err(panicked)?;
            added.map_err(|(failure, data)| source.undecoded(failure, data))?;
        }
        let head = source.head().cloned().unwrap_or_default();
        let Some(so_far) = fold.0.as_deref() else { break };
        if exchange.max_response_bytes < so_far.bytes() {
            return Err(Error::too_large(call(), exchange.max_response_bytes, head.with_body(Default::default())));
        }
        match told.take().filter(|_| is_end) {
            Some(last) => return Ok(last),
            None if is_end => return decoded(exchange, plan, so_far, head),
            None if is_silent => {}
            None => {
                let grown = decoded(exchange, plan, so_far, head)?;
                told = Some(grown.clone());
                tell(grown);
            }
        }
        breathe().await;
    }
    Err(Error::aborted(call()))
}

fn decoded(exchange: &Exchange, plan: &QueryPlan, fold: &dyn Fold, head: ResponseHead) -> Result<Decoded, Error> {
    let call = || plan.request.call();
    let response: RawResponse = head.with_body(Default::default());
    let made = guarded(|| {
        let value = fold.value()?;
        let mut tags = plan.reader.tags(&value, &response);
        tags.extend(exchange.provided_groups(&plan.request, &response.headers));
        Some((value, tags))
    });
    match made {
        Ok(Some((value, tags))) => Ok(Decoded { value, response: Some(response), parts: None, tags }),
        Ok(None) => {
            let detail = "the stream ended before it brought anything".to_owned();
            Err(Error::decode(call(), DecodeFailure { detail, json_path: None }, response))
        }
        Err(_) => Err(Error::panicked(call(), "reading the stream")),
    }
}

/// Lets others go on: a stream that is always ready would leave them no room.
async fn breathe() {
    let mut is_first = true;
    poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

/// What is the application's, dropped where a panic stays.
struct Guarded(Option<Box<dyn Fold>>);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = guarded(|| drop(self.0.take()));
    }
}
