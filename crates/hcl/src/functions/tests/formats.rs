//! `format` and `formatlist`.

use super::{complains, same};

#[test]
fn what_is_wrong_with_a_format_is_found_before_anything_is_printed() {
    let format = format!("{}%", "%1000000[1]d".repeat(20));
    same(&[(&format!(r#"try(format("{format}", 1), "x")"#), r#""x""#)]);
}

#[test]
fn numbers_are_printed_as_the_verb_says() {
    same(&[
        (
            r#"format("%05d|%-5d|%+d|% d", 42, 42, 42, 42)"#,
            r#""00042|42   |+42| 42""#,
        ),
        (
            r#"format("%x|%X|%o|%b|%#x|%#o", 255, 255, 8, 5, 255, 8)"#,
            r#""ff|FF|10|101|0xff|010""#,
        ),
        (
            r#"format("%e %E %g %G", 12345.678, 0.00012, 1e21, 1e-7)"#,
            r#""1.234568e+04 1.200000E-04 1e+21 1E-07""#,
        ),
        (
            r#"format("%.2f|%8.3f|%-8.3f|", 2.675, 3.14159, 3.14159)"#,
            r#""2.67|   3.142|3.142   |""#,
        ),
        (r#"format("%.0f %.0f %.0f", 0.5, 1.5, 2.5)"#, r#""0 2 2""#),
        (
            r#"format("%d", 123456789012345678901234567890)"#,
            r#""123456789012345678901234567890""#,
        ),
        (r#"format("%.20f", 0.1)"#, r#""0.10000000000000000000""#),
        (r#"format("%b", -5)"#, r#""-101""#),
        (r#"format("%d", "12")"#, r#""12""#),
    ]);
    complains(&[
        (
            r#"format("%d", 1.5)"#,
            r#"Invalid argument: The argument "values" of format() cannot be printed with %d: it is not whole."#,
        ),
        (
            r#"format("%d and %", 1.5)"#,
            "the letter of a verb is expected, and the format ends",
        ),
    ]);
}

#[test]
fn texts_are_padded_by_characters() {
    same(&[
        (
            r#"format("%5s|%-5s|%.2s|%q", "é", "日本", "日本語", "tab\t")"#,
            r#""    é|日本   |日本|\"tab\\t\"""#,
        ),
        (r#"format("%010s|", "abc")"#, r#""0000000abc|""#),
    ]);
}

#[test]
fn values_are_printed_as_json() {
    same(&[
        (
            r#"format("%v", ["a", 1, {b = null}])"#,
            r#""[\"a\",1,{\"b\":null}]""#,
        ),
        (r#"format("%#v", "x")"#, r#""\"x\"""#),
        (r#"format("%v %v %v", 1, "x", true)"#, r#""1 x true""#),
        (r#"format("%v", 1e100)"#, r#""1e+100""#),
    ]);
    complains(&[(
        r#"format("%s", [1])"#,
        r#"Invalid argument: The argument "values" of format() cannot be printed with %s: a string is required."#,
    )]);
}

#[test]
fn verbs_take_the_values_in_order_or_by_number() {
    same(&[
        (r#"format("%[2]s %[1]s", "a", "b")"#, r#""b a""#),
        (r#"format("%[2]s %s", "a", "b", "c")"#, r#""b c""#),
        (r#"format("%d%%", 50)"#, r#""50%""#),
    ]);
    complains(&[
        (
            r#"format("%s", "a", "b")"#,
            r#"Invalid argument: The argument "values" of format() has no place in the format, whose verbs take 1."#,
        ),
        (
            r#"format("%s %s", "a")"#,
            "Call failed: format(): The verb %s needs value number 2, and there are 1.",
        ),
        (
            r#"format("%z", 1)"#,
            "Call failed: format(): There is no verb %z; the verbs are %v %s %q %d %f %e %g %t %b %o %x.",
        ),
        (
            r#"format("%", 1)"#,
            r#"Invalid argument: The argument "format" of format() is not valid: behind "%" the letter of a verb is expected, and the format ends; a percent sign is written %%."#,
        ),
    ]);
}

#[test]
fn a_list_gives_a_text_for_each_element() {
    same(&[
        (
            r#"formatlist("%s-%d", ["a", "b"], [1, 2])"#,
            r#"["a-1","b-2"]"#,
        ),
        (
            r#"formatlist("%s-%s", ["a", "b"], "x")"#,
            r#"["a-x","b-x"]"#,
        ),
        (r#"formatlist("%s", [])"#, "[]"),
        (r#"formatlist("x")"#, r#"["x"]"#),
        (r#"formatlist("%s", toset(["b", "a"]))"#, r#"["a","b"]"#),
    ]);
    complains(&[(
        r#"formatlist("%s%s", ["a"], ["b", "c"])"#,
        r#"Invalid argument: The argument "values" of formatlist() must be as long as the lists before it: 1, not 2."#,
    )]);
}
