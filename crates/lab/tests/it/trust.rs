//! Who may assume what, for how long, and what one hears if not.

use jiff::SignedDuration;
use serde_json::{Value, json};
use terrane_lab::{Lab, PolicyOf};

use crate::client::{
    ASSUMER, DEV, DEV_DOER, Program, SHARED, STATE, landing_zone, landing_zone_with,
};

const OPERATOR_ARN: &str = "arn:aws:sts::123456789011:assumed-role/\
                            AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com";
const ASSUMER_SESSION: &str =
    "arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/test";

fn reason(lab: &Lab) -> String {
    let last = lab.record().pop().expect("there was a call");
    last.reason.expect("the call was refused for a reason")
}

/// One more role, in the dev account, with this trust statement.
fn with_role(name: &str, trust: &Value) -> Lab {
    landing_zone_with(&json!({"roles": [{
        "arn": format!("arn:aws:iam::{DEV}:role/{name}"),
        "trust": {"Version": "2012-10-17", "Statement": trust},
    }]}))
}

#[test]
fn everybody_knows_who_they_are() {
    let lab = landing_zone();
    let mut operator = Program::operator(&lab);
    let answer = operator.sts("GetCallerIdentity", &[]);
    assert_eq!(answer.element("Arn"), OPERATOR_ARN);
    assert_eq!(answer.element("Account"), SHARED);
    assert!(answer.element("UserId").ends_with(":alice@example.com"));

    let mut doer = Program::in_role(&lab, DEV_DOER);
    let answer = doer.sts("GetCallerIdentity", &[]);
    assert_eq!(
        answer.element("Arn"),
        format!("arn:aws:sts::{DEV}:assumed-role/doer-role/test")
    );
    assert_eq!(answer.element("Account"), DEV);
}

#[test]
fn siblings_are_reached_through_the_hub_only() {
    let lab = landing_zone();
    for role in [DEV_DOER, STATE] {
        assert_eq!(
            Program::operator(&lab).assume(role, &[]).summary(),
            format!(
                "403 AccessDenied: User: {OPERATOR_ARN} is not authorized to perform: \
                 sts:AssumeRole on resource: {role}"
            )
        );
        assert_eq!(
            reason(&lab),
            "the role's trust policy does not let the caller in"
        );
        assert_eq!(
            Program::operator(&lab)
                .assuming(ASSUMER)
                .assume(role, &[])
                .status,
            200
        );
    }
}

#[test]
fn a_sibling_reaches_neither_the_other_nor_the_hub() {
    let lab = landing_zone();
    let mut doer = Program::in_role(&lab, DEV_DOER);
    let refused = doer.assume(STATE, &[]).summary();
    assert_eq!(
        refused,
        format!(
            "403 AccessDenied: User: arn:aws:sts::{DEV}:assumed-role/doer-role/test is not \
             authorized to perform: sts:AssumeRole on resource: {STATE}"
        )
    );
    assert_eq!(doer.assume(ASSUMER, &[]).code(), "AccessDenied");
    assert_eq!(doer.assume(DEV_DOER, &[]).code(), "AccessDenied");
}

#[test]
fn a_caller_whose_own_policies_are_silent_is_told_so() {
    let lab = landing_zone();
    let mut state = Program::in_role(&lab, STATE);
    assert_eq!(
        state.assume(DEV_DOER, &[]).summary(),
        format!(
            "403 AccessDenied: User: arn:aws:sts::{SHARED}:assumed-role/state-mgmt-role/test is \
             not authorized to perform: sts:AssumeRole on resource: {DEV_DOER} because no \
             identity-based policy allows the sts:AssumeRole action"
        )
    );
}

#[test]
fn a_role_that_is_not_there_is_refused_in_the_words_of_one_without_trust() {
    let lab = landing_zone();
    let missing = format!("arn:aws:iam::{DEV}:role/doer-rolle");
    let refused = Program::operator(&lab).assume(&missing, &[]);
    let without_trust = Program::operator(&lab).assume(DEV_DOER, &[]);
    assert_eq!(
        refused.summary(),
        without_trust.summary().replace(DEV_DOER, &missing)
    );
    assert_eq!(
        lab.record()[0].reason.as_deref(),
        Some("the role does not exist")
    );
}

#[test]
fn an_explicit_deny_on_the_callers_side_is_named() {
    let lab = landing_zone();
    let deny = json!({"Sid": "Stop", "Effect": "Deny", "Action": "sts:*", "Resource": "*"});
    lab.add_statement(PolicyOf::Principals("*assumer*"), &deny)
        .expect("a statement");
    let mut assumer = Program::operator(&lab).assuming(ASSUMER);
    assert_eq!(
        assumer.assume(DEV_DOER, &[]).summary(),
        format!(
            "403 AccessDenied: User: {ASSUMER_SESSION} is not authorized to perform: \
             sts:AssumeRole on resource: {DEV_DOER} with an explicit deny in an identity-based \
             policy"
        )
    );
    assert_eq!(
        lab.remove_statement(PolicyOf::Principals("*assumer*"), "Stop"),
        1
    );
    assert_eq!(assumer.assume(DEV_DOER, &[]).status, 200);
}

#[test]
fn the_external_id_must_be_the_one_that_the_trust_policy_wants() {
    let lab = with_role(
        "doer-role",
        &json!({"Effect": "Allow", "Principal": {"AWS": ASSUMER}, "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "acme-landing-zone"}}}),
    );
    let mut assumer = Program::operator(&lab).assuming(ASSUMER);
    assert_eq!(assumer.assume(DEV_DOER, &[]).code(), "AccessDenied");
    assert_eq!(
        assumer.assume(DEV_DOER, &[("ExternalId", "acme")]).code(),
        "AccessDenied"
    );
    let right = [("ExternalId", "acme-landing-zone")];
    assert_eq!(assumer.assume(DEV_DOER, &right).status, 200);
    let issued = lab
        .record()
        .pop()
        .and_then(|call| call.issued)
        .expect("a session");
    assert_eq!(issued.external_id.as_deref(), Some("acme-landing-zone"));
}

#[test]
fn an_account_as_principal_leaves_it_to_the_callers_own_policies() {
    let lab = with_role(
        "doer-role",
        &json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{SHARED}:root")},
                "Action": "sts:AssumeRole"}),
    );
    assert_eq!(Program::operator(&lab).assume(DEV_DOER, &[]).status, 200);
    let mut state = Program::in_role(&lab, STATE);
    let refused = state.assume(DEV_DOER, &[]).summary();
    assert!(
        refused.contains("no identity-based policy allows"),
        "{refused}"
    );
}

#[test]
fn within_one_account_a_principal_that_is_named_needs_no_permission_of_its_own() {
    let lab = landing_zone_with(&json!({"roles": [{
        "arn": ASSUMER,
        "trust": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
                                "Principal": {"AWS": SHARED}}},
        "policies": [],
    }]}));
    let mut assumer = Program::operator(&lab).assuming(ASSUMER);
    assert_eq!(assumer.assume(STATE, &[]).status, 200);
    let refused = assumer.assume(DEV_DOER, &[]).summary();
    assert!(
        refused.contains("no identity-based policy allows"),
        "{refused}"
    );
}

#[test]
fn a_trust_condition_on_the_principal_is_matched_part_by_part() {
    let lab = landing_zone();
    // The assumer trusts the account's people of one permission set, not everybody in it.
    assert_eq!(Program::operator(&lab).assume(ASSUMER, &[]).status, 200);
    let lab = landing_zone_with(&json!({"roles": [{
        "arn": format!("arn:aws:iam::{SHARED}:role/aws-reserved/sso.amazonaws.com/ReadOnly_1a2b"),
        "policies": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
        "keys": [{"access_key_id": "ASIAREADER", "secret_access_key": "s", "session_name": "bob"}],
    }]}));
    let mut reader = Program::new(&lab, lab.keys("ASIAREADER"));
    assert_eq!(reader.assume(ASSUMER, &[]).code(), "AccessDenied");
}

#[test]
fn tags_and_source_identity_need_the_word_of_the_trust_policy_and_are_recorded() {
    let lab = landing_zone();
    let extras = [
        ("Tags.member.1.Key", "reason"),
        ("Tags.member.1.Value", "break-glass"),
        ("TransitiveTagKeys.member.1", "reason"),
        ("SourceIdentity", "alice"),
    ];
    let answer = Program::operator(&lab).assume(ASSUMER, &extras);
    assert_eq!(answer.status, 200, "{}", answer.summary());
    assert_eq!(answer.element("SourceIdentity"), "alice");
    let mut assumer = Program::new(&lab, Some(answer.keys()));
    assert_eq!(assumer.assume(DEV_DOER, &[]).status, 200);
    let issued = lab
        .record()
        .pop()
        .and_then(|call| call.issued)
        .expect("a session");
    assert_eq!(issued.tags["reason"], "break-glass");
    assert_eq!(issued.source_identity.as_deref(), Some("alice"));
    let changed = assumer.assume(DEV_DOER, &[("SourceIdentity", "mallory")]);
    assert_eq!(changed.code(), "AccessDenied");
}

#[test]
fn tags_are_refused_where_only_assuming_is_trusted() {
    let lab = with_role(
        "doer-role",
        &json!({"Effect": "Allow", "Principal": {"AWS": ASSUMER}, "Action": "sts:AssumeRole"}),
    );
    let mut assumer = Program::operator(&lab).assuming(ASSUMER);
    let tags = [("Tags.member.1.Key", "run"), ("Tags.member.1.Value", "1")];
    let refused = assumer.assume(DEV_DOER, &tags).summary();
    assert!(
        refused.contains("not authorized to perform: sts:TagSession"),
        "{refused}"
    );
    let refused = assumer
        .assume(DEV_DOER, &[("SourceIdentity", "alice")])
        .summary();
    assert!(
        refused.contains("not authorized to perform: sts:SetSourceIdentity"),
        "{refused}"
    );
}

#[test]
fn a_chained_session_lasts_an_hour_at_most_and_no_session_less_than_fifteen_minutes() {
    let lab = with_role(
        "long-role",
        &json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}),
    );
    let mut operator = Program::operator(&lab);
    assert_eq!(
        operator
            .assume(ASSUMER, &[("DurationSeconds", "3601")])
            .summary(),
        "400 ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for \
         roles assumed by role chaining."
    );
    assert_eq!(
        operator
            .assume(ASSUMER, &[("DurationSeconds", "3600")])
            .status,
        200
    );
    assert_eq!(
        operator
            .assume(ASSUMER, &[("DurationSeconds", "899")])
            .summary(),
        "400 ValidationError: 1 validation error detected: Value '899' at 'durationSeconds' \
         failed to satisfy constraint: Member must have value greater than or equal to 900"
    );
}

#[test]
fn an_unchained_session_lasts_as_long_as_its_role_allows() {
    let ci = format!("arn:aws:iam::{SHARED}:user/ci");
    let lab = landing_zone_with(&json!({
        "users": [{
            "arn": ci,
            "policies": [{"Statement":
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}],
            "keys": [{"access_key_id": "AKIACI", "secret_access_key": "ci-secret"}],
        }],
        "roles": [{
            "arn": "arn:aws:iam::234567890123:role/build",
            "max_session_seconds": 7200,
            "trust": {"Statement":
                {"Effect": "Allow", "Principal": {"AWS": ci}, "Action": "sts:AssumeRole"}},
        }],
    }));
    let mut user = Program::new(&lab, lab.keys("AKIACI"));
    assert_eq!(user.sts("GetCallerIdentity", &[]).element("Arn"), ci);
    let build = "arn:aws:iam::234567890123:role/build";
    assert_eq!(
        user.assume(build, &[("DurationSeconds", "7200")]).status,
        200
    );
    assert_eq!(
        user.assume(build, &[("DurationSeconds", "7201")]).summary(),
        "400 ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set \
         for this role."
    );
}

#[test]
fn root_may_do_everything_in_its_account_but_assume_a_role() {
    let lab = landing_zone_with(&json!({"users": [{
        "arn": format!("arn:aws:iam::{SHARED}:root"),
        "keys": [{"access_key_id": "AKIAROOT", "secret_access_key": "root-secret"}],
    }]}));
    let mut root = Program::new(&lab, lab.keys("AKIAROOT"));
    let arn = root.sts("GetCallerIdentity", &[]).element("Arn");
    assert_eq!(arn, format!("arn:aws:iam::{SHARED}:root"));
    assert_eq!(root.get("?list-type=2").status, 200);
    assert_eq!(
        root.assume(ASSUMER, &[]).summary(),
        "403 AccessDenied: Roles may not be assumed by root accounts."
    );
}

#[test]
fn a_session_policy_narrows_what_the_role_may() {
    let lab = landing_zone();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["s3:*"],
        "Resource": "arn:aws:s3:::terraform-state-123456789011/1-dev/*",
    }]});
    let mut assumer = Program::operator(&lab).assuming(ASSUMER);
    let answer = assumer.assume(STATE, &[("Policy", &policy.to_string())]);
    let mut state = Program::new(&lab, Some(answer.keys()));
    assert_eq!(state.put("/1-dev/vpc/terraform.tfstate", "{}").status, 200);
    let refused = state.put("/3-prod/vpc/terraform.tfstate", "{}").summary();
    assert!(
        refused.contains("because no session policy allows the s3:PutObject"),
        "{refused}"
    );
}

#[test]
fn a_session_ends_when_its_expiration_says() {
    let lab = landing_zone();
    lab.set_session_seconds(Some(8));
    let mut assumer = Program::operator(&lab);
    let answer = assumer.assume(ASSUMER, &[]);
    let expiration = answer
        .element("Expiration")
        .parse::<jiff::Timestamp>()
        .expect("a time");
    let left = expiration.duration_since(lab.now()).as_secs();
    assert!((6..=8).contains(&left), "{left} seconds are left");
    assumer.keys = Some(answer.keys());
    assert_eq!(assumer.assume(STATE, &[]).status, 200);
    lab.set_clock_skew(SignedDuration::from_secs(9));
    assert_eq!(
        assumer.assume(STATE, &[]).summary(),
        "403 ExpiredToken: The security token included in the request is expired"
    );
    assert_eq!(Program::operator(&lab).assume(ASSUMER, &[]).status, 200);
}

#[test]
fn sessions_of_a_role_end_on_request() {
    let lab = landing_zone();
    let mut doer = Program::in_role(&lab, DEV_DOER);
    let mut state = Program::in_role(&lab, STATE);
    assert_eq!(lab.expire("*:role/doer-role"), 1);
    assert_eq!(doer.sts("GetCallerIdentity", &[]).code(), "ExpiredToken");
    assert_eq!(state.sts("GetCallerIdentity", &[]).status, 200);
}

#[test]
fn keys_that_last_do_not_end_with_the_sessions() {
    let lab = landing_zone_with(&json!({"users": [{
        "arn": format!("arn:aws:iam::{SHARED}:user/ci"),
        "keys": [{"access_key_id": "AKIACI", "secret_access_key": "ci-secret"}],
    }]}));
    let mut user = Program::new(&lab, lab.keys("AKIACI"));
    assert_eq!(lab.expire("*"), 1, "the operator's session and no other");
    assert_eq!(user.sts("GetCallerIdentity", &[]).status, 200);
    assert_eq!(
        Program::operator(&lab).sts("GetCallerIdentity", &[]).code(),
        "ExpiredToken"
    );
}

#[test]
fn malformed_requests_are_told_what_is_wrong_with_them() {
    let lab = landing_zone();
    let mut operator = Program::operator(&lab);
    let mut answers = Vec::new();
    for parameters in [
        &[("RoleSessionName", "test")][..],
        &[("RoleArn", ASSUMER), ("RoleSessionName", "feature/ü")],
        &[("RoleArn", ASSUMER), ("RoleSessionName", "x")],
        &[("RoleArn", "doer"), ("RoleSessionName", "test")],
        &[
            ("RoleArn", ASSUMER),
            ("RoleSessionName", "test"),
            ("Policy", "{"),
        ],
        &[
            ("RoleArn", ASSUMER),
            ("RoleSessionName", "test"),
            ("ExternalId", "a b"),
        ],
    ] {
        answers.push(operator.sts("AssumeRole", parameters).summary());
    }
    answers.push(operator.sts("GetSessionToken", &[]).summary());
    insta::assert_snapshot!(answers.join("\n"), @r"
    400 ValidationError: 1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null
    400 ValidationError: 1 validation error detected: Value 'feature/ü' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*
    400 ValidationError: 1 validation error detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2
    400 ValidationError: doer is invalid
    400 MalformedPolicyDocument: The policy is not in the valid JSON format.
    400 ValidationError: 1 validation error detected: Value 'a b' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@:\/-]*
    403 AccessDenied: Cannot call GetSessionToken with session credentials
    ");
}
