//! Environments and files in, the source and its roles out.

use std::ffi::OsString;
use std::fmt::Write as _;

use super::*;

/// Where the base identity comes from, by these variables and files.
fn source(variables: &[(&str, &str)], config: &str) -> String {
    shown(&surroundings(variables, config))
}

fn surroundings(variables: &[(&str, &str)], config: &str) -> BaseSurroundings {
    BaseSurroundings {
        variables: variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect(),
        user_profiles: UserProfiles {
            config: Some(config.to_owned()),
            credentials: None,
        },
        ..BaseSurroundings::default()
    }
}

fn shown(surroundings: &BaseSurroundings) -> String {
    match surroundings.source() {
        Ok(source) => {
            let mut text = source.to_string();
            for role in &source.roles {
                let _ = write!(text, " → {}", role.role.name());
            }
            text
        }
        Err(error) => format!("{error}\nhelp: {}", error.help()),
    }
}

const KEYS: &str = "aws_access_key_id = AKIA1\naws_secret_access_key = s";

#[test]
fn sources_win_in_the_order_of_terraforms_sdk() {
    let config =
        format!("[default]\n{KEYS}\n[profile dev]\n{KEYS}\n[profile bare]\nregion = eu-west-1\n");
    let all = [
        ("AWS_ACCESS_KEY_ID", "AKIA1"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/runner"),
        ("AWS_PROFILE", "dev"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x"),
    ];
    let without = |first: usize| source(&all[first..], &config);
    assert_eq!(without(0), "keys of the environment");
    assert_eq!(without(2), "web identity → runner");
    assert_eq!(without(4), "profile dev (keys)");
    assert_eq!(without(5), "profile default (keys)");
    assert_eq!(source(&all[5..], ""), "role of the container");
    assert_eq!(source(&[], ""), "role of the instance");
    let disabled = [("AWS_EC2_METADATA_DISABLED", "true")];
    assert!(source(&disabled, "").starts_with("nothing in the environment"));
    let by_flag = BaseSurroundings {
        profile: Some("dev".into()),
        ..surroundings(&all, &config)
    };
    assert_eq!(shown(&by_flag), "profile dev (keys)");
    let passed_over = BaseSurroundings {
        environment_credentials: EnvironmentCredentials::PassedOver,
        ..surroundings(&all, &config)
    };
    assert_eq!(shown(&passed_over), "profile dev (keys)");
    let bare = [("AWS_PROFILE", "bare")];
    assert_eq!(
        source(&bare, &config),
        "profile bare (role of the instance)"
    );
}

#[test]
fn a_chain_of_profiles_is_walked_to_its_credentials() {
    let config = "
[profile assumer]
source_profile = middle
role_arn = arn:aws:iam::111111111111:role/assumer
external_id = acme-landing-zone
role_session_name = alice
duration_seconds = 7200

[profile middle]
source_profile = shared
role_arn = arn:aws:iam::111111111111:role/middle

[profile shared]
sso_session = sso
sso_account_id = 111111111111
sso_role_name = Operator
[sso-session sso]
sso_start_url = https://acme.awsapps.com/start
";
    let variables = [("AWS_PROFILE", "assumer")];
    assert_eq!(
        source(&variables, config),
        "profile assumer ← middle ← shared (SSO session sso) → middle → assumer"
    );
    let found = surroundings(&variables, config).source().expect("a source");
    let assumer = found.roles.last().expect("a role");
    assert_eq!(assumer.session_name.as_str(), "alice");
    assert_eq!(assumer.duration.as_seconds(), 7200);
    assert!(assumer.external_id.is_some());
    assert_eq!(
        found.shown(Some(Duration::from_mins(432))),
        "profile assumer ← middle ← shared (SSO session sso, ends in 7h 12m)"
    );
}

#[test]
fn roles_are_assumed_from_what_a_profile_names_as_source() {
    let role = "role_arn = arn:aws:iam::111111111111:role/assumer";
    let from = |lines: &str| {
        source(
            &[("AWS_PROFILE", "p")],
            &format!("[profile p]\n{role}\n{lines}"),
        )
    };
    assert_eq!(
        from("credential_source = Environment"),
        "profile p (keys of the environment) → assumer"
    );
    assert_eq!(
        from("credential_source = Ec2InstanceMetadata"),
        "profile p (role of the instance) → assumer"
    );
    assert_eq!(
        from("credential_source = EcsContainer"),
        "profile p (role of the container) → assumer"
    );
    assert_eq!(
        from("web_identity_token_file = /run/token"),
        "profile p (web identity) → assumer"
    );
    assert_eq!(
        from(&format!("source_profile = p\nmfa_serial = arn:mfa\n{KEYS}")),
        "profile p (keys, MFA) → assumer"
    );
    // The keys of a source win over its role.
    assert_eq!(
        from(&format!("source_profile = q\n[profile q]\n{role}\n{KEYS}")),
        "profile p ← q (keys) → assumer"
    );
}

#[test]
fn a_job_of_github_buys_the_role_that_is_named() {
    let github = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://127.0.0.1/token?v=1"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t"),
        ("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/runner"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    assert_eq!(source(&github, ""), "GitHub's token → runner");
    let without_role = [github[0], github[1], github[3]];
    insta::assert_snapshot!(source(&without_role, ""), @"
    GitHub would vouch for this job, but no role is named that its token buys
    help: set AWS_ROLE_ARN to the role that trusts GitHub, or name it by --assumer-role with --assumer-web-identity-token github
    ");
    // A runner's own role counts, even where the job could have a token.
    assert_eq!(source(&github[..2], ""), "role of the instance");
}

#[test]
fn profiles_that_lead_nowhere_say_where_they_break_off() {
    let role = "role_arn = arn:aws:iam::111111111111:role/r";
    let of = |lines: &str| {
        let variables = [("AWS_PROFILE", "p"), ("AWS_EC2_METADATA_DISABLED", "true")];
        source(&variables, &format!("[profile p]\n{lines}"))
    };
    let told = [
        of(role),
        of(&format!("{role}\nsource_profile = q")),
        of(&format!(
            "{role}\nsource_profile = q\n[profile q]\n{role}\nsource_profile = p"
        )),
        of(&format!("{role}\nsource_profile = p")),
        of(&format!("{role}\ncredential_source = Moon")),
        of(&format!(
            "{role}\nduration_seconds = 60\ncredential_source = Environment"
        )),
        of("role_arn = nobody"),
        of("region = eu-west-1"),
        of("sso_session = sso"),
        of("sso_start_url = https://acme.awsapps.com/start\nsso_account_id = 1"),
        source(&[("AWS_PROFILE", "nobody")], ""),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    profile "p": it has a role_arn, and neither source_profile nor credential_source to assume it from
    help: correct it in ~/.aws/config
    profile "p": its source_profile "q" is not there
    help: correct it in ~/.aws/config
    profile "p": its source_profile leads back to it: p → q → p
    help: correct it in ~/.aws/config
    profile "p": it is its own source_profile, and has no keys
    help: correct it in ~/.aws/config
    profile "p": credential_source "Moon" is unknown
    help: correct it in ~/.aws/config
    profile "p": duration_seconds: a session lasts 900 to 43200 seconds, not 60
    help: correct it in ~/.aws/config
    profile "p": role_arn: "nobody" is not the ARN of a role: it does not begin with "arn:"; write arn:aws:iam::ACCOUNT:role/NAME
    help: correct it in ~/.aws/config
    profile "p": it has no credentials
    help: correct it in ~/.aws/config
    no file defines [sso-session sso], which profile "p" names
    help: add these lines to ~/.aws/config:
    [sso-session sso]
    sso_start_url = https://YOUR-PORTAL.awsapps.com/start
    sso_region = REGION-OF-THE-PORTAL
    sso_registration_scopes = sso:account:access
    profile "p": its login lacks sso_role_name
    help: correct it in ~/.aws/config
    there is no profile "nobody"
    help: define [profile nobody] in ~/.aws/config
    "#);
}

#[test]
fn keys_of_the_environment_tell_when_they_end_where_a_tool_says_so() {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "ASIA1"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_CREDENTIAL_EXPIRATION", "2023-11-14T22:13:20Z"),
    ];
    let keys = surroundings(&variables, "")
        .environment_keys()
        .expect("keys");
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    assert_eq!(keys.expires_at, Some(end));
}
