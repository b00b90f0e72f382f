//! An answer that was given beforehand, or a failure.

use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::platform::{BoxFuture, sleep};
use crate::transport::{ResponseBody, TransportError};

/// What a [`MockTransport`](crate::MockTransport) answers: a response, or why there is none. Cheap to clone.
#[derive(Clone, Debug)]
#[must_use]
pub struct MockAnswer {
    delay: Duration,
    outcome: Outcome,
}

#[derive(Clone, Debug)]
enum Outcome {
    Response { status: StatusCode, headers: HeaderMap, body: Bytes, cut_off: bool },
    NotSent,
    Lost,
    Never,
}

impl MockAnswer {
    /// A response with a body of this content type. A status that is none counts as 500.
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> MockAnswer {
        let content_type = HeaderValue::from_str(content_type).ok().filter(|value| !value.is_empty());
        let headers = content_type.into_iter().map(|value| (CONTENT_TYPE, value)).collect();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        MockAnswer::of(Outcome::Response { status, headers, body: body.into(), cut_off: false })
    }

    /// A response of JSON, which is sent as it is written here.
    pub fn json(status: u16, body: impl Into<Bytes>) -> MockAnswer {
        MockAnswer::new(status, "application/json", body)
    }

    /// A response without a body.
    pub fn empty(status: u16) -> MockAnswer {
        MockAnswer::new(status, "", Bytes::new())
    }

    /// No connection: the server cannot have seen the request.
    pub fn not_sent() -> MockAnswer {
        MockAnswer::of(Outcome::NotSent)
    }

    /// A connection that is lost after the request was sent: nobody knows what the server did.
    pub fn lost() -> MockAnswer {
        MockAnswer::of(Outcome::Lost)
    }

    /// No answer, ever. It ends as a timeout.
    pub fn never() -> MockAnswer {
        MockAnswer::of(Outcome::Never)
    }

    fn of(outcome: Outcome) -> MockAnswer {
        MockAnswer { delay: Duration::ZERO, outcome }
    }

    /// The same after this time.
    pub fn delay(self, delay: Duration) -> MockAnswer {
        MockAnswer { delay, ..self }
    }

    /// The response with one more header. A failure has none.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> MockAnswer {
        if let Outcome::Response { headers, .. } = &mut self.outcome {
            headers.append(name, value);
        }
        self
    }

    /// The response with a body whose second half is lost. A failure stays one.
    pub fn cut_off(mut self) -> MockAnswer {
        if let Outcome::Response { cut_off, .. } = &mut self.outcome {
            *cut_off = true;
        }
        self
    }

    /// The response with another body. A failure has none.
    pub(crate) fn body(mut self, new: Bytes) -> MockAnswer {
        if let Outcome::Response { body, .. } = &mut self.outcome {
            *body = new;
        }
        self
    }

    pub(crate) fn send(self) -> BoxFuture<Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            if !self.delay.is_zero() {
                sleep(self.delay).await;
            }
            match self.outcome {
                Outcome::NotSent => Err(TransportError::not_sent("the mock refuses connections")),
                Outcome::Lost => Err(TransportError::lost("the mock lost the connection")),
                Outcome::Never => std::future::pending().await,
                Outcome::Response { status, headers, body, cut_off } => {
                    let body = if cut_off { ResponseBody::stream(CutOff::new(&body)) } else { body.into() };
                    let mut response = http::Response::new(body);
                    *response.status_mut() = status;
                    *response.headers_mut() = headers;
                    Ok(response)
                }
            }
        })
    }
}

/// Half of a body, and then the end of the connection.
struct CutOff(std::vec::IntoIter<Result<Bytes, TransportError>>);

impl CutOff {
    fn new(body: &Bytes) -> CutOff {
        let half = body.slice(..body.len() / 2);
        CutOff(vec![Ok(half), Err(TransportError::lost("the mock cut the body off"))].into_iter())
    }
}

impl Stream for CutOff {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}
