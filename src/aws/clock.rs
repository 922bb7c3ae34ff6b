//! The wall clock, handed in: sessions end at a time of day.

use std::time::SystemTime;

use tokio::time::Instant;

/// Tells the time of day.
#[derive(Clone, Copy, Debug)]
pub struct WallClock(Source);

#[derive(Clone, Copy, Debug)]
enum Source {
    Since {
        started: SystemTime,
        origin: Instant,
    },
    Reading(fn() -> SystemTime),
}

impl WallClock {
    /// Counts on from a time that was read once. Tests pause it. It stands still while a laptop
    /// sleeps, so a run that may outlive its sessions reads the clock instead.
    pub fn starting_at(started: SystemTime) -> Self {
        Self(Source::Since {
            started,
            origin: Instant::now(),
        })
    }

    /// Reads the clock each time, by the function that the caller hands in.
    pub fn reading(now: fn() -> SystemTime) -> Self {
        Self(Source::Reading(now))
    }

    pub fn now(&self) -> SystemTime {
        match self.0 {
            Source::Since { started, origin } => started + origin.elapsed(),
            Source::Reading(now) => now(),
        }
    }
}

/// A time as AWS's tools write it: UTC, whole seconds.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        });
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

/// A `Date` header.
pub(super) fn from_http_date(text: &str) -> Option<SystemTime> {
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
        .map(SystemTime::from)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_written_and_read_as_aws_does() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(rfc3339(time), "2023-11-14T22:13:20Z");
        assert_eq!(from_http_date("Tue, 14 Nov 2023 22:13:20 GMT"), Some(time));
        assert_eq!(from_http_date("yesterday"), None);
    }
}
