//! Dates and durations.

use super::{complains, same};

#[test]
fn dates_are_written_field_by_field() {
    same(&[
        (
            r#"formatdate("YYYY-MM-DD'T'hh:mm:ssZ", "2026-01-02T03:04:05Z")"#,
            r#""2026-01-02T03:04:05Z""#,
        ),
        (
            r#"formatdate("EEEE, DD-MMM-YY hh:mm:ss ZZZ", "2018-01-02T23:12:01Z")"#,
            r#""Tuesday, 02-Jan-18 23:12:01 UTC""#,
        ),
        (
            r#"formatdate("EEE D MMMM YYYY H:m:s AA aa ZZZZ ZZZZZ", "2018-01-02T23:02:01+05:30")"#,
            r#""Tue 2 January 2018 11:2:1 PM pm +0530 +05:30""#,
        ),
        (
            r#"formatdate("h 'o''clock'", "2018-01-02T23:12:01Z")"#,
            r#""23 o'clock""#,
        ),
    ]);
    complains(&[
        (
            r#"formatdate("YYY", "2018-01-02T23:12:01Z")"#,
            r#"Invalid argument: The argument "format" of formatdate() has "YYY" in it, which is no field: the year is YYYY or YY."#,
        ),
        (
            r#"formatdate("'abc", "2018-01-02T23:12:01Z")"#,
            r#"Invalid argument: The argument "format" of formatdate() has a quote that is not closed."#,
        ),
    ]);
}

#[test]
fn dates_must_be_there_to_the_letter() {
    complains(&[
        (
            r#"formatdate("YYYY", "2018-02-30T23:12:01Z")"#,
            r#"Invalid argument: The argument "timestamp" of formatdate() must be a date and time such as "2026-01-31T17:30:00Z"."#,
        ),
        (
            r#"formatdate("YYYY", "2018-01-02 23:12:01Z")"#,
            r#"Invalid argument: The argument "timestamp" of formatdate() must be a date and time such as "2026-01-31T17:30:00Z"."#,
        ),
        (
            r#"formatdate("YYYY", "2018-01-02T23:12:01")"#,
            r#"Invalid argument: The argument "timestamp" of formatdate() must be a date and time such as "2026-01-31T17:30:00Z"."#,
        ),
        (
            r#"formatdate("hh", "2018-01-02T24:00:00Z")"#,
            r#"Invalid argument: The argument "timestamp" of formatdate() must be a date and time such as "2026-01-31T17:30:00Z"."#,
        ),
    ]);
}

#[test]
fn durations_are_added_and_times_compared() {
    same(&[
        (
            r#"timeadd("2017-11-22T00:00:00Z", "-1h30m")"#,
            r#""2017-11-21T22:30:00Z""#,
        ),
        (
            r#"timeadd("2017-11-22T00:00:00+02:00", "24h")"#,
            r#""2017-11-23T00:00:00+02:00""#,
        ),
        (
            r#"timeadd("2017-11-22T00:00:00Z", "1.5h")"#,
            r#""2017-11-22T01:30:00Z""#,
        ),
        (
            r#"timecmp("2017-11-22T00:00:00Z", "2017-11-22T01:00:00+01:00")"#,
            "0",
        ),
    ]);
    complains(&[
        (
            r#"timeadd("2017-11-22T00:00:00Z", "1d")"#,
            r#"Invalid argument: The argument "duration" of timeadd() must be a duration such as "1h30m" or "-24h", of up to 292 years; the units are h, m, s, ms, us and ns."#,
        ),
        (
            r#"timecmp("x", "2017-11-22T00:00:01Z")"#,
            r#"Invalid argument: The argument "timestamp_a" of timecmp() must be a date and time such as "2026-01-31T17:30:00Z"."#,
        ),
    ]);
}
