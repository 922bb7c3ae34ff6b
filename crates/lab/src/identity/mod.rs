//! Who calls: keys and sessions, signatures, web-identity tokens.
//!
//! This module proves who sent a request. What they may do is for `policy` to say.

pub(crate) mod arn;
pub(crate) mod aws_chunked;
pub(crate) mod jwt;
pub(crate) mod keyring;
pub(crate) mod signature;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use self::arn::{PrincipalArn, PrincipalKind};
use crate::policy::Policy;
use crate::policy::condition::Context;

/// Whoever a set of keys stands for, with all that policies may ask about them.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// What answers and logs call them; for a role, its session's ARN.
    pub(crate) arn: String,
    /// The role, user or root whose permissions they have.
    pub(crate) principal: PrincipalArn,
    /// The session's part of the name, if these are a role's keys.
    pub(crate) session_name: Option<String>,
    pub(crate) session_policy: Option<Policy>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) transitive_tags: Vec<String>,
    pub(crate) source_identity: Option<String>,
    /// The number of this session among all that the lab gave out; none for lasting keys.
    pub(crate) session: Option<u64>,
    /// For temporary keys: whether a device's code was given for them.
    pub(crate) mfa: Option<bool>,
}

impl Caller {
    pub(crate) fn lasting(principal: PrincipalArn, session_name: Option<String>) -> Self {
        let arn = match &session_name {
            Some(name) => principal.session_arn(name),
            None => principal.to_string(),
        };
        Self {
            arn,
            principal,
            session_name,
            session_policy: None,
            tags: BTreeMap::new(),
            transitive_tags: Vec::new(),
            source_identity: None,
            session: None,
            mfa: None,
        }
    }

    pub(crate) fn account(&self) -> &str {
        &self.principal.account
    }

    /// `AROA…:session`, `AIDA…`, or the account's number for root.
    pub(crate) fn user_id(&self) -> String {
        match (self.principal.kind, &self.session_name) {
            (PrincipalKind::Root, _) => self.account().to_owned(),
            (PrincipalKind::Role, Some(name)) => format!("{}:{name}", unique_id(&self.principal)),
            (PrincipalKind::Role | PrincipalKind::User, _) => unique_id(&self.principal),
        }
    }

    /// The condition keys that describe the caller, whatever they call.
    pub(crate) fn context(&self, region: &str) -> Context {
        let mut context = Context::default();
        context.set("aws:PrincipalArn", self.principal.as_str());
        context.set("aws:PrincipalAccount", self.account());
        context.set("aws:userid", &self.user_id());
        context.set("aws:RequestedRegion", region);
        // The lab stands in for endpoints that speak TLS only.
        context.set("aws:SecureTransport", "true");
        match self.principal.kind {
            PrincipalKind::Root => context.set("aws:PrincipalType", "Account"),
            PrincipalKind::Role => context.set("aws:PrincipalType", "AssumedRole"),
            PrincipalKind::User => {
                context.set("aws:PrincipalType", "User");
                context.set("aws:username", &self.principal.name);
            }
        }
        if let Some(mfa) = self.mfa {
            context.set("aws:MultiFactorAuthPresent", &mfa.to_string());
        }
        if let Some(identity) = &self.source_identity {
            context.set("aws:SourceIdentity", identity);
        }
        for (key, value) in &self.tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value);
        }
        context
    }
}

/// The stable id that AWS gives to each role and user.
pub(crate) fn unique_id(principal: &PrincipalArn) -> String {
    let prefix = if principal.kind == PrincipalKind::User {
        "AIDA"
    } else {
        "AROA"
    };
    let digest = Sha256::digest(principal.as_str());
    format!("{prefix}{}", keyring::base32(&digest[..11]))
}
