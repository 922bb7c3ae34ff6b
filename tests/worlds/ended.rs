//! Sessions that end, logins that are over, sources that go away, clocks that are wrong: rows 41,
//! 42 and 55 of the fault matrix, and what the issue adds to them.

use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;
use jiff::SignedDuration;
use terrane_lab::Fault;

use crate::estate::{ASSUMER, Estate, STATE};

const OPERATOR: &str = "*AWSReservedSSO_AWSAdministratorAccess_*";
const ENDED: &str = "The security token included in the request is expired";

/// Without keys in the environment, and with a profile whose keys a program gives.
const BY_PROFILE: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", ""),
    ("AWS_SECRET_ACCESS_KEY", ""),
    ("AWS_SESSION_TOKEN", ""),
    ("AWS_PROFILE", "org"),
];

/// Makes the profile `org`: the operator's keys, by a program that does this first.
fn profile(estate: &Estate, first: &str, ends: &str) {
    let keys = estate.lab.operator();
    let document = format!(
        r#"{{"Version": 1, "AccessKeyId": "{}", "SecretAccessKey": "{}", "SessionToken": "{}"{ends}}}"#,
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.unwrap_or_default(),
    );
    let top = estate.top().display();
    let script = format!("#!/bin/sh\necho asked >> {top}/asked\n{first}\necho '{document}'\n");
    let program = estate.top().join("give-keys");
    std::fs::write(&program, script).expect("a new file");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, executable).expect("it is ours");
    let folder = estate.top().join("home/.aws");
    std::fs::create_dir(&folder).expect("a new folder");
    let config = format!(
        "[profile org]\ncredential_process = {}\n",
        program.display()
    );
    std::fs::write(folder.join("config"), config).expect("a new file");
}

fn asked(estate: &Estate) -> usize {
    let asked = std::fs::read_to_string(estate.top().join("asked"));
    asked.unwrap_or_default().lines().count()
}

#[test]
fn a_login_that_is_over_is_told_before_any_unit() {
    let estate = Estate::new();
    assert_eq!(estate.lab.expire(OPERATOR), 1);
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = the base identity cannot be used: the base session has ended
    = help: terrane was started with: keys of the environment
    = help: log in again, or put new keys into the environment, and run this once more
    ");
}

#[test]
fn a_base_session_that_ended_is_found_anew_once() {
    let estate = Estate::new();
    profile(&estate, "", "");
    let ended = Fault::on("sts:AssumeRole").to(ASSUMER);
    estate.fault(ended.answering_with(403, "ExpiredToken", ENDED).once());
    let done = estate.terrane_with("run-all plan", &BY_PROFILE);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(asked(&estate), 2);
    estate.went_on("1-dev/vpc", "plan");
}

#[test]
fn a_base_session_that_stays_ended_is_told_after_one_more_try() {
    let estate = Estate::new();
    profile(&estate, "", "");
    let ended = Fault::on("sts:AssumeRole").to(ASSUMER);
    estate.fault(ended.answering_with(403, "ExpiredToken", ENDED));
    let done = estate.terrane_with("run-all plan", &BY_PROFILE);
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = could not assume arn:aws:iam::123456789011:role/infrastructure-assumer-role as arn:aws:sts::123456789011:assumed-role/AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef/alice@example.com: the base session has ended
    = help: terrane.hcl:1 names this role
    = help: log in again, or put new keys into the environment, and run this once more
    ");
    assert_eq!(asked(&estate), 2);
}

#[test]
fn a_hub_session_that_ends_in_mid_run_is_replaced_once() {
    let estate = Estate::new();
    let second_doer = Fault::on("sts:AssumeRole").to("*doer-role").skip(1);
    estate.fault(second_doer.expiring().once());
    let done = estate.terrane("run-all plan");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(
        estate.assumed()["infrastructure-assumer-role@123456789011"],
        2
    );
    estate.went_on("1-dev/eks", "plan");
    estate.went_on("3-prod/vpc", "plan");
}

#[test]
fn a_session_that_ends_while_outputs_are_read_is_replaced_once() {
    let estate = Estate::new();
    estate.account("0-shared", "123456789011");
    estate.unit("0-shared/net", "");
    estate.seed("0-shared/net");
    estate.unit(
        "3-prod/dns",
        "dependency \"net\" {\n  config_path = \"../../0-shared/net\"\n}\n\
         inputs = { net = dependency.net.outputs.id }\n",
    );
    estate.fault(Fault::on("s3:GetObject").expiring().once());
    let done = estate.terrane("run-all plan -C 3-prod");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(
        estate.lab.calls().of("s3:GetObject").len(),
        2,
        "never as one retries a 5xx"
    );
    assert_eq!(estate.assumed()["state-mgmt-role@123456789011"], 2);
    estate.went_on("3-prod/dns", "plan");
}

#[test]
fn a_state_session_that_cannot_be_had_again_fails_who_reads_outputs() {
    let estate = Estate::new();
    estate.account("0-shared", "123456789011");
    estate.unit("0-shared/net", "");
    estate.seed("0-shared/net");
    estate.unit(
        "3-prod/dns",
        "dependency \"net\" {\n  config_path = \"../../0-shared/net\"\n}\n\
         inputs = { net = dependency.net.outputs.id }\n",
    );
    estate.distrust(STATE);
    let done = estate.terrane("run-all plan -C 3-prod --filter ./dns");
    assert_snapshot!(estate.told(&done), @"
    identity  keys of the environment → infrastructure-assumer-role → doer-role, state-mgmt-role
    ✗ prod/dns: could not assume the state-management role, which is to read the outputs of 0-shared/net (after [TIME])
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
    ✗ prod/dns  could not assume the state-management role, which is to read the outputs of 0-shared/net

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    3-prod       1        0          0       1        0    0       0        0

    1 unit in [TIME]: 1 failed  exit 1
    next  terrane run-all plan -C 3-prod --filter './dns'
    exit 1
    ");
    estate.nothing_was_started("", STATE);
}

#[test]
fn a_clock_that_is_behind_is_told_before_any_unit() {
    let estate = Estate::new();
    estate.lab.set_clock_skew(SignedDuration::from_mins(20));
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = the base identity cannot be used: this machine's clock is [TIME] behind AWS's
    = help: terrane was started with: keys of the environment
    = help: set this machine's clock by NTP
    ");
}

#[test]
fn a_clock_that_is_ahead_is_told_before_any_unit() {
    let estate = Estate::new();
    estate.lab.set_clock_skew(-SignedDuration::from_hours(2));
    let done = estate.terrane("run-all plan");
    assert_snapshot!(estate.nobody_could_act(&done), @"
    = the base identity cannot be used: this machine's clock is [TIME] ahead of AWS's
    = help: terrane was started with: keys of the environment
    = help: set this machine's clock by NTP
    ");
}

#[test]
fn a_source_that_goes_away_in_mid_run_is_looked_for_again_and_then_named() {
    let estate = Estate::new();
    // The engine takes longer than all sessions last.
    estate.write("1-dev/vpc/waits", "4");
    estate.lab.set_session_seconds(Some(3));
    let ends = jiff::Timestamp::now() + SignedDuration::from_secs(3);
    profile(
        &estate,
        &format!(
            "if [ $(wc -l < {}/asked) -gt 1 ]; then echo the vault is sealed >&2; exit 1; fi",
            estate.top().display()
        ),
        &format!(
            r#", "Expiration": "{}""#,
            ends.strftime("%Y-%m-%dT%H:%M:%SZ")
        ),
    );
    let done = estate.terrane_with("run-all plan -C 1-dev --aws-patience 2", &BY_PROFILE);
    assert_snapshot!(estate.told(&done), @r#"
    identity  profile org (credential_process) → infrastructure-assumer-role → doer-role, state-mgmt-role
    ✗ dev/eks: the base identity cannot be used (after [TIME])
      base     profile org
      reason   no credentials were found: the credential_process of profile "org" gives none: Error retrieving credentials: external process exited with code exit status: 1. Stderr: the vault is sealed
      hint     try the credential_process of profile "org" by itself
      doer     doer-role @ 1-dev
    credentials: waiting for profile org (the credential_process of profile "org" gives none: Error retrieving credentials: external process exited with code exit status: 1. Stderr: the vault is sealed)
    ✗ dev/eks  the base identity cannot be used

    account  units  changed  unchanged  failed  blocked  add  change  destroy
    1-dev        2        0          1       1        0    0       0        0

    2 units in [TIME]: 1 unchanged, 1 failed  exit 1
    next  terrane run-all plan -C 1-dev --aws-patience 2 --filter './eks'
    exit 1
    "#);
    let calls = estate.calls_of("1-dev/vpc");
    assert!(
        calls.iter().any(|call| call.command == "plan"),
        "it had its own: {calls:?}"
    );
    assert!(asked(&estate) > 2, "it was looked for again");
}
