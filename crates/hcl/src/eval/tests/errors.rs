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
    insta::assert_snapshot!(error("[for zone in [1] : zonne]"), @r#"
    1:20 Unknown variable
      There is no variable called "zonne" here.
      here: not known here
      help: did you mean "zone"?
      change: zonne -> zone
    "#);
    insta::assert_snapshot!(error("{ for k, v in { a = 1 } : k => \"%{ for each in [v] }${kk}%{ endfor }\" }"), @r#"
    1:55 Unknown variable
      There is no variable called "kk" here.
      here: not known here
      help: a text stands in quotes: "kk"
      help: there are: each, v, k, later, later_list, later_text, mock, name, nothing, vpc
    "#);
    insta::assert_snapshot!(error("upcase(name)"), @r#"
    1:1 Unknown function
      There is no function called "upcase".
      here: not a function
      help: here it is called upper()
      change: upcase -> upper
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
      help: for another value in its place write try(vpc.subnets[2 + 3], …)
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
      help: for another value in its place write try(tonumber(s), …)
    "#);
    insta::assert_snapshot!(error("tonumber(\"12a\")"), @r#"
    1:10 Invalid argument
      The argument "value" of tonumber() cannot be converted: a number is required, and "12a" is none.
      here: not a suitable argument
      help: write another value here
    "#);
    insta::assert_snapshot!(error("name == \"app\" ? { a = 1, b = [] } : { a = \"x\", b = 1 }"), @r#"
    1:17 Results of different types
      Whatever the condition, the result is of one type, but in the attribute "b" the first is a tuple and the second a number.
      here: no type in common
      1:17: an object of a = number, b = tuple
      1:37: an object of a = string, b = number
      help: convert one of them, such as with tostring() or jsonencode()
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
      help: for another value in its place write coalesce(nothing, "…")
    "#);
    insta::assert_snapshot!(error("join(vpc.subnets)"), @r#"
    1:6 Invalid argument
      The argument "separator" of join() is not suitable: a string is required.
      here: not a suitable argument
      vpc.subnets = ["a", "b"]
      help: it is called as join(separator, lists, …)
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
fn words_of_other_languages_are_recognised() {
    let help = |text: &str| {
        with_variables(text)
            .unwrap_err()
            .first()
            .unwrap()
            .help
            .join("; ")
    };
    let all: Vec<String> = [
        "None",
        "True",
        "undefined.x",
        "len(name)",
        "upcase(name)",
        "name[0]",
    ]
    .into_iter()
    .map(|text| format!("{text:12} {}", help(text)))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @"
    None         here it is written null
    True         here it is written true
    undefined.x  there are: later, later_list, later_text, mock, name, nothing, vpc
    len(name)    here it is called length()
    upcase(name) here it is called upper()
    name[0]      for a part of a text call substr(text, offset, length)
    ");
}

#[test]
fn what_is_null_is_told_with_a_way_around_it() {
    insta::assert_snapshot!(error("nothing.id + 1"), @"
    1:8 Value is null
      `nothing` is null, which has no attributes and no elements.
      here: of null there is nothing
      help: for another value in its place write try(nothing.id, …)
    ");
    insta::assert_snapshot!(error("nothing + 1"), @"
    1:1 Operand is null
      Null has no value that `+` could work with.
      here: this is null
      nothing = null
      help: for another value in its place write coalesce(nothing, …)
    ");
    insta::assert_snapshot!(error("[for x in nothing : x]"), @r#"
    1:11 Collection is null
      A "for" goes over a list, set or map, and this is null.
      here: this is null
      nothing = null
      help: for another value in its place write coalesce(nothing, [])
    "#);
    insta::assert_snapshot!(error("nothing ? 1 : 2"), @"
    1:1 Condition is null
      A condition is true or false, and this one is null.
      here: this is null
      nothing = null
      help: for another value in its place write coalesce(nothing, false)
    ");
}

#[test]
fn both_types_of_a_conditional_are_told() {
    insta::assert_snapshot!(error("true ? 1 : [1]"), @"
    1:8 Results of different types
      Whatever the condition, the result is of one type, but the first is a number and the second a tuple.
      here: no type in common
      1:8: a number
      1:12: a tuple of number
      help: convert one of them, such as with tostring() or jsonencode()
    ");
    insta::assert_snapshot!(error("true ? { a = 1, b = [] } : { a = 1 }"), @r#"
    1:8 Results of different types
      Whatever the condition, the result is of one type, but only the first has the attribute "b", and the values of all attributes are not of one type either.
      here: no type in common
      1:8: an object of a = number, b = tuple
      1:28: an object of a = number
      help: give both the same attributes; what is missing in one can be null
    "#);
    insta::assert_snapshot!(error("true ? [1, []] : [[], 1]"), @"
    1:8 Results of different types
      Whatever the condition, the result is of one type, but in element 0 the first is a number and the second a tuple.
      here: no type in common
      1:8: a tuple of number, tuple
      1:18: a tuple of tuple, number
      help: convert one of them, such as with tostring() or jsonencode()
    ");
    insta::assert_snapshot!(error("true ? [1, []] : [1]"), @"
    1:8 Results of different types
      Whatever the condition, the result is of one type, but the first has 2 elements and the second 1, and these are not all of one type.
      here: no type in common
      1:8: a tuple of number, tuple
      1:18: a tuple of number
      help: convert the elements, such as with tostring(), so that all are of one type
    ");
}

#[test]
fn a_name_that_is_not_known_is_told_once() {
    insta::assert_snapshot!(error("[vpv.a, vpv.b, upper(vpv.c)]"), @r#"
    1:2 Unknown variable
      There is no variable called "vpv" here.
      here: not known here
      1:9: and here
      1:22: and here
      help: did you mean "vpc"?
      change: vpv -> vpc
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
        "true ? { (vpc.password) = 1 } : [1]",
        "true ? [{ (vpc.password) = 1 }] : [{}, 1]",
        "{ (\"${vpc.password}\") = 1 }.hunter",
        "tolist({ (\"${vpc.password}\") = 1 })",
        "tomap({ (\"${vpc.password}\") = [1], b = {} })",
        "tonumber([{ (\"${vpc.password}\") = 1 }])",
        "{ (\"${vpc.password}\") = 1 } + 1",
        "{ (\"${vpc.password}\") = 1 }[0].a",
        "\"${{ (\"${vpc.password}\") = 1 }}x\"",
        "join({ (\"${vpc.password}\") = 1 }, 1)",
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
