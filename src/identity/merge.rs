//! Claims side by side: which wins, field by field, and which lose.

use super::{ClaimField, Decided, Rejected, RoleOptions, WhyRejected};
use crate::model::{
    Assumption, ClaimSource, ClaimedRole, ExternalId, Purpose, RoleArn, RoleClaim, SessionDuration,
    SessionLimits, SessionName, WebIdentityToken,
};

/// The winners, each with whoever said it.
pub(super) struct Wish {
    pub(super) role: Option<(ClaimedRole, ClaimSource)>,
    session_name: Option<(SessionName, ClaimSource)>,
    duration: Option<(SessionDuration, ClaimSource)>,
    web_identity_token: Option<(WebIdentityToken, ClaimSource)>,
    external_id: Option<(ExternalId, ClaimSource)>,
}

/// Flag, variable, the role of a command, own file, included files, role maps. Claims of one kind
/// keep the order in which they are given.
pub(super) fn merge(claims: &[RoleClaim], purpose: Purpose, rejected: &mut Vec<Rejected>) -> Wish {
    let mut sorted: Vec<&RoleClaim> = claims.iter().collect();
    sorted.sort_by_key(|claim| rank(&claim.source));
    let mut contest = Contest {
        claims: &sorted,
        purpose,
        rejected,
    };
    Wish {
        role: contest.winner(
            ClaimField::Role,
            |claim| claim.role.as_ref(),
            |role| match role {
                ClaimedRole::Known(role) => role.to_string(),
                ClaimedRole::AfterOutputs => "an upstream's output".to_owned(),
            },
        ),
        session_name: contest.winner(
            ClaimField::SessionName,
            |claim| claim.session_name.as_ref(),
            ToString::to_string,
        ),
        duration: contest.winner(
            ClaimField::Duration,
            |claim| claim.duration.as_ref(),
            |duration| format!("{} s", duration.as_seconds()),
        ),
        web_identity_token: contest.winner(
            ClaimField::WebIdentityToken,
            |claim| claim.web_identity_token.as_ref(),
            |_| "…".to_owned(),
        ),
        external_id: contest.winner(
            ClaimField::ExternalId,
            |claim| claim.external_id.as_ref(),
            ToString::to_string,
        ),
    }
}

struct Contest<'a> {
    claims: &'a [&'a RoleClaim],
    purpose: Purpose,
    rejected: &'a mut Vec<Rejected>,
}

impl Contest<'_> {
    fn winner<T: Clone>(
        &mut self,
        field: ClaimField,
        read: impl Fn(&RoleClaim) -> Option<&T>,
        text: impl Fn(&T) -> String,
    ) -> Option<(T, ClaimSource)> {
        let mut winner: Option<(T, ClaimSource)> = None;
        for claim in self.claims {
            let Some(value) = read(claim) else { continue };
            let why = if claim.only_for.is_some_and(|only| only != self.purpose) {
                WhyRejected::OtherPurpose
            } else if let Some((_, source)) = &winner {
                WhyRejected::BeatenBy(source.clone())
            } else {
                winner = Some((value.clone(), claim.source.clone()));
                continue;
            };
            let (source, wish) = (claim.source.clone(), text(value));
            self.rejected.push(Rejected {
                source,
                field,
                wish,
                why,
            });
        }
        winner
    }
}

impl Wish {
    /// The assumption of that role, with the run's own choice where nobody spoke.
    pub(super) fn assumption(&self, role: RoleArn, options: &RoleOptions) -> Assumption {
        Assumption {
            session_name: value(self.session_name.as_ref())
                .unwrap_or_else(|| options.session_name.clone()),
            duration: value(self.duration.as_ref()).unwrap_or(options.duration),
            external_id: value(self.external_id.as_ref()).or_else(|| options.external_id_of(&role)),
            web_identity_token: value(self.web_identity_token.as_ref()),
            limits: SessionLimits::default(),
            role,
        }
    }

    pub(super) fn decided(&self) -> Vec<Decided> {
        [
            (ClaimField::Role, source(self.role.as_ref())),
            (ClaimField::SessionName, source(self.session_name.as_ref())),
            (ClaimField::Duration, source(self.duration.as_ref())),
            (
                ClaimField::WebIdentityToken,
                source(self.web_identity_token.as_ref()),
            ),
            (ClaimField::ExternalId, source(self.external_id.as_ref())),
        ]
        .into_iter()
        .filter_map(|(field, source)| source.map(|source| Decided { field, source }))
        .collect()
    }
}

fn rank(source: &ClaimSource) -> u8 {
    match source {
        ClaimSource::Flag(_) => 0,
        ClaimSource::Variable(_) => 1,
        ClaimSource::RoleOfCommand(_) => 2,
        ClaimSource::OwnFile(_) => 3,
        ClaimSource::IncludedFile(_) => 4,
        ClaimSource::RoleMap(_) => 5,
    }
}

fn value<T: Clone>(field: Option<&(T, ClaimSource)>) -> Option<T> {
    field.map(|(value, _)| value.clone())
}

fn source<T>(field: Option<&(T, ClaimSource)>) -> Option<ClaimSource> {
    field.map(|(_, source)| source.clone())
}
