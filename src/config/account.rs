//! Which account a folder stands for, as people write it down: an `account.hcl`, `account.yaml` or
//! `account.json` beside the account's folder.

use std::cell::RefCell;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{
    Attribute, Budget, Context, Diagnostic, Diagnostics, Host, Limits, Location, Reference,
    Resolved, RootError, Source, Value, WorldError, evaluate, parse_expression,
};

use super::reader::ByPath;
use super::scope::{FileScope, View};
use super::unit::place_of;
use crate::model::{AccountId, Place};

/// The folder of one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountFolder {
    /// Absolute.
    pub folder: Utf8PathBuf,
    /// The folder's own name, such as `1-dev`.
    pub name: String,
    pub id: AccountId,
    /// What the file calls the account.
    pub alias: Option<String>,
    /// The line that says so.
    pub place: Place,
}

const FILES: [&str; 4] = ["account.hcl", "account.yaml", "account.yml", "account.json"];

const ID_NAMES: [&str; 6] = [
    "account_id",
    "aws_account_id",
    "account",
    "account_number",
    "aws_account",
    "id",
];

const ALIAS_NAMES: [&str; 5] = [
    "account_alias",
    "account_name",
    "aws_account_alias",
    "aws_account_name",
    "alias",
];

/// What is known of folders; one table for a whole load.
#[derive(Default)]
pub(crate) struct AccountTable {
    known: RefCell<ByPath<Option<Rc<AccountFolder>>>>,
    /// Account files that cannot be read, each told once.
    problems: RefCell<Diagnostics>,
}

impl AccountTable {
    pub(crate) fn into_problems(self) -> Diagnostics {
        self.problems.into_inner()
    }
}

impl View<'_> {
    /// The account of the nearest folder above the unit that has an account file.
    pub(crate) fn account_folder(&self, table: &AccountTable) -> Option<Rc<AccountFolder>> {
        let known = &table.known;
        let top = self.evaluation.reader.repository_of(&self.scope.folder);
        let mut passed = Vec::new();
        let mut found = None;
        for folder in self.scope.folder.ancestors() {
            if let Some(answer) = known.borrow().get(folder.as_str()) {
                found.clone_from(answer);
                break;
            }
            passed.push(folder);
            match self.account_of(folder) {
                Ok(account) => found = account.map(Rc::new),
                // The account of a folder further up would be another one.
                Err(problem) => {
                    table.problems.borrow_mut().push(*problem);
                    break;
                }
            }
            if found.is_some() || top.as_deref() == Some(folder) {
                break;
            }
        }
        let mut known = known.borrow_mut();
        for folder in passed {
            known.insert(folder.as_str().into(), found.clone());
        }
        found
    }

    /// The account that a folder's own file names; the error is a file that names one which cannot
    /// be known.
    fn account_of(&self, folder: &Utf8Path) -> Result<Option<AccountFolder>, Box<Diagnostic>> {
        let reader = self.evaluation.reader;
        let Some(path) = reader.first_of(folder, &FILES) else {
            return Ok(None);
        };
        let read = if path.extension() == Some("hcl") {
            reader.file(&path).map(drop)
        } else {
            reader.data(&path).map(drop)
        };
        match read {
            Ok(()) => self.account_in(folder, &path),
            Err(reason) => Err(Box::new(unreadable(
                &reader.shown(&path),
                &reader.shown(folder),
                &reason,
            ))),
        }
    }

    fn account_in(
        &self,
        folder: &Utf8Path,
        path: &Utf8Path,
    ) -> Result<Option<AccountFolder>, Box<Diagnostic>> {
        let facts = if path.extension() == Some("hcl") {
            self.account_locals(path)?
        } else {
            self.account_data(path)?
        };
        let Some((value, place)) = facts else {
            return Ok(None);
        };
        let mut named = ID_NAMES.iter().filter_map(|name| value.entry(name));
        let text = |name: &&str| value.entry(name).and_then(Value::as_str);
        Ok(named.find_map(id_of).map(|id| AccountFolder {
            folder: folder.to_owned(),
            name: folder.file_name().unwrap_or_default().to_owned(),
            id,
            alias: ALIAS_NAMES.iter().find_map(text).map(str::to_owned),
            place,
        }))
    }

    /// The locals of an account file that speak of the account; the others are not evaluated.
    fn account_locals(&self, path: &Utf8Path) -> Result<Option<(Value, Place)>, Box<Diagnostic>> {
        let Ok(file) = self.evaluation.reader.file(path) else {
            return Ok(None);
        };
        let scope = FileScope::own(file);
        let view = self.of(&scope);
        let is_wanted = |local: &&Attribute| {
            ID_NAMES.contains(&local.name.as_str()) || ALIAS_NAMES.contains(&local.name.as_str())
        };
        let wanted: Vec<&Attribute> = scope.file.locals().iter().filter(is_wanted).collect();
        let names_it = |local: &&&Attribute| ID_NAMES.contains(&local.name.as_str());
        let Some(first) = wanted.iter().find(names_it) else {
            return Ok(None);
        };
        let place = scope.file.at(first.span);
        let mut values = Vec::new();
        for local in &wanted {
            match view.local(local) {
                Ok(value) => values.push((local.name.clone(), value)),
                Err(problems) if names_it(&local) => {
                    let reason = problems.iter().next().map_or("", |first| &first.detail);
                    return Err(unknown(reason, &place));
                }
                // An account goes without an alias.
                Err(_) => {}
            }
        }
        Ok(Some((Value::object(values), place_of(&place))))
    }

    fn account_data(&self, path: &Utf8Path) -> Result<Option<(Value, Place)>, Box<Diagnostic>> {
        let Ok(bytes) = self.evaluation.reader.data(path) else {
            return Ok(None);
        };
        let shown = self.evaluation.reader.shown(path);
        let source = Source::from_bytes(shown.as_str(), &bytes);
        let text = source.text();
        let Some(place) = id_line(&source) else {
            return Ok(None);
        };
        let function = if path.extension() == Some("json") {
            "jsondecode"
        } else {
            "yamldecode"
        };
        let limits = self.evaluation.options.limits.language;
        match decoded(function, text, limits) {
            Some(value) => Ok(Some((value, place_of(&place)))),
            None => Err(unknown("The file is not well formed.", &place)),
        }
    }
}

fn unknown(reason: &str, place: &Location) -> Box<Diagnostic> {
    let problem = Diagnostic::warning("Account is not known")
        .detail(format!(
            "{reason} Without it nobody can check that the units of this folder run in their account."
        ))
        .help("write the account's number here")
        .at(&place.source, place.span);
    Box::new(problem)
}

fn unreadable(file: &Utf8Path, folder: &Utf8Path, reason: &WorldError) -> Diagnostic {
    Diagnostic::warning("Unreadable account file")
        .detail(format!(
            "{file}: {reason}. It says which account the units below {folder} work in, so that their \
             account is not known."
        ))
        .help(format!("make {file} a file that can be read"))
}

/// The line that names the account's number.
fn id_line(source: &std::sync::Arc<Source>) -> Option<Location> {
    let text = source.text();
    let at = ID_NAMES.iter().find_map(|name| text.find(name))?;
    let at = u32::try_from(at).ok()?;
    Some(Location::new(source, terrane_hcl::Span::new(at, at)))
}

/// An account's number, which has lost its leading zeros where it is written as a number.
fn id_of(value: &Value) -> Option<AccountId> {
    let text = match value.as_number() {
        Some(number) => {
            let digits = number.to_string();
            if digits.len() < FEWEST_DIGITS {
                return None;
            }
            format!("{digits:0>12}")
        }
        None => value.as_str()?.to_owned(),
    };
    text.parse().ok()
}

/// A number with fewer digits than this is no account's.
const FEWEST_DIGITS: usize = 9;

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

/// What a function of the language makes of a text.
fn decoded(function: &str, text: &str, limits: Limits) -> Option<Value> {
    let source = Source::new(function, format!("{function}(text)"));
    let expression = parse_expression(&source, &limits).ok()?;
    let context = Context {
        source: &source,
        host: &OneText(text),
        budget: &Budget::new(limits),
    };
    evaluate(&expression, &context).ok()
}
