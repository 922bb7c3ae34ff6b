//! `roles` in `terrane.hcl`: by folder or account, and for planning and applying apart.
//!
//! Terragrunt's files have one role for all commands. A role that is named for one command here
//! beats theirs, since it says more; a role for all commands gives way to theirs.

use camino::Utf8Path;
use terrane_hcl::{Attribute, Diagnostic, Diagnostics, Location, Value};

use crate::config::place_of;
use crate::identity::{ClaimField, Covers, FolderPattern, RoleRow, RoleTable, Takes, claim_field};
use crate::model::{AccountId, ClaimSource, Purpose, RoleClaim};

/// Reads the table. Longer paths come first, since they say more; accounts come last.
pub(super) fn read(
    attribute: &Attribute,
    value: &Value,
    place: &Location,
    folder: &Utf8Path,
) -> Result<RoleTable, Diagnostics> {
    let Some(entries) = value.entries() else {
        let problem = "roles holds roles by folder or account";
        return Err((*wrong(problem, place)).into());
    };
    let mut problems = Diagnostics::new();
    let mut rows = Vec::new();
    for (key, value) in entries {
        let place = place_of_entry(attribute, key, place);
        match row(key, value, &place, folder) {
            Ok(row) => rows.push((key.len(), row)),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    rows.sort_by_key(|(length, row)| {
        let is_account = matches!(row.covers, Covers::Account(_));
        (is_account, std::cmp::Reverse(*length))
    });
    Ok(RoleTable {
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        takes: Takes::EveryRow,
    })
}

fn row(
    key: &str,
    value: &Value,
    place: &Location,
    folder: &Utf8Path,
) -> Result<RoleRow, Box<Diagnostic>> {
    let covers = match key.parse::<AccountId>() {
        Ok(account) => Covers::Account(account),
        Err(_) => Covers::Folders(
            FolderPattern::new(folder, [key]).map_err(|error| wrong(&error.to_string(), place))?,
        ),
    };
    if value.as_str().is_some() {
        let claims = vec![claim(None, value, place)?];
        return Ok(RoleRow { covers, claims });
    }
    let entries = value.entries().ok_or_else(|| {
        let problem = format!("{key} has a role, or an object with role, plan or apply");
        wrong(&problem, place)
    })?;
    let mut claims = Vec::new();
    for (name, value) in entries {
        let purpose = match name.as_str() {
            "role" => None,
            "plan" => Some(Purpose::Plan),
            "apply" => Some(Purpose::Apply),
            other => {
                let problem = format!("{key} has no {other}; it has role, plan and apply");
                return Err(wrong(&problem, place));
            }
        };
        claims.push(claim(purpose, value, place)?);
    }
    Ok(RoleRow { covers, claims })
}

fn claim(
    purpose: Option<Purpose>,
    value: &Value,
    place: &Location,
) -> Result<RoleClaim, Box<Diagnostic>> {
    let text = value
        .as_str()
        .ok_or_else(|| wrong("a role is the text of its ARN", place))?;
    let mut claim = RoleClaim::new(match purpose {
        None => ClaimSource::RoleMap(place_of(place)),
        Some(_) => ClaimSource::RoleOfCommand(place_of(place)),
    });
    claim.only_for = purpose;
    claim_field(&mut claim, ClaimField::Role, text)
        .map_err(|error| wrong(&error.problem, place))?;
    Ok(claim)
}

fn wrong(problem: &str, place: &Location) -> Box<Diagnostic> {
    let diagnostic = Diagnostic::error("Wrong value").detail(format!("{problem}."));
    Box::new(diagnostic.at(&place.source, place.span))
}

/// The entry's own line, where the table is written out.
pub(super) fn place_of_entry(attribute: &Attribute, key: &str, place: &Location) -> Location {
    let items = attribute.expression.as_object().unwrap_or_default();
    let item = items.iter().find(|item| item.key.name() == Some(key));
    item.map_or_else(
        || place.clone(),
        |item| Location::new(&place.source, item.key.span()),
    )
}
