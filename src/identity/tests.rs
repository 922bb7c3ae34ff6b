//! Tables: claims in, winner and reasons out.

mod confinement;
mod siblings;
mod tables;

use std::fmt::Write as _;

use super::*;
use crate::model::{
    ClaimSource, ClaimedRole, ExternalId, Place, Purpose, RoleArn, RoleClaim, SessionName,
    WebIdentityToken,
};

const DEV: &str = "111111111111";
const SHARED: &str = "000000000000";

fn role(account: &str, name: &str) -> RoleArn {
    format!("arn:aws:iam::{account}:role/{name}")
        .parse()
        .expect("a role")
}

fn place(file: &str, line: u32) -> Place {
    Place {
        file: file.into(),
        line,
    }
}

fn flag() -> ClaimSource {
    ClaimSource::Flag("--role".into())
}

fn variable() -> ClaimSource {
    ClaimSource::Variable("TG_IAM_ASSUME_ROLE".into())
}

fn own() -> ClaimSource {
    ClaimSource::OwnFile(place("1-dev/vpc/terragrunt.hcl", 4))
}

fn included() -> ClaimSource {
    ClaimSource::IncludedFile(place("root.hcl", 9))
}

/// A claim on a role of the dev account.
fn claim(source: ClaimSource, name: &str) -> RoleClaim {
    let role = Some(ClaimedRole::Known(role(DEV, name)));
    RoleClaim {
        role,
        ..RoleClaim::new(source)
    }
}

fn options() -> RoleOptions {
    RoleOptions::new(Purpose::Apply, SessionName::clean("terrane-r1"))
}

fn with_assumer() -> RoleOptions {
    let assumer = RoleClaim {
        role: Some(ClaimedRole::Known(role(SHARED, "assumer"))),
        ..RoleClaim::new(ClaimSource::Variable("TERRANE_ASSUMER_ROLE".into()))
    };
    RoleOptions {
        assumer: vec![assumer],
        ..options()
    }
}

fn backend_role(account: &str, name: &str) -> Option<BackendRole> {
    let arguments = serde_json::json!({ "role_arn": role(account, name).to_string() });
    let arguments = arguments.as_object().expect("an object");
    BackendRole::from_backend(arguments, Some(place("root.hcl", 2))).expect("readable")
}

fn unit(claims: Vec<RoleClaim>) -> UnitClaims {
    UnitClaims {
        claims,
        ..UnitClaims::default()
    }
}

/// doer │ state-management │ backend, and the two reasons: an identity as one line and a half.
fn shown(unit: &UnitClaims, options: &RoleOptions) -> String {
    let identity = match resolve(unit, options) {
        Ok(identity) => identity,
        Err(refusal) => return format!("refused: {refusal}\nhelp: {}", refusal.help()),
    };
    let acting = |acting: &Acting| match acting {
        Acting::As(chain) => chain.to_string(),
        Acting::AfterOutputs(source) => format!("after outputs ({source})"),
    };
    let mut text = format!(
        "doer   {}, {}\nstate  {}, {}\n{:?}",
        acting(&identity.doer),
        identity.because.doer,
        acting(&identity.state_management),
        identity.because.state,
        identity.backend,
    );
    for rejected in &identity.rejected {
        write!(text, "\nlost   {rejected}").expect("a String takes all");
    }
    text
}

#[test]
fn flag_beats_variable_beats_own_file_beats_included_file() {
    let order = [
        (flag(), "by-flag"),
        (variable(), "by-variable"),
        (own(), "by-own-file"),
        (included(), "by-included-file"),
    ];
    for first in 0..order.len() {
        let claims: Vec<RoleClaim> = order[first..]
            .iter()
            .rev()
            .map(|(source, name)| claim(source.clone(), name))
            .collect();
        let identity = resolve(&unit(claims), &options()).expect("an identity");
        let winner = identity
            .doer
            .chain()
            .and_then(|chain| chain.role())
            .map(RoleArn::name);
        assert_eq!(winner, Some(order[first].1));
        assert_eq!(
            identity.because.doer,
            DoerReason::Claimed(order[first].0.clone())
        );
        let losers: Vec<&ClaimSource> = identity.rejected.iter().map(|r| &r.source).collect();
        let expected: Vec<&ClaimSource> = order[first + 1..].iter().map(|(s, _)| s).collect();
        assert_eq!(losers, expected);
    }
}

#[test]
fn fields_are_merged_one_by_one() {
    let by_flag = claim(flag(), "doer");
    let mut by_file = claim(own(), "other");
    for (field, text) in [
        (ClaimField::SessionName, "doer-session"),
        (ClaimField::Duration, "7200"),
        (ClaimField::ExternalId, "acme"),
    ] {
        claim_field(&mut by_file, field, text).expect("a good value");
    }
    let mut by_include = RoleClaim::new(included());
    claim_field(&mut by_include, ClaimField::Duration, "900").expect("a duration");
    let mut options = options();
    options.claims.push(by_flag);
    let identity = resolve(&unit(vec![by_include, by_file]), &options).expect("an identity");
    let chain = identity.doer.chain().expect("a chain");
    let assumption = chain.last().expect("a role");
    assert_eq!(assumption.role.name(), "doer");
    assert_eq!(assumption.session_name.as_str(), "doer-session");
    assert_eq!(assumption.duration.as_seconds(), 7200);
    assert_eq!(
        assumption.external_id.as_ref().map(ExternalId::as_str),
        Some("acme")
    );
    let decided: Vec<String> = identity
        .because
        .decided
        .iter()
        .map(|decided| format!("{} by {}", decided.field, decided.source))
        .collect();
    assert_eq!(
        decided,
        [
            "role by --role",
            "session name by 1-dev/vpc/terragrunt.hcl:4",
            "duration by 1-dev/vpc/terragrunt.hcl:4",
            "external id by 1-dev/vpc/terragrunt.hcl:4",
        ]
    );
}

#[test]
fn without_any_role_the_base_identity_does_both() {
    let unit = unit(vec![]);
    insta::assert_snapshot!(shown(&unit, &options()), @r"
    doer   base, nobody names a role
    state  base, the backend names no role
    AsWritten
    ");
    assert!(
        resolve(&unit, &options())
            .expect("an identity")
            .assumes_nothing()
    );
    assert!(
        !resolve(&unit, &with_assumer())
            .expect("an identity")
            .assumes_nothing()
    );
}

#[test]
fn no_role_is_assumed_from_itself() {
    let hub = role(SHARED, "assumer");
    let named = RoleClaim {
        role: Some(ClaimedRole::Known(hub)),
        ..RoleClaim::new(own())
    };
    let unit = UnitClaims {
        backend_role: backend_role(SHARED, "assumer"),
        ..unit(vec![named])
    };
    insta::assert_snapshot!(shown(&unit, &with_assumer()), @r"
    doer   base → assumer, 1-dev/vpc/terragrunt.hcl:4 names the hub itself
    state  base → assumer, the backend names the hub itself at root.hcl:2
    AsWritten
    ");
    // The same role by another path: within an account the name alone is unique.
    let named = RoleClaim {
        role: "arn:aws:iam::000000000000:role/hubs/assumer"
            .parse()
            .ok()
            .map(ClaimedRole::Known),
        ..RoleClaim::new(own())
    };
    let identity = resolve(
        &UnitClaims {
            claims: vec![named],
            ..UnitClaims::default()
        },
        &with_assumer(),
    )
    .expect("an identity");
    assert_eq!(identity.doer.chain(), Some(&identity.hub));
}

#[test]
fn a_role_of_the_same_name_in_another_account_is_another_role() {
    let same_name = RoleClaim {
        role: Some(ClaimedRole::Known(role(SHARED, "doer-role"))),
        ..RoleClaim::new(ClaimSource::Flag("--assumer-role".into()))
    };
    let options = RoleOptions {
        assumer: vec![same_name],
        ..options()
    };
    let identity = resolve(&unit(vec![claim(own(), "doer-role")]), &options).expect("an identity");
    let doer = identity.doer.chain().expect("a chain");
    assert_eq!(doer.source().as_ref(), Some(&identity.hub));
}

#[test]
fn a_provider_that_assumes_the_doer_itself_is_handed_the_hub() {
    let block = |name: &str| ProviderRole {
        alias: None,
        start: ProviderStart::Environment,
        roles: vec![None, Some(role(DEV, name))],
        place: place("provider.tf", 3),
    };
    let unit = |name: &str| UnitClaims {
        provider_roles: vec![block(name)],
        backend_role: backend_role(SHARED, "state-mgmt-role"),
        ..unit(vec![claim(own(), "doer-role")])
    };
    insta::assert_snapshot!(shown(&unit("doer-role"), &with_assumer()), @r"
    doer   base → assumer, 1-dev/vpc/terragrunt.hcl:4 names arn:aws:iam::111111111111:role/doer-role, which the provider at provider.tf:3 assumes itself
    state  base → assumer → state-mgmt-role, named by the backend at root.hcl:2
    AsWritten
    ");
    let other = resolve(&unit("dns-role"), &with_assumer()).expect("an identity");
    assert_eq!(other.because.doer, DoerReason::Claimed(own()));
}

#[test]
fn a_role_of_another_account_than_the_folder_is_refused_with_both_places() {
    let folder = FolderAccount {
        folder: "3-prod".into(),
        account: "333333333333".parse().expect("an account"),
        place: place("3-prod/account.hcl", 2),
    };
    let unit = UnitClaims {
        account: Some(folder),
        ..unit(vec![claim(own(), "doer-role")])
    };
    insta::assert_snapshot!(shown(&unit, &options()), @r"
    refused: this unit would run in 111111111111, by arn:aws:iam::111111111111:role/doer-role of 1-dev/vpc/terragrunt.hcl:4, but its folder 3-prod is 333333333333 by 3-prod/account.hcl:2
    help: name a role of 333333333333 in 1-dev/vpc/terragrunt.hcl:4, or correct 3-prod/account.hcl:2
    ");
}

#[test]
fn the_account_is_proved_unless_it_is_the_provider_that_goes_there() {
    let folder = FolderAccount {
        folder: "1-dev".into(),
        account: DEV.parse().expect("an account"),
        place: place("1-dev/account.hcl", 2),
    };
    let account = |claims: &[RoleClaim], provider: Option<&str>| {
        let provider = provider.map(|name| ProviderRole {
            alias: None,
            start: ProviderStart::Environment,
            roles: vec![Some(role(DEV, name))],
            place: place("provider.tf", 3),
        });
        let unit = UnitClaims {
            account: Some(folder.clone()),
            provider_roles: provider.into_iter().collect(),
            ..unit(claims.to_vec())
        };
        resolve(&unit, &with_assumer())
            .expect("an identity")
            .account
    };
    let doer = [claim(own(), "doer-role")];
    assert_eq!(account(&[], None), Some(folder.clone()));
    assert_eq!(account(&[], Some("doer-role")), None);
    assert_eq!(account(&doer, Some("doer-role")), None);
    // The provider starts from the doer, who is in the account already.
    assert_eq!(account(&doer, Some("dns-role")), Some(folder.clone()));
}

#[test]
fn a_provider_that_starts_from_its_own_profile_takes_no_part_in_who_the_doer_is() {
    let block = ProviderRole {
        alias: None,
        start: ProviderStart::Profile("dev".into()),
        roles: vec![Some(role(DEV, "doer-role"))],
        place: place("provider.tf", 3),
    };
    let unit = UnitClaims {
        provider_roles: vec![block],
        ..unit(vec![claim(own(), "doer-role")])
    };
    let identity = resolve(&unit, &with_assumer()).expect("an identity");
    assert_eq!(identity.because.doer, DoerReason::Claimed(own()));
}

#[test]
fn planning_and_applying_may_have_roles_of_their_own() {
    let only = |purpose, name| RoleClaim {
        only_for: Some(purpose),
        ..claim(own(), name)
    };
    let unit = unit(vec![
        only(Purpose::Plan, "reader"),
        only(Purpose::Apply, "writer"),
    ]);
    let doer = |purpose| {
        let options = RoleOptions {
            purpose,
            ..options()
        };
        let identity = resolve(&unit, &options).expect("an identity");
        assert_eq!(identity.rejected[0].why, WhyRejected::OtherPurpose);
        identity.doer.chain().expect("a chain").to_string()
    };
    assert_eq!(doer(Purpose::Plan), "base → reader");
    assert_eq!(doer(Purpose::Apply), "base → writer");
}

#[test]
fn a_role_from_an_output_waits_for_it_while_the_state_role_does_not() {
    let waiting = RoleClaim {
        role: Some(ClaimedRole::AfterOutputs),
        ..RoleClaim::new(own())
    };
    let mut unit = UnitClaims {
        backend_role: backend_role(SHARED, "state-mgmt-role"),
        ..unit(vec![waiting])
    };
    insta::assert_snapshot!(shown(&unit, &with_assumer()), @r"
    doer   after outputs (1-dev/vpc/terragrunt.hcl:4), 1-dev/vpc/terragrunt.hcl:4 takes it from an upstream's output
    state  base → assumer → state-mgmt-role, named by the backend at root.hcl:2
    ThroughProfile
    ");
    unit.backend_role = None;
    let identity = resolve(&unit, &with_assumer()).expect("an identity");
    assert_eq!(identity.state_management, Acting::AfterOutputs(own()));
}

#[test]
fn a_web_identity_token_buys_the_doer_without_the_hub() {
    let mut with_token = claim(own(), "doer-role");
    with_token.web_identity_token = Some(WebIdentityToken::from_value("/run/token"));
    let unit = UnitClaims {
        backend_role: backend_role(SHARED, "state-mgmt-role"),
        ..unit(vec![with_token])
    };
    insta::assert_snapshot!(shown(&unit, &with_assumer()), @r"
    doer   base → doer-role, named by 1-dev/vpc/terragrunt.hcl:4
    state  base → assumer → state-mgmt-role, named by the backend at root.hcl:2
    ThroughProfile
    ");
}

#[test]
fn external_ids_come_from_the_claim_or_from_the_table_of_roles() {
    let mut options = with_assumer();
    let id = |text: &str| text.parse().expect("an external id");
    for (role, text) in [
        (role(DEV, "doer-role"), "by-table"),
        (role(SHARED, "state"), "by-table-too"),
    ] {
        let tabled = TabledId {
            id: id(text),
            place: place("terrane.hcl", 2),
        };
        options.external_ids.insert(role, tabled);
    }
    let mut unit = UnitClaims {
        backend_role: backend_role(SHARED, "state"),
        ..unit(vec![claim(own(), "doer-role")])
    };
    let ids = |unit: &UnitClaims| {
        let identity = resolve(unit, &options).expect("an identity");
        let of = |acting: &Acting| {
            let id = acting
                .chain()
                .and_then(|chain| chain.last()?.external_id.clone());
            id.map(|id| id.to_string())
        };
        (of(&identity.doer), of(&identity.state_management))
    };
    assert_eq!(
        ids(&unit),
        (Some("by-table".into()), Some("by-table-too".into()))
    );
    unit.claims[0].external_id = Some(id("by-claim"));
    assert_eq!(ids(&unit).0, Some("by-claim".into()));
}
