//! Operations that answer with different data under different statuses.

use crate::error::DecodeFailure;
use crate::response::RawResponse;

/// An enum with a variant for each documented status. [`by_status!`](crate::by_status) implements it.
pub trait ByStatus: Sized {
    /// The variant that this response is; `None` when no variant is for its status.
    #[doc(hidden)]
    fn by_status(response: &RawResponse) -> Option<Result<Self, DecodeFailure>>;
}

/// Implements [`ByStatus`] for an enum that is written above it.
///
/// Each row is a pattern of statuses, a variant, and how its data is read: `json`, `text`, `bytes`, `json_lines`, `empty`
/// for a variant without data, or `raw` for the response as it came. The first row that fits counts.
///
/// ```
/// # #[derive(Debug, larder::serde::Deserialize)] #[serde(crate = "larder::serde")] pub struct Report { rows: u32 }
/// #[derive(Clone, Debug)]
/// pub enum GetReportResponse {
///     Ok(std::sync::Arc<str>),
///     Accepted,
///     Other(larder::RawResponse),
/// }
/// # #[derive(Debug)] pub enum GetReportError { NotFound(String), ServerError(Report) }
/// larder::by_status! { GetReportError { 404 => NotFound text, 500..=599 => ServerError json } }
/// ```
#[macro_export]
macro_rules! by_status {
    ($name:ident { $($status:pat => $variant:ident $how:ident),* $(,)? }) => {
        impl $crate::ByStatus for $name {
            fn by_status(
                response: &$crate::RawResponse,
            ) -> ::std::option::Option<::std::result::Result<Self, $crate::__private::DecodeFailure>> {
                // A row for all statuses leaves nothing to the last arm.
                #[allow(unreachable_patterns)]
                match response.status().as_u16() {
                    $($status => $crate::by_status!(@read $name $variant $how response),)*
                    _ => ::std::option::Option::None,
                }
            }
        }
    };
    (@read $name:ident $variant:ident empty $response:ident) => {
        ::std::option::Option::Some(::std::result::Result::Ok($name::$variant))
    };
    (@read $name:ident $variant:ident raw $response:ident) => {
        ::std::option::Option::Some(::std::result::Result::Ok($name::$variant(::std::clone::Clone::clone($response))))
    };
    (@read $name:ident $variant:ident $how:ident $response:ident) => {
        ::std::option::Option::Some($crate::__private::decode::$how($response).map($name::$variant))
    };
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[derive(Clone, Debug)]
    enum Answer {
        Ok(u8),
        Accepted(String),
        NoContent,
        Other(RawResponse),
    }
    by_status! { Answer { 200 => Ok json, 202 => Accepted text, 204 => NoContent empty, _ => Other raw } }

    #[derive(Debug)]
    enum Refusal {
        NotFound(u8),
        ServerError(String),
    }
    by_status! { Refusal { 404 => NotFound json, 500..=599 => ServerError text } }

    fn response(status: u16, body: &'static str) -> RawResponse {
        let status = http::StatusCode::from_u16(status).unwrap();
        RawResponse { status, headers: Default::default(), body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn the_status_tells_the_variant() {
        let read = |status, body| Answer::by_status(&response(status, body));
        assert!(matches!(read(200, "7"), Some(Ok(Answer::Ok(7)))));
        assert!(matches!(read(202, "7"), Some(Ok(Answer::Accepted(text))) if text == "7"));
        assert!(matches!(read(204, ""), Some(Ok(Answer::NoContent))));
        assert!(matches!(read(299, "x"), Some(Ok(Answer::Other(other))) if &other.body()[..] == b"x"));
        assert!(matches!(read(200, "x"), Some(Err(_))));
    }

    #[test]
    fn a_status_without_a_row_is_no_variant() {
        assert!(Refusal::by_status(&response(400, "7")).is_none());
        assert!(matches!(Refusal::by_status(&response(404, "7")), Some(Ok(Refusal::NotFound(7)))));
        assert!(
            matches!(Refusal::by_status(&response(503, "down")), Some(Ok(Refusal::ServerError(text))) if text == "down")
        );
    }
}
