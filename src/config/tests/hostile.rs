//! Trees that mean no good end with a message, in bounded time.

use std::fmt::Write;

use insta::assert_snapshot;

use super::for_run;
use crate::config::testing::{Twin, told};
use crate::config::{LoadOptions, Questions, ReadLimits, place_of};

#[test]
fn files_that_read_each_other_are_a_circle_with_all_its_files() {
    let world = Twin::new(
        r#"
//- a.hcl
locals { b = read_terragrunt_config("b.hcl") }
//- b.hcl
locals { a = read_terragrunt_config("a.hcl") }
//- app/terragrunt.hcl
locals { a = read_terragrunt_config("../a.hcl") }
"#,
    );
    let (_, problems) = world.load_with(".", for_run("plan"));
    assert_snapshot!(told(&problems), @"b.hcl:1:14: Files read each other in a circle. None of them can be read to its end: a.hcl reads b.hcl reads a.hcl.");
}

#[test]
fn a_file_that_includes_itself_is_refused() {
    let world = Twin::new("//- app/terragrunt.hcl\ninclude \"me\" { path = \"terragrunt.hcl\" }\n");
    let (_, problems) = world.load(".");
    assert_snapshot!(told(&problems), @r"
    app/terragrunt.hcl:1:1: Include within an include. A file that is included must not include another one.
      help: include both files from the unit, each with a name of its own
    ");
}

#[test]
fn locals_in_a_circle_are_told_once_with_all_their_names() {
    let world = Twin::new(
        "//- app/terragrunt.hcl\nlocals {\n  a = local.b\n  b = local.c\n  c = local.a\n}\n",
    );
    let (_, problems) = world.load_with(".", for_run("plan"));
    assert_snapshot!(told(&problems), @"app/terragrunt.hcl:2:3: Locals depend on each other. None of them can have a value before the others: a needs b needs c needs a.");
}

#[test]
fn a_unit_that_waits_for_itself_is_told_where() {
    let world =
        Twin::new("//- app/terragrunt.hcl\ndependency \"me\" { config_path = \"../app\" }\n");
    let (_, problems) = world.load(".");
    assert_snapshot!(told(&problems), @"app/terragrunt.hcl:1:19: Unit waits for itself. A unit cannot run after itself: this path leads back to the unit's own folder.");
}

#[test]
fn a_chain_of_reads_ends_at_the_limit() {
    let mut text =
        "//- app/terragrunt.hcl\nlocals { a = read_terragrunt_config(\"../0.hcl\") }\n".to_owned();
    for number in 0..40 {
        let next = number + 1;
        writeln!(
            text,
            "//- {number}.hcl\nlocals {{ next = read_terragrunt_config(\"{next}.hcl\") }}"
        )
        .expect("a text grows");
    }
    let world = Twin::new(&text);
    let (_, problems) = world.load_with(".", for_run("plan"));
    let first = problems.iter().next().expect("it is too deep");
    assert_eq!(first.summary, "Files are read too deep within each other");
}

#[test]
fn ten_thousand_folders_within_each_other_are_left_at_the_limit() {
    let deep = "d/".repeat(10_000);
    let world = Twin::new(&format!(
        "//- app/terragrunt.hcl\n//- {}x/terragrunt.hcl\n",
        &deep[..400]
    ));
    let (estate, problems) = world.load(".");
    assert_eq!(estate.units.len(), 1);
    assert!(
        problems
            .iter()
            .any(|p| p.summary == "Folders too deep within each other")
    );
}

#[test]
fn more_units_than_the_limit_are_an_error() {
    let units: Vec<String> = (0..20)
        .map(|n| format!("//- u{n}/terragrunt.hcl"))
        .collect();
    let text = units.join("\n");
    let world = Twin::new(&text);
    let options = LoadOptions {
        limits: ReadLimits {
            units: 10,
            ..ReadLimits::default()
        },
        ..LoadOptions::default()
    };
    let (_, problems) = world.load_with(".", options);
    assert_snapshot!(told(&problems), @": Too many units. There are more than 10 units, which is the limit. Start further down in the tree.");
}

#[test]
fn a_value_that_grows_without_end_is_stopped() {
    let doubled: Vec<String> = (1..40)
        .map(|n| format!("  v{n} = \"${{local.v{0}}}${{local.v{0}}}\"\n", n - 1))
        .collect();
    let doubled = doubled.concat();
    let world = Twin::new(&format!(
        "//- app/terragrunt.hcl\nlocals {{\n  v0 = \"aaaaaaaaaaaaaaaa\"\n{doubled}}}\n"
    ));
    let mut options = for_run("plan");
    options.limits.language.value_bytes = 1 << 12;
    let (_, problems) = world.load_with(".", options);
    let first = problems.iter().next().expect("it grows beyond the limit");
    assert_snapshot!(format!("{}. {}", first.summary, first.detail), @"Limit reached. There are more than 4096 bytes in one value, which is the limit.");
}

/// Each local uses the one before it twice, so that there are 2^60 ways from the last to the first.
#[test]
fn what_locals_touch_does_not_grow_with_the_ways_between_them() {
    let doubled: Vec<String> = (1..60)
        .map(|n| format!("  v{n} = local.v{0} == local.v{0}\n", n - 1))
        .collect();
    let doubled = doubled.concat();
    let world = Twin::new(&format!(
        "//- a.txt\na\n//- app/terragrunt.hcl\nlocals {{\n  v0 = [file(\"../a.txt\"), \
         run_cmd(\"id\")]\n{doubled}}}\nprevent_destroy = local.v59\n"
    ));
    let (estate, problems) = world.load_with(".", for_run("plan"));
    assert_eq!(told(&problems), "");
    let unit = estate.unit(estate.at("app"));
    let files = unit.files.iter().map(|file| file.path.as_str());
    assert_eq!(files.collect::<Vec<_>>(), ["/w/a.txt"]);
}

#[test]
fn a_file_of_a_thousand_units_is_read_once() {
    let mut text = "//- root.hcl\nlocals { a = 1 }\ninputs = { a = local.a }\n".to_owned();
    for number in 0..1_000 {
        write!(text,
            "//- u{number}/terragrunt.hcl\ninclude \"root\" {{ path = find_in_parent_folders(\"root.hcl\") }}\n"
        ).expect("a text grows");
    }
    let world = Twin::new(&text);
    let (estate, _) = world.load_with(".", for_run("plan"));
    assert_eq!(estate.units.len(), 1_000);
    assert_eq!(world.reads.get(), 1_001);
}

#[test]
fn a_limit_that_all_locals_reach_is_told_once() {
    let mut text = "//- app/terragrunt.hcl\nlocals {\n".to_owned();
    for number in 0..2_000 {
        writeln!(text, "  a{number} = local.a{}", number + 1).expect("a text grows");
    }
    text.push_str("  a2000 = 1\n}\n");
    let (_, problems) = Twin::new(&text).load_with(".", for_run("plan"));
    let summaries: Vec<&str> = problems.iter().map(|one| &*one.summary).collect();
    assert_eq!(summaries, ["Limit reached"]);
}

#[test]
fn looking_at_a_tree_starts_no_program() {
    let world = Twin::new(
        "//- app/terragrunt.hcl\nlocals { who = run_cmd(\"id\") }\ninputs = { who = local.who }\n",
    )
    .with_program("id", "me\n");
    let (estate, problems) = world.load_with(".", for_run("plan"));
    assert_eq!((told(&problems).as_str(), world.runs.get()), ("", 0));
    let ready = estate.prepare_with("app", &[]).expect("it is allowed now");
    assert_eq!(ready.prepared.inputs["who"].as_str(), Some("me"));
    assert_eq!(world.runs.get(), 1);
}

#[test]
fn a_flag_that_run_cmd_does_not_have_is_no_program() {
    let tree = "//- app/terragrunt.hcl\nlocals { who = run_cmd(\"--terragrunt-quite\", \"id\") }\n";
    let (_, problems) = Twin::new(tree).load_with(".", for_run("plan"));
    assert_snapshot!(told(&problems), @r#"
    app/terragrunt.hcl:1:16: Call failed. run_cmd(): It has no flag --terragrunt-quite; there are --terragrunt-quiet, --terragrunt-global-cache and --terragrunt-no-cache.
      help: for another value in its place write try(run_cmd("--terragrunt-quite", "id"), …)
    "#);
}

#[test]
fn for_an_edge_that_needs_a_program_no_other_program_is_started() {
    let tree = r#"
//- dev/terragrunt.hcl
//- app/terragrunt.hcl
locals {
  env = run_cmd("which-env")
  who = run_cmd("id")
}
dependency "up" { config_path = "../${local.env}" }
inputs = { who = local.who }
"#;
    let world = Twin::new(tree).with_program("which-env", "dev\n");
    let (estate, problems) = world.load_with("app", for_run("plan"));
    assert_eq!((told(&problems).as_str(), world.runs.get()), ("", 1));
    assert_eq!(estate.edges(), [". <- ../dev"]);
    let asked = &estate.unit(estate.at("app")).asked;
    let asked: Vec<_> = asked.iter().map(|one| place_of(&one.place).line).collect();
    assert_eq!(asked, [2], "only the one that was asked is named");
}

#[test]
fn an_edge_that_needs_a_program_is_told_where_programs_are_forbidden() {
    let tree = r#"
//- dev/terragrunt.hcl
//- app/terragrunt.hcl
dependency "up" { config_path = "../${run_cmd("which-env")}" }
"#;
    let world = Twin::new(tree).with_program("which-env", "dev\n");
    let (estate, _) = world.load("app");
    assert_eq!(estate.edges(), [". <- ../dev"]);
    let refused = LoadOptions {
        questions: Questions::Refused,
        ..LoadOptions::default()
    };
    let (_, problems) = world.load_with("app", refused);
    assert_snapshot!(told(&problems), @"terragrunt.hcl:1:39: Question to the world is refused. An edge, a role or a state location needs what run_cmd() says, and processes are forbidden while reading.");
}

#[test]
fn the_path_of_an_include_sees_no_include() {
    let world = Twin::new(
        r#"
//- root.hcl
//- shared/aws.hcl
//- live/app/terragrunt.hcl
include "root" { path = find_in_parent_folders("root.hcl") }
include "aws" { path = "${path_relative_to_include()}/../../shared/aws.hcl" }
"#,
    );
    let (estate, problems) = world.load(".");
    assert_eq!(told(&problems), "");
    let (_, unit) = estate.units.iter().next().unwrap();
    let included = unit.includes.iter().map(|include| include.path.as_str());
    assert_eq!(
        included.collect::<Vec<_>>(),
        ["/w/root.hcl", "/w/shared/aws.hcl"]
    );
}

fn with_files_per_unit(files_per_unit: usize) -> LoadOptions {
    LoadOptions {
        limits: ReadLimits {
            files_per_unit,
            ..ReadLimits::default()
        },
        ..for_run("plan")
    }
}

#[test]
fn an_autoinclude_file_that_cannot_be_read_is_not_taken_for_absent() {
    let world = Twin::new(
        "//- app/terragrunt.hcl\n//- app/terragrunt.autoinclude.hcl\ninputs = { a = 1 }\n",
    );
    let (estate, problems) = world.load_with(".", with_files_per_unit(0));
    assert_snapshot!(told(&problems), @": Unreadable file. app/terragrunt.autoinclude.hcl: the unit has read 0 files already, which is the limit.");
    let problems = estate.prepare_with("app", &[]);
    assert!(problems.is_err(), "its inputs would be lost");
}

#[test]
fn files_that_are_read_again_or_only_marked_do_not_count_towards_the_limit() {
    let world = Twin::new(
        r#"
//- a.txt
a
//- b.txt
b
//- app/terragrunt.hcl
locals {
  again = [for n in range(9) : file("../a.txt")]
  marks = [for n in range(9) : mark_as_read("/w/m${n}")]
  other = file("../b.txt")
}
"#,
    );
    let (_, problems) = world.load_with(".", with_files_per_unit(2));
    assert_eq!(told(&problems), "");
    let (_, problems) = world.load_with(".", with_files_per_unit(1));
    assert!(told(&problems).contains("the unit has read 1 files already"));
}
