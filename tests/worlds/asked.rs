//! AWS wants to be asked otherwise: rows 46, 47, 53 and 54 of the fault matrix, and row 50, where
//! it gives something else than what was asked for.

use insta::assert_snapshot;
use terrane_lab::Fault;

use crate::estate::{DEV_DOER, Estate, STATE};

#[test]
fn a_longer_session_than_a_chain_may_have_is_cut_to_an_hour_and_told_once() {
    let estate = Estate::new();
    estate.unit("1-dev/vpc", "iam_assume_role_duration = 14400\n");
    estate.unit("1-dev/dns", "iam_assume_role_duration = 14400\n");
    let done = estate.terrane("run-all plan -C 1-dev");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let told: Vec<&str> = done
        .stderr
        .lines()
        .filter(|line| line.contains("instead of"))
        .collect();
    assert_snapshot!(told.join("\n"), @"credentials: arn:aws:iam::234567890123:role/doer-role: 3600 s instead of 14400 s, renewed as needed (AWS caps chained sessions at an hour)");
    let asked = estate
        .lab
        .calls()
        .of("sts:AssumeRole")
        .that(|call| call.resource == DEV_DOER);
    let lives: Vec<i64> = asked
        .iter()
        .filter_map(|call| Some(call.issued.as_ref()?.seconds))
        .collect();
    assert_eq!(
        lives,
        [3600, 3600],
        "one of eks, one that vpc and dns share"
    );
}

#[test]
fn a_region_without_sts_is_named() {
    let estate = Estate::new();
    let message = "STS is not activated in this region for account:234567890123. Your account \
                   administrator can activate STS in this region using the IAM Console.";
    estate.fault(Fault::on("sts:AssumeRole").to(DEV_DOER).answering_with(
        403,
        "RegionDisabledException",
        message,
    ));
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.dev_failed_alone(&done), @"
    as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
    reason   STS is switched off in us-east-1 (STS is not activated in this region for account:234567890123. Your account administrator can activate STS in this region using the IAM Console.)
    hint     activate STS in us-east-1 in the account settings of IAM
             or set AWS_REGION to a region where it is active
    next  terrane run-all plan --filter '...1-dev/vpc'
    ");
}

#[test]
fn a_session_policy_that_is_too_large_is_told_with_its_percentage() {
    let estate = Estate::new();
    let message = "Packed policy consumes 132% of allotted space, please use smaller policy.";
    estate.fault(Fault::on("sts:AssumeRole").to(STATE).answering_with(
        400,
        "PackedPolicyTooLarge",
        message,
    ));
    let done = estate.terrane("run-all plan -C 3-prod");
    assert_snapshot!(estate.prod_had_no_state_role(&done), @"
    as       arn:aws:sts::123456789011:assumed-role/infrastructure-assumer-role/terrane
    reason   session policy and tags take 132 % of what AWS allows
    hint     shorten the policy, policy_arns, tags or transitive_tag_keys of this role's session
    ");
}

#[test]
fn a_session_is_named_within_what_aws_allows() {
    let estate = Estate::new();
    let long = "release/".repeat(20);
    let names = |name: &str| {
        estate.lab.clear_record();
        let done = estate.terrane_with(
            "run-all plan -C 3-prod",
            &[("TERRANE_ROLE_SESSION_NAME", name)],
        );
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let calls = estate.lab.calls().of("sts:AssumeRole").on("*doer-role");
        let call = calls.first().expect("the doer was assumed");
        call.issued
            .as_ref()
            .expect("with success")
            .session_name
            .clone()
    };
    assert_snapshot!(names("feature/ü"), @"feature-");
    assert_snapshot!(names(&long), @"release-release-release-release-release-release-release-7d4725f0");
}

#[test]
fn a_role_that_answers_as_another_account_runs_nothing() {
    let estate = Estate::new();
    estate.fault(
        Fault::on("sts:GetCallerIdentity")
            .by("arn:aws:sts::234567890123:assumed-role/doer-role/*")
            .saying(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <GetCallerIdentityResult><Arn>arn:aws:sts::999999999999:assumed-role/doer-role/\
                 terrane</Arn><UserId>AROA:terrane</UserId><Account>999999999999</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>",
            ),
    );
    let done = estate.terrane("run-all apply --non-interactive");
    assert_snapshot!(estate.told(&done), @"
    identity  keys of the environment → infrastructure-assumer-role → 2 doers, state-mgmt-role
    ✗ dev/vpc: its role answers as account 999999999999, not 234567890123 (after [TIME])
      role     arn:aws:iam::234567890123:role/doer-role
      at       1-dev/account.hcl:2
      note     nothing was run with this session
      hint     name a role of 234567890123, or correct the account there
      doer     doer-role @ 1-dev
      blocked  dev/eks
    ✗ dev/vpc  its role answers as account 999999999999, not 234567890123

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    1-dev        2        0          0       1        1    0       0        0
    3-prod       1        1          0       0        0    1       0        0

    3 units in [TIME]: 1 changed, 1 failed, 1 blocked (by dev/vpc)  exit 1
    next  terrane run-all apply --non-interactive --filter '...1-dev/vpc'
    exit 1
    ");
    estate.nothing_was_started("1-dev", DEV_DOER);
    estate.went_on("3-prod/vpc", "apply");
}

#[test]
fn a_role_of_another_account_than_the_folders_starts_nothing_at_all() {
    let estate = Estate::new();
    estate.unit(
        "1-dev/vpc",
        "iam_role = \"arn:aws:iam::456789012345:role/doer-role\"\n",
    );
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.told(&done), @"
    error: Role of another account
     |
     = this unit would run in 456789012345, by arn:aws:iam::456789012345:role/doer-role of 1-dev/vpc/terragrunt.hcl:6, but its folder 1-dev is 234567890123 by 1-dev/account.hcl:2
     = help: name a role of 234567890123 in 1-dev/vpc/terragrunt.hcl:6, or correct 1-dev/account.hcl:2
    exit 4
    ");
    assert!(estate.lab.calls().is_empty(), "nobody was asked");
    assert!(estate.calls_of("").is_empty(), "nothing was started");
}
