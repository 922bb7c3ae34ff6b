//! What is said about a unit's identities, before anybody decides.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::{BackendRole, RoleMap};
use crate::model::{
    AccountId, ExternalId, Place, Purpose, RoleArn, RoleClaim, S3State, SessionDuration,
    SessionName,
};

/// What the files say about one unit.
#[derive(Clone, Debug, Default)]
pub struct UnitClaims {
    /// The unit's folder, absolute: what tables of roles go by.
    pub folder: Utf8PathBuf,
    /// The unit's own file and the files that it includes, the nearer include first.
    pub claims: Vec<RoleClaim>,
    /// The role that the backend names for itself.
    pub backend_role: Option<BackendRole>,
    /// The profile that the backend names for itself.
    pub backend_profile: Option<String>,
    /// Where the state lies, if that is known and in S3.
    pub state: Option<Box<S3State>>,
    /// The unit's own provider blocks that assume a role.
    pub provider_roles: Vec<ProviderRole>,
    /// The account that the unit's folder stands for.
    pub account: Option<FolderAccount>,
}

/// A provider block that chooses by itself who it acts as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProviderRole {
    /// `None` for the default one.
    pub alias: Option<String>,
    pub start: ProviderStart,
    /// The roles that it assumes, each from the one before; none where it only names a profile. A
    /// role is `None` when only terraform can tell which: a variable, another resource's attribute.
    pub roles: Vec<Option<RoleArn>>,
    pub place: Place,
}

/// Who a provider is before it assumes anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProviderStart {
    /// What its environment gives: the doer, or the hub where the block assumes the doer itself.
    Environment,
    /// A profile of the user's own.
    Profile(String),
    /// Nobody: a token buys the first role.
    WebIdentity,
}

/// The account that a folder stands for, and where it says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FolderAccount {
    pub folder: String,
    pub account: AccountId,
    pub place: Place,
}

/// What holds for every unit of a run.
#[derive(Clone, Debug)]
pub struct RoleOptions {
    /// Flags and variables.
    pub claims: Vec<RoleClaim>,
    /// Who is the hub: flag, variable and file. Without a role among them the base identity is.
    pub assumer: Vec<RoleClaim>,
    /// Tables of roles beside the units.
    pub role_map: RoleMap,
    /// External ids by the role that demands them, for claims that say none.
    pub external_ids: BTreeMap<RoleArn, TabledId>,
    pub state_from: StateFrom,
    pub state_sessions: StateSessions,
    pub purpose: Purpose,
    /// For claims that name no session. One name for the run keeps one session per role.
    pub session_name: SessionName,
    pub duration: SessionDuration,
}

/// An external id that stands in a table, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TabledId {
    pub id: ExternalId,
    pub place: Place,
}

/// Whom the state role trusts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StateFrom {
    /// The hub, as it trusts the doers' callers too: the two roles are siblings.
    #[default]
    Hub,
    /// The doer of the unit: trees that grew up with chained roles.
    Doer,
}

/// What a state-management session may open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StateSessions {
    /// Whatever its role may: one session serves all units.
    #[default]
    Shared,
    /// The state of one unit, by a policy of the session's own.
    PerUnit,
}

impl ProviderRole {
    /// As the code calls it: `aws`, or `aws.NAME`.
    pub fn name(&self) -> String {
        match &self.alias {
            Some(alias) => format!("aws.{alias}"),
            None => "aws".to_owned(),
        }
    }

    /// Whom it acts as, hop by hop; `environment` is who acts for a provider that says nothing.
    pub fn shown_from(&self, environment: &str) -> String {
        let start = match &self.start {
            ProviderStart::Environment => environment.to_owned(),
            ProviderStart::Profile(name) => format!("profile {name}"),
            ProviderStart::WebIdentity => "web identity token".to_owned(),
        };
        let role = |role: &Option<RoleArn>| {
            let name = role.as_ref().map(RoleArn::name);
            name.unwrap_or("a role that terraform alone knows")
                .to_owned()
        };
        let hops = std::iter::once(start).chain(self.roles.iter().map(role));
        hops.collect::<Vec<String>>().join(" → ")
    }
}

impl RoleOptions {
    /// What the table says that a role demands.
    pub(super) fn external_id_of(&self, role: &RoleArn) -> Option<ExternalId> {
        let tabled = self.external_ids.get(role)?;
        Some(tabled.id.clone())
    }

    /// Nothing said by anybody.
    pub fn new(purpose: Purpose, session_name: SessionName) -> Self {
        Self {
            claims: Vec::new(),
            assumer: Vec::new(),
            role_map: RoleMap::default(),
            external_ids: BTreeMap::new(),
            state_from: StateFrom::default(),
            state_sessions: StateSessions::default(),
            purpose,
            session_name,
            duration: SessionDuration::ONE_HOUR,
        }
    }
}
