//! `.terrateam/config.yml`: which roles Terrateam takes in which folder, read as a table of roles.
//!
//! Its `oidc` steps for AWS count: those of the `plan` and `apply` of each workflow, and those of the
//! hooks before them. The first workflow whose `tag_query` covers a folder is the folder's. Lines of
//! this file never win over what Terragrunt's files say.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use terrane_hcl::{
    Budget, Context, Diagnostic, Diagnostics, Host, Limits, Location, Reference, Resolved,
    RootError, Source, Span, Value, evaluate, parse_expression,
};

use super::disk;
use crate::config::place_of;
use crate::identity::{ClaimField, Covers, FolderPattern, RoleRow, RoleTable, Takes, claim_field};
use crate::model::{ClaimSource, Purpose, RoleClaim};

const NAMES: [&str; 2] = [".terrateam/config.yml", ".terrateam/config.yaml"];

/// What the file says; nothing where there is none.
#[derive(Debug, Default)]
pub(super) struct Terrateam {
    pub(super) table: Option<RoleTable>,
    /// What is not understood, and so has no effect.
    pub(super) warnings: Diagnostics,
}

/// Reads the file of the repository that `start` lies in.
pub(super) fn find(
    start: &Utf8Path,
    shown: impl Fn(&Utf8Path) -> Utf8PathBuf,
) -> Result<Terrateam, Diagnostics> {
    let mut folders = start.ancestors();
    let Some(top) = folders.find(|folder| folder.join(".git").exists()) else {
        return Ok(Terrateam::default());
    };
    let mut files = NAMES.iter().map(|name| top.join(name));
    let Some(path) = files.find(|path| path.is_file()) else {
        return Ok(Terrateam::default());
    };
    let name = shown(&path);
    let unreadable = |reason: &str| {
        Diagnostic::error("Unreadable table of roles")
            .detail(format!("{name}: {reason}."))
            .help("its roles are roles of these units, so nothing is done without them")
    };
    let text = disk::read(&path).map_err(|error| unreadable(&error.to_string()))?;
    let text = String::from_utf8(text).map_err(|_| unreadable("it is not UTF-8"))?;
    let source = Source::new(name.as_str(), text.as_str());
    let value = decoded(&text).map_err(|problems| {
        let problem = problems.iter().next().map(|problem| problem.detail.clone());
        let problem = problem.unwrap_or_default();
        // What is wrong with the text stands behind what is said of the function that reads it.
        let reason = problem.split("is not valid: ").last().unwrap_or(&problem);
        unreadable(reason.trim_end_matches('.'))
    })?;
    Reading::new(&source, top).read(&value)
}

/// One reading of the file.
struct Reading<'r> {
    source: &'r Arc<Source>,
    top: &'r Utf8Path,
    rows: Vec<RoleRow>,
    errors: Diagnostics,
    warnings: Diagnostics,
}

impl<'r> Reading<'r> {
    fn new(source: &'r Arc<Source>, top: &'r Utf8Path) -> Self {
        Self {
            source,
            top,
            rows: Vec::new(),
            errors: Diagnostics::new(),
            warnings: Diagnostics::new(),
        }
    }

    fn read(mut self, file: &Value) -> Result<Terrateam, Diagnostics> {
        for workflow in items(file.entry("workflows")) {
            let Some(covers) = self.covers(workflow.entry("tag_query")) else {
                continue;
            };
            let mut claims = self.claims(workflow.entry("plan"), Some(Purpose::Plan));
            claims.extend(self.claims(workflow.entry("apply"), Some(Purpose::Apply)));
            self.rows.push(RoleRow { covers, claims });
        }
        let hooks = file.entry("hooks");
        for (name, purpose) in [
            ("all", None),
            ("plan", Some(Purpose::Plan)),
            ("apply", Some(Purpose::Apply)),
        ] {
            let steps = hooks.and_then(|hooks| hooks.entry(name)?.entry("pre"));
            let claims = self.claims(steps, purpose);
            let covers = Covers::Everything;
            self.rows.push(RoleRow { covers, claims });
        }
        if self.errors.has_errors() {
            return Err(self.errors);
        }
        Ok(Terrateam {
            table: Some(RoleTable {
                rows: self.rows,
                takes: Takes::FirstRow,
            }),
            warnings: self.warnings,
        })
    }

    /// The folders of a `tag_query`; nothing where it asks for more than folders.
    fn covers(&mut self, query: Option<&Value>) -> Option<Covers> {
        let query = query.and_then(Value::as_str).unwrap_or_default().trim();
        let terms = query.split(" or ").map(str::trim);
        let folders = terms.map(|term| match term {
            "" => Some("**"),
            term => {
                let folder = term.strip_prefix("dir:")?;
                (!folder.contains(char::is_whitespace)).then_some(folder)
            }
        });
        let folders: Option<Vec<&str>> = folders.collect();
        let pattern = folders.and_then(|folders| FolderPattern::new(self.top, folders).ok());
        if pattern.is_none() {
            let place = self.place(query);
            self.warnings.push(
                Diagnostic::warning("Workflow without effect")
                    .detail(format!(
                        "terrane understands dir:FOLDER in a tag_query, and several of them joined by \
                         or; the roles of {query:?} are left out."
                    ))
                    .at(&place.source, place.span)
                    .help("name the roles of these folders in terrane.hcl: roles = { FOLDER = … }"),
            );
        }
        pattern.map(Covers::Folders)
    }

    fn claims(&mut self, steps: Option<&Value>, purpose: Option<Purpose>) -> Vec<RoleClaim> {
        let is_ours = |step: &&Value| {
            let text = |name: &str| step.entry(name).and_then(Value::as_str);
            text("type") == Some("oidc") && text("provider") == Some("aws")
        };
        let steps = items(steps).iter().filter(is_ours);
        let claims = steps.filter_map(|step| self.claim(step, purpose));
        claims.collect()
    }

    fn claim(&mut self, step: &Value, purpose: Option<Purpose>) -> Option<RoleClaim> {
        let text = |name: &str| text_of(step.entry(name)?);
        // Where a second role is named, the first is who the job is: the base identity.
        let goes_on = step.entry("assume_role_enabled").and_then(Value::as_bool) != Some(false);
        let second = text("assume_role_arn").filter(|_| goes_on);
        let role = second.or_else(|| text("role_arn"))?;
        let place = self.place(&role);
        if role.contains('$') {
            let warning = Diagnostic::warning("Role without effect").detail(format!(
                "Only Terrateam's runner knows {role}; the step is left out."
            ));
            self.warnings.push(warning.at(&place.source, place.span));
            return None;
        }
        let mut claim = RoleClaim::new(ClaimSource::RoleMap(place_of(&place)));
        claim.only_for = purpose;
        for (field, text) in [
            (ClaimField::Role, Some(role)),
            (ClaimField::SessionName, text("session_name")),
            (ClaimField::Duration, text("duration")),
        ] {
            if let Err(error) = claim_field(&mut claim, field, &text.unwrap_or_default()) {
                let error = Diagnostic::error("Wrong value").detail(format!("{}.", error.problem));
                self.errors.push(error.at(&place.source, place.span));
            }
        }
        Some(claim)
    }

    /// Where a text is written first. YAML's values do not tell their places.
    fn place(&self, text: &str) -> Location {
        let start = self.source.text().find(text);
        let range = start.and_then(|start| {
            let end = u32::try_from(start + text.len()).ok()?;
            Some((u32::try_from(start).ok()?, end))
        });
        let (start, end) = range.unwrap_or((0, 0));
        Location::new(self.source, Span::new(start, end))
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::items).unwrap_or_default()
}

fn text_of(value: &Value) -> Option<String> {
    let text = value.as_str().map(str::to_owned);
    let text = text.or_else(|| value.as_number().map(ToString::to_string))?;
    (!text.is_empty()).then_some(text)
}

/// Gives the language one text to work on.
struct OneText<'t>(&'t str);

impl Host for OneText<'_> {
    fn root(&self, reference: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        match reference.name {
            "text" => Ok(Resolved::whole(Value::from(self.0))),
            _ => Err(RootError::Unknown),
        }
    }

    fn root_names(&self) -> Vec<String> {
        vec!["text".to_owned()]
    }
}

fn decoded(text: &str) -> Result<Value, Diagnostics> {
    let limits = Limits::default();
    let source = Source::new("yamldecode", "yamldecode(text)");
    let expression = parse_expression(&source, &limits)?;
    let context = Context {
        source: &source,
        host: &OneText(text),
        budget: &Budget::new(limits),
    };
    evaluate(&expression, &context)
}
