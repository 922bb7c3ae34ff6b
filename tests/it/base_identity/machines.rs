//! What a machine is by itself: an instance, a container, a job.

use insta::assert_snapshot;
use serde_json::json;
use terrane_lab::TokenAlgorithm;

use super::{ISSUER, Scene};

const RUNNER: &str = "arn:aws:iam::123456789011:role/runner";

impl Scene {
    pub(super) fn of_an_instance(self) -> Self {
        let endpoint = self.lab.endpoint();
        self.variable("AWS_EC2_METADATA_DISABLED", "false")
            .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &endpoint)
    }

    pub(super) fn of_a_container(self, path: &str) -> Self {
        let address = format!("{}/v2/credentials/{path}", self.lab.endpoint());
        self.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &address)
    }

    fn of_a_job(self) -> Self {
        let address = format!(
            "{}/_apis/pipelines/1/idtoken?api-version=2.0",
            self.lab.endpoint()
        );
        self.variable("ACTIONS_ID_TOKEN_REQUEST_URL", &address)
            .variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-job")
    }

    /// A token that GitHub would give, in a file.
    pub(super) fn token_file(&self) -> String {
        let claims =
            json!({"aud": "sts.amazonaws.com", "sub": "repo:acme/live:ref:refs/heads/main"});
        let token = self
            .lab
            .web_identity_token(ISSUER, TokenAlgorithm::Rs256, &claims)
            .expect("the lab's own issuer");
        self.write_at_home("token", &format!("{token}\n"))
    }
}

#[test]
fn an_instance_is_asked_with_a_token_of_its_own() {
    let scene = Scene::new().of_an_instance();
    assert_snapshot!(scene.reads(), @"
    1 nobody@- imds:GetMetadata 200
    3 nobody@- imds:GetMetadata 404 NotFound
    1 nobody@- imds:GetRoleName 200
    4 nobody@- imds:GetToken 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
}

#[test]
fn a_container_is_asked_with_its_token_or_with_the_one_in_a_file() {
    let by_variable = Scene::new()
        .of_a_container("runner")
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "canary-container");
    assert_snapshot!(by_variable.reads(), @"
    1 nobody@- container:GetCredentials 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
    let by_file = Scene::new().of_a_container("runner");
    let file = by_file.write_at_home("eks-token", "canary-container");
    let by_file = by_file.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &file);
    assert_snapshot!(by_file.reads(), @"
    1 nobody@- container:GetCredentials 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
    let stranger = Scene::new()
        .of_a_container("runner")
        .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong");
    assert_snapshot!(stranger.fails(), @"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: the base identity cannot be used: no credentials were found: the role of the container gives none: Non-success status from HTTP credential provider: StatusCode(401)
     = help: compare AWS_CONTAINER_AUTHORIZATION_TOKEN, or the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, with what the endpoint wants
     = help: run: terrane doctor
    exit 1
    ");
}

#[test]
fn a_token_in_a_file_buys_the_role_that_a_variable_or_a_profile_names() {
    let by_variable = Scene::new();
    let file = by_variable.token_file();
    let by_variable = by_variable
        .variable("AWS_WEB_IDENTITY_TOKEN_FILE", &file)
        .variable("AWS_ROLE_ARN", RUNNER)
        .variable("AWS_ROLE_SESSION_NAME", "job-42");
    assert_snapshot!(by_variable.reads(), @"
    1 nobody@- sts:AssumeRoleWithWebIdentity 123456789011/runner 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
    let by_profile = Scene::new().variable("AWS_PROFILE", "runner");
    let file = by_profile.token_file();
    let by_profile = by_profile.config(&format!(
        "[profile runner]\nrole_arn = {RUNNER}\nweb_identity_token_file = {file}\n"
    ));
    assert_snapshot!(by_profile.reads(), @"
    1 nobody@- sts:AssumeRoleWithWebIdentity 123456789011/runner 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
}

#[test]
fn a_job_of_github_becomes_the_role_of_the_environment() {
    let scene = Scene::new().of_a_job().variable("AWS_ROLE_ARN", RUNNER);
    assert_snapshot!(scene.reads(), @"
    1 nobody@- github:GetIdToken 200
    1 nobody@- sts:AssumeRoleWithWebIdentity 123456789011/runner 200
    1 runner@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 runner@shared sts:GetCallerIdentity 200
    ");
}

#[test]
fn a_job_of_github_becomes_the_hub_itself() {
    let scene = Scene::new().of_a_job();
    let tally = scene.reads_with("--assumer-web-identity-token github");
    assert_snapshot!(tally, @"
    1 nobody@- github:GetIdToken 200
    1 nobody@- sts:AssumeRoleWithWebIdentity 123456789011/infrastructure-assumer-role 200
    ");
}

#[test]
fn a_job_that_names_no_role_is_told_how() {
    assert_snapshot!(Scene::new().of_a_job().fails(), @"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: the base identity cannot be used: no credentials were found: GitHub would vouch for this job, but no role is named that its token buys
     = help: set AWS_ROLE_ARN to the role that trusts GitHub, or name it by --assumer-role with --assumer-web-identity-token github
     = help: run: terrane doctor
    exit 1
    ");
}

#[test]
fn a_unit_may_name_github_for_its_own_role() {
    let scene = Scene::new().of_a_job();
    let file = scene.sandbox.read("root.hcl");
    let direct = file.replace(
        "role/doer-role\"",
        "role/runner\"\niam_web_identity_token = \"github\"",
    );
    let whole = direct.replace(
        "    role_arn       = \"arn:aws:iam::${local.shared_account_id}:role/state-mgmt-role\"\n",
        "",
    );
    assert_ne!(direct, whole);
    scene.sandbox.write("root.hcl", &whole);
    // The runner has no right to the state, which is as far as it comes.
    let told = scene
        .sandbox
        .terrane("outputs shared/transit_gateway --raw id");
    assert!(told.contains("role/runner: access denied"), "{told}");
    let asked = scene.lab.calls().of("github:*").tally();
    assert_eq!(asked.trim_start(), "1 nobody@- github:GetIdToken 200");
}
