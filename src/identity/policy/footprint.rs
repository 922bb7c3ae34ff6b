//! What the units of a tree do to reach roles and states, all of them together.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{PolicyDocument, Statement};
use super::state_access::{self, Home, KeyShape, Workspaces};
use crate::identity::{ProviderRole, ProviderStart};
use crate::model::{BaseIdentity, ExternalId, RoleArn, RoleChain, S3State};

/// Every hop and every state of a tree.
#[derive(Clone, Debug, Default)]
pub struct Footprint {
    pub(super) assumed: BTreeMap<RoleArn, Assumed>,
    states: BTreeMap<Actor, BTreeMap<StateObject, Touch>>,
}

/// Who does something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Actor {
    Base(BaseIdentity),
    /// Nobody: a web identity token is shown instead.
    Token,
    Role(RoleArn),
}

/// What a role is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RoleKind {
    Hub,
    Doer,
    State,
    /// Reached by a provider block of the code.
    Provider,
}

/// What is done with a state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Touch {
    Reads,
    /// Reads, writes and locks.
    Writes,
}

/// A role that somebody assumes.
#[derive(Clone, Debug, Default)]
pub(super) struct Assumed {
    /// Each with the external id that it brings.
    pub(super) by: BTreeSet<(Actor, Option<ExternalId>)>,
    pub(super) kinds: BTreeSet<RoleKind>,
    /// What the sessions carry beside the role.
    pub(super) tags: bool,
    pub(super) source_identity: bool,
}

/// A state by what its policies speak of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct StateObject {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) workspace_key_prefix: Option<String>,
    pub(super) region: Option<String>,
    pub(super) dynamodb_table: Option<String>,
    pub(super) lock_file: bool,
    pub(super) kms_key_id: Option<String>,
}

impl Footprint {
    /// Somebody acts as the end of this chain. What lies on the way there are hubs.
    pub fn assumes(&mut self, chain: &RoleChain, kind: RoleKind) {
        let mut from = Actor::Base(chain.base_identity().clone());
        let last = chain.assumptions().len();
        for (index, assumption) in chain.assumptions().iter().enumerate() {
            let by_token = assumption.web_identity_token.is_some();
            let actor = if by_token { Actor::Token } else { from };
            let assumed = self.assumed.entry(assumption.role.clone()).or_default();
            assumed.by.insert((actor, assumption.external_id.clone()));
            let is_last = index + 1 == last;
            assumed
                .kinds
                .insert(if is_last { kind } else { RoleKind::Hub });
            assumed.tags |= !assumption.limits.tags.is_empty();
            assumed.source_identity |= assumption.limits.source_identity.is_some();
            from = Actor::Role(assumption.role.clone());
        }
    }

    /// A provider goes on from a session. What comes after a role that is not known is left out.
    pub fn assumes_by_provider(&mut self, environment: &RoleChain, provider: &ProviderRole) {
        let mut from = match &provider.start {
            ProviderStart::Environment => Actor::end_of(environment),
            ProviderStart::Profile(name) => Actor::Base(BaseIdentity::Profile(name.clone())),
            ProviderStart::WebIdentity => Actor::Token,
        };
        for role in &provider.roles {
            let Some(role) = role else { return };
            let assumed = self.assumed.entry(role.clone()).or_default();
            assumed.by.insert((from, None));
            assumed.kinds.insert(RoleKind::Provider);
            from = Actor::Role(role.clone());
        }
    }

    /// Whoever stands at the end of the chain touches a state.
    pub fn opens(&mut self, chain: &RoleChain, state: &S3State, touch: Touch) {
        let states = self.states.entry(Actor::end_of(chain)).or_default();
        let known = states.entry(StateObject::of(state)).or_insert(touch);
        *known = (*known).max(touch);
    }

    /// This and all that another one does.
    pub fn add(&mut self, other: &Self) {
        for (role, theirs) in &other.assumed {
            let ours = self.assumed.entry(role.clone()).or_default();
            ours.by.extend(theirs.by.iter().cloned());
            ours.kinds.extend(&theirs.kinds);
            ours.tags |= theirs.tags;
            ours.source_identity |= theirs.source_identity;
        }
        for (actor, states) in &other.states {
            let ours = self.states.entry(actor.clone()).or_default();
            for (state, touch) in states {
                let known = ours.entry(state.clone()).or_insert(*touch);
                *known = (*known).max(*touch);
            }
        }
    }

    /// What all of its states take, whoever opens them: for one unit.
    pub fn state_policy(&self, shape: KeyShape, workspaces: Workspaces) -> PolicyDocument {
        let all = self.states.iter().map(|(actor, states)| {
            state_access::statements(states, &Home::of(actor), shape, workspaces)
        });
        let mut statements: Vec<Statement> = all.flatten().collect();
        make_unique(&mut statements);
        PolicyDocument { statements }
    }

    /// All roles that are assumed, with what they are for.
    pub fn roles(&self) -> impl Iterator<Item = (&RoleArn, &BTreeSet<RoleKind>)> {
        let roles = self.assumed.iter();
        roles.map(|(role, assumed)| (role, &assumed.kinds))
    }

    /// All who need rights: those that assume something, and those that touch states.
    pub fn actors(&self) -> BTreeSet<Actor> {
        let assuming = self.assumed.values().flat_map(|assumed| &assumed.by);
        let assuming = assuming.map(|(actor, _)| actor.clone());
        let actors = assuming.chain(self.states.keys().cloned());
        actors.filter(|actor| *actor != Actor::Token).collect()
    }

    /// What somebody must be allowed to do, as far as it follows from the tree.
    pub fn policy_of(
        &self,
        actor: &Actor,
        shape: KeyShape,
        workspaces: Workspaces,
    ) -> PolicyDocument {
        let mut statements: Vec<Statement> = self.assuming(actor).into_iter().collect();
        if let Some(states) = self.states.get(actor) {
            let home = Home::of(actor);
            statements.extend(state_access::statements(states, &home, shape, workspaces));
        }
        PolicyDocument { statements }
    }

    fn assuming(&self, actor: &Actor) -> Option<Statement> {
        let targets = self.assumed.iter();
        let targets = targets.filter(|(_, assumed)| assumed.by.iter().any(|(by, _)| by == actor));
        let targets: Vec<(&RoleArn, &Assumed)> = targets.collect();
        if targets.is_empty() {
            return None;
        }
        let any = |wish: fn(&Assumed) -> bool| targets.iter().any(|(_, assumed)| wish(assumed));
        Some(Statement {
            sid: "AssumeRoles".to_owned(),
            principal: None,
            actions: assume_actions(any(|role| role.tags), any(|role| role.source_identity)),
            resources: targets.iter().map(|(role, _)| role.to_string()).collect(),
            conditions: Vec::new(),
        })
    }
}

/// What it takes to assume a role with what its sessions carry.
pub fn assume_actions(tags: bool, source_identity: bool) -> Vec<String> {
    let wanted = [
        ("sts:AssumeRole", true),
        ("sts:TagSession", tags),
        ("sts:SetSourceIdentity", source_identity),
    ];
    let wanted = wanted.into_iter().filter(|(_, is_wanted)| *is_wanted);
    wanted.map(|(action, _)| action.to_owned()).collect()
}

/// Statements of several actors may have one name.
fn make_unique(statements: &mut [Statement]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for statement in statements {
        let wish = statement.sid.clone();
        let mut number = 1;
        while !taken.insert(statement.sid.clone()) {
            number += 1;
            statement.sid = format!("{wish}n{number}");
        }
    }
}

impl Actor {
    /// Whoever acts at the end of a chain.
    pub fn end_of(chain: &RoleChain) -> Self {
        match chain.role() {
            Some(role) => Self::Role(role.clone()),
            None => Self::Base(chain.base_identity().clone()),
        }
    }
}

impl StateObject {
    pub(super) fn of(state: &S3State) -> Self {
        Self {
            bucket: state.bucket.clone(),
            key: state.key.clone(),
            workspace_key_prefix: state.workspace_key_prefix.clone(),
            region: state.region.clone(),
            dynamodb_table: state.lock.dynamodb_table.clone(),
            lock_file: state.lock.lock_file,
            kms_key_id: state.kms_key_id.clone(),
        }
    }
}
