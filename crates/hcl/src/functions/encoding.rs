//! Functions between values and texts that other programs read.

use super::{Arguments, Called, Function, Parameter, Wanted};
use crate::host::CallError;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "jsondecode",
        parameters: &[Parameter::new("text", Wanted::String)],
        rest: None,
        result: Wanted::Any,
        body: jsondecode,
    },
    Function {
        name: "jsonencode",
        parameters: &[Parameter::new("value", Wanted::Any).or_null()],
        rest: None,
        result: Wanted::String,
        body: jsonencode,
    },
];

fn jsondecode(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let text = arguments.string(0)?;
    Value::from_json(&text)
        .map_err(|error| CallError::argument(0, format!("is not valid: {error}")))
}

fn jsonencode(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let value = arguments.value(0);
    arguments.budget().expect_bytes(value.size().bytes)?;
    match value.to_json() {
        Ok(json) => Ok(Value::string(json)),
        Err(error) => Err(CallError::argument(
            0,
            format!("cannot be encoded: {error}"),
        )),
    }
}
