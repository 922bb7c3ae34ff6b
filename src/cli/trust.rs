//! `trust`: the trust policies that the units need of their roles.

use std::collections::BTreeSet;

use super::exit::CommandError;
use super::footprints::{self, Gathered, gather, warn};
use super::options::{Options, PolicyFormat, TrustOptions};
use super::policy_hcl::{self, Attached};
use super::policy_roles::{RoleWish, printed};
use super::screen;
use crate::config::load;
use crate::identity::policy::{BasePrincipal, BasePrincipalError, PolicyDocument};
use crate::model::{Purpose, RoleArn};
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &TrustOptions) -> Result<ExitStatus, CommandError> {
    let base = base_principals(wanted)?;
    let aws = options.aws(&wanted.reading, Purpose::Apply)?;
    let world = options.world(&wanted.reading, &aws);
    let reading = footprints::facts(world.load_options(&wanted.reading, "plan"));
    let reading = wanted.selection.widen(reading, options)?;
    let facts = reading.facts;
    let (estate, problems) = load(&options.start, &world, reading);
    options.tell_asked(&estate, facts);
    let chosen = wanted.selection.units(&estate, options)?;
    let gathered = gather(&estate, &chosen, &aws)?;
    options.tell(&problems);
    gathered.tell_unknown(options);
    let documents = documents(&gathered, wanted, &base, options)?;
    let text = match wanted.format {
        PolicyFormat::Json => printed("trust", &documents, wanted.wanted.is_some()),
        PolicyFormat::Hcl => {
            let attached = documents.iter().map(|(name, document)| {
                let role: RoleArn = name.parse().expect("it was printed just now");
                policy_hcl::of(document, &Attached::Trust(role))
            });
            attached.collect::<Vec<String>>().join("\n")
        }
    };
    screen::print(&text)?;
    Ok(ExitStatus::Success)
}

fn base_principals(wanted: &TrustOptions) -> Result<Vec<BasePrincipal>, CommandError> {
    let parsed = wanted.base.iter().map(|text| text.parse());
    let parsed: Result<Vec<BasePrincipal>, BasePrincipalError> = parsed.collect();
    parsed.map_err(|error| CommandError::usage("--base-principal cannot be read").because(&error))
}

/// A document for each role that somebody assumes, by ARN.
fn documents(
    gathered: &Gathered,
    wanted: &TrustOptions,
    base: &[BasePrincipal],
    options: &Options,
) -> Result<Vec<(String, PolicyDocument)>, CommandError> {
    let footprint = &gathered.all;
    let roles = match &wanted.wanted {
        Some(wish) => RoleWish::parse(wish).among(footprint)?,
        None => footprint.roles().map(|(role, _)| role.clone()).collect(),
    };
    let mut remarks = BTreeSet::new();
    let mut documents = Vec::new();
    for role in roles {
        let (document, said) = footprint.trust_of(&role, base);
        remarks.extend(said);
        if !document.is_empty() {
            documents.push((role.to_string(), document));
        }
    }
    remarks.extend(footprint.base_remarks(base));
    for remark in remarks {
        warn(&remark.to_string(), options);
    }
    Ok(documents)
}
