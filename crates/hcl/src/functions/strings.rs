//! Functions of strings.

use super::{Arguments, Called, Function, Parameter, Unknowns, Wanted};
use crate::host::CallError;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "join",
        parameters: &[Parameter::new("separator", Wanted::String)],
        rest: Some(
            Parameter::new("lists", Wanted::List(&Wanted::String)).with_unknown(Unknowns::None),
        ),
        result: Wanted::String,
        body: join,
    },
    Function {
        name: "lower",
        parameters: &[Parameter::new("text", Wanted::String)],
        rest: None,
        result: Wanted::String,
        body: |arguments| Ok(Value::string(arguments.string(0)?.to_lowercase())),
    },
    Function {
        name: "upper",
        parameters: &[Parameter::new("text", Wanted::String)],
        rest: None,
        result: Wanted::String,
        body: |arguments| Ok(Value::string(arguments.string(0)?.to_uppercase())),
    },
];

/// Joins the elements of all lists.
fn join(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(2..=usize::MAX)?;
    let separator = arguments.string(0)?;
    let mut text = String::new();
    let mut is_first = true;
    for (index, list) in arguments.values().iter().enumerate().skip(1) {
        for (position, item) in list.items().unwrap_or_default().iter().enumerate() {
            let Some(item) = item.as_str() else {
                let message = format!("must have no null in it, but element {position} is null");
                return Err(CallError::argument(index, message));
            };
            if !is_first {
                text.push_str(&separator);
            }
            is_first = false;
            text.push_str(item);
            arguments.budget().expect_bytes(text.len() as u64)?;
        }
    }
    Ok(Value::string(text))
}
