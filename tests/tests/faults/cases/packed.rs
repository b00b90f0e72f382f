//! Answers that are compressed, or say so.

use super::super::fault::act;
use super::{Case, harmless, lost, spoilt, unreadable};

/// What cannot be decompressed was sent: the connection is not to blame.
pub fn cases() -> Vec<Case> {
    let packed = "its body cannot be decompressed";
    vec![
        harmless("gzip", act().gzipped().all()),
        harmless("gzip, byte by byte", act().gzipped().drip()),
        harmless("gzip, in chunks, with a trailer", act().gzipped().chunked().trailers("x-sum: 7\r\n").all()),
        harmless("no encoding, as it says", act().header("content-encoding", "identity").all()),
        lost("gzip, and closed in the middle", act().gzipped().part(50).close()),
        lost("gzip, and reset in the middle", act().gzipped().chunked().part(50).reset()),
        spoilt("gzip that is cut off", act().header("content-encoding", "gzip").body(b"\x1f\x8b\x08").all(), packed),
        spoilt("gzip that is none", act().header("content-encoding", "gzip").all(), packed),
        spoilt("gzip with a sum that is wrong", act().gzipped().damaged_at_end().all(), packed),
        harmless("gzip with something behind it", act().gzipped().behind("more").all()),
        unreadable(
            "gzip in gzip",
            act().gzipped().gzipped().header("content-encoding", "gzip, gzip").all(),
            "gzip, gzip",
        ),
        unreadable("gzip that nobody says", act().gzipped().without("content-encoding").all(), "expected"),
        unreadable(
            "an encoding of which nobody has heard",
            act().gzipped().header("content-encoding", "x-zoo").all(),
            "x-zoo",
        ),
    ]
}
