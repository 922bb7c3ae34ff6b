//! The real terraform against the lab: its S3 backend with both kinds of lock, and its AWS
//! provider where it is at hand. Without terraform these tests say so and pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use terrane_lab::{Keys, Lab};

use crate::client::{ASSUMER, BUCKET, DEV, DEV_DOER, Program, STATE, TABLE, landing_zone};

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws/5.100.0";

/// A unit's folder, and the identity that terraform runs it with.
struct Unit {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Unit {
    fn new(lab: &Lab, keys: &Keys, main: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("main.tf"), main).expect("a file in it");
        let mut environment = lab.environment();
        environment.extend(keys.environment());
        Self {
            folder,
            environment,
        }
    }

    fn with_mirror(mut self, mirror: &Path) -> Self {
        let settings = self.folder.path().join("terraform.rc");
        let text = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        );
        fs::write(&settings, text).expect("a file in the temporary folder");
        let settings = settings.to_string_lossy().into_owned();
        self.environment
            .push(("TF_CLI_CONFIG_FILE".to_owned(), settings));
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("terraform")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .envs(self.environment.iter().cloned())
            .output()
            .expect("terraform starts")
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "terraform {arguments:?}\n{words}\n{errors}"
        );
        words
    }
}

impl Unit {
    /// What terraform says when it fails, without the line breaks that it puts in.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "terraform {arguments:?} succeeds");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        errors.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn unit_text(lock: &str) -> String {
    format!(
        r#"
terraform {{
  backend "s3" {{
    bucket  = "{BUCKET}"
    key     = "1-dev/vpc/terraform.tfstate"
    region  = "us-east-1"
    encrypt = true
    {lock}
    assume_role = {{ role_arn = "{STATE}" }}
  }}
}}
variable "cidr" {{ default = "10.1.0.0/16" }}
resource "terraform_data" "vpc" {{ input = var.cidr }}
output "cidr" {{ value = terraform_data.vpc.output }}
"#
    )
}

#[expect(
    clippy::print_stderr,
    reason = "a skipped test has to say that it was skipped"
)]
fn is_skipped(missing: bool, what: &str) -> bool {
    if missing {
        eprintln!("skipped: {what}");
    }
    missing
}

fn no_terraform() -> bool {
    let missing = Command::new("terraform").arg("version").output().is_err();
    is_skipped(missing, "there is no terraform on the PATH")
}

/// The lab, and the hub's keys, with which the backend assumes the state role by itself.
fn hub() -> (Lab, Keys) {
    let lab = landing_zone();
    let keys = Program::operator(&lab)
        .assuming(ASSUMER)
        .keys
        .expect("a session");
    lab.clear_record();
    (lab, keys)
}

/// Everything that a unit goes through in its life.
fn live(unit: &Unit) {
    unit.succeeds(&["init", "-input=false"]);
    unit.succeeds(&["plan", "-input=false", "-out=plan"]);
    unit.succeeds(&["apply", "-input=false", "plan"]);
    let outputs: Value =
        serde_json::from_str(&unit.succeeds(&["output", "-json"])).expect("JSON outputs");
    assert_eq!(outputs["cidr"]["value"], "10.1.0.0/16");
    let second = unit.succeeds(&["plan", "-input=false"]);
    assert!(second.contains("No changes"), "{second}");
    unit.succeeds(&[
        "apply",
        "-auto-approve",
        "-input=false",
        "-var=cidr=10.9.0.0/16",
    ]);
    unit.succeeds(&["destroy", "-auto-approve", "-input=false"]);
}

#[test]
fn terraform_keeps_its_state_and_its_lock_in_the_table() {
    if no_terraform() {
        return;
    }
    let (lab, keys) = hub();
    let unit = Unit::new(
        &lab,
        &keys,
        &unit_text(&format!("dynamodb_table = \"{TABLE}\"")),
    );
    live(&unit);
    assert!(lab.locks().is_empty());
    let ids: Vec<Value> = lab
        .items(TABLE)
        .iter()
        .map(|item| item["LockID"]["S"].clone())
        .collect();
    assert_eq!(ids, [format!("{BUCKET}/1-dev/vpc/terraform.tfstate-md5")]);
    assert!(
        lab.calls().refused().is_empty(),
        "{}",
        lab.calls().refused().tally()
    );
    assert!(lab.calls().of("s3:*").not_by("state-mgmt-role").is_empty());
    assert!(
        lab.calls()
            .of("dynamodb:*")
            .not_by("state-mgmt-role")
            .is_empty()
    );
    assert_eq!(lab.calls().of("dynamodb:PutItem").succeeding().len(), 5 + 3);
}

#[test]
fn terraform_keeps_its_lock_beside_its_state() {
    if no_terraform() {
        return;
    }
    let (lab, keys) = hub();
    let unit = Unit::new(&lab, &keys, &unit_text("use_lockfile = true"));
    live(&unit);
    assert!(lab.locks().is_empty());
    assert_eq!(lab.object_keys(BUCKET), ["1-dev/vpc/terraform.tfstate"]);
    assert!(lab.calls().of("dynamodb:*").is_empty());
    let locks = lab.calls().of("s3:PutObject").on("*.tflock").succeeding();
    assert_eq!(locks.len(), 5);
}

#[test]
fn terraform_says_what_the_lab_refuses() {
    if no_terraform() {
        return;
    }
    let lab = landing_zone();
    let doer = Program::in_role(&lab, DEV_DOER).keys.expect("a session");
    let unit = Unit::new(&lab, &doer, &unit_text("use_lockfile = true"));
    let errors = unit.fails(&["init", "-input=false", "-no-color"]);
    assert!(
        errors.contains("is not authorized to perform: sts:AssumeRole on"),
        "{errors}"
    );
}

#[test]
fn a_held_lock_stops_terraform() {
    if no_terraform() {
        return;
    }
    let (lab, keys) = hub();
    let unit = Unit::new(
        &lab,
        &keys,
        &unit_text(&format!("dynamodb_table = \"{TABLE}\"")),
    );
    unit.succeeds(&["init", "-input=false"]);
    let info =
        r#"{"ID":"1","Operation":"apply","Who":"somebody@else","Created":"2026-01-01T00:00:00Z"}"#;
    let id = format!("{BUCKET}/1-dev/vpc/terraform.tfstate");
    let item = serde_json::json!({"LockID": {"S": id}, "Info": {"S": info}});
    lab.put_item(TABLE, item.as_object().expect("an object").clone())
        .expect("the table");
    let errors = unit.fails(&["plan", "-input=false", "-no-color"]);
    assert!(
        errors.contains("Error acquiring the state lock"),
        "{errors}"
    );
    assert!(errors.contains("somebody@else"), "{errors}");
}

#[test]
fn a_state_too_long_for_one_piece_is_saved_in_parts() {
    if no_terraform() {
        return;
    }
    let (lab, keys) = hub();
    let unit = Unit::new(&lab, &keys, &unit_text("use_lockfile = true"));
    let long = "x".repeat(6 << 20);
    fs::write(
        unit.folder.path().join("terraform.tfvars"),
        format!("cidr = \"{long}\""),
    )
    .expect("a file in the temporary folder");
    unit.succeeds(&["init", "-input=false"]);
    unit.succeeds(&["apply", "-auto-approve", "-input=false"]);
    assert_eq!(
        lab.calls()
            .of("s3:CompleteMultipartUpload")
            .succeeding()
            .len(),
        1
    );
    let state = lab
        .object(BUCKET, "1-dev/vpc/terraform.tfstate")
        .expect("the state was saved");
    assert!(state.len() > long.len());
    assert!(unit.succeeds(&["state", "pull"]).contains(&long));
}

#[test]
fn the_aws_provider_works_as_the_doer_while_the_state_goes_its_own_way() {
    let mirror = provider_mirror();
    if no_terraform()
        || is_skipped(
            mirror.is_none(),
            "there is no mirror with AWS provider 5.100.0",
        )
    {
        return;
    }
    let (lab, keys) = hub();
    let text = unit_text(&format!("dynamodb_table = \"{TABLE}\""))
        + &format!(
            r#"
provider "aws" {{
  region              = "us-east-1"
  allowed_account_ids = ["{DEV}"]
  assume_role {{ role_arn = "{DEV_DOER}" }}
}}
data "aws_caller_identity" "current" {{}}
resource "aws_ssm_parameter" "owner" {{
  name  = "/baseline/owner"
  type  = "String"
  value = data.aws_caller_identity.current.account_id
  tags  = {{ unit = "vpc" }}
}}
output "account" {{ value = data.aws_caller_identity.current.account_id }}
"#
        );
    let unit = Unit::new(&lab, &keys, &text).with_mirror(&mirror.expect("checked above"));
    unit.succeeds(&["init", "-input=false"]);
    unit.succeeds(&["apply", "-auto-approve", "-input=false"]);
    assert_eq!(unit.succeeds(&["output", "-raw", "account"]), DEV);
    unit.succeeds(&["destroy", "-auto-approve", "-input=false"]);

    assert!(
        lab.calls().refused().is_empty(),
        "{}",
        lab.calls().refused().tally()
    );
    assert!(lab.calls().of("ssm:*").not_by("doer-role").is_empty());
    assert!(lab.calls().of("s3:*").not_by("state-mgmt-role").is_empty());
    assert_eq!(
        lab.calls()
            .of("ssm:PutParameter")
            .in_account("dev")
            .succeeding()
            .len(),
        1
    );
    assert_eq!(
        lab.calls()
            .of("ssm:DeleteParameter")
            .in_account("dev")
            .succeeding()
            .len(),
        1
    );
}

/// A folder from which terraform can install the provider without a network: the one that is
/// named for these tests, or one in the places where such mirrors are kept.
fn provider_mirror() -> Option<PathBuf> {
    let named = std::env::var_os("TERRANE_PROVIDER_MIRROR").map(PathBuf::from);
    let usual = ["/opt", "/usr/local/share/terraform", "/usr/share/terraform"];
    let below = usual
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten();
    let below = below.filter_map(|entry| Some(entry.ok()?.path()));
    named
        .into_iter()
        .chain(below)
        .find(|folder| folder.join(PROVIDER).is_dir())
}
