//! Functions that ask something of a collection.

use unicode_segmentation::UnicodeSegmentation;

use super::{Arguments, BOOL, Called, Function, NUMBER, Parameter, Unknowns, Wanted, a_type};
use crate::host::CallError;
use crate::number::Number;
use crate::ty::Type;
use crate::value::{Kind, Value};

const BOOLS: Parameter =
    Parameter::new("list", Wanted::List(&Wanted::Bool)).with_unknown(Unknowns::InPart);
const LIST: Parameter = Parameter::new("list", Wanted::Any).with_unknown(Unknowns::InPart);
const VALUE: Parameter = Parameter::new("value", Wanted::Any).with_unknown(Unknowns::InPart);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("alltrue", &[BOOLS], BOOL, alltrue),
    Function::new("anytrue", &[BOOLS], BOOL, anytrue),
    Function::new("contains", &[LIST, VALUE], BOOL, contains),
    Function::new("index", &[LIST, VALUE], NUMBER, index),
    Function::new(
        "length",
        &[Parameter::new("value", Wanted::Any)
            .with_unknown(Unknowns::All)
            .with_marks()],
        NUMBER,
        length,
    ),
];

/// A null counts as false.
fn alltrue(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    for item in arguments.value(0).items().unwrap_or_default() {
        if item.is_unknown() {
            return Ok(Value::unknown_of(Type::Bool));
        }
        if item.as_bool() != Some(true) {
            return Ok(Value::bool(false));
        }
    }
    Ok(Value::bool(true))
}

/// A null counts as false.
fn anytrue(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let items = arguments.value(0).items().unwrap_or_default();
    if items.iter().any(|item| item.as_bool() == Some(true)) {
        return Ok(Value::bool(true));
    }
    if items.iter().any(Value::is_unknown) {
        return Ok(Value::unknown_of(Type::Bool));
    }
    Ok(Value::bool(false))
}

/// Nothing is converted: a list of numbers contains no string.
fn contains(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let (list, value) = (arguments.value(0), arguments.value(1));
    let Some(items) = list.items() else {
        let message = format!("must be a list, set or tuple, not {}", a_type(list));
        return Err(CallError::argument(0, message));
    };
    let mut may_contain = false;
    for item in items {
        match value.equals(item) {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => may_contain = true,
        }
    }
    Ok(if may_contain {
        Value::unknown_of(Type::Bool)
    } else {
        Value::bool(false)
    })
}

/// Where in a list a value stands first.
fn index(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let (list, value) = (arguments.value(0), arguments.value(1));
    let (Kind::List(items) | Kind::Tuple(items)) = list.kind() else {
        let message = format!("must be a list or tuple, not {}", a_type(list));
        return Err(CallError::argument(0, message));
    };
    for (index, item) in items.iter().enumerate() {
        match item.equals(value) {
            Some(true) => return Ok(Value::number(Number::count(index))),
            Some(false) => {}
            None => return Ok(Value::unknown_of(Type::Number)),
        }
    }
    let message = format!("must be in the list, and {} is not", value.preview());
    Err(CallError::argument(1, message))
}

/// Of a string the characters as readers count them.
fn length(arguments: &Arguments<'_>) -> Called {
    let value = arguments.value(0);
    let length = match value.kind() {
        Kind::String(text) => Some(text.graphemes(true).count()),
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => Some(items.len()),
        Kind::Map(entries) | Kind::Object(entries) => Some(entries.len()),
        Kind::Unknown => match value.ty() {
            Type::Tuple(types) => Some(types.len()),
            Type::Object(object) => Some(object.len()),
            Type::Dynamic | Type::String | Type::List(_) | Type::Set(_) | Type::Map(_) => None,
            Type::Bool | Type::Number => return Err(no_length(value)),
        },
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => return Err(no_length(value)),
    };
    let length = match length {
        Some(length) => Value::number(Number::count(length)),
        None => Value::unknown_of(Type::Number),
    };
    Ok(length.with_marks(value.marks()))
}

fn no_length(value: &Value) -> CallError {
    let message = format!("must be a string or a collection, not {}", a_type(value));
    CallError::argument(0, message)
}
