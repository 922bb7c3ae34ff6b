//! The lab's own clock: the machine's, moved by as much as a test asks.
//!
//! Sessions end, signatures age and answers are dated by this clock, so a test can let an hour
//! pass, or let the server disagree with its callers about the time, without waiting.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Default)]
pub(crate) struct Clock {
    skew_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        let skew = SignedDuration::from_millis(self.skew_ms.load(Ordering::Relaxed));
        Timestamp::now()
            .saturating_add(skew)
            .expect("a duration without calendar units adds up")
    }

    /// Sets how far this clock is ahead of the machine's (behind it, if negative).
    pub(crate) fn set_skew(&self, skew: SignedDuration) {
        let skew_ms = i64::try_from(skew.as_millis()).unwrap_or(i64::MAX);
        self.skew_ms.store(skew_ms, Ordering::Relaxed);
    }
}

/// `2026-11-21T15:04:05Z`, as STS and SSO write it.
pub(crate) fn iso_seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-21T15:04:05.000Z`, as S3 writes it in listings.
pub(crate) fn iso_millis(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `20261121T150405Z`, as signatures write it.
pub(crate) fn compact(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `Sat, 21 Nov 2026 15:04:05 GMT`, as HTTP writes it.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}
