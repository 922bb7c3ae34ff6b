//! Mocks are for looking: none comes into a state, by whatever way.

use insta::assert_snapshot;

use crate::runs::Estate;

/// `b` needs an output of `a`, which was never applied; its mocks are for all commands.
const FRESH: &str = r#"
//- a/terragrunt.hcl
//- a/main.tf
//- b/terragrunt.hcl
dependency "a" {
  config_path  = "../a"
  mock_outputs = { id = "mock" }
}
inputs = { id = dependency.a.outputs.id }
//- b/main.tf
"#;

#[test]
fn an_empty_list_lets_mocks_into_a_plan_and_not_into_an_apply() {
    let estate = Estate::new(FRESH).start_in("b");
    assert!(estate.terrane("plan").ends_with("exit 0\n"));
    assert_snapshot!(estate.calls(), @r"
    a: output -json
    b: plan -no-color id=mock
    ");
    assert_snapshot!(estate.terrane("apply -auto-approve"), @r#"
    stderr:
    ✗ .: mocks of ../a would be given to apply (after [TIME])
      values   inputs.id
      at       terragrunt.hcl:1
      hint     apply ../a first, or add "apply" to mock_outputs_allowed_terraform_commands
    exit 1
    "#);
    assert_eq!(estate.calls(), "a: output -json\n");
}

#[test]
fn no_command_that_may_keep_them_gets_mocks() {
    let estate = Estate::new(FRESH).start_in("b");
    for command in [
        "destroy -auto-approve",
        "refresh",
        "import x y",
        "test",
        "apply -destroy -auto-approve",
        "exec -- /bin/echo",
    ] {
        let seen = estate.terrane(command);
        assert!(seen.contains("mocks of ../a would be given to"), "{seen}");
        assert_eq!(estate.calls(), "a: output -json\n", "{command}");
    }
    for command in ["init", "validate"] {
        let seen = estate.terrane(command);
        assert!(seen.ends_with("exit 0\n"), "{seen}");
    }
}

#[test]
fn a_list_that_names_the_command_lets_mocks_into_it() {
    let estate = Estate::new(FRESH).start_in("b");
    let unit = estate.0.read("b/terragrunt.hcl");
    let list = "mock_outputs_allowed_terraform_commands = [\"apply\"]\n  mock_outputs =";
    estate
        .0
        .write("b/terragrunt.hcl", &unit.replace("mock_outputs =", list));
    let seen = estate.terrane("apply -auto-approve");
    assert!(seen.ends_with("exit 0\n"), "{seen}");
    assert!(
        estate
            .calls()
            .contains("b: apply -auto-approve -no-color id=mock")
    );
    let seen = estate.terrane("destroy -auto-approve");
    assert!(seen.contains("No outputs yet"), "{seen}");
}

#[test]
fn mocks_of_an_upstream_that_is_never_asked_are_refused_with_a_remedy_of_their_own() {
    for off in ["enabled = false", "skip_outputs = true"] {
        let estate = Estate::new(FRESH).start_in("b");
        let unit = estate.0.read("b/terragrunt.hcl");
        let unit = unit.replace("mock_outputs =", &format!("{off}\n  mock_outputs ="));
        estate.0.write("b/terragrunt.hcl", &unit);
        let seen = estate.terrane("apply -auto-approve");
        let hint = "if that is meant, add \"apply\" to mock_outputs_allowed_terraform_commands";
        assert!(seen.contains(hint), "{seen}");
        assert_eq!(estate.calls(), "", "{off}");
    }
}

#[test]
fn mocks_are_seen_wherever_they_would_come_to_terraform() {
    let ways = [
        (
            "generate.x.contents",
            "generate \"x\" {\n path = \"x.tf\"\n if_exists = \"overwrite\"\n contents = \"# ${dependency.a.outputs.id}\"\n}",
        ),
        (
            "terraform.extra_arguments.x.env_vars",
            "terraform {\n extra_arguments \"x\" {\n commands = [\"apply\"]\n env_vars = { X = dependency.a.outputs.id }\n }\n}",
        ),
        (
            "terraform.before_hook.x.execute",
            "terraform {\n before_hook \"x\" {\n commands = [\"apply\"]\n execute = [\"/bin/echo\", dependency.a.outputs.id]\n }\n}",
        ),
        (
            "remote_state.config",
            "remote_state {\n backend = \"local\"\n config = { path = dependency.a.outputs.id }\n}",
        ),
    ];
    for (name, text) in ways {
        let estate = Estate::new(FRESH).start_in("b");
        let unit = estate.0.read("b/terragrunt.hcl");
        let (dependency, _) = unit.split_once("inputs").expect("it has inputs");
        estate
            .0
            .write("b/terragrunt.hcl", &format!("{dependency}{text}\n"));
        let seen = estate.terrane("apply -auto-approve");
        assert!(
            seen.contains(&format!("values   {name}\n")),
            "{name}: {seen}"
        );
    }
}

#[test]
fn a_plan_that_was_saved_with_mocks_is_not_applied() {
    let estate = Estate::new(FRESH);
    estate.0.write(
        "a/engine.txt",
        "apply makes outputs.json {\"id\": {\"value\": \"real\", \"type\": \"string\"}}\n",
    );
    let seen = estate.terrane("run-all plan --out-dir plans");
    assert!(seen.ends_with("exit 0\n"), "{seen}");
    estate.calls();
    assert_snapshot!(estate.terrane("run-all apply --out-dir plans --non-interactive"), @"
    stderr:
    terrane [VERSION] · 2 units · terraform 1.11.4
    a  applying
    a  applied         [TIME]
    b  applying
    b  mocks refused   [TIME]
    ✗ b: its saved plan was made with mocks of a (after [TIME])
      plan     [ROOT]/plans/b/tfplan.tfplan
      values   inputs.id
      at       b/terragrunt.hcl:1
      hint     apply a, then plan again
    ✗ b  its saved plan was made with mocks of a

    2 units in [TIME]: 1 done, 1 failed  exit 1
    next  terrane run-all apply --out-dir plans --non-interactive --filter './b'
    exit 1
    ");
    assert_snapshot!(estate.calls(), @r"
    a: apply -no-color -auto-approve -input=false [ROOT]/plans/a/tfplan.tfplan
    a: output -json
    ");
    estate.terrane("run-all plan --out-dir plans");
    let seen = estate.terrane("run-all apply --out-dir plans --non-interactive");
    assert!(seen.ends_with("exit 0\n"), "{seen}");
}

#[test]
fn a_plan_that_was_typed_with_a_file_is_marked_as_well() {
    let estate = Estate::new(FRESH).start_in("b");
    estate.terrane("plan -out=[ROOT]/saved");
    estate
        .0
        .write("b/terragrunt.hcl", "inputs = { id = \"real\" }\n");
    let seen = estate.terrane("apply [ROOT]/saved");
    assert!(
        seen.contains("its saved plan was made with mocks of ../a"),
        "{seen}"
    );
    estate.0.write("saved", "made elsewhere");
    let seen = estate.terrane("apply [ROOT]/saved");
    assert!(seen.ends_with("exit 0\n"), "{seen}");
}
