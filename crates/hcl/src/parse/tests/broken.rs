//! Broken files as people write them, and all that they are told.

use super::errors;

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let text = r#"
include "root" {
  path = find_in_parent_folders('root.hcl')
}

locals {
  region  = "eu-west-1
  account: "111111111111"
  subnets = ["a", "b" "c"]
}

dependency "vpc"
{
  config_path = "../vpc"
  mock_outputs = {
    vpc_id = 
    cidr   = "10.0.0.0/16",
    tags   {
      a = 1
    }
  }
}

inputs = merge(local.common, {
  name  = "app"
  size  = local.prod ?
    "l" :
    "s"
  count = 3
})
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @r#"
    2:33 Invalid character
      Strings stand in double quotes here; ' begins none.
      here: not a quote
      help: write the string in double quotes: "…"
      change: 'root.hcl' -> "root.hcl"
    6:23 String goes beyond its line
      A string in quotes must end on the line where it begins.
      here: the closing quote is missing
      6:13: begins here
      help: end it with a quote on this line; for a newline in it write \n, and for many lines use a heredoc
    7:3 Attribute or block expected
      Behind `account` stands `:`: that is neither an attribute nor a block.
      here: neither an attribute nor a block
      help: an attribute is written `account = …`
      change: : -> =
    8:23 Missing comma
      Behind an item of a list a comma or the closing bracket must follow, not a string.
      here: a comma or a closing bracket is expected
      change:  -> ,
    11:17 Incomplete block
      A label or an opening brace is expected here, not the end of the line.
      here: a brace is expected
      help: the opening brace stands on the same line as the block's name
    15:14 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: write a value behind the equals sign; where there is none, write null
    17:12 Missing equals sign
      Behind a key an equals sign and a value must follow, not `{`.
      here: an equals sign is expected
      17:5: the key
      help: there are no blocks within an object; since version 2 of the language one writes `tags = { … }`
    25:23 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: an expression goes on in the next line only within ( ), [ ] or { }; put parentheses around it
    "#);
}

#[test]
fn files_of_the_first_version_of_the_language_are_recognised() {
    let text = r#"
terragrunt = {
  terraform {
    source = "git::git@github.com:org/modules.git//app"
  }

  include {
    path = "${find_in_parent_folders()}"
  }

  dependencies {
    paths = ["../vpc", "../db"]
  }
}

aws_region = "eu-west-1"
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    2:13 Missing equals sign
      Behind a key an equals sign and a value must follow, not `{`.
      here: an equals sign is expected
      2:3: the key
      help: so Terragrunt was configured before version 0.19: take away `terragrunt = {` and the brace that closes it
    6:11 Missing equals sign
      Behind a key an equals sign and a value must follow, not `{`.
      here: an equals sign is expected
      6:3: the key
      help: so Terragrunt was configured before version 0.19: take away `terragrunt = {` and the brace that closes it
    10:16 Missing equals sign
      Behind a key an equals sign and a value must follow, not `{`.
      here: an equals sign is expected
      10:3: the key
      help: so Terragrunt was configured before version 0.19: take away `terragrunt = {` and the brace that closes it
    ");
}

#[test]
fn a_merge_conflict_is_one_mistake() {
    let text = r#"
include "root" {
  path = find_in_parent_folders("root.hcl")
}

<<<<<<< HEAD
inputs = {
  size = 3
}
=======
inputs = {
  size = 4
}
>>>>>>> feature/size

locals {
  a = 
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    5:1 Merge conflict
      This line is a marker that git left where two versions of the file disagree.
      here: a conflict begins here
      9:1: the other version begins here
      13:1: and ends here
      help: keep what is right of both versions, and remove the lines <<<<<<<, ======= and >>>>>>>
    16:7 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: write a value behind the equals sign; where there is none, write null
    ");
}

#[test]
fn placeholders_of_other_programs_are_recognised() {
    let text = r#"
locals {
  region = {{ .AWSRegion }}
  name   = "{{ .Name }}"
  account = {{account_id}}
}
{% if prod %}
inputs = {
  size = "l"
}
{% endif %}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    2:12 Placeholder was not replaced
      `{{ .AWSRegion }}` is for a program that fills in templates, such as boilerplate, cookiecutter or Jinja. This language reads it as two braces.
      here: a placeholder
      help: have the template filled in first, or leave its folder out of what is read
    4:13 Placeholder was not replaced
      `{{account_id}}` is for a program that fills in templates, such as boilerplate, cookiecutter or Jinja. This language reads it as two braces.
      here: a placeholder
      help: have the template filled in first, or leave its folder out of what is read
    6:1 Placeholder was not replaced
      `{% if prod %}` is for a program that fills in templates, such as boilerplate, cookiecutter or Jinja. This language reads it as two braces.
      here: a placeholder
      help: have the template filled in first, or leave its folder out of what is read
    10:1 Placeholder was not replaced
      `{% endif %}` is for a program that fills in templates, such as boilerplate, cookiecutter or Jinja. This language reads it as two braces.
      here: a placeholder
      help: have the template filled in first, or leave its folder out of what is read
    ");
}

#[test]
fn backslashes_of_paths_and_regular_expressions_are_recognised() {
    let text = r#"
terraform {
  source = "C:\Users\ann\modules\app"
  extra_arguments "vars" {
    commands  = ["plan"]
    arguments = ["-var-file=..\common.tfvars"]
  }
}
inputs = {
  pattern = "^\d+\.\d+$"
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @r#"
    2:15 Invalid escape sequence
      Behind `\U` 8 hexadecimal digits must follow.
      here: too few digits
      help: a path has slashes on Windows, too: write / in place of each backslash
      change: C:\Users\ann\modules\app -> C:/Users/ann/modules/app
    5:31 Invalid escape sequence
      `\c` means nothing. There are \n, \r, \t, \", \\, \u and \U.
      here: no escape sequence
      help: a path has slashes on Windows, too: write / in place of each backslash
      change: -var-file=..\common.tfvars -> -var-file=../common.tfvars
    9:15 Invalid escape sequence
      `\d` means nothing. There are \n, \r, \t, \", \\, \u and \U.
      here: no escape sequence
      help: within a string each backslash of a regular expression is written twice
      change: ^\d+\.\d+$ -> ^\\d+\\.\\d+$
    "#);
}

#[test]
fn quotes_of_all_kinds_are_recognised() {
    let text = r#"
locals {
  name   = “app”
  region = 'eu-west-1'
  az     = ‘a’
  path   = "${get_terragrunt_dir()/x"
  text   = foo"
}
inputs = {
  a = $name
  b = ${local.name}
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @r#"
    2:12 Invalid character
      This is a typographic quote, as text processors and chat programs put in place of straight ones. Strings stand in straight double quotes.
      here: a curly quote
      help: replace the curly quotes by straight ones: "…"
      change: “app” -> "app"
    3:12 Invalid character
      Strings stand in double quotes here; ' begins none.
      here: not a quote
      help: write the string in double quotes: "…"
      change: 'eu-west-1' -> "eu-west-1"
    4:12 Invalid character
      Strings stand in double quotes here; ‘ begins none.
      here: not a quote
      help: write the string in double quotes: "…"
      change: ‘a’ -> "a"
    5:38 String goes beyond its line
      A string in quotes must end on the line where it begins.
      here: the closing quote is missing
      5:37: begins here
      5:13: within a sequence that is not closed
      help: if the quote was meant to end the string, a } is missing before it
      help: for the characters ${ themselves write $${
    6:16 String goes beyond its line
      A string in quotes must end on the line where it begins.
      here: the closing quote is missing
      6:15: begins here
      help: if this quote was meant to end a string, its opening quote is missing
    9:7 Invalid character
      A dollar sign has a meaning only within a string, as the start of ${…}.
      here: a dollar sign
      help: refer to a value by its name alone, such as local.name
    10:7 Invalid character
      The form ${…} belongs into strings; outside of them an expression stands alone.
      here: outside of a string
      help: remove ${ and }, or put quotes around them
      change: ${local.name} -> local.name
    "#);
}

#[test]
fn slips_that_other_languages_suggest_are_recognised() {
    let text = r#"
locals {
  a == 1
  b := 2
  c = a = 1 ? "x" : "y"
  d = x and y
  e = not z
  f = [1, 2, ...local.g]
  h = local.x ?? "y"
  i = local.x?.y
  j = 10GB
  k = 1_000
  l = if local.x then 1 else 2
  m = 1,
  n = {
    o == 1
    p => 2
    q,
    r: 3,
  }
  a = 2
  s = "x" + 
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @r#"
    2:3 Attribute or block expected
      Behind `a` stands `==`: that is neither an attribute nor a block.
      here: neither an attribute nor a block
      help: an attribute is written `a = …`
      change: == -> =
    3:3 Attribute or block expected
      Behind `b` stands `:`: that is neither an attribute nor a block.
      here: neither an attribute nor a block
      help: an attribute is written `b = …`
      change: := -> =
    4:9 End of line expected
      The attribute ends here, and so must its line, but `=` follows.
      here: behind the end of the attribute
      help: values are compared with ==
      change: = -> ==
    5:9 End of line expected
      The attribute ends here, and so must its line, but `and` follows.
      here: behind the end of the attribute
      help: the logical "and" is &&
      change: and -> &&
    6:11 End of line expected
      The attribute ends here, and so must its line, but `z` follows.
      here: behind the end of the attribute
      help: the logical "not" is !
    7:14 Invalid expression
      An expression must begin here, but this is `...`.
      here: an expression is expected
      help: lists are joined by concat(one, other), objects by merge(one, other)
    8:16 Invalid expression
      An expression must begin here, but this is `?`.
      here: an expression is expected
      help: for another value in place of null call coalesce(one, other)
    9:15 Invalid expression
      An expression must begin here, but this is `.`.
      here: an expression is expected
      help: for another value where an attribute is missing call try(a.b, other)
    10:9 End of line expected
      The attribute ends here, and so must its line, but `GB` follows.
      here: behind the end of the attribute
      help: a number with a unit is a text, which stands in quotes
    11:8 End of line expected
      The attribute ends here, and so must its line, but `_000` follows.
      here: behind the end of the attribute
      help: digits are written without anything between them
    12:10 End of line expected
      The attribute ends here, and so must its line, but `local` follows.
      here: behind the end of the attribute
      help: a choice between two values is written `condition ? one : other`
    13:8 End of line expected
      The attribute ends here, and so must its line, but `,` follows.
      here: behind the end of the attribute
      help: attributes are separated by newlines; remove the comma
      change: , -> 
    15:11 Missing value
      Behind a key an equals sign and a value must follow, not the end of the line.
      here: an equals sign is expected
      15:5: the key
      help: a key and its value are joined by one equals sign
      change: == -> =
    16:7 Missing equals sign
      Behind a key an equals sign and a value must follow, not `=>`.
      here: an equals sign is expected
      16:5: the key
      help: `=>` belongs into `for` expressions only
    17:6 Missing value
      Behind a key an equals sign and a value must follow, not `,`.
      here: an equals sign is expected
      17:5: the key
      help: there is no short form: write `q = …`
    21:13 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: an expression goes on in the next line only within ( ), [ ] or { }; put parentheses around it
    "#);
}

#[test]
fn expressions_do_not_go_on_by_themselves() {
    let text = r#"
locals {
  a = local.x
    ? "y"
    : "z"
  b = local.x &&
    local.y
  c = [
    "a"
    "b"
    "c"
  ]
}
"#;
    insta::assert_snapshot!(errors(text.trim_start()), @"
    3:5 Attribute or block expected
      An attribute or a block must begin here, and `?` begins neither.
      here: neither a name nor a block
      help: an expression goes on in the next line only within ( ), [ ] or { }; put parentheses around it
    5:17 Missing expression
      An expression must begin here, but this is the end of the line.
      here: an expression is expected
      help: an expression goes on in the next line only within ( ), [ ] or { }; put parentheses around it
    9:5 Missing comma
      Behind an item of a list a comma or the closing bracket must follow, not a string.
      here: a comma or a closing bracket is expected
      change:  -> ,
    ");
}
