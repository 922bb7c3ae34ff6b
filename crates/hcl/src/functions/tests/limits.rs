//! Whatever is asked for ends soon: with a value, or with an error that has a place.

use super::{complains, same};
use crate::limits::Limits;
use crate::testing::{Variables, evaluate_with, repeated};

/// A hundredth of the usual limits, so that they are soon reached.
fn reaches_a_limit(cases: &[&str]) {
    let usual = Limits::default();
    let limits = Limits {
        steps: usual.steps / 100,
        value_bytes: usual.value_bytes / 100,
        total_bytes: usual.total_bytes / 100,
        collection_items: usual.collection_items / 100,
        ..usual
    };
    for text in cases {
        let error = evaluate_with(text, &Variables::default(), limits).expect_err(text);
        let told = error.to_string();
        assert!(told.contains("Limit reached"), "{text}\n{told}");
        assert!(error.iter().all(|error| error.subject.is_some()), "{text}");
    }
}

/// An expression whose value is a text of so many thousand times `part`.
fn long(thousands: u32, part: &str) -> String {
    let thousand = format!("join(\"\", [for i in range(1000) : \"{part}\"])");
    format!("join(\"\", [for j in range({thousands}) : {thousand}])")
}

#[test]
fn widths_and_precisions_have_a_limit() {
    let many = "%10000s".repeat(20);
    let ones = "1, ".repeat(20);
    complains(&[
        (r#"format("%1000000000s", "x")"#, "1:8: Invalid argument"),
        (r#"format("%.1000000000f", 1)"#, "1000000 is the most"),
        (
            r#"format("%99999999999999999999d", 1)"#,
            "1000000 is the most",
        ),
    ]);
    reaches_a_limit(&[
        r#"formatlist("%10000s", range(1000))"#,
        r#"format("%200000s", "x")"#,
        &format!("format(\"{many}\", {ones})"),
    ]);
}

#[test]
fn collections_are_not_made_larger_than_the_limit() {
    complains(&[
        ("range(1000000000)", "more than 1024 numbers"),
        ("range(0, 1, 1e-300)", "more than 1024 numbers"),
    ]);
    reaches_a_limit(&[
        "setproduct(range(100), range(100), range(100))",
        "flatten([for i in range(200) : [for j in range(100) : 1]])",
        "merge([for i in range(200) : {for j in range(100) : \"${i}-${j}\" => 1}]...)",
        &format!("split(\"\", {})", long(11, "x")),
        &format!("regexall(\"x\", {})", long(11, "x")),
    ]);
}

#[test]
fn texts_are_not_made_larger_than_the_limit() {
    let x = long(1, "x");
    reaches_a_limit(&[
        "indent(9223372036854775807, \"a\\nb\")",
        &format!("replace({x}, \"x\", {x})"),
        &format!("replace({x}, \"\", {x})"),
        &format!("replace({x}, \"/x/\", {x})"),
        &format!("join({x}, range(1000))"),
        &format!("urlencode({})", long(30, "é")),
    ]);
}

#[test]
fn numbers_at_the_end_of_the_range_do_no_harm() {
    same(&[
        (
            "substr(\"abc\", 9223372036854775807, 9223372036854775807)",
            "\"\"",
        ),
        ("substr(\"abc\", -9223372036854775808, 1)", "\"a\""),
        ("element([1, 2, 3], -9223372036854775808)", "2"),
        ("chunklist([1, 2], 9223372036854775807)", "[[1,2]]"),
        ("pow(2, -1e18)", "0"),
    ]);
    complains(&[
        (
            "slice([1], 0, 9223372036854775807)",
            "must not be above the length",
        ),
        ("cidrhost(\"10.0.0.0/8\", 1e100)", "is beyond it"),
        ("cidrsubnet(\"10.0.0.0/8\", 1e18, 1)", "must leave a prefix"),
        ("cidrsubnet(\"::/0\", 32, 1e100)", "must be at most"),
        (
            "timeadd(\"9999-12-31T23:59:59Z\", \"1s\")",
            "outside of the years",
        ),
        (
            "timeadd(\"2000-01-01T00:00:00Z\", \"999999999999999999h\")",
            "must be a duration",
        ),
        ("bcrypt(\"x\", 31)", "Limit reached"),
        ("bcrypt(\"x\", 99999999999)", "between 4 and 31"),
        ("log(1e400, 10)", "must be between"),
        ("jsondecode(\"1e999999999\")", "out of range"),
        ("yamldecode(\"1e999999999\")", "out of range"),
        ("tonumber(\"1e999999999\")", "cannot be converted"),
    ]);
    complains(&[(
        &format!("parseint({}, 10)", long(1, "9999999999")),
        "too large",
    )]);
}

#[test]
fn patterns_match_in_linear_time() {
    let xs = long(20, "x");
    complains(&[
        (&format!("regex(\"(x+x+)+y\", {xs})"), "does not match"),
        (&format!("regex(\"(x*)*y\", {xs})"), "does not match"),
    ]);
}

#[test]
fn patterns_have_a_size() {
    let deep = "(".repeat(2_000) + &")".repeat(2_000);
    complains(&[
        (
            "regex(\"((a{1,100}){1,100}){1,100}\", \"a\")",
            "repeated more than 1000 times",
        ),
        ("regex(\"\\\\pL{1000}\", \"a\")", "when compiled"),
        (&format!("regex(\"{deep}\", \"a\")"), "nested too deeply"),
        (
            &format!("regex({}, \"x\")", long(70, "x")),
            "longer than 65536 bytes",
        ),
    ]);
}

#[test]
fn many_large_patterns_use_up_the_budget() {
    reaches_a_limit(&["[for i in range(1000) : try(regex(\"\\\\pL{10}${i}\", \"a\"), \"\")]"]);
}

#[test]
fn aliases_in_yaml_do_not_multiply_without_end() {
    let layers = repeated(9, |layer| {
        let aliases = vec![format!("*a{layer}"); 9].join(",");
        format!("a{next}: &a{next} [{aliases}]\\n", next = layer + 1)
    });
    complains(&[(
        &format!("yamldecode(\"a0: &a0 x\\n{layers}\")"),
        "Limit reached",
    )]);
}

#[test]
fn nesting_in_texts_has_a_limit() {
    complains(&[
        (&format!("yamldecode({})", long(10, "[")), "is not valid"),
        (
            &format!("yamldecode({})", long(1, "- - - - - ")),
            "levels in one value",
        ),
        (&format!("yamldecode({})", long(1, "{a: ")), "is not valid"),
        (&format!("jsondecode({})", long(10, "[")), "is not valid"),
    ]);
}
