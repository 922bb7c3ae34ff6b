//! `regex`, `regexall` and `replace`.

use super::{complains, same};

#[test]
fn groups_decide_what_a_match_becomes() {
    same(&[
        (r#"regex("(\\d+)-(\\d+)", "12-34")"#, r#"["12","34"]"#),
        (
            r#"regex("(?P<a>\\d+)-(?P<b>x)?", "12-")"#,
            r#"{"a":"12","b":null}"#,
        ),
        (r#"regex("(a)|(b)", "b")"#, r#"[null,"b"]"#),
        (r#"regex("a|ab", "ab")"#, r#""a""#),
        (r#"regexall("(.)a", "banana")"#, r#"[["b"],["n"],["n"]]"#),
        (
            r#"regexall("(?P<l>[a-z])(?P<d>\\d)?", "a1b")"#,
            r#"[{"d":"1","l":"a"},{"d":null,"l":"b"}]"#,
        ),
        (r#"regexall("x", "banana")"#, "[]"),
    ]);
    complains(&[(
        r#"regex("(?P<a>x)(y)", "xy")"#,
        r#"Invalid argument: The argument "pattern" of regex() must have names for all of its groups, or for none."#,
    )]);
}

#[test]
fn the_syntax_is_that_of_re2() {
    same(&[
        (r#"regex("\\Qa.b\\E", "a.b")"#, r#""a.b""#),
        (r#"regex("[[:alpha:]]+", "123abc")"#, r#""abc""#),
        (r#"regex("\\pL+", "1éa")"#, r#""éa""#),
        (r#"regex("(?U)a+", "aaa")"#, r#""a""#),
        (r#"regex("\\b\\w+\\b", "é abc")"#, r#""abc""#),
        (r#"regex("(?s).+", "a\nb")"#, r#""a\nb""#),
        (r#"regex(".+", "a\nb")"#, r#""a""#),
        (r#"regex("\\x{41}\\101\\07", "AA\u0007")"#, r#""AA\u0007""#),
        (r#"regex("[^]a]+", "xyz]")"#, r#""xyz""#),
        (r#"regex("x{,2}", "x{,2}")"#, r#""x{,2}""#),
        (r#"regex("(|a)*", "aaa")"#, r#"[""]"#),
        (r#"regex("(|a)+", "aaa")"#, r#"[""]"#),
        (r#"regex("(?<a>x)", "x")"#, r#"{"a":"x"}"#),
    ]);
    complains(&[(
        r#"regex("a{2}{3}", "aaaaaa")"#,
        r#"Invalid argument: The argument "pattern" of regex() is not valid: there is a repetition before {3} already."#,
    )]);
}

#[test]
fn what_re2_refuses_is_refused() {
    same(&[(r#"regex("(?P<a>x)(?P<a>y)", "xy")"#, r#"{"a":"y"}"#)]);
    complains(&[
        (
            r#"regex("(?=a)", "a")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: what follows the question mark behind a parenthesis is not supported; looking ahead and back is not."#,
        ),
        (
            r#"regex("a**", "a")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: there is a repetition before * already."#,
        ),
        (
            r#"regex("a{1,1001}", "a")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: {1,1001} is no count of at most 1000 repetitions."#,
        ),
        (
            r#"regex("\\Z", "a")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: there is no escape \Z."#,
        ),
        (
            r#"regex("[a-\\d]", "a")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: there is no escape \d."#,
        ),
        (
            r#"regex("[", "x")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: a class of characters has no closing bracket."#,
        ),
        (
            r#"regex("a)", "a")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: a parenthesis is closed that was not opened."#,
        ),
        (
            r#"regex("*a", "a")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: there is nothing before * to repeat."#,
        ),
        (
            r#"regex("\\p{Foo}", "α")"#,
            r#"Invalid argument: The argument "pattern" of regex() is not valid: there is no class of characters called "Foo"."#,
        ),
    ]);
}

#[test]
fn classes_hold_ascii_unless_they_name_a_script() {
    same(&[
        (r#"regex("[[:word:]]", "_")"#, r#""_""#),
        (r#"regex("\\p{Greek}", "α")"#, r#""α""#),
        (r#"regex("(?i)k", "\u212a")"#, r#""K""#),
    ]);
    complains(&[
        (
            r#"regex("\\w", "é")"#,
            "Call failed: regex(): The pattern does not match any part of the text.",
        ),
        (
            r#"regex("\\s", "\u000b")"#,
            "Call failed: regex(): The pattern does not match any part of the text.",
        ),
    ]);
}

#[test]
fn empty_matches_stand_between_characters() {
    same(&[
        (r#"regexall("", "ab")"#, r#"["","",""]"#),
        (r#"regexall("a*", "baaac")"#, r#"["","aaa",""]"#),
        (r#"replace("abc", "/x*/", "-")"#, r#""-a-b-c-""#),
        (r#"replace("abc", "", "-")"#, r#""-a-b-c-""#),
    ]);
}

#[test]
fn replacements_speak_of_groups() {
    same(&[
        (r#"replace("hello", "/l+/", "[$0]")"#, r#""he[ll]o""#),
        (r#"replace("abc", "/(b)/", "$1x$$")"#, r#""a$c""#),
        (
            r#"replace("hello world", "/(?P<x>o)/", "<$${x}>")"#,
            r#""hell\u003co\u003e w\u003co\u003erld""#,
        ),
        (r#"replace("a.b.c", ".", "-")"#, r#""a-b-c""#),
        (r#"replace("a/b", "/", "-")"#, r#""a-b""#),
    ]);
}
