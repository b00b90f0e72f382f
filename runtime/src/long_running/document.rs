//! What a status document says: whether the operation goes on, and how far it came.

use serde_json::Value as Json;

use super::polling::Polling;
use crate::guard::guarded;

/// How it stands with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    GoesOn,
    Done,
    Failed,
    /// The document says nothing of it.
    Unsaid,
}

/// Where a document has its status.
const STATUSES: [&str; 14] = [
    "/status",
    "/state",
    "/properties/provisioningState",
    "/provisioningState",
    "/operationStatus",
    "/jobStatus",
    "/job/status",
    "/job/state",
    "/data/status",
    "/data/state",
    "/data/attributes/status",
    "/status/state",
    "/operation/status",
    "/phase",
];

/// Words for an end that is good.
const DONE: [&str; 13] = [
    "succeeded",
    "success",
    "successful",
    "completed",
    "complete",
    "done",
    "finished",
    "ok",
    "ready",
    "resolved",
    "ended",
    "available",
    "closed",
];

/// Words for an end that is not.
const FAILED: [&str; 16] = [
    "failed",
    "failure",
    "fail",
    "error",
    "errored",
    "canceled",
    "cancelled",
    "aborted",
    "rejected",
    "timedout",
    "timeout",
    "expired",
    "invalid",
    "terminated",
    "denied",
    "stopped",
];

/// Members that say how much of a hundred is done.
const PERCENTS: [&str; 10] = [
    "/percentComplete",
    "/percent_complete",
    "/percentage",
    "/percent",
    "/progressPercent",
    "/progress_percent",
    "/percentCompleted",
    "/properties/percentComplete",
    "/metadata/progressPercent",
    "/metadata/percentComplete",
];

/// Members that say how much is done, of one or of a hundred.
const FRACTIONS: [&str; 5] = ["/progress", "/fraction", "/data/progress", "/job/progress", "/metadata/progress"];

/// How much is done, and of how much.
const PARTS: [(&str, &str); 6] = [
    ("/completed", "/total"),
    ("/processed", "/total"),
    ("/done", "/total"),
    ("/current", "/total"),
    ("/progress/completed", "/progress/total"),
    ("/progress/current", "/progress/total"),
];

const MESSAGES: [&str; 4] = ["/message", "/statusMessage", "/status_message", "/description"];

/// How it stands. A panic of the application's counts as nothing said.
pub(super) fn standing(document: &Json, polling: &Polling) -> Standing {
    let says = |test: &dyn Fn(&Json) -> bool| guarded(|| test(document)).unwrap_or(false);
    if polling.failed.is_some() || polling.done.is_some() {
        let failed = match &polling.failed {
            Some(failed) => says(&**failed),
            None => by_words(document) == Standing::Failed,
        };
        let done = match &polling.done {
            Some(done) => says(&**done),
            None => by_words(document) == Standing::Done,
        };
        return match (failed, done) {
            (true, _) => Standing::Failed,
            (false, true) => Standing::Done,
            _ => Standing::GoesOn,
        };
    }
    by_words(document)
}

fn by_words(document: &Json) -> Standing {
    // Google's: `done`, and then an error or a response.
    if let Some(done) = document.pointer("/done").and_then(Json::as_bool) {
        return match (done, document.get("error")) {
            (false, _) => Standing::GoesOn,
            (true, None | Some(Json::Null)) => Standing::Done,
            (true, Some(_)) => Standing::Failed,
        };
    }
    let Some(word) = status(document) else { return Standing::Unsaid };
    let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    if DONE.contains(&word.as_str()) {
        Standing::Done
    } else if FAILED.contains(&word.as_str()) {
        Standing::Failed
    } else {
        Standing::GoesOn
    }
}

/// The server's word for the status.
pub(super) fn status(document: &Json) -> Option<&str> {
    STATUSES.iter().find_map(|place| document.pointer(place)?.as_str()).filter(|word| word.len() <= 100)
}

/// What the server says to people.
pub(super) fn message(document: &Json) -> Option<&str> {
    MESSAGES.iter().find_map(|place| document.pointer(place)?.as_str())
}

/// How much of it is done, from 0 to 1.
pub(super) fn fraction(document: &Json, polling: &Polling) -> Option<f64> {
    let fraction = match &polling.fraction {
        Some(own) => guarded(|| own(document)).ok().flatten(),
        None => usual_fraction(document),
    };
    fraction.filter(|fraction| fraction.is_finite()).map(|fraction| fraction.clamp(0.0, 1.0))
}

fn usual_fraction(document: &Json) -> Option<f64> {
    let number = |place: &str| number(document.pointer(place)?);
    if let Some(percent) = PERCENTS.iter().find_map(|place| number(place)) {
        return Some(percent / 100.0);
    }
    let parts = PARTS.iter().find_map(|(done, total)| Some((number(done)?, number(total)?)));
    if let Some((done, total)) = parts.filter(|(_, total)| 0.0 < *total) {
        return Some(done / total);
    }
    let place = FRACTIONS.iter().find(|place| number(place).is_some())?;
    let value = number(place)?;
    // An integer counts to a hundred, as `1` of a hundred; `0.5` and `1.0` count to one.
    let is_integer = document.pointer(place).is_some_and(|value| value.is_i64() || value.is_u64() || value.is_string());
    Some(if is_integer || 1.0 < value { value / 100.0 } else { value })
}

/// A number, also as a text with a percent sign.
fn number(json: &Json) -> Option<f64> {
    json.as_f64().or_else(|| json.as_str()?.trim().trim_end_matches('%').trim_end().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // B29
    #[test]
    fn b29_the_usual_words_tell_how_it_stands() {
        for (document, expected) in [
            (json!({"status": "Running"}), Standing::GoesOn),
            (json!({"status": "NotStarted"}), Standing::GoesOn),
            (json!({"status": "Succeeded"}), Standing::Done),
            (json!({"state": "TIMED_OUT"}), Standing::Failed),
            (json!({"properties": {"provisioningState": "Canceled"}}), Standing::Failed),
            (json!({"done": false}), Standing::GoesOn),
            (json!({"done": true, "response": {}}), Standing::Done),
            (json!({"done": true, "error": {"code": 5}}), Standing::Failed),
            (json!({"status": 200}), Standing::Unsaid),
            (json!({"id": 7}), Standing::Unsaid),
            (json!(null), Standing::Unsaid),
            (json!([]), Standing::Unsaid),
        ] {
            assert_eq!(standing(&document, &Polling::new()), expected, "{document}");
        }
    }

    #[test]
    fn the_application_can_read_the_status_itself() {
        let own = Polling::new().done_when(|document| document["phase"] == 3).failed_when(|document| {
            assert_ne!(document["phase"], 9, "a panic in the application's code");
            document["phase"] == 4
        });
        for (phase, expected) in
            [(1, Standing::GoesOn), (3, Standing::Done), (4, Standing::Failed), (9, Standing::GoesOn)]
        {
            assert_eq!(standing(&json!({"phase": phase, "status": "done"}), &own), expected, "{phase}");
        }
        let only_done = Polling::new().done_when(|_| false);
        assert_eq!(standing(&json!({"status": "failed"}), &only_done), Standing::Failed);
        assert_eq!(standing(&json!({"status": "done"}), &only_done), Standing::GoesOn);
    }

    #[test]
    fn how_far_it_is_is_read_from_the_usual_members() {
        for (document, expected) in [
            (json!({"percentComplete": 40}), Some(0.4)),
            (json!({"percentage": "40 %"}), Some(0.4)),
            (json!({"progress": 0.25}), Some(0.25)),
            (json!({"progress": 1.0}), Some(1.0)),
            (json!({"progress": 1}), Some(0.01)),
            (json!({"progress": 80}), Some(0.8)),
            (json!({"progress": {"completed": 3, "total": 4}}), Some(0.75)),
            (json!({"processed": 1, "total": 0}), None),
            (json!({"percent": 250}), Some(1.0)),
            (json!({"percent": -3}), Some(0.0)),
            (json!({"progress": "soon"}), None),
            (json!({}), None),
        ] {
            assert_eq!(fraction(&document, &Polling::new()), expected, "{document}");
        }
        let own = Polling::new().fraction_by(|document| Some(1.0 / document["left"].as_f64()?));
        assert_eq!(fraction(&json!({"left": 4}), &own), Some(0.25));
        assert_eq!(fraction(&json!({"left": 0}), &own), None);
        let panics = Polling::new().fraction_by(|_| panic!("a panic in the application's code"));
        assert_eq!(fraction(&json!({}), &panics), None);
    }
}
