//! Maps, choices and questions.

use super::{complains, same};

#[test]
fn maps_are_joined_and_turned() {
    same(&[
        ("merge({a = 1}, {b = 2}, {a = 3})", r#"{"a":3,"b":2}"#),
        ("merge({a = 1}, null)", r#"{"a":1}"#),
        ("merge({a = {x = 1}}, {a = {y = 2}})", r#"{"a":{"y":2}}"#),
        ("merge()", "{}"),
        (
            "merge({b = 1, d = 1, f = 1}, {a = 2, d = 2, e = 2, g = 2})",
            r#"{"a":2,"b":1,"d":2,"e":2,"f":1,"g":2}"#,
        ),
        (
            r#"merge({aa = 1, ab = 1, abc = 1, b = 1}, {a = 2, abc = 2}, {}, {"" = 3, abd = 3, b = 3})"#,
            r#"{"":3,"a":2,"aa":1,"ab":1,"abc":2,"abd":3,"b":3}"#,
        ),
        (
            r#"merge([for n in range(8) : {"k${n % 5}" = n, last = n}]...)"#,
            r#"{"k0":5,"k1":6,"k2":7,"k3":3,"k4":4,"last":7}"#,
        ),
        (
            r#"merge([for n in range(12) : {"k${n % 5}" = n, last = n}]...)"#,
            r#"{"k0":10,"k1":11,"k2":7,"k3":8,"k4":9,"last":11}"#,
        ),
        (r#"zipmap(["a", "b"], [1, 2])"#, r#"{"a":1,"b":2}"#),
        (r#"zipmap(["a", "a"], [1, 2])"#, r#"{"a":2}"#),
        (
            r#"transpose({a = ["b", "b"], c = ["b"]})"#,
            r#"{"b":["a","a","c"]}"#,
        ),
        (
            r#"transpose({a = ["x", "y"], b = ["y"]})"#,
            r#"{"x":["a"],"y":["a","b"]}"#,
        ),
        ("keys({b = 1, a = 2})", r#"["a","b"]"#),
        (r#"values({b = 1, a = "x"})"#, r#"["x",1]"#),
    ]);
    complains(&[
        (
            r#"zipmap(["a", "b"], [1])"#,
            "Call failed: zipmap(): There are 2 keys and 1 values, and there must be as many of one as of the other.",
        ),
        (
            r#"keys("x")"#,
            r#"Invalid argument: The argument "map" of keys() must be a map or an object, not a string."#,
        ),
    ]);
}

#[test]
fn what_is_missing_has_a_default() {
    same(&[
        (r#"lookup({a = 1}, "b", "x")"#, r#""x""#),
        (r#"lookup({a = 1}, "b", null)"#, "null"),
        (r#"lookup({a = "x"}, "b", 1)"#, "1"),
    ]);
    complains(&[(
        r#"lookup({a = 1}, "b")"#,
        r#"Invalid argument: The argument "key" of lookup() must be one that the map has, and "b" is none; with a third argument there is a default."#,
    )]);
}

#[test]
fn one_of_several_is_chosen() {
    same(&[
        (r#"coalesce("", "a")"#, r#""a""#),
        ("coalesce(null, 1)", "1"),
        (r#"coalesce(1, "a")"#, r#""1""#),
        (r#"coalescelist([], ["a"])"#, r#"["a"]"#),
        (r#"one(["a"])"#, r#""a""#),
        ("one([])", "null"),
    ]);
    complains(&[
        (
            r#"coalesce("", null)"#,
            "Call failed: coalesce(): All arguments are null or empty strings, so there is none to choose.",
        ),
        (
            "coalescelist([], [])",
            "Call failed: coalescelist(): All arguments are empty, so there is none to choose.",
        ),
        (
            r#"one(["a", "b"])"#,
            r#"Invalid argument: The argument "list" of one() must have one element or none, and has 2."#,
        ),
    ]);
}

#[test]
fn questions_are_answered() {
    same(&[
        (r#"alltrue([true, "true"])"#, "true"),
        ("alltrue([])", "true"),
        ("anytrue([])", "false"),
        ("anytrue([false, true])", "true"),
        ("alltrue([true, null])", "false"),
        (r#"contains(["a"], "a")"#, "true"),
        ("length({a = 1})", "1"),
    ]);
    complains(&[
        (
            "alltrue([1])",
            r#"Invalid argument: The argument "list" of alltrue() is not suitable: a bool is required, at [0]."#,
        ),
        (
            r#"contains("abc", "a")"#,
            r#"Invalid argument: The argument "list" of contains() must be a list, set or tuple, not a string."#,
        ),
        (
            "length(5)",
            r#"Invalid argument: The argument "value" of length() must be a string or a collection, not a number."#,
        ),
        (
            "length(null)",
            r#"Invalid argument: The argument "value" of length() must not be null."#,
        ),
    ]);
}
