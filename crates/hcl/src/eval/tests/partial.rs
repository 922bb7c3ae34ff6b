//! What is unknown stays so, and marks are not lost.

use super::*;

#[test]
fn what_depends_on_something_unknown_is_unknown() {
    for (text, ty) in [
        ("later", "dynamic"),
        ("later.a.b[0]", "dynamic"),
        ("later_text", "string"),
        ("\"a${later}\"", "string"),
        ("\"%{ if later }a%{ endif }\"", "string"),
        ("\"%{ for x in later }a%{ endfor }\"", "string"),
        ("later + 1", "number"),
        ("later_text == \"a\"", "bool"),
        ("!later", "bool"),
        ("later && true", "bool"),
        ("later ? 1 : \"a\"", "string"),
        ("true ? later : 1", "dynamic"),
        ("later_list[0]", "number"),
        ("[1, 2][later]", "dynamic"),
        ("tomap({ a = 1 })[later]", "dynamic"),
        ("tomap({ a = 1 })[later_text]", "number"),
        ("[for x in later_list : x]", "dynamic"),
        ("[for x in [1] : x if later]", "dynamic"),
        ("{ for x in [later] : x => 1 }", "dynamic"),
        ("{ (later) = 1 }", "dynamic"),
        ("later[*]", "dynamic"),
        ("upper(later)", "string"),
        ("length(later)", "number"),
        ("join(\",\", [later])", "string"),
        ("jsonencode([later])", "string"),
        ("try(later.a, 1)", "dynamic"),
        ("can(later)", "bool"),
        ("can([1, later]...)", "bool"),
        ("merge({ a = 1 }, later)", "dynamic"),
        ("merge(later...)", "dynamic"),
        ("tolist([later_text])[0]", "string"),
    ] {
        let value = with_variables(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert!(value.is_unknown(), "{text} has the value {value:?}");
        assert_eq!(value.ty().to_json().trim_matches('"'), ty, "{text}");
    }
}

#[test]
fn what_does_not_depend_on_it_is_known() {
    for (text, known) in [
        ("{ a = later, b = 1 }.b", "1"),
        ("[later, 2][1]", "2"),
        ("length([later, later])", "2"),
        ("keys({ a = later })", "[\"a\"]"),
        ("later_text == 1", "false"),
        ("later && false", "false"),
        ("later || true", "true"),
        ("merge({ a = later }, { a = 1 })", "{ a = 1 }"),
        ("false ? later : 1", "1"),
        ("[for x in [later] : 1]", "[1]"),
    ] {
        let value = with_variables(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(format!("{value:?}"), known, "{text}");
    }
}

#[test]
fn marks_survive_every_operation() {
    for text in [
        "mock",
        "mock[0]",
        "mock[*]",
        "\"x${mock[0]}\"",
        "\"%{ for x in mock }y%{ endfor }\"",
        "\"%{ if mock == mock }y%{ endif }\"",
        "[for x in mock : 1]",
        "{ for x in mock : x => 1 }",
        "[for x in [1] : x if mock[0] == \"m\"]",
        "{ (mock[0]) = 1 }",
        "mock == [\"m\"]",
        "length(mock)",
        "upper(mock[0])",
        "join(\",\", mock)",
        "concat(mock, [])",
        "tolist(mock)",
        "jsonencode(mock)",
        "length(mock) + 1",
        "-length(mock)",
        "length(mock) == 1 && true",
        "mock == [] ? 1 : 2",
        "[1][length(mock) - 1]",
        "try(mock[0], 1)",
        "shout(mock...)",
        "upper(mock...)",
        "later[mock[0]]",
    ] {
        let value = with_variables(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(value.marks(), MOCK, "{text}");
    }
    let value = with_variables("{ a = mock, b = 1 }").unwrap();
    assert_eq!(value.marks(), Marks::NONE);
    assert_eq!(value.deep_marks(), MOCK);
    assert!(
        with_variables("{ a = mock, b = 1 }.b")
            .unwrap()
            .deep_marks()
            .is_empty()
    );
}

#[test]
fn an_attribute_has_the_marks_of_all_that_it_is_in() {
    for text in [
        "[for x in [{ a = sensitive({ b = mock[0] }) }] : x.a.b][0]",
        "[for x in [{ a = sensitive({ b = mock[0] }) }] : x[\"a\"][\"b\"]][0]",
        "[for x in [{ a = sensitive(tomap({ b = mock })) }] : x.a.b[0]][0]",
    ] {
        let value = with_variables(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(value.marks(), MOCK | Marks::SENSITIVE, "{text}");
    }
}

#[test]
fn a_function_of_the_host_may_look_at_what_is_unknown() {
    let called = |text: &str| with_variables(text).unwrap();
    assert_eq!(called("count(later, 1)"), Value::number(2));
    assert_eq!(called("count([later])"), Value::number(1));
    assert_eq!(called("shout([later][0])"), Value::unknown());
}

#[test]
fn trees_and_values_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<crate::Body>();
    shared::<Value>();
    shared::<Diagnostics>();
    shared::<Source>();
}
