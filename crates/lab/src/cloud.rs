//! Everything that the accounts hold while the lab runs, and the questions and changes that
//! more than one part of the lab has for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::identity::Caller;
use crate::identity::arn::PrincipalKind;
use crate::identity::keyring::{Credential, Keyring, Keys};
use crate::pattern;
use crate::policy::condition::Context;
use crate::policy::decision::{Question, Verdict};
use crate::policy::{Policy, PolicyKind, Statement};
use crate::service::dynamodb::Table;
use crate::service::s3::Bucket;
use crate::service::ssm::Parameters;
use crate::world::sources::Sources;
use crate::world::{Principal, Provider, World, WorldError, policy_of};

#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) region: String,
    pub(crate) accounts: BTreeMap<String, String>,
    pub(crate) principals: BTreeMap<String, Principal>,
    pub(crate) providers: BTreeMap<String, Provider>,
    pub(crate) keyring: Keyring,
    pub(crate) operator: Option<Keys>,
    /// No session lasts longer than this, whatever it asked for.
    pub(crate) longest_session: Option<SignedDuration>,
    pub(crate) buckets: BTreeMap<String, Bucket>,
    pub(crate) tables: Vec<Table>,
    pub(crate) parameters: Parameters,
    pub(crate) sources: Sources,
    sessions: u64,
    /// Root has no policies of its own and may do everything.
    root_policies: Vec<Policy>,
}

/// A resource, as far as permissions are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protected<'a> {
    pub(crate) arn: &'a str,
    pub(crate) owner: &'a str,
    pub(crate) policy: Option<&'a Policy>,
}

/// Which policy a statement is added to or taken from while the lab runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyOf<'a> {
    /// What the roles and users whose ARN the pattern covers may do.
    Principals(&'a str),
    /// Who may assume the roles whose ARN the pattern covers.
    Trust(&'a str),
    /// The policy of one bucket.
    Bucket(&'a str),
}

impl PolicyOf<'_> {
    fn kind(self) -> PolicyKind {
        match self {
            Self::Principals(_) => PolicyKind::Identity,
            Self::Trust(_) => PolicyKind::Trust,
            Self::Bucket(_) => PolicyKind::Bucket,
        }
    }
}

impl Cloud {
    pub(crate) fn open(world: World) -> Result<Self, WorldError> {
        let mut keyring = Keyring::default();
        let mut operator = None;
        for entry in world.keys {
            if Some(&entry.keys.access_key_id) == world.operator.as_ref() {
                operator = Some(entry.keys.clone());
            }
            let caller = Arc::new(Caller::lasting(entry.principal, entry.session_name));
            keyring.add(Credential {
                keys: entry.keys,
                expires: None,
                caller,
            });
        }
        let buckets = world.buckets.into_iter().map(|(name, plan)| {
            let policy = plan
                .policy
                .as_ref()
                .map(|policy| policy_of(&name, policy, PolicyKind::Bucket))
                .transpose()?;
            Ok((name, Bucket::open(plan, policy, &world.region)))
        });
        let tables = world
            .tables
            .into_iter()
            .map(|plan| Table::open(plan, &world.region));
        let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        Ok(Self {
            buckets: buckets.collect::<Result<_, WorldError>>()?,
            tables: tables.collect(),
            region: world.region,
            accounts: world.accounts,
            principals: world.principals,
            providers: world.providers,
            keyring,
            operator,
            longest_session: None,
            parameters: Parameters::default(),
            sources: world.sources,
            sessions: 0,
            root_policies: vec![policy_of("root", &everything, PolicyKind::Identity)?],
        })
    }

    pub(crate) fn judge(
        &self,
        caller: &Caller,
        action: &str,
        resource: Protected<'_>,
        context: &Context,
    ) -> Verdict {
        self.question(caller, action, resource, context).decide()
    }

    pub(crate) fn question<'a>(
        &'a self,
        caller: &'a Caller,
        action: &'a str,
        resource: Protected<'a>,
        context: &'a Context,
    ) -> Question<'a> {
        let principal = self.principals.get(caller.principal.as_str());
        let identity_policies = match caller.principal.kind {
            PrincipalKind::Root => &self.root_policies[..],
            PrincipalKind::User | PrincipalKind::Role => {
                principal.map_or(&[][..], |principal| &principal.policies)
            }
        };
        Question {
            caller,
            action,
            resource: resource.arn,
            context,
            owner: resource.owner,
            identity_policies,
            resource_policy: resource.policy,
        }
    }

    /// Gives a new session its number, its keys and its end.
    pub(crate) fn open_session(
        &mut self,
        mut caller: Caller,
        asked: SignedDuration,
        now: Timestamp,
    ) -> Credential {
        self.sessions += 1;
        caller.session = Some(self.sessions);
        let lasts = self
            .longest_session
            .map_or(asked, |longest| asked.min(longest));
        let keys = Keys::for_session();
        let expires = now
            .saturating_add(lasts)
            .expect("a session ends within the calendar");
        let credential = Credential {
            keys,
            expires: Some(expires),
            caller: Arc::new(caller),
        };
        self.keyring.add(credential.clone());
        credential
    }

    /// Adds a statement. Gives the number of policies that took it.
    pub(crate) fn add_statement(
        &mut self,
        of: PolicyOf<'_>,
        statement: &Value,
    ) -> Result<usize, WorldError> {
        let policy = policy_of(
            "the new statement",
            &json!({ "Statement": statement }),
            of.kind(),
        )?;
        let mut changed = 0;
        self.change_policies(of, |statements| {
            statements.extend(policy.statements.iter().cloned());
            changed += 1;
        });
        Ok(changed)
    }

    /// Takes away the statements with this id. Gives their number.
    pub(crate) fn remove_statement(&mut self, of: PolicyOf<'_>, sid: &str) -> usize {
        let mut removed = 0;
        self.change_policies(of, |statements| {
            let before = statements.len();
            statements.retain(|statement| statement.sid.as_deref() != Some(sid));
            removed += before - statements.len();
        });
        removed
    }

    fn change_policies(&mut self, of: PolicyOf<'_>, mut change: impl FnMut(&mut Vec<Statement>)) {
        match of {
            PolicyOf::Bucket(name) => {
                if let Some(bucket) = self.buckets.get_mut(name) {
                    change(&mut bucket.policy.get_or_insert_default().statements);
                }
            }
            PolicyOf::Trust(role) => {
                for principal in self.covered(role) {
                    if principal.arn.kind == PrincipalKind::Role {
                        change(&mut principal.trust.get_or_insert_default().statements);
                    }
                }
            }
            PolicyOf::Principals(names) => {
                for principal in self.covered(names) {
                    // Which of a principal's policies holds a statement makes no difference.
                    let policies = std::mem::take(&mut principal.policies);
                    let statements = policies.into_iter().flat_map(|policy| policy.statements);
                    let mut all = Policy {
                        statements: statements.collect(),
                    };
                    change(&mut all.statements);
                    principal.policies = vec![all];
                }
            }
        }
    }

    fn covered(&mut self, names: &str) -> impl Iterator<Item = &mut Principal> {
        let principals = self.principals.values_mut();
        principals.filter(move |principal| pattern::matches(names, principal.arn.as_str()))
    }
}
