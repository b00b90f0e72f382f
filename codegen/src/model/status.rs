//! Statuses in words, and in patterns.

use std::fmt;

use crate::normalise::Status;

impl Status {
    /// As a pattern of numbers.
    pub(super) fn pattern(self) -> String {
        match self {
            Status::Code(code) => code.to_string(),
            Status::Range(range) => format!("{range}00..={range}99"),
            Status::Default => "_".to_owned(),
        }
    }

    /// What counts more comes first.
    pub(super) fn rank(self) -> (u8, u16) {
        match self {
            Status::Code(code) => (0, code),
            Status::Range(range) => (1, range),
            Status::Default => (2, 0),
        }
    }

    /// As HTTP calls it.
    pub(crate) fn name(self) -> String {
        let code = match self {
            Status::Default => return "Default".to_owned(),
            Status::Range(range) => {
                let name = match range {
                    1 => "Informational",
                    2 => "Success",
                    3 => "Redirection",
                    4 => "ClientError",
                    _ => "ServerError",
                };
                return name.to_owned();
            }
            Status::Code(code) => code,
        };
        let name = match code {
            200 => "Ok",
            201 => "Created",
            202 => "Accepted",
            203 => "NonAuthoritativeInformation",
            204 => "NoContent",
            205 => "ResetContent",
            206 => "PartialContent",
            207 => "MultiStatus",
            400 => "BadRequest",
            401 => "Unauthorized",
            402 => "PaymentRequired",
            403 => "Forbidden",
            404 => "NotFound",
            405 => "MethodNotAllowed",
            406 => "NotAcceptable",
            408 => "RequestTimeout",
            409 => "Conflict",
            410 => "Gone",
            411 => "LengthRequired",
            412 => "PreconditionFailed",
            413 => "PayloadTooLarge",
            415 => "UnsupportedMediaType",
            416 => "RangeNotSatisfiable",
            417 => "ExpectationFailed",
            421 => "MisdirectedRequest",
            422 => "UnprocessableEntity",
            423 => "Locked",
            424 => "FailedDependency",
            425 => "TooEarly",
            426 => "UpgradeRequired",
            428 => "PreconditionRequired",
            429 => "TooManyRequests",
            451 => "UnavailableForLegalReasons",
            500 => "InternalServerError",
            501 => "NotImplemented",
            502 => "BadGateway",
            503 => "ServiceUnavailable",
            504 => "GatewayTimeout",
            507 => "InsufficientStorage",
            other => return format!("Status{other}"),
        };
        name.to_owned()
    }
}

/// As the document writes it.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Code(code) => write!(f, "{code}"),
            Status::Range(range) => write!(f, "{range}XX"),
            Status::Default => f.write_str("default"),
        }
    }
}
