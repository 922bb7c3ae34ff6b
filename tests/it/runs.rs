//! Runs of units with an engine that follows a script.

mod refused;

use std::path::PathBuf;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::scene::example;

/// An estate whose engine is the fake one.
pub(crate) struct Estate(pub(crate) Sandbox);

impl Estate {
    pub(crate) fn new(files: &str) -> Self {
        let sandbox = Sandbox::new(files);
        let engine = example("fake_engine");
        let engine = engine.to_str().expect("a UTF-8 path");
        let sandbox = sandbox
            .variable("TERRANE_TF_PATH", engine)
            .variable("FAKE_RECORD", "[ROOT]/../calls");
        Self(sandbox)
    }

    pub(crate) fn start_in(self, folder: &str) -> Self {
        Self(self.0.start_in(folder))
    }

    /// What is seen, without what differs from run to run.
    pub(crate) fn terrane(&self, line: &str) -> String {
        let text = self.0.terrane(line);
        let told = text.lines().filter(|line| !line.starts_with("  words "));
        let lines = told.map(|line| {
            let clock = line.as_bytes().get(2) == Some(&b':');
            let line = if clock { &line[10..] } else { line };
            match line.split_once(" · run ") {
                Some((head, _)) => head,
                None => line,
            }
        });
        lines.fold(String::new(), |all, line| all + line + "\n")
    }

    /// How the engine was called since it was asked last.
    pub(crate) fn calls(&self) -> String {
        let record = self.record();
        let calls = std::fs::read_to_string(&record).unwrap_or_default();
        std::fs::remove_file(&record).ok();
        let calls = calls.replace(self.0.root().to_str().expect("UTF-8"), "[ROOT]");
        let not_init = |line: &&str| !line.contains(": init");
        calls
            .lines()
            .filter(not_init)
            .fold(String::new(), |all, line| all + line + "\n")
    }

    fn record(&self) -> PathBuf {
        self.0.root().join("../calls")
    }
}

/// `a` needs nothing, `b` needs `a`'s output, `c` needs `b` done.
const CHAIN: &str = r#"
//- a/terragrunt.hcl
//- a/main.tf
//- a/engine.txt
apply makes outputs.json {"id": {"value": "real", "type": "string", "sensitive": false}}
apply says Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
plan says Plan: 1 to add, 0 to change, 0 to destroy.
//- b/terragrunt.hcl
dependency "a" {
  config_path = "../a"

  mock_outputs                            = { id = "mock" }
  mock_outputs_allowed_terraform_commands = ["plan"]
}
inputs = { id = dependency.a.outputs.id }
//- b/main.tf
//- b/engine.txt
plan says No changes. Your infrastructure matches the configuration.
//- c/terragrunt.hcl
dependencies {
  paths = ["../b"]
}
//- c/main.tf
"#;

#[test]
fn a_plan_goes_along_the_edges_and_mocks_stand_in() {
    let estate = Estate::new(CHAIN);
    let seen = estate.terrane("run-all plan");
    let last = "3 units in [TIME]: 1 to change, 1 unchanged, 1 done  exit 0\nexit 0\n";
    assert!(seen.ends_with(last), "{seen}");
    assert_snapshot!(estate.calls(), @r"
    a: plan -no-color -input=false
    a: output -json
    b: plan -no-color -input=false id=mock
    c: plan -no-color -input=false
    ");
}

#[test]
fn an_output_of_this_very_run_is_read_anew() {
    let estate = Estate::new(CHAIN);
    estate.terrane("run-all apply --non-interactive");
    assert_snapshot!(estate.calls(), @r"
    a: apply -no-color -auto-approve -input=false
    a: output -json
    b: apply -no-color -auto-approve -input=false id=real
    c: apply -no-color -auto-approve -input=false
    ");
}

#[test]
fn a_destroy_goes_the_other_way_round() {
    let estate = Estate::new(CHAIN);
    estate.terrane("run-all apply --non-interactive");
    estate.calls();
    estate.terrane("run-all destroy --non-interactive");
    assert_snapshot!(estate.calls(), @r"
    c: destroy -no-color -auto-approve
    a: output -json
    b: destroy -no-color -auto-approve id=real
    a: destroy -no-color -auto-approve
    ");
}

#[test]
fn mocks_are_kept_out_of_an_apply() {
    let estate = Estate::new(CHAIN).start_in("b");
    assert_snapshot!(estate.terrane("apply -auto-approve"), @r#"
    stderr:
    ✗ .: its configuration is wrong: No outputs yet (after [TIME])
      │ error: No outputs yet
      │  --> terragrunt.hcl:2:3
      │   |
      │ 2 |   config_path = "../a"
      │   |   ^^^^^^^^^^^^^^^^^^^^
      │ ...
      │ 7 | inputs = { id = dependency.a.outputs.id }
      │   |                 ----------------------- asked for here
      │   |
      │   = [ROOT]/a has no outputs for dependency "a": it was never applied, or it was destroyed. Asked for at terragrunt.hcl:7.
      │   = help: its mocks are not for apply; apply it first, or add "apply" to mock_outputs_allowed_terraform_commands
    exit 1
    "#);
    assert_snapshot!(estate.calls(), @"a: output -json");
}

#[test]
fn a_failed_unit_stops_what_needs_it_and_shows_its_words() {
    let estate = Estate::new(CHAIN);
    estate.0.write(
        "a/engine.txt",
        "plan complains Error: no room\nplan exits 3\n",
    );
    estate.0.write("d/terragrunt.hcl", "");
    estate.0.write("d/main.tf", "");
    assert_snapshot!(estate.terrane("run-all plan --parallelism 1"), @"
    stderr:
    terrane [VERSION] · 4 units · terraform 1.11.4
    a  initialising
    a  planning
    a  plan failed     [TIME]
      │ Error: no room
    ✗ a: terraform plan ended with exit code 3 (after [TIME])
      blocked  b, c
    d  initialising
    d  planning
    d  planned         [TIME]
    ✗ a  terraform plan ended with exit code 3

    4 units in [TIME]: 1 done, 1 failed, 2 blocked (by a)  exit 3
    next  terrane run-all plan --parallelism 1 --filter '...{./a}'
    exit 3
    ");
}

#[test]
fn an_auth_provider_that_fails_is_told_once_with_its_unit() {
    let estate = Estate::new(CHAIN);
    let script = "#!/bin/sh\necho the vault is sealed >&2\nexit 3\n";
    estate.0.install("vault-auth", script);
    let line = "run-all plan --filter ./a --auth-provider-cmd vault-auth";
    assert_snapshot!(estate.terrane(line), @"
    stderr:
    terrane [VERSION] · 1 unit · terraform 1.11.4
    a  plan failed     [TIME]
    ✗ a: vault-auth (auth provider) ended with exit code 3 (after [TIME])
      │ the vault is sealed
    ✗ a  vault-auth (auth provider) ended with exit code 3

    1 unit in [TIME]: 1 failed  exit 3
    next  terrane run-all plan --auth-provider-cmd vault-auth --filter './a'
    exit 3
    ");
}

#[test]
fn the_line_for_going_on_can_be_pasted() {
    let estate = Estate::new(CHAIN);
    for unit in ["x/a", "x/d"] {
        estate.0.write(&format!("{unit}/terragrunt.hcl"), "");
        estate.0.write(&format!("{unit}/main.tf"), "");
    }
    estate.0.write("x/a/engine.txt", "plan exits 3\n");
    let told = estate.terrane("run-all plan -C x --filter '**' -- -lock=false");
    let next = told.lines().find_map(|line| line.strip_prefix("next  "));
    let next = next.expect("it failed");
    assert_eq!(
        next,
        "terrane run-all -C x --filter './a' -- plan -lock=false"
    );
    let again = next.strip_prefix("terrane ").expect("a command line");
    let told = estate.terrane(again);
    assert!(told.contains("1 unit in"), "{told}");
    assert!(told.contains(next), "{told}");
}

#[test]
fn a_retry_rule_tries_again_and_an_ignore_rule_lets_pass() {
    let estate = Estate::new(
        r#"
//- flaky/terragrunt.hcl
errors {
  retry "busy" {
    retryable_errors   = [".*busy.*"]
    max_attempts       = 3
    sleep_interval_sec = 0
  }
}
//- flaky/main.tf
//- flaky/engine.txt
plan#1 complains Error: busy
plan#1 exits 1
plan#2 complains Error: busy
plan#2 exits 1
//- known/terragrunt.hcl
errors {
  ignore "known" {
    ignorable_errors = [".*known.*"]
    message          = "the known trouble"
    signals          = { alert = false }
  }
}
//- known/main.tf
//- known/engine.txt
plan complains Error: known
plan exits 1
"#,
    );
    let seen = estate.terrane("run-all plan --report-file report.json");
    assert!(seen.contains("warning: known: the known trouble"), "{seen}");
    assert!(seen.ends_with("exit 0\n"), "{seen}");
    assert_eq!(estate.calls().matches("flaky: plan").count(), 3);
    assert_eq!(
        estate.0.read("known/error-signals.json"),
        "{\n  \"alert\": false\n}"
    );
    let report = estate.0.read("report.json");
    assert!(
        report.contains("retry succeeded") && report.contains("error ignored"),
        "{report}"
    );
}

#[test]
fn a_state_that_was_not_saved_wins_over_everything() {
    let estate = Estate::new(
        "
//- u/terragrunt.hcl
//- u/main.tf
//- u/engine.txt
apply makes errored.tfstate {}
apply complains Error: Failed to save state
apply complains The state has been written to errored.tfstate in the current working directory.
apply exits 1
",
    );
    let seen = estate.terrane("run-all apply --non-interactive");
    assert!(
        seen.contains("STATE AT RISK: terraform apply changed things and could not save its state"),
        "{seen}"
    );
    let next = "  next     terrane run -C [ROOT]/u -- state push [ROOT]/u/.terragrunt-cache/";
    assert!(seen.contains(next), "{seen}");
    assert!(seen.ends_with("exit 6\n"), "{seen}");
}

#[test]
fn a_state_at_risk_is_not_hidden_by_what_goes_wrong_after_it() {
    let estate = Estate::new(
        r#"
//- u/terragrunt.hcl
terraform {
  after_hook "spoil" {
    commands     = ["apply"]
    execute      = ["/bin/mkdir", "-p", ".terragrunt-null-vars.auto.tfvars.json/x"]
    run_on_error = true
  }
}
//- u/main.tf
//- u/engine.txt
apply complains Error: Failed to save state
apply exits 1
"#,
    );
    let seen = estate.terrane("run-all apply --non-interactive");
    assert!(seen.contains("STATE AT RISK"), "{seen}");
    assert!(seen.ends_with("exit 6\n"), "{seen}");
}

#[test]
fn a_hook_that_fails_keeps_the_command_from_running() {
    let estate = Estate::new(
        r#"
//- u/terragrunt.hcl
terraform {
  before_hook "check" {
    commands = ["plan"]
    execute  = ["/bin/sh", "-c", "echo no luck with $TG_CTX_COMMAND >&2; exit 7"]
  }
  after_hook "always" {
    commands     = ["plan"]
    execute      = ["/bin/sh", "-c", "echo swept"]
    run_on_error = true
  }
  after_hook "never" {
    commands = ["plan"]
    execute  = ["/bin/sh", "-c", "echo not to be seen"]
  }
}
//- u/main.tf
"#,
    )
    .start_in("u");
    let seen = estate.terrane("plan");
    assert!(seen.contains("no luck with plan"), "{seen}");
    assert!(
        seen.contains("swept") && !seen.contains("not to be seen"),
        "{seen}"
    );
    assert!(seen.ends_with("exit 7\n"), "{seen}");
    assert_eq!(estate.calls(), "");
    assert!(estate.terrane("plan --no-hooks").ends_with("exit 0\n"));
}

#[test]
fn a_plan_can_tell_by_its_code_that_something_changes() {
    let estate = Estate::new(
        "
//- a/terragrunt.hcl
//- a/main.tf
//- a/engine.txt
plan exits 2
//- b/terragrunt.hcl
//- b/main.tf
",
    );
    let plan = "run --all -- plan -detailed-exitcode";
    assert!(estate.terrane(plan).ends_with("exit 2\n"));
    estate.0.write("b/engine.txt", "plan exits 1\n");
    assert!(estate.terrane(plan).ends_with("exit 1\n"));
}

#[test]
fn saved_plans_are_applied() {
    let estate = Estate::new(CHAIN);
    estate.terrane("run-all apply --non-interactive");
    estate.calls();
    estate.terrane("run-all plan --out-dir plans --json-out-dir json");
    let calls = estate.calls();
    assert!(
        calls.contains("a: plan -no-color -input=false -out=[ROOT]/plans/a/tfplan.tfplan"),
        "{calls}"
    );
    estate.0.remove("plans/c");
    estate.terrane("run-all apply --out-dir plans --non-interactive");
    let calls = estate.calls();
    assert!(
        calls
            .contains("a: apply -no-color -auto-approve -input=false [ROOT]/plans/a/tfplan.tfplan"),
        "{calls}"
    );
    assert!(
        calls.contains("c: apply -no-color -auto-approve -input=false\n"),
        "{calls}"
    );
}

#[test]
fn data_is_passed_on_as_it_is() {
    let estate = Estate::new(CHAIN);
    estate.terrane("run-all apply --non-interactive");
    let alone = estate.start_in("a");
    assert_snapshot!(alone.terrane("output -json"), @r#"
    stdout:
    {"id": {"value": "real", "type": "string", "sensitive": false}}
    exit 0
    "#);
}

#[test]
fn the_words_of_the_last_ten_runs_are_kept() {
    let estate = Estate::new("//- a/terragrunt.hcl\n//- a/main.tf");
    let home = estate.0.root().join("../home/.local/state/terrane/runs");
    for _ in 0..12 {
        estate.terrane("run-all validate");
    }
    let of_estate = std::fs::read_dir(home).expect("runs are kept").next();
    let of_estate = of_estate
        .expect("of one estate")
        .expect("its folder")
        .path();
    assert_eq!(std::fs::read_dir(of_estate).expect("its runs").count(), 10);
}

#[test]
fn exec_runs_a_program_with_the_inputs_of_a_unit() {
    let estate =
        Estate::new("//- a/terragrunt.hcl\ninputs = { x = 7 }\n//- a/main.tf").start_in("a");
    assert_snapshot!(estate.terrane("exec -- /bin/sh -c 'echo $TF_VAR_x; pwd; exit 5'"), @r"
    stdout:
    7
    [ROOT]/a
    stderr:
    ✗ .  /bin/sh ended with exit code 5
    exit 5
    ");
}

#[test]
fn each_unit_can_have_a_line_of_its_own_at_the_end() {
    let estate = Estate::new(CHAIN);
    let seen = estate.terrane("run-all plan --summary-per-unit");
    let words: Vec<&str> = seen.split_whitespace().collect();
    let table = "a planned +1 ~0 -0 [TIME] b planned no changes [TIME] c planned [TIME] 3 units in";
    assert!(words.join(" ").contains(table), "{seen}");
}

#[test]
fn json_lines_tell_the_whole_run() {
    let estate = Estate::new(CHAIN);
    let seen = estate.terrane("run-all plan --log-format json");
    let lines: Vec<&str> = seen.lines().filter(|line| line.starts_with('{')).collect();
    assert!(lines[0].contains("run_started"), "{seen}");
    assert!(
        lines.last().is_some_and(|last| last.contains("run_ended")),
        "{seen}"
    );
    for line in lines {
        serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
    }
}
