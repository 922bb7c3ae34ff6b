//! Functions that people may look for and that do nothing but say what to write instead.
//!
//! Two were withdrawn from the language long ago; others came to Terraform or `OpenTofu` after the
//! set that Terragrunt took over. A file that used one would be refused by Terragrunt, so it is
//! refused here too, and stays readable for both.

use super::{ANY, Arguments, Called, Function, Parameter, Unknowns, Wanted};
use crate::host::CallError;

const ANYTHING: Parameter = Parameter::new("arguments", Wanted::Any)
    .or_null()
    .with_unknown(Unknowns::All)
    .with_marks();

/// A function that takes anything and fails.
const fn failing(name: &'static str, body: fn(&Arguments<'_>) -> Called) -> Function {
    Function::new(name, &[], ANY, body).and_more(ANYTHING)
}

pub(super) const FUNCTIONS: &[Function] = &[
    failing("base64gunzip", |_| {
        refused("No function of the language decompresses.")
    }),
    failing("cidrcontains", |_| {
        refused(
            "To ask whether two prefixes are the same network, compare cidrhost(prefix, 0) of both, each with the length of the outer one.",
        )
    }),
    failing("cidrmerge", |_| {
        refused("Write the merged prefixes down, or take the outer one.")
    }),
    failing("defaults", |_| {
        refused("Merge the defaults first: merge(defaults, values).")
    }),
    failing("ephemeralasnull", |_| {
        refused("No value is ephemeral here, so the value itself will do.")
    }),
    failing("issensitive", |_| {
        refused(
            "To take the mark from a value that may have none, write try(nonsensitive(value), value).",
        )
    }),
    failing("list", |_| refused("Write [a, b], or tolist([a, b]).")),
    failing("map", |_| refused("Write {a = b}, or tomap({a = b}).")),
    failing("plantimestamp", |_| {
        refused("There is no plan yet when this file is read; timestamp() is the time of reading.")
    }),
    failing("rsadecrypt", |_| {
        refused("Private keys are not used while reading configuration; call it in the module.")
    }),
    failing("templatestring", |_| {
        refused("Write the template here, in quotes or as a heredoc, or read it with templatefile.")
    }),
    failing("urldecode", |_| {
        refused("Replace the sequences one by one: replace(text, \"%20\", \" \").")
    }),
];

fn refused(instead: &str) -> Called {
    Err(CallError::failed(format!("It is not offered. {instead}")))
}
