//! What expressions come to.

mod attempts;
mod errors;
mod limits;
mod partial;

use super::*;
use crate::host::{Resolved, RootError};
use crate::limits::Limits;
use crate::references::Reference;
use crate::testing::{Variables, evaluate_with, result, told, value};
use crate::ty::Type;
use crate::value::Marks;
use crate::{parse, parse_template};

const MOCK: Marks = Marks::custom(0);

/// The values as they would be written, one line for each expression.
fn values(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(format!("{:?}", value(text)), *expected, "{text}");
    }
}

fn fails(cases: &[&str]) {
    for text in cases {
        assert!(
            result(text).is_err(),
            "{text} has the value {:?}",
            value(text)
        );
    }
}

#[test]
fn objects_are_in_order_however_they_are_written() {
    values(&[
        ("{ b = 1, a = 2, c = 3 }", "{ a = 2, b = 1, c = 3 }"),
        ("{ b = 1, a = 2, b = 3 }", "{ a = 2, b = 3 }"),
        (
            r#"{ c = 1, "b${1}" = 2, a = 3 }"#,
            "{ a = 3, b1 = 2, c = 1 }",
        ),
    ]);
    let many: Vec<String> = (0..100).map(|number| format!("k{number}")).collect();
    let written = value(&format!("{{ {} = 0 }}", many.join(" = 0, ")));
    let mut ordered = many.clone();
    ordered.sort();
    let keys: Vec<String> = written.keys().iter().map(ToString::to_string).collect();
    assert_eq!(keys, ordered);
}

#[test]
fn all_that_is_wrong_in_an_object_is_told() {
    let errors = with_variables("{ b = name.x, a = 1, c = vpc.nothing }").unwrap_err();
    assert_eq!(errors.len(), 2);
}

fn with_variables(text: &str) -> Result<Value, Diagnostics> {
    let vpc = Value::object([
        ("id", Value::from("vpc-1")),
        (
            "subnets",
            Value::tuple([Value::from("a"), Value::from("b")]),
        ),
        (
            "password",
            Value::from("hunter2").with_marks(Marks::SENSITIVE),
        ),
    ]);
    let host = Variables::new([
        ("vpc", vpc),
        ("name", Value::from("app")),
        ("nothing", Value::null()),
        ("later", Value::unknown()),
        ("later_text", Value::unknown_of(Type::String)),
        ("later_list", Value::unknown_of(Type::list(Type::Number))),
        ("mock", Value::tuple([Value::from("m")]).with_marks(MOCK)),
    ]);
    evaluate_with(text, &host, Limits::default())
}

#[test]
fn arithmetic_converts_and_equality_does_not() {
    values(&[
        ("1 + 2 * 3 - 4", "3"),
        ("\"2\" * \"3\"", "6"),
        ("-\"3\"", "-3"),
        ("!\"false\"", "true"),
        ("1 == \"1\"", "false"),
        ("1 == 1.0", "true"),
        ("2 - 1 - 1", "0"),
        ("7 % 4 * 2", "6"),
        ("1 < 2 == true", "true"),
    ]);
    fails(&[
        "1 + true",
        "\"a\" < \"b\"",
        "[1] + [2]",
        "null + 1",
        "!null",
        "0 / 0",
    ]);
}

#[test]
fn one_side_is_enough_to_decide() {
    values(&[
        ("false && [][0]", "false"),
        ("[][0] && false", "false"),
        ("true || nope", "true"),
        ("nope || true", "true"),
        ("null && true", "false"),
        ("true && null", "false"),
        ("null || true", "true"),
        ("\"true\" && \"1\"", "true"),
    ]);
    fails(&[
        "true && [][0]",
        "[][0] || false",
        "null || false",
        "1 && true",
    ]);
}

#[test]
fn a_conditional_has_one_type_whatever_is_chosen() {
    values(&[
        ("true ? 1 : \"b\"", "\"1\""),
        ("true ? [1] : [\"a\"]", "[\"1\"]"),
        ("true ? [1, 2] : []", "tolist([1, 2])"),
        (
            "true ? { size = \"l\", ha = true } : { size = \"s\" }",
            "tomap({ ha = \"true\", size = \"l\" })",
        ),
        ("false ? { a = 1 } : { a = null }", "{ a = null }"),
        ("true ? null : 1", "null"),
        ("true ? 1 : [][0]", "1"),
        ("\"true\" ? 1 : 2", "1"),
    ]);
    assert_eq!(value("true ? null : 1").ty(), Type::Number);
    fails(&[
        "true ? 1 : [1]",
        "true ? [] : {}",
        "null ? 1 : 2",
        "\"maybe\" ? 1 : 2",
        "false ? 1 : nope",
    ]);
}

#[test]
fn objects_take_the_last_of_two_keys_and_any_key_that_is_a_text() {
    values(&[
        ("{ a = 1, a = 2 }", "{ a = 2 }"),
        (
            "{ (1 + 1) = 1, \"${\"x\"}y\" = 2, 5 = 3, null = 4 }",
            "{ \"2\" = 1, \"5\" = 3, null = 4, xy = 2 }",
        ),
    ]);
    fails(&["{ (null) = 1 }", "{ ([]) = 1 }", "{ a.b = 1 }"]);
}

#[test]
fn what_is_made_of_literals_alone_is_what_it_is_beside_a_variable() {
    values(&[
        (
            "{b = [1, {c = \"x\"}], a = null, b = [2, {}]}",
            "{ a = null, b = [2, {}] }",
        ),
        (
            "{b = [1, {c = \"x\"}], a = null} == [for x in [null] : {b = [1, {c = \"x\"}], a = x}][0]",
            "true",
        ),
    ]);
}

#[test]
fn for_goes_over_all_collections() {
    values(&[
        ("[for x in [1, 2, 3] : x * 2 if x > 1]", "[4, 6]"),
        (
            "[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]",
            "[\"0a\", \"1b\"]",
        ),
        (
            "[for k, v in { b = 1, a = 2 } : \"${k}${v}\"]",
            "[\"a2\", \"b1\"]",
        ),
        (
            "[for k, v in toset([\"b\", \"a\"]) : \"${k}${v}\"]",
            "[\"aa\", \"bb\"]",
        ),
        (
            "{ for i, x in [\"a\", \"b\"] : x => i }",
            "{ a = 0, b = 1 }",
        ),
        (
            "{ for x in [\"a\", \"b\", \"a\"] : x => x... }",
            "{ a = [\"a\", \"a\"], b = [\"b\"] }",
        ),
        ("[for x in [1, 2] : [for y in [x] : x + y]]", "[[2], [4]]"),
        ("[for x in [] : x]", "[]"),
    ]);
    fails(&[
        "[for x in \"abc\" : x]",
        "[for x in null : x]",
        "{ for x in [1, 1] : x => x }",
        "{ for x in [null] : x => 1 }",
        "[for x in [1] : x if \"maybe\"]",
        "[for x in [1] : x if null]",
        "[for x in [] : x if nope]",
        "[for x in [1] : y]",
    ]);
}

#[test]
fn a_name_is_that_of_the_innermost_for_around_it() {
    values(&[
        (
            "[for x in [1, 2] : [for x in [x * 10] : x]]",
            "[[10], [20]]",
        ),
        ("[for x in [1] : [[for y in [2] : y + x], x]]", "[[[3], 1]]"),
        ("[for x, x in [\"a\"] : x]", "[\"a\"]"),
        (
            "{ for k, v in { a = 1, b = 2 } : \"${k}${v}\" => [for k in [v] : k + v] if v > 1 }",
            "{ b2 = [4] }",
        ),
        (
            "\"%{ for x in [1, 2] }%{ for y in [3] }${x}${y} %{ endfor }${x};%{ endfor }\"",
            "\"13 1;23 2;\"",
        ),
        (
            "\"%{ for x in [1] }${[for x in [x + 1] : x][0]}${x}%{ endfor }\"",
            "\"21\"",
        ),
        (
            "[for x in [\"a\"] : \"%{ for y in [1] }${x}${y}%{ endfor }${x}\"]",
            "[\"a1a\"]",
        ),
    ]);
    fails(&[
        "[[for x in [1] : x], x]",
        "\"%{ for x in [1] }%{ endfor }${x}\"",
        "[for x in [1] : [for y in [1] : y][y]]",
    ]);
}

#[test]
fn keys_of_a_for_come_in_any_order_and_once() {
    values(&[(
        "{ for x in [\"b\", \"a\", \"c\", \"aa\"] : x => upper(x) }",
        "{ a = \"A\", aa = \"AA\", b = \"B\", c = \"C\" }",
    )]);
    fails(&[
        "{ for x in [\"b\", \"a\", \"c\", \"a\"] : x => 1 }",
        "{ for x in [\"b\", \"a\", \"b\"] : x => 1 }",
        "{ for x in [\"b\", \"a\", \"c\", \"c\"] : x => 1 }",
    ]);
}

#[test]
fn splats_make_lists_of_what_is_none() {
    values(&[
        ("[{ a = 1 }, { a = 2 }][*].a", "[1, 2]"),
        ("[[1, 2], [3]].*.0", "[1, 3]"),
        ("[[{ a = 1 }], []][*][*].a", "[[1], []]"),
        ("[[1], [2]].*[1]", "[2]"),
        ("{ a = 1 }[*].a", "[1]"),
        ("null[*]", "[]"),
        ("\"x\"[*]", "[\"x\"]"),
        ("tolist([{ a = 1 }])[*].a", "tolist([1])"),
        ("toset([{ a = 1 }])[*].a", "tolist([1])"),
    ]);
    assert_eq!(value("tolist([])[*].a").ty(), Type::list(Type::Dynamic));
    fails(&["tolist(null)[*]", "[{ a = 1 }, { b = 1 }][*].a"]);
}

#[test]
fn indexes_convert_to_what_the_collection_wants() {
    values(&[
        ("[1, 2][\"1\"]", "2"),
        ("[1, 2][1.0]", "2"),
        ("{ \"1\" = \"x\" }[1]", "\"x\""),
        ("{ true = \"x\" }[true]", "\"x\""),
        ("[1, 2].1", "2"),
        ("tomap({ a = 1 }).a", "1"),
        ("{ a = { b = [10, 20] } }.a[\"b\"][0 + 1]", "20"),
    ]);
    fails(&[
        "[1][1]",
        "[1][-1]",
        "[1][0.5]",
        "[1][true]",
        "toset([1])[0]",
        "\"abc\"[0]",
        "null.a",
        "{}[null]",
    ]);
}

#[test]
fn templates_come_out_byte_for_byte() {
    values(&[
        ("\"a${1}b${true}\"", "\"a1btrue\""),
        ("\"${[1]}\"", "[1]"),
        ("\"$${x} %%{y} $ %\"", "\"$${x} %%{y} $ %\""),
        ("\"a ${~ \"x\" ~} b\"", "\"axb\""),
        ("\"%{ if false }a%{ else }b%{ endif }\"", "\"b\""),
        (
            "\"%{ for i, x in [\"a\", \"b\"] }${i}${x} %{ endfor }\"",
            "\"0a 1b \"",
        ),
    ]);
    fails(&[
        "\"a${null}\"",
        "\"a${[1]}\"",
        "\"%{ if \"x\" }%{ endif }\"",
        "\"%{ for x in 1 }%{ endfor }\"",
    ]);
}

#[test]
fn heredocs_lose_the_indentation_that_is_left_after_trimming() {
    let text = |text: &str| value(text).as_str().unwrap().to_owned();
    assert_eq!(text("<<EOT\n  a\n\tb\r\nEOT"), "  a\n\tb\r\n");
    assert_eq!(
        text("<<-EOT\n    a\n      b\n\n  c\n    EOT"),
        "  a\n    b\n\nc\n"
    );
    assert_eq!(
        text("<<-EOT\n  %{ for x in [\"a\", \"b\"] ~}\n    - ${x}\n  %{ endfor ~}\n  end\nEOT"),
        "    - a\n    - b\n  end\n"
    );
    assert_eq!(
        text("<<-EOT\n  %{~ if true ~}\n  shown\n  %{~ endif ~}\n  after\nEOT"),
        "  shown\n  after\n"
    );
    assert_eq!(
        text(
            "<<-EOT\n    tags = {\n      %{ for k, v in { a = 1, b = 2 } ~}\n      ${k} = \"${v}\"\n      %{ endfor ~}\n    }\nEOT"
        ),
        "tags = {\n        a = \"1\"\n        b = \"2\"\n      }\n"
    );
    assert_eq!(text("<<EOT\n\\n \"x\" $${y}\nEOT"), "\\n \"x\" ${y}\n");
}

#[test]
fn a_template_without_quotes_is_evaluated_as_it_stands() {
    let source = Source::new(
        "test.tftpl",
        "%{ for x in xs ~}\n- ${x}\n%{ endfor ~}\n\"\\n\"\n",
    );
    let limits = Limits::default();
    let template = parse_template(&source, &limits).unwrap();
    let host = Variables::new([("xs", Value::tuple([Value::from("a"), Value::from("b")]))]);
    let budget = Budget::new(limits);
    let context = Context {
        source: &source,
        host: &host,
        budget: &budget,
    };
    assert_eq!(
        evaluate(&template, &context).unwrap().as_str(),
        Some("- a\n- b\n\"\\n\"\n")
    );
}

#[test]
fn try_takes_the_first_that_has_a_value() {
    values(&[
        ("try(1, 2)", "1"),
        ("try({}.a, nope.b, \"d\")", "\"d\""),
        ("try(null, 1)", "null"),
        ("try([[], [1]]...)", "[]"),
        ("can({}.a)", "false"),
        ("can(1)", "true"),
    ]);
    fails(&["try()", "try({}.a)", "can()", "can(1, 2)"]);
}

#[test]
fn functions_take_what_can_be_converted() {
    values(&[
        ("upper(\"é\")", "\"É\""),
        ("lower(1)", "\"1\""),
        ("length(\"e\u{301}👨‍👩‍👧\")", "2"),
        ("length({ a = 1 })", "1"),
        ("keys({ b = 1, a = 2 })", "[\"a\", \"b\"]"),
        ("keys(tomap({ b = 1 }))", "tolist([\"b\"])"),
        ("values({ b = 1, a = 2 })", "[2, 1]"),
        ("concat([1], [\"a\"])", "[1, \"a\"]"),
        ("concat(tolist([1]), tolist([2]))", "tolist([1, 2])"),
        (
            "merge({ a = 1 }, null, { a = 2, b = 3 })",
            "{ a = 2, b = 3 }",
        ),
        (
            "merge(tomap({ a = 1 }), tomap({ b = 2 }))",
            "tomap({ a = 1, b = 2 })",
        ),
        ("merge([{ a = 1 }, { b = 2 }]...)", "{ a = 1, b = 2 }"),
        ("join(\"-\", [1, \"a\"], [true])", "\"1-a-true\""),
        (
            "jsonencode({ b = [1.5, null], a = \"<\" })",
            "\"{\\\"a\\\":\\\"\\\\u003c\\\",\\\"b\\\":[1.5,null]}\"",
        ),
        ("jsondecode(\"{\\\"a\\\":[1]}\")", "{ a = [1] }"),
    ]);
    fails(&[
        "upper(null)",
        "upper([])",
        "upper()",
        "upper(\"a\", \"b\")",
        "length(5)",
        "keys([])",
        "join(\",\")",
        "join(\",\", [null])",
        "concat([1], \"a\")",
        "upper(null...)",
    ]);
}

#[test]
fn functions_of_the_host_are_called_with_what_is_known_and_unmarked() {
    let called = |text: &str| with_variables(text).unwrap();
    assert_eq!(called("shout(name)"), Value::from("APP!"));
    assert_eq!(called("shout(mock[0])"), Value::from("M!").with_marks(MOCK));
    assert_eq!(called("shout(later)"), Value::unknown());
    insta::assert_snapshot!(told(&with_variables("shout(1, 2)").unwrap_err()), @"
    1:1 Call failed
      shout(): It takes 1 argument, and got 2.
      here: in this call of shout
    ");
    insta::assert_snapshot!(told(&with_variables("shuot(nope)").unwrap_err()), @r#"
    1:1 Unknown function
      There is no function called "shuot".
      here: not a function
      help: did you mean "shout"?
      change: shuot -> shout
    "#);
}
