//! What would have to be added to which policy, where AWS says no.

use super::check::Addition;
use crate::aws::{DeniedSide, SessionError};
use crate::identity::policy::{
    Principal as Trusted, Statement, assume_actions, of_external_id, people_of,
};
use crate::model::{AccountId, Assumption, Principal, RoleChain};

/// The roles that a login through IAM Identity Center gives.
const SSO_ROLE: &str = "AWSReservedSSO_";

/// The statements that are missing, the likelier one first. Several where AWS does not tell.
pub(super) fn additions(error: &SessionError, side: DeniedSide) -> Vec<Addition> {
    let Some(assumption) = error.chain.last() else {
        return Vec::new();
    };
    let Some(caller) = Caller::of(error) else {
        return Vec::new();
    };
    let trust = || Addition {
        to: format!("the trust policy of {}", assumption.role),
        statement: caller.trusted_by(assumption),
    };
    let allow = |policy: &str| Addition {
        to: format!("{policy} of {}", caller.name()),
        statement: Statement::allow(
            "AssumeRoles",
            actions(assumption),
            assumption.role.to_string(),
        ),
    };
    match side {
        DeniedSide::Trust => vec![trust()],
        DeniedSide::Caller => vec![allow("a policy")],
        DeniedSide::SessionPolicy => vec![allow("the session policy")],
        DeniedSide::PermissionsBoundary => vec![allow("the permissions boundary")],
        // What forbids it is not in any policy that the tree's people write.
        DeniedSide::Organization => Vec::new(),
        DeniedSide::Unknown => vec![trust(), allow("a policy")],
    }
}

/// Whether people of a login would be let in one by one, where one role could let them in for all.
pub(super) fn is_login(error: &SessionError) -> bool {
    matches!(Caller::of(error), Some(Caller::Login { .. }))
}

fn actions(assumption: &Assumption) -> Vec<String> {
    let limits = &assumption.limits;
    assume_actions(!limits.tags.is_empty(), limits.source_identity.is_some())
}

/// Who has to be let in, as policies name them: roles and users, never sessions.
enum Caller {
    Named(String),
    /// A role of IAM Identity Center. Its name ends in digits that change when it is made anew.
    Login {
        account: AccountId,
        partition: String,
        permission_set: String,
        role: String,
    },
}

impl Caller {
    fn of(error: &SessionError) -> Option<Self> {
        let source = error.chain.source();
        if let Some(role) = source.as_ref().and_then(RoleChain::role) {
            return Some(Self::Named(role.to_string()));
        }
        error.caller.as_ref().map(Self::of_principal)
    }

    fn of_principal(principal: &Principal) -> Self {
        let arn = principal.arn();
        let account = principal.account();
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        let Some((_, session)) = arn.split_once(":assumed-role/") else {
            return Self::Named(arn.to_owned());
        };
        let name = session.split('/').next().unwrap_or_default();
        let set = name
            .strip_prefix(SSO_ROLE)
            .and_then(|rest| rest.rsplit_once('_'));
        match set {
            Some((set, _digits)) => Self::Login {
                permission_set: set.to_owned(),
                role: format!("{name} in {account}"),
                account,
                partition,
            },
            // The role's path is not known, and is part of its ARN.
            None => Self::Named(format!("arn:{partition}:iam::{account}:role/{name}")),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Named(arn) => arn,
            Self::Login { role, .. } => role,
        }
    }

    fn trusted_by(&self, assumption: &Assumption) -> Statement {
        let (principal, condition) = match self {
            Self::Named(arn) => (Trusted::Aws(vec![arn.clone()]), None),
            Self::Login {
                account,
                partition,
                permission_set,
                ..
            } => {
                let (people, condition) = people_of(permission_set, *account, partition);
                (people, Some(condition))
            }
        };
        let external_id = of_external_id(assumption.external_id.as_ref());
        Statement {
            sid: "FromTerrane".to_owned(),
            principal: Some(principal),
            actions: actions(assumption),
            resources: Vec::new(),
            conditions: condition.into_iter().chain(external_id).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Refusal;
    use crate::model::{SessionDuration, SessionLimits, SessionName};

    fn assumption(role: &str) -> Assumption {
        Assumption {
            role: role.parse().expect("a role"),
            session_name: SessionName::clean("terrane"),
            duration: SessionDuration::SHORTEST,
            external_id: None,
            web_identity_token: None,
            limits: SessionLimits::default(),
        }
    }

    fn said(caller: &str, chain: RoleChain, side: DeniedSide) -> String {
        let error = SessionError {
            chain,
            caller: Principal::parse(caller),
            refusal: Refusal::Denied {
                side,
                action: "sts:AssumeRole".into(),
                message: String::new(),
            },
        };
        let additions = additions(&error, side);
        let lines = additions.iter().map(|addition| {
            let statement = serde_json::to_string(&addition.statement).expect("JSON");
            format!("{}: {statement}\n", addition.to)
        });
        lines.collect()
    }

    #[test]
    fn a_role_is_let_in_by_its_own_arn_and_not_by_its_session() {
        let hub = RoleChain::base().then(assumption("arn:aws:iam::111111111111:role/team/hub"));
        let mut doer = assumption("arn:aws:iam::222222222222:role/doer");
        doer.external_id = Some("acme".parse().expect("an external id"));
        let caller = "arn:aws:sts::111111111111:assumed-role/hub/terrane";
        insta::assert_snapshot!(said(caller, hub.then(doer), DeniedSide::Unknown), @r#"
        the trust policy of arn:aws:iam::222222222222:role/doer: {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/team/hub"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"acme"}}}
        a policy of arn:aws:iam::111111111111:role/team/hub: {"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::222222222222:role/doer"}
        "#);
    }

    #[test]
    fn a_login_is_let_in_by_its_permission_set_whatever_digits_its_role_ends_in() {
        let hub = RoleChain::base().then(assumption("arn:aws:iam::111111111111:role/hub"));
        let caller = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Power_User_0a1b/jane";
        insta::assert_snapshot!(said(caller, hub, DeniedSide::Trust), @r#"the trust policy of arn:aws:iam::111111111111:role/hub: {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Power_User_*"}}}"#);
    }
}
