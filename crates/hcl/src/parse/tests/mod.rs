//! What is read, where it stands, and what is refused.

mod broken;
mod limits;
mod unclosed;

use super::*;
use crate::ast::{AccessOperation, ExpressionKind, Item};
use crate::testing::{repeated, told};

fn parsed(text: &str) -> Parsed {
    parse(&Source::new("test.hcl", text), &Limits::default())
}

fn body(text: &str) -> Body {
    parsed(text)
        .into_result()
        .unwrap_or_else(|error| panic!("{text}\n{error}"))
}

fn errors(text: &str) -> String {
    told(&parsed(text).diagnostics)
}

/// Where the first complaint about a text stands.
fn first_place(text: &str) -> Option<String> {
    let diagnostics = parsed(text).diagnostics;
    let subject = diagnostics.first()?.subject.as_ref()?;
    Some(subject.start().to_string())
}

#[test]
fn a_body_has_attributes_and_blocks_in_the_order_of_the_text() {
    let body = body(
        "one = 1 # first\r\nblock \"a\" b {\n  inner {}\n  two = 2\n}\n\nthree = 3\nempty {}\nline { x = 1 }",
    );
    let names: Vec<String> = body
        .items()
        .map(|item| match item {
            Item::Attribute(attribute) => attribute.name.to_string(),
            Item::Block(block) => format!("{}/{}", block.kind, block.labels.len()),
        })
        .collect();
    assert_eq!(names, ["one", "block/2", "three", "empty/0", "line/0"]);
    let block = body.blocks_of("block").next().unwrap();
    assert_eq!(block.labels[0].text, "a");
    assert!(block.body.attribute("two").is_some() && block.body.attribute("one").is_none());
}

#[test]
fn spans_cover_what_was_written() {
    let source = Source::new(
        "test.hcl",
        "a = (f(x.y[0].z, \"${b}\"))\nkind \"l\" {\n  c = 1\n}\n",
    );
    let body = parse(&source, &Limits::default()).body;
    let attribute = &body.attributes[0];
    assert_eq!(source.slice(attribute.span), "a = (f(x.y[0].z, \"${b}\"))");
    let call = attribute
        .expression
        .without_parentheses()
        .as_call()
        .unwrap();
    assert_eq!(source.slice(call.arguments[0].span), "x.y[0].z");
    assert_eq!(source.slice(call.arguments[1].span), "\"${b}\"");
    let traversal = call.arguments[0].as_traversal().unwrap();
    let steps: Vec<&str> = traversal
        .steps
        .iter()
        .map(|step| source.slice(step.span))
        .collect();
    assert_eq!(steps, [".y", "[0]", ".z"]);
    let block = &body.blocks[0];
    assert_eq!(source.slice(block.header_span), "kind \"l\"");
    assert_eq!(source.slice(block.span), "kind \"l\" {\n  c = 1\n}");
    assert_eq!(source.slice(block.close_span), "}");
}

#[test]
fn a_block_without_its_end_lies_where_it_was_read() {
    let source = Source::new("test.hcl", "a {\n  b = 1\n# and nothing more\n");
    let block = &parse(&source, &Limits::default()).body.blocks[0];
    assert!(block.span.contains(block.body.span) && block.span.contains(block.close_span));
    assert!(block.close_span.is_empty());
}

#[test]
fn many_attributes_are_found_by_name() {
    let text = repeated(10_000, |n| {
        format!(
            "a{n} = {n}
"
        )
    });
    let body = body(&text);
    assert_eq!(body.attribute("a7777").unwrap().name, "a7777");
    assert!(body.attribute("a10000").is_none());
}

#[test]
fn constant_steps_belong_to_the_variable_and_others_do_not() {
    let expression = |text: &str| {
        let source = Source::new("test.hcl", text);
        parse_expression(&source, &Limits::default()).unwrap()
    };
    assert_eq!(
        expression("a.b[\"c\"][0].1")
            .as_traversal()
            .unwrap()
            .steps
            .len(),
        4
    );
    let access = expression("a.b[c].d[*].e.f");
    let ExpressionKind::Access(access) = &access.kind else {
        panic!("{access:?}")
    };
    assert_eq!(access.target.as_traversal().unwrap().steps.len(), 1);
    let kinds: Vec<usize> = access
        .operations
        .iter()
        .map(|operation| match operation {
            AccessOperation::Index { .. } => 0,
            AccessOperation::Step(_) => 1,
            AccessOperation::Splat { each, .. } => 10 + each.len(),
        })
        .collect();
    assert_eq!(kinds, [0, 1, 12]);
}

#[test]
fn a_bare_word_as_a_key_is_its_own_name() {
    let body = body("a = { true = 1, for-each = 2, (b) = 3, \"c d\" = 4, 5 = 5 }");
    let items = body.attributes[0].expression.as_object().unwrap();
    let names: Vec<Option<&str>> = items.iter().map(|item| item.key.name()).collect();
    assert_eq!(
        names,
        [Some("true"), Some("for-each"), None, Some("c d"), None]
    );
}

#[test]
fn references_are_those_that_no_loop_binds() {
    let source = Source::new(
        "test.hcl",
        "[for k, v in a.b : { (k) = v.c[d.e], f = \"%{ for x in g }${x}${v}%{ endfor }\" } if h]",
    );
    let expression = parse_expression(&source, &Limits::default()).unwrap();
    let references: Vec<&str> = expression
        .references()
        .iter()
        .map(|reference| source.slice(reference.span()))
        .collect();
    assert_eq!(references, ["a.b", "d.e", "g", "h"]);
}

#[test]
fn these_forms_are_taken() {
    for text in [
        "",
        "# only a comment",
        "a = 1 /* b */\n",
        "a = {\n  b = 1\n  c : 2,\n\n  d = 3\n}\n",
        "a = { b = 1, b = 2 }\n",
        "a = [\n  1,\n  2\n  , 3,\n]\n",
        "a = (\n  b\n  ? c\n  : d\n)\n",
        "a = f(\n  b...\n)\n",
        "a = ns::one::f(x)\n",
        "a = x . y [ 0 ] .* . z\n",
        "a = {\n  for k, v in b :\n  k => v... if c\n}\n",
        "a = <<-EOT\n  b\n  EOT  \nc = 1\n",
        "a = [<<A\n1\nA\n, <<B\n2\nB\n]\n",
        "a = \"${\n b\n}\"\n",
        "a = \"$${b} %%{c} $ % \\u00e9\"\n",
        "b \"a$${x}\" {}\n",
        "a = !-!b\n",
        "größe = 1\n",
        "a = 1.e5\n",
    ] {
        assert_eq!(errors(text), "", "{text}");
    }
}

#[test]
fn these_forms_are_refused_at_their_place() {
    for (text, place) in [
        ("a", "1:1"),
        ("a = \n", "1:5"),
        ("a = 1 b = 2\n", "1:7"),
        ("a = 1, b = 2\n", "1:6"),
        ("a = {\n  b = 1 c = 2\n}\n", "2:9"),
        ("a = { b }\n", "1:9"),
        ("a = {,}\n", "1:6"),
        ("a = [1 2]\n", "1:8"),
        ("a = [1,\n", "2:1"),
        ("a = (1\n", "2:1"),
        ("a = f(1\n", "1:5"),
        ("a = f(b..., c)\n", "1:8"),
        ("a = x[0\n", "2:1"),
        ("a = x.\n", "1:7"),
        ("a = x.0.1\n", "1:7"),
        ("a = x.*.y.*\n", "1:11"),
        ("a = b ? c\n", "1:10"),
        ("a = [for b c : d]\n", "1:12"),
        ("a = {for b in c : d}\n", "1:19"),
        ("a = [for b in c : d => e]\n", "1:19"),
        ("a = 1.2.3\n", "1:5"),
        ("a = \"b\nc\"\n", "1:7"),
        ("a = \"${b\"\n", "1:10"),
        ("a = \"\\q\"\n", "1:6"),
        ("a = \"%{ if b }c\"\n", "1:16"),
        ("a = \"%{ else }\"\n", "1:6"),
        ("a = <<EOT\nb\nEOT", "3:4"),
        ("b {\n  c = 1\n", "1:3"),
        ("b { c = 1, d = 2 }\n", "1:10"),
        ("b { c {} }\n", "1:5"),
        ("b\n{\n}\n", "1:1"),
        ("b {} c {}\n", "1:6"),
        ("b \"${c}\" {}\n", "1:3"),
        ("}\n", "1:1"),
        ("a = 1\n\"b\" = 2\n", "2:1"),
        ("a = b; c = d\n", "1:6"),
        ("/* a", "1:1"),
    ] {
        assert_eq!(first_place(text).as_deref(), Some(place), "{text}");
    }
}

#[test]
fn all_broken_items_of_a_file_are_told() {
    insta::assert_snapshot!(errors(
        "locals {\n  a = [1, 2\n  b = \"open\n  c = 3\n}\ninputs = {\n  d = 1 +\n}\ne = 'f'\ng = 4\n"
    ), @r#"
    3:3 Unclosed list
      The list that begins in line 2 is not closed before this line.
      here: `]` is expected before this
      2:7: opened here
      change:  -> ]
    3:12 String goes beyond its line
      A string in quotes must end on the line where it begins.
      here: the closing quote is missing
      3:7: begins here
      help: end it with a quote on this line; for a newline in it write \n, and for many lines use a heredoc
    7:10 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: an expression goes on in the next line only within ( ), [ ] or { }; put parentheses around it
    9:5 Invalid character
      Strings stand in double quotes here; ' begins none.
      here: not a quote
      help: write the string in double quotes: "…"
      change: 'f' -> "f"
    "#);
}

#[test]
fn what_is_not_broken_is_kept() {
    let Parsed { body, diagnostics } = parsed("a = 1\nb {\n  c = (1\n  d = 2\n}\ne = f(]\ng = 3\n");
    assert_eq!(diagnostics.len(), 2);
    assert!(body.attribute("a").is_some() && body.attribute("g").is_some());
    assert!(body.blocks[0].body.attribute("d").is_some());
}

#[test]
fn what_is_broken_within_a_template_ends_with_it() {
    insta::assert_snapshot!(errors("a = { b = \"${ { c = , d = 1 } }\", e = , f = 1 }\ng = \"${ {h \"\n"), @"
    1:21 Invalid expression
      An expression must begin here, but this is `,`.
      here: an expression is expected
      help: write a value behind the equals sign; where there is none, write null
    2:13 String goes beyond its line
      A string in quotes must end on the line where it begins.
      here: the closing quote is missing
      2:12: begins here
      2:6: within a sequence that is not closed
      help: if the quote was meant to end the string, a } is missing before it
      help: for the characters ${ themselves write $${
    ");
}

#[test]
fn an_attribute_set_twice_is_told_beside_the_first() {
    insta::assert_snapshot!(errors("a = 1\nb = 2\na = 3\n"), @"
    3:1 Attribute set twice
      The attribute `a` was set at test.hcl:1 already.
      here: set again
      1:1: first set here
      help: keep one of them
    ");
    let many = repeated(50, |n| {
        format!(
            "a{n} = 1
"
        )
    });
    assert_eq!(
        first_place(&format!("{many}a7 = 2\n")).as_deref(),
        Some("51:1")
    );
}

#[test]
fn a_missing_brace_is_looked_for_by_indentation() {
    insta::assert_snapshot!(errors("one {\n  a = 1\ntwo {\n  b = 2\n}\n"), @"
    1:5 Unclosed block
      The file ends before the `}` that closes this block.
      here: never closed
      3:1: its closing bracket may be missing before this line
      help: add the closing bracket before line 3
    ");
}

#[test]
fn habits_from_elsewhere_are_recognised() {
    let help = |text: &str| {
        let diagnostics = parsed(text).diagnostics;
        let first = diagnostics
            .first()
            .unwrap_or_else(|| panic!("{text} is refused"));
        let change = first.suggestion.as_ref().map(|suggestion| {
            format!(
                " [{} -> {}]",
                suggestion.location.text(),
                suggestion.replacement
            )
        });
        format!("{}{}", first.help.join("; "), change.unwrap_or_default())
    };
    let all: Vec<String> = [
        "a = “b”\n",
        "a = `b`\n",
        "a = b;\n",
        "a = b & c\n",
        "a = b and c\n",
        "a = not b\n",
        "a = if b { c }\n",
        "a = ${b.c}\n",
        "a = $b\n",
        "a: 1\n",
        "a := 1\n",
        "\"a\" = 1\n",
        "a = \"b\" \"c\"\n",
        "a = 2 ** 3\n",
        "a = b <> c\n",
        "a = .5\n",
        "a = 1.2.3\n",
        "a = x[1:2]\n",
        "a = {\n  include {\n  }\n}\n",
        "a = { 1b = 2 }\n",
        "a = \"\\d\"\n",
        "a = <<EOT text\n",
        "a\u{a0}= 1\n",
    ]
    .iter()
    .map(|text| format!("{:24} {}", text.escape_debug().to_string(), help(text)))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    a = “b”\n                replace the curly quotes by straight ones: "…" [“b” -> "b"]
    a = `b`\n                write the string in double quotes: "…" [`b` -> "b"]
    a = b;\n                 remove the semicolon, and put what follows on a line of its own
    a = b & c\n              for the logical "and" write && [& -> &&]
    a = b and c\n            the logical "and" is && [and -> &&]
    a = not b\n              the logical "not" is !
    a = if b { c }\n         a choice between two values is written `condition ? one : other`
    a = ${b.c}\n             remove ${ and }, or put quotes around them [${b.c} -> b.c]
    a = $b\n                 refer to a value by its name alone, such as local.name
    a: 1\n                   an attribute is written `a = …` [: -> =]
    a := 1\n                 an attribute is written `a = …` [:= -> =]
    \"a\" = 1\n               ["a" -> a]
    a = \"b\" \"c\"\n        texts are joined within one string: "${one}${other}"
    a = 2 ** 3\n             for a power call pow(number, exponent)
    a = b <> c\n             "not equal" is written !=
    a = .5\n                 a number begins with a digit: 0.5
    a = 1.2.3\n              put quotes around it if it is a version or an address [1.2.3 -> "1.2.3"]
    a = x[1:2]\n             for a part of a list call slice(list, from, to)
    a = {\n  include {\n  }\n}\n there are no blocks within an object; since version 2 of the language one writes `include = { … }`
    a = { 1b = 2 }\n         a key that begins with a digit stands in quotes
    a = \"\\d\"\n            within a string each backslash of a regular expression is written twice [\d -> \\d]
    a = <<EOT text\n         a heredoc begins with << or <<-, its marker, and the end of the line
    a\u{a0}= 1\n             delete it and type it anew
    "#);
}

#[test]
fn bytes_that_are_not_utf8_are_refused_outside_of_comments() {
    let parsed = |bytes: &[u8]| {
        let source = Source::from_bytes("test.hcl", bytes);
        told(&parse(&source, &Limits::default()).diagnostics)
    };
    assert_eq!(parsed(b"a = 1 # caf\xe9\n/* \xff */\n"), "");
    insta::assert_snapshot!(parsed(b"a = \"caf\xe9\"\nb = \xff\n"), @r#"
    1:9 Invalid character encoding
      The text is not UTF-8 here. Outside of comments it has to be.
      here: these bytes are not UTF-8
      help: save the file as UTF-8
    2:5 Invalid character encoding
      The text is not UTF-8 here. Outside of comments it has to be.
      here: these bytes are not UTF-8
      help: save the file as UTF-8
    "#);
}

#[test]
fn text_in_utf16_is_told_once() {
    let source = Source::from_bytes("test.hcl", b"\xff\xfea\0=\x001\0\n\0");
    insta::assert_snapshot!(told(&parse(&source, &Limits::default()).diagnostics), @"
    1:1 Invalid character encoding
      The file is in UTF-16, as some programs on Windows write it, and not in UTF-8.
      here: marks a text as UTF-16
      help: save the file as UTF-8; in PowerShell: Out-File -Encoding utf8
    ");
}

#[test]
fn a_file_with_nothing_but_a_path_may_have_been_a_link() {
    insta::assert_snapshot!(errors("../../root.hcl"), @"
    1:1 Attribute or block expected
      An attribute or a block must begin here, and `.` begins neither.
      here: a path, and nothing else
      help: the file may be a symbolic link that was checked out as a text
    ");
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    let source = Source::new("test.hcl", "\u{feff}a = 1\n");
    assert!(parse(&source, &Limits::default()).diagnostics.is_empty());
}

#[test]
fn an_expression_of_its_own_must_be_all_there_is() {
    let parsed = |text: &str| {
        let source = Source::new("test.hcl", text);
        parse_expression(&source, &Limits::default()).map_err(|errors| told(&errors))
    };
    assert!(parsed("\n1 + 2\n").is_ok());
    insta::assert_snapshot!(parsed("1 +\n2").unwrap_err(), @"
    1:4 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: an expression goes on in the next line only within ( ), [ ] or { }; put parentheses around it
    ");
    assert!(parsed("{ a = }").is_err(), "what was passed over counts");
    insta::assert_snapshot!(parsed("a b").unwrap_err(), @"
    1:3 Unexpected text behind the expression
      The expression ends here, but `b` follows.
      here: behind the end of the expression
    ");
}
