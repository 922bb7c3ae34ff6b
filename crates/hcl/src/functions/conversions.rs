//! Functions that convert, and those that mark.

use super::{Arguments, Called, Function, Parameter, Unknowns, Wanted};
use crate::convert::convert;
use crate::host::CallError;
use crate::ty::Type;
use crate::value::{Marks, Value};

/// Conversion knows by itself what to do with nulls, unknowns and marks.
const VALUE: Parameter = Parameter::new("value", Wanted::Any)
    .or_null()
    .with_unknown(Unknowns::All)
    .with_marks();

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "nonsensitive",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::Any,
        body: nonsensitive,
    },
    Function {
        name: "sensitive",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::Any,
        body: |arguments| Ok(arguments.value(0).clone().with_marks(Marks::SENSITIVE)),
    },
    Function {
        name: "tobool",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::Bool,
        body: |arguments| converted(arguments, &Type::Bool),
    },
    Function {
        name: "tolist",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::Any,
        body: |arguments| converted(arguments, &Type::list(Type::Dynamic)),
    },
    Function {
        name: "tomap",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::Any,
        body: |arguments| converted(arguments, &Type::map(Type::Dynamic)),
    },
    Function {
        name: "tonumber",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::Number,
        body: |arguments| converted(arguments, &Type::Number),
    },
    Function {
        name: "toset",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::Any,
        body: |arguments| converted(arguments, &Type::set(Type::Dynamic)),
    },
    Function {
        name: "tostring",
        parameters: &[VALUE],
        rest: None,
        result: Wanted::String,
        body: |arguments| converted(arguments, &Type::String),
    },
];

fn converted(arguments: &Arguments<'_>, to: &Type) -> Called {
    arguments.count_all()?;
    convert(arguments.value(0), to)
        .map_err(|error| CallError::argument(0, format!("cannot be converted: {error}")))
}

/// An error if the value is not sensitive: then whoever wrote it was mistaken about the value.
fn nonsensitive(arguments: &Arguments<'_>) -> Called {
    let value: &Value = arguments.value(0);
    if value.is_unknown() {
        return Ok(value.clone());
    }
    if !value.marks().contains(Marks::SENSITIVE) {
        return Err(CallError::argument(
            0,
            "is not sensitive, so there is nothing to take away",
        ));
    }
    Ok(value.clone().without_marks(Marks::SENSITIVE))
}
