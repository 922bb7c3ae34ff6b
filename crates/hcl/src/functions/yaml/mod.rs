//! `yamldecode` and `yamlencode`: YAML 1.1 as the original reads and writes it.

mod decode;
mod encode;
mod scalar;
mod tabs;

use super::{ANY, Arguments, Called, Function, Parameter, STRING, Wanted};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "yamldecode",
        &[Parameter::string("text")],
        ANY,
        |arguments| {
            arguments.count_all()?;
            decode::decode(arguments.text(0), arguments.budget())
        },
    ),
    Function::new(
        "yamlencode",
        &[Parameter::new("value", Wanted::Any).or_null()],
        STRING,
        yamlencode,
    ),
];

fn yamlencode(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let value = arguments.value(0);
    arguments.budget().expect_bytes(value.size().bytes)?;
    let text = encode::encode(value);
    arguments.budget().expect_bytes(text.len() as u64)?;
    arguments.budget().take_steps(text.len() as u64 / 64)?;
    Ok(Value::string(text))
}
