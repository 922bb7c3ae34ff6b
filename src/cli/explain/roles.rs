//! Who acts for the unit, and what the lines that say so are made of.

use std::fmt::Write as _;

use serde::Serialize;

use super::ToldUse;
use crate::cli::aws_access::AwsAccess;
use crate::cli::exit::CommandError;
use crate::cli::identities::Actors;
use crate::cli::provider_code::provider_roles_of;
use crate::config::{Estate, Standing};
use crate::identity::{Acting, DoerReason, Identity, StateReason};
use crate::model::{ClaimSource, Place, UnitIx};

#[derive(PartialEq, Serialize)]
pub(super) struct ToldRole {
    /// `doer`, `state-management`, or a provider that chooses by itself.
    pub(super) sibling: String,
    /// `plan` or `apply`, where it is not the same for both.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(super) purpose: Option<&'static str>,
    /// Absent while it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chain: Option<String>,
    /// The role that acts in the end; absent where that is the base identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    because: String,
    /// What the line that names it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uses: Vec<ToldUse>,
}

/// All roles of a unit, with the files' reasons.
pub(super) fn roles(
    estate: &Estate<'_>,
    unit: UnitIx,
    aws: &AwsAccess<'_>,
) -> Result<Vec<ToldRole>, CommandError> {
    let providers = provider_roles_of(estate, unit)?;
    let found = providers.found.clone();
    let actors = Actors::of(estate.unit(unit), found, aws.roles()?)?;
    let looker = Looker { estate, unit };
    let mut told = Vec::new();
    told.extend(for_each_purpose(|identity| looker.doer(identity), &actors));
    told.extend(for_each_purpose(|identity| looker.state(identity), &actors));
    let from = actors.apply.doer.chain().map(ToString::to_string);
    let from = from.unwrap_or_else(|| "an upstream's output".to_owned());
    told.extend(providers.found.iter().map(|provider| ToldRole {
        chain: Some(provider.shown_from(&from)),
        ..ToldRole::by(
            &format!("provider {}", provider.name()),
            format!("its own block at {}", provider.place),
        )
    }));
    let unknown = providers.unknown.iter().map(ToString::to_string);
    told.extend(unknown.map(|why| ToldRole::by("other providers", why)));
    if aws.auth().is_some() {
        told.push(ToldRole::by(
            "base",
            "--auth-provider-cmd says who that is, for each unit that runs".to_owned(),
        ));
    }
    Ok(told)
}

/// One row, or two where planning and applying are not the same.
fn for_each_purpose(row: impl Fn(&Identity) -> ToldRole, actors: &Actors) -> Vec<ToldRole> {
    let (mut plan, mut apply) = (row(&actors.plan), row(&actors.apply));
    if plan == apply {
        return vec![apply];
    }
    plan.purpose = Some("plan");
    apply.purpose = Some("apply");
    vec![plan, apply]
}

struct Looker<'l> {
    estate: &'l Estate<'l>,
    unit: UnitIx,
}

impl Looker<'_> {
    fn doer(&self, identity: &Identity) -> ToldRole {
        let reason = &identity.because.doer;
        let source = match reason {
            DoerReason::Claimed(source)
            | DoerReason::IsTheHub(source)
            | DoerReason::AfterOutputs(source)
            | DoerReason::ProviderAssumes {
                claimed_by: source, ..
            } => Some(source),
            DoerReason::NobodyNamedOne => None,
        };
        let place = source.and_then(|source| match source {
            ClaimSource::OwnFile(place) | ClaimSource::IncludedFile(place) => Some(place),
            ClaimSource::RoleOfCommand(_)
            | ClaimSource::RoleMap(_)
            | ClaimSource::Flag(_)
            | ClaimSource::Variable(_) => None,
        });
        ToldRole {
            uses: self.made_of(place),
            ..ToldRole::acting("doer", &identity.doer, reason.to_string())
        }
    }

    fn state(&self, identity: &Identity) -> ToldRole {
        let reason = &identity.because.state;
        let place = match reason {
            StateReason::Backend(place)
            | StateReason::BackendFromDoer(place)
            | StateReason::SameRoleAsDoer(place)
            | StateReason::IsTheHub(place) => place.as_ref(),
            StateReason::BackendProfile(_) | StateReason::BackendNamesNothing => None,
        };
        // The reason's place is the backend's; the role has a line of its own there.
        let written = [
            "remote_state.config.assume_role.role_arn",
            "remote_state.config.role_arn",
        ];
        let mut written = written.into_iter().filter(|_| place.is_some());
        let line = written.find_map(|subject| {
            let explained = self.estate.explain(self.unit, subject).ok()?;
            let mut origins = explained.origins.into_iter();
            let origin = origins.find(|origin| origin.standing == Standing::Counts)?;
            Some(ToldUse::of_origin(subject, origin))
        });
        ToldRole {
            uses: line.into_iter().collect(),
            ..ToldRole::acting(
                "state-management",
                &identity.state_management,
                reason.to_string(),
            )
        }
    }

    /// What the `iam_role` at that place is made of.
    fn made_of(&self, place: Option<&Place>) -> Vec<ToldUse> {
        let Some(place) = place else {
            return Vec::new();
        };
        let explained = self.estate.explain(self.unit, "iam_role").ok();
        let mut origins = explained.into_iter().flat_map(|one| one.origins);
        let origin =
            origins.find(|origin| origin.place == *place && origin.standing == Standing::Counts);
        origin.map_or_else(Vec::new, |origin| ToldUse::all(origin.uses))
    }
}

impl ToldRole {
    fn acting(sibling: &str, acting: &Acting, because: String) -> Self {
        let chain = acting.chain();
        let role = chain.and_then(|chain| chain.role());
        Self {
            chain: chain.map(ToString::to_string),
            role: role.map(ToString::to_string),
            ..Self::by(sibling, because)
        }
    }

    fn by(sibling: &str, because: String) -> Self {
        Self {
            sibling: sibling.to_owned(),
            purpose: None,
            chain: None,
            role: None,
            because,
            uses: Vec::new(),
        }
    }

    pub(super) fn write(&self, is_overview: bool, text: &mut String) {
        let chain = self.chain.as_deref().unwrap_or("not known yet");
        let purpose = self.purpose.map(|purpose| format!(" to {purpose}"));
        writeln!(
            text,
            "{}{}: {chain}  ({})",
            self.sibling,
            purpose.unwrap_or_default(),
            self.because
        )
        .expect("a string takes everything");
        if is_overview {
            return;
        }
        if let Some(role) = &self.role {
            writeln!(text, "  {role}").expect("a string takes everything");
        }
        for used in &self.uses {
            used.write(2, text);
        }
    }
}
