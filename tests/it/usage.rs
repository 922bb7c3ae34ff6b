//! Command lines that cannot be done: what they say, and with which code.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn said(line: &str) -> String {
    Sandbox::new("").terrane(line)
}

#[test]
fn ten_wrong_command_lines_say_what_to_type() {
    assert_snapshot!(said("plna"), @"
    stderr:
    error: there is no command `terrane plna`
     |
     = help: did you mean `terrane plan`?
     = help: `terrane --help` lists all commands
    exit 64
    ");
    assert_snapshot!(said("console"), @"
    stderr:
    error: there is no command `terrane console`
     |
     = help: it is a command of terraform's: write `terrane run -- console`
    exit 64
    ");
    assert_snapshot!(said("run --all plan -destroy"), @"
    stderr:
    error: `-destroy` stands where only flags of terrane can stand
     |
     = help: flags of terraform's stand after `--`: `terrane run --all -- plan -destroy`
    exit 64
    ");
    assert_snapshot!(said("run"), @"
    stderr:
    error: the following required arguments were not provided
     |
     = <COMMAND>...
     = help: write terrane run [OPTIONS] [--] <COMMAND> [ARGS]...
    exit 64
    ");
    assert_snapshot!(said("run-all plan --paralellism 4"), @"
    stderr:
    error: `terrane run-all` has no flag `--paralellism`
     |
     = help: did you mean `--parallelism`?
     = help: flags of terraform's stand after `--`
    exit 64
    ");
    assert_snapshot!(said("find --format yaml"), @"
    stderr:
    error: invalid value 'yaml' for '--format <FORMAT>'
     |
     = [possible values: text, json]
    exit 64
    ");
    assert_snapshot!(said("run-all plan --parallelism none"), @"
    stderr:
    error: invalid value 'none' for '--parallelism <N>': a number from 1 up is wanted
    exit 64
    ");
    assert_snapshot!(said("apply --all --graph"), @"
    stderr:
    error: the argument '--all' cannot be used with '--graph'
    exit 64
    ");
    assert_snapshot!(said("find --working-dir"), @"
    stderr:
    error: `--working-dir` is the last word, but DIR must follow it
     |
     = help: `terrane find --help` says what it is for
    exit 64
    ");
    assert_snapshot!(said("catalog"), @"
    stderr:
    error: terrane has no command `catalog`
     |
     = help: copy a unit's folder instead
    exit 64
    ");
}

#[test]
fn a_choice_that_a_command_cannot_make_is_not_passed_over() {
    assert_snapshot!(said("hcl fmt --filter vpc..."), @"
    stderr:
    error: `terrane hcl fmt` chooses folders by their names and places
     |
     = what units read, what they need and what has changed is not known to it
     = help: write a name, a path as in './dev/**', or what to leave out as in '!./prod/**'
    exit 64
    ");
}

#[test]
fn nothing_typed_shows_the_help_on_stderr() {
    let said = said("");
    assert!(said.starts_with("stderr:\nRuns Terragrunt trees"), "{said}");
    assert!(said.ends_with("exit 64\n"), "{said}");
}

#[test]
fn help_is_data() {
    for line in [
        "--help",
        "help",
        "plan -h",
        "help hcl fmt",
        "stack output --help",
    ] {
        let said = said(line);
        assert!(
            said.starts_with("stdout:\n") && said.ends_with("exit 0\n"),
            "{line}: {said}"
        );
    }
}

#[test]
fn the_version_is_one_line() {
    assert_snapshot!(said("--version"), @"
    stdout:
    terrane [VERSION]
    exit 0
    ");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new("");
    assert_eq!(sandbox.terrane_into_nothing("--help"), Some(0));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    assert_snapshot!(said("-C nowhere find"), @"
    stderr:
    error: there is no folder nowhere
    exit 64
    ");
}

#[test]
fn a_variable_of_old_is_understood_with_a_note() {
    let sandbox = Sandbox::new("//- a/terragrunt.hcl\n//- b/terragrunt.hcl\n");
    let sandbox = sandbox.variable("TERRAGRUNT_INCLUDE_DIR", "a");
    assert_snapshot!(sandbox.terrane("find"), @"
    stdout:
    a
    stderr:
    note: TERRAGRUNT_INCLUDE_DIR is an old spelling of TG_QUEUE_INCLUDE_DIR
    exit 0
    ");
}
