//! Functions of numbers.
//!
//! `pow` and `log` go through machine floats, as in the original; the others are exact.

mod power;

use dashu_int::UBig;

use super::{ANY, Arguments, Called, Function, NUMBER, Parameter, Wanted, a_type};
use crate::host::CallError;
use crate::number::{ArithmeticError, Number};
use crate::value::{Kind, Value};

const NUMBERS: Parameter = Parameter::number("numbers");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[Parameter::number("number")], NUMBER, abs),
    Function::new(
        "ceil",
        &[Parameter::number("number")],
        NUMBER,
        |arguments| of_number(arguments.number(0)?.ceil()),
    ),
    Function::new(
        "floor",
        &[Parameter::number("number")],
        NUMBER,
        |arguments| of_number(arguments.number(0)?.floor()),
    ),
    Function::new(
        "log",
        &[Parameter::number("number"), Parameter::number("base")],
        NUMBER,
        log,
    ),
    Function::new("max", &[NUMBERS], NUMBER, |arguments| {
        extreme(arguments, |a, b| a > b)
    })
    .and_more(NUMBERS),
    Function::new("min", &[NUMBERS], NUMBER, |arguments| {
        extreme(arguments, |a, b| a < b)
    })
    .and_more(NUMBERS),
    Function::new(
        "parseint",
        &[
            Parameter::new("text", Wanted::Any),
            Parameter::number("base"),
        ],
        ANY,
        parseint,
    ),
    Function::new(
        "pow",
        &[Parameter::number("number"), Parameter::number("power")],
        NUMBER,
        pow,
    ),
    Function::new("signum", &[Parameter::number("number")], NUMBER, signum),
    Function::new("sum", &[Parameter::new("list", Wanted::Any)], NUMBER, sum),
];

/// The result of arithmetic as the result of a function.
pub(super) fn of_number(result: Result<Number, ArithmeticError>) -> Called {
    match result {
        Ok(number) => Ok(Value::number(number)),
        Err(error) => Err(arithmetic(error)),
    }
}

fn arithmetic(error: ArithmeticError) -> CallError {
    let message = match error {
        ArithmeticError::Undefined => "The result is not defined.",
        ArithmeticError::OutOfRange => "The result is too large or too small to be kept.",
    };
    CallError::failed(message)
}

fn abs(arguments: &Arguments<'_>) -> Called {
    let number = arguments.number(0)?;
    Ok(Value::number(if number.is_negative() {
        number.negate()
    } else {
        number
    }))
}

fn log(arguments: &Arguments<'_>) -> Called {
    let (number, base) = (machine_float(arguments, 0)?, machine_float(arguments, 1)?);
    of_machine_float(libm::log(number) / libm::log(base))
}

fn pow(arguments: &Arguments<'_>) -> Called {
    let (number, power) = (machine_float(arguments, 0)?, machine_float(arguments, 1)?);
    of_machine_float(power::power(number, power))
}

/// Rounded to the nearest one; infinity only for what is infinite.
fn machine_float(arguments: &Arguments<'_>, index: usize) -> Result<f64, CallError> {
    let number = arguments.number(index)?;
    let float = number.to_f64();
    if float.is_infinite() && !number.is_infinite() {
        let message = "must be between -1.8e308 and 1.8e308";
        return Err(CallError::argument(index, message));
    }
    Ok(float)
}

fn of_machine_float(float: f64) -> Called {
    match Number::from_f64(float) {
        Some(number) => Ok(Value::number(number)),
        None => Err(arithmetic(ArithmeticError::Undefined)),
    }
}

fn extreme(arguments: &Arguments<'_>, is_better: fn(&Number, &Number) -> bool) -> Called {
    let mut best = arguments.number(0)?;
    for index in 1..arguments.len() {
        let number = arguments.number(index)?;
        if is_better(&number, &best) {
            best = number;
        }
    }
    Ok(Value::number(best))
}

fn signum(arguments: &Arguments<'_>) -> Called {
    let number = arguments.integer(0)?;
    Ok(Value::number(Number::from(number.signum())))
}

/// A string that holds a whole number to some base. Above base 36 the capital letters come behind
/// the small ones; below, they are the same.
fn parseint(arguments: &Arguments<'_>) -> Called {
    let Kind::String(text) = arguments.value(0).kind() else {
        let message = format!("must be a string, not {}", a_type(arguments.value(0)));
        return Err(CallError::argument(0, message));
    };
    let base = arguments.integer(1)?;
    let Ok(base @ 2..=62) = u32::try_from(base) else {
        return Err(CallError::argument(1, "must be between 2 and 62"));
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_negative = text.starts_with('-');
    let Some(magnitude) = magnitude(digits, base)? else {
        let message = format!("is not a whole number to the base {base}");
        return Err(CallError::argument(0, message));
    };
    let is_negative = is_negative && !magnitude.is_zero();
    of_number(Number::integer(is_negative, magnitude))
}

/// `None` if it is not a number to this base.
fn magnitude(digits: &str, base: u32) -> Result<Option<UBig>, CallError> {
    // No number has more binary digits than this.
    const MOST_DIGITS: usize = 1 << 13;
    if digits.is_empty() {
        return Ok(None);
    }
    let digits = digits.trim_start_matches('0');
    if digits.len() > MOST_DIGITS {
        return Err(arithmetic(ArithmeticError::OutOfRange));
    }
    let mut magnitude = UBig::ZERO;
    for digit in digits.bytes() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'z' => digit - b'a' + 10,
            b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
            b'A'..=b'Z' => digit - b'A' + 36,
            _ => return Ok(None),
        };
        if u32::from(value) >= base {
            return Ok(None);
        }
        magnitude = magnitude * base + value;
    }
    Ok(Some(magnitude))
}

fn sum(arguments: &Arguments<'_>) -> Called {
    let list = arguments.value(0);
    let Some(items) = list.items() else {
        let message = format!("must be a list, set or tuple, not {}", a_type(list));
        return Err(CallError::argument(0, message));
    };
    arguments.budget().take_steps(items.len() as u64)?;
    let mut items = items.iter().enumerate().map(|(index, item)| {
        item.as_number().ok_or_else(|| {
            let message = format!("must hold numbers, and element {index} is {}", a_type(item));
            CallError::argument(0, message)
        })
    });
    let Some(first) = items.next() else {
        return Err(CallError::argument(0, "must not be empty"));
    };
    let mut sum = first?.clone();
    for item in items {
        sum = sum.add(item?).map_err(arithmetic)?;
    }
    Ok(Value::number(sum))
}
