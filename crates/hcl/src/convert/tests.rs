//! What becomes of values that are wanted as another type.

use super::*;
use crate::testing::value;
use crate::unify::unify;

/// The value of one expression converted to a type in its JSON form.
fn converted(text: &str, ty: &str) -> String {
    match convert(&value(text), &Type::from_json(ty).unwrap()) {
        Ok(value) => format!("{value:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn primitives_become_one_another_where_their_texts_allow_it() {
    for (text, ty, result) in [
        ("1.50", "string", "\"1.5\""),
        ("true", "string", "\"true\""),
        ("\"1e3\"", "number", "1000"),
        ("\"+5\"", "number", "5"),
        ("\"1\"", "bool", "true"),
        ("\"false\"", "bool", "false"),
        ("true", "number", "a number is required"),
        ("1", "bool", "a bool is required"),
        ("\"x\"", "number", "a number is required, and \"x\" is none"),
        (
            "\"True\"",
            "bool",
            "a bool is required, and \"True\" is none; write \"true\" in lower case",
        ),
        ("[]", "string", "a string is required"),
        ("null", "string", "null"),
    ] {
        assert_eq!(
            converted(text, &format!("\"{ty}\"")),
            result,
            "{text} to {ty}"
        );
    }
}

#[test]
fn collections_are_converted_element_by_element() {
    for (text, ty, result) in [
        (
            "[1, \"a\"]",
            r#"["list","string"]"#,
            "tolist([\"1\", \"a\"])",
        ),
        ("[2, 1, 2]", r#"["set","string"]"#, "toset([\"1\", \"2\"])"),
        ("toset([1, 2])", r#"["list","number"]"#, "tolist([1, 2])"),
        ("{ a = 1 }", r#"["map","string"]"#, "tomap({ a = \"1\" })"),
        (
            "{ a = 1, b = 2 }",
            r#"["object",{"a":"string"}]"#,
            "{ a = \"1\" }",
        ),
        (
            "tomap({ a = 1 })",
            r#"["object",{"a":"string"}]"#,
            "{ a = \"1\" }",
        ),
        (
            "[1, [2]]",
            r#"["tuple",["string",["set","string"]]]"#,
            "[\"1\", toset([\"2\"])]",
        ),
        ("[1, null]", r#"["list","string"]"#, "tolist([\"1\", null])"),
        ("[]", r#"["list","string"]"#, "tolist([])"),
        (
            "[{ a = [1] }, { a = [\"x\"] }]",
            r#"["list",["map",["list","bool"]]]"#,
            "a bool is required, at [0].a[0]",
        ),
        (
            "{ a = 1 }",
            r#"["object",{"b":"string"}]"#,
            "the attribute \"b\" is required",
        ),
        (
            "[1]",
            r#"["tuple",["number","number"]]"#,
            "a tuple of 2 elements is required, and this one has 1",
        ),
        ("{}", r#"["list","string"]"#, "a list of string is required"),
        (
            "tolist([])",
            r#"["map","string"]"#,
            "a map of string is required",
        ),
    ] {
        assert_eq!(converted(text, ty), result, "{text} to {ty}");
    }
}

#[test]
fn an_open_element_type_is_what_all_elements_can_become() {
    for (text, ty) in [
        ("tolist([1, \"a\"])", r#"["list","string"]"#),
        ("tolist([null, 1])", r#"["list","number"]"#),
        ("tolist([])", r#"["list","dynamic"]"#),
        ("tolist([null])", r#"["list","dynamic"]"#),
        ("tolist([[1], [\"a\"]])", r#"["list",["tuple",["string"]]]"#),
        ("tolist([[1, 2], [3]])", r#"["list",["list","number"]]"#),
        (
            "tolist([{ a = 1 }, { a = \"x\" }])",
            r#"["list",["object",{"a":"string"}]]"#,
        ),
        (
            "tolist([{ a = 1 }, { b = 2 }])",
            r#"["list",["map","number"]]"#,
        ),
        (
            "tomap({ a = tolist([1]), b = [\"x\", \"y\"] })",
            r#"["map",["list","string"]]"#,
        ),
    ] {
        assert_eq!(value(text).ty().to_json(), ty, "{text}");
    }
    for text in [
        "tolist([1, true])",
        "tolist([1, [1]])",
        "tolist([null, [1]])",
        "tomap({ a = 1, b = [1] })",
    ] {
        assert!(crate::testing::result(text).is_err(), "{text}");
    }
}

#[test]
fn unknowns_and_nulls_take_the_new_type() {
    let list = convert(&Value::unknown(), &Type::list(Type::String)).unwrap();
    assert_eq!(list, Value::unknown_of(Type::list(Type::String)));
    let marked = Value::unknown_of(Type::Number).with_marks(Marks::SENSITIVE);
    let text = convert(&marked, &Type::String).unwrap();
    assert_eq!(
        text,
        Value::unknown_of(Type::String).with_marks(Marks::SENSITIVE)
    );
    assert!(convert(&Value::unknown_of(Type::Bool), &Type::Number).is_err());
    let null = convert(&Value::null(), &Type::Bool).unwrap();
    assert_eq!(null.ty(), Type::Bool);
}

#[test]
fn reasons_tell_nothing_of_secrets() {
    let inner = Value::tuple([Value::string("hunter2")]).with_marks(Marks::SENSITIVE);
    let error = convert(
        &Value::tuple([inner]),
        &Type::from_json(r#"["list",["list","number"]]"#).unwrap(),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "a list of number is required, at [0]"
    );
}

#[test]
fn one_type_for_several() {
    let unified = |types: &[&str]| {
        let types: Vec<Type> = types
            .iter()
            .map(|ty| Type::from_json(ty).unwrap())
            .collect();
        unify(&types).map(|ty| ty.to_json())
    };
    for (types, result) in [
        (
            &[r#""number""#, r#""string""#, r#""bool""#][..],
            Some(r#""string""#),
        ),
        (&[r#""number""#, r#""bool""#], None),
        (&[r#""dynamic""#, r#""number""#], Some(r#""number""#)),
        (
            &[r#""dynamic""#, r#"["list","number"]"#],
            Some(r#""dynamic""#),
        ),
        (
            &[r#"["list","number"]"#, r#"["set","string"]"#],
            Some(r#"["list","number"]"#),
        ),
        (
            &[r#"["tuple",["string"]]"#, r#"["set","number"]"#],
            Some(r#"["set","number"]"#),
        ),
        (
            &[r#"["tuple",["string"]]"#, r#"["list","number"]"#],
            Some(r#"["list","string"]"#),
        ),
        (
            &[r#"["tuple",["number"]]"#, r#"["tuple",[]]"#],
            Some(r#"["list","number"]"#),
        ),
        (
            &[r#"["object",{"a":"number"}]"#, r#"["map","string"]"#],
            Some(r#"["map","string"]"#),
        ),
        (
            &[r#"["object",{"a":"number"}]"#, r#"["tuple",["number"]]"#],
            None,
        ),
        (&[r#"["list","number"]"#, r#""string""#], None),
    ] {
        assert_eq!(unified(types).as_deref(), result, "{types:?}");
    }
}
