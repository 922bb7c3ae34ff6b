//! A date and time with its distance from UTC.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// A point in time as the clocks of some place show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::functions) struct Timestamp {
    pub(super) local: DateTime,
    /// Seconds that the clocks are ahead of UTC.
    pub(super) offset: i32,
}

impl Timestamp {
    /// Reads RFC 3339 to the letter: all digits must be there, and no zone may be left out.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let date = date(&mut rest, 2)?;
        take(&mut rest, &["T"])?;
        let time = time(&mut rest, 2)?;
        let offset = offset(&mut rest)?;
        rest.is_empty().then_some(Self {
            local: date.to_datetime(time),
            offset,
        })
    }

    /// Reads what YAML takes for a timestamp: single digits will do, and the time or the zone may
    /// be missing.
    pub(in crate::functions) fn parse_loosely(text: &str) -> Option<Self> {
        let mut rest = text;
        let date = date(&mut rest, 1)?;
        let (time, offset) = match take(&mut rest, &["T", "t", " "]) {
            None => (Time::midnight(), 0),
            Some(" ") => (time(&mut rest, 1)?, 0),
            Some(_) => (time(&mut rest, 1)?, offset(&mut rest)?),
        };
        rest.is_empty().then_some(Self {
            local: date.to_datetime(time),
            offset,
        })
    }

    /// A time since the start of 1970.
    pub(super) fn utc(since_1970: Duration) -> Option<Self> {
        let start = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        Some(Self {
            local: start.checked_add(since_1970).ok()?,
            offset: 0,
        })
    }

    /// `None` outside of the years 0 to 9999.
    pub(super) fn plus(&self, nanoseconds: i64) -> Option<Self> {
        let sum = self
            .local
            .checked_add(SignedDuration::from_nanos(nanoseconds));
        let local = sum.ok().filter(|local| local.year() >= 0)?;
        Some(Self { local, ..*self })
    }

    /// The distance from UTC as `+02:00`, with something else between the numbers if wanted.
    pub(super) fn offset_text(&self, between: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs() / 60;
        format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
    }

    /// Since some point in time, in UTC.
    fn absolute(&self) -> SignedDuration {
        let start = DateTime::constant(0, 1, 1, 0, 0, 0, 0);
        start.duration_until(self.local) - SignedDuration::from_secs(i64::from(self.offset))
    }
}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.absolute().cmp(&other.absolute())
    }
}

/// RFC 3339 to the second.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = &self.local;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            local.year(),
            local.month(),
            local.day(),
            local.hour(),
            local.minute(),
            local.second(),
        )?;
        if self.offset == 0 {
            f.write_str("Z")
        } else {
            f.write_str(&self.offset_text(":"))
        }
    }
}

fn date(rest: &mut &str, least_digits: usize) -> Option<Date> {
    let year = number(rest, 4, 4)?;
    take(rest, &["-"])?;
    let month = number(rest, least_digits, 2)?;
    take(rest, &["-"])?;
    let day = number(rest, least_digits, 2)?;
    Date::new(year, small(month)?, small(day)?).ok()
}

fn time(rest: &mut &str, least_digits: usize) -> Option<Time> {
    let hour = number(rest, least_digits, 2)?;
    take(rest, &[":"])?;
    let minute = number(rest, least_digits, 2)?;
    take(rest, &[":"])?;
    let second = number(rest, least_digits, 2)?;
    let nanosecond = match take(rest, &["."]) {
        Some(_) => fraction(rest)?,
        None => 0,
    };
    Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()
}

fn offset(rest: &mut &str) -> Option<i32> {
    let sign = match take(rest, &["Z", "+", "-"])? {
        "Z" => return Some(0),
        "-" => -1,
        _ => 1,
    };
    let hours = number(rest, 2, 2)?;
    take(rest, &[":"])?;
    let minutes = number(rest, 2, 2)?;
    let is_valid = hours < 24 && minutes < 60;
    is_valid.then_some(sign * (i32::from(hours) * 60 + i32::from(minutes)) * 60)
}

/// Digits behind a point, as nanoseconds.
fn fraction(rest: &mut &str) -> Option<i32> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, behind) = rest.split_at(length);
    *rest = behind;
    if digits.is_empty() {
        return None;
    }
    let nine_digits = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(nine_digits.fold(0, |value, digit| value * 10 + i32::from(digit - b'0')))
}

fn number(rest: &mut &str, least: usize, most: usize) -> Option<i16> {
    let length = rest
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    let (digits, behind) = rest.split_at(length);
    *rest = behind;
    if length < least {
        return None;
    }
    digits.parse().ok()
}

fn small(number: i16) -> Option<i8> {
    i8::try_from(number).ok()
}

fn take(rest: &mut &str, any: &[&'static str]) -> Option<&'static str> {
    let found = any.iter().find(|text| rest.starts_with(**text))?;
    *rest = &rest[found.len()..];
    Some(found)
}
