//! Identities for programs.

use serde::Serialize;

use super::Portrait;
use crate::cli::identities::{Actors, NoActors};
use crate::identity::{Acting, Decided, Identity, ProviderStart, WhyRejected};
use crate::model::{RoleArn, RoleChain};

/// A change of meaning raises it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    /// Whom terrane was started as, as far as that can be told without asking anybody.
    base: &'d str,
    units: Vec<Unit>,
}

#[derive(Serialize)]
struct Unit {
    #[serde(rename = "unit")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    actors: Option<Who>,
    /// Why nobody can act for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    reads_outputs_of: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    provider_blocks: Vec<Provider>,
}

#[derive(Serialize)]
struct Account {
    id: String,
    folder: String,
    named_at: String,
}

#[derive(Serialize)]
struct Who {
    hub: Actor,
    plan: Actor,
    apply: Actor,
    state: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Lost>,
}

#[derive(Serialize)]
struct Actor {
    /// Absent for the base identity, and for a role that is an upstream's output.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// The profile that it starts from, where that is not the base identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    /// The roles on the way, the last one included.
    hops: Vec<String>,
    /// Units whose outputs name the role.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    named_by_outputs_of: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    because: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decided: Vec<FieldSource>,
}

#[derive(Serialize)]
struct FieldSource {
    field: String,
    by: String,
}

#[derive(Serialize)]
struct Lost {
    field: String,
    wish: String,
    of: String,
    /// Absent where it counts for another command.
    #[serde(skip_serializing_if = "Option::is_none")]
    beaten_by: Option<String>,
}

#[derive(Serialize)]
struct Provider {
    name: String,
    starts_as: String,
    /// Null where only the engine can tell which.
    roles: Vec<Option<String>>,
    place: String,
}

pub(super) fn document(portraits: &[Portrait<'_>], base: &str) -> String {
    let document = Document {
        version: VERSION,
        base,
        units: portraits.iter().map(Unit::of).collect(),
    };
    let text = serde_json::to_string_pretty(&document);
    text.expect("texts and numbers always have a JSON form") + "\n"
}

impl Unit {
    fn of(portrait: &Portrait<'_>) -> Self {
        let reads = portrait.reads.iter().flat_map(|(_, units)| units);
        let text = |role: &Option<RoleArn>| role.as_ref().map(ToString::to_string);
        let providers = portrait.provider_roles.iter().map(|provider| Provider {
            name: provider.name(),
            starts_as: match &provider.start {
                ProviderStart::Environment => "environment".to_owned(),
                ProviderStart::Profile(name) => format!("profile {name}"),
                ProviderStart::WebIdentity => "web identity token".to_owned(),
            },
            roles: provider.roles.iter().map(text).collect(),
            place: provider.place.to_string(),
        });
        Self {
            name: portrait.name.clone(),
            account: portrait.account.as_ref().map(|account| Account {
                id: account.account.to_string(),
                folder: account.folder.clone(),
                named_at: account.place.to_string(),
            }),
            problem: portrait.actors.as_ref().err().map(NoActors::to_string),
            actors: portrait
                .actors
                .as_ref()
                .ok()
                .map(|actors| Who::of(portrait, actors)),
            reads_outputs_of: reads.cloned().collect(),
            provider_blocks: providers.collect(),
        }
    }
}

impl Who {
    fn of(portrait: &Portrait<'_>, actors: &Actors) -> Self {
        let doer = |identity: &Identity| {
            let mut actor = Actor::of(&identity.doer, identity.because.doer.to_string());
            actor.decided = identity
                .because
                .decided
                .iter()
                .map(FieldSource::of)
                .collect();
            if let Acting::AfterOutputs(_) = identity.doer {
                actor
                    .named_by_outputs_of
                    .clone_from(&portrait.role_named_by);
            }
            actor
        };
        let apply = &actors.apply;
        let by = apply.because.hub.as_ref();
        let because = by.map_or_else(
            || "nobody names another hub".to_owned(),
            |source| format!("named by {source}"),
        );
        let mut lost: Vec<Lost> = Vec::new();
        for rejected in actors.plan.rejected.iter().chain(&apply.rejected) {
            let next = Lost {
                field: rejected.field.to_string(),
                wish: rejected.wish.clone(),
                of: rejected.source.to_string(),
                beaten_by: match &rejected.why {
                    WhyRejected::BeatenBy(winner) => Some(winner.to_string()),
                    WhyRejected::OtherPurpose => None,
                },
            };
            let is_known = |known: &Lost| (&known.field, &known.of) == (&next.field, &next.of);
            if next.beaten_by.is_some() && !lost.iter().any(is_known) {
                lost.push(next);
            }
        }
        Self {
            hub: Actor::of(&Acting::As(apply.hub.clone()), because),
            plan: doer(&actors.plan),
            apply: doer(apply),
            state: Actor::of(&apply.state_management, apply.because.state.to_string()),
            location: portrait.unit.state.in_s3().map(ToString::to_string),
            lost,
        }
    }
}

impl Actor {
    fn of(acting: &Acting, because: String) -> Self {
        let chain = acting.chain();
        let last = chain.and_then(RoleChain::last);
        let hops = chain.map(RoleChain::assumptions).unwrap_or_default();
        Self {
            role: chain.and_then(RoleChain::role).map(ToString::to_string),
            profile: chain
                .and_then(|chain| chain.base_identity().profile())
                .map(ToOwned::to_owned),
            hops: hops.iter().map(|hop| hop.role.to_string()).collect(),
            named_by_outputs_of: Vec::new(),
            session_name: last.map(|last| last.session_name.to_string()),
            duration_seconds: last.map(|last| last.duration.as_seconds()),
            external_id: last.and_then(|last| last.external_id.as_ref().map(ToString::to_string)),
            because,
            decided: Vec::new(),
        }
    }
}

impl FieldSource {
    fn of(decided: &Decided) -> Self {
        Self {
            field: decided.field.to_string(),
            by: decided.source.to_string(),
        }
    }
}
