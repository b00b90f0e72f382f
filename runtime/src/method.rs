//! Requests of methods that have no function of their own.

use http::Method;

use crate::request::Request;

impl Request {
    /// A request of a method by its name, such as `QUERY` or `LINK`.
    ///
    /// A name that is no method is told of, as an [`Error`](crate::Error), when the request is to be sent.
    ///
    /// ```
    /// let request = larder::Request::with_method("QUERY", "findPosts", "/posts");
    /// assert_eq!(request.method().as_str(), "QUERY");
    /// ```
    pub fn with_method(method: &'static str, operation_id: &'static str, path_template: &'static str) -> Request {
        match Method::from_bytes(method.as_bytes()) {
            Ok(method) => Request::new(method, operation_id, path_template),
            Err(_) => {
                let mut request = Request::new(Method::GET, operation_id, path_template);
                request.fail(format!("{method:?} is no method"));
                request
            }
        }
    }
}
