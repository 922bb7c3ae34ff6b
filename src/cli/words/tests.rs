//! Command lines as people type them, and whose each word is.

use insta::assert_snapshot;

use super::*;
use crate::cli::help::commands;
use crate::report::Again;

fn split(line: &str) -> Result<Words, UsageError> {
    let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
    Words::split(&commands(), &words)
}

/// The command, our flags as typed, and the other words, each group in brackets.
fn shown(line: &str) -> String {
    let words = match split(line) {
        Ok(words) => words,
        Err(error) => return format!("error: {} | {}", error.message, error.help.join(" | ")),
    };
    let flags: Vec<String> = words.flags.iter().map(flag).collect();
    let operands: Vec<_> = words
        .operands
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let notes: Vec<String> = words
        .notes
        .iter()
        .map(|note| format!(" ({note})"))
        .collect();
    format!(
        "[{}] [{}] [{}]{}",
        words.command.join(" "),
        flags.join(" "),
        operands.join(" "),
        notes.concat()
    )
}

fn flag(flag: &TypedFlag) -> String {
    match &flag.value {
        FlagValue::Set => flag.name.clone(),
        FlagValue::Unset => format!("{}:off", flag.name),
        FlagValue::Text(value) => format!("{}={}", flag.name, value.to_string_lossy()),
    }
}

fn all(lines: &[&str]) -> String {
    let lines = lines
        .iter()
        .map(|line| format!("{line}\n  {}\n", shown(line)));
    lines.collect()
}

#[test]
fn our_flags_are_ours_wherever_they_stand() {
    assert_snapshot!(all(&[
        "plan -target=x --no-auto-init",
        "--working-dir live find --json",
        "-C live plan",
        "find -C live",
        "--feature a=1 plan --feature=b=2",
        "--no-auto-init plan",
        "run --all plan --queue-exclude-dir dev/b",
        "plan --parallelism 4 -j 8 -j9",
        "apply --non-interactive=true --no-color=false",
        "find --include-dependencies --include-dependents=2 x",
    ]), @"
    plan -target=x --no-auto-init
      [plan] [no-auto-init] [-target=x]
    --working-dir live find --json
      [find] [working-dir=live json] []
    -C live plan
      [plan] [working-dir=live] []
    find -C live
      [find] [working-dir=live] []
    --feature a=1 plan --feature=b=2
      [plan] [feature=a=1 feature=b=2] []
    --no-auto-init plan
      [plan] [no-auto-init] []
    run --all plan --queue-exclude-dir dev/b
      [run] [all queue-exclude-dir=dev/b] [plan]
    plan --parallelism 4 -j 8 -j9
      [plan] [parallelism=4 parallelism=8 parallelism=9] []
    apply --non-interactive=true --no-color=false
      [apply] [non-interactive no-color:off] []
    find --include-dependencies --include-dependents=2 x
      [find] [include-dependencies include-dependents=2] [x]
    ");
}

#[test]
fn one_dash_is_terraforms_and_so_is_what_stands_after_two() {
    assert_snapshot!(all(&[
        "plan -var x=1 -out=p -json",
        "output -json",
        "run-all plan -lock=false -- --parallelism=3",
        "run -- plan --no-auto-init -j 4",
        "run --all -- apply -destroy",
        "stack run plan -target=x",
        "state mv -lock=false a b",
        "plan --auto-approve --var-file=x.tfvars",
        "exec --in-download-dir aws --json s3 -C",
        "exec -- note --working-dir x",
    ]), @"
    plan -var x=1 -out=p -json
      [plan] [] [-var x=1 -out=p -json]
    output -json
      [output] [] [-json]
    run-all plan -lock=false -- --parallelism=3
      [run-all] [] [plan -lock=false --parallelism=3]
    run -- plan --no-auto-init -j 4
      [run] [] [plan --no-auto-init -j 4]
    run --all -- apply -destroy
      [run] [all] [apply -destroy]
    stack run plan -target=x
      [stack run] [] [plan -target=x]
    state mv -lock=false a b
      [state] [] [mv -lock=false a b]
    plan --auto-approve --var-file=x.tfvars
      [plan] [no-auto-approve:off] [-var-file=x.tfvars] (--auto-approve is an old spelling of --no-auto-approve)
    exec --in-download-dir aws --json s3 -C
      [exec] [in-download-dir] [aws --json s3 -C]
    exec -- note --working-dir x
      [exec] [] [note --working-dir x]
    ");
}

#[test]
fn old_spellings_are_understood_and_named() {
    assert_snapshot!(all(&[
        "plan --terragrunt-working-dir live --terragrunt-iam-role r",
        "run-all plan --terragrunt-include-dir a --terragrunt-ignore-dependency-errors",
        "plan-all --terragrunt-non-interactive",
        "hclfmt --terragrunt-check --terragrunt-hclfmt-file x.hcl",
        "render-json --terragrunt-json-out x.json",
        "graph-dependencies",
        "validate-inputs",
        "plan --terragrunt-no-auto-init --queue-exclude-external --no-tip x y",
        "plan --backend-bootstrap",
    ]), @"
    plan --terragrunt-working-dir live --terragrunt-iam-role r
      [plan] [working-dir=live role=r] [] (--terragrunt-working-dir is an old spelling of --working-dir) (--terragrunt-iam-role is an old spelling of --role)
    run-all plan --terragrunt-include-dir a --terragrunt-ignore-dependency-errors
      [run-all] [queue-include-dir=a queue-ignore-errors] [plan] (--terragrunt-include-dir is an old spelling of --queue-include-dir) (--terragrunt-ignore-dependency-errors is an old spelling of --queue-ignore-errors)
    plan-all --terragrunt-non-interactive
      [run-all] [non-interactive] [plan] (`terrane plan-all` is an old spelling of `terrane run-all plan`) (--terragrunt-non-interactive is an old spelling of --non-interactive)
    hclfmt --terragrunt-check --terragrunt-hclfmt-file x.hcl
      [hcl fmt] [check file=x.hcl] [] (`terrane hclfmt` is an old spelling of `terrane hcl fmt`) (--terragrunt-check is an old spelling of --check) (--terragrunt-hclfmt-file is an old spelling of --file)
    render-json --terragrunt-json-out x.json
      [render] [json write out=x.json] [] (`terrane render-json` is an old spelling of `terrane render --json --write`) (--terragrunt-json-out is an old spelling of --out)
    graph-dependencies
      [dag graph] [] [] (`terrane graph-dependencies` is an old spelling of `terrane dag graph`)
    validate-inputs
      [hcl validate] [inputs] [] (`terrane validate-inputs` is an old spelling of `terrane hcl validate --inputs`)
    plan --terragrunt-no-auto-init --queue-exclude-external --no-tip x y
      [plan] [no-auto-init] [y] (--terragrunt-no-auto-init is an old spelling of --no-auto-init)
    plan --backend-bootstrap
      [plan] [] [] (--backend-bootstrap is passed over: terrane never creates a state bucket or a lock table by itself)
    ");
}

#[test]
fn what_cannot_be_understood_says_what_to_type() {
    assert_snapshot!(all(&[
        "frobnicate",
        "fnd",
        "workspace list",
        "hcl fromat",
        "backend bootstrap",
        "run --all plan -destroy",
        "run-all plan --paralelism 4",
        "find --jsn",
        "find -x",
        "plan --auto-aprove",
        "plan --experimental-engine",
        "find --working-dir",
        "plan --no-auto-init=perhaps",
    ]), @"
    frobnicate
      error: there is no command `terrane frobnicate` | `terrane run -- frobnicate` hands a command to terraform, whatever its name | `terrane --help` lists all commands
    fnd
      error: there is no command `terrane fnd` | did you mean `terrane find`? | `terrane --help` lists all commands
    workspace list
      error: there is no command `terrane workspace` | it is a command of terraform's: write `terrane run -- workspace`
    hcl fromat
      error: there is no command `terrane hcl fromat` | did you mean `terrane hcl format`? | `terrane hcl --help` lists all commands
    backend bootstrap
      error: terrane has no command `backend` | terrane never creates, moves or deletes a state bucket
    run --all plan -destroy
      error: `-destroy` stands where only flags of terrane can stand | flags of terraform's stand after `--`: `terrane run --all -- plan -destroy`
    run-all plan --paralelism 4
      error: `terrane run-all` has no flag `--paralelism` | did you mean `--parallelism`? | flags of terraform's stand after `--`
    find --jsn
      error: `terrane find` has no flag `--jsn` | did you mean `--json`? | `terrane find --help` lists all flags
    find -x
      error: `terrane find` has no flag `-x` | `terrane find --help` lists all flags
    plan --auto-aprove
      error: `terrane plan` has no flag `--auto-aprove` | terraform has a flag `-auto-approve` | flags of terraform's stand after `--`
    plan --experimental-engine
      error: `--experimental-engine` cannot be used with terrane | terrane runs terraform and tofu themselves, not engines of Terragrunt's
    find --working-dir
      error: `--working-dir` is the last word, but DIR must follow it | `terrane find --help` says what it is for
    plan --no-auto-init=perhaps
      error: `--no-auto-init` is either true or false, not `perhaps` |
    ");
}

#[test]
fn a_flag_takes_a_value_everywhere_or_nowhere() {
    fn visit(command: &clap::Command, seen: &mut std::collections::BTreeMap<String, bool>) {
        for arg in command.get_arguments() {
            for name in names_of(arg) {
                let before = *seen
                    .entry(name.to_owned())
                    .or_insert_with(|| takes_value(arg));
                assert_eq!(
                    before,
                    takes_value(arg),
                    "--{name} of {}",
                    command.get_name()
                );
            }
        }
        command
            .get_subcommands()
            .for_each(|subcommand| visit(subcommand, seen));
    }
    visit(&commands(), &mut std::collections::BTreeMap::new());
}

#[test]
fn old_names_lead_to_flags_that_exist() {
    fn knows(command: &clap::Command, name: &str) -> bool {
        flag_of(command, name).is_some()
            || command
                .get_subcommands()
                .any(|subcommand| knows(subcommand, name))
    }
    let commands = commands();
    for old in terragrunt::old_flags() {
        match old.fate {
            Fate::Renamed(now) | Fate::Inverted(now) => assert!(knows(&commands, now), "{now}"),
            Fate::Needless | Fate::Ignored(_) | Fate::Refused(_) => {
                assert!(
                    !knows(&commands, old.name),
                    "{} is a flag of ours",
                    old.name
                );
            }
        }
    }
}

#[test]
fn every_shortcut_is_a_command() {
    let commands = commands();
    for name in SHORTCUTS {
        assert!(commands.find_subcommand(name).is_some(), "{name}");
    }
}

/// With `FILTERS` where they go.
fn again(line: &str) -> String {
    let commands = commands();
    let words: Vec<OsString> = shlex::split(line)
        .expect("its quotes end")
        .into_iter()
        .map(OsString::from)
        .collect();
    let words = Words::split(&commands, &words).expect("it is understood");
    match words.again(leaf(&commands, &words.command)) {
        Again::Line { before, behind } => format!("{before} FILTERS{behind}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_line_can_be_typed_again_for_other_units() {
    let all = [
        "run-all plan",
        "-C 3-prod run-all apply --non-interactive --out-dir 'my plans' -j 4 --filter vpc",
        "run --all --queue-include-dir a --queue-exclude-dir b -- plan -lock=false",
        "plan --all --filter dev --filter '!dev/dns' -target='x[\"y\"]' --include-dependents=2",
        "run-all plan --no-auto-init=false --terragrunt-iam-assume-role arn:x",
        "stack run plan",
        "run --graph apply",
        "run-all plan -var password=hunter2",
        "run-all plan -- -backend-config=secret_key=hunter2",
        "run-all plan --source git::https://jane:hunter2@example.org/x.git",
        "run-all plan --role-web-identity-token hunter2",
        "run-all plan --role-web-identity-token github -var-file=x.tfvars",
    ];
    let all = all.map(|line| format!("{line}\n  {}\n", again(line)));
    assert_snapshot!(all.concat(), @r#"
    run-all plan
      terrane run-all plan FILTERS
    -C 3-prod run-all apply --non-interactive --out-dir 'my plans' -j 4 --filter vpc
      terrane run-all apply -C 3-prod --non-interactive --out-dir 'my plans' -j 4 FILTERS
    run --all --queue-include-dir a --queue-exclude-dir b -- plan -lock=false
      terrane run --all --queue-exclude-dir b FILTERS -- plan -lock=false
    plan --all --filter dev --filter '!dev/dns' -target='x["y"]' --include-dependents=2
      terrane plan '-target=x["y"]' --all --filter '!dev/dns' FILTERS
    run-all plan --no-auto-init=false --terragrunt-iam-assume-role arn:x
      terrane run-all plan --no-auto-init=false --role arn:x FILTERS
    stack run plan
      terrane stack run plan FILTERS
    run --graph apply
      Unknown
    run-all plan -var password=hunter2
      InWords
    run-all plan -- -backend-config=secret_key=hunter2
      InWords
    run-all plan --source git::https://jane:hunter2@example.org/x.git
      InWords
    run-all plan --role-web-identity-token hunter2
      InWords
    run-all plan --role-web-identity-token github -var-file=x.tfvars
      terrane run-all plan -var-file=x.tfvars --role-web-identity-token github FILTERS
    "#);
}
