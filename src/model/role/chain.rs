//! From the base identity to a session: the assumptions on the way, and what comes out.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use super::{BaseIdentity, ExternalId, RoleArn, SessionDuration, SessionName, WebIdentityToken};
use crate::model::Secret;

/// base → assumer → role: how a session is reached. Two equal chains are one session.
///
/// Doer and state-management of a unit are siblings: their chains share what comes before the last
/// role, and neither is part of the other unless the tree says that its trust is made that way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RoleChain {
    base: BaseIdentity,
    assumptions: Vec<Assumption>,
}

/// One `AssumeRole` call, with all that makes its session differ from another's.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Assumption {
    pub role: RoleArn,
    pub session_name: SessionName,
    pub duration: SessionDuration,
    pub external_id: Option<ExternalId>,
    /// With a token the session is bought by it alone, and what comes before does not count.
    pub web_identity_token: Option<WebIdentityToken>,
    pub limits: SessionLimits,
}

/// What a session carries beyond its role: less rights, and marks for the audit trail.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SessionLimits {
    pub policy: Option<SessionPolicy>,
    pub policy_arns: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
}

/// An inline policy document that narrows what the session may do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionPolicy(pub String);

/// Temporary credentials at the end of a chain, or the base identity's own keys.
///
/// Never written to disk, never printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    pub access_key_id: Secret<String>,
    pub secret_access_key: Secret<String>,
    pub session_token: Option<Secret<String>>,
    /// `None` for keys that do not end, or whose end nobody told us.
    pub expires_at: Option<SystemTime>,
}

impl RoleChain {
    /// The base identity itself, nothing assumed.
    pub fn base() -> Self {
        Self::from_base(BaseIdentity::Ambient)
    }

    pub fn from_base(base: BaseIdentity) -> Self {
        Self {
            base,
            assumptions: Vec::new(),
        }
    }

    /// This chain and one role more. A web identity token buys its session from nobody, so what
    /// came before falls away.
    #[must_use]
    pub fn then(&self, assumption: Assumption) -> Self {
        let mut chain = match assumption.web_identity_token {
            Some(_) => Self::base(),
            None => self.clone(),
        };
        chain.assumptions.push(assumption);
        chain
    }

    /// The same roles from another beginning, where they begin with whoever terrane was started as.
    #[must_use]
    pub fn begun_from(&self, beginning: &Self) -> Self {
        if self.base != BaseIdentity::Ambient {
            return self.clone();
        }
        let roles = self.assumptions.iter().cloned();
        roles.fold(beginning.clone(), |chain, role| chain.then(role))
    }

    pub fn base_identity(&self) -> &BaseIdentity {
        &self.base
    }

    pub fn assumptions(&self) -> &[Assumption] {
        &self.assumptions
    }

    /// The role that acts; `None` when the base identity does.
    pub fn role(&self) -> Option<&RoleArn> {
        self.last().map(|assumption| &assumption.role)
    }

    pub fn last(&self) -> Option<&Assumption> {
        self.assumptions.last()
    }

    /// The same hops, each asked for so long and no longer.
    #[must_use]
    pub fn lasting(&self, duration: SessionDuration) -> Self {
        let mut chain = self.clone();
        for assumption in &mut chain.assumptions {
            assumption.duration = duration;
        }
        chain
    }

    /// The chain that this one's last role is assumed from; `None` for the base identity.
    pub fn source(&self) -> Option<Self> {
        let (_, before) = self.assumptions.split_last()?;
        Some(Self {
            base: self.base.clone(),
            assumptions: before.to_vec(),
        })
    }
}

impl RoleChain {
    /// The chain as screens show it, with a name for whoever terrane was started as.
    pub fn shown_from(&self, ambient: &str) -> String {
        let base = self.base.shown(ambient);
        let roles = self.assumptions.iter().map(|assumed| assumed.role.name());
        let hops: Vec<&str> = [&*base].into_iter().chain(roles).collect();
        hops.join(" → ")
    }
}

impl fmt::Display for RoleChain {
    /// `base → infrastructure-assumer-role → doer-role`, as screens show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown_from("base"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assumption(role: &str) -> Assumption {
        Assumption {
            role: format!("arn:aws:iam::111111111111:role/{role}")
                .parse()
                .expect("a role"),
            session_name: SessionName::clean("terrane"),
            duration: SessionDuration::ONE_HOUR,
            external_id: None,
            web_identity_token: None,
            limits: SessionLimits::default(),
        }
    }

    #[test]
    fn siblings_share_the_chain_that_they_are_reached_from() {
        let hub = RoleChain::base().then(assumption("assumer"));
        let doer = hub.then(assumption("doer"));
        let state = hub.then(assumption("state-mgmt"));
        assert_eq!(doer.source(), state.source());
        assert_eq!(doer.to_string(), "base → assumer → doer");
        assert_eq!(RoleChain::base().source(), None);
    }

    #[test]
    fn a_web_identity_token_needs_nothing_before_it() {
        let token = Some(WebIdentityToken::from_value("/run/token"));
        let by_token = Assumption {
            web_identity_token: token,
            ..assumption("doer")
        };
        let chain = RoleChain::base().then(assumption("assumer")).then(by_token);
        assert_eq!(chain.to_string(), "base → doer");
    }

    #[test]
    fn roles_may_begin_elsewhere_but_not_those_that_a_profile_or_a_token_begins() {
        let elsewhere = RoleChain::base().then(assumption("vault"));
        let shown = |chain: RoleChain| chain.begun_from(&elsewhere).to_string();
        assert_eq!(shown(RoleChain::base()), "base → vault");
        let doer = RoleChain::base().then(assumption("doer"));
        assert_eq!(shown(doer), "base → vault → doer");
        let profile = RoleChain::from_base(BaseIdentity::Profile("dns".into()));
        assert_eq!(shown(profile), "profile dns");
        let by_token = Assumption {
            web_identity_token: Some(WebIdentityToken::GitHub),
            ..assumption("doer")
        };
        assert_eq!(shown(RoleChain::base().then(by_token)), "base → doer");
    }

    #[test]
    fn a_session_shows_none_of_its_keys() {
        let secret = || Secret::new("hunter2".to_owned());
        let session = Session {
            access_key_id: secret(),
            secret_access_key: secret(),
            session_token: Some(secret()),
            expires_at: None,
        };
        assert!(!format!("{session:?}").contains("hunter2"));
    }
}
