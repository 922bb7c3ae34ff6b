//! Brackets, strings and heredocs that do not end where they should.

use super::errors;

#[test]
fn an_unclosed_object_is_told_where_indentation_shows_it() {
    let text = r#"
locals {
  env = "prod"
}

inputs = {
  tags = {
    team = "core"
    cost = "42"

  name = "app"
}

terraform {
  source = "../modules//app"
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    13:11 Unclosed object
      The object that begins in line 5 is not closed before this line.
      here: `}` is expected before this
      5:10: opened here
      6:10: by its indentation, this may be the one that is not closed
      10:3: its closing bracket may be missing before this line
      help: add the closing } before this line
    ");
}

#[test]
fn a_heredoc_without_its_marker_does_not_hide_the_rest() {
    let text = r#"
generate "provider" {
  path     = "provider.tf"
  contents = <<EOT
provider "aws" {
  region = "${local.region}"
}
EOT : ""
}

inputs = {
  a = 
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    11:7 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: write a value behind the equals sign; where there is none, write null
    13:1 Unclosed string
      The file ends before the line with the heredoc's closing marker `EOT`.
      here: the text ends here
      3:14: begins here
      7:1: this is not the marker alone on its line
      help: the line of the marker has nothing but `EOT` on it, and ends with a newline
    ");
}

#[test]
fn each_unclosed_bracket_is_told_with_its_opening_one() {
    let text = r#"
locals {
  list = [
    "a",
    "b"

  call = merge(local.x, {
    c = 1
  }

  text = "${lookup(local.m, "k"}"
  index = local.x[0
  nested = [for x in local.list : {
    name = x
  ]
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    6:3 Unclosed list
      The list that begins in line 2 is not closed before this line.
      here: `]` is expected before this
      2:10: opened here
      change:  -> ]
    10:3 Unclosed call
      The call that begins in line 6 is not closed before this line.
      here: `)` is expected before this
      6:15: opened here
      change:  -> )
    10:32 Unclosed call
      The call that begins in line 10 is not closed before this `}`.
      here: `)` is expected before this
      10:19: opened here
      change:  -> )
    12:3 Unclosed index
      The index that begins in line 11 is not closed before this line.
      here: `]` is expected before this
      11:18: opened here
      change:  -> ]
    14:3 Unclosed object
      The object that begins in line 12 is not closed before this `]`.
      here: `}` is expected before this
      12:35: opened here
    ");
}

#[test]
fn what_follows_an_unclosed_object_is_read_as_it_is_meant() {
    let text = r#"
inputs = {
  name = "x"

dependency "vpc" {
  config_path = "../vpc"
}

dependency "db" {
  config_path = "../db"
  outputs = [1 2]
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    4:12 Unclosed object
      The object that begins in line 1 is not closed before this line.
      here: `}` is expected before this
      1:10: opened here
      help: add the closing } before this line
    10:16 Missing comma
      Behind an item of a list a comma or the closing bracket must follow, not `2`.
      here: a comma or a closing bracket is expected
      change:  -> ,
    ");
}

#[test]
fn a_brace_too_many_is_told_where_indentation_shows_it() {
    let text = "inputs = {\n  a = {\n    b = 1\n    }\n  }\n  c = 2\n}\n";
    insta::assert_snapshot!(errors(text), @"
    7:1 Unexpected closing brace
      No block is open here that this brace could close.
      here: closes nothing
      4:5: by its indentation, this may be the one too many
    ");
}

#[test]
fn a_heredoc_that_takes_the_rest_of_the_file_is_told_alone() {
    let text = "
locals {
  text = <<-EOT
    some lines
}

inputs = {
  a = 1
}
";
    insta::assert_snapshot!(errors(text.trim_start()), @"
    9:1 Unclosed string
      The file ends before the line with the heredoc's closing marker `EOT`.
      here: the text ends here
      2:10: begins here
      help: the line of the marker has nothing but `EOT` on it, and ends with a newline
    ");
}
