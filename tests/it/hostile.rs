//! Trees on a real disk that nobody means well with: each command ends with a message.

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const UNIT: &str = "//- a/terragrunt.hcl\ninputs = {}\n";

#[test]
fn links_that_lead_round_in_a_circle_are_not_followed() {
    let sandbox = Sandbox::new(UNIT);
    let top = sandbox.root();
    symlink(&top, top.join("a/up")).expect("a link");
    symlink("one", top.join("two")).expect("a link");
    symlink("two", top.join("one")).expect("a link");
    symlink("terragrunt.hcl", top.join("a/terragrunt.stack.hcl")).expect("a link");
    fs::remove_file(top.join("a/terragrunt.stack.hcl")).expect("it is there");
    fs::create_dir(top.join("b")).expect("a folder");
    symlink("terragrunt.hcl", top.join("b/terragrunt.hcl")).expect("a link");
    assert_snapshot!(sandbox.terrane("find"), @"
    stdout:
    a
    exit 0
    ");
}

#[test]
fn a_file_that_is_a_link_to_itself_is_told_where_it_is_read() {
    let sandbox = Sandbox::new("//- a/terragrunt.hcl\ninclude \"x\" {\n  path = \"../x.hcl\"\n}\n");
    symlink("x.hcl", sandbox.root().join("x.hcl")).expect("a link");
    assert_snapshot!(sandbox.terrane("find"), @r#"
    stdout:
    a
    stderr:
    error: Included file cannot be read
     --> a/terragrunt.hcl:2:3
      |
    2 |   path = "../x.hcl"
      |   ^^^^^^^^^^^^^^^^^ this is ../x.hcl
      |
      = x.hcl: too many levels of symbolic links.
    exit 0
    "#);
}

#[test]
fn a_folder_that_cannot_be_read_is_passed_over_and_told() {
    let sandbox = Sandbox::new(UNIT);
    let secret = sandbox.root().join("secret");
    fs::create_dir(&secret).expect("a folder");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("it is ours");
    if fs::read_dir(&secret).is_ok() {
        // Root reads everything, so there is nothing to see here.
        return;
    }
    let told = sandbox.terrane("find");
    let applied = sandbox.terrane("run-all apply --non-interactive");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_snapshot!(applied, @"
    stderr:
    warning: Unreadable folder
     |
     = secret was passed over, with all units that may be in it: permission denied.
    error: what units there are is not known, so that nothing is changed
     |
     = cannot be looked into: secret
     = help: make it readable, or start in a folder that does not have it: -C DIR
    exit 4
    ");
    assert_snapshot!(told, @"
    stdout:
    a
    stderr:
    warning: Unreadable folder
     |
     = secret was passed over, with all units that may be in it: permission denied.
    exit 0
    ");
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf_8_are_counted_and_passed_over() {
    let sandbox = Sandbox::new(UNIT);
    let name = std::ffi::OsString::from_vec(b"b\xff".to_vec());
    fs::create_dir(sandbox.root().join(&name)).expect("a folder");
    fs::write(sandbox.root().join(&name).join("terragrunt.hcl"), "").expect("a file");
    assert_snapshot!(sandbox.terrane("find"), @"
    stdout:
    a
    stderr:
    warning: Names that are not UTF-8
     |
     = [ROOT] has an entry whose name is not UTF-8; it was passed over.
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("hcl fmt --check"), @"
    stderr:
    warning: Folder passed over
     |
     = b� is left as it is: its name is not UTF-8.
    exit 0
    ");
}

#[test]
fn names_that_would_act_on_a_terminal_are_shown_without_their_effect() {
    let sandbox = Sandbox::new(UNIT);
    let evil = sandbox.root().join("b\u{1b}]0;mine\u{7}");
    fs::create_dir(&evil).expect("a folder");
    let file = "iam_role = \"arn:aws:iam::111111111111:role/doer\"\n";
    fs::write(evil.join("terragrunt.hcl"), file).expect("a new file");
    for command in [
        "identity --long",
        "identity",
        "doctor --offline",
        "list",
        "list --tree",
        "graph",
        "explain b\u{1b}]0;mine\u{7} role",
    ] {
        let told = sandbox.terrane(command);
        let acts = |c: char| c.is_control() && c != '\n';
        assert!(!told.contains(acts), "{command}: {told:?}");
    }
}

#[test]
fn line_ends_of_windows_and_a_mark_at_the_beginning_change_nothing() {
    let sandbox = Sandbox::new(UNIT);
    let text = "\u{feff}locals {\r\n  a = \"x\"\r\n}\r\ninputs = {\r\n  a = local.a\r\n}\r\n";
    sandbox.write("a/terragrunt.hcl", text);
    assert_snapshot!(sandbox.terrane("eval local.a -C a"), @r#"
    stdout:
    "x"
    exit 0
    "#);
    sandbox.write("a/terragrunt.hcl", &text.replace("local.a", "local.b"));
    assert_snapshot!(sandbox.terrane("hcl validate"), @r#"
    stderr:
    error: Unknown attribute
     --> a/terragrunt.hcl:5:12
      |
    5 |   a = local.b
      |            ^^ no such attribute
      |
      = `local` has no attribute "b".
      = help: its attributes are: a
    exit 1
    "#);
}

#[test]
fn an_include_of_itself_and_a_dependency_on_itself_are_told() {
    let sandbox = Sandbox::new(
        r#"
//- a/terragrunt.hcl
include "self" {
  path = "terragrunt.hcl"
}
//- b/terragrunt.hcl
dependency "b" {
  config_path = "../b"
}
"#,
    );
    assert_snapshot!(sandbox.terrane("find --dag"), @r#"
    stdout:
    a
    b
    stderr:
    error: Include within an include
     --> a/terragrunt.hcl:1:1
      |
    1 | include "self" {
      | ^^^^^^^^^^^^^^
      |
      = A file that is included must not include another one.
      = help: include both files from the unit, each with a name of its own

    error: Unit waits for itself
     --> b/terragrunt.hcl:2:3
      |
    2 |   config_path = "../b"
      |   ^^^^^^^^^^^^^^^^^^^^
      |
      = A unit cannot run after itself: this path leads back to the unit's own folder.
    exit 0
    "#);
}

#[test]
fn folders_beyond_the_limit_of_depth_are_told() {
    let sandbox = Sandbox::new(UNIT);
    let deep = "d/".repeat(600);
    fs::create_dir_all(sandbox.root().join(deep)).expect("folders");
    let told = sandbox.terrane("find");
    assert!(
        told.contains("Folders too deep within each other"),
        "{told}"
    );
    assert!(told.starts_with("stdout:\na\n"), "{told}");
}

#[test]
fn an_account_file_that_cannot_be_read_is_told() {
    let sandbox = Sandbox::new(
        r#"
//- 1-dev/account.hcl
locals { account_id = "222222222222" }
//- 1-dev/vpc/terragrunt.hcl
"#,
    );
    sandbox.make_folder_of("1-dev/account.hcl");
    assert_snapshot!(sandbox.terrane("graph"), @"
    stdout:
    1-dev/vpc
    1 unit, 0 edges, deepest 1
    stderr:
    warning: Unreadable account file
     |
     = 1-dev/account.hcl: is a directory. It says which account the units below 1-dev work in, so that their account is not known.
     = help: make 1-dev/account.hcl a file that can be read
    exit 0
    ");
}

#[test]
fn lists_tell_of_an_account_file_that_cannot_be_read_as_the_graph_does() {
    let sandbox = Sandbox::new(
        r#"
//- 1-dev/account.hcl
locals { account_id = "222222222222" }
//- 1-dev/app/terragrunt.hcl
//- 1-dev/vpc/terragrunt.hcl
"#,
    );
    sandbox.make_folder_of("1-dev/account.hcl");
    let told = |command: &str| {
        let screen = sandbox.terrane(command);
        let Some(at) = screen.find("stderr:") else {
            panic!("{command} tells nothing:\n{screen}");
        };
        screen[at..].to_owned()
    };
    let by_graph = told("graph");
    assert!(by_graph.contains("Unreadable account file"), "{by_graph}");
    for command in [
        "find",
        "find --dag --dependencies --json",
        "list",
        "list --tree",
    ] {
        assert_eq!(told(command), by_graph, "{command}");
    }
}

#[test]
fn an_account_that_cannot_be_worked_out_is_told_since_nobody_can_check_it() {
    let sandbox = Sandbox::new(
        r#"
//- 1-dev/account.hcl
locals { account_id = upper(nope.x) }
//- 1-dev/vpc/terragrunt.hcl
//- 2-prod/account.yaml
aws_account_id: "333333333333"
  more: [
//- 2-prod/vpc/terragrunt.hcl
"#,
    );
    assert_snapshot!(sandbox.terrane("graph"), @r#"
    stdout:
    1-dev/vpc
    2-prod/vpc
    2 units, 0 edges, deepest 1
    stderr:
    warning: Account is not known
     --> 1-dev/account.hcl:1:10
      |
    1 | locals { account_id = upper(nope.x) }
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = There is no variable "nope". Without it nobody can check that the units of this folder run in their account.
      = help: write the account's number here

    warning: Account is not known
     --> 2-prod/account.yaml:1:5
      |
    1 | aws_account_id: "333333333333"
      |     ^
      |
      = The file is not well formed. Without it nobody can check that the units of this folder run in their account.
      = help: write the account's number here
    exit 0
    "#);
}
