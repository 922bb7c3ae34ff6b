//! `hcl validate`: all that is wrong with all files in scope.

mod inputs;

use std::collections::{BTreeSet, HashSet};

use terrane_hcl::{Diagnostic, Diagnostics};

use self::inputs::InputsChecker;
use super::exit::CommandError;
use super::options::{InputsCheck, Options, ValidateOptions};
use super::screen;
use super::selection::Selected;
use crate::config::{Estate, Facts, LoadOptions, Thoroughness, load};
use crate::model::Purpose;
use crate::report::{ExitStatus, diagnostics_as_json};

pub(super) fn run(options: &Options, wanted: &ValidateOptions) -> Result<ExitStatus, CommandError> {
    let aws = options
        .aws(&wanted.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&wanted.reading, &aws);
    let everything = LoadOptions {
        facts: Facts::ALL,
        thoroughness: Thoroughness::AllLocals,
        ..world.load_options(&wanted.reading, "validate")
    };
    let everything = wanted.selection.widen(everything, options)?;
    let (estate, found_while_loading) = load(&options.start, &world, everything);
    let chosen = wanted.selection.choose(&estate, options)?;
    let stacks = estate.stacks.iter();
    let stacks = stacks.filter(|folder| chosen.stacks.contains(&estate.shown(folder)));
    let mut problems = estate.validate(&chosen.units, stacks.map(|folder| &**folder));
    if wanted.selection.is_made() {
        problems.extend(not_of_others(found_while_loading, &estate, &chosen));
    } else {
        problems.extend(found_while_loading);
    }
    if wanted.inputs != InputsCheck::No {
        let checker = InputsChecker::new(&estate, options, wanted.inputs, &wanted.engine)?;
        let units = chosen.units.iter();
        problems.extend(units.flat_map(|unit| checker.problems_of(*unit)));
    }
    let problems = each_once(problems);
    if wanted.json {
        screen::print(&diagnostics_as_json(&problems))?;
    } else if wanted.only_paths {
        screen::print(&paths(&problems))?;
    } else {
        options.tell_all(&problems);
    }
    Ok(if problems.has_errors() {
        ExitStatus::Failure
    } else {
        ExitStatus::Success
    })
}

/// What was found while loading, without what is wrong with units that are not chosen.
fn not_of_others(found: Diagnostics, estate: &Estate<'_>, chosen: &Selected) -> Diagnostics {
    let units = estate.units.iter();
    let others = units.filter(|(unit, _)| !chosen.units.contains(unit));
    let theirs: Vec<Diagnostic> = others
        .flat_map(|(_, unit)| estate.problems_of(unit))
        .collect();
    let theirs: HashSet<Telling<'_>> = theirs.iter().map(telling).collect();
    let found = found.into_iter();
    found
        .filter(|problem| !theirs.contains(&telling(problem)))
        .collect()
}

/// What several units share, they are wrong about in the same words. The order stays: what is
/// written wrong comes first, since the rest may follow from it.
fn each_once(problems: Diagnostics) -> Diagnostics {
    let problems: Vec<Diagnostic> = problems.into_iter().collect();
    let mut told = HashSet::new();
    let is_new: Vec<bool> = problems
        .iter()
        .map(|one| told.insert(telling(one)))
        .collect();
    let problems = problems.into_iter().zip(is_new);
    problems
        .filter_map(|(problem, is_new)| is_new.then_some(problem))
        .collect()
}

/// What tells two problems apart: where they are and what they say.
type Telling<'d> = (Option<(&'d str, u32, u32)>, &'d str, &'d str);

fn telling(problem: &Diagnostic) -> Telling<'_> {
    let place = problem.subject.as_ref().map(|subject| {
        let span = subject.span;
        (subject.source.name(), span.start, span.end)
    });
    (place, &problem.summary, &problem.detail)
}

/// The files with errors, a path a line.
fn paths(problems: &Diagnostics) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error());
    let files: BTreeSet<&str> = errors
        .filter_map(|problem| Some(problem.subject.as_ref()?.source.name()))
        .collect();
    files.into_iter().flat_map(|file| [file, "\n"]).collect()
}
