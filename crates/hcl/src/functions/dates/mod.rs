//! Functions of dates and times.

mod duration;
mod format;
mod timestamp;

use std::time::Duration;

pub(super) use self::timestamp::Timestamp;

use super::{Arguments, Called, Function, NUMBER, Parameter, STRING};
use crate::host::CallError;
use crate::number::Number;
use crate::value::Value;

const TIMESTAMP: Parameter = Parameter::string("timestamp");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "formatdate",
        &[Parameter::string("format"), TIMESTAMP],
        STRING,
        |arguments| {
            arguments.count_all()?;
            let timestamp = timestamp(arguments, 1)?;
            let text = format::format(arguments.text(0), &timestamp);
            match text {
                Ok(text) => Ok(Value::string(text)),
                Err(message) => Err(CallError::argument(0, message)),
            }
        },
    ),
    Function::new(
        "timeadd",
        &[TIMESTAMP, Parameter::string("duration")],
        STRING,
        timeadd,
    ),
    Function::new(
        "timecmp",
        &[
            Parameter::string("timestamp_a"),
            Parameter::string("timestamp_b"),
        ],
        NUMBER,
        |arguments| {
            let order = timestamp(arguments, 0)?.cmp(&timestamp(arguments, 1)?);
            Ok(Value::number(Number::from(order as i32)))
        },
    ),
    Function::new("timestamp", &[], STRING, now),
];

fn timestamp(arguments: &Arguments<'_>, index: usize) -> Result<Timestamp, CallError> {
    Timestamp::parse(arguments.text(index)).ok_or_else(|| {
        let message = "must be a date and time such as \"2026-01-31T17:30:00Z\"";
        CallError::argument(index, message)
    })
}

fn timeadd(arguments: &Arguments<'_>) -> Called {
    let timestamp = timestamp(arguments, 0)?;
    let Some(nanoseconds) = duration::parse(arguments.text(1)) else {
        let message = "must be a duration such as \"1h30m\" or \"-24h\", of up to 292 years; the \
                       units are h, m, s, ms, us and ns";
        return Err(CallError::argument(1, message));
    };
    match timestamp.plus(nanoseconds) {
        Some(sum) => Ok(Value::string(sum.to_string())),
        None => Err(CallError::failed(
            "The result lies outside of the years 0 to 9999.",
        )),
    }
}

fn now(arguments: &Arguments<'_>) -> Called {
    let since_1970: Duration = arguments.world().now()?;
    match Timestamp::utc(since_1970) {
        Some(now) => Ok(Value::string(now.to_string())),
        None => Err(CallError::failed("The clock is far in the future.")),
    }
}
