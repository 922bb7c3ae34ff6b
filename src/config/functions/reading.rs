//! Other files: configuration, variables, secrets, and files that are only noted as read.

use camino::{Utf8Path, Utf8PathBuf};
use globset::GlobBuilder;
use terrane_hcl::{Arguments, CallError, Diagnostic, Value};

use super::commands::not_run;
use super::{Called, Function};
use crate::config::questions::put_off;
use crate::config::reader::HowOften;
use crate::config::scope::View;
use crate::config::surroundings::{Command, EntryKind, PathKind};
use crate::config::trace::{Dependence, ReadKind};
use crate::model::file_names::UNIT_FILE;
use crate::model::paths::{absolute, folder_of};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "mark_as_read",
        usage: "mark_as_read(\"file\")",
        about: "The argument; the file counts among those that the unit reads.",
        body: mark_as_read,
    },
    Function {
        name: "mark_glob_as_read",
        usage: "mark_glob_as_read(\"folder/*.yml\")",
        about: "The files that match a pattern; they count among those that the unit reads.",
        body: mark_glob_as_read,
    },
    Function {
        name: "read_terragrunt_config",
        usage: "read_terragrunt_config(\"file.hcl\", default)",
        about: "What another configuration file says: an object with locals, inputs and the rest.",
        body: read_terragrunt_config,
    },
    Function {
        name: "read_tfvars_file",
        usage: "read_tfvars_file(\"file.tfvars\")",
        about: "The variables of a file as JSON text.",
        body: read_tfvars_file,
    },
    Function {
        name: "sops_decrypt_file",
        usage: "sops_decrypt_file(\"file.yaml\")",
        about: "The text of a file that sops encrypted.",
        body: sops_decrypt_file,
    },
];

/// An argument as a path, seen from the unit's folder.
fn path_argument(
    view: &View<'_>,
    arguments: &Arguments<'_>,
    index: usize,
) -> Result<Utf8PathBuf, CallError> {
    let written = arguments.string(index)?;
    if Utf8Path::new(&written).is_absolute() {
        return Ok(absolute(Utf8Path::new("/"), written));
    }
    Ok(absolute(view.folder(), written))
}

fn read_terragrunt_config(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=2)?;
    let reader = view.evaluation.reader;
    let mut path = path_argument(view, arguments, 0)?;
    if reader.is_folder(&path) {
        path = reader
            .unit_file(&path)
            .unwrap_or_else(|| path.join(UNIT_FILE));
    }
    if !reader.is_file(&path) {
        return match arguments.get(1) {
            Some(default) if !default.is_null() => Ok(default.clone()),
            _ => Err(CallError::failed(format!(
                "There is no file {}.",
                reader.shown(&path)
            ))),
        };
    }
    let refused = |problem: Diagnostic| {
        let place = arguments.location();
        problem.at(&place.source, place.span).into()
    };
    Ok(view.read_file(&path, refused)?)
}

fn read_tfvars_file(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=1)?;
    let path = path_argument(view, arguments, 0)?;
    let bytes = view.evaluation.reader.data(&path).map_err(|error| {
        let shown = view.evaluation.reader.shown(&path);
        CallError::failed(format!("{shown}: {error}."))
    })?;
    view.evaluation.trace.read(&path, ReadKind::Marked);
    if path.extension() == Some("json") {
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| CallError::argument(0, "names a file that is not UTF-8"))?;
        return Ok(Value::from(text));
    }
    let values = view.values_file(&path)?;
    values
        .to_json()
        .map(Value::from)
        .map_err(|error| CallError::failed(format!("{error}.")))
}

fn mark_as_read(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=1)?;
    let path = path_argument(view, arguments, 0)?;
    view.evaluation.trace.read(&path, ReadKind::Marked);
    Ok(Value::from(arguments.string(0)?))
}

fn mark_glob_as_read(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=3)?;
    let mut words = Vec::new();
    for index in 0..arguments.len() {
        words.push(arguments.string(index)?);
    }
    let (boundary, pattern) = match words.as_slice() {
        [pattern] => (None, pattern),
        [flag, folder, pattern] if flag == "--terragrunt-boundary" => {
            (Some(absolute(view.folder(), folder)), pattern)
        }
        _ => {
            return Err(CallError::Count(
                "It takes a pattern, or \"--terragrunt-boundary\", a folder and a pattern."
                    .to_owned(),
            ));
        }
    };
    let pattern = absolute(view.folder(), pattern);
    let repository = || view.evaluation.reader.repository_of(view.folder());
    let boundary = boundary.or_else(|| Some(repository()?.to_path_buf()));
    let top = literal_folder(&pattern);
    if let Some(boundary) = boundary
        && !top.starts_with(&boundary)
    {
        return Err(CallError::failed(format!(
            "{pattern} leaves the folder {boundary}."
        )));
    }
    let glob = GlobBuilder::new(pattern.as_str())
        .literal_separator(true)
        .build()
        .map_err(|error| CallError::argument(0, format!("is not a pattern: {}", error.kind())))?
        .compile_matcher();
    let mut found = files_below(view, &top)?;
    found.retain(|path| glob.is_match(path));
    found.sort();
    for path in &found {
        view.evaluation.trace.read(path, ReadKind::Marked);
    }
    Ok(Value::tuple(
        found
            .into_iter()
            .map(|path| Value::from(path.into_string())),
    ))
}

/// The part of a pattern in which every letter means itself.
fn literal_folder(pattern: &Utf8Path) -> Utf8PathBuf {
    let is_literal =
        |part: &camino::Utf8Component<'_>| !part.as_str().contains(['*', '?', '[', '{']);
    let literal: Utf8PathBuf = pattern.components().take_while(is_literal).collect();
    if literal == pattern {
        return folder_of(pattern).to_owned();
    }
    literal
}

/// All files below a folder; links to folders are not followed.
fn files_below(view: &View<'_>, top: &Utf8Path) -> Result<Vec<Utf8PathBuf>, CallError> {
    let mut files = Vec::new();
    let mut folders = vec![top.to_owned()];
    let budget = &view.evaluation.budget;
    while let Some(folder) = folders.pop() {
        let mut count = 0;
        let listed = view
            .evaluation
            .reader
            .surroundings()
            .list(&folder, &mut |entry| {
                count += 1;
                if let Some(name) = entry.name {
                    match entry.kind {
                        EntryKind::Folder => folders.push(folder.join(name)),
                        EntryKind::File => files.push(folder.join(name)),
                        EntryKind::Link => {
                            let path = folder.join(name);
                            if view.evaluation.reader.look(&path) == Ok(Some(PathKind::File)) {
                                files.push(path);
                            }
                        }
                        EntryKind::Other => {}
                    }
                }
            });
        listed.map_err(|error| CallError::failed(format!("{folder}: {error}.")))?;
        budget.take_steps(count)?;
        budget.expect_items(files.len() as u64)?;
    }
    Ok(files)
}

fn sops_decrypt_file(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=1)?;
    let path = path_argument(view, arguments, 0)?;
    let reader = view.evaluation.reader;
    if !reader.is_file(&path) {
        return Err(CallError::failed(format!(
            "There is no file {}.",
            reader.shown(&path)
        )));
    }
    view.evaluation.trace.read(&path, ReadKind::Marked);
    view.evaluation.trace.depends_on(Dependence::ORIGINAL);
    if let Some(later) = put_off(view, arguments, "sops_decrypt_file") {
        return Ok(later);
    }
    let command = Command {
        program: "sops".to_owned(),
        // The flag is known to all versions; to older ones `decrypt` is a file to be edited.
        arguments: vec!["--decrypt".to_owned(), path.to_string()],
        folder: folder_of(&path).to_owned(),
        echo: false,
    };
    let end = reader
        .run(&command, HowOften::OncePerFolder)
        .map_err(|error| CallError::failed(not_run(&command.program, error)))?;
    if end.code != Some(0) {
        let said = String::from_utf8_lossy(&end.stderr);
        return Err(CallError::failed(format!(
            "sops could not decrypt {}. {}",
            reader.shown(&path),
            said.trim()
        )));
    }
    let text = String::from_utf8(end.stdout)
        .map_err(|_| CallError::failed("What sops decrypted is not UTF-8."))?;
    Ok(Value::from(text).with_marks(terrane_hcl::Marks::SENSITIVE))
}
