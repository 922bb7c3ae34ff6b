//! What calls come to. Expressions stand beside their results, as JSON, or what is said about them.

mod conversions;
mod dates;
mod encodings;
mod formats;
mod limits;
mod mappings;
mod marks;
mod networks;
mod numbers;
mod regexes;
mod sequences;
mod strings;
mod world;
mod yaml_texts;

use super::*;
use crate::host::Host;
use crate::limits::Limits;
use crate::testing::{Variables, evaluate_with, result};

fn same(cases: &[(&str, &str)]) {
    same_with(&Variables::default(), cases);
}

fn same_with(host: &dyn Host, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let value = evaluate_with(text, host, Limits::default());
        let json = value.map(|value| value.to_json().expect("it is known"));
        let json = json.unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(json, *expected, "{text}");
    }
}

fn complains(cases: &[(&str, &str)]) {
    complains_with(&Variables::default(), cases);
}

fn complains_with(host: &dyn Host, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let error = evaluate_with(text, host, Limits::default());
        let error = error.expect_err(text).to_string();
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn functions_are_ordered_by_name_so_that_they_are_found() {
    for family in FAMILIES.iter().copied().chain([not_offered::FUNCTIONS]) {
        assert!(family.is_sorted_by(|a, b| a.name < b.name));
    }
    assert!(BY_NAME.is_sorted_by(|a, b| a.name < b.name));
    for name in function_names().filter(|name| !["can", "try"].contains(name)) {
        assert!(find(name).is_some(), "{name}");
    }
}

#[test]
fn the_documentation_names_all_functions() {
    let page = include_str!("../../../../../docs/functions.md");
    let (offered, rest) = page
        .split_once("## What is not offered")
        .expect("it is there");
    for name in function_names() {
        assert!(offered.contains(&format!("`{name}`")), "{name}");
    }
    for function in not_offered::FUNCTIONS {
        assert!(
            rest.contains(&format!("`{}`", function.name)),
            "{}",
            function.name
        );
    }
}

#[test]
fn what_is_not_offered_says_what_to_write_instead() {
    complains(&[
        ("templatestring(\"x\", {})", "templatefile"),
        ("list(1, 2)", "Write [a, b]"),
        ("cidrmerge([])", "It is not offered."),
    ]);
}

#[test]
fn arguments_are_counted_and_called_by_name() {
    complains(&[
        (
            "upper()",
            "It takes 1 argument, and the one called \"text\" is missing.",
        ),
        ("upper(\"a\", \"b\")", "It takes 1 argument, and got 2."),
        ("format()", "It takes at least 1 argument"),
        (
            "upper([])",
            "The argument \"text\" of upper() is not suitable",
        ),
        (
            "upper(null)",
            "The argument \"text\" of upper() must not be null.",
        ),
    ]);
    assert!(result("upper(1)").is_ok_and(|value| value.as_str() == Some("1")));
}
