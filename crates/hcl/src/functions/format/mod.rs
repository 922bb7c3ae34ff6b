//! `format` and `formatlist`.
//!
//! A format is text with verbs in it, such as `%-8s`. Which arguments a verb takes and how it
//! prints them is that of Go's `fmt`, with widths that count characters as readers do.

mod number;
mod verb;

use std::borrow::Borrow;

use unicode_segmentation::UnicodeSegmentation;

use self::verb::{Piece, Pieces, Verb};
use super::{Arguments, Called, Function, Parameter, STRING, STRINGS, Unknowns, Wanted};
use crate::convert::convert;
use crate::host::CallError;
use crate::limits::Budget;
use crate::ty::Type;
use crate::value::{Kind, Value};

const FORMAT: Parameter = Parameter::string("format");
const VALUES: Parameter = Parameter::new("values", Wanted::Any).or_null();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("format", &[FORMAT], STRING, format).and_more(VALUES),
    Function::new("formatlist", &[FORMAT], STRINGS, formatlist)
        .and_more(VALUES.with_unknown(Unknowns::All)),
];

fn format(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let values = &arguments.values()[1..];
    let row = Row {
        count: values.len(),
        value: |index: usize| values.get(index),
    };
    let budget = arguments.budget();
    let mut text = budget.take_buffer();
    let format = arguments.text(0);
    if !Pieces::are_plain(format) {
        // What is wrong with the format comes before what is wrong with the values.
        Pieces::of(format).try_for_each(|piece| piece.map(|_| ()))?;
    }
    print(Pieces::of(format), &row, budget, &mut text)?;
    let value = Value::string(&text);
    budget.return_buffer(text);
    Ok(value)
}

/// One text for each element of the lists, which must be of one length; what is no list is the
/// same in all texts.
fn formatlist(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let values = &arguments.values()[1..];
    let Some(length) = common_length(values)? else {
        return Ok(Value::unknown_of(Type::list(Type::String)));
    };
    arguments.count_items(length.saturating_mul(values.len().max(1)), length)?;
    let pieces: Vec<Piece<'_>> = Pieces::of(arguments.text(0)).collect::<Result<_, _>>()?;
    let mut texts = Vec::with_capacity(length);
    let mut bytes = 0u64;
    for row in 0..length {
        let value = |index: usize| {
            values.get(index).map(|value| match value.items() {
                Some(items) => &items[row],
                None => value,
            })
        };
        if (0..values.len()).any(|index| value(index).is_some_and(Value::contains_unknown)) {
            texts.push(Value::unknown_of(Type::String));
            continue;
        }
        let row = Row {
            count: values.len(),
            value,
        };
        let mut text = String::new();
        print(pieces.iter().map(Ok), &row, arguments.budget(), &mut text)?;
        bytes += text.len() as u64;
        arguments.budget().expect_bytes(bytes)?;
        texts.push(Value::string(text));
    }
    Ok(Value::list_from(Type::String, texts))
}

/// How many texts there are; `None` if that is not known.
fn common_length(values: &[Value]) -> Result<Option<usize>, CallError> {
    let mut common: Option<usize> = None;
    let mut is_unknown = false;
    for (index, value) in values.iter().enumerate() {
        let length = match value.kind() {
            Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => items.len(),
            Kind::Unknown => {
                is_unknown |= !value.ty().is_primitive();
                continue;
            }
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::Map(_)
            | Kind::Object(_) => continue,
        };
        if let Some(common) = common
            && common != length
        {
            let message = format!("must be as long as the lists before it: {common}, not {length}");
            return Err(CallError::argument(index + 1, message));
        }
        common = Some(length);
    }
    Ok((!is_unknown).then(|| common.unwrap_or(1)))
}

/// The values that one text is made of.
struct Row<F> {
    count: usize,
    value: F,
}

/// Prints all pieces of a format. The arguments of the call begin with the format itself, so what
/// is wrong with a value is told of the argument one further.
fn print<'f, 'v, P: Borrow<Piece<'f>>>(
    pieces: impl Iterator<Item = Result<P, CallError>>,
    row: &Row<impl Fn(usize) -> Option<&'v Value>>,
    budget: &Budget,
    text: &mut String,
) -> Result<(), CallError> {
    let mut highest = 0;
    for piece in pieces {
        match piece?.borrow() {
            Piece::Text(literal) => text.push_str(literal),
            Piece::Verb(verb) => {
                let Some(value) = (row.value)(verb.index) else {
                    let message = format!(
                        "The verb {} needs value number {}, and there are {}.",
                        verb.written,
                        verb.index + 1,
                        row.count
                    );
                    return Err(CallError::failed(message));
                };
                highest = highest.max(verb.index + 1);
                budget.expect_bytes(verb.least_bytes())?;
                match verb.text_as_is(value) {
                    Some(as_is) => text.push_str(as_is),
                    None => text.push_str(&print_value(verb, value)?),
                }
            }
        }
        budget.expect_bytes(text.len() as u64)?;
    }
    if highest < row.count {
        let message = if highest == 0 {
            "has no place in the format, which has no verbs".to_owned()
        } else {
            format!("has no place in the format, whose verbs take {highest}")
        };
        return Err(CallError::argument(highest + 1, message));
    }
    Ok(budget.take_steps(text.len() as u64 / 64)?)
}

fn print_value(verb: &Verb<'_>, value: &Value) -> Result<String, CallError> {
    if value.is_null() && verb.mode != 'v' {
        return Err(not_printable(verb, "it is null"));
    }
    let wanted =
        |ty: Type| convert(value, &ty).map_err(|error| not_printable(verb, &error.to_string()));
    match verb.mode {
        'v' => print_as_is(verb, value),
        't' => Ok(wanted(Type::Bool)?.as_bool() == Some(true)).map(|value| value.to_string()),
        'b' | 'd' | 'o' | 'x' | 'X' => {
            let value = wanted(Type::Number)?;
            let number = value.as_number().expect("it was converted to one");
            number::whole(verb, number).ok_or_else(|| not_printable(verb, "it is not whole"))
        }
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let value = wanted(Type::Number)?;
            Ok(number::float(
                verb,
                value.as_number().expect("it was converted to one"),
            ))
        }
        's' | 'q' => {
            let value = wanted(Type::String)?;
            print_text(verb, value.as_str().expect("it was converted to one"))
        }
        _ => Err(CallError::failed(format!(
            "There is no verb {}; the verbs are %v %s %q %d %f %e %g %t %b %o %x.",
            verb.written
        ))),
    }
}

/// Strings as they are, numbers in their shortest form, everything else as JSON.
fn print_as_is(verb: &Verb<'_>, value: &Value) -> Result<String, CallError> {
    let text = match value.kind() {
        Kind::String(text) if !verb.flags.sharp => text.to_owned(),
        Kind::Number(number) if !verb.flags.sharp && !number.is_infinite() => {
            let sign = if number.is_negative() { "-" } else { "" };
            format!("{sign}{}", number::shortest(number))
        }
        Kind::Number(number) if !verb.flags.sharp => number.to_string(),
        _ => value
            .to_json()
            .map_err(|error| not_printable(verb, &error.to_string()))?,
    };
    Ok(verb.padded(text))
}

fn print_text(verb: &Verb<'_>, text: &str) -> Result<String, CallError> {
    let text = match verb.precision {
        None | Some(0) => text.to_owned(),
        Some(precision) => text.graphemes(true).take(precision).collect(),
    };
    if verb.mode == 's' {
        return Ok(verb.padded(text));
    }
    let quoted = Value::string(text).to_json();
    Ok(verb.padded(quoted.map_err(|error| not_printable(verb, &error.to_string()))?))
}

/// The verb may stand for any of the arguments; which one it is its number tells.
fn not_printable(verb: &Verb<'_>, why: &str) -> CallError {
    let message = format!("cannot be printed with {}: {why}", verb.written);
    CallError::argument(verb.index + 1, message)
}
