//! People who log in at the access portal: what `aws sso login` left in its cache, and what is
//! done with it.

use std::fmt::Write as _;
use std::fs;

use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use terrane_lab::SignIn;

use super::{HUB, SHARED, Scene};

const PORTAL: &str = "https://acme.awsapps.com/start";

/// The profiles of a person, as the landing zone's authors write them down.
fn person() -> String {
    format!(
        "
[profile assumer]
source_profile = shared
role_arn = {HUB}

[profile shared]
sso_session = sso
sso_account_id = {SHARED}
sso_role_name = AWSAdministratorAccess
region = us-west-2
output = json

[sso-session sso]
sso_start_url = {PORTAL}
sso_region = us-west-2
sso_registration_scopes = sso:account:access
"
    )
}

fn in_hours(hours: i64) -> Timestamp {
    let later = Timestamp::now().checked_add(SignedDuration::from_hours(hours));
    later.expect("within the calendar")
}

impl Scene {
    fn person() -> Self {
        Self::new()
            .variable("AWS_PROFILE", "assumer")
            .config(&person())
    }

    /// Signs a person in until then, and leaves in the cache what the login gets.
    fn sign_in(&self, name: &str, ends: Timestamp) -> SignIn {
        let sign_in = self.lab.sign_in("alice@example.com", ends);
        let document = json!({
            "startUrl": PORTAL, "region": "us-west-2",
            "accessToken": sign_in.access_token, "expiresAt": ends.to_string(),
            "clientId": sign_in.client_id, "clientSecret": sign_in.client_secret,
            "registrationExpiresAt": in_hours(24 * 80).to_string(),
            "refreshToken": sign_in.refresh_token,
        });
        self.write_at_home(&cached(name), &document.to_string());
        sign_in
    }

    fn cache(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.home().join(cached(name))).expect("it is there");
        serde_json::from_str(&text).expect("it is JSON")
    }
}

/// Where the login of that name, or of that portal, is kept.
fn cached(name: &str) -> String {
    let mut file = ".aws/sso/cache/".to_owned();
    for byte in Sha1::digest(name) {
        let _ = write!(file, "{byte:02x}");
    }
    file + ".json"
}

#[test]
fn a_login_that_lasts_is_used_and_its_region_is_not_the_states() {
    let scene = Scene::person();
    let before = scene.sign_in("sso", in_hours(8));
    assert_snapshot!(scene.reads(), @"
    1 AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef@shared sts:GetCallerIdentity 200
    1 nobody@- sso:GetRoleCredentials 200
    ");
    assert_eq!(scene.cache("sso")["accessToken"], before.access_token);
}

#[test]
fn a_login_that_has_ended_is_prolonged_and_kept_where_it_was() {
    let scene = Scene::person();
    let before = scene.sign_in("sso", in_hours(-1));
    assert_snapshot!(scene.reads(), @"
    1 AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef@shared sts:GetCallerIdentity 200
    1 nobody@- sso-oauth:CreateToken 200
    1 nobody@- sso:GetRoleCredentials 200
    ");
    let after = scene.cache("sso");
    assert_ne!(after["accessToken"], before.access_token);
    assert_ne!(after["refreshToken"], before.refresh_token);
    assert_eq!(after["clientId"], before.client_id);
    assert!(after["expiresAt"].as_str() > Some(Timestamp::now().to_string().as_str()));
    // The next one finds it good.
    scene.lab.clear_record();
    assert!(!scene.reads().contains("CreateToken"));
}

#[test]
fn a_login_that_cannot_be_prolonged_names_the_command() {
    let scene = Scene::person();
    scene.sign_in("sso", in_hours(-1));
    let mut cache = scene.cache("sso");
    cache["refreshToken"].take();
    scene.write_at_home(&cached("sso"), &cache.to_string());
    assert_snapshot!(scene.fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: profile "shared" cannot be used: no credentials were found: the SSO token has expired and cannot be refreshed
     = help: run: aws sso login --profile shared
     = help: run: terrane doctor
    exit 1
    "#);
}

#[test]
fn a_login_that_the_portal_has_forgotten_names_the_command() {
    let scene = Scene::person();
    scene.sign_in("sso", in_hours(8));
    let mut cache = scene.cache("sso");
    cache["accessToken"] = "of yesterday".into();
    scene.write_at_home(&cached("sso"), &cache.to_string());
    assert_snapshot!(scene.fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: profile "shared" cannot be used: no credentials were found: UnauthorizedException: Session token not found or invalid
     = help: run: aws sso login --profile shared
     = help: run: terrane doctor
    exit 1
    "#);
}

#[test]
fn nobody_has_logged_in_yet() {
    assert_snapshot!(Scene::person().fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: profile "shared" cannot be used: no credentials were found: failed to load the cached SSO token
     = help: run: aws sso login --profile shared
     = help: run: terrane doctor
    exit 1
    "#);
}

#[test]
fn a_role_that_the_portal_does_not_give_is_no_matter_of_the_login() {
    let profiles = person().replace("AWSAdministratorAccess", "Billing");
    let scene = Scene::person().config(&profiles);
    scene.sign_in("sso", in_hours(8));
    assert_snapshot!(scene.fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: profile "shared" cannot be used: no credentials were found: the SSO session sso of profile "shared" gives none: ForbiddenException: No access
     = help: compare sso_account_id and sso_role_name of profile "shared" with what the portal offers
     = help: run: terrane doctor
    exit 1
    "#);
}

#[test]
fn a_session_that_no_file_defines_is_told_with_the_lines_to_add() {
    let (profiles, _) = person()
        .split_once("[sso-session")
        .map(owned)
        .expect("both");
    assert_snapshot!(Scene::person().config(&profiles).fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: the base identity cannot be used: no credentials were found: no file defines [sso-session sso], which profile "shared" names
     = help: add these lines to ~/.aws/config:
             [sso-session sso]
             sso_start_url = https://YOUR-PORTAL.awsapps.com/start
             sso_region = REGION-OF-THE-PORTAL
             sso_registration_scopes = sso:account:access
     = help: run: terrane doctor
    exit 1
    "#);
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

#[test]
fn an_older_profile_describes_its_portal_itself() {
    let scene = Scene::new().variable("AWS_PROFILE", "old").config(&format!(
        "[profile old]\nsso_start_url = {PORTAL}\nsso_region = us-west-2\nsso_account_id = \
         {SHARED}\nsso_role_name = AWSAdministratorAccess\n"
    ));
    scene.sign_in(PORTAL, in_hours(8));
    assert_snapshot!(scene.reads(), @"
    1 AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef@shared sts:AssumeRole 123456789011/infrastructure-assumer-role 200
    1 AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef@shared sts:GetCallerIdentity 200
    1 nobody@- sso:GetRoleCredentials 200
    ");
    scene.sign_in(PORTAL, in_hours(-1));
    assert_snapshot!(scene.fails(), @r#"
    stderr:
    error: the outputs of 0-shared/transit_gateway could not be read
     |
     = s3://terraform-state-123456789011/0-shared/transit_gateway/terraform.tfstate, read as arn:aws:iam::123456789011:role/state-mgmt-role: profile "old" cannot be used: no credentials were found: UnauthorizedException: Session token not found or invalid
     = help: run: aws sso login --profile old
     = help: run: terrane doctor
    exit 1
    "#);
}
