//! `hcl fmt`: configuration files in their canonical layout.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use similar::TextDiff;
use terrane_hcl::{Diagnostic, Diagnostics, Limits, Source, Span};

use super::disk;
use super::exit::CommandError;
use super::options::{FormatFiles, FormatOptions, LogLevel, Options, Selection};
use super::screen;
use super::tree_walk::{Found, walk};
use crate::model::file_names::{DATA_FOLDER, DOWNLOAD_FOLDER, GENERATED_FOLDER, HISTORY};
use crate::report::{ExitStatus, render_diagnostics};

/// Folders that hold no configuration of the user's.
const NOT_LOOKED_INTO: [&str; 5] = [
    HISTORY,
    DATA_FOLDER,
    DOWNLOAD_FOLDER,
    GENERATED_FOLDER,
    ".boilerplate",
];

pub(super) fn run(options: &Options, wanted: &FormatOptions) -> Result<ExitStatus, CommandError> {
    let mut tally = Tally::default();
    let files = match &wanted.files {
        FormatFiles::Stdin => return format_stdin(),
        FormatFiles::One(file) => vec![file.clone()],
        FormatFiles::All {
            exclude_folders,
            selection,
        } => {
            let found = hcl_files(&options.start, exclude_folders)?;
            tally.pass_over(&found, options);
            in_chosen_folders(configuration_of(found), selection, options)?
        }
    };
    for file in &files {
        tally.add(file, options, wanted)?;
    }
    screen::say(&render_diagnostics(&tally.problems, &options.stderr));
    Ok(tally.status(wanted))
}

/// What became of the files.
#[derive(Default)]
struct Tally {
    problems: Diagnostics,
    changed: usize,
}

impl Tally {
    /// Files that nobody may read are not in order; those that no command sees are only told.
    fn pass_over(&mut self, found: &Found, options: &Options) {
        for (folder, reason) in &found.unreadable {
            let shown = options.shown(folder);
            let problem = Diagnostic::error("Unreadable folder").detail(format!(
                "{shown} was passed over, with all files in it: {reason}."
            ));
            self.problems.push(problem);
        }
        for (folder, reason) in &found.passed_over {
            let shown = options.shown(folder);
            let problem = Diagnostic::warning("Folder passed over")
                .detail(format!("{shown} is left as it is: {reason}."));
            self.problems.push(problem);
        }
    }

    fn add(
        &mut self,
        file: &Utf8Path,
        options: &Options,
        wanted: &FormatOptions,
    ) -> Result<(), CommandError> {
        let shown = options.shown(file);
        let text = match read(file, &shown) {
            Ok(text) => text,
            Err(problems) => {
                self.problems.extend(problems);
                return Ok(());
            }
        };
        let formatted = terrane_hcl::format(&text);
        if formatted == text {
            return Ok(());
        }
        self.changed += 1;
        if wanted.diff {
            screen::print(&diff(&shown, &text, &formatted))?;
        }
        if !wanted.check {
            let written = disk::replace(file, &formatted);
            written.map_err(|error| {
                CommandError::failed(format!("{shown} could not be written")).because(&error)
            })?;
        }
        let what = if wanted.check {
            "not formatted"
        } else {
            "formatted"
        };
        if options.talk >= LogLevel::Info || wanted.check {
            screen::say(&format!("{shown}: {what}\n"));
        }
        Ok(())
    }

    fn status(&self, wanted: &FormatOptions) -> ExitStatus {
        if self.problems.has_errors() || wanted.check && self.changed > 0 {
            ExitStatus::Failure
        } else {
            ExitStatus::Success
        }
    }
}

fn format_stdin() -> Result<ExitStatus, CommandError> {
    let bytes = disk::read_stdin()
        .map_err(|error| CommandError::failed("stdin could not be read").because(&error))?;
    let text = sound("<stdin>", bytes)?;
    screen::print(&terrane_hcl::format(&text))?;
    Ok(ExitStatus::Success)
}

fn read(file: &Utf8Path, shown: &Utf8Path) -> Result<String, Diagnostics> {
    let bytes = disk::read(file).map_err(|error| {
        let reason = disk::reason(&error);
        Diagnostic::error("Unreadable file").detail(format!("{shown}: {reason}."))
    })?;
    sound(shown.as_str(), bytes)
}

/// The text, if it is sound: what cannot be parsed cannot be laid out without harm.
fn sound(name: &str, bytes: Vec<u8>) -> Result<String, Diagnostics> {
    let source = Source::from_bytes(name, &bytes);
    terrane_hcl::parse(&source, &Limits::default()).into_result()?;
    // Within comments the language allows any bytes, but text is what is laid out and written.
    String::from_utf8(bytes).map_err(|error| {
        let at = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
        let invalid = Diagnostic::error("Not UTF-8").detail("The file is left as it is.");
        invalid.at(&source, Span::new(at, at)).into()
    })
}

fn diff(name: &Utf8Path, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff()
        .header(&format!("old/{name}"), &format!("new/{name}"))
        .to_string()
}

/// All files from `start` down, in folders that may hold configuration.
fn hcl_files(start: &Utf8Path, exclude_folders: &[String]) -> Result<Found, CommandError> {
    let excluded: Vec<Utf8PathBuf> = exclude_folders
        .iter()
        .map(|folder| start.join(folder.trim_end_matches('/')))
        .collect();
    walk(start, |folder| {
        let name = folder.file_name().unwrap_or_default();
        !NOT_LOOKED_INTO.contains(&name) && !excluded.iter().any(|other| other == folder)
    })
}

fn configuration_of(found: Found) -> Vec<Utf8PathBuf> {
    let files = found.files.into_iter();
    files.filter(|file| is_configuration(file)).collect()
}

/// The files in folders that are chosen.
fn in_chosen_folders(
    files: Vec<Utf8PathBuf>,
    selection: &Selection,
    options: &Options,
) -> Result<Vec<Utf8PathBuf>, CommandError> {
    let folders = files.iter().filter_map(|file| file.parent());
    let folders: BTreeSet<Utf8PathBuf> = folders.map(ToOwned::to_owned).collect();
    let chosen = selection.folders(folders.into_iter().collect(), options, "hcl fmt")?;
    let chosen: BTreeSet<Utf8PathBuf> = chosen.into_iter().collect();
    let is_chosen =
        |file: &Utf8PathBuf| file.parent().is_some_and(|folder| chosen.contains(folder));
    Ok(files.into_iter().filter(is_chosen).collect())
}

fn is_configuration(file: &Utf8Path) -> bool {
    file.extension() == Some("hcl") && file.file_name() != Some(".terraform.lock.hcl")
}
