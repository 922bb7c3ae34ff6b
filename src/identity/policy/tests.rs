//! Chains and states in, documents out.

mod states;

use insta::assert_snapshot;

use super::*;
use crate::identity::{ProviderRole, ProviderStart};
use crate::model::{
    Assumption, BaseIdentity, Place, RoleArn, RoleChain, S3State, SessionDuration, SessionLimits,
    SessionName, WebIdentityToken,
};

const SHARED: &str = "000000000000";
const DEV: &str = "111111111111";

fn role(account: &str, name: &str) -> RoleArn {
    format!("arn:aws:iam::{account}:role/{name}")
        .parse()
        .expect("a role")
}

fn assumption(account: &str, name: &str) -> Assumption {
    Assumption {
        role: role(account, name),
        session_name: SessionName::clean("terrane"),
        duration: SessionDuration::ONE_HOUR,
        external_id: None,
        web_identity_token: None,
        limits: SessionLimits::default(),
    }
}

fn hub() -> RoleChain {
    RoleChain::base().then(assumption(SHARED, "assumer"))
}

/// One hub, a doer and a state role behind it.
fn landing_zone() -> Footprint {
    let mut footprint = Footprint::default();
    footprint.assumes(&hub().then(assumption(DEV, "doer")), RoleKind::Doer);
    let state = hub().then(assumption(SHARED, "state"));
    footprint.assumes(&state, RoleKind::State);
    footprint.opens(&state, &state_of("1-dev/vpc"), Touch::Writes);
    footprint
}

fn state_of(unit: &str) -> S3State {
    let mut state = S3State::new("states", format!("{unit}/terraform.tfstate"));
    state.region = Some("eu-west-1".to_owned());
    state.lock.lock_file = true;
    state
}

fn principals(texts: &[&str]) -> Vec<BasePrincipal> {
    let parsed = texts.iter().map(|text| text.parse().expect("a principal"));
    parsed.collect()
}

fn trust(footprint: &Footprint, role: &RoleArn, base: &[&str]) -> String {
    let (document, remarks) = footprint.trust_of(role, &principals(base));
    let remarks = remarks.iter().map(|remark| format!("\n{remark}"));
    document.to_text() + &remarks.collect::<String>()
}

fn policy(footprint: &Footprint, role: &RoleArn) -> String {
    let actor = Actor::Role(role.clone());
    let document = footprint.policy_of(&actor, KeyShape::Exact, Workspaces::Default);
    document.to_text()
}

#[test]
fn doers_and_state_roles_trust_the_hub() {
    assert_snapshot!(trust(&landing_zone(), &role(DEV, "doer"), &[]), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "FromRoles",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::000000000000:role/assumer"
          },
          "Action": "sts:AssumeRole"
        }
      ]
    }
    "#);
}

#[test]
fn people_are_trusted_by_permission_set_and_never_by_the_suffix_of_their_role() {
    let hub = role(SHARED, "assumer");
    let set = trust(&landing_zone(), &hub, &["sso:AWSAdministratorAccess"]);
    assert_snapshot!(set, @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "PeopleAWSAdministratorAccess",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::000000000000:root"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "ArnLike": {
              "aws:PrincipalArn": "arn:aws:iam::000000000000:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AWSAdministratorAccess_*"
            }
          }
        }
      ]
    }
    "#);
    let pasted = "arn:aws:iam::000000000000:role/aws-reserved/sso.amazonaws.com/eu-west-1/\
                  AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef";
    assert_eq!(trust(&landing_zone(), &hub, &[pasted]), set);
}

#[test]
fn jobs_are_trusted_by_audience_and_subject() {
    let subject = "oidc:repo:acme/live:environment:prod";
    assert_snapshot!(trust(&landing_zone(), &role(SHARED, "assumer"), &[subject]), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "GitHubJobs",
          "Effect": "Allow",
          "Principal": {
            "Federated": "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
          },
          "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": {
            "StringEquals": {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": "repo:acme/live:environment:prod"
            }
          }
        }
      ]
    }
    "#);
}

#[test]
fn a_subject_that_lets_many_in_is_remarked_on() {
    let said = |subject: &str| {
        let remarks = landing_zone().base_remarks(&principals(&[subject]));
        remarks.iter().map(ToString::to_string).collect::<String>()
    };
    assert_snapshot!(said("oidc:repo:acme/*"), @"repo:acme/* lets in every repository that it covers, those of tomorrow and their pull requests too; name the repository and an environment with reviewers: oidc:repo:ORG/REPO:environment:NAME");
    assert_snapshot!(said("oidc:repo:acme/live:*"), @"repo:acme/live:* lets in any branch and any pull request; an environment with reviewers is narrower: repo:ORG/REPO:environment:NAME");
    assert_eq!(said("oidc:repo:acme/live:environment:prod"), "");
    assert_eq!(said("oidc:repo:acme/live:ref:refs/heads/main"), "");
}

#[test]
fn nobody_is_made_up_where_the_base_identity_is_not_said() {
    assert_snapshot!(trust(&landing_zone(), &role(SHARED, "assumer"), &[]), @r#"
    {
      "Version": "2012-10-17",
      "Statement": []
    }
    arn:aws:iam::000000000000:role/assumer is assumed by the base identity, and files do not say who that is; --base-principal does
    "#);
}

#[test]
fn an_external_id_is_demanded_of_those_who_bring_it() {
    let mut footprint = Footprint::default();
    let with_id = Assumption {
        external_id: Some("acme:landing".parse().expect("an external id")),
        ..assumption(DEV, "doer")
    };
    footprint.assumes(&hub().then(with_id), RoleKind::Doer);
    assert_snapshot!(trust(&footprint, &role(DEV, "doer"), &[]), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "FromRoles",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::000000000000:role/assumer"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "sts:ExternalId": "acme:landing"
            }
          }
        }
      ]
    }
    "#);
}

#[test]
fn tags_and_source_identities_need_a_word_of_both_sides() {
    let mut footprint = Footprint::default();
    let marked = Assumption {
        limits: SessionLimits {
            source_identity: Some("jane".to_owned()),
            ..SessionLimits::default()
        },
        ..assumption(DEV, "doer")
    };
    footprint.assumes(&hub().then(marked), RoleKind::Doer);
    let action = r#""sts:SetSourceIdentity""#;
    assert!(trust(&footprint, &role(DEV, "doer"), &[]).contains(action));
    assert!(policy(&footprint, &role(SHARED, "assumer")).contains(action));
    assert!(!policy(&landing_zone(), &role(SHARED, "assumer")).contains(action));
}

#[test]
fn people_without_a_hub_are_told_of_one() {
    let mut footprint = Footprint::default();
    for account in [SHARED, DEV] {
        let doer = RoleChain::base().then(assumption(account, "doer"));
        footprint.assumes(&doer, RoleKind::Doer);
    }
    let base = principals(&["sso:AWSAdministratorAccess@000000000000"]);
    assert_eq!(
        footprint.base_remarks(&base),
        [TrustRemark::NoHub { roles: 2 }]
    );
    assert_eq!(landing_zone().base_remarks(&base), []);
    let of_no_account = principals(&["sso:AWSAdministratorAccess"]);
    assert_eq!(
        footprint.base_remarks(&of_no_account)[1..],
        [TrustRemark::WhichAccount {
            set: "AWSAdministratorAccess".to_owned()
        }]
    );
    assert_eq!(landing_zone().base_remarks(&of_no_account), []);
}

#[test]
fn a_token_buys_its_role_from_a_provider_of_the_roles_own_account() {
    let mut footprint = Footprint::default();
    let by_token = Assumption {
        web_identity_token: Some(WebIdentityToken::from_value("/run/token")),
        ..assumption(DEV, "doer")
    };
    footprint.assumes(&hub().then(by_token), RoleKind::Doer);
    let said = trust(&footprint, &role(DEV, "doer"), &["oidc:repo:acme/live:*"]);
    assert!(
        said.contains("arn:aws:iam::111111111111:oidc-provider/"),
        "{said}"
    );
    assert!(footprint.roles().all(|(role, _)| role.name() == "doer"));
}

#[test]
fn a_hub_assumes_exactly_the_roles_behind_it() {
    assert_snapshot!(policy(&landing_zone(), &role(SHARED, "assumer")), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AssumeRoles",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": [
            "arn:aws:iam::000000000000:role/state",
            "arn:aws:iam::111111111111:role/doer"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn providers_go_on_from_the_session_that_they_are_given() {
    let mut footprint = Footprint::default();
    let doer = hub().then(assumption(DEV, "doer"));
    let provider = ProviderRole {
        alias: Some("dns".to_owned()),
        start: ProviderStart::Environment,
        roles: vec![Some(role(SHARED, "dns"))],
        place: Place {
            file: "provider.tf".into(),
            line: 1,
        },
    };
    footprint.assumes_by_provider(&doer, &provider);
    assert!(trust(&footprint, &role(SHARED, "dns"), &[]).contains(":role/doer"));
    assert!(policy(&footprint, &role(DEV, "doer")).contains(":role/dns"));
}

#[test]
fn a_profile_of_a_file_is_not_taken_for_the_base_identity() {
    let mut footprint = Footprint::default();
    let profile = RoleChain::from_base(BaseIdentity::Profile("ops".to_owned()));
    footprint.assumes(&profile.then(assumption(SHARED, "state")), RoleKind::State);
    let (document, remarks) =
        footprint.trust_of(&role(SHARED, "state"), &principals(&["sso:Admin"]));
    assert!(document.is_empty());
    assert_eq!(remarks.len(), 1);
}

#[test]
fn a_principal_that_cannot_be_one_is_told_how_to_be_written() {
    let said = |text: &str| {
        let error = text.parse::<BasePrincipal>().expect_err("no principal");
        error.problem
    };
    assert_snapshot!(said("jane"), @"write the ARN of a role or a user, sso:PERMISSION_SET, sso:PERMISSION_SET@ACCOUNT, or oidc:repo:ORG/REPO:environment:NAME");
    assert_snapshot!(said("arn:aws:sts::111111111111:assumed-role/x/y"), @"it is a session's ARN, and sessions end; name the role");
    assert_snapshot!(said("sso:Admin@1234"), @r#""1234" is not an account id, which is twelve digits; leading zeros count, so write it in quotes"#);
    assert_snapshot!(said("sso:"), @r#""" is no name of a permission set"#);
}
