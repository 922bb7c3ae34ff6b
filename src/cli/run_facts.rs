//! What is known of a run before its first unit starts: who acts where, with which engine.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use jiff::Timestamp;

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use super::footprints::warn;
use super::options::Options;
use super::run_folder::RunFolder;
use super::run_units::Chosen;
use crate::aws::Refusal;
use crate::config::Estate;
use crate::identity::{Acting, Identity};
use crate::model::{AccountLabel, RoleChain, UnitIx, UnitMap};
use crate::run::event::{Engine, RunCommand, RunStarted, RunUnit};
use crate::run::unit_run::{EngineError, Engines, RunSettings};
use crate::source::overrides::Extent;

/// Who acts for each unit, as far as that is known before any output is read.
#[derive(Debug)]
pub(super) struct Identities(BTreeMap<UnitIx, Identity>);

/// The facts of a run.
#[derive(Debug)]
pub(super) struct RunFacts<'f> {
    pub(super) accounts: &'f UnitMap<Option<AccountLabel>>,
    pub(super) identities: &'f Identities,
    pub(super) engine: Engine,
    /// Who acts, in one line.
    pub(super) who: Option<String>,
}

/// Resolves who acts for each chosen unit, and says whose state is open to more than was wanted. A
/// role of another account than its folder's is refused.
pub(super) fn identities(
    estate: &Estate<'_>,
    chosen: &Chosen,
    aws: &AwsAccess<'_>,
    options: &Options,
) -> Result<Identities, CommandError> {
    let each = chosen.units().map(|unit| {
        let identity = aws.identity_of(estate.unit(unit))?;
        Ok((unit, identity))
    });
    let each: BTreeMap<UnitIx, Identity> = each.collect::<Result<_, CommandError>>()?;
    for (unit, identity) in &each {
        if let Some(remark) = identity.because.confinement.remark() {
            warn(&format!("{}: {remark}", estate.unit(*unit).path), options);
        }
    }
    Ok(Identities(each))
}

/// Makes sure that the hub can be reached before any unit starts: without it every unit would fail,
/// each by itself and all for one reason.
pub(super) async fn prove_hubs(
    identities: &Identities,
    aws: &AwsAccess<'_>,
) -> Result<(), CommandError> {
    // Each unit then has a beginning of its own, which it is given when it runs.
    if aws.auth().is_some() {
        return Ok(());
    }
    let assuming = identities.0.values().filter(|who| !who.assumes_nothing());
    let mut proved: Vec<&RoleChain> = Vec::new();
    for identity in assuming {
        if proved.contains(&&identity.hub) {
            continue;
        }
        let hub = aws.broker()?.prove(&identity.hub, None).await;
        hub.map_err(|error| {
            let told = CommandError::failed("nobody can act for these units").because(&error);
            let who = match (&error.refusal, &identity.because.hub) {
                (_, Some(source)) if error.chain.role().is_some() => {
                    Some(format!("{source} names this role"))
                }
                (Refusal::NoBase(_), _) => None,
                _ => Some(format!(
                    "terrane was started with: {}",
                    aws.base_shown("nobody")
                )),
            };
            who.into_iter()
                .chain(error.help())
                .fold(told, CommandError::help)
                .help("run: terrane doctor")
        })?;
        proved.push(&identity.hub);
    }
    Ok(())
}

/// Makes sure that every engine that the units wish for is there; gives the first.
pub(super) async fn engines_of(
    estate: &Estate<'_>,
    chosen: &Chosen,
    engines: &Engines<'_>,
    options: &Options,
) -> Result<Engine, CommandError> {
    let wishes: BTreeSet<Option<&str>> = chosen
        .units()
        .map(|unit| {
            let wish = estate.unit(unit).terraform_binary.as_ref();
            wish.map(|wish| wish.text.as_str())
        })
        .collect();
    let mut first = None;
    for wish in wishes {
        let usable = engines.get(wish).await;
        let usable = usable.map_err(|error| no_engine(&error, options))?;
        first.get_or_insert(Engine {
            name: usable.engine.kind.name().to_owned(),
            version: usable.engine.version.to_string(),
        });
    }
    Ok(first.unwrap_or(Engine {
        name: "terraform".to_owned(),
        version: String::new(),
    }))
}

impl Identities {
    /// `profile org → infrastructure-assumer-role → 4 doers, state-mgmt-role`; nothing where nobody
    /// assumes anything.
    pub(super) fn in_one_line(&self, base: &str) -> Option<String> {
        let all = || self.0.values();
        if all().all(Identity::assumes_nothing) {
            return None;
        }
        let hubs: BTreeSet<String> = all().map(|who| who.hub.shown_from(base)).collect();
        let doers: BTreeSet<String> = all().filter_map(|identity| role(identity, true)).collect();
        let states: BTreeSet<String> = all().filter_map(|identity| role(identity, false)).collect();
        let states: BTreeSet<String> = states.difference(&doers).cloned().collect();
        let counted = |roles: &BTreeSet<String>, what: &str| match roles.len() {
            0 => None,
            1 => roles.first().map(|role| short(role).to_owned()),
            more => Some(format!("{more} {what}")),
        };
        let siblings: Vec<String> = [counted(&doers, "doers"), counted(&states, "state roles")]
            .into_iter()
            .flatten()
            .collect();
        let hubs: Vec<String> = hubs.into_iter().collect();
        Some(if siblings.is_empty() {
            hubs.join(", ")
        } else {
            format!("{} → {}", hubs.join(", "), siblings.join(", "))
        })
    }

    fn doer_of(&self, unit: UnitIx) -> Option<String> {
        let role = role(self.0.get(&unit)?, true)?;
        Some(short(&role).to_owned())
    }
}

impl RunFacts<'_> {
    pub(super) fn started(
        self,
        estate: &Estate<'_>,
        chosen: &Chosen,
        settings: &RunSettings,
        folder: &RunFolder,
        now: Timestamp,
    ) -> RunStarted {
        let command = &settings.command;
        let excluded: BTreeSet<&str> = chosen
            .excluded
            .iter()
            .map(|(path, _)| path.as_str())
            .collect();
        let runs: BTreeSet<UnitIx> = chosen.units().collect();
        let units = estate.units.iter().filter(|(number, unit)| {
            runs.contains(number) || excluded.contains(unit.path.as_str())
        });
        RunStarted {
            run_id: folder.run_id.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: now,
            command: RunCommand::named(command.name()),
            args: command.arguments(),
            detailed_exitcode: command.has_flag("detailed-exitcode"),
            engine: self.engine,
            identity: self.who,
            scope: scope(estate, settings),
            units: units
                .map(|(number, unit)| RunUnit {
                    path: unit.path.clone(),
                    account: self.accounts[number].clone(),
                    doer_role: self.identities.doer_of(number),
                })
                .collect(),
            edges: chosen.graph.edge_count(),
            cross_account_edges: chosen.graph.cross_account_edge_count(self.accounts),
        }
    }
}

/// The start folder as seen from the root. A unit by itself is known by its whole name.
fn scope(estate: &Estate<'_>, settings: &RunSettings) -> Utf8PathBuf {
    if settings.extent == Extent::One {
        return Utf8PathBuf::new();
    }
    let below = estate.start.strip_prefix(&estate.root);
    below.unwrap_or(&estate.start).to_owned()
}

/// The role that acts on one side, where terrane assumes one.
fn role(identity: &Identity, is_doer: bool) -> Option<String> {
    let acting = if is_doer {
        &identity.doer
    } else {
        &identity.state_management
    };
    match acting {
        Acting::As(chain) if *chain != identity.hub => chain.role().map(ToString::to_string),
        Acting::As(_) | Acting::AfterOutputs(_) => None,
    }
}

/// The name of a role, without its account.
fn short(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}

fn no_engine(error: &EngineError, options: &Options) -> CommandError {
    match error {
        EngineError::NotFound(missing) => {
            let tried: Vec<String> = missing
                .tried
                .iter()
                .map(|path| options.shown(path).to_string())
                .collect();
            CommandError::failed(missing.to_string())
                .detail(format!("looked for: {}", tried.join(", ")))
                .help("install terraform or tofu, or name one with --tf-path")
        }
        EngineError::NotAsked { .. } | EngineError::NoVersion { .. } => {
            CommandError::failed("the engine cannot be used")
                .because(error)
                .help("name another one with --tf-path")
        }
    }
}
