//! Marks, and what is not known yet.

use super::{Variables, evaluate_with};
use crate::limits::Limits;
use crate::ty::Type;
use crate::value::{Marks, Value};

const MOCK: Marks = Marks::custom(0);

fn value(text: &str) -> Value {
    let host = Variables::new([
        ("secret", Value::from("s").with_marks(Marks::SENSITIVE)),
        ("mock", Value::from("m").with_marks(MOCK)),
        ("later", Value::unknown_of(Type::String)),
    ]);
    evaluate_with(text, &host, Limits::default()).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

#[test]
fn results_have_the_marks_of_all_arguments() {
    for text in [
        "upper(secret)",
        "format(\"%s-%s\", \"a\", secret)",
        "join(\"\", [secret])",
        "jsonencode({a = [secret]})",
        "sha256(secret)",
        "length(secret)",
        "replace(\"a\", \"/a/\", secret)",
        "lookup({s = 1}, secret)",
        "yamldecode(secret)",
    ] {
        assert!(value(text).marks().contains(Marks::SENSITIVE), "{text}");
    }
    let both = value("\"${secret}${mock}\"");
    assert!(both.marks().contains(Marks::SENSITIVE) && both.marks().contains(MOCK));
}

#[test]
fn collections_keep_marks_where_they_are() {
    let merged = value("merge({a = secret}, {b = 1})");
    assert!(!merged.marks().contains(Marks::SENSITIVE));
    let a = merged.entry("a").expect("it was merged");
    assert!(a.marks().contains(Marks::SENSITIVE));
    let element = value("element([secret, \"b\"], 1)");
    assert!(!element.marks().contains(Marks::SENSITIVE));
}

#[test]
fn sensitive_marks_come_and_go_and_other_marks_stay() {
    assert!(value("sensitive(\"a\")").marks().contains(Marks::SENSITIVE));
    let shown = value("nonsensitive(\"${secret}${mock}\")");
    assert!(!shown.marks().contains(Marks::SENSITIVE));
    assert!(shown.marks().contains(MOCK));
}

#[test]
fn what_depends_on_unknown_arguments_is_unknown_and_has_a_type() {
    for (text, ty) in [
        ("upper(later)", Type::String),
        ("length(later)", Type::Number),
        ("split(\",\", later)", Type::list(Type::String)),
        (
            "regex(\"(a)(b)\", later)",
            Type::tuple(vec![Type::String; 2]),
        ),
        ("format(\"%s\", later)", Type::String),
    ] {
        let value = value(text);
        assert!(value.is_unknown(), "{text}");
        assert_eq!(value.ty(), ty, "{text}");
    }
}

#[test]
fn what_does_not_depend_on_the_unknown_part_is_known() {
    for (text, json) in [
        ("length([later, later])", "2"),
        ("keys({a = later})", "[\"a\"]"),
        ("element([later, \"b\"], 1)", "\"b\""),
        ("merge({a = later}, {a = 1}).a", "1"),
    ] {
        assert_eq!(value(text).to_json().ok().as_deref(), Some(json), "{text}");
    }
}
