//! Diagnostics as people and programs read them.

use std::sync::Arc;

use insta::assert_snapshot;
use terrane_hcl::{Source, Span};

use super::*;
use crate::model::without_colours;

const UNIT: &str = "\
dependency \"vpc\" {
  config_path = \"../vcp\"
}

inputs = {
  größe   = 1
  subnets = dependency.vpc.outputs.private_subnetz
}
";

fn unit() -> Arc<Source> {
    Source::new("live/prod/app/terragrunt.hcl", UNIT)
}

/// The place of `words` in the text.
fn span(text: &str, words: &str) -> Span {
    let start = u32::try_from(text.find(words).expect("it is there")).expect("it is short");
    Span::new(
        start,
        start + u32::try_from(words.len()).expect("it is short"),
    )
}

fn misspelt() -> Diagnostic {
    let unit = unit();
    Diagnostic::error("Unknown output")
        .detail("The unit live/prod/vpc has no output of this name.")
        .at(&unit, span(UNIT, "private_subnetz"))
        .label("no output named \"private_subnetz\"")
        .related(
            &unit,
            span(UNIT, "dependency \"vpc\""),
            "the dependency is declared here",
        )
        .help("`terrane outputs live/prod/vpc` lists what there is.")
        .suggest(&unit, span(UNIT, "private_subnetz"), "private_subnets")
}

fn shown(diagnostic: &Diagnostic) -> String {
    render_diagnostics([diagnostic], &Look::plain())
}

#[test]
fn a_diagnostic_shows_the_place_the_reason_and_what_to_write() {
    assert_snapshot!(shown(&misspelt()), @r#"
    error: Unknown output
     --> live/prod/app/terragrunt.hcl:7:36
      |
    1 | dependency "vpc" {
      | ---------------- the dependency is declared here
    ...
    7 |   subnets = dependency.vpc.outputs.private_subnetz
      |                                    ^^^^^^^^^^^^^^^ no output named "private_subnetz"
      |
      = The unit live/prod/vpc has no output of this name.
      = help: `terrane outputs live/prod/vpc` lists what there is.
    help: write this instead
      |
    7 -   subnets = dependency.vpc.outputs.private_subnetz
    7 +   subnets = dependency.vpc.outputs.private_subnets
      |
    "#);
}

#[test]
fn places_in_several_files_are_shown_file_by_file() {
    let root = Source::new("root.hcl", "locals {\n  region = \"eu\"\n}\n");
    let diagnostic = Diagnostic::warning("Overridden twice")
        .at(&unit(), span(UNIT, "../vcp"))
        .related(&root, span(root.text(), "region"), "first here");
    assert_snapshot!(shown(&diagnostic), @r#"
    warning: Overridden twice
     --> live/prod/app/terragrunt.hcl:2:18
      |
    2 |   config_path = "../vcp"
      |                  ^^^^^^
      |
     ::: root.hcl:2:3
      |
    2 |   region = "eu"
      |   ------ first here
    "#);
}

#[test]
fn the_values_of_variables_are_named() {
    let mut diagnostic = Diagnostic::error("Invalid index").at(&unit(), span(UNIT, "outputs"));
    diagnostic
        .values
        .push(("dependency.vpc".into(), "object with 2 attributes".into()));
    assert_snapshot!(shown(&diagnostic), @"
    error: Invalid index
     --> live/prod/app/terragrunt.hcl:7:28
      |
    7 |   subnets = dependency.vpc.outputs.private_subnetz
      |                            ^^^^^^^
      |
      = where: dependency.vpc is object with 2 attributes
    ");
}

#[test]
fn a_diagnostic_without_a_place_is_words_only() {
    let diagnostic = Diagnostic::error("No units").detail("Nothing below . is a unit.");
    assert_snapshot!(shown(&diagnostic), @"
    error: No units
     |
     = Nothing below . is a unit.
    ");
}

#[test]
fn several_have_an_empty_line_between_them() {
    let two = [Diagnostic::error("One"), Diagnostic::warning("Two")];
    assert_eq!(
        render_diagnostics(&two, &Look::plain()),
        "error: One\n\nwarning: Two\n"
    );
}

#[test]
fn colours_change_nothing_but_colours() {
    let coloured = Look {
        colour: true,
        ..Look::plain()
    };
    let text = render_diagnostics([&misspelt()], &coloured);
    assert_ne!(text, shown(&misspelt()));
    assert_eq!(without_colours(&text), shown(&misspelt()));
}

#[test]
fn spans_that_lie_outside_are_no_trouble() {
    for span in [
        Span::new(0, u32::MAX),
        Span::new(5_000, 6_000),
        Span::new(57, 58),
        Span::new(9, 3),
    ] {
        shown(
            &Diagnostic::error("Odd")
                .at(&unit(), span)
                .suggest(&unit(), span, "x"),
        );
    }
    shown(&Diagnostic::error("Empty").at(&Source::new("empty.hcl", ""), Span::new(0, 0)));
}

#[test]
fn files_of_strangers_cannot_play_tricks() {
    let text = "a = \"\u{1b}]0;owned\u{7}\u{202e}x\"\r\n";
    let source = Source::new("evil\u{1b}[2J.hcl", text);
    let diagnostic = Diagnostic::error("Bad\nerror: forged")
        .detail("one\n::set-output name=x::y")
        .at(&source, span(text, "a = "));
    for colour in [false, true] {
        let shown = render_diagnostics(
            [&diagnostic],
            &Look {
                colour,
                ..Look::plain()
            },
        );
        let plain = without_colours(&shown);
        assert!(
            !plain.chars().any(|c| c.is_control() && c != '\n'),
            "{shown:?}"
        );
        assert!(!plain.contains('\u{202e}'));
        assert_eq!(
            plain
                .lines()
                .filter(|line| line.trim_start().starts_with("error"))
                .count(),
            1
        );
        assert!(
            !plain
                .lines()
                .any(|line| line.trim_start().starts_with("::"))
        );
    }
}

#[test]
fn json_has_the_shape_that_terraform_prints() {
    assert_snapshot!(diagnostics_as_json([&misspelt()]), @r#"
    [
      {
        "severity": "error",
        "summary": "Unknown output",
        "detail": "The unit live/prod/vpc has no output of this name.",
        "range": {
          "filename": "live/prod/app/terragrunt.hcl",
          "start": {
            "line": 7,
            "column": 36,
            "byte": 109
          },
          "end": {
            "line": 7,
            "column": 51,
            "byte": 124
          }
        },
        "snippet": {
          "code": "  subnets = dependency.vpc.outputs.private_subnetz",
          "start_line": 7,
          "highlight_start_offset": 35,
          "highlight_end_offset": 50
        },
        "label": "no output named \"private_subnetz\"",
        "related": [
          {
            "range": {
              "filename": "live/prod/app/terragrunt.hcl",
              "start": {
                "line": 1,
                "column": 1,
                "byte": 0
              },
              "end": {
                "line": 1,
                "column": 17,
                "byte": 16
              }
            },
            "snippet": {
              "code": "dependency \"vpc\" {",
              "start_line": 1,
              "highlight_start_offset": 0,
              "highlight_end_offset": 16
            },
            "message": "the dependency is declared here"
          }
        ],
        "help": [
          "`terrane outputs live/prod/vpc` lists what there is."
        ],
        "suggestion": {
          "range": {
            "filename": "live/prod/app/terragrunt.hcl",
            "start": {
              "line": 7,
              "column": 36,
              "byte": 109
            },
            "end": {
              "line": 7,
              "column": 51,
              "byte": 124
            }
          },
          "snippet": {
            "code": "  subnets = dependency.vpc.outputs.private_subnetz",
            "start_line": 7,
            "highlight_start_offset": 35,
            "highlight_end_offset": 50
          },
          "replacement": "private_subnets"
        }
      }
    ]
    "#);
}

#[test]
fn what_was_written_as_json_looks_the_same_when_it_is_read() {
    let mut with_values = misspelt();
    with_values.values.push(("local.x".into(), "3".into()));
    let multi_line = Diagnostic::warning("Long").at(&unit(), span(UNIT, "{\n  größe   = 1"));
    for diagnostic in [with_values, multi_line, Diagnostic::error("Nowhere")] {
        let json = serde_json::to_string(&DiagnosticWire::from(&diagnostic)).expect("it is data");
        let wire: DiagnosticWire = serde_json::from_str(&json).expect("it was just written");
        let read = Diagnostic::from(wire);
        let again = serde_json::to_string(&DiagnosticWire::from(&read)).expect("it is data");
        let same_but_for_bytes = |text: &str| {
            let mut value: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
            forget_bytes(&mut value);
            value
        };
        assert_eq!(same_but_for_bytes(&again), same_but_for_bytes(&json));
    }
}

/// Offsets count from the start of a file of which only some lines were written.
fn forget_bytes(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.remove("byte");
            fields.values_mut().for_each(forget_bytes);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_bytes),
        _ => {}
    }
}
