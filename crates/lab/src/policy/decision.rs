//! The decision over everything that applies to one request, as AWS takes it.
//!
//! An explicit Deny anywhere ends it. Within one account an Allow on either side is enough;
//! between accounts both sides must allow. A session policy only ever takes away, unless the
//! resource names that very session. A role's trust policy is the exception: without its word
//! nobody assumes the role, whatever their own policies say.

use super::condition::Context;
use super::document::{Closeness, Effect, Policy};
use crate::identity::Caller;

/// One request, as policies see it.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
    /// The account that owns the resource.
    pub(crate) owner: &'a str,
    pub(crate) identity_policies: &'a [Policy],
    pub(crate) resource_policy: Option<&'a Policy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    Denied(Denial),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) by: Side,
    pub(crate) explicit: bool,
}

/// Which kind of policy is the reason for a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Identity,
    Session,
    Resource,
}

impl Question<'_> {
    /// The decision for resources whose policy is one of two ways in: buckets, tables, the rest.
    pub(crate) fn decide(&self) -> Verdict {
        if let Some(denial) = self.explicit_deny() {
            return Verdict::Denied(denial);
        }
        let granted = self.resource_grant();
        let same_account = self.caller.account() == self.owner;
        if same_account && granted == Some(Closeness::Session) {
            return Verdict::Allowed;
        }
        let named = same_account && granted >= Some(Closeness::Principal);
        if !named && !self.identity_allows() {
            return Verdict::Denied(Denial {
                by: Side::Identity,
                explicit: false,
            });
        }
        self.unless_missing_on_other_sides(same_account || granted.is_some())
    }

    /// The decision on assuming a role; the resource policy is the role's trust policy.
    pub(crate) fn decide_on_trust(&self) -> Verdict {
        if let Some(denial) = self.explicit_deny() {
            return Verdict::Denied(denial);
        }
        let trusted = self.resource_grant();
        let same_account = self.caller.account() == self.owner;
        let named = same_account && trusted >= Some(Closeness::Principal);
        if !named && !self.identity_allows() {
            return Verdict::Denied(Denial {
                by: Side::Identity,
                explicit: false,
            });
        }
        self.unless_missing_on_other_sides(trusted.is_some())
    }

    fn unless_missing_on_other_sides(&self, resource_agrees: bool) -> Verdict {
        if !resource_agrees {
            return Verdict::Denied(Denial {
                by: Side::Resource,
                explicit: false,
            });
        }
        if !self.session_allows() {
            return Verdict::Denied(Denial {
                by: Side::Session,
                explicit: false,
            });
        }
        Verdict::Allowed
    }

    fn explicit_deny(&self) -> Option<Denial> {
        let identity = self
            .identity_policies
            .iter()
            .any(|policy| self.finds(policy, Effect::Deny));
        let session = self.caller.session_policy.as_ref();
        let session = session.is_some_and(|policy| self.finds(policy, Effect::Deny));
        let resource = self.named_by(Effect::Deny).is_some();
        let by = match (identity, session, resource) {
            (true, _, _) => Side::Identity,
            (false, true, _) => Side::Session,
            (false, false, true) => Side::Resource,
            (false, false, false) => return None,
        };
        Some(Denial { by, explicit: true })
    }

    fn identity_allows(&self) -> bool {
        self.identity_policies
            .iter()
            .any(|policy| self.finds(policy, Effect::Allow))
    }

    fn session_allows(&self) -> bool {
        let policy = self.caller.session_policy.as_ref();
        policy.is_none_or(|policy| self.finds(policy, Effect::Allow))
    }

    fn resource_grant(&self) -> Option<Closeness> {
        self.named_by(Effect::Allow)
    }

    fn finds(&self, policy: &Policy, effect: Effect) -> bool {
        policy.statements.iter().any(|statement| {
            statement.effect == effect && statement.covers(self.action, self.resource, self.context)
        })
    }

    fn named_by(&self, effect: Effect) -> Option<Closeness> {
        let statements = self
            .resource_policy
            .map_or(&[][..], |policy| &policy.statements);
        let covering = statements.iter().filter(|statement| {
            statement.effect == effect && statement.covers(self.action, self.resource, self.context)
        });
        covering
            .filter_map(|statement| statement.names(self.caller))
            .max()
    }
}

impl Denial {
    /// The end of AWS's sentence that says which policy was the reason.
    pub(crate) fn because(self, action: &str) -> String {
        let kind = match self.by {
            Side::Identity => "identity-based policy",
            Side::Session => "session policy",
            Side::Resource => "resource-based policy",
        };
        if self.explicit {
            let article = if self.by == Side::Identity { "an" } else { "a" };
            format!("with an explicit deny in {article} {kind}")
        } else {
            format!("because no {kind} allows the {action} action")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::PolicyKind;

    const SHARED: &str = "123456789011";
    const DEV: &str = "234567890123";

    fn policy(effect: &str, principal: Option<&str>) -> Policy {
        let mut statement = json!({"Effect": effect, "Action": "s3:GetObject", "Resource": "*"});
        if let Some(principal) = principal {
            statement["Principal"] = json!({ "AWS": principal });
        }
        let kind = principal.map_or(PolicyKind::Identity, |_| PolicyKind::Bucket);
        Policy::parse(&json!({ "Statement": statement }), kind).expect("it is well formed")
    }

    fn parse(document: &Value) -> Policy {
        Policy::parse(document, PolicyKind::Identity).expect("the policy is well formed")
    }

    /// What a session of `doer` in the dev account hears when it reads from a bucket of `owner`.
    fn verdict(identity: &[Policy], bucket: Option<&Policy>, owner: &str) -> Verdict {
        verdict_within(None, identity, bucket, owner)
    }

    fn verdict_within(
        session_policy: Option<Policy>,
        identity_policies: &[Policy],
        bucket: Option<&Policy>,
        owner: &str,
    ) -> Verdict {
        let role = format!("arn:aws:iam::{DEV}:role/doer")
            .parse()
            .expect("a role's ARN");
        let mut caller = Caller::lasting(role, Some("build".to_owned()));
        caller.session_policy = session_policy;
        let question = Question {
            caller: &caller,
            action: "s3:GetObject",
            resource: "arn:aws:s3:::state/key",
            context: &Context::default(),
            owner,
            identity_policies,
            resource_policy: bucket,
        };
        question.decide()
    }

    fn silent(by: Side) -> Verdict {
        Verdict::Denied(Denial {
            by,
            explicit: false,
        })
    }

    #[test]
    fn within_one_account_either_side_may_allow() {
        let doer = format!("arn:aws:iam::{DEV}:role/doer");
        assert_eq!(verdict(&[], None, DEV), silent(Side::Identity));
        assert_eq!(
            verdict(&[policy("Allow", None)], None, DEV),
            Verdict::Allowed
        );
        assert_eq!(
            verdict(&[], Some(&policy("Allow", Some(&doer))), DEV),
            Verdict::Allowed
        );
    }

    #[test]
    fn an_account_as_principal_leaves_the_decision_to_that_account() {
        let account = policy("Allow", Some(&format!("arn:aws:iam::{DEV}:root")));
        assert_eq!(verdict(&[], Some(&account), DEV), silent(Side::Identity));
        assert_eq!(
            verdict(&[policy("Allow", None)], Some(&account), SHARED),
            Verdict::Allowed
        );
    }

    #[test]
    fn between_accounts_both_sides_must_allow() {
        let doer = format!("arn:aws:iam::{DEV}:role/doer");
        let allow = [policy("Allow", None)];
        let named = policy("Allow", Some(&doer));
        assert_eq!(verdict(&allow, None, SHARED), silent(Side::Resource));
        assert_eq!(verdict(&[], Some(&named), SHARED), silent(Side::Identity));
        assert_eq!(verdict(&allow, Some(&named), SHARED), Verdict::Allowed);
    }

    #[test]
    fn an_explicit_deny_beats_every_allow() {
        let both = [policy("Allow", None), policy("Deny", None)];
        let explicit = Verdict::Denied(Denial {
            by: Side::Identity,
            explicit: true,
        });
        assert_eq!(verdict(&both, None, DEV), explicit);
        let everyone = policy("Deny", Some("*"));
        let explicit = Verdict::Denied(Denial {
            by: Side::Resource,
            explicit: true,
        });
        assert_eq!(
            verdict(&[policy("Allow", None)], Some(&everyone), DEV),
            explicit
        );
    }

    #[test]
    fn a_session_policy_takes_away_but_never_gives() {
        let nothing = parse(&json!({"Statement": []}));
        let allow = [policy("Allow", None)];
        assert_eq!(
            verdict_within(Some(nothing), &allow, None, DEV),
            silent(Side::Session)
        );
        let all = policy("Allow", None);
        assert_eq!(
            verdict_within(Some(all), &[], None, DEV),
            silent(Side::Identity)
        );
    }

    #[test]
    fn a_resource_that_names_the_session_needs_no_other_word() {
        let session = format!("arn:aws:sts::{DEV}:assumed-role/doer/build");
        let nothing = parse(&json!({"Statement": []}));
        let bucket = policy("Allow", Some(&session));
        assert_eq!(
            verdict_within(Some(nothing), &[], Some(&bucket), DEV),
            Verdict::Allowed
        );
    }

    #[test]
    fn all_but_the_named_resources_are_covered_by_not_resource() {
        let all_but = |resource: &str| {
            let statement = json!({"Effect": "Allow", "Action": "*", "NotResource": resource});
            [parse(&json!({ "Statement": [statement] }))]
        };
        assert_eq!(
            verdict(&all_but("arn:aws:s3:::state/*"), None, DEV),
            silent(Side::Identity)
        );
        assert_eq!(
            verdict(&all_but("arn:aws:s3:::other/*"), None, DEV),
            Verdict::Allowed
        );
    }
}
