//! With the real terraform: a session that ends while a state is being saved (row 43), and what a
//! whole run leaves in `.terraform` and in saved plans. Without terraform these tests say so.

use insta::assert_snapshot;
use terrane_lab::Fault;

use crate::estate::{BUCKET, Estate};
use crate::secrets;

const BY_TERRAFORM: [(&str, &str); 3] = [
    ("TERRANE_TF_PATH", ""),
    ("CHECKPOINT_DISABLE", "1"),
    ("TF_CLI_CONFIG_FILE", "/dev/null"),
];

const CODE: &str = "variable \"unit\" {}\n\nresource \"terraform_data\" \"it\" {\n  \
                    input = var.unit\n}\n\noutput \"id\" {\n  value = terraform_data.it.id\n}\n";

/// One account with `vpc`, and `eks` that needs it; nothing where there is no terraform.
fn estate() -> Option<Estate> {
    if std::process::Command::new("terraform")
        .arg("version")
        .output()
        .is_err()
    {
        return skip("there is no terraform on the PATH");
    }
    let estate = Estate::new();
    for unit in ["1-dev/vpc", "1-dev/eks"] {
        estate.write(&format!("{unit}/main.tf"), CODE);
    }
    Some(estate)
}

#[expect(
    clippy::print_stderr,
    reason = "a skipped test has to say that it was skipped"
)]
fn skip<T>(reason: &str) -> Option<T> {
    eprintln!("skipped: {reason}");
    None
}

#[test]
fn a_state_that_could_not_be_saved_is_at_risk_and_says_what_to_type() {
    let Some(estate) = estate() else { return };
    let table = "encrypt  = true\n    dynamodb_table = \"terraform-state-lock-123456789011\"";
    estate.replace("root.hcl", "encrypt  = true", table);
    let saving = Fault::on("s3:PutObject").to("*/1-dev/vpc/terraform.tfstate");
    estate.fault(saving.expiring());
    let done = estate.terrane_with("run-all apply --non-interactive -C 1-dev", &BY_TERRAFORM);
    assert_eq!(done.code, Some(6), "{}", done.stderr);
    let told = estate.plain(&done.stderr);
    let block = told
        .lines()
        .skip_while(|line| !line.contains("STATE AT RISK"));
    let block: Vec<String> = block
        .take_while(|line| !line.contains("✗ dev/vpc  "))
        .map(without_names)
        .collect();
    assert_snapshot!(block.join("\n"), @"
    ✗ dev/vpc: STATE AT RISK: terraform apply changed things and could not save its state (after [TIME])
      words    [HOME]/.local/state/terrane/runs/[NAME]/[NAME]/1-dev/vpc/2-apply.out, [HOME]/.local/state/terrane/runs/[NAME]/[NAME]/1-dev/vpc/2-apply.err
      saved    [ROOT]/1-dev/vpc/.terragrunt-cache/[NAME]/[NAME]/errored.tfstate
      lock     [ID]
      next     terrane run -C [ROOT]/1-dev/vpc -- state push -lock=false [ROOT]/1-dev/vpc/.terragrunt-cache/[NAME]/[NAME]/errored.tfstate
      next     terrane run -C [ROOT]/1-dev/vpc -- force-unlock [ID]
      doer     doer-role @ 1-dev
      blocked  dev/eks
    ");
    let key = "1-dev/eks/terraform.tfstate";
    assert!(
        estate.lab.object(BUCKET, key).is_none(),
        "nothing was applied on top of it"
    );
    type_what_it_says(&estate, &done.stderr);
}

/// The commands of the rows `next`, one after the other, bring all in order.
fn type_what_it_says(estate: &Estate, told: &str) {
    assert_eq!(estate.lab.locks().len(), 1, "nobody could unlock it");
    estate.lab.clear_faults();
    let next = told
        .lines()
        .filter_map(|line| line.strip_prefix("  next     terrane "));
    for command in next {
        let command = command.replace("force-unlock", "force-unlock -force");
        let done = estate.terrane_with(&command, &BY_TERRAFORM);
        assert_eq!(done.code, Some(0), "{command}: {}", done.stderr);
    }
    assert!(estate.lab.locks().is_empty(), "{:?}", estate.lab.locks());
    let state = estate.lab.object(BUCKET, "1-dev/vpc/terraform.tfstate");
    let state = String::from_utf8(state.expect("it was pushed")).expect("text");
    assert!(state.contains("terraform_data"), "{state}");
}

/// Without the names of folders that are made anew for each run, and without the lock's id.
fn without_names(line: &str) -> String {
    let hidden = |part: &str| {
        let is_id = part.len() == 36 && part.matches('-').count() == 4;
        if is_id { "[ID]" } else { part }.to_owned()
    };
    let words = line.split(' ').map(|word| {
        let parts: Vec<&str> = word.split('/').collect();
        let mut shown: Vec<String> = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            let before = |back: usize| place.checked_sub(back).map(|at| parts[at]);
            let is_made = ["runs", ".terragrunt-cache"]
                .iter()
                .any(|folder| before(1) == Some(folder) || before(2) == Some(folder));
            shown.push(if is_made {
                "[NAME]".to_owned()
            } else {
                hidden(part)
            });
        }
        shown.join("/")
    });
    words.collect::<Vec<String>>().join(" ")
}

#[test]
fn no_key_is_in_dot_terraform_or_in_a_saved_plan() {
    let Some(estate) = estate() else { return };
    estate.seed("1-dev/vpc");
    for command in ["plan", "apply --non-interactive"] {
        let line = format!("run-all {command} --out-dir plans -C 1-dev");
        let done = estate.terrane_with(&line, &BY_TERRAFORM);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        secrets::nothing_is_written(&estate, &done);
    }
    let plan = estate.root().join("1-dev/plans/vpc/tfplan.tfplan");
    assert!(plan.exists(), "a plan was saved and looked into");
    let mut files = Vec::new();
    secrets::files_below(&estate.root(), &mut files);
    let recorded = files
        .iter()
        .filter(|file| file.ends_with(".terraform/terraform.tfstate"));
    assert_eq!(recorded.count(), 2, "what init recorded was looked into");
}
