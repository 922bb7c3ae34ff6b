//! What is said when something is wrong.

use super::*;

fn error(text: &str) -> String {
    told(&with_variables(text).unwrap_err())
}

#[test]
fn misspelt_names_are_recognised() {
    insta::assert_snapshot!(error("vpc.subnetz[0]"), @r#"
    1:4 Unknown attribute
      `vpc` has no attribute "subnetz".
      here: no such attribute
      help: did you mean "subnets"?
      change: subnetz -> subnets
    "#);
    insta::assert_snapshot!(error("vpc[\"nope\"]"), @r#"
    1:4 Unknown attribute
      `vpc` has no attribute "nope".
      here: no such attribute
      help: its attributes are: id, password, subnets
    "#);
    insta::assert_snapshot!(error("vpv.id"), @r#"
    1:1 Unknown variable
      There is no variable called "vpv" here.
      here: not known here
      help: did you mean "vpc"?
      change: vpv -> vpc
    "#);
    insta::assert_snapshot!(error("prod"), @r#"
    1:1 Unknown variable
      There is no variable called "prod" here.
      here: not known here
      help: a text stands in quotes: "prod"
      help: there are: later, later_list, later_text, mock, name, nothing, vpc
    "#);
    insta::assert_snapshot!(error("upcase(name)"), @r#"
    1:1 Unknown function
      There is no function called "upcase".
      here: not a function
    "#);
    insta::assert_snapshot!(error("uper(name)"), @r#"
    1:1 Unknown function
      There is no function called "uper".
      here: not a function
      help: did you mean "upper"?
      change: uper -> upper
    "#);
}

#[test]
fn wrong_values_are_told_with_the_variables_they_came_from() {
    insta::assert_snapshot!(error("name + vpc.subnets"), @r#"
    1:1 Invalid operand
      For `+` a number is required, and "app" is none.
      here: this is the string "app"
      name = "app"
      help: texts are joined within a string: "${one}${other}"
    1:8 Invalid operand
      For `+` a number is required.
      here: this is a tuple
      vpc.subnets = ["a", "b"]
      help: lists are joined with concat(one, other)
    "#);
    insta::assert_snapshot!(error("vpc.subnets[2 + 3]"), @"
    1:12 No such element
      `vpc.subnets` has 2 elements, numbered 0 to 1; there is no element 5.
      here: no such element
    ");
    insta::assert_snapshot!(error("vpc.subnets.id"), @"
    1:12 Value without attributes
      `vpc.subnets` is a tuple, which has no attributes.
      here: there are no attributes
    ");
    insta::assert_snapshot!(error("[for s in vpc.subnets : tonumber(s)]"), @r#"
    1:34 Invalid argument
      The argument "value" of tonumber() cannot be converted: a number is required, and "a" is none.
      here: not a suitable argument
      s = "a"
    "#);
    insta::assert_snapshot!(error("name == \"app\" ? { a = 1, b = [] } : { a = \"x\", b = 1 }"), @r#"
    1:17 Results of different types
      Whatever the condition, the result must be of one type, but in the attribute "b" one is a tuple and the other a number.
      here: object or object
      help: convert one of them, such as with tostring(), or give both the same attributes
    "#);
    insta::assert_snapshot!(error("\"x-${vpc.subnets}\""), @r#"
    1:6 Not a text
      Only texts, numbers and bools can be part of a string, and this is a tuple.
      here: has no text
      vpc.subnets = ["a", "b"]
      help: to join a list call join(", ", vpc.subnets)
    "#);
    insta::assert_snapshot!(error("\"x-${nothing}\""), @r#"
    1:6 Null in a string
      Null has no text, so it cannot be part of a string.
      here: this is null
      nothing = null
      help: for another text in its place call coalesce(value, "other")
    "#);
    insta::assert_snapshot!(error("join(vpc.subnets)"), @r#"
    1:6 Invalid argument
      The argument "separator" of join() is not suitable: a string is required.
      here: not a suitable argument
      vpc.subnets = ["a", "b"]
    "#);
}

#[test]
fn advice_is_given_where_the_way_out_is_known() {
    insta::assert_snapshot!(error("try(vpc.a, vpc.b)"), @r#"
    1:1 Nothing to fall back on
      None of the arguments of try() has a value.
      here: all arguments fail
      1:8: `vpc` has no attribute "a".
      1:15: `vpc` has no attribute "b".
      help: let the last argument be one that cannot fail, such as null
    "#);
    insta::assert_snapshot!(error("tolist([{ a = 1 }]).a"), @"
    1:20 Attribute of a list
      `tolist([{ a = 1 }])` is a list of object: its elements have attributes, the list has not.
      here: not an attribute of the list
      help: for all elements write tolist([{ a = 1 }])[*].a, for one tolist([{ a = 1 }])[0].a
    ");
    insta::assert_snapshot!(error("1 / 0 - 1 / 0"), @"
    1:1 No result
      Of +Inf - +Inf the result is not defined.
    ");
    insta::assert_snapshot!(error("{ a.b = 1 }"), @r#"
    1:3 Ambiguous key
      `a.b` may be a key with dots in it, or a variable whose value is the key.
      here: a key or a variable?
      help: for the key write "a.b", for the variable (a.b)
    "#);
}

#[test]
fn all_errors_of_an_expression_are_told() {
    insta::assert_snapshot!(error("{ a = one, b = [two, upper(three, {}.x)], c = four + five }"), @r#"
    1:7 Unknown variable
      There is no variable called "one" here.
      here: not known here
      help: a text stands in quotes: "one"
      help: there are: later, later_list, later_text, mock, name, nothing, vpc
    1:17 Unknown variable
      There is no variable called "two" here.
      here: not known here
      help: a text stands in quotes: "two"
      help: there are: later, later_list, later_text, mock, name, nothing, vpc
    1:28 Unknown variable
      There is no variable called "three" here.
      here: not known here
      help: a text stands in quotes: "three"
      help: there are: later, later_list, later_text, mock, name, nothing, vpc
    1:37 Unknown attribute
      `{}` has no attribute "x".
      here: no such attribute
    1:47 Unknown variable
      There is no variable called "four" here.
      here: not known here
      help: a text stands in quotes: "four"
      help: there are: later, later_list, later_text, mock, name, nothing, vpc
    1:54 Unknown variable
      There is no variable called "five" here.
      here: not known here
      help: a text stands in quotes: "five"
      help: there are: later, later_list, later_text, mock, name, nothing, vpc
    "#);
}

#[test]
fn sensitive_values_are_not_told() {
    for text in [
        "vpc.password + 1",
        "tobool(vpc.password)",
        "vpc.password ? 1 : 2",
        "[1][vpc.password]",
        "{ for x in [1, 2] : vpc.password => x }",
        "[for x in vpc.password : x]",
        "[for x in sensitive([\"hunter2\"]) : x + 1]",
        "sensitive([\"hunter2\"])[*].a",
        "jsondecode(vpc.password)",
        "\"${[vpc.password]}x\"",
        "join(\",\", sensitive([[\"hunter2\"]]))",
    ] {
        let error = told(&with_variables(text).expect_err(text));
        assert!(
            !error.replace(text, "").contains("hunter2"),
            "{text}\n{error}"
        );
    }
    assert_eq!(value("nonsensitive(sensitive(1))"), Value::number(1));
    fails(&["nonsensitive(1)"]);
}
