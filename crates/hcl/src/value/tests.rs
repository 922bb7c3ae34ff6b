//! Values: what can be asked of them, and what they look like when written.

use super::*;
use crate::testing::value;

#[test]
fn values_are_small() {
    assert_eq!(size_of::<Value>(), 24);
    assert_eq!(size_of::<Result<Value, crate::Diagnostics>>(), 24);
}

#[test]
fn strings_and_keys_are_in_one_normal_form() {
    assert_eq!(Value::string("e\u{301}"), Value::string("é"));
    let long = format!("e\u{301}{}", "x".repeat(21));
    assert_eq!(Value::string(&long).as_str().unwrap().len(), long.len() - 1);
    let object = Value::object([("e\u{301}", Value::from(true))]);
    assert_eq!(object.entry("é"), Some(&Value::from(true)));
}

#[test]
fn objects_are_ordered_by_key_and_the_last_of_two_wins() {
    let one = |number: i64| Value::number(number);
    let attributes = [("b", one(1)), ("a", one(2)), ("b", one(3)), ("B", one(4))];
    let object = Value::object(attributes.clone());
    assert_eq!(object.to_json().unwrap(), r#"{"B":4,"a":2,"b":3}"#);
    let uncounted = Value::object(attributes.into_iter().filter(|_| true));
    assert_eq!(object, uncounted);
    assert_eq!(object.size(), uncounted.size());
}

#[test]
fn sets_are_ordered_and_hold_each_element_once() {
    for (set, json) in [
        (r#"toset(["b", "a", "B", "a"])"#, r#"["B","a","b"]"#),
        ("toset([10, 9, 1.5, 9.0])", "[1.5,9,10]"),
        ("toset([true, false, true])", "[false,true]"),
        ("toset([1, null, 0, null])", "[0,1,null]"),
        (r#"toset([["b", 1], ["a", 2]])"#, r#"[["a",2],["b",1]]"#),
        (
            "toset([{ a = 1 }, { a = 10 }, { a = 9 }])",
            r#"[{"a":10},{"a":1},{"a":9}]"#,
        ),
        (
            r#"toset([["\n"], ["\u0001"], ["a"]])"#,
            r#"[["\n"],["\u0001"],["a"]]"#,
        ),
    ] {
        assert_eq!(value(set).to_json().unwrap(), json, "{set}");
    }
}

#[test]
fn types_are_part_of_equality() {
    let equal = |a: &str, b: &str| value(a).equals(&value(b));
    assert_eq!(equal("[1, 2]", "[1, 2]"), Some(true));
    assert_eq!(equal("[1, 2]", "tolist([1, 2])"), Some(false));
    assert_eq!(equal("null", "tostring(null)"), Some(true));
    assert_eq!(equal("[null]", "[tostring(null)]"), Some(false));
    assert_eq!(equal("tolist([])", r#"tolist(["a"])"#), Some(false));
    assert_eq!(equal("{ a = 1, b = 2 }", "{ a = 1, c = 2 }"), Some(false));
}

#[test]
fn with_something_unknown_only_a_certain_difference_tells() {
    let unknown = Value::unknown_of(Type::String);
    assert_eq!(unknown.equals(&Value::string("a")), None);
    assert_eq!(unknown.equals(&Value::number(1)), Some(false));
    assert_eq!(unknown.equals(&Value::null()), None);
    assert_eq!(Value::unknown().equals(&Value::number(1)), None);
    let pair = |second: &str| Value::tuple([unknown.clone(), Value::string(second)]);
    assert_eq!(pair("a").equals(&pair("a")), None);
    assert_eq!(pair("a").equals(&pair("b")), Some(false));
}

#[test]
fn collections_know_what_is_in_them() {
    const MOCK: Marks = Marks::custom(3);
    let inner = Value::object([("secret", Value::from("s").with_marks(Marks::SENSITIVE))]);
    let outer = Value::tuple([inner, Value::unknown()]).with_marks(MOCK);
    assert_eq!(outer.marks(), MOCK);
    assert_eq!(outer.deep_marks(), MOCK | Marks::SENSITIVE);
    assert!(outer.contains_unknown() && !outer.is_unknown());
    assert_eq!(outer.size().depth, 2);
    let (bare, marks) = outer.unmark_deep();
    assert_eq!(marks, MOCK | Marks::SENSITIVE);
    assert!(bare.deep_marks().is_empty() && bare.contains_unknown());
}

#[test]
fn a_set_takes_over_the_marks_of_its_elements() {
    let secret = Value::from("a").with_marks(Marks::SENSITIVE);
    let set = Value::set(Type::String, [secret, Value::from("b")]).unwrap();
    assert_eq!(set.marks(), Marks::SENSITIVE);
    assert!(set.unmark_deep().0.deep_marks().is_empty());
}

#[test]
fn a_set_with_an_unknown_element_is_unknown() {
    let set = Value::set(Type::String, [Value::from("a"), Value::unknown()]).unwrap();
    assert!(set.is_unknown());
    assert_eq!(set.ty(), Type::set(Type::String));
}

#[test]
fn sizes_count_shared_parts_each_time() {
    let mut value = Value::string("x".repeat(1000));
    for _ in 0..40 {
        value = Value::tuple([value.clone(), value]);
    }
    assert!(value.size().bytes > 1000 << 40);
    assert_eq!(value.size().depth, 40);
}

#[test]
fn numbers_are_written_alike_in_json_and_in_templates() {
    for number in [
        "-0",
        "-12",
        "0.5",
        "1000",
        "9223372036854775807",
        "-9223372036854775808",
    ] {
        assert_eq!(value(number).to_json().unwrap(), number);
        let template = value(&format!("\"${{{number}}};\""));
        assert_eq!(template.as_str().unwrap(), format!("{number};"));
    }
}

#[test]
fn json_is_written_as_go_writes_it() {
    let text = "<a href=\"x\">&\u{2028}\u{1}\u{7f}\u{8}\u{c}\\/é…€";
    assert_eq!(
        Value::string(text).to_json().unwrap(),
        "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u2028\\u0001\u{7f}\\b\\f\\\\/é…€\""
    );
    assert_eq!(Value::unknown().to_json(), Err(EncodeError::Unknown));
    assert_eq!(value("1 / 0").to_json(), Err(EncodeError::Infinite));
}

#[test]
fn json_is_read_as_it_stands_or_as_a_type_wants_it() {
    let json = r#"{"b": [1, "x", null], "a": 12345678901234567890123, "a": 1.10}"#;
    let value = Value::from_json(json).unwrap();
    assert_eq!(value.to_json().unwrap(), r#"{"a":1.1,"b":[1,"x",null]}"#);
    assert!(matches!(value.entry("b").unwrap().kind(), Kind::Tuple(_)));

    let ty =
        Type::from_json(r#"["object",{"a":["set","string"],"b":["map","number"],"c":"bool"}]"#);
    let value = Value::from_json_as(r#"{"a":["z","a"],"b":{"k":1}}"#, &ty.unwrap()).unwrap();
    assert_eq!(
        format!("{value:?}"),
        r#"{ a = toset(["a", "z"]), b = tomap({ k = 1 }), c = null }"#
    );
}

#[test]
fn json_that_does_not_fit_says_where() {
    let error = |json, ty: &str| {
        let ty = Type::from_json(ty).unwrap();
        Value::from_json_as(json, &ty).unwrap_err().to_string()
    };
    insta::assert_snapshot!(error("{\"a\": }", "\"dynamic\""), @"not JSON: expected value, in line 1, column 7");
    insta::assert_snapshot!(error(r#"[{"a":1},{"a":[]}]"#, r#"["list",["map","number"]]"#), @"[1].a is not of the type number");
    insta::assert_snapshot!(error("[1]", r#"["tuple",["number","number"]]"#), @"not a tuple");
    insta::assert_snapshot!(error("1e99999", "\"number\""), @"the number 1e+99999 is out of range");
}

#[test]
fn hcl_is_written_in_its_layout() {
    let json =
        r#"{"a":1,"long name":[true,{"b":null}],"c":{"d":{},"e_f":[]},"for":"${x}\n\u00a0"}"#;
    insta::assert_snapshot!(Value::from_json(json).unwrap().to_hcl().unwrap(), @r#"
    {
      a = 1
      c = {
        d   = {}
        e_f = []
      }
      "for" = "$${x}\n\u00a0"
      "long name" = [true, {
        b = null
      }]
    }
    "#);
    assert_eq!(Value::unknown().to_hcl(), Err(EncodeError::Unknown));
}

#[test]
fn what_is_written_as_hcl_reads_as_it_was() {
    let text = "\u{1}\u{200b}\u{e0001}\\\"$${x} %%{y} $$$${ % \t\r\ne\u{301}";
    let json = Value::tuple([
        Value::string(text),
        Value::object([(text, Value::from(true)), ("for", Value::null())]),
        value("123456789012345678901234567890.5"),
    ]);
    assert_eq!(value(&json.to_hcl().unwrap()).to_json(), json.to_json());
}

#[test]
fn previews_are_short_and_keep_secrets() {
    let secret = Value::from("hunter2").with_marks(Marks::SENSITIVE);
    let object = Value::object([
        ("password", secret),
        ("user name", Value::from("ann\n${x}")),
    ]);
    insta::assert_snapshot!(object.preview(), @r#"{ password = (sensitive value), "user name" = "ann\n$${x}" }"#);
    let long = Value::tuple((0i64..1000).map(Value::number));
    assert_eq!(long.preview().chars().count(), 81);
}

#[test]
fn marks_pass_through_attributes_and_elements() {
    let secret = Value::object([("a", Value::from(1))]).with_marks(Marks::SENSITIVE);
    assert_eq!(secret.get_attr("a").unwrap().marks(), Marks::SENSITIVE);
    let list = Value::tuple([Value::from(1)]);
    let key = Value::from(0).with_marks(Marks::SENSITIVE);
    assert_eq!(list.index(&key).unwrap().marks(), Marks::SENSITIVE);
}

#[test]
fn json_is_the_same_as_a_text_and_as_a_tree() {
    let text = r#"{"a":[1,2.5,12345678901234567890123],"b":{"c":null,"d":"x<y"},"e":true}"#;
    let value = Value::from_json(text).expect("it is JSON");
    let tree = value.to_json_value().expect("it is known");
    let read: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    assert_eq!(tree, read);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&value.to_json().expect("it is known")).ok(),
        Some(tree)
    );
    assert_eq!(
        Value::tuple([Value::unknown()]).to_json_value(),
        Err(EncodeError::Unknown)
    );
}
