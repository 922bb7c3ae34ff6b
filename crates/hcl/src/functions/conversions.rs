//! Functions that convert, and those that mark.

use super::{ANY, Arguments, BOOL, Called, Function, NUMBER, Parameter, STRING, Unknowns, Wanted};
use crate::convert::convert;
use crate::host::CallError;
use crate::ty::Type;
use crate::value::Marks;

/// Conversion knows by itself what to do with nulls, unknowns and marks.
const VALUE: Parameter = Parameter::new("value", Wanted::Any)
    .or_null()
    .with_unknown(Unknowns::All)
    .with_marks();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("nonsensitive", &[VALUE], ANY, nonsensitive),
    Function::new("sensitive", &[VALUE], ANY, |arguments| {
        Ok(arguments.value(0).clone().with_marks(Marks::SENSITIVE))
    }),
    Function::new("tobool", &[VALUE], BOOL, |arguments| {
        converted(arguments, &Type::Bool)
    }),
    Function::new("tolist", &[VALUE], ANY, |arguments| {
        converted(arguments, &Type::list(Type::Dynamic))
    }),
    Function::new("tomap", &[VALUE], ANY, |arguments| {
        converted(arguments, &Type::map(Type::Dynamic))
    }),
    Function::new("tonumber", &[VALUE], NUMBER, |arguments| {
        converted(arguments, &Type::Number)
    }),
    Function::new("toset", &[VALUE], ANY, |arguments| {
        converted(arguments, &Type::set(Type::Dynamic))
    }),
    Function::new("tostring", &[VALUE], STRING, |arguments| {
        converted(arguments, &Type::String)
    }),
];

fn converted(arguments: &Arguments<'_>, to: &Type) -> Called {
    arguments.count_all()?;
    convert(arguments.value(0), to)
        .map_err(|error| CallError::argument(0, format!("cannot be converted: {error}")))
}

/// An error if the value is not sensitive: then whoever wrote it was mistaken about the value.
fn nonsensitive(arguments: &Arguments<'_>) -> Called {
    let value = arguments.value(0);
    if value.is_unknown() {
        return Ok(value.clone().without_marks(Marks::SENSITIVE));
    }
    if !value.marks().contains(Marks::SENSITIVE) {
        return Err(CallError::argument(
            0,
            "is not sensitive, so there is nothing to take away",
        ));
    }
    Ok(value.clone().without_marks(Marks::SENSITIVE))
}
