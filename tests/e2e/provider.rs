//! The real AWS provider: what it makes is the doer's, where its state goes is not.

use std::fs;
use std::path::PathBuf;

use crate::estate::{Estate, skip};

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws/5.100.0";

const UNIT: &str = r#"
include "root" {
  path = find_in_parent_folders("root.hcl")
}
"#;

const MODULE: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = [var.account_id]
}
variable "account_id" {}
data "aws_caller_identity" "current" {}
resource "aws_ssm_parameter" "owner" {
  name  = "/baseline/owner"
  type  = "String"
  value = data.aws_caller_identity.current.account_id
}
output "who" { value = data.aws_caller_identity.current.arn }
"#;

#[test]
fn the_aws_provider_is_the_doer_while_its_state_goes_through_state_management() {
    let (Some(mirror), Some(estate)) = (provider_mirror(), Estate::of_the_example()) else {
        return;
    };
    estate.write("1-dev/baseline/terragrunt.hcl", UNIT);
    estate.write("1-dev/baseline/main.tf", MODULE);
    let settings = estate.home().join("terraform.rc");
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
        mirror.display()
    );
    fs::write(&settings, text).expect("a new file");
    let done = estate.terrane_with(
        "apply -auto-approve -C 1-dev/baseline",
        &[(
            "TF_CLI_CONFIG_FILE",
            settings.to_str().expect("a UTF-8 path"),
        )],
    );
    assert_eq!(done.code, Some(0), "{}", done.told);
    estate.nobody_strayed();
    let made = estate.lab.calls().of("ssm:*");
    assert!(made.clone().not_by("doer-role").is_empty());
    let made = made.of("ssm:PutParameter").in_account("dev").succeeding();
    assert_eq!(made.len(), 1);
    let who = estate.outputs_in_state("1-dev/baseline");
    let who = who["who"]["value"].as_str().expect("an ARN").to_owned();
    let doer = "arn:aws:sts::234567890123:assumed-role/doer-role/";
    assert!(who.starts_with(doer), "{who}");
    assert_eq!(estate.lab.calls().of("sts:AssumeRole").len(), 3);
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
    let found = named
        .into_iter()
        .chain(below)
        .find(|folder| folder.join(PROVIDER).is_dir());
    found.or_else(|| skip("there is no mirror with AWS provider 5.100.0"))
}
