//! `hcl validate`: all that is wrong with all files in scope.

use std::collections::BTreeSet;

use terrane_hcl::{Diagnostic, Diagnostics};

use super::exit::CommandError;
use super::options::{InputsCheck, Options, ValidateOptions};
use super::screen;
use crate::config::{Facts, LoadOptions, Thoroughness, load};
use crate::model::Purpose;
use crate::report::{ExitStatus, diagnostics_as_json};

pub(super) fn run(options: &Options, wanted: &ValidateOptions) -> Result<ExitStatus, CommandError> {
    if wanted.inputs != InputsCheck::No {
        return Err(CommandError::failed(
            "this version of terrane understands --inputs and cannot check them",
        ));
    }
    wanted.selection.refuse("hcl validate")?;
    let aws = options
        .aws(&wanted.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&wanted.reading, &aws);
    let everything = LoadOptions {
        facts: Facts::ALL,
        thoroughness: Thoroughness::AllLocals,
        ..world.load_options(&wanted.reading, "validate")
    };
    let (estate, found_while_loading) = load(&options.start, &world, everything);
    let mut problems = estate.validate();
    problems.extend(found_while_loading);
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

/// What several units share, they are wrong about in the same words. The order stays: what is
/// written wrong comes first, since the rest may follow from it.
fn each_once(problems: Diagnostics) -> Diagnostics {
    let mut all: Vec<Diagnostic> = Vec::new();
    for problem in problems {
        if !all.contains(&problem) {
            all.push(problem);
        }
    }
    all.into_iter().collect()
}

/// The files with errors, a path a line.
fn paths(problems: &Diagnostics) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error());
    let files: BTreeSet<&str> = errors
        .filter_map(|problem| Some(problem.subject.as_ref()?.source.name()))
        .collect();
    files.into_iter().flat_map(|file| [file, "\n"]).collect()
}
