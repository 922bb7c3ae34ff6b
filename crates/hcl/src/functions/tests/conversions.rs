//! Conversions that are asked for.

use super::{complains, same};

#[test]
fn what_can_be_converted_is() {
    same(&[
        (r#"tolist(["a", 1, true])"#, r#"["a","1","true"]"#),
        (r#"toset(["b", "a", "b"])"#, r#"["a","b"]"#),
        (r#"tomap({a = 1, b = "x"})"#, r#"{"a":"1","b":"x"}"#),
        (r#"tonumber("1e3")"#, "1000"),
        (r#"tonumber("+5")"#, "5"),
        ("tostring(1.50)", r#""1.5""#),
        (r#"tobool("1")"#, "true"),
        ("tostring(null)", "null"),
    ]);
    complains(&[
        (
            "tomap({a = 1, b = [1]})",
            r#"Invalid argument: The argument "value" of tomap() cannot be converted: the attributes have no type in common, as those of a map must."#,
        ),
        (
            r#"tolist("a")"#,
            r#"Invalid argument: The argument "value" of tolist() cannot be converted: a list of any type is required."#,
        ),
        (
            r#"tonumber("0x10")"#,
            r#"Invalid argument: The argument "value" of tonumber() cannot be converted: a number is required, and "0x10" is none."#,
        ),
        (
            r#"tonumber(" 1")"#,
            r#"Invalid argument: The argument "value" of tonumber() cannot be converted: a number is required, and " 1" is none."#,
        ),
        (
            r#"tobool("TRUE")"#,
            r#"Invalid argument: The argument "value" of tobool() cannot be converted: a bool is required, and "TRUE" is none; write "true" in lower case."#,
        ),
        (
            "tobool(1)",
            r#"Invalid argument: The argument "value" of tobool() cannot be converted: a bool is required."#,
        ),
        (
            "tostring([1])",
            r#"Invalid argument: The argument "value" of tostring() cannot be converted: a string is required."#,
        ),
    ]);
}
