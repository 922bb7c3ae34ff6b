//! `AssumeRole`: trust on one side, permission on the other, and AWS's limits on what comes out.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::parameters::{SessionRequest, check_name, tags};
use super::{Operation, response, session_elements};
use crate::cloud::{Cloud, Protected};
use crate::identity::Caller;
use crate::identity::arn::{PrincipalArn, PrincipalKind};
use crate::identity::keyring::Credential;
use crate::policy::condition::Context;
use crate::policy::decision::{Denial, Side, Verdict};
use crate::record::IssuedSession;
use crate::service::refusal::Refusal;
use crate::service::{Served, Visit, not_authorised};
use crate::world::Principal;

const LONGEST_CHAINED: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn assume_role(
    cloud: &mut Cloud,
    operation: &Operation,
    visit: Visit<'_>,
) -> Result<Served, Refusal> {
    let request = SessionRequest::read(operation)?;
    let extras = Extras::read(operation)?;
    let caller = visit.caller;
    if caller.principal.kind == PrincipalKind::Root {
        return Err(Refusal::new(
            403,
            "AccessDenied",
            "Roles may not be assumed by root accounts.",
        ));
    }
    if operation.parameter("SerialNumber").is_some() {
        let message = "MultiFactorAuthentication failed, unable to validate MFA code.";
        return Err(Refusal::new(403, "AccessDenied", message).because("the lab has no devices"));
    }
    let target = authorised_target(cloud, &request, &extras, visit)?;
    check_duration(&request, target, caller)?;
    let arn = target.arn.clone();

    let chained = caller.principal.kind == PrincipalKind::Role;
    let session = new_session(arn, &request, &extras, caller);
    let credential = cloud.open_session(session, request.lasts, visit.now);
    let issued = IssuedSession {
        chained,
        external_id: extras.external_id,
        ..issued(&credential, visit.now)
    };
    Ok((
        response("AssumeRole", &session_elements(&credential)),
        Some(issued),
    ))
}

/// What the record keeps of a new session.
pub(in crate::service) fn issued(credential: &Credential, now: jiff::Timestamp) -> IssuedSession {
    let caller = &credential.caller;
    let expires = credential.expires.expect("a session has an end");
    let key = &credential.keys.access_key_id;
    IssuedSession {
        number: caller.session.expect("a new session has a number"),
        role_arn: caller.principal.to_string(),
        session_name: caller.session_name.clone().unwrap_or_default(),
        key: key[key.len() - 4..].to_owned(),
        seconds: expires.duration_since(now).as_secs(),
        chained: false,
        external_id: None,
        source_identity: caller.source_identity.clone(),
        tags: caller.tags.clone(),
    }
}

/// What a request for a session may add to it.
struct Extras {
    external_id: Option<String>,
    source_identity: Option<String>,
    tags: BTreeMap<String, String>,
    transitive_tags: Vec<String>,
}

impl Extras {
    fn read(operation: &Operation) -> Result<Self, Refusal> {
        let external_id = operation.parameter("ExternalId").map(str::to_owned);
        if let Some(id) = &external_id {
            check_name("externalId", id, 2..=1224, "+=,.@:/-")?;
        }
        let source_identity = operation.parameter("SourceIdentity").map(str::to_owned);
        if let Some(identity) = &source_identity {
            check_name("sourceIdentity", identity, 2..=64, "+=,.@-")?;
        }
        let (tags, transitive_tags) = tags(operation);
        Ok(Self {
            external_id,
            source_identity,
            tags,
            transitive_tags,
        })
    }

    /// The permissions that the request takes. What the caller's own session hands on takes the
    /// same permissions as what the request adds.
    fn actions(&self, caller: &Caller) -> impl Iterator<Item = &'static str> {
        let tagging = !self.tags.is_empty() || !caller.transitive_tags.is_empty();
        let sourced = self.source_identity.is_some() || caller.source_identity.is_some();
        let wanted = [
            ("sts:AssumeRole", true),
            ("sts:TagSession", tagging),
            ("sts:SetSourceIdentity", sourced),
        ];
        wanted
            .into_iter()
            .filter(|(_, needed)| *needed)
            .map(|(action, _)| action)
    }

    fn add_to(&self, context: &mut Context, caller: &Caller) {
        if let Some(id) = &self.external_id {
            context.set("sts:ExternalId", id);
        }
        if let Some(identity) = self
            .source_identity
            .as_ref()
            .or(caller.source_identity.as_ref())
        {
            context.set("sts:SourceIdentity", identity);
        }
        for (key, value) in &self.tags {
            context.set(&format!("aws:RequestTag/{key}"), value);
        }
        if !self.tags.is_empty() {
            context.set_all("aws:TagKeys", self.tags.keys().cloned().collect());
        }
        if !self.transitive_tags.is_empty() {
            context.set_all("sts:TransitiveTagKeys", self.transitive_tags.clone());
        }
    }
}

/// The role, if the caller may assume it. A role that is not there is refused in the very
/// words of one that does not trust the caller: nobody learns from STS which roles exist.
fn authorised_target<'a>(
    cloud: &'a Cloud,
    request: &SessionRequest,
    extras: &Extras,
    visit: Visit<'_>,
) -> Result<&'a Principal, Refusal> {
    let arn = &request.role_arn;
    let Some(owner) = arn.parse::<PrincipalArn>().ok().map(|arn| arn.account) else {
        return Err(Refusal::new(
            400,
            "ValidationError",
            format!("{arn} is invalid"),
        ));
    };
    let mut context = visit.caller.context(visit.region);
    context.set("aws:ResourceAccount", &owner);
    context.set("sts:RoleSessionName", &request.session_name);
    extras.add_to(&mut context, visit.caller);
    let target = cloud
        .principals
        .get(arn)
        .filter(|target| target.arn.kind == PrincipalKind::Role);
    let policy = target.and_then(|target| target.trust.as_ref());
    let protected = Protected {
        arn,
        owner: &owner,
        policy,
    };
    for action in extras.actions(visit.caller) {
        let question = cloud.question(visit.caller, action, protected, &context);
        if let Verdict::Denied(denial) = question.decide_on_trust() {
            return Err(denied(visit.caller, action, arn, denial, target.is_none()));
        }
    }
    if extras.source_identity.is_some()
        && visit.caller.source_identity.is_some()
        && extras.source_identity != visit.caller.source_identity
    {
        let message = "SourceIdentity cannot be changed once it is set.";
        return Err(Refusal::new(403, "AccessDenied", message));
    }
    Ok(target.expect("a role that is not there trusts nobody"))
}

/// The caller's own side is named; that of the role's owner is not.
fn denied(caller: &Caller, action: &str, arn: &str, denial: Denial, missing: bool) -> Refusal {
    let message = match denial.by {
        Side::Identity | Side::Session => not_authorised(caller, action, arn, denial),
        Side::Resource => format!(
            "User: {} is not authorized to perform: {action} on resource: {arn}",
            caller.arn
        ),
    };
    let reason = match (denial.by, denial.explicit) {
        (Side::Identity, false) => "the caller's policies do not allow it",
        (Side::Identity, true) => "the caller's policies deny it",
        (Side::Session, false) => "the caller's session policy does not allow it",
        (Side::Session, true) => "the caller's session policy denies it",
        (Side::Resource, true) => "the role's trust policy denies it",
        (Side::Resource, false) if missing => "the role does not exist",
        (Side::Resource, false) => "the role's trust policy does not let the caller in",
    };
    Refusal::new(403, "AccessDenied", message).because(reason)
}

fn check_duration(
    request: &SessionRequest,
    target: &Principal,
    caller: &Caller,
) -> Result<(), Refusal> {
    let too_long = |message| Err(Refusal::new(400, "ValidationError", message));
    if caller.principal.kind == PrincipalKind::Role && request.lasts > LONGEST_CHAINED {
        return too_long(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining.",
        );
    }
    if request.lasts.as_secs() > target.max_session_seconds {
        return too_long(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        );
    }
    Ok(())
}

fn new_session(
    arn: PrincipalArn,
    request: &SessionRequest,
    extras: &Extras,
    caller: &Caller,
) -> Caller {
    let mut session = Caller::lasting(arn, Some(request.session_name.clone()));
    session.session_policy.clone_from(&request.policy);
    for key in &caller.transitive_tags {
        if let Some(value) = caller.tags.get(key) {
            session.tags.insert(key.clone(), value.clone());
            session.transitive_tags.push(key.clone());
        }
    }
    session.tags.extend(extras.tags.clone());
    session
        .transitive_tags
        .extend(extras.transitive_tags.iter().cloned());
    session.source_identity = extras
        .source_identity
        .clone()
        .or_else(|| caller.source_identity.clone());
    session
}
