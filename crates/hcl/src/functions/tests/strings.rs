//! Texts.

use super::{complains, same};

#[test]
fn parts_are_counted_in_characters_as_readers_see_them() {
    same(&[
        (r#"substr("hello", 1, -1)"#, r#""ello""#),
        (r#"substr("hello", -3, 2)"#, r#""ll""#),
        (r#"substr("hello", -3, 0)"#, r#""llo""#),
        (r#"substr("hello", 0, 0)"#, r#""""#),
        (r#"substr("hello", -10, 2)"#, r#""he""#),
        (r#"substr("hello", 10, 1)"#, r#""""#),
        (r#"substr("🤔🤷", 0, 1)"#, r#""🤔""#),
        (r#"strrev("a\u0301bc")"#, r#""cbá""#),
        (r#"length("e\u0301")"#, "1"),
    ]);
}

#[test]
fn ends_are_cut() {
    same(&[
        (r#"chomp("a\r\n\n\r")"#, r#""a""#),
        (r#"trimspace("\u00a0 a \u2003\t")"#, r#""a""#),
        (r#"trim("?!hello?!", "!?")"#, r#""hello""#),
        (r#"trimprefix("aab", "a")"#, r#""ab""#),
        (r#"trimsuffix("a.b.b", ".b")"#, r#""a.b""#),
    ]);
}

#[test]
fn letters_change_one_for_one() {
    same(&[
        (r#"upper("straße ŉ ǆ")"#, r#""STRAßE ŉ Ǆ""#),
        (r#"lower("İSTANBUL ΑΣ")"#, r#""istanbul ασ""#),
        (
            r#"title("hello wORLD foo-bar it's é x_y 1a")"#,
            r#""Hello WORLD Foo-Bar It'S É X_y 1a""#,
        ),
    ]);
}

#[test]
fn lists_and_texts_become_each_other() {
    same(&[
        (r#"split(",", "a,b,,c,")"#, r#"["a","b","","c",""]"#),
        (r#"split("", "abc")"#, r#"["a","b","c"]"#),
        (r#"split(",", "")"#, r#"[""]"#),
        (r#"join("-", ["a"], ["b", "c"])"#, r#""a-b-c""#),
        (r#"join(",", [])"#, r#""""#),
        (r#"join(",", [1, true])"#, r#""1,true""#),
    ]);
    complains(&[(
        r#"join(",", ["a", null])"#,
        r#"Invalid argument: The argument "lists" of join() must have no null in it, but element 1 is null."#,
    )]);
}

#[test]
fn all_lines_but_the_first_are_indented() {
    same(&[(r#"indent(2, "a\nb\n\nc")"#, r#""a\n  b\n  \n  c""#)]);
    complains(&[(
        r#"indent(-1, "a\nb")"#,
        r#"Invalid argument: The argument "spaces" of indent() must not be negative."#,
    )]);
}

#[test]
fn parts_are_found() {
    same(&[
        (r#"startswith("", "")"#, "true"),
        (r#"endswith("abc", "bc")"#, "true"),
        (r#"strcontains("abc", "")"#, "true"),
    ]);
    complains(&[(
        r#"startswith(null, "a")"#,
        r#"Invalid argument: The argument "text" of startswith() must not be null."#,
    )]);
}
