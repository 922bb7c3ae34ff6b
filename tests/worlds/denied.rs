//! A hop is refused: by the role's own trust, by the policies of whoever asks, or because there is
//! no such role. Rows 49, 51 and 52 of the fault matrix.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;
use terrane_lab::PolicyOf;

use crate::estate::{ASSUMER, DEV_DOER, Done, Estate, STATE};

const OPERATOR: &str = "*AWSReservedSSO_AWSAdministratorAccess_*";

/// Where AWS does not tell whose fault it is that dev's doer cannot be assumed.
const EITHER_SIDE: &str = "\
as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
reason   one side refuses, or there is no such role
hint     AWS does not tell which; look whether arn:aws:iam::234567890123:role/doer-role is there
         its trust policy must allow sts:AssumeRole to arn:aws:iam::123456789011:role/infrastructure-assumer-role
         and a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:AssumeRole on it
";

/// What is said beyond that.
fn where_aws_does_not_tell(said: &str) -> &str {
    let more = said.strip_prefix(EITHER_SIDE);
    more.unwrap_or_else(|| panic!("it was said otherwise:\n{said}"))
}

#[test]
fn a_doer_that_trusts_nobody_stops_its_own_account_alone() {
    let estate = Estate::new();
    estate.distrust(DEV_DOER);
    let done = estate.terrane("run-all plan");
    assert_snapshot!(where_aws_does_not_tell(&estate.dev_failed_alone(&done)), @"
             no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
    next  terrane run-all plan --filter '...1-dev/vpc'
    ");
}

#[test]
fn an_assumer_that_is_forbidden_a_doer_is_named_as_the_side_that_refuses() {
    let estate = Estate::new();
    let no = json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": DEV_DOER});
    estate.add(PolicyOf::Principals(ASSUMER), &no);
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.dev_failed_alone(&done), @"
    as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
    reason   the caller's own policies do not allow it (with an explicit deny in an identity-based policy)
    hint     a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must not deny sts:AssumeRole on arn:aws:iam::234567890123:role/doer-role
    next  terrane run-all plan --filter '...1-dev/vpc'
    ");
}

#[test]
fn an_assumer_that_was_never_allowed_a_doer_is_told_what_it_lacks() {
    let estate = Estate::new();
    estate.write(
        "1-dev/vpc/terragrunt.hcl",
        r#"
include "root" {
  path = find_in_parent_folders("root.hcl")
}

iam_role = "arn:aws:iam::234567890123:role/network-doer"
"#,
    );
    let done = estate.terrane("run-all plan -C 1-dev");
    assert_snapshot!(estate.told(&done), @"
    identity  keys of the environment → infrastructure-assumer-role → 2 doers, state-mgmt-role
    ✗ dev/vpc: could not assume the doer role (after [TIME])
      chain    base → infrastructure-assumer-role → network-doer, stopped at the last hop
      role     arn:aws:iam::234567890123:role/network-doer  (from 1-dev/vpc/terragrunt.hcl:6)
      as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
      reason   the caller's own policies do not allow it (because no identity-based policy allows the sts:AssumeRole action)
      hint     a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:AssumeRole on arn:aws:iam::234567890123:role/network-doer
      next     terrane doctor
      doer     network-doer @ 1-dev
      blocked  dev/eks
    ✗ dev/vpc  could not assume the doer role

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    1-dev        2        0          0       1        1    0       0        0

    2 units in [TIME]: 1 failed, 1 blocked (by dev/vpc)  exit 1
    next  terrane run-all plan -C 1-dev --filter '...{./vpc}'
    exit 1
    ");
    estate.nothing_was_started("1-dev", DEV_DOER);
}

#[test]
fn a_doer_that_is_not_there_is_told_with_its_place() {
    let estate = Estate::new();
    let role = "arn:aws:iam::234567890123:role/doer-rule";
    let may = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role});
    estate.add(PolicyOf::Principals(ASSUMER), &may);
    estate.unit("1-dev/vpc", &format!("iam_role = \"{role}\"\n"));
    let done = estate.terrane("run-all apply --non-interactive --queue-include-dir 1-dev/vpc");
    assert_snapshot!(estate.vpc_was_not_applied(&done), @"
    identity  keys of the environment → infrastructure-assumer-role → doer-rule, state-mgmt-role
    ✗ dev/vpc: could not assume the doer role (after [TIME])
      chain    base → infrastructure-assumer-role → doer-rule, stopped at the last hop
      role     arn:aws:iam::234567890123:role/doer-rule  (from 1-dev/vpc/terragrunt.hcl:6)
      as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
      reason   one side refuses, or there is no such role
      hint     AWS does not tell which; look whether arn:aws:iam::234567890123:role/doer-rule is there
               its trust policy must allow sts:AssumeRole to arn:aws:iam::123456789011:role/infrastructure-assumer-role
               and a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:AssumeRole on it
               no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
      next     terrane doctor
      doer     doer-rule @ 1-dev
    ");
}

#[test]
fn a_state_role_that_trusts_nobody_lets_no_unit_start() {
    let estate = Estate::new();
    estate.distrust(STATE);
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.told(&done), @"
    identity  keys of the environment → infrastructure-assumer-role → 2 doers, state-mgmt-role
    ✗ dev/vpc: could not assume the state-management role (after [TIME])
      chain    base → infrastructure-assumer-role → state-mgmt-role, stopped at the last hop
      role     arn:aws:iam::123456789011:role/state-mgmt-role  (from root.hcl:8)
      as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
      reason   one side refuses, or there is no such role
      hint     AWS does not tell which; look whether arn:aws:iam::123456789011:role/state-mgmt-role is there
               its trust policy must allow sts:AssumeRole to arn:aws:iam::123456789011:role/infrastructure-assumer-role
               and a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:AssumeRole on it
               no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
      next     terrane doctor
      doer     doer-role @ 1-dev
      blocked  dev/eks
    ✗ prod/vpc: could not assume the state-management role (after [TIME])
      chain    base → infrastructure-assumer-role → state-mgmt-role, stopped at the last hop
      role     arn:aws:iam::123456789011:role/state-mgmt-role  (from root.hcl:8)
      as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
      reason   one side refuses, or there is no such role
      hint     AWS does not tell which; look whether arn:aws:iam::123456789011:role/state-mgmt-role is there
               its trust policy must allow sts:AssumeRole to arn:aws:iam::123456789011:role/infrastructure-assumer-role
               and a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:AssumeRole on it
               no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
      next     terrane doctor
      doer     doer-role @ 3-prod
    ✗ dev/vpc  could not assume the state-management role
    ✗ prod/vpc  could not assume the state-management role

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    1-dev        2        0          0       1        1    0       0        0
    3-prod       1        0          0       1        0    0       0        0

    3 units in [TIME]: 2 failed, 1 blocked (by dev/vpc)  exit 1
    next  terrane run-all plan --filter '...1-dev/vpc' --filter '3-prod/vpc'
    exit 1
    ");
    estate.nothing_was_started("", STATE);
}

#[test]
fn an_assumer_that_is_forbidden_the_state_role_is_named() {
    let estate = Estate::new();
    let no = json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": STATE});
    estate.add(PolicyOf::Principals(ASSUMER), &no);
    let done = estate.terrane("run-all plan -C 3-prod");
    assert_snapshot!(estate.prod_had_no_state_role(&done), @"
    as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
    reason   the caller's own policies do not allow it (with an explicit deny in an identity-based policy)
    hint     a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must not deny sts:AssumeRole on arn:aws:iam::123456789011:role/state-mgmt-role
    ");
}

#[test]
fn a_hub_that_trusts_nobody_is_told_before_any_unit() {
    let estate = Estate::new();
    estate.distrust(ASSUMER);
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = could not assume arn:aws:iam::123456789011:role/infrastructure-assumer-role as arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com: one side refuses, or there is no such role
    = help: terrane.hcl:1 names this role
    = help: AWS does not tell which; look whether arn:aws:iam::123456789011:role/infrastructure-assumer-role is there
            its trust policy must allow sts:AssumeRole to the role AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef of account 123456789011
            and a policy of the role AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef of account 123456789011 must allow sts:AssumeRole on it
            no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
    ");
}

#[test]
fn an_operator_who_is_forbidden_the_hub_is_told_before_any_unit() {
    let estate = Estate::new();
    let no = json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": ASSUMER});
    estate.add(PolicyOf::Principals(OPERATOR), &no);
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = could not assume arn:aws:iam::123456789011:role/infrastructure-assumer-role as arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com: the caller's own policies do not allow it (with an explicit deny in an identity-based policy)
    = help: terrane.hcl:1 names this role
    = help: a policy of the role AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef of account 123456789011 must not deny sts:AssumeRole on arn:aws:iam::123456789011:role/infrastructure-assumer-role
    ");
}

#[test]
fn a_hub_that_is_not_there_is_told_before_any_unit() {
    let estate = Estate::new();
    let role = "arn:aws:iam::123456789011:role/infrastructure-assumer";
    estate.write("terrane.hcl", &format!("assumer_role = \"{role}\"\n"));
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = could not assume arn:aws:iam::123456789011:role/infrastructure-assumer as arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com: one side refuses, or there is no such role
    = help: terrane.hcl:1 names this role
    = help: AWS does not tell which; look whether arn:aws:iam::123456789011:role/infrastructure-assumer is there
            its trust policy must allow sts:AssumeRole to the role AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef of account 123456789011
            and a policy of the role AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef of account 123456789011 must allow sts:AssumeRole on it
            no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
    ");
}

/// The trust policy of dev's doer wants an external id.
fn that_wants_an_external_id() -> Estate {
    let estate = Estate::new();
    let only_with_it = json!({
        "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
        "Condition": {"StringNotEquals": {"sts:ExternalId": "acme"}},
    });
    estate.add(PolicyOf::Trust(DEV_DOER), &only_with_it);
    estate
}

fn with_external_id(estate: &Estate, id: &str) {
    let file = format!(
        "assumer_role = \"{ASSUMER}\"\nexternal_ids = {{\n  \"{DEV_DOER}\" = \"{id}\"\n}}\n"
    );
    estate.write("terrane.hcl", &file);
}

#[test]
fn a_missing_external_id_is_told_with_where_to_name_it() {
    let estate = that_wants_an_external_id();
    let done = estate.terrane("run-all plan");
    assert_snapshot!(where_aws_does_not_tell(&estate.dev_failed_alone(&done)), @"
             no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
    next  terrane run-all plan --filter '...1-dev/vpc'
    ");
}

#[test]
fn a_wrong_external_id_is_shown() {
    let estate = that_wants_an_external_id();
    with_external_id(&estate, "acne");
    let done = estate.terrane("run-all plan");
    assert_snapshot!(where_aws_does_not_tell(&estate.dev_failed_alone(&done)), @"
             the external id acne was sent; its trust policy may want another
             acne is named by terrane.hcl:3
    next  terrane run-all plan --filter '...1-dev/vpc'
    ");
}

#[test]
fn the_right_external_id_opens_the_role() {
    let estate = that_wants_an_external_id();
    with_external_id(&estate, "acme");
    let done = estate.terrane("run-all plan");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    estate.went_on("1-dev/vpc", "plan");
}

#[test]
fn a_source_identity_that_is_not_allowed_is_named_and_never_dropped() {
    let estate = Estate::new();
    let nobody_sets_it = json!({
        "Effect": "Deny", "Principal": "*", "Action": "sts:SetSourceIdentity",
    });
    estate.add(PolicyOf::Trust(STATE), &nobody_sets_it);
    estate.replace(
        "root.hcl",
        "role_arn = \"arn:aws:iam::123456789011:role/state-mgmt-role\"",
        "assume_role = {\n      role_arn        = \"arn:aws:iam::123456789011:role/state-mgmt-role\"\n      \
         source_identity = \"alice\"\n    }",
    );
    let done = estate.terrane("run-all plan -C 3-prod");
    assert_snapshot!(estate.prod_had_no_state_role(&done), @"
    as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
    reason   one side refuses, or there is no such role
    hint     AWS does not tell which; look whether arn:aws:iam::123456789011:role/state-mgmt-role is there
             its trust policy must allow sts:SetSourceIdentity to arn:aws:iam::123456789011:role/infrastructure-assumer-role
             and a policy of arn:aws:iam::123456789011:role/infrastructure-assumer-role must allow sts:SetSourceIdentity on it
             no external id was sent; if its trust policy wants one, name it in external_ids of terrane.hcl
    ");
}

/// A program that says who acts, and prints that.
const AUTH_PROVIDER: [(&str, &str); 4] = [
    ("TERRANE_AUTH_PROVIDER_CMD", "sh [TOP]/auth.sh"),
    ("AWS_ACCESS_KEY_ID", ""),
    ("AWS_SECRET_ACCESS_KEY", ""),
    ("AWS_SESSION_TOKEN", ""),
];

/// The blocks of failed units, without the hints.
fn refusals(estate: &Estate, done: &Done) -> String {
    let told = estate.told(done);
    let begin = told.lines().skip_while(|line| !line.starts_with('✗'));
    let block = begin.take_while(|line| !line.trim_start().starts_with("hint"));
    block.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_doer_that_refuses_given_keys_is_told_as_the_doer() {
    let estate = Estate::new();
    let keys: BTreeMap<String, String> = estate.lab.operator().environment().into_iter().collect();
    let printed = json!({"awsCredentials": {
        "ACCESS_KEY_ID": keys["AWS_ACCESS_KEY_ID"],
        "SECRET_ACCESS_KEY": keys["AWS_SECRET_ACCESS_KEY"],
        "SESSION_TOKEN": keys["AWS_SESSION_TOKEN"],
    }});
    estate.write("../auth.sh", &format!("printf '%s' '{printed}'\n"));
    estate.distrust(DEV_DOER);
    let done = estate.terrane_with("run-all plan", &AUTH_PROVIDER);
    assert_snapshot!(refusals(&estate, &done), @"
    ✗ dev/vpc: could not assume the doer role (after [TIME])
      chain    keys of the auth provider command → infrastructure-assumer-role → doer-role, stopped at the last hop
      role     arn:aws:iam::234567890123:role/doer-role  (from root.hcl:6)
      as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
      reason   one side refuses, or there is no such role
    ");
    estate.went_on("3-prod/vpc", "plan");
}

#[test]
fn a_role_before_the_hub_that_is_refused_is_part_of_the_base_identity() {
    let estate = Estate::new();
    let role = "arn:aws:iam::123456789011:role/runner";
    let printed = json!({"awsRole": {"roleARN": role}});
    estate.write("../auth.sh", &format!("printf '%s' '{printed}'\n"));
    let done = estate.terrane_with("run-all plan -C 3-prod", &AUTH_PROVIDER[..1]);
    assert_snapshot!(refusals(&estate, &done), @"
    ✗ prod/vpc: the base identity cannot be used (after [TIME])
      base     arn:aws:iam::123456789011:role/runner
      reason   one side refuses, or there is no such role
    ");
    estate.nothing_was_started("", ASSUMER);
}

#[test]
fn a_backends_profile_that_is_of_no_use_is_told_as_such() {
    let estate = Estate::new();
    let config = "[profile tfstate]\nrole_arn = arn:aws:iam::123456789011:role/nobody\n\
                  credential_source = Environment\n";
    estate.write("../home/.aws/config", config);
    estate.replace(
        "root.hcl",
        "role_arn = \"arn:aws:iam::123456789011:role/state-mgmt-role\"",
        "profile = \"tfstate\"",
    );
    estate.replace(
        "1-dev/eks/terragrunt.hcl",
        "dependency \"vpc\"",
        "inputs = { vpc = dependency.vpc.outputs.id }\ndependency \"vpc\"",
    );
    let done = estate.terrane("run-all plan -C 1-dev/eks");
    assert_snapshot!(refusals(&estate, &done), @"
    ✗ dev/eks: the profile of the backend cannot be used, which is to read the outputs of 1-dev/vpc (after [TIME])
      profile  tfstate
      reason   could not assume arn:aws:iam::123456789011:role/nobody as arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com: one side refuses, or there is no such role
    ");
    estate.nothing_was_started("", DEV_DOER);
}
