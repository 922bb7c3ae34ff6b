//! What can be seen without asking anybody: the units' files and the environment.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{Check, Status, counted};
use super::survey::{Survey, paths};
use crate::aws::{
    BaseSource, EnvironmentCredentials, EnvironmentWarning, NoCredentials, TfCliArgs,
    child_environment,
};
use crate::cli::identities::NoActors;
use crate::cli::options::{Launch, RoleFlags};
use crate::config::Unit;
use crate::identity::{Acting, ClaimField, Identity, WrongAccount, shadowed_profile};
use crate::model::SessionDuration;

/// The units, as far as their files speak of identities and states.
pub(super) fn of_units(survey: &Survey<'_>, broken: &[&Unit]) -> Vec<Check> {
    let mut checks = Vec::new();
    if !broken.is_empty() {
        checks.push(
            Check::new("files", Status::Failed, listed(&paths(broken)))
                .detail(format!("{} cannot be read", counted(broken.len(), "unit")))
                .fix("run: terrane hcl validate")
                .blocks(paths(broken)),
        );
    }
    checks.extend(without_actors(survey));
    checks.extend(shared_states(survey));
    checks.extend(long_sessions(survey));
    checks.extend(unknown_accounts(survey));
    checks.extend(roles_of_upstreams(survey));
    if checks.is_empty() {
        let units = counted(survey.units.len(), "unit");
        let detail = "accounts, roles and states fit together";
        checks.push(Check::new("files", Status::Ok, units).detail(detail));
    }
    checks
}

/// A program that says who acts begins each unit's chains elsewhere than doctor does.
pub(super) fn of_auth_provider() -> Check {
    Check::new("auth-provider", Status::Skipped, "auth provider command").detail(
        "is not asked: what is tried begins with the base identity, and not with what it gives to \
         units",
    )
}

/// Profiles that lead nowhere, as far as that can be told without asking anybody.
pub(super) fn of_base(source: &Result<BaseSource, NoCredentials>) -> Check {
    match source {
        Ok(source) => Check::new("base", Status::Ok, "base").detail(source.to_string()),
        // Where files are only checked, nobody has to be logged in.
        Err(why @ (NoCredentials::Nothing | NoCredentials::OnlyGitHub)) => {
            Check::new("base", Status::Skipped, "base").detail(why.to_string())
        }
        Err(why) => Check::new("base", Status::Failed, "base")
            .detail(why.to_string())
            .fix(why.help()),
    }
}

/// Variables that lead a run astray.
pub(super) fn of_environment(launch: &Launch, flags: &RoleFlags) -> Vec<Check> {
    let mut checks = Vec::new();
    let by_flags = flags.aws_profile.is_some()
        || flags.environment_credentials == EnvironmentCredentials::PassedOver;
    let shadowed = shadowed_profile(&launch.variables).filter(|_| !by_flags);
    if let Some((variable, profile)) = shadowed {
        let unset = match variable {
            "AWS_ACCESS_KEY_ID" => {
                "run: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN".to_owned()
            }
            other => format!("run: unset {other}"),
        };
        checks.push(
            Check::new("environment", Status::Warn, variable)
                .detail(format!("wins over AWS_PROFILE={profile}"))
                .fix(format!(
                    "{unset}, or let --ignore-env-credentials pass it over"
                )),
        );
    }
    let child = child_environment(&launch.variables, None, TfCliArgs::Drop);
    for EnvironmentWarning::TfCliArgsDropped { name } in child.warnings {
        checks.push(
            Check::new("environment", Status::Warn, name)
                .detail("is not passed on, since it would change every command")
                .fix("unset it, or keep it with --keep-tf-cli-args"),
        );
    }
    checks
}

/// Units for which nobody can act, those with one reason together.
fn without_actors(survey: &Survey<'_>) -> Vec<Check> {
    let mut by_reason: BTreeMap<String, (Vec<&Unit>, &NoActors)> = BTreeMap::new();
    for (unit, error) in &survey.without_actors {
        let entry = by_reason.entry(error.to_string());
        entry.or_insert_with(|| (Vec::new(), error)).0.push(unit);
    }
    let checks = by_reason.into_iter().map(|(reason, (units, error))| {
        let (id, fix) = match error {
            NoActors::WrongAccount(wrong) => ("account", Some(WrongAccount::help(wrong))),
            NoActors::Backend(_) => ("backend", None),
        };
        let check = Check::new(id, Status::Failed, listed(&paths(&units)))
            .detail(format!("{} blocked", counted(units.len(), "unit")))
            .fact("reason", reason)
            .blocks(paths(&units));
        fix.into_iter().fold(check, Check::fix)
    });
    checks.collect()
}

fn shared_states(survey: &Survey<'_>) -> Vec<Check> {
    let mut owners: BTreeMap<String, Vec<&Unit>> = BTreeMap::new();
    for (unit, _) in &survey.units {
        if let Some(state) = unit.state.in_s3() {
            owners.entry(state.to_string()).or_default().push(unit);
        }
    }
    let shared = owners.into_iter().filter(|(_, units)| units.len() > 1);
    shared
        .map(|(state, units)| {
            Check::new("shared-state", Status::Failed, state)
                .detail(format!("is the state of {}", listed(&paths(&units))))
                .fix("give each a key of its own, path_relative_to_include() for example")
                .blocks(paths(&units))
        })
        .collect()
}

/// Sessions of chained roles end after an hour, whatever was asked for.
fn long_sessions(survey: &Survey<'_>) -> Vec<Check> {
    let mut by_source: BTreeMap<(String, u32), BTreeSet<&str>> = BTreeMap::new();
    for (unit, actors) in &survey.units {
        for identity in [&actors.plan, &actors.apply] {
            if let Some((source, duration)) = too_long(identity) {
                let units = by_source.entry((source, duration.as_seconds()));
                units.or_default().insert(unit.path.as_str());
            }
        }
    }
    by_source
        .into_iter()
        .map(|((source, seconds), units)| {
            Check::new("duration", Status::Warn, source)
                .detail(format!(
                    "asks for sessions of {seconds} seconds for {}; AWS gives a chained role 3600, \
                     which are renewed",
                    counted(units.len(), "unit")
                ))
                .fix("ask for 3600 or nothing")
        })
        .collect()
}

fn too_long(identity: &Identity) -> Option<(String, SessionDuration)> {
    let chain = identity.doer.chain()?;
    let last = chain.last()?;
    let is_chained = chain.assumptions().len() > 1;
    let mut decided = identity.because.decided.iter();
    let by = decided.find(|decided| decided.field == ClaimField::Duration)?;
    (is_chained && last.duration > SessionDuration::ONE_HOUR)
        .then(|| (by.source.to_string(), last.duration))
}

/// A role whose unit lies in no account's folder is not held against any.
fn unknown_accounts(survey: &Survey<'_>) -> Option<Check> {
    let units = survey.units.iter().filter(|(unit, actors)| {
        let role = actors.apply.doer.chain().and_then(|chain| chain.role());
        unit.account.is_none() && role.is_some()
    });
    let units: Vec<&Unit> = units.map(|(unit, _)| *unit).collect();
    (!units.is_empty()).then(|| {
        Check::new("account", Status::Warn, listed(&paths(&units)))
            .detail("no folder says which account, so that a wrong role would not be noticed")
            .fix("write account_id into the locals of an account.hcl in the account's folder")
    })
}

fn roles_of_upstreams(survey: &Survey<'_>) -> Option<Check> {
    let units = survey.units.iter();
    let units = units.filter(|(_, actors)| matches!(actors.apply.doer, Acting::AfterOutputs(_)));
    let units: Vec<&Unit> = units.map(|(unit, _)| *unit).collect();
    (!units.is_empty()).then(|| {
        Check::new("doer", Status::Skipped, listed(&paths(&units)))
            .detail("the role is an output of another unit, known once that is applied")
    })
}

/// A few names, and how many more there are.
pub(super) fn listed(names: &[String]) -> String {
    const MOST: usize = 3;
    let shown = names
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
