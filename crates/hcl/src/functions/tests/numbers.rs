//! Numbers.

use super::{complains, same};

#[test]
fn logarithms_and_powers_are_machine_numbers() {
    same(&[
        ("log(100, 10)", "2"),
        ("log(50, 7)", "2.0103821378018547"),
        ("pow(2, 0.5)", "1.4142135623730951"),
        (
            "pow(10, 308)",
            "100000000000000060000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        ),
    ]);
    complains(&[(
        "pow(-8, 1/3)",
        "Call failed: pow(): The result is not defined.",
    )]);
}

#[test]
fn rounding_and_signs_are_exact() {
    same(&[
        ("ceil(-0.5)", "0"),
        ("floor(-0.5)", "-1"),
        (
            "ceil(1e50)",
            "100000000000000000000000000000000000000000000000000",
        ),
        ("abs(-1e30)", "1000000000000000000000000000000"),
        ("signum(-3)", "-1"),
    ]);
}

#[test]
fn texts_are_read_to_any_base() {
    same(&[
        (r#"parseint("FF", 16)"#, "255"),
        (r#"parseint("z", 36)"#, "35"),
        (r#"parseint("Z", 62)"#, "61"),
        (r#"parseint("-0", 10)"#, "0"),
        (r#"parseint("+5", 10)"#, "5"),
    ]);
    complains(&[
        (
            r#"parseint("12", 2)"#,
            r#"Invalid argument: The argument "text" of parseint() is not a whole number to the base 2."#,
        ),
        (
            r#"parseint("1_000", 10)"#,
            r#"Invalid argument: The argument "text" of parseint() is not a whole number to the base 10."#,
        ),
        (
            r#"parseint("0x1f", 16)"#,
            r#"Invalid argument: The argument "text" of parseint() is not a whole number to the base 16."#,
        ),
        (
            r#"parseint("", 10)"#,
            r#"Invalid argument: The argument "text" of parseint() is not a whole number to the base 10."#,
        ),
        (
            "parseint(12, 10)",
            r#"Invalid argument: The argument "text" of parseint() must be a string, not a number."#,
        ),
        (
            r#"parseint("1", 1)"#,
            r#"Invalid argument: The argument "base" of parseint() must be between 2 and 62."#,
        ),
    ]);
}

#[test]
fn sums_and_extremes_take_numbers() {
    same(&[
        (r#"max(1, "5", 3)"#, "5"),
        ("min(1.5, -2)", "-2"),
        ("max([1, 2]...)", "2"),
        ("sum([1, 2.5])", "3.5"),
        ("sum(toset([1, 2]))", "3"),
    ]);
    complains(&[
        (
            "max()",
            r#"Call failed: max(): It takes at least 1 argument, and the one called "numbers" is missing."#,
        ),
        (
            "sum([])",
            r#"Invalid argument: The argument "list" of sum() must not be empty."#,
        ),
        (
            "sum([null])",
            r#"Invalid argument: The argument "list" of sum() must hold numbers, and element 0 is null."#,
        ),
        (
            "sum({a = 1})",
            r#"Invalid argument: The argument "list" of sum() must be a list, set or tuple, not an object."#,
        ),
    ]);
}
