//! Where what a unit says comes from: file and line, through includes and merges.
//!
//! It reads the same syntax that the values are made of. A value is followed into the object that it
//! stands in, as far as that is written out; where an expression makes the object, the expression is
//! the place. It does not know which role a run takes in the end: flags and tables win over files.

mod syntax;
#[cfg(test)]
mod tests;
mod uses;

use camino::Utf8PathBuf;
use terrane_hcl::{Diagnostic, Diagnostics, Value, closest};

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
    /// Where it is written, the strongest file first.
    pub origins: Vec<Origin>,
}

/// One place where a thing is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    pub place: Place,
    pub standing: Standing,
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
        let mut path: Vec<&str> = what.split('.').collect();
        if path[0] == "local" {
            path[0] = "locals";
        }
        let value = self.value_at(&path)?;
        let origins = if path[0] == "locals" {
            let spot = find(&self.scope.file.body, &path);
            spot.map(|spot| self.origin(&spot, Standing::Counts))
                .into_iter()
                .collect()
        } else {
            self.origins(&path)
        };
        if origins.is_empty() {
            return Err(self.unknown_subject(what, &path).into());
        }
        Ok(Explanation {
            subject: what.to_owned(),
            value,
            origins,
        })
    }

    /// The merged value, if there is one.
    fn value_at(&self, path: &[&str]) -> Result<Option<Value>, Diagnostics> {
        let Some((first, rest)) = path.split_first() else {
            return Ok(None);
        };
        // Of locals only the one that is meant: others may be wrong or ask the world.
        if *first == "locals"
            && let Some((name, rest)) = rest.split_first()
        {
            let local = self.scope.file.local(name);
            let value = local.map(|local| self.local(local)).transpose()?;
            return Ok(value.and_then(|value| part_of(&value, rest)));
        }
        let value = self.field_value(first)?;
        Ok(value
            .and_then(|value| part_of(&value, rest))
            .filter(|value| !value.is_null()))
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
        let spot = find(&self.scope.file.body, path)?;
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
        Origin {
            place: place_of(&self.scope.file.at(spot.span)),
            standing,
            uses: spot
                .expression
                .map(|expression| self.uses(expression, spot.rest))
                .unwrap_or_default(),
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

/// What a value has under these names.
fn part_of(value: &Value, path: &[&str]) -> Option<Value> {
    let mut part = value.clone();
    for name in path {
        if part.is_unknown() {
            return Some(part);
        }
        let marks = part.marks();
        part = part.entry(name)?.clone().with_marks(marks);
    }
    Some(part)
}
