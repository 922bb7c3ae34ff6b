//! Versions, and the one function that must be switched on.

use terrane_hcl::{Arguments, CallError, Value};

use super::{Called, Function};
use crate::config::merge::deep::deep_merge;
use crate::config::scope::View;
use crate::model::{Version, VersionConstraint};

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "constraint_check",
    usage: "constraint_check(\"1.2.3\", \">= 1.0, < 2.0\")",
    about: "Whether a version meets a constraint.",
    body: constraint_check,
}];

pub(super) const DEEP_MERGE: Function = Function {
    name: "deep_merge",
    usage: "deep_merge(map, map, …)",
    about: "Maps merged at every depth, lists joined; null is passed over.",
    body: deep_merge_all,
};

fn constraint_check(_: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(2..=2)?;
    let version: Version = arguments
        .string(0)?
        .parse()
        .map_err(|_| CallError::argument(0, "is not a version"))?;
    let constraint: VersionConstraint = arguments
        .string(1)?
        .parse()
        .map_err(|_| CallError::argument(1, "is not a version constraint"))?;
    Ok(Value::from(constraint.allows(&version)))
}

fn deep_merge_all(_: &View<'_>, arguments: &Arguments<'_>) -> Called {
    let mut merged = Value::object::<&str>([]);
    for (index, value) in arguments.values().iter().enumerate() {
        if value.is_null() {
            continue;
        }
        if value.entries().is_none() {
            return Err(CallError::argument(index, "must be a map or an object"));
        }
        merged = deep_merge(&merged, value).map_err(|_| {
            CallError::argument(
                index,
                "has a list where an earlier one has another kind of value",
            )
        })?;
    }
    Ok(merged)
}
