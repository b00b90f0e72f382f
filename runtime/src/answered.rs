//! Results together with the status and the headers that they came with.

use std::sync::Arc;

use crate::client::Client;
use crate::error::Error;
use crate::platform::MaybeSend;
use crate::query::Query;
use crate::response::ResponseHead;

/// A result, with the head of the response that brought it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answered<T> {
    /// The result.
    pub data: T,
    /// Status and headers. Nothing where the application wrote the data itself, and where an entry whose keep-unused time is
    /// zero left at once.
    pub head: Option<ResponseHead>,
}

impl Client {
    /// As [`fetch`](Self::fetch), with the status and the headers of the response that brought the data: `answered.head`.
    ///
    /// ```no_run
    /// # use larder::{Client, Error, Json, Query, Request};
    /// # async fn run(client: Client) -> Result<(), Error> {
    /// let posts: Query<Json> = Query::new(Request::get("listPosts", "/posts"));
    /// let posts = client.fetch_answered(posts).await?;
    /// println!("{:?} posts in all", posts.head.and_then(|head| head.header("x-total-count").map(str::to_owned)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub fn fetch_answered<T: Send + Sync + 'static>(
        &self,
        query: Query<T>,
    ) -> impl Future<Output = Result<Answered<Arc<T>>, Error>> + MaybeSend + use<T> {
        let shared = self.shared().clone();
        let query = shared.enhancements.apply(query);
        let fetched = self.fetch(query.clone());
        async move {
            let data = fetched.await?;
            // What came meanwhile is newer, and goes with its own head.
            let answered = shared.shown(query.key()).and_then(|shown| {
                let head = shown.head.map(|(status, headers)| ResponseHead::new(status, headers));
                Some(Answered { data: shown.value.downcast().ok()?, head })
            });
            Ok(answered.unwrap_or(Answered { data, head: None }))
        }
    }
}
