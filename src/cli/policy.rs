//! `policy`: what hub, state roles and doers must be allowed to do, as far as it follows from the
//! units.

use std::collections::BTreeSet;

use terrane_hcl::Diagnostics;

use super::exit::CommandError;
use super::footprints::{self, Gathered, gather, warn};
use super::loading::load_one;
use super::options::{LogLevel, Options, PolicyFormat, PolicyOptions, PolicySubject};
use super::policy_hcl::{self, Attached};
use super::policy_roles::{RoleWish, printed};
use super::surroundings::World;
use super::{screen, unit_names};
use crate::config::{Estate, load};
use crate::identity::policy::{Actor, Footprint, ManagedSize, PolicyDocument, RoleKind};
use crate::model::{Purpose, UnitIx};
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &PolicyOptions) -> Result<ExitStatus, CommandError> {
    let aws = options.aws(&wanted.reading, Purpose::Apply)?;
    let world = options.world(&wanted.reading, &aws);
    let (estate, chosen, problems) = units(options, wanted, &world)?;
    let gathered = gather(&estate, &chosen, &aws)?;
    options.tell(&problems);
    gathered.tell_unknown(options);
    let policies = match &wanted.subject {
        PolicySubject::Roles | PolicySubject::Role(_) => of_roles(&gathered.all, wanted, options)?,
        PolicySubject::Unit(_) | PolicySubject::EachUnit => of_units(&gathered, &estate, wanted),
    };
    for policy in &policies {
        policy.tell_size(options);
    }
    screen::print(&text(&policies, wanted))?;
    Ok(ExitStatus::Success)
}

fn units<'w>(
    options: &Options,
    wanted: &PolicyOptions,
    world: &'w World<'w>,
) -> Result<(Estate<'w>, BTreeSet<UnitIx>, Diagnostics), CommandError> {
    let reading = footprints::facts(world.load_options(&wanted.reading, "plan"));
    if let PolicySubject::Unit(name) = &wanted.subject {
        let file = unit_names::file_of(name, options, &wanted.reading, world)?;
        let facts = reading.facts;
        let (estate, unit, problems) = load_one(&file, world, reading)?;
        options.tell_asked(&estate, facts);
        return Ok((estate, BTreeSet::from([unit]), problems));
    }
    let reading = wanted.selection.widen(reading, options)?;
    let facts = reading.facts;
    let (estate, problems) = load(&options.start, world, reading);
    options.tell_asked(&estate, facts);
    let chosen = wanted.selection.units(&estate, options)?;
    Ok((estate, chosen, problems))
}

/// A document and whom it is for.
struct Policy {
    name: String,
    document: PolicyDocument,
    attached: Attached,
}

fn of_roles(
    footprint: &Footprint,
    wanted: &PolicyOptions,
    options: &Options,
) -> Result<Vec<Policy>, CommandError> {
    tell_of_doers(footprint, wanted, options);
    let actors: BTreeSet<Actor> = match &wanted.subject {
        PolicySubject::Role(name) => {
            let roles = RoleWish::parse(name).among(footprint)?;
            roles.into_iter().map(Actor::Role).collect()
        }
        PolicySubject::Roles | PolicySubject::Unit(_) | PolicySubject::EachUnit => {
            footprint.actors()
        }
    };
    let policies = actors.into_iter().map(|actor| {
        let document = footprint.policy_of(&actor, wanted.shape, wanted.workspaces);
        Policy {
            name: name_of(&actor),
            document,
            attached: Attached::Rights(actor),
        }
    });
    let (with, without): (Vec<Policy>, Vec<Policy>) =
        policies.partition(|policy| !policy.document.is_empty());
    for policy in without {
        warn(
            &format!("{} needs nothing that follows from the units", policy.name),
            options,
        );
    }
    Ok(with)
}

/// Nobody should take what is printed for all that a doer needs.
fn tell_of_doers(footprint: &Footprint, wanted: &PolicyOptions, options: &Options) {
    let is_asked = match &wanted.subject {
        PolicySubject::Roles => true,
        PolicySubject::Role(name) => name == "doer",
        PolicySubject::Unit(_) | PolicySubject::EachUnit => false,
    };
    let mut roles = footprint.roles();
    let has_doers = roles.any(|(_, kinds)| kinds.contains(&RoleKind::Doer));
    if is_asked && has_doers && options.talk >= LogLevel::Info {
        let note = "what doers need for their resources stands in modules, and is not among this";
        screen::say(&format!("note: {note}\n"));
    }
}

fn of_units(gathered: &Gathered, estate: &Estate<'_>, wanted: &PolicyOptions) -> Vec<Policy> {
    let units = gathered.by_unit.iter().map(|(unit, footprint)| {
        let path = estate.unit(*unit).path.to_string();
        Policy {
            document: footprint.state_policy(wanted.shape, wanted.workspaces),
            attached: Attached::Unit(path.clone()),
            name: path,
        }
    });
    units.filter(|policy| !policy.document.is_empty()).collect()
}

fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Role(role) => role.to_string(),
        Actor::Base(base) => base.shown("base identity"),
        Actor::Token => "base identity".to_owned(),
    }
}

impl Policy {
    fn tell_size(&self, options: &Options) {
        let size = self.document.size();
        if size > ManagedSize::MOST {
            let most = ManagedSize::MOST;
            let name = &self.name;
            warn(
                &format!(
                    "the policy of {name} has {size} characters, and a managed one may have {most}; \
                     --folders names states by folders"
                ),
                options,
            );
        }
    }
}

fn text(policies: &[Policy], wanted: &PolicyOptions) -> String {
    if wanted.format == PolicyFormat::Hcl {
        let attached = policies
            .iter()
            .map(|policy| policy_hcl::of(&policy.document, &policy.attached));
        return attached.collect::<Vec<String>>().join("\n");
    }
    let documents: Vec<(String, PolicyDocument)> = policies
        .iter()
        .map(|policy| (policy.name.clone(), policy.document.clone()))
        .collect();
    match &wanted.subject {
        PolicySubject::Role(_) | PolicySubject::Unit(_) => printed("policies", &documents, true),
        PolicySubject::Roles | PolicySubject::EachUnit => printed("policies", &documents, false),
    }
}
