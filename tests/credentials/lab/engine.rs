//! The real terraform as a child with two identities. Without one on the PATH these tests say so
//! and pass.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use terrane::aws::{GrantRequest, TfCliArgs, child_environment};

use super::{BUCKET, DEV, Estate, SHARED, doer, hub, location, state_management};
use crate::bench;

/// A unit of dev, and what its backend says beyond bucket, key and region.
struct Unit {
    folder: TempDir,
    through_hub: bool,
}

impl Unit {
    fn new(backend: &str, resource: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!(
            r#"terraform {{
  backend "s3" {{
    bucket       = "{BUCKET}"
    key          = "1-dev/vpc/terraform.tfstate"
    region       = "us-east-1"
    use_lockfile = true
    {backend}
  }}
}}
resource "terraform_data" "vpc" {{
  input = "10.1.0.0/16"
  {resource}
}}
output "cidr" {{ value = terraform_data.vpc.output }}
"#
        );
        fs::write(folder.path().join("main.tf"), text).expect("a file");
        Self {
            folder,
            through_hub: backend.contains("assume_role"),
        }
    }

    /// Runs terraform with a grant of its own, as a run does.
    async fn run(&self, estate: &Estate, arguments: &[&str]) {
        let grant = GrantRequest {
            doer: doer(DEV),
            account: DEV.parse().ok(),
            state_management: (!self.through_hub).then(state_management),
            hub: self.through_hub.then(hub),
            ..bench::request()
        };
        let grant = estate.broker.grant(grant).await.expect("a grant");
        let mut captured: BTreeMap<OsString, OsString> = std::env::vars_os()
            .filter(|(name, _)| name == "PATH")
            .collect();
        let leftovers = [
            ("AWS_ACCESS_KEY_ID", "AKIALEFTOVER"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
        ];
        let quiet = [
            ("CHECKPOINT_DISABLE", "1"),
            ("TF_CLI_CONFIG_FILE", "/dev/null"),
        ];
        for (name, value) in leftovers.into_iter().chain(quiet) {
            captured.insert(name.into(), value.into());
        }
        for (name, value) in estate.lab.environment() {
            captured.insert(name.into(), value.into());
        }
        let child = child_environment(&captured, Some(grant.variables()), TfCliArgs::Drop);
        let log = fs::File::create(self.folder.path().join("log")).expect("a log");
        let mut terraform = Command::new("terraform")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(child.variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log"))
            .stderr(log)
            .spawn()
            .expect("terraform starts");
        grant.child_started(terraform.id());
        // Other tests go on meanwhile: the child is waited for on a thread of its own.
        let ended = tokio::task::spawn_blocking(move || terraform.wait()).await;
        let words = fs::read_to_string(self.folder.path().join("log")).expect("the log");
        let ended = ended.expect("the wait ends").expect("terraform ends");
        assert!(ended.success(), "terraform {arguments:?}\n{words}");
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a skipped test has to say that it was skipped"
)]
fn no_terraform() -> bool {
    let missing = Command::new("terraform").arg("version").output().is_err();
    if missing {
        eprintln!("skipped: there is no terraform on the PATH");
    }
    missing
}

const PROFILE: &str = r#"profile = "terrane-state""#;

#[tokio::test]
async fn state_goes_by_state_management_and_nobody_else() {
    if no_terraform() {
        return;
    }
    let mut estate = Estate::new();
    let unit = Unit::new(PROFILE, "");
    unit.run(&estate, &["init", "-input=false"]).await;
    unit.run(&estate, &["plan", "-input=false", "-out=plan.bin"])
        .await;
    unit.run(&estate, &["apply", "-input=false", "plan.bin"])
        .await;
    unit.run(&estate, &["output", "-json"]).await;
    unit.run(&estate, &["destroy", "-input=false", "-auto-approve"])
        .await;
    let calls = estate.lab.calls();
    assert!(
        calls
            .clone()
            .of("s3:*")
            .not_by("state-mgmt-role")
            .is_empty()
    );
    assert!(calls.clone().refused().is_empty());
    assert_eq!(
        calls.of("sts:AssumeRole").len(),
        3,
        "assumer, doer, state-management"
    );
    assert!(estate.lab.locks().is_empty());
    assert_eq!(estate.told(), "");
}

#[tokio::test]
async fn a_backend_that_assumes_its_role_itself_is_given_the_hub() {
    if no_terraform() {
        return;
    }
    let mut estate = Estate::new();
    let role =
        format!("assume_role = {{ role_arn = \"arn:aws:iam::{SHARED}:role/state-mgmt-role\" }}");
    let unit = Unit::new(&role, "");
    unit.run(
        &estate,
        &[
            "init",
            "-input=false",
            "-backend-config=profile=terrane-hub",
        ],
    )
    .await;
    unit.run(&estate, &["apply", "-input=false", "-auto-approve"])
        .await;
    let calls = estate.lab.calls();
    assert!(
        calls
            .clone()
            .of("s3:*")
            .not_by("state-mgmt-role")
            .is_empty()
    );
    assert!(calls.refused().is_empty());
    assert_eq!(estate.told(), "");
}

#[tokio::test]
async fn an_apply_that_outlives_its_sessions_saves_its_state() {
    if no_terraform() {
        return;
    }
    let mut estate = Estate::new();
    estate.lab.set_session_seconds(Some(8));
    let unit = Unit::new(
        PROFILE,
        "provisioner \"local-exec\" { command = \"sleep 14\" }",
    );
    unit.run(&estate, &["init", "-input=false"]).await;
    unit.run(&estate, &["apply", "-input=false", "-auto-approve"])
        .await;
    let (there, as_state) = (location("1-dev/vpc/terraform.tfstate"), state_management());
    let outputs = estate.broker.read_outputs(&there, &as_state).await;
    assert!(
        outputs
            .expect("the state was saved")
            .require("cidr")
            .is_ok()
    );
    assert!(estate.lab.locks().is_empty(), "the lock is gone");
    assert!(estate.lab.calls().refused().is_empty());
    assert!(!unit.folder.path().join("errored.tfstate").exists());
    assert_eq!(estate.told(), "");
}

#[tokio::test]
async fn a_provisioner_of_the_module_does_not_get_state_management() {
    if no_terraform() {
        return;
    }
    let mut estate = Estate::new();
    let steal = r#"provisioner "local-exec" {
    command = "eval \"$(sed -n 's/^credential_process = //p' \"$AWS_CONFIG_FILE\")\" > loot 2>&1 || true"
  }"#;
    let unit = Unit::new(PROFILE, steal);
    unit.run(&estate, &["init", "-input=false"]).await;
    unit.run(&estate, &["apply", "-input=false", "-auto-approve"])
        .await;
    let loot = fs::read_to_string(unit.folder.path().join("loot")).expect("what it was told");
    insta::assert_snapshot!(loot.trim_end(), @"terrane: state-management credentials go to the engine only, once at its start and again near their end, and the engine has its credentials already. What the engine runs (provisioners, data sources, plugins) has the doer's.");
    insta::assert_snapshot!(estate.told(), @"dev/vpc: refused state-management credentials to a program that the engine started: the engine has its credentials already");
}
