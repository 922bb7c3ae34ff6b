//! Configuration in JSON syntax: what it becomes, and what is refused.

use super::*;
use crate::testing::{Variables, told};
use crate::value::Value;
use crate::{Budget, Context, evaluate};

const UNIT: [BlockSchema<'_>; 3] = [
    BlockSchema {
        kind: "terraform",
        labels: Labels::Count(0),
        blocks: &[BlockSchema {
            kind: "before_hook",
            labels: Labels::Count(1),
            blocks: &[],
        }],
    },
    BlockSchema {
        kind: "include",
        labels: Labels::Optional,
        blocks: &[],
    },
    BlockSchema {
        kind: "resource",
        labels: Labels::Count(2),
        blocks: &[],
    },
];

fn parsed(text: &str) -> Parsed {
    parse_json(&Source::new("test.json", text), &UNIT, &Limits::default())
}

fn errors(text: &str) -> String {
    told(&parsed(text).diagnostics)
}

/// A body in one line: attributes by name, blocks with their labels and contents.
fn shape(body: &Body) -> String {
    let attributes = body
        .attributes
        .iter()
        .map(|attribute| attribute.name.to_string());
    let blocks = body.blocks.iter().map(|block| {
        let labels = block.labels.iter().map(|label| format!(" {}", label.text));
        let labels: String = labels.collect();
        format!("{}{labels} {{{}}}", block.kind, shape(&block.body))
    });
    let all: Vec<String> = attributes.chain(blocks).collect();
    all.join(", ")
}

/// The values of all attributes of a file.
fn values(text: &str) -> Vec<String> {
    let source = Source::new("test.json", text);
    let limits = Limits::default();
    let body = parse_json(&source, &[], &limits)
        .into_result()
        .unwrap_or_else(|error| panic!("{text}\n{error}"));
    let host = Variables::new([("name", Value::from("app"))]);
    let budget = Budget::new(limits);
    let context = Context {
        source: &source,
        host: &host,
        budget: &budget,
    };
    let value = |expression| match evaluate(expression, &context) {
        Ok(value) => format!("{value:?}"),
        Err(errors) => told(&errors),
    };
    let attributes = body.attributes.iter();
    attributes
        .map(|attribute| value(&attribute.expression))
        .collect()
}

#[test]
fn the_schema_decides_what_is_a_block() {
    for (text, expected) in [
        (r#"{"terraform": {"source": "x"}}"#, "terraform {source}"),
        (
            r#"{"terraform": [{"a": 1}, {"b": 2}]}"#,
            "terraform {a}, terraform {b}",
        ),
        (
            r#"{"terraform": {"a": 1}, "terraform": {}}"#,
            "terraform {a}, terraform {}",
        ),
        (
            r#"{"terraform": null, "inputs": {"terraform": {}}}"#,
            "inputs",
        ),
        (
            r#"{"terraform": {"before_hook": {"x": {}, "y": [{"z": 1}]}}}"#,
            "terraform {before_hook x {}, before_hook y {z}}",
        ),
        (
            r#"{"resource": [{"a": {"b": {}}}, {"a": [{"c": {"d": 1}}]}]}"#,
            "resource a b {}, resource a c {d}",
        ),
        (r#"{"include": {"path": "x"}}"#, "include {path}"),
        (
            r#"{"include": {"root": {"path": "x"}, "env": {}}}"#,
            "include root {path}, include env {}",
        ),
        (r#"{"include": {}}"#, "include {}"),
        (r#"[{"a": 1}, {"//": "no attribute", "b": 2}]"#, "a, b"),
    ] {
        let parsed = parsed(text);
        assert_eq!(told(&parsed.diagnostics), "", "{text}");
        assert_eq!(shape(&parsed.body), expected, "{text}");
    }
}

#[test]
fn strings_are_templates_and_all_else_is_as_written() {
    let text = r#"{
        "a": "x-${name}", "b": "${1 + 1}", "c": {"${name}": [null, true, -1.5]},
        "d": "$${name} %%{x}", "e": "q\"${"\u0024{"}", "f": "%{ if true }yes%{ endif }",
        "g": 123456789012345678901234567890, "h": "\ud83d\ude00 \ud83d", "i": {"//": 1}
    }"#;
    let text = text.replace(r#""q\"${"\u0024{"}""#, r#""q\"${\"r\"}""#);
    assert_eq!(
        values(&text),
        [
            "\"x-app\"",
            "2",
            "{ app = [null, true, -1.5] }",
            "\"$${name} %%{x}\"",
            "\"q\\\"r\"",
            "\"yes\"",
            "123456789012345678901234567890",
            "\"😀 \u{fffd}\"",
            "{ \"//\" = 1 }",
        ]
    );
}

#[test]
fn errors_of_templates_are_told_at_their_place_in_the_file() {
    insta::assert_snapshot!(errors("{\n  \"a\": \"\\\"${1 +}\",\n  \"b\": [\"${\\\"x\\\" y}\"]\n}"), @"
    2:16 Invalid expression
      An expression must begin here, but this is `}`.
      here: an expression is expected
    3:18 Unclosed sequence
      The closing brace of ${ … } is expected here, not `y`.
      here: the closing brace is expected
      3:10: opened here
      help: if this is meant for another program, such as a shell, write $${
    ");
    insta::assert_snapshot!(values("{ \"a\": \"\\\"\\u00e9 ${nam}\" }").concat(), @r#"
    1:20 Unknown variable
      There is no variable called "nam" here.
      here: not known here
      help: did you mean "name"?
      change: nam -> name
    "#);
}

#[test]
fn spans_point_into_the_file() {
    let source = Source::new(
        "x",
        "{\"terraform\": {\"a\\\"b\": \"\\\"${f(x.y, \\\"z\\\")}\"}}",
    );
    let body = parse_json(&source, &UNIT, &Limits::default()).body;
    let block = &body.blocks[0];
    assert_eq!(source.slice(block.kind_span), "terraform");
    let attribute = &block.body.attributes[0];
    assert_eq!(source.slice(attribute.name_span), "a\\\"b");
    let references = attribute.expression.references();
    assert_eq!(source.slice(references[0].span()), "x.y");
}

#[test]
fn all_that_is_wrong_with_the_shape_is_told() {
    insta::assert_snapshot!(errors(
        "{\n\"terraform\": \"x\",\n\"resource\": {\"a\": []},\n\"inputs\": {\"a\": 1, \"a\": 2},\n\"inputs\": {}\n}"
    ), @r#"
    2:14 Wrong type of value
      A block "terraform" is an object, and this is a string.
      here: this is a string
    3:19 Missing label
      A block "resource" has a label, which in JSON is the name of a property around its content.
      here: a property is expected in this object
      help: write "resource": { "label": { … } }
    4:21 Duplicate key
      The key "a" occurs twice.
      here: set again
      4:13: first set here
      help: keep one of them
    5:2 Attribute set twice
      The attribute `inputs` was set already.
      here: set again
      4:2: first set here
      help: keep one of them
    "#);
    insta::assert_snapshot!(errors("1"), @"
    1:1 Wrong type of value
      A file in JSON syntax is an object, and this is a number.
      here: this is a number
    ");
}

#[test]
fn mistakes_in_the_syntax_are_recognised() {
    let help = |text: &str| {
        let diagnostics = parsed(text).diagnostics;
        let first = diagnostics
            .first()
            .unwrap_or_else(|| panic!("{text} is refused"));
        let place = first
            .subject
            .as_ref()
            .map(|place| place.start().to_string());
        let help = first.help.join("; ");
        format!(
            "{text:14} {} {}: {help}",
            place.unwrap_or_default(),
            first.summary
        )
    };
    let all: Vec<String> = [
        "",
        "{",
        "{\"a\": 1,}",
        "{\"a\": [1, ]}",
        "{\"a\" = 1}",
        "{a: 1}",
        "{'a': 1}",
        "{\"a\": True}",
        "{\"a\": b}",
        "{\"a\": 01}",
        "{\"a\": 1.}",
        "{\"a\": \"\\d\"}",
        "{\"a\": \"b",
        "{\"a\": \"\t\"}",
        "{\"a\": 1 \"b\": 2}",
        "{} // c",
        "{ # c",
        "{}{}",
        "{\"a\": [}",
    ]
    .into_iter()
    .map(help)
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
                   1:1 Missing value: 
    {              1:2 Missing property: 
    {"a": 1,}      1:8 Comma behind the last item: remove the comma
    {"a": [1, ]}   1:9 Comma behind the last item: remove the comma
    {"a" = 1}      1:6 Missing colon: JSON has a colon where the usual syntax has an equals sign
    {a: 1}         1:2 Missing property: names stand in quotes here; a file in the usual syntax has no .json
    {'a': 1}       1:2 Missing property: strings stand in straight double quotes
    {"a": True}    1:7 Missing value: did you mean true?
    {"a": b}       1:7 Missing value: a text stands in quotes: "b"
    {"a": 01}      1:7 Invalid number: 
    {"a": 1.}      1:7 Invalid number: 
    {"a": "\d"}    1:8 Invalid escape sequence: for a backslash write \\
    {"a": "b       1:9 Unclosed string: 
    {"a": "	"}     1:8 Invalid character: 
    {"a": 1 "b": 2} 1:9 Missing comma: 
    {} // c        1:4 Text behind the value: 
    { # c          1:3 Missing property: JSON has no comments; a property named "//" is passed over in place of one
    {}{}           1:3 Text behind the value: 
    {"a": [}       1:8 Missing value:
    "#);
}

#[test]
fn depth_and_sizes_have_limits() {
    let limits = Limits {
        items: 10,
        ..Limits::default()
    };
    let errors = |text: &str| {
        let source = Source::new("test.json", text);
        told(&parse_json(&source, &[], &limits).diagnostics)
    };
    for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        assert!(errors(&text).contains("Nested too deeply"));
    }
    assert!(errors(&format!("[{}]", "{},".repeat(11))).contains("Too many items"));
    assert!(errors(&format!("{{{}}}", "\"a\":1,".repeat(11))).contains("Too many items"));
}
