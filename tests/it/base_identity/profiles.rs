//! Keys, and what profiles make of them.

use insta::assert_snapshot;

use super::{ALICE, HUB, SHARED, Scene};

#[test]
fn keys_of_the_environment_are_the_base() {
    let scene = Scene::new()
        .variable("AWS_ACCESS_KEY_ID", "AKIAALICE00000000001")
        .variable("AWS_SECRET_ACCESS_KEY", "canary-alice");
    assert_snapshot!(scene.reads(), @"
    1 alice@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 alice@shared sts:GetCallerIdentity 200
    ");
}

#[test]
fn a_profile_with_keys_is_the_base() {
    let scene = Scene::new().variable("AWS_PROFILE", "alice");
    scene.write_at_home(".aws/credentials", &format!("[alice]\n{ALICE}"));
    assert_snapshot!(scene.reads(), @"
    1 alice@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 alice@shared sts:GetCallerIdentity 200
    ");
}

#[test]
fn a_chain_of_profiles_is_walked_with_all_that_each_says() {
    let scene = Scene::new()
        .variable("AWS_PROFILE", "inner")
        .config(&format!(
            "
[profile inner]
role_arn = arn:aws:iam::{SHARED}:role/inner
source_profile = outer
role_session_name = alice-of-ops

[profile outer]
role_arn = arn:aws:iam::{SHARED}:role/outer
source_profile = alice
external_id = acme-landing-zone
duration_seconds = 7200

[profile alice]
{ALICE}"
        ));
    assert_snapshot!(scene.reads(), @"
    1 alice@shared sts:AssumeRole 123456789011/outer 200
    1 alice@shared sts:GetCallerIdentity 200
    1 inner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 inner@shared sts:GetCallerIdentity 200
    1 outer@shared sts:AssumeRole 123456789011/inner 200
    1 outer@shared sts:GetCallerIdentity 200
    ");
    let opened = scene.lab.calls().of("sts:AssumeRole");
    let opened: Vec<String> = opened
        .iter()
        .filter_map(|call| call.issued.as_ref())
        .map(|new| format!("{} {} s as {}", new.role_arn, new.seconds, new.session_name))
        .collect();
    assert_snapshot!(opened.join("\n"), @"
    arn:aws:iam::123456789011:role/outer 7200 s as terrane
    arn:aws:iam::123456789011:role/inner 3600 s as alice-of-ops
    arn:aws:iam::123456789011:role/infrastructure-assumer-role 3600 s as terrane
    arn:aws:iam::123456789011:role/state-mgmt-role 3600 s as terrane
    ");
}

#[test]
fn a_program_of_a_profile_gives_its_keys() {
    let scene = Scene::new().variable("AWS_PROFILE", "vault");
    let program = scene.write_at_home(
        "vault.sh",
        "printf '%s' '{\"Version\": 1, \"AccessKeyId\": \"AKIAALICE00000000001\", \
         \"SecretAccessKey\": \"canary-alice\"}'\n",
    );
    let scene = scene.config(&format!(
        "[profile vault]\ncredential_process = sh {program}\n"
    ));
    assert_snapshot!(scene.sandbox_with_path().reads(), @"
    1 alice@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 alice@shared sts:GetCallerIdentity 200
    ");
}

impl Scene {
    /// With the programs that shells need.
    fn sandbox_with_path(self) -> Self {
        Self {
            sandbox: self.sandbox.with_own_path(),
            ..self
        }
    }
}

#[test]
fn a_role_is_assumed_from_what_the_profile_names_as_its_source() {
    let profile =
        |source: &str| format!("[profile hub]\nrole_arn = {HUB}\ncredential_source = {source}\n");
    let environment = Scene::new()
        .variable("AWS_ACCESS_KEY_ID", "AKIAALICE00000000001")
        .variable("AWS_SECRET_ACCESS_KEY", "canary-alice")
        .config(&profile("Environment"));
    assert_snapshot!(environment.reads_with("--aws-profile hub"), @"
    1 alice@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 alice@shared sts:GetCallerIdentity 200
    ");
    let instance = Scene::new()
        .variable("AWS_PROFILE", "hub")
        .of_an_instance()
        .config(&profile("Ec2InstanceMetadata"));
    assert_snapshot!(instance.reads(), @"
    1 nobody@- imds:GetMetadata 200
    3 nobody@- imds:GetMetadata 404 NotFound
    1 nobody@- imds:GetRoleName 200
    4 nobody@- imds:GetToken 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
    let container = Scene::new()
        .variable("AWS_PROFILE", "hub")
        .of_a_container("runner")
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary-container")
        .config(&profile("EcsContainer"));
    assert_snapshot!(container.reads(), @"
    1 nobody@- container:GetCredentials 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
}
