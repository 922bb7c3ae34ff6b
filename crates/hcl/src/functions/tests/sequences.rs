//! Lists and sets.

use super::{complains, same};

#[test]
fn ranges_go_up_or_down() {
    same(&[
        ("range(5)", "[0,1,2,3,4]"),
        ("range(1, 10, 3)", "[1,4,7]"),
        ("range(10, 1)", "[10,9,8,7,6,5,4,3,2]"),
        ("range(5, 1, -2)", "[5,3]"),
        ("range(0)", "[]"),
        ("range(1, 2, 0.25)", "[1,1.25,1.5,1.75]"),
    ]);
    complains(&[
        (
            "range(1, 5, 0)",
            r#"Invalid argument: The argument "limits" of range() must not be zero."#,
        ),
        (
            "range(1, 5, -1)",
            r#"Invalid argument: The argument "limits" of range() must be positive, as it goes from 1 to 5."#,
        ),
        (
            "range(1025)",
            "Call failed: range(): There would be more than 1024 numbers; a larger step makes fewer.",
        ),
    ]);
}

#[test]
fn elements_are_found_round_and_round() {
    same(&[
        (r#"element(["a", "b", "c"], 4)"#, r#""b""#),
        (r#"element(["a", "b"], -1)"#, r#""b""#),
        (r#"index(["a", "b"], "b")"#, "1"),
    ]);
    complains(&[
        (
            "element([], 0)",
            r#"Invalid argument: The argument "list" of element() must not be empty."#,
        ),
        (
            r#"index([1, 2], "1")"#,
            r#"Invalid argument: The argument "value" of index() must be in the list, and "1" is not."#,
        ),
        (
            r#"element(toset(["a"]), 0)"#,
            r#"Invalid argument: The argument "list" of element() must be a list or tuple, not a set of string."#,
        ),
    ]);
}

#[test]
fn lists_are_cut_and_joined() {
    same(&[
        (r#"slice(["a", "b", "c"], 1, 2)"#, r#"["b"]"#),
        ("slice([], 0, 0)", "[]"),
        ("chunklist([1, 2, 3, 4, 5], 2)", "[[1,2],[3,4],[5]]"),
        ("chunklist([], 2)", "[]"),
        (r#"concat(["a"], [1], [])"#, r#"["a",1]"#),
        ("flatten([[1], [[2, [3]]], []])", "[1,2,3]"),
        (r#"flatten(toset([["a"]]))"#, r#"["a"]"#),
        ("reverse([1, 2, 3])", "[3,2,1]"),
    ]);
    complains(&[
        (
            r#"slice(["a"], 0, 5)"#,
            r#"Invalid argument: The argument "end_index" of slice() must not be above the length of the list, which is 1."#,
        ),
        (
            r#"slice(["a"], 1, 0)"#,
            r#"Invalid argument: The argument "start_index" of slice() must not be above the end index, which is 0."#,
        ),
        (
            "chunklist([1], -1)",
            r#"Invalid argument: The argument "size" of chunklist() must not be negative."#,
        ),
        (
            r#"concat(toset(["a"]), ["b"])"#,
            r#"Invalid argument: The argument "lists" of concat() must be a list or tuple, not a set of string."#,
        ),
        (
            "flatten({a = 1})",
            r#"Invalid argument: The argument "list" of flatten() must be a list, set or tuple, not an object."#,
        ),
    ]);
}

#[test]
fn lists_are_ordered_and_thinned() {
    same(&[
        (r#"sort(["b", "a", "B"])"#, r#"["B","a","b"]"#),
        ("sort([3, 1, 10])", r#"["1","10","3"]"#),
        (r#"distinct(["a", "b", "a"])"#, r#"["a","b"]"#),
        (r#"distinct([1, "1"])"#, r#"["1"]"#),
        (r#"compact(["a", "", null])"#, r#"["a"]"#),
        (r#"matchkeys(["a", "b"], ["x", "y"], ["y"])"#, r#"["b"]"#),
    ]);
    complains(&[(
        r#"matchkeys(["a"], ["x", "y"], ["y"])"#,
        "Call failed: matchkeys(): The values and the keys must be of one length.",
    )]);
}

#[test]
fn sets_are_compared() {
    same(&[
        (
            r#"setproduct(["a", "b"], [1, 2])"#,
            r#"[["a",1],["a",2],["b",1],["b",2]]"#,
        ),
        (r#"setproduct(["a"], [])"#, "[]"),
        (
            r#"setproduct(["a", 1], [true])"#,
            r#"[["a",true],["1",true]]"#,
        ),
        (r#"setunion(["a"], ["b", "a"])"#, r#"["a","b"]"#),
        (r#"setintersection(["a", "b"], ["b"])"#, r#"["b"]"#),
        (r#"setsubtract(["a", "b"], ["b"])"#, r#"["a"]"#),
        (r#"setunion([1], ["a"])"#, r#"["1","a"]"#),
    ]);
    complains(&[(
        "setproduct()",
        "Call failed: setproduct(): It takes at least 2 arguments, and got 0.",
    )]);
}
