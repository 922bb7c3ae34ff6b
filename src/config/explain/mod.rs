//! Where what a unit says comes from: file and line, through includes and merges.
//!
//! It reads the same syntax that the values are made of. A value is followed into the object that it
//! stands in, as far as that is written out; where an expression makes the object, the expression is
//! the place. It does not know which role a run takes in the end: flags and tables win over files.

mod given;
mod subject;
mod syntax;
#[cfg(test)]
mod tests;
mod uses;

use camino::Utf8PathBuf;
use terrane_hcl::{Diagnostic, Diagnostics, Value, closest};

use self::subject::{part_of, said_of_old};
use self::syntax::Spot;
pub(super) use self::syntax::find;
use super::as_value::field_names;
use super::estate::Estate;
use super::include::Strategy;
use super::scope::{FileScope, View};
use super::stage::Stage;
use super::unit::place_of;
use crate::model::{Place, UnitIx};

/// One thing that a unit's files say.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Such as `inputs.tags.Owner`.
    pub subject: String,
    /// What it comes to after merging; `None` if nothing is left of it.
    pub value: Option<Value>,
    /// The flag that says so, in place of the files.
    pub flag: Option<String>,
    /// Where it is written, the strongest file first.
    pub origins: Vec<Origin>,
}

/// One place where a thing is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    pub place: Place,
    pub standing: Standing,
    /// Files that its own expression reads.
    pub reads: Vec<Utf8PathBuf>,
    pub uses: Vec<Use>,
}

/// What becomes of a place after merging.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Counts,
    /// It is part of the value, with what stronger files say.
    Merged,
    /// A stronger file says something else.
    Overridden,
}

/// What an expression is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Use {
    /// As it is written, such as `local.region`.
    pub name: String,
    /// `None` where it is not written in a file.
    pub place: Option<Place>,
    /// Files that are read for it.
    pub reads: Vec<Utf8PathBuf>,
    pub uses: Vec<Use>,
}

/// A file of the unit, and how it is merged below the stronger ones.
struct Layer {
    scope: std::rc::Rc<FileScope>,
    strategy: Strategy,
}

impl Estate<'_> {
    /// Where one thing comes from: `inputs.x`, `local.x`, `remote_state.config.bucket`, …
    pub fn explain(&self, unit: UnitIx, what: &str) -> Result<Explanation, Diagnostics> {
        self.with_view(&self.units[unit].file, self.options.questions, |view| {
            view.all_problems()?;
            view.explanation(what)
        })
    }

    /// What can be asked about a unit, each as `explain` takes it.
    pub fn explainable(&self, unit: UnitIx) -> Result<Vec<String>, Diagnostics> {
        self.with_view(&self.units[unit].file, self.options.questions, |view| {
            view.all_problems()?;
            Ok(view.subjects())
        })
    }
}

impl View<'_> {
    /// The files of the unit, the strongest first.
    fn layers(&self) -> Vec<Layer> {
        let of = |scope, strategy| Layer { scope, strategy };
        let auto = self.readable_auto_include();
        let mut layers: Vec<Layer> = auto
            .map(|auto| of(auto, Strategy::Shallow))
            .into_iter()
            .collect();
        layers.push(of(self.scope.clone(), Strategy::Shallow));
        for include in self.readable_includes().iter().rev() {
            if include.strategy != Strategy::NoMerge {
                layers.push(of(include.scope.clone(), include.strategy));
            }
        }
        layers
    }

    fn explanation(&self, what: &str) -> Result<Explanation, Diagnostics> {
        let names = subject::names_of(what);
        let mut path: Vec<&str> = names.iter().map(String::as_str).collect();
        if path[0] == "local" {
            path[0] = "locals";
        }
        let (value, origins) = match *path.as_slice() {
            ["include", ref rest @ ..] => self.explained_include(rest)?,
            ["locals", ..] => {
                let found = self.found_at(&path)?;
                let spot = find(&self.scope.file.body, path_of(found.as_ref(), &path));
                let spot = spot.map(|spot| self.within_locals().origin(&spot, Standing::Counts));
                (found.map(|(value, _)| value), spot.into_iter().collect())
            }
            ["values", ref rest @ ..] => {
                let found = self.found_at(&path)?;
                let named = &path_of(found.as_ref(), &path)[1..];
                let origin = self.origin_of_value(named).filter(|_| !rest.is_empty());
                (found.map(|(value, _)| value), origin.into_iter().collect())
            }
            _ => {
                let found = self.found_at(&path)?;
                let origins = self.origins(path_of(found.as_ref(), &path));
                (found.map(|(value, _)| value), origins)
            }
        };
        if origins.is_empty() {
            return Err(self.unknown_subject(what, &path).into());
        }
        let mut explanation = Explanation {
            subject: what.to_owned(),
            value,
            flag: given::feature_flag(self.evaluation, &path),
            origins,
        };
        if explanation.flag.is_some() {
            let origins = explanation.origins.iter_mut();
            origins.for_each(|origin| origin.standing = Standing::Overridden);
        }
        Ok(explanation)
    }

    /// What an exposed include says of itself, as an expression of this file sees it.
    fn explained_include(
        &self,
        path: &[&str],
    ) -> Result<(Option<Value>, Vec<Origin>), Diagnostics> {
        let includes = self.readable_includes();
        let exposed = || includes.iter().filter(|include| include.expose);
        let labelled = path.first().and_then(|label| {
            let include = exposed().find(|include| include.label == *label)?;
            Some((include, &path[1..]))
        });
        let bare = || Some((exposed().find(|include| include.label.is_empty())?, path));
        let Some((include, rest)) = labelled.or_else(bare).filter(|(_, rest)| !rest.is_empty())
        else {
            return Ok((None, Vec::new()));
        };
        let view = self.of(&include.scope);
        let found = view.found_at(rest)?;
        let spot = view.spot(path_of(found.as_ref(), rest));
        let origin = spot.map(|spot| match rest[0] {
            "locals" => view.within_locals().origin(&spot, Standing::Counts),
            _ => view.origin(&spot, Standing::Counts),
        });
        Ok((found.map(|(value, _)| value), origin.into_iter().collect()))
    }

    /// The merged value, if there is one, and how many names of the path it is written by.
    fn found_at(&self, path: &[&str]) -> Result<Option<(Value, usize)>, Diagnostics> {
        let Some((first, rest)) = path.split_first() else {
            return Ok(None);
        };
        let within = |value: Option<Value>, before: usize| {
            let (value, named) = part_of(&value?, &path[before..])?;
            Some((value, before + named))
        };
        match (*first, rest) {
            // Of locals only the one that is meant: others may be wrong or ask the world.
            ("locals", [name, ..]) => {
                let local = self.scope.file.local(name);
                let value = local.map(|local| self.local(local)).transpose()?;
                Ok(within(value, 2))
            }
            ("values", _) => Ok(within(self.values()?, 1)),
            ("feature", rest) if !rest.is_empty() => {
                if let Some(value) = self.feature_at(rest)? {
                    return Ok(Some((value, path.len())));
                }
                Ok(within(self.field_value(first)?, 1))
            }
            _ => {
                let found = within(self.field_value(first)?, 1);
                Ok(found.filter(|(value, _)| !value.is_null()))
            }
        }
    }

    /// The same without how it was found.
    fn value_at(&self, path: &[&str]) -> Result<Option<Value>, Diagnostics> {
        Ok(self.found_at(path)?.map(|(value, _)| value))
    }

    fn origins(&self, path: &[&str]) -> Vec<Origin> {
        let layers = self.layers();
        let mut origins = Vec::new();
        for (at, layer) in layers.iter().enumerate() {
            let view = self.of(&layer.scope);
            let Some(spot) = view.spot(path) else {
                continue;
            };
            let whole = part_that_is_replaced(path, layer.strategy);
            let stronger = |part: &[&str]| {
                let above = layers[..at].iter();
                above
                    .map(|layer| self.of(&layer.scope))
                    .any(|view| view.spot(part).is_some())
            };
            let standing = match whole {
                Whole::First(parts) if path.len() < parts => {
                    if stronger(path) {
                        Standing::Merged
                    } else {
                        Standing::Counts
                    }
                }
                Whole::First(parts) if stronger(&path[..parts]) => Standing::Overridden,
                Whole::Nothing if stronger(path) => match self.value_at(path) {
                    Ok(Some(value)) if is_collection(&value) => Standing::Merged,
                    Ok(_) | Err(_) => Standing::Overridden,
                },
                Whole::First(_) | Whole::Nothing => Standing::Counts,
            };
            origins.push(view.origin(&spot, standing));
        }
        origins
    }

    /// Where this very file says it.
    fn spot<'p>(&self, path: &'p [&'p str]) -> Option<Spot<'_, 'p>> {
        let body = &self.scope.file.body;
        let spot = find(body, path).or_else(|| said_of_old(body, path))?;
        if spot.rest.is_empty() {
            return Some(spot);
        }
        // An expression makes the object: only its value tells.
        let value = self.evaluate(spot.expression?);
        let has_it = match value {
            Ok(value) => value.contains_unknown() || part_of(&value, spot.rest).is_some(),
            Err(_) => false,
        };
        has_it.then_some(spot)
    }

    fn origin(&self, spot: &Spot<'_, '_>, standing: Standing) -> Origin {
        let uses = spot
            .expression
            .map(|expression| self.uses(expression, spot.rest));
        let uses = uses.unwrap_or_default();
        Origin {
            place: place_of(&self.scope.file.at(spot.span)),
            standing,
            reads: spot
                .expression
                .map(|expression| self.files_read_by(expression, &uses))
                .unwrap_or_default(),
            uses,
        }
    }

    fn unknown_subject(&self, what: &str, path: &[&str]) -> Diagnostic {
        let error = Diagnostic::error("Nothing of that name")
            .detail(format!("No file of this unit says anything of {what}."));
        let included = self.readable_includes();
        let elsewhere = included
            .iter()
            .find(|include| path[0] == "locals" && find(&include.scope.file.body, path).is_some());
        if let Some(include) = elsewhere {
            let file = self.evaluation.reader.shown(&include.scope.file.path);
            return error.help(format!(
                "the included file {file} has such a local; a file sees the locals of another one \
                 only through an exposed include"
            ));
        }
        if let ["include", label, _, ..] = path
            && included
                .iter()
                .any(|include| include.label == *label && !include.expose)
        {
            return error.help(format!(
                "the include \"{label}\" is not exposed; expose = true lets a file see it"
            ));
        }
        let not_merged = included.iter().find_map(|include| {
            let spot = find(&include.scope.file.body, path)?;
            let line = place_of(&include.scope.file.at(spot.span)).line;
            let file = self.evaluation.reader.shown(&include.scope.file.path);
            (include.strategy == Strategy::NoMerge).then(|| format!("{file}:{line}"))
        });
        if let Some(place) = not_merged {
            return error.help(format!(
                "{place} says it, in a file that is included with merge_strategy = \"no_merge\""
            ));
        }
        let subjects = self.subjects();
        let names = subjects.iter().map(String::as_str);
        match closest(what, names) {
            Some(meant) => error.help(format!("did you mean {meant}?")),
            None => error.help("leave the name out to see all that there is"),
        }
    }

    /// All things of the first levels, as `explain` takes them.
    fn subjects(&self) -> Vec<String> {
        let mut subjects: Vec<String> = Vec::new();
        for local in self.scope.file.locals() {
            subjects.push(format!("local.{}", local.name));
        }
        let values = self.values().ok().flatten();
        let values = values.as_ref().and_then(Value::entries).unwrap_or_default();
        subjects.extend(values.iter().map(|(name, _)| format!("values.{name}")));
        for field in field_names() {
            if field == "locals" || self.origins(&[&field]).is_empty() {
                continue;
            }
            let value = self.value_at(&[&field]).ok().flatten();
            let keys = value.as_ref().and_then(Value::entries).unwrap_or_default();
            let said = keys.iter().filter(|(_, value)| !value.is_null());
            let before = subjects.len();
            for (key, _) in said {
                if !self.origins(&[&field, key]).is_empty() {
                    subjects.push(format!("{field}.{key}"));
                }
            }
            if subjects.len() == before {
                subjects.push(field);
            }
        }
        subjects
    }

    /// The same file where a local's expression is evaluated.
    fn within_locals(self) -> Self {
        self.at(Stage::Locals)
    }
}

/// How much of a path a stronger file replaces as a whole.
enum Whole {
    /// So many of its first parts name one thing.
    First(usize),
    /// Collections are merged at every depth.
    Nothing,
}

fn part_that_is_replaced(path: &[&str], strategy: Strategy) -> Whole {
    let is_deep = strategy == Strategy::Deep;
    match path[0] {
        "inputs" | "errors" if is_deep => Whole::Nothing,
        "dependencies" => Whole::Nothing,
        "dependency" if is_deep && path.get(2) == Some(&"mock_outputs") => Whole::Nothing,
        "dependency" if is_deep => Whole::First(3),
        "terraform" => match path.get(1) {
            None | Some(&("source" | "version" | "copy_terraform_lock_file")) => Whole::First(2),
            Some(&("include_in_copy" | "exclude_from_copy")) if is_deep => Whole::Nothing,
            Some(_) => Whole::First(3),
        },
        "engine" if is_deep => Whole::First(2),
        "inputs" | "dependency" | "generate" | "feature" => Whole::First(2),
        _ => Whole::First(1),
    }
}

fn is_collection(value: &Value) -> bool {
    value.entries().is_some() || value.items().is_some()
}

/// The names by which a thing is written, of those by which it was asked about.
fn path_of<'p>(found: Option<&(Value, usize)>, path: &'p [&'p str]) -> &'p [&'p str] {
    found.map_or(path, |(_, named)| &path[..*named])
}
