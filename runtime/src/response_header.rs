//! Headers of responses as a document promises them, with their types.

mod read;
#[cfg(all(test, not(target_arch = "wasm32"), not(larder_shuttle)))]
mod tests;

use std::fmt;
use std::marker::PhantomData;

use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::answered::Answered;
use crate::download::Download;
use crate::error::{Error, ErrorKind};
use crate::guard::guarded;
use crate::hooks::MutationEnd;
use crate::mutating::Refetched;
use crate::paging::Page;
use crate::response::{RawResponse, ResponseHead};
use crate::state::State;
use crate::streaming::Items;
use crate::trigger::TriggerState;

/// A header that a document promises of responses. Generated code has a constant for each, in its module `headers`.
///
/// ```
/// # use larder::{Client, Error, Json, Query};
/// use larder::ResponseHeader;
///
/// const X_TOTAL_COUNT: ResponseHeader<u64> = ResponseHeader::new("X-Total-Count");
///
/// # async fn run(client: Client, list_posts: Query<Json>) -> Result<(), Error> {
/// let posts = client.fetch_answered(list_posts).await?;
/// println!("{} of {:?}", posts.data, X_TOTAL_COUNT.of(&posts)?);
/// # Ok(())
/// # }
/// ```
pub struct ResponseHeader<T> {
    name: &'static str,
    is_json: bool,
    ty: PhantomData<fn() -> T>,
}

impl<T> ResponseHeader<T> {
    /// A header of this name, in OpenAPI's style `simple`: a text, a number, `true` or `false`, or several with commas between
    /// them.
    pub const fn new(name: &'static str) -> ResponseHeader<T> {
        ResponseHeader { name, is_json: false, ty: PhantomData }
    }

    /// A header of this name that holds JSON.
    pub const fn json(name: &'static str) -> ResponseHeader<T> {
        ResponseHeader { name, is_json: true, ty: PhantomData }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<T: DeserializeOwned> ResponseHeader<T> {
    /// Its value in what brought a result or an error. `None` where the response did not have it, where there was no response,
    /// and in a browser where the server is of another origin and does not show it
    /// (`Access-Control-Expose-Headers`).
    ///
    /// Of several headers of the name a list is all of them, anything else the first.
    ///
    /// # Errors
    /// Of kind [`Decode`](ErrorKind::Decode) when the header does not have a value of its type. The error does not say what it
    /// has instead, since that may be secret.
    pub fn of(&self, response: &(impl Headed + ?Sized)) -> Result<Option<T>, Error> {
        let Some(headers) = response.response_headers() else { return Ok(None) };
        let mut values = headers.get_all(self.name).iter().peekable();
        if values.peek().is_none() {
            return Ok(None);
        }
        let values: Option<Vec<&str>> = values.map(|value| value.to_str().ok()).collect();
        let unfit = |what: &str| {
            let of = response.operation_id().map(|id| format!(" of {id}")).unwrap_or_default();
            let detail = format!("the header `{}` in a response{of} is not {what}", self.name);
            Error::internal(ErrorKind::Decode, &detail)
        };
        let Some(values) = values else { return Err(unfit("text")) };
        let read = guarded(|| {
            if self.is_json {
                let text = values.first().copied().unwrap_or_default();
                return serde_json::from_str(text).map_err(|_| "JSON of its type");
            }
            read::simple(&values)
        });
        read.unwrap_or(Err("a value of its type, and reading it panicked")).map(Some).map_err(unfit)
    }
}

impl<T> Clone for ResponseHeader<T> {
    fn clone(&self) -> ResponseHeader<T> {
        *self
    }
}

impl<T> Copy for ResponseHeader<T> {}

impl<T> fmt::Debug for ResponseHeader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResponseHeader").field(&self.name).finish()
    }
}

/// What can have the headers of a response: whatever a [`ResponseHeader`] can be read from.
pub trait Headed {
    /// The headers, if there was a response.
    fn response_headers(&self) -> Option<&HeaderMap>;

    /// The operation that was answered, where that is known.
    fn operation_id(&self) -> Option<&'static str> {
        None
    }
}

macro_rules! headed {
    ($([$($t:ident)?] $ty:ty: |$this:ident| $head:expr;)*) => {$(
        impl$(<$t>)? Headed for $ty {
            fn response_headers(&self) -> Option<&HeaderMap> {
                let $this = self;
                $head.map(ResponseHead::headers)
            }

            fn operation_id(&self) -> Option<&'static str> {
                let $this = self;
                $head.and_then(ResponseHead::operation)
            }
        }
    )*};
}

headed! {
    [] ResponseHead: |this| Some(this);
    [] Option<ResponseHead>: |this| this.as_ref();
    [T] Answered<T>: |this| this.head.as_ref();
    [T] Refetched<T>: |this| this.head.as_ref();
    [T] TriggerState<T>: |this| this.head();
    [T] Items<T>: |this| this.head();
    [] Download: |this| Some(this.head());
    [] MutationEnd: |this| this.head.as_ref();
}

impl Headed for RawResponse {
    fn response_headers(&self) -> Option<&HeaderMap> {
        Some(self.headers())
    }
}

impl<T> Headed for State<T> {
    fn response_headers(&self) -> Option<&HeaderMap> {
        self.headers.as_deref()
    }
}

impl<T> Headed for Page<T> {
    fn response_headers(&self) -> Option<&HeaderMap> {
        Some(self.headers())
    }
}

/// Those of the response by which the server refused, or that could not be read.
impl Headed for Error {
    fn response_headers(&self) -> Option<&HeaderMap> {
        self.headers()
    }

    fn operation_id(&self) -> Option<&'static str> {
        self.operation()
    }
}

impl Headed for HeaderMap {
    fn response_headers(&self) -> Option<&HeaderMap> {
        Some(self)
    }
}
