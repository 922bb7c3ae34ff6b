//! `hcl fmt`

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const UNTIDY: &str = "
//- root.hcl
locals {
a = 1
  bb=2
}
//- dev/vpc/terragrunt.hcl
inputs = { a = 1 }
//- dev/vpc/.terragrunt-cache/x/terragrunt.hcl
inputs={}
//- dev/.terraform.lock.hcl
a=1
//- dev/notes.txt
a=1
";

#[test]
fn check_names_what_is_not_formatted_and_changes_nothing() {
    let sandbox = Sandbox::new(UNTIDY);
    assert_snapshot!(sandbox.terrane("hcl fmt --check --diff"), @"
    stdout:
    --- old/root.hcl
    +++ new/root.hcl
    @@ -1,4 +1,4 @@
     locals {
    -a = 1
    -  bb=2
    +  a  = 1
    +  bb = 2
     }
    stderr:
    root.hcl: not formatted
    exit 1
    ");
    assert!(sandbox.read("root.hcl").contains("bb=2"));
}

#[test]
fn files_are_formatted_once() {
    let sandbox = Sandbox::new(UNTIDY);
    assert_snapshot!(sandbox.terrane("hcl fmt"), @"
    stderr:
    root.hcl: formatted
    exit 0
    ");
    assert_snapshot!(sandbox.read("root.hcl"), @"
    locals {
      a  = 1
      bb = 2
    }
    ");
    assert_snapshot!(sandbox.terrane("hcl fmt --check"), @"exit 0");
    assert_eq!(
        sandbox.read("dev/vpc/.terragrunt-cache/x/terragrunt.hcl"),
        "inputs={}\n"
    );
}

#[test]
fn a_broken_file_is_told_and_left_alone() {
    let sandbox = Sandbox::new("//- a.hcl\na =\n//- b.hcl\nb=1\n");
    assert_snapshot!(sandbox.terrane("hcl fmt"), @"
    stderr:
    b.hcl: formatted
    error: Missing expression
     --> a.hcl:1:4
      |
    1 | a =
      |    ^ an expression is expected
      |
      = An expression must begin here, but this is the end of the line.
      = help: write a value behind the equals sign; where there is none, write null
    exit 1
    ");
    assert_eq!(sandbox.read("a.hcl"), "a =\n");
    assert_eq!(sandbox.read("b.hcl"), "b = 1\n");
}

#[test]
fn one_file_or_stdin_or_all_but_a_folder() {
    let sandbox = Sandbox::new("//- a.hcl\na=1\n//- x/b.hcl\nb=1\n//- y/c.hcl\nc=1\n");
    assert_snapshot!(sandbox.terrane_hearing("a=1", "hcl fmt --stdin"), @"
    stdout:
    a = 1(no newline)
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("hcl fmt --file a.hcl"), @"
    stderr:
    a.hcl: formatted
    exit 0
    ");
    assert_snapshot!(sandbox.terrane("hcl fmt --check --exclude-dir x"), @"
    stderr:
    y/c.hcl: not formatted
    exit 1
    ");
}

#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = Sandbox::new("//- real/a.txt\na=1\n");
    let real = sandbox.root().join("real/a.txt");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    std::os::unix::fs::symlink("real/a.txt", sandbox.root().join("a.hcl")).expect("a new link");
    sandbox.terrane("hcl fmt --file a.hcl");
    assert_eq!(sandbox.read("real/a.txt"), "a = 1\n");
    let mode = std::fs::metadata(&real)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(sandbox.root().join("a.hcl").is_symlink());
}

#[test]
fn a_comment_that_is_not_utf8_is_not_lost() {
    let sandbox = Sandbox::new("//- a.hcl\n");
    let file = sandbox.root().join("a.hcl");
    std::fs::write(&file, b"a=1 # caf\xe9\n").expect("it is ours");
    assert_snapshot!(sandbox.terrane("hcl fmt"), @"
    stderr:
    error: Not UTF-8
     --> a.hcl:1:10
      |
    1 | a=1 # caf�
      |          ^
      |
      = The file is left as it is.
    exit 1
    ");
    assert_eq!(
        std::fs::read(&file).expect("it is there"),
        b"a=1 # caf\xe9\n"
    );
}

#[test]
fn files_are_chosen_by_the_folders_they_lie_in() {
    let sandbox = Sandbox::new(UNTIDY);
    assert_snapshot!(sandbox.terrane("hcl fmt --check --filter './dev/**'"), @"exit 0");
    assert_snapshot!(sandbox.terrane("hcl fmt --check --filter '!./dev/**'"), @"
    stderr:
    root.hcl: not formatted
    exit 1
    ");
    assert_snapshot!(sandbox.terrane("hcl fmt --check --filter 'reading=x'"), @"
    stderr:
    error: `terrane hcl fmt` chooses folders by their names and places
     |
     = what units read, what they need and what has changed is not known to it
     = help: write a name, a path as in './dev/**', or what to leave out as in '!./prod/**'
    exit 64
    ");
}
