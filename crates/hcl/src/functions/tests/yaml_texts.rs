//! YAML.

use super::{complains, same};

#[test]
fn plain_scalars_have_the_types_of_yaml_1_1() {
    same(&[
        (
            r#"yamldecode("[yes, No, ON, off, y, n, ~, null, '', True]")"#,
            r#"[true,false,true,false,true,false,null,null,"",true]"#,
        ),
        (
            r#"yamldecode("[0x1F, 0o17, 017, 1_000, .5, 1e3, 0b101, +12, 1., -.5e-3]")"#,
            r#"[31,15,17,"1_000",0.5,1000,"0b101",12,1,-0.0005]"#,
        ),
        (r#"yamldecode("2026-01-01")"#, r#""2026-01-01T00:00:00Z""#),
        (
            r#"yamldecode("2026-01-01 10:20:30.5 +02:00")"#,
            r#""2026-01-01 10:20:30.5 +02:00""#,
        ),
        (r#"yamldecode("12:30:45")"#, r#""12:30:45""#),
        (
            r#"yamldecode("123456789012345678901234567890")"#,
            "123456789012345678901234567890",
        ),
    ]);
    complains(&[(
        r#"yamldecode(".nan")"#,
        r#"Invalid argument: The argument "text" of yamldecode() is not valid: there is no number that is none, in line 1, column 1."#,
    )]);
}

#[test]
fn tags_say_the_type() {
    same(&[
        (r#"yamldecode("!!str 123")"#, r#""123""#),
        (r#"yamldecode("!!int \"12\"")"#, r#""12""#),
        (r#"yamldecode("!!float 3")"#, "3"),
        (r#"yamldecode("!!binary aGk=")"#, r#""aGk=""#),
    ]);
    complains(&[
        (
            r#"yamldecode("!foo bar")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: the tag !foo is not supported, in line 1, column 1."#,
        ),
        (
            r#"yamldecode("!!set {a, b}")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: the tag tag:yaml.org,2002:!set does not go with this value, in line 1, column 1."#,
        ),
    ]);
}

#[test]
fn anchors_and_merges_bring_values_in() {
    same(&[
        (r#"yamldecode("- &a 1\n- *a")"#, "[1,1]"),
        (
            r#"yamldecode("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2")"#,
            r#"{"a":{"b":1},"c":{"b":1,"d":2}}"#,
        ),
        (
            r#"yamldecode("a: &x {b: 1}\nc:\n  b: 5\n  <<: *x")"#,
            r#"{"a":{"b":1},"c":{"b":1}}"#,
        ),
    ]);
    complains(&[
        (
            r#"yamldecode("&a [1, *a]")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: an alias stands within what it names, or for a key, in line 1, column 8."#,
        ),
        (
            r#"yamldecode("<<: 1")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: only a mapping can be merged with <<, in line 1, column 5."#,
        ),
        (
            r#"yamldecode("a: &x {b: 1}\ne: &y {b: 2}\nc:\n  <<: [*x, *y]")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: only a mapping can be merged with <<, in line 4, column 14."#,
        ),
    ]);
}

#[test]
fn keys_are_scalars_and_the_last_of_two_wins() {
    same(&[
        (r#"yamldecode("1: a\ntrue: b")"#, r#"{"1":"a","true":"b"}"#),
        (r#"yamldecode("a: 1\na: 2")"#, r#"{"a":2}"#),
    ]);
    complains(&[
        (
            r#"yamldecode("? [a]\n: b")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: a key must be a scalar, in line 1, column 3."#,
        ),
        (
            r#"yamldecode("1: a\nnull: c")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: a key must not be null, in line 2, column 1."#,
        ),
    ]);
}

#[test]
fn there_is_one_document() {
    same(&[
        (r#"yamldecode("--- a\n...\n")"#, r#""a""#),
        (r#"yamldecode("a:")"#, r#"{"a":null}"#),
    ]);
    complains(&[
        (
            r#"yamldecode("a: 1\n---\nb: 2")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: there is a second document, and one is all that can be read, in line 2, column 1."#,
        ),
        (
            r#"yamldecode("")"#,
            r#"Invalid argument: The argument "text" of yamldecode() has nothing in it."#,
        ),
        (
            r##"yamldecode("# x")"##,
            r#"Invalid argument: The argument "text" of yamldecode() has nothing in it."#,
        ),
    ]);
}

#[test]
fn blocks_and_quotes_are_read() {
    same(&[
        (
            r#"yamldecode("a: |\n  x\n  y\n\nb: >-\n  p\n  q\n")"#,
            r#"{"a":"x\ny\n","b":"p q"}"#,
        ),
        (r#"yamldecode("'it''s'")"#, r#""it's""#),
        (r#"yamldecode("\"\\x41\\u00e9\\n\"")"#, r#""Aé\n""#),
    ]);
    complains(&[
        (
            r#"yamldecode("a: b: c")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: mapping values are not allowed in this context, in line 1, column 5."#,
        ),
        (
            r#"yamldecode("[a, b")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: while parsing a flow sequence, expected ',' or ']', in line 2, column 1."#,
        ),
        (
            r#"yamldecode("@a")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: unexpected character: `@', in line 1, column 1."#,
        ),
    ]);
}

#[test]
fn a_tab_is_no_indentation() {
    same(&[
        (r#"yamldecode("a: \t1")"#, r#"{"a":1}"#),
        (r#"yamldecode("{\n\ta: 1}")"#, r#"{"a":1}"#),
        (r#"yamldecode("[\n\ta, {b:\n\tc}]")"#, r#"["a",{"b":"c"}]"#),
        (r#"yamldecode("---\ta")"#, r#""a""#),
    ]);
    complains(&[
        (
            r#"yamldecode("\ta: 1")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: a tab stands where only spaces may indent, in line 1, column 2."#,
        ),
        (
            r#"yamldecode("- \ta: 1")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: a tab stands where only spaces may indent, in line 1, column 4."#,
        ),
        (
            r#"yamldecode("a:\n\tb: 1")"#,
            r#"Invalid argument: The argument "text" of yamldecode() is not valid: tabs disallowed within this context (block indentation), in line 2, column 2."#,
        ),
    ]);
}

#[test]
fn values_are_written_so_that_they_are_read_back() {
    same(&[
        (
            r#"yamlencode({a = [1, "x", null, true], b = {}, c = [], d = "yes", e = "1", f = "a: b", g = "multi\nline\n", h = ""})"#,
            r#""\"a\":\n- 1\n- \"x\"\n- null\n- true\n\"b\": {}\n\"c\": []\n\"d\": \"yes\"\n\"e\": \"1\"\n\"f\": \"a: b\"\n\"g\": |\n  multi\n  line\n\"h\": \"\"\n""#,
        ),
        (
            r#"yamlencode({"a b" = 1, "1" = 2, "true" = 3})"#,
            r#""\"1\": 2\n\"a b\": 1\n\"true\": 3\n""#,
        ),
        (r#"yamlencode("x\n y")"#, r#""|-\n  x\n   y\n""#),
        (r#"yamlencode("2026-01-01")"#, r#""\"2026-01-01\"\n""#),
        (r#"yamlencode("😀")"#, r#""\"\\U0001F600\"\n""#),
        ("yamlencode(1.50)", r#""1.5\n...\n""#),
        ("yamlencode([])", r#""[]\n""#),
    ]);
}

#[test]
fn long_texts_are_folded_at_spaces() {
    let words = ["word"; 20].join(" ");
    let folded = |begin: &str, in_first_line: usize| {
        let (first, rest) = (in_first_line, 20 - in_first_line);
        let [first, rest] = [first, rest].map(|count| vec!["word"; count].join(" "));
        format!(r#""{begin}\"{first}\n  {rest}\"\n""#)
    };
    same(&[
        (&format!("yamlencode(\"{words}\")"), &folded("", 17)),
        (&format!("yamlencode([\"{words}\"])"), &folded("- ", 16)),
    ]);
    // A key stands in one line, and a space behind which another one follows is marked.
    let spaced = format!("{}  y", "x".repeat(80));
    same(&[
        (
            &format!("yamlencode({{\"{words}\" = 1}})"),
            &format!(r#""\"{words}\": 1\n""#),
        ),
        (
            &format!("yamlencode(\"{spaced}\")"),
            &format!(r#""\"{}\n  \\ y\"\n""#, "x".repeat(80)),
        ),
    ]);
    let read_back = format!("yamldecode(yamlencode(\"{spaced}\")) == \"{spaced}\"");
    same(&[(&read_back, "true")]);
}

#[test]
fn control_characters_are_escaped_or_refused() {
    same(&[(r#"yamldecode(yamlencode("\u0007"))"#, r#""\u0007""#)]);
    complains(&[(
        r#"yamldecode("a: 1\nb: \u0007")"#,
        "a control character must be written as an escape sequence in double quotes, in line 2, column 4",
    )]);
}
