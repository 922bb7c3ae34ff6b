//! Runs that do not start, or leave a unit alone, since it would do harm or cannot be done.

use insta::assert_snapshot;

use super::{CHAIN, Estate};
use crate::sandbox::Sandbox;

#[test]
fn nothing_is_applied_in_many_units_unless_somebody_says_yes() {
    let estate = Estate::new(CHAIN);
    assert_snapshot!(estate.terrane("run-all apply"), @r"
    stderr:
    error: nobody is here to confirm `apply` for 3 units
     |
     = help: write `terrane run-all apply --non-interactive`, or add -auto-approve
    exit 4
    ");
    assert_eq!(estate.calls(), "");
    estate.terrane("run-all apply -- -auto-approve");
    assert!(estate.calls().contains("c: apply"));
}

#[test]
fn what_must_not_be_destroyed_is_not() {
    let estate = Estate::new(
        "
//- u/terragrunt.hcl
prevent_destroy = true
//- u/main.tf
",
    );
    let alone = Estate(estate.0.start_in("u"));
    let seen = alone.terrane("destroy -auto-approve");
    assert!(seen.contains("prevent_destroy"), "{seen}");
    assert!(seen.ends_with("exit 1\n"), "{seen}");
    let all = Estate(alone.0.start_in("."));
    let seen = all.terrane("run-all destroy --non-interactive");
    assert!(seen.ends_with("exit 0\n"), "{seen}");
    assert_eq!(all.calls(), "");
}

#[test]
fn a_state_of_another_unit_anywhere_in_the_root_is_not_written_to() {
    let unit = r#"
remote_state {
  backend = "s3"
  config  = { bucket = "states", key = "same", region = "us-east-1" }
}
"#;
    let estate = Estate::new("//- dev/a/main.tf");
    estate.0.write("dev/a/terragrunt.hcl", unit);
    estate.0.write("prod/b/terragrunt.hcl", unit);
    estate.0.write(".git/HEAD", "");
    let refused = estate.terrane("apply -C dev/a -auto-approve");
    assert!(
        refused.contains("dev/a and prod/b both keep their state")
            || refused.contains("prod/b and dev/a both keep"),
        "{refused}"
    );
    assert!(refused.ends_with("exit 4\n"), "{refused}");
    let narrower = estate.terrane("apply -C dev/a --root dev -auto-approve");
    assert!(!narrower.contains("both keep their state"), "{narrower}");
}

#[test]
fn two_units_with_one_state_are_refused() {
    let unit = r#"
remote_state {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "same/terraform.tfstate"
    region = "us-east-1"
  }
}
"#;
    let estate = Estate::new("//- a/main.tf");
    estate.0.write("a/terragrunt.hcl", unit);
    estate.0.write("b/terragrunt.hcl", unit);
    assert_snapshot!(estate.terrane("run-all plan"), @"
    stderr:
    error: Two units have one state
     --> b/terragrunt.hcl:2:1
      |
    2 | remote_state {
      | ^^^^^^^^^^^^
      |
      = a and b both keep their state in s3://states/same/terraform.tfstate; whichever is applied last would take the other's resources for its own.
      = help: give each a key of its own, path_relative_to_include() for example
      = help: where only one of them is ever used, --root DIR leaves out what lies elsewhere
    exit 4
    ");
    assert_eq!(estate.calls(), "");
}

#[test]
fn a_machine_without_an_engine_says_where_it_was_looked_for() {
    let estate = Sandbox::new("//- a/terragrunt.hcl\n//- a/main.tf");
    assert_snapshot!(estate.terrane("run-all plan"), @r"
    stderr:
    error: tofu or terraform was not found
     |
     = looked for: [TOP]/bin/tofu, [TOP]/bin/terraform
     = help: install terraform or tofu, or name one with --tf-path
    exit 1
    ");
}

#[test]
fn broken_files_stop_the_run_before_it_starts() {
    let estate = Estate::new(CHAIN);
    estate
        .0
        .write("c/terragrunt.hcl", "locals {\n  x = nope(1)\n}\n");
    let seen = estate.terrane("run-all plan");
    assert!(seen.contains("c/terragrunt.hcl:2"), "{seen}");
    assert!(seen.ends_with("exit 1\n"), "{seen}");
    assert_eq!(estate.calls(), "");
}

#[test]
fn a_unit_that_others_need_is_not_destroyed_unasked() {
    let estate = Estate::new(CHAIN);
    estate.0.write(".git/HEAD", "");
    let alone = estate.start_in("a");
    assert_snapshot!(alone.terrane("destroy --destroy-dependencies-check -auto-approve"), @r"
    stderr:
    error: other units need this one
     |
     = b
     = help: destroy them first, or add --non-interactive
    exit 4
    ");
    assert_eq!(alone.calls(), "");
}

#[test]
fn without_credentials_one_sentence_says_so_and_nothing_starts() {
    let estate = Estate::new(
        r#"
//- a/terragrunt.hcl
iam_role = "arn:aws:iam::111111111111:role/doer"
//- a/main.tf
//- b/terragrunt.hcl
iam_role = "arn:aws:iam::222222222222:role/doer"
//- b/main.tf
"#,
    );
    assert_snapshot!(estate.terrane("run-all plan"), @"
    stderr:
    error: nobody can act for these units
     |
     = the base identity cannot be used: no credentials were found: nothing in the environment names any credentials
     = help: set AWS_PROFILE, or log in, or give keys in the environment
     = help: run: terrane doctor
    exit 1
    ");
    assert_eq!(estate.calls(), "");
}
