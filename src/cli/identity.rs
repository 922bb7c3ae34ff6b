//! `identity`: who plans, who applies, who touches the state, through which hops and why.
//!
//! It asks nobody: what is shown is what the files, flags and variables come to.

mod json;
mod one;
mod overview;

use std::collections::BTreeMap;

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use super::identities::{Actors, NoActors};
use super::loading::{load_one, until_the_end};
use super::options::{IdentityOf, IdentityOptions, Options, Selection};
use super::provider_code::{ProviderRoles, provider_roles_of};
use super::surroundings::World;
use super::{screen, unit_names};
use crate::config::{EdgePurpose, Estate, Facts, LoadOptions, Unit, load};
use crate::identity::{Acting, FolderAccount, ProviderRole, RoleOptions};
use crate::model::{AccountId, Purpose, RoleChain, SessionDuration, UnitIx};
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &IdentityOptions) -> Result<ExitStatus, CommandError> {
    let reading = &wanted.reading;
    let aws = options.aws(reading, Purpose::Plan)?.for_looking_only();
    let world = options.world(reading, &aws);
    let text = match &wanted.of {
        IdentityOf::One(unit) => of_one(unit, options, wanted, &aws, &world)?,
        IdentityOf::Roles(selection) => {
            of_many(selection, options, wanted, &aws, &world, overview::by_role)?
        }
        IdentityOf::Units(selection) => {
            of_many(selection, options, wanted, &aws, &world, overview::by_unit)?
        }
    };
    if wanted.json {
        screen::print(&text)?;
    } else {
        screen::print_for_people(&text)?;
    }
    Ok(ExitStatus::Success)
}

/// All that is known of a unit's identities.
pub(super) struct Portrait<'e> {
    pub(super) unit: &'e Unit,
    pub(super) account: Option<FolderAccount>,
    pub(super) actors: Result<Actors, NoActors>,
    pub(super) provider_roles: Vec<ProviderRole>,
    /// Why there may be more of them.
    pub(super) unknown_code: Vec<String>,
    /// Upstreams whose outputs it reads, by who reads them.
    pub(super) reads: Vec<(Acting, Vec<String>)>,
    /// The upstreams whose outputs name its role.
    pub(super) role_named_by: Vec<String>,
    /// How the user knows it.
    pub(super) name: String,
}

fn of_one(
    name: &str,
    options: &Options,
    wanted: &IdentityOptions,
    aws: &AwsAccess<'_>,
    world: &World<'_>,
) -> Result<String, CommandError> {
    let file = unit_names::file_of(name, options, &wanted.reading, world)?;
    let load = LoadOptions {
        facts: Facts::ACCOUNT | Facts::ROLES | Facts::STATE | Facts::SOURCE,
        ..world.load_options(&wanted.reading, "identity")
    };
    let facts = load.facts;
    let (estate, unit, _) = load_one(&file, world, load)?;
    options.tell_asked(&estate, facts);
    if estate.unit(unit).is_broken() {
        return Err(estate.unit(unit).diagnostics.clone().into());
    }
    let portraits = Portraits {
        estate: &estate,
        options,
        roles: aws.roles()?,
    };
    let portrait = portraits.of(unit, provider_roles_of(&estate, unit)?);
    // Where it cannot be told, the chains are shown nevertheless.
    let base = aws.base_shown("base");
    if wanted.json {
        return Ok(json::document(&[portrait], &base));
    }
    let actors = portrait.actors.clone()?;
    Ok(one::text(&portrait, &actors, &base))
}

fn of_many(
    selection: &Selection,
    options: &Options,
    wanted: &IdentityOptions,
    aws: &AwsAccess<'_>,
    world: &World<'_>,
    print: impl FnOnce(&[Portrait<'_>], &Names<'_>) -> String,
) -> Result<String, CommandError> {
    let load_options = LoadOptions {
        facts: Facts::ACCOUNT | Facts::ROLES | Facts::STATE,
        ..world.load_options(&wanted.reading, "identity")
    };
    let load_options = selection.widen(load_options, options)?;
    let facts = load_options.facts;
    let (estate, problems) = load(&options.start, world, load_options);
    let (estate, problems) = (until_the_end(estate), until_the_end(problems));
    options.tell(&problems);
    options.tell_asked(&estate, facts);
    let portraits = Portraits {
        estate: &estate,
        options,
        roles: aws.roles()?,
    };
    let chosen = selection.units(&estate, options)?.into_iter();
    let portraits: Vec<Portrait<'_>> = chosen
        .map(|unit| portraits.of(unit, ProviderRoles::default()))
        .collect();
    for error in portraits.iter().filter_map(|one| one.actors.as_ref().err()) {
        screen::say(&CommandError::from(error.clone()).text(&options.stderr));
    }
    let base = aws.base_shown("base");
    if wanted.json {
        return Ok(json::document(&portraits, &base));
    }
    let accounts = estate
        .units
        .values()
        .filter_map(|unit| unit.account.as_ref());
    let names = Names {
        base: &base,
        folders: accounts
            .map(|account| (account.id, account.name.as_str()))
            .collect(),
    };
    Ok(print(&portraits, &names))
}

/// What things are called on a screen.
pub(super) struct Names<'n> {
    pub(super) base: &'n str,
    /// The folders that stand for accounts.
    pub(super) folders: BTreeMap<AccountId, &'n str>,
}

/// What portraits are made from.
struct Portraits<'e> {
    estate: &'e Estate<'e>,
    options: &'e Options,
    roles: &'e RoleOptions,
}

impl<'e> Portraits<'e> {
    fn of(&self, unit: UnitIx, providers: ProviderRoles) -> Portrait<'e> {
        let Self {
            estate,
            options,
            roles,
        } = *self;
        let unit = estate.unit(unit);
        let mut reads: Vec<(Acting, Vec<String>)> = Vec::new();
        for upstream in upstreams(unit, |purpose| purpose != EdgePurpose::OrderOnly) {
            let upstream = estate.unit(upstream);
            let Ok(actors) = Actors::of(upstream, Vec::new(), roles) else {
                continue;
            };
            let reader = actors.plan.state_management;
            match reads.iter_mut().find(|(known, _)| *known == reader) {
                Some((_, units)) => units.push(options.name_of(upstream)),
                None => reads.push((reader, vec![options.name_of(upstream)])),
            }
        }
        Portrait {
            actors: Actors::of(unit, providers.found.clone(), roles),
            provider_roles: providers.found,
            unknown_code: providers.unknown.iter().map(ToString::to_string).collect(),
            account: unit.account.as_ref().map(|account| FolderAccount {
                folder: account.name.clone(),
                account: account.id,
                place: account.place.clone(),
            }),
            unit,
            reads,
            role_named_by: upstreams(unit, |purpose| purpose == EdgePurpose::Identity)
                .into_iter()
                .map(|upstream| options.name_of(estate.unit(upstream)))
                .collect(),
            name: options.name_of(unit),
        }
    }
}

impl Options {
    /// A unit's path from the root; where it lies beside the root, as it is seen from here.
    fn name_of(&self, unit: &Unit) -> String {
        match unit.path.as_str() {
            "." | ".." => self.shown(&unit.folder).into_string(),
            path if path.starts_with("../") => self.shown(&unit.folder).into_string(),
            path => path.to_owned(),
        }
    }
}

/// Each once, by path.
fn upstreams(unit: &Unit, wanted: impl Fn(EdgePurpose) -> bool) -> Vec<UnitIx> {
    let upstreams = unit.upstreams.iter();
    let wanted = upstreams.filter(|upstream| wanted(upstream.purpose));
    let mut units: Vec<UnitIx> = wanted
        .flat_map(|upstream| upstream.target.units())
        .collect();
    units.sort_unstable();
    units.dedup();
    units
}

/// `1 h`, `15 min`, `1000 s`
fn lasting(duration: SessionDuration) -> String {
    match duration.as_seconds() {
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// Whether AWS caps the last session of a chain at an hour, as far as that can be told beforehand.
fn is_capped(chain: &RoleChain) -> bool {
    let is_bought = |chain: &RoleChain| {
        let last = chain.last();
        last.is_some_and(|last| last.web_identity_token.is_some())
    };
    chain.assumptions().len() > 1 && !is_bought(chain)
}
