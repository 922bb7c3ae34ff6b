//! Roles as they are named on the command line of `trust` and `policy`, and what both print.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::exit::CommandError;
use crate::identity::policy::{Footprint, PolicyDocument, RoleKind};
use crate::model::RoleArn;

/// A meaning that changes raises it.
const VERSION: u32 = 1;

/// Which roles somebody means.
#[derive(Debug)]
pub(super) enum RoleWish<'w> {
    Kind(RoleKind),
    /// An ARN or a name.
    Named(&'w str),
}

impl<'w> RoleWish<'w> {
    pub(super) fn parse(text: &'w str) -> Self {
        match text {
            "hub" => Self::Kind(RoleKind::Hub),
            "doer" => Self::Kind(RoleKind::Doer),
            "state" => Self::Kind(RoleKind::State),
            other => Self::Named(other),
        }
    }

    /// Those of the tree's roles that are meant.
    pub(super) fn among(&self, footprint: &Footprint) -> Result<Vec<RoleArn>, CommandError> {
        let meant = footprint.roles().filter(|(role, kinds)| match self {
            Self::Kind(kind) => kinds.contains(kind),
            Self::Named(name) => role.name() == *name || role.to_string() == *name,
        });
        let meant: Vec<RoleArn> = meant.map(|(role, _)| role.clone()).collect();
        if !meant.is_empty() {
            return Ok(meant);
        }
        let all: Vec<String> = footprint
            .roles()
            .map(|(role, _)| role.to_string())
            .collect();
        let none = match self {
            Self::Kind(RoleKind::Hub) => "the units have no hub but the base identity".to_owned(),
            Self::Kind(RoleKind::Doer) => "no unit has a doer role".to_owned(),
            Self::Kind(RoleKind::State) => {
                "no unit has a role for its state: the doer opens it".to_owned()
            }
            Self::Kind(RoleKind::Provider) => "no provider block assumes a role".to_owned(),
            Self::Named(name) => format!("no unit has to do with the role {name}"),
        };
        let error = CommandError::failed(none);
        Err(if all.is_empty() {
            error.detail("nobody assumes any role here")
        } else {
            error.help(format!("the roles of these units are {}", all.join(", ")))
        })
    }
}

/// Documents under one name, each by what it belongs to. A single one that was asked for stands
/// bare, for handing it on.
pub(super) fn printed(
    what: &str,
    documents: &[(String, PolicyDocument)],
    may_be_bare: bool,
) -> String {
    if let ([(_, document)], true) = (documents, may_be_bare) {
        return document.to_text() + "\n";
    }
    let answer = Answer { what, documents };
    let text = serde_json::to_string_pretty(&answer);
    text.expect("texts always have a JSON form") + "\n"
}

struct Answer<'a> {
    what: &'a str,
    documents: &'a [(String, PolicyDocument)],
}

/// Documents by their names, in the order in which they stand.
struct ByName<'a>(&'a [(String, PolicyDocument)]);

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("version", &VERSION)?;
        map.serialize_entry(self.what, &ByName(self.documents))?;
        map.end()
    }
}

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, document)| (name, document)))
    }
}
