//! `terrane.hcl`: what only terrane needs to know of a tree. It is optional, and lies at the root.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{
    Attribute, Budget, Context, Diagnostic, Diagnostics, Host, Limits, Location, Reference,
    Resolved, RootError, Source, Value, evaluate, parse,
};

use super::words::nearest;
use super::{disk, role_tables};
use crate::config::place_of;
use crate::identity::{ClaimField, RoleTable, StateFrom, StateSessions, TabledId, claim_field};
use crate::model::{ClaimSource, ExternalId, RoleArn, RoleClaim};

const NAME: &str = "terrane.hcl";

/// What the file says; nothing where there is none.
#[derive(Clone, Debug, Default)]
pub struct TerraneFile {
    pub path: Option<Utf8PathBuf>,
    /// The hub.
    pub assumer: Option<RoleClaim>,
    /// By the role that demands them.
    pub external_ids: BTreeMap<RoleArn, TabledId>,
    pub state_from: StateFrom,
    pub state_sessions: StateSessions,
    /// Roles by folder and account.
    pub roles: Option<RoleTable>,
}

/// The language without anybody to ask: values and the functions that need nothing.
struct Nobody;

impl Host for Nobody {
    fn root(&self, _: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        Err(RootError::Unknown)
    }

    fn root_names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl TerraneFile {
    /// Reads the nearest file from `start` up; a repository is not left.
    pub(super) fn find(
        start: &Utf8Path,
        shown: impl Fn(&Utf8Path) -> Utf8PathBuf,
    ) -> Result<Self, Diagnostics> {
        for folder in start.ancestors() {
            let path = folder.join(NAME);
            if path.is_file() {
                return Self::read(&path, &shown(&path));
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        Ok(Self::default())
    }

    /// The folder it lies in, which is the root of the estate.
    pub(super) fn folder(&self) -> Option<&Utf8Path> {
        self.path.as_deref()?.parent()
    }

    fn read(path: &Utf8Path, shown: &Utf8Path) -> Result<Self, Diagnostics> {
        let bytes = disk::read(path).map_err(|error| {
            Diagnostic::error("Unreadable file").detail(format!("{shown}: {error}"))
        })?;
        let source = Source::from_bytes(shown.as_str(), &bytes);
        let limits = Limits::default();
        let body = parse(&source, &limits).into_result()?;
        let mut problems = Diagnostics::new();
        for block in &body.blocks {
            problems.push(unknown(&block.kind).at(&source, block.kind_span));
        }
        let mut file = Self {
            path: Some(path.to_owned()),
            ..Self::default()
        };
        for attribute in &body.attributes {
            let context = Context {
                source: &source,
                host: &Nobody,
                budget: &Budget::new(limits),
            };
            let taken = evaluate(&attribute.expression, &context)
                .and_then(|value| file.take(attribute, &value, &attribute.span.in_source(&source)));
            problems.extend(taken.err().into_iter().flatten());
        }
        if problems.has_errors() {
            return Err(problems);
        }
        Ok(file)
    }

    fn take(
        &mut self,
        attribute: &Attribute,
        value: &Value,
        place: &Location,
    ) -> Result<(), Diagnostics> {
        let wrong = |problem: String| {
            Diagnostic::error("Wrong value")
                .detail(problem)
                .at(&place.source, place.span)
        };
        match attribute.name.as_str() {
            "assumer_role" => {
                let text = value
                    .as_str()
                    .ok_or_else(|| wrong("assumer_role is the ARN of a role".to_owned()))?;
                let mut claim = RoleClaim::new(ClaimSource::RoleMap(place_of(place)));
                claim_field(&mut claim, ClaimField::Role, text)
                    .map_err(|error| wrong(error.problem))?;
                self.assumer = Some(claim);
            }
            "external_ids" => {
                let entries = value
                    .entries()
                    .ok_or_else(|| wrong("external_ids holds an id for each role".to_owned()))?;
                for (name, id) in entries {
                    let role: RoleArn = name
                        .as_str()
                        .parse()
                        .map_err(|error| wrong(format!("{error}")))?;
                    let id = id
                        .as_str()
                        .ok_or_else(|| wrong("an external id is a text".to_owned()))?;
                    let id: ExternalId = id.parse().map_err(|error| wrong(format!("{error}")))?;
                    let place = place_of(&role_tables::place_of_entry(attribute, name, place));
                    self.external_ids.insert(role, TabledId { id, place });
                }
            }
            "state_from" => {
                self.state_from = match value.as_str() {
                    Some("hub") => StateFrom::Hub,
                    Some("doer") => StateFrom::Doer,
                    Some(_) | None => {
                        return Err(wrong("state_from is \"hub\" or \"doer\"".to_owned()).into());
                    }
                };
            }
            "confine_state" => {
                self.state_sessions = match value.as_bool() {
                    Some(true) => StateSessions::PerUnit,
                    Some(false) => StateSessions::Shared,
                    None => return Err(wrong("confine_state is true or false".to_owned()).into()),
                };
            }
            "roles" => {
                let folder = self.folder().expect("it was read from there").to_owned();
                self.roles = Some(role_tables::read(attribute, value, place, &folder)?);
            }
            other => return Err(unknown(other).at(&place.source, attribute.name_span).into()),
        }
        Ok(())
    }
}

/// A name that means nothing here.
fn unknown(name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("Unknown name").detail(format!("{NAME} has no {name}."));
    match nearest(name, NAMES.into_iter()) {
        Some(near) => diagnostic.help(format!("did you mean {near}?")),
        None => diagnostic.help(format!("it has {}", NAMES.join(", "))),
    }
}

const NAMES: [&str; 5] = [
    "assumer_role",
    "confine_state",
    "external_ids",
    "roles",
    "state_from",
];
