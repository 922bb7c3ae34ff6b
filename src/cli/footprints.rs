//! What units do to reach roles and states, gathered for the commands that print policies.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use terrane_hcl::Diagnostics;

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use super::options::{LogLevel, Options};
use super::provider_code::{UnknownCode, claims_with_providers};
use super::screen;
use crate::config::{EdgePurpose, Estate, Facts, LoadOptions, Questions, Unit};
use crate::identity::policy::{Footprint, RoleKind, Touch};
use crate::identity::{Acting, Identity, RoleOptions, resolve};
use crate::model::{Place, Purpose, RoleChain, UnitIx};

/// The facts that a footprint takes.
pub(super) fn facts(reading: LoadOptions) -> LoadOptions {
    LoadOptions {
        facts: Facts::ROLES | Facts::STATE | Facts::ACCOUNT | Facts::SOURCE | Facts::OUTPUT_READS,
        questions: Questions::WhenDecisive,
        ..reading
    }
}

/// What units do, together and each by itself, and what could not be known of it.
pub(super) struct Gathered {
    pub(super) all: Footprint,
    pub(super) by_unit: BTreeMap<UnitIx, Footprint>,
    unknown: BTreeSet<Unknown>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Unknown {
    /// Provider blocks in modules that are not fetched.
    Source(String),
    /// A file made of outputs.
    Generated(Place),
    /// Code that cannot be read.
    Unreadable(Utf8PathBuf),
    /// A provider's role that only terraform can tell.
    ProviderRole(Place),
    Doer(String),
    State(String),
}

/// Gathers what the chosen units do, planning and applying.
pub(super) fn gather(
    estate: &Estate<'_>,
    chosen: &BTreeSet<UnitIx>,
    aws: &AwsAccess<'_>,
) -> Result<Gathered, CommandError> {
    refuse_broken(estate, chosen)?;
    let mut gathered = Gathered {
        all: Footprint::default(),
        by_unit: BTreeMap::new(),
        unknown: BTreeSet::new(),
    };
    for purpose in [Purpose::Plan, Purpose::Apply] {
        let roles = RoleOptions {
            purpose,
            ..aws.roles()?.clone()
        };
        let tree = Tree { estate, roles };
        for unit in chosen {
            gathered.add(&tree, *unit)?;
        }
    }
    Ok(gathered)
}

/// A policy that leaves units out would refuse them later.
fn refuse_broken(estate: &Estate<'_>, chosen: &BTreeSet<UnitIx>) -> Result<(), CommandError> {
    let broken = chosen.iter().map(|unit| estate.unit(*unit));
    let broken = broken.filter(|unit| unit.is_broken());
    let problems: Diagnostics = broken.flat_map(|unit| unit.diagnostics.clone()).collect();
    if problems.has_errors() {
        return Err(problems.into());
    }
    Ok(())
}

/// Units and who acts for them.
struct Tree<'t> {
    estate: &'t Estate<'t>,
    roles: RoleOptions,
}

impl Gathered {
    fn add(&mut self, tree: &Tree<'_>, unit: UnitIx) -> Result<(), CommandError> {
        let (claims, providers) = claims_with_providers(tree.estate, unit)?;
        let identity = resolve(&claims, &tree.roles)?;
        let mut own = self.by_unit.remove(&unit).unwrap_or_default();
        let is_hub = identity.doer == Acting::As(identity.hub.clone());
        own.assumes(&identity.hub, RoleKind::Hub);
        match &identity.doer {
            Acting::As(doer) if !is_hub => own.assumes(doer, RoleKind::Doer),
            Acting::As(_) => {}
            Acting::AfterOutputs(source) => {
                self.unknown.insert(Unknown::Doer(source.to_string()));
            }
        }
        let environment = identity.doer.chain().unwrap_or(&identity.hub);
        for provider in &providers.found {
            own.assumes_by_provider(environment, provider);
            if provider.roles.contains(&None) {
                let place = provider.place.clone();
                self.unknown.insert(Unknown::ProviderRole(place));
            }
        }
        self.unknown
            .extend(providers.unknown.into_iter().map(|code| match code {
                UnknownCode::AfterFetch { source } => Unknown::Source(source),
                UnknownCode::AfterOutputs(place) => Unknown::Generated(place),
                UnknownCode::Unreadable(path) => Unknown::Unreadable(path),
            }));
        self.add_state(&mut own, tree.estate.unit(unit), &identity, Touch::Writes);
        for upstream in upstreams_read(tree.estate.unit(unit)) {
            let (claims, _) = claims_with_providers(tree.estate, upstream)?;
            let identity = resolve(&claims, &tree.roles)?;
            self.add_state(
                &mut own,
                tree.estate.unit(upstream),
                &identity,
                Touch::Reads,
            );
        }
        self.all.add(&own);
        self.by_unit.insert(unit, own);
        Ok(())
    }

    fn add_state(&mut self, own: &mut Footprint, unit: &Unit, identity: &Identity, touch: Touch) {
        let chain = identity.state_management.chain();
        if let Some(chain) = chain {
            add_state_role(own, chain, identity);
        }
        match (chain, unit.state.in_s3()) {
            (Some(chain), Some(state)) => own.opens(chain, state, touch),
            (None, _) | (_, None) => {
                self.unknown.insert(Unknown::State(unit.path.to_string()));
            }
        }
    }

    /// Says what is not among the policies.
    pub(super) fn tell_unknown(&self, options: &Options) {
        for unknown in &self.unknown {
            let text = match unknown {
                Unknown::Source(source) => format!(
                    "provider blocks in {source} are not looked into: it is not on this machine"
                ),
                Unknown::Generated(place) => format!(
                    "what is generated at {place} is made of outputs, and is not looked into"
                ),
                Unknown::Unreadable(path) => {
                    format!("{path} cannot be read: provider blocks there are left out")
                }
                Unknown::ProviderRole(place) => {
                    format!("the provider at {place} assumes a role that terraform alone knows")
                }
                Unknown::Doer(source) => {
                    format!("the doer that {source} takes from an output is left out")
                }
                Unknown::State(unit) => format!(
                    "where the state of {unit} lies is not in its files as an s3 remote_state, and is \
                     left out"
                ),
            };
            warn(&text, options);
        }
    }
}

/// The role of the state; where the doer or the hub opens the state it is theirs already.
fn add_state_role(own: &mut Footprint, chain: &RoleChain, identity: &Identity) {
    let is_doer = identity.doer.chain() == Some(chain);
    if !is_doer && *chain != identity.hub {
        own.assumes(chain, RoleKind::State);
    }
}

/// Something that people should know beside the policies.
pub(super) fn warn(text: &str, options: &Options) {
    if options.talk >= LogLevel::Warn {
        screen::say(&format!("warning: {text}\n"));
    }
}

fn upstreams_read(unit: &Unit) -> BTreeSet<UnitIx> {
    let edges = unit.upstreams.iter();
    let edges = edges.filter(|edge| edge.purpose != EdgePurpose::OrderOnly);
    let edges = edges.flat_map(|edge| edge.target.units());
    let reads = unit.output_reads.iter();
    let reads = reads.flat_map(|read| read.target.units());
    edges.chain(reads).collect()
}
