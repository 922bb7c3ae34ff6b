//! Ten files that are broken in ways in which people break files, as people read what is wrong with
//! them: each error names the file, the place, the cause, and what to do.

use insta::assert_snapshot;
use terrane::report::{Look, diagnostics_as_json, render_diagnostics};
use terrane_hcl::{
    Budget, Context, Diagnostics, Host, Limits, Reference, Resolved, RootError, Source, Value,
    evaluate, parse,
};

/// The locals and the outputs that the files speak of.
struct Variables;

impl Host for Variables {
    fn root(&self, reference: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        let json = match reference.name {
            "local" => r#"{"region": "eu-central-1", "nothing": null}"#,
            "dependency" => r#"{"vpc": {"outputs": {"id": "vpc-1", "subnet_ids": ["a", "b"]}}}"#,
            _ => return Err(RootError::Unknown),
        };
        Ok(Resolved::whole(Value::from_json(json).expect("it is JSON")))
    }

    fn root_names(&self) -> Vec<String> {
        vec!["local".to_owned(), "dependency".to_owned()]
    }
}

/// What is wrong with a file: with its syntax or, if nothing is, with its values.
fn problems(text: &str) -> Diagnostics {
    let limits = Limits::default();
    let source = Source::new("live/prod/app/terragrunt.hcl", text);
    let parsed = parse(&source, &limits);
    if !parsed.diagnostics.is_empty() {
        return parsed.diagnostics;
    }
    let budget = Budget::new(limits);
    let context = Context {
        source: &source,
        host: &Variables,
        budget: &budget,
    };
    let attributes = parsed.body.attributes.iter();
    let results = attributes.map(|attribute| evaluate(&attribute.expression, &context));
    results.filter_map(Result::err).flatten().collect()
}

fn shown(text: &str) -> String {
    let problems = problems(text);
    for problem in &problems {
        let next_step = !problem.help.is_empty() || problem.suggestion.is_some();
        assert!(next_step, "nothing says what to do: {problem}");
    }
    render_diagnostics(&problems, &Look::plain())
}

#[test]
fn a_string_and_a_list_that_are_not_finished() {
    let text = r#"
locals {
  region  = "eu-central-1
  subnets = ["a", "b" "c"]
}
"#;
    assert_snapshot!(shown(text.trim_start()), @r#"
    error: String goes beyond its line
     --> live/prod/app/terragrunt.hcl:2:26
      |
    2 |   region  = "eu-central-1
      |             -            ^ the closing quote is missing
      |             |
      |             begins here
      |
      = A string in quotes must end on the line where it begins.
      = help: end it with a quote on this line; for a newline in it write \n, and for many lines use a heredoc

    error: Missing comma
     --> live/prod/app/terragrunt.hcl:3:23
      |
    3 |   subnets = ["a", "b" "c"]
      |                       ^ a comma or a closing bracket is expected
      |
      = Behind an item of a list a comma or the closing bracket must follow, not a string.
    help: write this instead
      |
    3 |   subnets = ["a", "b", "c"]
      |                      +
    "#);
}

#[test]
fn an_object_that_is_not_closed() {
    let text = r#"
inputs = {
  tags = {
    team = "shop"

  name = "app"
}
"#;
    assert_snapshot!(shown(text.trim_start()), @r#"
    error: Unclosed object
     --> live/prod/app/terragrunt.hcl:6:3
      |
    1 | inputs = {
      |          - never closed
    2 |   tags = {
      |          - by its indentation, this may be the one that is not closed
    ...
    5 |   name = "app"
      |   ---- its closing bracket may be missing before this line
    6 | }
      |  ^ the text ends here
      |
      = The file ends before the `}` that closes this object.
      = help: add the closing bracket before line 5
    "#);
}

#[test]
fn a_path_as_windows_writes_it() {
    let text = r#"
terraform {
  source = "C:\modules\app"
}
"#;
    assert_snapshot!(shown(text.trim_start()), @r#"
    error: Invalid escape sequence
     --> live/prod/app/terragrunt.hcl:2:15
      |
    2 |   source = "C:\modules\app"
      |               ^^ no escape sequence
      |
      = `\m` means nothing. There are \n, \r, \t, \", \\, \u and \U.
      = help: a path has slashes on Windows, too: write / in place of each backslash
    help: write this instead
      |
    2 -   source = "C:\modules\app"
    2 +   source = "C:/modules/app"
      |
    "#);
}

#[test]
fn quotes_of_a_word_processor() {
    let text = r"
locals {
  name = “shop”
  note = 'fine'
}
";
    assert_snapshot!(shown(text.trim_start()), @r#"
    error: Invalid character
     --> live/prod/app/terragrunt.hcl:2:10
      |
    2 |   name = “shop”
      |          ^ a curly quote
      |
      = This is a typographic quote, as text processors and chat programs put in place of straight ones. Strings stand in straight double quotes.
      = help: replace the curly quotes by straight ones: "…"
    help: write this instead
      |
    2 -   name = “shop”
    2 +   name = "shop"
      |

    error: Invalid character
     --> live/prod/app/terragrunt.hcl:3:10
      |
    3 |   note = 'fine'
      |          ^ not a quote
      |
      = Strings stand in double quotes here; ' begins none.
      = help: write the string in double quotes: "…"
    help: write this instead
      |
    3 -   note = 'fine'
    3 +   note = "fine"
      |
    "#);
}

#[test]
fn the_first_version_of_the_language() {
    let text = r#"
terragrunt = {
  include {
    path = "${find_in_parent_folders()}"
  }
}
"#;
    assert_snapshot!(shown(text.trim_start()), @"
    error: Missing equals sign
     --> live/prod/app/terragrunt.hcl:2:11
      |
    2 |   include {
      |   ------- ^ an equals sign is expected
      |   |
      |   the key
      |
      = Behind a key an equals sign and a value must follow, not `{`.
      = help: so Terragrunt was configured before version 0.19: take away `terragrunt = {` and the brace that closes it
    ");
}

#[test]
fn a_merge_that_was_not_finished() {
    let text = r"
locals {
<<<<<<< HEAD
  size = 1
=======
  size = 2
>>>>>>> feature/size
}
";
    assert_snapshot!(shown(text.trim_start()), @"
    error: Merge conflict
     --> live/prod/app/terragrunt.hcl:2:1
      |
    2 | <<<<<<< HEAD
      | ^^^^^^^^^^^^ a conflict begins here
    3 |   size = 1
    4 | =======
      | ------- the other version begins here
    5 |   size = 2
    6 | >>>>>>> feature/size
      | -------------------- and ends here
      |
      = This line is a marker that git left where two versions of the file disagree.
      = help: keep what is right of both versions, and remove the lines <<<<<<<, ======= and >>>>>>>
    ");
}

#[test]
fn a_heredoc_that_ends_with_another_word() {
    let text = r"
locals {
  text = <<EOT
    hello
EOF
}
";
    assert_snapshot!(shown(text.trim_start()), @"
    error: Unclosed string
     --> live/prod/app/terragrunt.hcl:5:3
      |
    2 |   text = <<EOT
      |          ----- begins here
    ...
    5 | }
      |  ^ the text ends here
      |
      = The file ends before the line with the heredoc's closing marker `EOT`.
      = help: the line of the marker has nothing but `EOT` on it, and ends with a newline
    ");
}

#[test]
fn a_name_that_is_misspelt() {
    let text = r"
inputs = {
  region  = local.regoin
  subnets = dependency.vpc.outputs.subnet_id
  name    = uper(local.region)
}
";
    assert_snapshot!(shown(text.trim_start()), @r#"
    error: Unknown attribute
     --> live/prod/app/terragrunt.hcl:2:18
      |
    2 |   region  = local.regoin
      |                  ^^^^^^^ no such attribute
      |
      = `local` has no attribute "regoin".
      = help: did you mean "region"?
    help: write this instead
      |
    2 -   region  = local.regoin
    2 +   region  = local.region
      |

    error: Unknown attribute
     --> live/prod/app/terragrunt.hcl:3:35
      |
    3 |   subnets = dependency.vpc.outputs.subnet_id
      |                                   ^^^^^^^^^^ no such attribute
      |
      = `dependency.vpc.outputs` has no attribute "subnet_id".
      = help: did you mean "subnet_ids"?
    help: write this instead
      |
    3 |   subnets = dependency.vpc.outputs.subnet_ids
      |                                             +

    error: Unknown function
     --> live/prod/app/terragrunt.hcl:4:13
      |
    4 |   name    = uper(local.region)
      |             ^^^^ not a function
      |
      = There is no function called "uper".
      = help: did you mean "upper"?
    help: write this instead
      |
    4 |   name    = upper(local.region)
      |               +
    "#);
}

#[test]
fn values_that_do_not_go_together() {
    let text = r#"
inputs = {
  count  = local.region + 1
  zones  = true ? ["a"] : { b = 1 }
  bucket = "logs-${local.nothing}"
  first  = dependency.vpc.outputs.subnet_ids[4]
}
"#;
    assert_snapshot!(shown(text.trim_start()), @r#"
    error: Invalid operand
     --> live/prod/app/terragrunt.hcl:2:12
      |
    2 |   count  = local.region + 1
      |            ^^^^^^^^^^^^ this is the string "eu-central-1"
      |
      = For `+` a number is required, and "eu-central-1" is none.
      = where: local.region is "eu-central-1"
      = help: texts are joined within a string: "${one}${other}"

    error: Results of different types
     --> live/prod/app/terragrunt.hcl:3:19
      |
    3 |   zones  = true ? ["a"] : { b = 1 }
      |                   -----^^^---------
      |                   |       |
      |                   |       an object of b = number
      |                   no type in common
      |                   a tuple of string
      |
      = Whatever the condition, the result is of one type, but the first is a tuple and the second an object.
      = help: convert one of them, such as with tostring() or jsonencode()

    error: Null in a string
     --> live/prod/app/terragrunt.hcl:4:20
      |
    4 |   bucket = "logs-${local.nothing}"
      |                    ^^^^^^^^^^^^^ this is null
      |
      = Null has no text, so it cannot be part of a string.
      = where: local.nothing is null
      = help: for another value in its place write coalesce(local.nothing, "…")

    error: No such element
     --> live/prod/app/terragrunt.hcl:5:45
      |
    5 |   first  = dependency.vpc.outputs.subnet_ids[4]
      |                                             ^^^ no such element
      |
      = `dependency.vpc.outputs.subnet_ids` has 2 elements, numbered 0 to 1; there is no element 4.
      = help: for another value in its place write try(dependency.vpc.outputs.subnet_ids[4], …)
    "#);
}

#[test]
fn a_function_that_is_called_wrongly() {
    let text = r#"
inputs = {
  number = tonumber("12a")
  text   = join(["a", "b"])
  all    = merge({ a = 1 }, "b")
}
"#;
    assert_snapshot!(shown(text.trim_start()), @r#"
    error: Invalid argument
     --> live/prod/app/terragrunt.hcl:2:21
      |
    2 |   number = tonumber("12a")
      |                     ^^^^^ not a suitable argument
      |
      = The argument "value" of tonumber() cannot be converted: a number is required, and "12a" is none.
      = help: write another value here

    error: Invalid argument
     --> live/prod/app/terragrunt.hcl:3:17
      |
    3 |   text   = join(["a", "b"])
      |                 ^^^^^^^^^^ not a suitable argument
      |
      = The argument "separator" of join() is not suitable: a string is required.
      = help: it is called as join(separator, lists, …)

    error: Invalid argument
     --> live/prod/app/terragrunt.hcl:4:29
      |
    4 |   all    = merge({ a = 1 }, "b")
      |                             ^^^ not a suitable argument
      |
      = The argument "maps" of merge() must be a map or an object, not a string.
      = help: it is called as merge(maps, …)
    "#);
}

#[test]
fn the_same_is_told_to_programs_as_terraform_tells_it() {
    let problems = problems("inputs = {\n  region = local.regoin\n}\n");
    assert_snapshot!(diagnostics_as_json(&problems), @r#"
    [
      {
        "severity": "error",
        "summary": "Unknown attribute",
        "detail": "`local` has no attribute \"regoin\".",
        "range": {
          "filename": "live/prod/app/terragrunt.hcl",
          "start": {
            "line": 2,
            "column": 17,
            "byte": 27
          },
          "end": {
            "line": 2,
            "column": 24,
            "byte": 34
          }
        },
        "snippet": {
          "code": "  region = local.regoin",
          "start_line": 2,
          "highlight_start_offset": 16,
          "highlight_end_offset": 23
        },
        "label": "no such attribute",
        "help": [
          "did you mean \"region\"?"
        ],
        "suggestion": {
          "range": {
            "filename": "live/prod/app/terragrunt.hcl",
            "start": {
              "line": 2,
              "column": 18,
              "byte": 28
            },
            "end": {
              "line": 2,
              "column": 24,
              "byte": 34
            }
          },
          "snippet": {
            "code": "  region = local.regoin",
            "start_line": 2,
            "highlight_start_offset": 17,
            "highlight_end_offset": 23
          },
          "replacement": "region"
        }
      }
    ]
    "#);
}
