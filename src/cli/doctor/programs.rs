//! The programs that do the work: are they there, which versions are they, do they suit the files.

use std::collections::BTreeMap;

use super::check::{Check, Status, counted};
use super::files::listed;
use super::survey::{Survey, paths};
use crate::cli::exit::CommandError;
use crate::cli::options::{EngineOptions, Options};
use crate::config::Unit;
use crate::identity::{BackendAccess, Identity, StateReason};
use crate::run::unit_run::{Engines, UsableEngine};
use crate::terraform::engine::{check_constraint, check_terragrunt_constraint};

/// Asks each program that some unit wishes for, once.
pub(super) fn checks(
    survey: &Survey<'_>,
    wanted: &EngineOptions,
    options: &Options,
) -> Result<Vec<Check>, CommandError> {
    let mut by_wish: BTreeMap<Option<&str>, Vec<(&Unit, &Identity)>> = BTreeMap::new();
    for (unit, actors) in &survey.units {
        let wish = unit.terraform_binary.as_ref();
        let wish = wish.map(|wish| wish.text.as_str());
        by_wish.entry(wish).or_default().push((unit, &actors.apply));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let program = wanted.program.as_deref();
    let engines = Engines::new(program, &options.launch.variables, &options.start);
    let mut checks = Vec::new();
    for (wish, units) in by_wish {
        let paths = paths(&units.iter().map(|(unit, _)| *unit).collect::<Vec<_>>());
        match runtime.block_on(engines.get(wish)) {
            Ok(engine) => {
                let name = engine.engine.kind.name();
                let subject = format!("{name} {}", engine.engine.version);
                checks.push(
                    Check::new("engine", Status::Ok, subject)
                        .detail(options.shown(&engine.found.executable).as_str()),
                );
                checks.extend(suits(&engine, &units));
            }
            Err(error) => checks.push(
                Check::new(
                    "engine",
                    Status::Failed,
                    wish.unwrap_or("terraform or tofu"),
                )
                .detail(format!("{} blocked", counted(paths.len(), "unit")))
                .fact("reason", error.to_string())
                .fix("install it, or name its path with --tf-path")
                .blocks(paths),
            ),
        }
    }
    checks.extend(terragrunt_constraints(survey));
    Ok(checks)
}

/// What units demand that this program cannot do.
fn suits(engine: &UsableEngine, units: &[(&Unit, &Identity)]) -> Vec<Check> {
    let version = &engine.engine.version;
    let name = engine.engine.kind.name();
    let mut refusals: BTreeMap<(&str, String), Vec<&Unit>> = BTreeMap::new();
    for (unit, identity) in units {
        if let Some(constraint) = &unit.terraform_version_constraint
            && let Err(error) = check_constraint(&constraint.text, version)
        {
            let refusal = ("version", error.to_string());
            refusals.entry(refusal).or_default().push(unit);
        }
        let locks_by_file = unit.state.in_s3().is_some_and(|state| state.lock.lock_file);
        if locks_by_file && !version.is_at_least(1, 10) {
            let reason = format!("use_lockfile needs {name} 1.10 or later");
            refusals.entry(("lock", reason)).or_default().push(unit);
        }
        let by_engine = identity.backend == BackendAccess::AsWritten
            && matches!(identity.because.state, StateReason::Backend(_));
        if by_engine && !version.is_at_least(1, 6) {
            let reason = format!("a backend with assume_role needs {name} 1.6 or later");
            refusals.entry(("backend", reason)).or_default().push(unit);
        }
    }
    let refusals = refusals.into_iter();
    refusals
        .map(|((id, reason), units)| refused(id, &reason, &units))
        .collect()
}

fn terragrunt_constraints(survey: &Survey<'_>) -> Vec<Check> {
    let mut refusals: BTreeMap<String, Vec<&Unit>> = BTreeMap::new();
    for (unit, _) in &survey.units {
        let constraint = unit.terragrunt_version_constraint.as_ref();
        let check = constraint.map(|wanted| check_terragrunt_constraint(&wanted.text));
        if let Some(Err(error)) = check {
            refusals.entry(error.to_string()).or_default().push(unit);
        }
    }
    let refusals = refusals.into_iter();
    refusals
        .map(|(reason, units)| {
            let reason = format!("of the Terragrunt whose files are read, {reason}");
            refused("version", &reason, &units)
        })
        .collect()
}

fn refused(id: &'static str, reason: &str, units: &[&Unit]) -> Check {
    let paths = paths(units);
    Check::new(id, Status::Failed, listed(&paths))
        .detail(format!("{} blocked", counted(paths.len(), "unit")))
        .fact("reason", reason)
        .blocks(paths)
}
