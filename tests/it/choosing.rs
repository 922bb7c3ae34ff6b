//! Filters and the other ways of choosing units.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const ESTATE: &str = r#"
//- 0-shared/tgw/terragrunt.hcl
//- 1-dev/vpc/terragrunt.hcl
locals {
  names = read_tfvars_file("names.tfvars")
}
//- 1-dev/vpc/names.tfvars
//- 1-dev/eks/terragrunt.hcl
dependencies { paths = ["../vpc"] }
//- 1-dev/attachment/terragrunt.hcl
dependencies { paths = ["../vpc", "../../0-shared/tgw"] }
//- 2-prod/vpc/terragrunt.hcl
terraform {
  source = "../../modules/vpc"
}
//- modules/vpc/main.tf
"#;

/// The paths that `find` prints, on one line.
fn found(sandbox: &Sandbox, flags: &str) -> String {
    let said = sandbox.terrane(&format!("find {flags}"));
    let lines = said.lines().filter(|line| *line != "stdout:");
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn filters_choose_by_name_path_and_edges() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(found(&sandbox, "--filter vpc"), @"1-dev/vpc 2-prod/vpc exit 0");
    assert_snapshot!(found(&sandbox, "--filter './1-dev/**' --filter '!eks'"), @"1-dev/attachment 1-dev/vpc exit 0");
    assert_snapshot!(found(&sandbox, "--filter eks..."), @"1-dev/eks 1-dev/vpc exit 0");
    assert_snapshot!(found(&sandbox, "--filter ...tgw"), @"0-shared/tgw 1-dev/attachment exit 0");
    assert_snapshot!(found(&sandbox, "--filter reading=1-dev/vpc/names.tfvars"), @"1-dev/vpc exit 0");
    assert_snapshot!(found(&sandbox, "--queue-include-dir 2-prod/vpc"), @"2-prod/vpc exit 0");
}

#[test]
fn files_hold_filters_and_folders_to_leave_out() {
    let sandbox = Sandbox::new(ESTATE);
    sandbox.write(".terragrunt-filters", "# accounts\n./1-dev/**\n");
    sandbox.write(".terragrunt-excludes", "1-dev/eks\n");
    assert_snapshot!(found(&sandbox, ""), @"1-dev/attachment 1-dev/vpc exit 0");
    assert_snapshot!(found(&sandbox, "--no-filters-file"), @"0-shared/tgw 1-dev/attachment 1-dev/vpc 2-prod/vpc exit 0");
}

#[test]
fn flags_widen_the_choice_within_the_start_folder() {
    let sandbox = Sandbox::new(ESTATE).start_in("1-dev");
    assert_snapshot!(found(&sandbox, "--filter vpc --include-dependents"), @"attachment eks vpc exit 0");
    assert_snapshot!(found(&sandbox, "--filter attachment --include-dependencies"), @"attachment vpc exit 0");
}

#[test]
fn what_changed_is_chosen_by_any_file_that_a_unit_reads() {
    let sandbox = Sandbox::new(ESTATE).with_own_path();
    sandbox.git("init -q -b main");
    sandbox.git("add -A");
    sandbox.git("commit -q -m first");
    sandbox.git("checkout -q -b work");
    sandbox.write("modules/vpc/main.tf", "# changed\n");
    sandbox.write("1-dev/eks/terragrunt.hcl", "# changed\n");
    sandbox.git("commit -q -a -m second");
    assert_snapshot!(found(&sandbox, "--filter-affected"), @"1-dev/eks 2-prod/vpc exit 0");
    assert_snapshot!(found(&sandbox, "--filter '[main...HEAD] | ./2-prod/**'"), @"2-prod/vpc exit 0");
    assert_snapshot!(sandbox.terrane("find --filter '[nope...HEAD]'"), @"
    stderr:
    error: what changed cannot be told
     |
     = [nope...HEAD]: bad revision 'nope'
    exit 1
    ");
}

#[test]
fn a_filter_that_cannot_be_read_or_answered_says_why() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("find --filter 'vpc |'"), @r#"
    stderr:
    error: a filter cannot be read
     |
     = the filter "vpc |" cannot be understood: there is nothing on one side of |
    exit 64
    "#);
    assert_snapshot!(sandbox.terrane("find --filters-file nowhere"), @"
    stderr:
    error: nowhere cannot be read
     |
     = No such file or directory
    exit 1
    ");
}

#[test]
fn a_key_that_no_unit_has_is_told_when_nothing_is_chosen() {
    let sandbox = Sandbox::new(ESTATE);
    assert_snapshot!(sandbox.terrane("find --filter typ=unit"), @"
    stderr:
    warning: No unit is chosen
     |
     = The filters choose none of the units from here down.
     = help: typ=unit is true of nothing: there are name=, type=unit, type=stack, external=true, external=false, reading= and source=
     = help: `terrane find` lists them; a filter is a name, a path (./dev/*) or key=value
    exit 0
    ");
}

#[test]
fn units_whose_files_are_gone_are_told_and_never_passed_over_for_destroyed() {
    let sandbox = Sandbox::new(ESTATE).with_own_path();
    sandbox.git("init -q -b main");
    sandbox.git("add -A");
    sandbox.git("commit -q -m first");
    sandbox.git("checkout -q -b work");
    assert_snapshot!(sandbox.terrane("find --filter-affected --filter-allow-destroy"), @"
    stderr:
    warning: No unit is chosen
     |
     = The filters choose none of the units from here down.
     = help: changes count once they are committed
     = help: `terrane find` lists them; a filter is a name, a path (./dev/*) or key=value
    exit 0
    ");
    sandbox.remove("1-dev/eks");
    sandbox.remove("2-prod/vpc");
    sandbox.write("1-dev/vpc/names.tfvars", "a = 1\n");
    sandbox.git("commit -q -a -m second");
    assert_snapshot!(sandbox.terrane("find --filter-affected"), @"
    stdout:
    1-dev/vpc
    stderr:
    warning: 2 units are gone since main
     |
     = What was made of them is still there: 1-dev/eks, 2-prod/vpc.
     = help: to have the files as they were: git worktree add --detach /tmp/gone main
     = help: to destroy what they made: terrane run-all destroy -C /tmp/gone --filter '{./1-dev/eks}' --filter '{./2-prod/vpc}'
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("find --filter-affected -C 1-dev --filter-allow-destroy"), @"
    stderr:
    error: a unit is gone since main, and a run destroys only what it has files of
     |
     = 1-dev/eks
     = help: to have the files as they were: git worktree add --detach /tmp/gone main
     = help: to destroy what they made: terrane run-all destroy -C /tmp/gone --filter '{./1-dev/eks}'
    exit 4
    ");
}
