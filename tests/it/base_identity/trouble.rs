//! What is told about a base identity that cannot be, or that is not the one that was meant.

use insta::assert_snapshot;

use super::{ALICE, ROOT, Scene, line};

#[test]
fn root_is_refused_before_anything_is_assumed() {
    let scene = Scene::new()
        .variable("AWS_PROFILE", "root")
        .config(&format!("[profile root]\n{ROOT}"));
    assert_snapshot!(scene.fails(), @"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: could not assume arn:aws:iam::123456789011:role/infrastructure-assumer-role as arn:aws:iam::123456789011:root: AWS lets the root user assume no role
     = help: take a user or a role of that account instead of root
     = help: run: terrane doctor
    exit 1
    ");
    assert!(scene.lab.calls().of("sts:AssumeRole").is_empty());
}

#[test]
fn keys_in_the_environment_that_shadow_a_profile_are_named() {
    let scene = Scene::new()
        .variable("AWS_PROFILE", "alice")
        .variable("AWS_ACCESS_KEY_ID", "AKIASTALE00000000001")
        .variable("AWS_SECRET_ACCESS_KEY", "of yesterday")
        .config(&format!("[profile alice]\n{ALICE}"));
    assert_snapshot!(scene.fails(), @"
    stderr:
    warning: AWS_ACCESS_KEY_ID is set, so the profile alice of AWS_PROFILE is not used; --ignore-env-credentials makes it count
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: the base identity cannot be used: AWS does not accept the keys (The security token included in the request is invalid.)
     = help: log in again, or correct the keys where they come from: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together, with AWS_SESSION_TOKEN if they are a session's
     = help: run: terrane doctor
    exit 1
    ");
    // With either flag it is the profile that counts, and no word is lost about it.
    scene.reads_with("--ignore-env-credentials");
    scene.lab.clear_record();
    scene.reads_with("--aws-profile alice");
}

#[test]
fn nothing_at_all_names_the_ways() {
    assert_snapshot!(Scene::new().fails(), @"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: the base identity cannot be used: no credentials were found: nothing in the environment names any credentials
     = help: set AWS_PROFILE, or log in, or give keys in the environment
     = help: run: terrane doctor
    exit 1
    ");
}

#[test]
fn a_machine_that_is_no_instance_says_so() {
    let scene = Scene::new()
        .variable("AWS_EC2_METADATA_DISABLED", "false")
        // Port 1 of loopback: nobody listens there.
        .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
    assert_snapshot!(scene.fails(), @"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: the base identity cannot be used: no credentials were found: nothing names any credentials, and this is no EC2 instance with a role (Connection refused)
     = help: set AWS_PROFILE, or log in, or give keys in the environment
     = help: run: terrane doctor
    exit 1
    ");
}

#[test]
fn a_program_that_fails_is_told_in_its_own_words() {
    let scene = Scene::new().variable("AWS_PROFILE", "vault");
    let program = scene.write_at_home("vault.sh", "echo the vault is sealed >&2; exit 2\n");
    let scene = scene.config(&format!(
        "[profile vault]\ncredential_process = sh {program}\n"
    ));
    let scene = Scene {
        sandbox: scene.sandbox.with_own_path(),
        ..scene
    };
    assert_snapshot!(scene.fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: profile "vault" cannot be used: no credentials were found: the credential_process of profile "vault" gives none: Error retrieving credentials: external process exited with code exit status: 2. Stderr: the vault is sealed
     = help: try the credential_process of profile "vault" by itself
     = help: run: terrane doctor
    exit 1
    "#);
}

#[test]
fn no_secret_is_told_or_left_anywhere() {
    let scene = Scene::new()
        .variable("AWS_PROFILE", "alice")
        .config(&format!("[profile alice]\n{ALICE}"));
    let told = scene.sandbox.terrane(&line("--log-level trace"));
    assert!(
        told.contains("exit 0") && !told.contains("canary"),
        "{told}"
    );
}
