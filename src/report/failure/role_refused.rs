//! A role that could not be assumed, or an identity that could not be had at all.

use super::Explanation;
use crate::run::outcome::{RoleRefused, Side};

pub(super) fn role_refused(facts: &RoleRefused) -> Explanation {
    let RoleRefused {
        side,
        role,
        place,
        to_read,
        asked_as,
        chain,
        refused_hop,
        reason,
        hint,
    } = facts;
    let purpose = match to_read {
        Some(upstream) => format!(", which is to read the outputs of {upstream}"),
        None => String::new(),
    };
    let cannot_be_used = |who: &str, label| {
        Explanation::of(format!("{who} cannot be used{purpose}"))
            .row(label, role)
            .row("reason", reason)
            .lines("hint", hint.as_deref().unwrap_or_default())
    };
    let side = match side {
        Side::Base => return cannot_be_used("the base identity", "base"),
        Side::BackendProfile => {
            return cannot_be_used("the profile of the backend", "profile");
        }
        Side::Assumer => "assumer",
        Side::Doer => "doer",
        Side::StateManagement => "state-management",
    };
    let hops = chain.len().saturating_sub(1);
    let stopped = match (hops, refused_hop + 1) {
        (0, _) => String::new(),
        (1, _) => ", stopped there".to_owned(),
        (_, hop) if hop == hops => ", stopped at the last hop".to_owned(),
        (_, hop) => format!(", stopped at hop {hop}"),
    };
    let named = match place {
        Some(place) => format!("{role}  (from {place})"),
        None => role.clone(),
    };
    Explanation::of(format!("could not assume the {side} role{purpose}"))
        .row("chain", format!("{}{stopped}", chain.join(" → ")))
        .row("role", named)
        .row("as", asked_as)
        .row("reason", reason)
        .lines("hint", hint.as_deref().unwrap_or_default())
        .row("next", "terrane doctor")
}
