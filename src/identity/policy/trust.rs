//! Whom each role must trust.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::base_principal::BasePrincipal;
use super::document::{Condition, PolicyDocument, Principal, Statement};
use super::footprint::{Actor, Assumed, Footprint, assume_actions};
use crate::model::{AccountId, BaseIdentity, ExternalId, RoleArn};

/// Something about a trust policy that people should know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TrustRemark {
    /// The role is reached from the base identity, and nobody said who that is.
    BaseUnknown(RoleArn),
    /// The role is reached from a profile that a file names.
    ProfileUnknown { role: RoleArn, profile: String },
    /// A token buys the role, and nobody said whose.
    TokenUnknown(RoleArn),
    /// Any repository of an organisation, or of all of GitHub, could take the role.
    WideSubject { subject: String },
    /// Any branch and any pull request could.
    AnyRef { subject: String },
    /// People reach so many roles without a hub between.
    NoHub { roles: usize },
    /// The roles are of several accounts, and people are of one.
    WhichAccount { set: String },
}

const GITHUB: &str = "token.actions.githubusercontent.com";

impl Footprint {
    /// The trust policy of a role, with its remarks. The document is empty where nobody who is known
    /// assumes the role.
    pub fn trust_of(
        &self,
        role: &RoleArn,
        base: &[BasePrincipal],
    ) -> (PolicyDocument, Vec<TrustRemark>) {
        let mut trust = Trust {
            role,
            base,
            statements: Vec::new(),
            remarks: Vec::new(),
        };
        if let Some(assumed) = self.assumed.get(role) {
            trust.add(assumed);
        }
        let statements = trust.statements;
        (PolicyDocument { statements }, trust.remarks)
    }

    /// What is to be said of the base identity for the tree as a whole.
    pub fn base_remarks(&self, base: &[BasePrincipal]) -> Vec<TrustRemark> {
        let subjects = base.iter().filter_map(|principal| match principal {
            BasePrincipal::GitHub { subject } => subject_remark(subject),
            BasePrincipal::Arn(_) | BasePrincipal::PermissionSet { .. } => None,
        });
        let mut remarks: Vec<TrustRemark> = subjects.collect();
        let ambient = Actor::Base(BaseIdentity::Ambient);
        let from_base = self.assumed.iter();
        let from_base =
            from_base.filter(|(_, assumed)| assumed.by.iter().any(|(by, _)| *by == ambient));
        let roles: Vec<&RoleArn> = from_base.map(|(role, _)| role).collect();
        let accounts: BTreeSet<AccountId> = roles.iter().map(|role| role.account()).collect();
        let sets = base.iter().filter_map(|principal| match principal {
            BasePrincipal::PermissionSet { set, account } => Some((set, account)),
            BasePrincipal::Arn(_) | BasePrincipal::GitHub { .. } => None,
        });
        let sets: Vec<(&String, &Option<AccountId>)> = sets.collect();
        if !sets.is_empty() && roles.len() > 1 {
            let roles = roles.len();
            remarks.push(TrustRemark::NoHub { roles });
        }
        let unclear = sets.into_iter().filter(|(_, account)| account.is_none());
        if accounts.len() > 1 {
            remarks.extend(unclear.map(|(set, _)| TrustRemark::WhichAccount { set: set.clone() }));
        }
        remarks
    }
}

struct Trust<'t> {
    role: &'t RoleArn,
    base: &'t [BasePrincipal],
    statements: Vec<Statement>,
    remarks: Vec<TrustRemark>,
}

impl Trust<'_> {
    fn add(&mut self, assumed: &Assumed) {
        let actions = assume_actions(assumed.tags, assumed.source_identity);
        let mut roles: BTreeMap<&Option<ExternalId>, Vec<String>> = BTreeMap::new();
        let mut base_ids: BTreeSet<&Option<ExternalId>> = BTreeSet::new();
        let mut by_token = false;
        for (actor, external_id) in &assumed.by {
            match actor {
                Actor::Role(from) => roles.entry(external_id).or_default().push(from.to_string()),
                Actor::Base(base) => match base.profile() {
                    Some(profile) => self.remarks.push(TrustRemark::ProfileUnknown {
                        role: self.role.clone(),
                        profile: profile.to_owned(),
                    }),
                    None => {
                        base_ids.insert(external_id);
                    }
                },
                Actor::Token => by_token = true,
            }
        }
        for (external_id, arns) in roles {
            let sid = self.sid("FromRoles");
            let conditions = of_external_id(external_id.as_ref());
            self.allow(sid, Principal::Aws(arns), actions.clone(), conditions);
        }
        for external_id in base_ids {
            self.add_base(external_id.as_ref(), &actions);
        }
        if by_token {
            self.add_token();
        }
    }

    fn add_base(&mut self, external_id: Option<&ExternalId>, actions: &[String]) {
        if self.base.is_empty() {
            self.remarks
                .push(TrustRemark::BaseUnknown(self.role.clone()));
        }
        let mut arns = Vec::new();
        for principal in self.base {
            match principal {
                BasePrincipal::Arn(arn) => arns.push(arn.clone()),
                BasePrincipal::PermissionSet { set, account } => {
                    let account = account.unwrap_or(self.role.account());
                    let (principal, condition) = people_of(set, account, self.role.partition());
                    let mut conditions = vec![condition];
                    conditions.extend(of_external_id(external_id));
                    let sid = self.sid(&format!("People{}", letters(set)));
                    self.allow(sid, principal, actions.to_vec(), conditions);
                }
                BasePrincipal::GitHub { subject } => self.add_github(subject),
            }
        }
        if !arns.is_empty() {
            let sid = self.sid("FromBase");
            let conditions = of_external_id(external_id);
            self.allow(sid, Principal::Aws(arns), actions.to_vec(), conditions);
        }
    }

    fn add_token(&mut self) {
        let subjects = self.base.iter().filter_map(|principal| match principal {
            BasePrincipal::GitHub { subject } => Some(subject),
            BasePrincipal::Arn(_) | BasePrincipal::PermissionSet { .. } => None,
        });
        let subjects: Vec<&String> = subjects.collect();
        if subjects.is_empty() {
            self.remarks
                .push(TrustRemark::TokenUnknown(self.role.clone()));
        }
        for subject in subjects {
            self.add_github(subject);
        }
    }

    /// The identity provider is one of the role's own account.
    fn add_github(&mut self, subject: &str) {
        let (partition, account) = (self.role.partition(), self.role.account());
        let provider = format!("arn:{partition}:iam::{account}:oidc-provider/{GITHUB}");
        let is_pattern = subject.contains(['*', '?']);
        let conditions = vec![
            Condition {
                test: "StringEquals",
                key: format!("{GITHUB}:aud"),
                values: vec!["sts.amazonaws.com".to_owned()],
            },
            Condition {
                test: if is_pattern {
                    "StringLike"
                } else {
                    "StringEquals"
                },
                key: format!("{GITHUB}:sub"),
                values: vec![subject.to_owned()],
            },
        ];
        let known = self
            .statements
            .iter()
            .any(|statement| statement.conditions == conditions);
        if !known {
            let sid = self.sid("GitHubJobs");
            let action = vec!["sts:AssumeRoleWithWebIdentity".to_owned()];
            self.allow(sid, Principal::Federated(provider), action, conditions);
        }
    }

    fn allow(
        &mut self,
        sid: String,
        principal: Principal,
        actions: Vec<String>,
        conditions: Vec<Condition>,
    ) {
        self.statements.push(Statement {
            sid,
            principal: Some(principal),
            actions,
            resources: Vec::new(),
            conditions,
        });
    }

    /// A name that no other statement has.
    fn sid(&self, wish: &str) -> String {
        let is_taken = |name: &str| self.statements.iter().any(|one| one.sid == name);
        let mut name = wish.to_owned();
        let mut number = 1;
        while is_taken(&name) {
            number += 1;
            name = format!("{wish}{number}");
        }
        name
    }
}

/// Lets in only those who bring the id, where there is one.
pub fn of_external_id(external_id: Option<&ExternalId>) -> Vec<Condition> {
    let condition = external_id.map(|id| Condition {
        test: "StringEquals",
        key: "sts:ExternalId".to_owned(),
        values: vec![id.to_string()],
    });
    condition.into_iter().collect()
}

/// Whoever has a permission set of IAM Identity Center in that account: its role there ends in
/// letters that change when the set is made anew, so the account is let in, as that role only.
pub fn people_of(set: &str, account: AccountId, partition: &str) -> (Principal, Condition) {
    let condition = Condition {
        test: "ArnLike",
        key: "aws:PrincipalArn".to_owned(),
        values: vec![format!(
            "arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/\
             *AWSReservedSSO_{set}_*"
        )],
    };
    let root = format!("arn:{partition}:iam::{account}:root");
    (Principal::Aws(vec![root]), condition)
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// `repo:ORG/*` lets every repository in, those that will be made tomorrow too.
fn subject_remark(subject: &str) -> Option<TrustRemark> {
    let repository = subject.strip_prefix("repo:")?.split(':').next()?;
    let named = subject.to_owned();
    if repository.contains(['*', '?']) {
        return Some(TrustRemark::WideSubject { subject: named });
    }
    let what = subject.strip_prefix("repo:")?.strip_prefix(repository)?;
    ["", ":*", "*"]
        .contains(&what)
        .then_some(TrustRemark::AnyRef { subject: named })
}

impl fmt::Display for TrustRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BaseUnknown(role) => write!(
                f,
                "{role} is assumed by the base identity, and files do not say who that is; \
                 --base-principal does"
            ),
            Self::ProfileUnknown { role, profile } => write!(
                f,
                "{role} is assumed by the profile {profile:?} of somebody's machine, who is not \
                 known here and is left out"
            ),
            Self::TokenUnknown(role) => write!(
                f,
                "{role} is bought by a web identity token, and files do not say whose; \
                 --base-principal oidc:repo:ORG/REPO:environment:NAME does"
            ),
            Self::WideSubject { subject } => write!(
                f,
                "{subject} lets in every repository that it covers, those of tomorrow and their pull \
                 requests too; name the repository and an environment with reviewers: \
                 oidc:repo:ORG/REPO:environment:NAME"
            ),
            Self::AnyRef { subject } => write!(
                f,
                "{subject} lets in any branch and any pull request; an environment with reviewers is \
                 narrower: repo:ORG/REPO:environment:NAME"
            ),
            Self::WhichAccount { set } => write!(
                f,
                "sso:{set} is taken to be of the account of each role that trusts it; write \
                 sso:{set}@ACCOUNT for the people of one account"
            ),
            Self::NoHub { roles } => write!(
                f,
                "people would be trusted by {roles} roles, each in its own account; with an \
                 assumer_role in terrane.hcl one role trusts them, and all others trust that one"
            ),
        }
    }
}
