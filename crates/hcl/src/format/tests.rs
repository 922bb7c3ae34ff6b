//! The layout of texts, which never changes their meaning.

use super::format;
use crate::{Limits, Source, parse};

/// Each text with its layout, which is the layout of itself.
fn check(cases: &[(&str, &str)]) {
    for (text, formatted) in cases {
        assert_eq!(format(text), *formatted, "{text}");
        assert_eq!(format(formatted), *formatted, "{text}");
    }
}

#[test]
fn equals_signs_of_neighbouring_lines_stand_in_one_column() {
    check(&[
        ("a=1\nlong=2\n", "a    = 1\nlong = 2\n"),
        ("a=1\n\nlong=2\n", "a = 1\n\nlong = 2\n"),
        ("a=1\n# c\nlong=2\n", "a = 1\n# c\nlong = 2\n"),
        ("a={\nb=1}\nlong=2\n", "a = {\nb = 1 }\nlong = 2\n"),
        (
            "a={b=1,c=2}\nlong=[3]\n",
            "a    = { b = 1, c = 2 }\nlong = [3]\n",
        ),
        ("a:1\nlong=2\n", "a : 1\nlong = 2\n"),
        ("\"a\"=1\n(long)=2\n", "\"a\"    = 1\n(long) = 2\n"),
        ("größe=1\na=2\n", "größe = 1\na     = 2\n"),
        (
            "a=<<E\n x=1\nE\nlong=2\n",
            "a    = <<E\n x=1\nE\nlong = 2\n",
        ),
        ("a == b\nlong=2\n", "a == b\nlong = 2\n"),
    ]);
}

#[test]
fn two_numbers_with_a_dot_between_them_stay_two() {
    check(&[(
        "a = [1  .2, 1. 2, x.0 .1, x . 0]\n",
        "a = [1 .2, 1. 2, x.0 .1, x.0]\n",
    )]);
}

#[test]
fn comments_behind_neighbouring_lines_stand_in_one_column() {
    check(&[
        ("a=1 # x\nlong=2  // y\n", "a    = 1 # x\nlong = 2 // y\n"),
        ("[1, # x\n222] # y\n", "[1,  # x\n222] # y\n"),
        (
            "a=1 # x\nb=2\nccc=3 # y\n",
            "a   = 1 # x\nb   = 2\nccc = 3 # y\n",
        ),
        ("a=1/* x */+2\n", "a = 1 /* x */ + 2\n"),
        ("b { # x\n# y\n}\n", "b { # x\n  # y\n}\n"),
    ]);
}

#[test]
fn lines_are_indented_by_two_for_each_line_that_opens_brackets() {
    check(&[
        (
            "b {\na=1\n\n\n c {\nd=2\n}\n}\n",
            "b {\n  a = 1\n\n\n  c {\n    d = 2\n  }\n}\n",
        ),
        ("a=f({\nb=1\n})\n", "a = f({\n  b = 1\n})\n"),
        ("a=[\n[\n1,\n]]\n", "a = [\n  [\n    1,\n]]\n"),
        (
            "a=[\n{\nb=1\n},\n{\nc=2\n}\n]\n",
            "a = [\n  {\n    b = 1\n  },\n  {\n    c = 2\n  }\n]\n",
        ),
        ("a = (\n1\n+2)\n", "a = (\n  1\n+ 2)\n"),
        ("\t}\n  a=1\n", "}\na = 1\n"),
    ]);
}

#[test]
fn one_blank_stands_between_tokens_where_any_does() {
    check(&[
        ("a   =  1+2*3%4/5-6\n", "a = 1 + 2 * 3 % 4 / 5 - 6\n"),
        ("a=-b - -c--d\n", "a = -b - -c--d\n"),
        ("a=!b&&! c||d?-1:-2\n", "a = !b && !c || d ? -1 : -2\n"),
        (
            "a=[ -1,b [ 0 ] . c . * , d [ * ] ]\n",
            "a = [-1, b[0].c.*, d[*]]\n",
        ),
        ("a=f ( b,c ... )\n", "a = f(b, c...)\n"),
        ("a=x :: y (1)\n", "a = x::y(1)\n"),
        ("a={ }\nb={c=1}\n", "a = {}\nb = { c = 1 }\n"),
        (
            "a=[for k,v in [b]:v if c]\n",
            "a = [for k, v in [b] : v if c]\n",
        ),
        (
            "a={for k,v in b:k=>v...}\n",
            "a = { for k, v in b : k => v... }\n",
        ),
        ("b   \"l\"   m   {a=1}\n", "b \"l\" m { a = 1 }\n"),
        ("a=1;b='c'\n", "a = 1 ; b = ' c '\n"),
    ]);
}

#[test]
fn templates_change_within_their_sequences_only() {
    check(&[
        (
            "a=\"  ${ b+1 }  %{ if c }\"\n",
            "a = \"  ${b + 1}  %{if c}\"\n",
        ),
        (
            "a=\"${~ b ~}${ {c=1} }\"\n",
            "a = \"${~b~}${ { c = 1 } }\"\n",
        ),
        (
            "a=<<-E\n   b   ${ c }\n  E\n",
            "a = <<-E\n   b   ${c}\n  E\n",
        ),
        ("a=\"${f(\n1\n)}\"\n", "a = \"${f(\n  1\n)}\"\n"),
        (
            "b {\na=<<E\n${f({\nc=1\n})}\nE\n}\n",
            "b {\n  a = <<E\n${f({\n  c = 1\n})}\nE\n}\n",
        ),
    ]);
}

#[test]
fn line_ends_and_the_end_of_the_text_stay_as_they_are() {
    check(&[
        ("", ""),
        ("a=1", "a = 1"),
        ("a=1  \n\n\n", "a = 1\n\n\n"),
        ("a=1\r\nbb=2 # c\r\n", "a  = 1\r\nbb = 2 # c\r\n"),
        ("b {\n}\n  ", "b {\n}\n  "),
    ]);
    assert_eq!(format("\u{feff}a=1\n"), "a = 1\n");
}

#[test]
fn broken_texts_lose_nothing() {
    check(&[
        ("this is { not hcl", "this is { not hcl"),
        ("a=\"b\nc=1\n", "a = \"b\nc=1\n"),
        ("a=\"${b\n", "a = \"${b\n"),
        ("a=<<E\n  b\n", "a = <<E\n  b\n"),
        ("a=1 /* b\n  c\n", "a = 1 /* b\n  c\n"),
        ("a=[(}\nb=1]\n", "a = [( }\nb = 1]\n"),
    ]);
}

#[test]
fn no_text_makes_blanks_beyond_measure() {
    let wide = std::format!("{}=1\n{}", "x".repeat(20_000), "a=1\n".repeat(5_000));
    for text in [wide, "[\n".repeat(20_000), "a={\n".repeat(20_000)] {
        assert!(super::format(&text).len() < 10 << 20);
    }
}

#[test]
fn what_is_formatted_means_the_same() {
    let text = "a={b=-c,\"d e\"=[ f(g...) ]}\nh \"i\" {\nj=<<-E\n  k ${ l }\n  E\n}\n";
    let parsed = |text: &str| {
        let body = parse(&Source::new("test.hcl", text), &Limits::default()).body;
        let debug = std::format!("{body:?}");
        let spans = debug.split("span: Span").count();
        let words: String = debug.chars().filter(|c| !c.is_ascii_digit()).collect();
        (spans, words)
    };
    assert_eq!(parsed(&format(text)), parsed(text));
}
