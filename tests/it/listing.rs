//! `find`, `list` and `graph`

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const ESTATE: &str = r#"
//- terrane.hcl
//- 0-shared/account.hcl
locals { account_id = "111111111111" }
//- 0-shared/tgw/terragrunt.hcl
//- 1-dev/account.hcl
locals { account_id = "222222222222" }
//- 1-dev/vpc/terragrunt.hcl
//- 1-dev/app/terragrunt.hcl
dependency "vpc" {
  config_path = "../vpc"
}
dependencies {
  paths = ["../../0-shared/tgw"]
}
//- 1-dev/.terragrunt-cache/x/terragrunt.hcl
//- 1-dev/site/terragrunt.stack.hcl
"#;

fn dev() -> Sandbox {
    Sandbox::new(ESTATE).start_in("1-dev")
}

#[test]
fn find_prints_a_path_a_line() {
    assert_snapshot!(Sandbox::new(ESTATE).terrane("find"), @"
    stdout:
    0-shared/tgw
    1-dev/app
    1-dev/site
    1-dev/vpc
    exit 0
    ");
    assert_snapshot!(dev().terrane("find --dag --external"), @"
    stdout:
    ../0-shared/tgw
    vpc
    app
    site
    exit 0
    ");
}

#[test]
fn find_tells_scripts_what_they_ask_for() {
    assert_snapshot!(dev().terrane("find --json --dependencies"), @r#"
    stdout:
    [
      {
        "type": "unit",
        "path": "app",
        "dependencies": [
          "../0-shared/tgw",
          "vpc"
        ]
      },
      {
        "type": "stack",
        "path": "site"
      },
      {
        "type": "unit",
        "path": "vpc"
      }
    ]
    exit 0
    "#);
    let sandbox = Sandbox::new(
        r#"
//- root.hcl
exclude {
  if      = true
  actions = ["apply"]
}
//- a/terragrunt.hcl
include "root" {
  path = find_in_parent_folders("root.hcl")
}
locals {
  names = read_tfvars_file("names.tfvars")
}
//- a/names.tfvars
x = 1
//- b/terragrunt.hcl
"#,
    );
    assert_snapshot!(sandbox.terrane("find --json --include --exclude --reading"), @r#"
    stdout:
    [
      {
        "type": "unit",
        "path": "a",
        "exclude": {
          "exclude_dependencies": null,
          "no_run": null,
          "actions": [
            "apply"
          ],
          "if": true
        },
        "include": {
          "root": "root.hcl"
        },
        "reading": [
          "a/names.tfvars",
          "root.hcl"
        ]
      },
      {
        "type": "unit",
        "path": "b"
      }
    ]
    exit 0
    "#);
    assert_snapshot!(sandbox.terrane("find --as apply"), @"
    stdout:
    b
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("find --as plan"), @"
    stdout:
    a
    b
    exit 0
    ");
}

#[test]
fn a_unit_that_is_broken_is_listed_and_told_of() {
    let sandbox = Sandbox::new("//- a/terragrunt.hcl\ndependencies { paths = [\"../nope\"] }\n");
    assert_snapshot!(sandbox.terrane("find --dependencies --json"), @r#"
    stdout:
    [
      {
        "type": "unit",
        "path": "a",
        "dependencies": [
          "nope"
        ]
      }
    ]
    stderr:
    error: Unknown upstream
     --> a/terragrunt.hcl:1:16
      |
    1 | dependencies { paths = ["../nope"] }
      |                ^^^^^^^^^^^^^^^^^^^ no unit at nope
      |
      = There is no unit at nope.
    exit 0
    "#);
}

#[test]
fn list_draws_columns_tables_and_trees() {
    assert_snapshot!(dev().terrane("list"), @"
    stdout:
    app   site  vpc
    exit 0
    ");
    assert_snapshot!(dev().terrane("ls -l --dependencies"), @"
    stdout:
    Type   Path  Dependencies
    unit   app   ../0-shared/tgw, vpc
    stack  site
    unit   vpc
    exit 0
    ");
    assert_snapshot!(Sandbox::new(ESTATE).terrane("list --tree"), @"
    stdout:
    .
    ├── 0-shared
    │   ╰── tgw
    ╰── 1-dev
        ├── app
        ├── site
        ╰── vpc
    exit 0
    ");
    assert_snapshot!(Sandbox::new(ESTATE).terrane("list --tree --dag"), @"
    stdout:
    .
    ├── 0-shared/tgw
    │   ╰── 1-dev/app
    ├── 1-dev/vpc
    │   ╰── 1-dev/app
    ╰── 1-dev/site
    exit 0
    ");
    assert_snapshot!(Sandbox::new(ESTATE).terrane("list --tree --as destroy"), @"
    stdout:
    .
    ├── 1-dev/app
    │   ├── 0-shared/tgw
    │   ╰── 1-dev/vpc
    ╰── 1-dev/site
    exit 0
    ");
    assert_snapshot!(dev().terrane("dag graph"), @r#"
    stdout:
    digraph {
    	"../0-shared/tgw" ;
    	"app" ;
    	"app" -> "../0-shared/tgw";
    	"app" -> "vpc";
    	"site" ;
    	"vpc" ;
    }
    exit 0
    "#);
}

#[test]
fn what_lies_below_a_unit_is_drawn_once() {
    let sandbox = Sandbox::new(
        r#"
//- a/terragrunt.hcl
//- b/terragrunt.hcl
//- c/terragrunt.hcl
dependencies { paths = ["../a", "../b"] }
//- d/terragrunt.hcl
dependencies { paths = ["../c"] }
"#,
    );
    assert_snapshot!(sandbox.terrane("list --tree --dag"), @"
    stdout:
    .
    ├── a
    │   ╰── c
    │       ╰── d
    ╰── b
        ╰── c (see above)
    exit 0
    ");
}

const CIRCLE: &str = r#"
//- a/terragrunt.hcl
dependencies { paths = ["../b"] }
//- b/terragrunt.hcl
dependencies { paths = ["../a"] }
//- c/terragrunt.hcl
"#;

#[test]
fn a_circle_is_told_with_its_lines() {
    assert_snapshot!(Sandbox::new(CIRCLE).terrane("graph"), @r#"
    stderr:
    error: Units wait for each other in a circle
     --> a/terragrunt.hcl:1:16
      |
    1 | dependencies { paths = ["../b"] }
      |                ^^^^^^^^^^^^^^^^ a waits for b
      |
     ::: b/terragrunt.hcl:1:16
      |
    1 | dependencies { paths = ["../a"] }
      |                ---------------- b waits for a
      |
      = None of them can be the first: a waits for b waits for a.
      = help: take away one of these dependencies
    exit 1
    "#);
    assert_snapshot!(Sandbox::new(CIRCLE).terrane("list --tree --dag"), @r#"
    stdout:
    .
    ├── c
    ╰── a
        ╰── b
            ╰── a (see above)
    stderr:
    error: Units wait for each other in a circle
     --> a/terragrunt.hcl:1:16
      |
    1 | dependencies { paths = ["../b"] }
      |                ^^^^^^^^^^^^^^^^ a waits for b
      |
     ::: b/terragrunt.hcl:1:16
      |
    1 | dependencies { paths = ["../a"] }
      |                ---------------- b waits for a
      |
      = None of them can be the first: a waits for b waits for a.
      = help: take away one of these dependencies
    exit 0
    "#);
}

#[test]
fn graph_groups_units_by_account_and_shows_upstreams_outside() {
    assert_snapshot!(Sandbox::new(ESTATE).terrane("graph"), @"
    stdout:
    0-shared  111111111111
      tgw
    1-dev     222222222222
      app    ← vpc  ⇠ shared/tgw
      vpc
    3 units, 2 edges, 1 across accounts (⇠), deepest 2
    exit 0
    ");
    assert_snapshot!(dev().terrane("graph"), @"
    stdout:
    1-dev  222222222222
      app    ← vpc  ⇠ shared/tgw (outside)
      vpc
    2 units, 1 edge, 0 across accounts (⇠), deepest 2, 1 edge from outside the selection
    exit 0
    ");
    assert_snapshot!(dev().terrane("graph --format mermaid"), @r#"
    stdout:
    flowchart LR
      subgraph account0["1-dev 222222222222"]
        u1["1-dev/app"]
        u2["1-dev/vpc"]
      end
      u1 --> u2
      u1 -.-> u0["0-shared/tgw (outside)"]
    exit 0
    "#);
}

#[test]
fn a_function_that_an_edge_needs_is_named_when_it_was_asked() {
    let tree = r#"
//- dev/terragrunt.hcl
//- app/terragrunt.hcl
locals {
  env  = run_cmd("--terragrunt-quiet", "/bin/echo", "dev")
  rest = run_cmd("nobody-needs-this")
}
dependency "up" {
  config_path = "../${local.env}"
}
"#;
    assert_snapshot!(Sandbox::new(tree).terrane("graph"), @"
    stdout:
    app    ← dev
    dev
    2 units, 1 edge, deepest 2
    stderr:
    note: run_cmd() at app/terragrunt.hcl:2 was asked: an edge of app depends on it
    exit 0
    ");
    assert_snapshot!(Sandbox::new(tree).terrane("find --reading --quiet"), @"
    stdout:
    app
    dev
    exit 0
    ");
}
