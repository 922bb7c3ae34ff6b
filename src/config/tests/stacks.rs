//! What a stack file says, and the files that are written beside its units.

use camino::Utf8Path;
use insta::assert_snapshot;

use crate::config::LoadOptions;
use crate::config::stack::{StackFile, read_stack};
use crate::config::testing::{Twin, told};

fn read(text: &str) -> Result<StackFile, String> {
    let world = Twin::new(&format!("//- live/terragrunt.stack.hcl\n{text}"));
    let file = Utf8Path::new("/w/live/terragrunt.stack.hcl");
    read_stack(file, &world, &LoadOptions::default()).map_err(|problems| told(&problems))
}

#[test]
fn values_are_written_in_the_order_of_their_names() {
    let stack = read(
        r#"
locals { env = "dev" }
unit "net" {
  source = "../units/net"
  path   = "net"
  values = {
    tags = { env = local.env, none = null, list = [1, "a"] }
    cidr = "10.0.0.0/16"
    text = "a \"q\" $${x}"
  }
}
"#,
    );
    let text = stack.expect("it is sound").parts[0].values_text();
    assert_snapshot!(text.expect("they can be written").expect("there are some"), @r#"
    cidr = "10.0.0.0/16"
    tags = {
      env  = "dev"
      list = [1, "a"]
      none = null
    }
    text = "a \"q\" $${x}"
    "#);
}

#[test]
fn an_autoinclude_keeps_what_waits_for_outputs() {
    let stack = read(
        r#"
unit "net" {
  source = "../units/net"
  path   = "base/net"
}
unit "app" {
  source = "../units/app"
  path   = "app"
  autoinclude {
    dependency "net" {
      config_path  = unit.net.path
      mock_outputs = { id = "m" }
    }
    inputs = {
      net = dependency.net.outputs.id
    }
  }
}
"#,
    );
    let parts = stack.expect("it is sound").parts;
    assert_eq!(parts[0].auto_include, None);
    assert_snapshot!(parts[1].auto_include.as_deref().expect("it has one"), @r#"
    dependency "net" {
      config_path = "../base/net"
      mock_outputs = {
        id = "m"
      }
    }

    inputs = {
      net = dependency.net.outputs.id
    }
    "#);
}

#[test]
fn two_parts_of_one_name_or_one_folder_are_refused() {
    let problems = read(
        r#"
unit "a" {
  source = "../a"
  path   = "x"
}
unit "a" {
  source = "../a"
  path   = "y"
}
unit "b" {
  source = "../b"
  path   = "./x"
}
"#,
    );
    assert_snapshot!(problems.expect_err("they clash"), @r#"
    terragrunt.stack.hcl:6:1: Name used twice in a stack. Two parts of the stack are called "a".
    terragrunt.stack.hcl:10:1: Path used twice in a stack. "b" and "a" would be generated in one folder.
    "#);
}

#[test]
fn a_stack_that_contains_itself_is_refused() {
    let problems = read(
        r#"
stack "me" {
  source = "."
  path   = "./"

  no_dot_terragrunt_stack = true
}
"#,
    );
    assert_snapshot!(problems.expect_err("it has no end"), @r#"
    terragrunt.stack.hcl:4:3: Stack contains itself. The path of "me" is the stack's own folder.
      help: give it a folder of its own below the stack's
    "#);
}

#[test]
fn a_dependency_on_stacks_without_end_is_told() {
    let stack = r#"
stack "n" {
  source = "x"
  path   = "n"

  no_dot_terragrunt_stack = true
}
"#;
    let nested = (0..40).map(|depth| {
        let folder = "n/".repeat(depth);
        format!("//- s/{folder}terragrunt.stack.hcl{stack}")
    });
    let app = "//- app/terragrunt.hcl\ndependency \"s\" { config_path = \"../s\" }\n";
    let files = std::iter::once(app.to_owned()).chain(nested);
    let world = Twin::new(&files.collect::<String>());
    let (_, problems) = world.load("app");
    let told = told(&problems);
    assert!(
        told.contains("Stacks lie too deep within one another. \"n\" lies within 32 other stacks"),
        "{told}"
    );
}
