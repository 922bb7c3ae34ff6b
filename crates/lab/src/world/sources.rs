//! Where programs get credentials from that they do not hold: the access portal, an instance's
//! metadata, a container's endpoint, GitHub's tokens for its jobs. And the devices for codes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::WorldError;
use crate::identity::arn::{PrincipalArn, PrincipalKind};

/// What there is, and what has been handed out.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) portal: Portal,
    pub(crate) instance: Option<Instance>,
    /// By the last part of the path that the container is told.
    pub(crate) containers: BTreeMap<String, Container>,
    pub(crate) github: Option<GitHub>,
    /// By serial number.
    pub(crate) devices: BTreeMap<String, Device>,
}

/// The access portal of an organisation.
#[derive(Debug, Default)]
pub(crate) struct Portal {
    pub(crate) assignments: Vec<Assignment>,
    /// Who is signed in, by access token.
    pub(crate) signed_in: BTreeMap<String, SignedIn>,
    /// By refresh token.
    pub(crate) refreshable: BTreeMap<String, Refreshable>,
}

/// Who may become which role in which account.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub(crate) user: String,
    pub(crate) account: String,
    pub(crate) role_name: String,
    pub(crate) role: PrincipalArn,
}

#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: String,
    pub(crate) ends: Timestamp,
}

/// A refresh token is for one client, and for one use.
#[derive(Clone, Debug)]
pub(crate) struct Refreshable {
    pub(crate) user: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// An EC2 instance, and the tokens that its metadata service gave out.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) role: PrincipalArn,
    pub(crate) tokens: BTreeMap<String, Timestamp>,
}

#[derive(Debug)]
pub(crate) struct Container {
    pub(crate) role: PrincipalArn,
    pub(crate) task: String,
    /// What the `Authorization` header has to say.
    pub(crate) authorization: String,
}

/// A job of GitHub Actions.
#[derive(Debug)]
pub(crate) struct GitHub {
    pub(crate) issuer: String,
    pub(crate) request_token: String,
    pub(crate) claims: Value,
}

/// A device that shows codes. Each is taken once.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) user: PrincipalArn,
    pub(crate) codes: BTreeSet<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourcesDocument {
    portal: Vec<AssignmentDocument>,
    instance: Option<InstanceDocument>,
    containers: Vec<ContainerDocument>,
    github: Option<GitHubDocument>,
    devices: Vec<DeviceDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignmentDocument {
    user: String,
    account: String,
    role_name: String,
    role: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InstanceDocument {
    id: String,
    role: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContainerDocument {
    path: String,
    role: String,
    task: String,
    authorization: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GitHubDocument {
    issuer: String,
    request_token: String,
    claims: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceDocument {
    serial: String,
    user: String,
    codes: BTreeSet<String>,
}

impl Sources {
    /// Adds what the document says. What has the same name is replaced.
    pub(super) fn add(&mut self, document: SourcesDocument) -> Result<(), WorldError> {
        for entry in document.portal {
            self.portal.assignments.push(Assignment {
                role: role(&entry.role)?,
                user: entry.user,
                account: entry.account,
                role_name: entry.role_name,
            });
        }
        if let Some(instance) = document.instance {
            self.instance = Some(Instance {
                role: role(&instance.role)?,
                id: instance.id,
                tokens: BTreeMap::new(),
            });
        }
        for entry in document.containers {
            let container = Container {
                role: role(&entry.role)?,
                task: entry.task,
                authorization: entry.authorization,
            };
            self.containers.insert(entry.path, container);
        }
        if let Some(github) = document.github {
            self.github = Some(GitHub {
                issuer: github.issuer,
                request_token: github.request_token,
                claims: github.claims,
            });
        }
        for entry in document.devices {
            let device = Device {
                user: entry.user.parse()?,
                codes: entry.codes,
            };
            self.devices.insert(entry.serial, device);
        }
        Ok(())
    }
}

fn role(arn: &str) -> Result<PrincipalArn, WorldError> {
    let parsed: PrincipalArn = arn.parse()?;
    match parsed.kind {
        PrincipalKind::Role => Ok(parsed),
        PrincipalKind::User | PrincipalKind::Root => {
            Err(WorldError::Principal(format!("{arn} is no role")))
        }
    }
}
