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
     = No such file or directory (os error 2)
    exit 1
    ");
}
