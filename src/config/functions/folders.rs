//! Where things lie: the unit, the files it includes, the repository.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Arguments, CallError, Value};

use super::{Called, Function};
use crate::config::scope::{Part, View};
use crate::config::surroundings::WorkingFolder;
use crate::config::trace::Dependence;
use crate::model::file_names::{UNIT_FILE, UNIT_FILES};
use crate::model::paths::{self, folder_of};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "find_in_parent_folders",
        usage: "find_in_parent_folders(\"root.hcl\", fallback)",
        about: "The nearest file or folder of that name in the folders above the unit.",
        body: find_in_parent_folders,
    },
    Function {
        name: "get_original_terragrunt_dir",
        usage: "get_original_terragrunt_dir()",
        about: "The folder of the unit that is being read, also in files that it reads.",
        body: get_original_terragrunt_dir,
    },
    Function {
        name: "get_parent_terragrunt_dir",
        usage: "get_parent_terragrunt_dir(\"include\")",
        about: "The folder of an included file.",
        body: get_parent_terragrunt_dir,
    },
    Function {
        name: "get_path_from_repo_root",
        usage: "get_path_from_repo_root()",
        about: "The way from the top of the repository to the unit.",
        body: get_path_from_repo_root,
    },
    Function {
        name: "get_path_to_repo_root",
        usage: "get_path_to_repo_root()",
        about: "The way from the unit to the top of the repository.",
        body: get_path_to_repo_root,
    },
    Function {
        name: "get_repo_root",
        usage: "get_repo_root()",
        about: "The top folder of the git repository.",
        body: get_repo_root,
    },
    Function {
        name: "get_terragrunt_dir",
        usage: "get_terragrunt_dir()",
        about: "The folder of the unit; in a file that is read by itself, that file's folder.",
        body: get_terragrunt_dir,
    },
    Function {
        name: "get_working_dir",
        usage: "get_working_dir()",
        about: "The folder in which terraform runs.",
        body: get_working_dir,
    },
    Function {
        name: "path_relative_from_include",
        usage: "path_relative_from_include(\"include\")",
        about: "The way from the unit to the folder of an included file.",
        body: path_relative_from_include,
    },
    Function {
        name: "path_relative_to_include",
        usage: "path_relative_to_include(\"include\")",
        about: "The way from the folder of an included file to the unit.",
        body: path_relative_to_include,
    },
];

fn path(path: impl AsRef<Utf8Path>) -> Value {
    Value::from(path.as_ref().as_str())
}

fn find_in_parent_folders(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=2)?;
    let folder = view.folder();
    let reader = view.evaluation.reader;
    let name = if arguments.is_empty() {
        String::new()
    } else {
        arguments.string(0)?
    };
    let found = if name.is_empty() {
        UNIT_FILES
            .iter()
            .find_map(|name| reader.find_in_parents(folder, name))
    } else {
        reader.find_in_parents(folder, &name)
    };
    match found {
        Some(found) => Ok(path(found)),
        None if arguments.len() == 2 => arguments.string(1).map(Value::from),
        None => {
            let name = if name.is_empty() { UNIT_FILE } else { &name };
            Err(CallError::failed(format!(
                "There is no \"{name}\" in any folder above {}.",
                reader.shown(folder)
            )))
        }
    }
}

fn get_terragrunt_dir(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=0)?;
    Ok(path(view.folder()))
}

fn get_original_terragrunt_dir(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=0)?;
    view.evaluation.trace.depends_on(Dependence::ORIGINAL);
    Ok(path(view.evaluation.unit_folder.as_path()))
}

fn get_parent_terragrunt_dir(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    match included_folder(view, arguments)? {
        Some(folder) => Ok(path(folder)),
        None => Ok(path(view.folder())),
    }
}

fn path_relative_to_include(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    match included_folder(view, arguments)? {
        Some(folder) => Ok(path(paths::relative(&folder, view.folder()))),
        None => Ok(path(".")),
    }
}

fn path_relative_from_include(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    match included_folder(view, arguments)? {
        Some(folder) => Ok(path(paths::relative(view.folder(), &folder))),
        None => Ok(path(".")),
    }
}

/// The folder of the include that is meant: in an included file that file's own; in the unit's file
/// the only one there is, or the one whose label is given.
fn included_folder(
    view: &View<'_>,
    arguments: &Arguments<'_>,
) -> Result<Option<Utf8PathBuf>, CallError> {
    arguments.expect_count(0..=1)?;
    if view.scope.part == Part::Included {
        return Ok(Some(view.scope.file.folder().to_owned()));
    }
    let owner = view.scope.owner();
    let includes = view.of(&owner).includes()?;
    let folder = match &*includes {
        [] => return Ok(None),
        [only] => only.scope.file.folder(),
        several => {
            let labels = || {
                let labels = several
                    .iter()
                    .map(|include| format!("\"{}\"", include.label));
                labels.collect::<Vec<_>>().join(", ")
            };
            if arguments.is_empty() {
                return Err(CallError::Count(format!(
                    "With several includes it must be told which one is meant: {}.",
                    labels()
                )));
            }
            let label = arguments.string(0)?;
            match several.iter().find(|include| include.label == label) {
                Some(include) => include.scope.file.folder(),
                None => {
                    return Err(CallError::argument(
                        0,
                        format!("names no include; there are {}", labels()),
                    ));
                }
            }
        }
    };
    Ok(Some(folder.to_owned()))
}

fn repository(view: &View<'_>, arguments: &Arguments<'_>) -> Result<Rc<Utf8Path>, CallError> {
    arguments.expect_count(0..=0)?;
    let folder = view.folder();
    let top = view.evaluation.reader.repository_of(folder);
    top.ok_or_else(|| {
        CallError::failed(format!(
            "{folder} lies in no git repository: neither it nor a folder above has a .git."
        ))
    })
}

fn get_repo_root(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    Ok(path(repository(view, arguments)?))
}

fn get_path_from_repo_root(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    let top = repository(view, arguments)?;
    Ok(path(paths::relative(&top, view.folder())))
}

fn get_path_to_repo_root(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    let top = repository(view, arguments)?;
    Ok(path(paths::relative(view.folder(), &top)))
}

fn get_working_dir(view: &View<'_>, arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(0..=0)?;
    view.evaluation.trace.depends_on(Dependence::ORIGINAL);
    let owner = view.scope.owner();
    let own = view.of(&owner);
    let source = own.source()?;
    let source = source.and_then(|source| source.value.as_str().map(str::to_owned));
    let download_folder = match &view.evaluation.options.download_folder {
        Some(folder) => Some(folder.clone()),
        None => own
            .scalar("download_dir", crate::config::parts::Reach::Merged)?
            .and_then(|folder| folder.value.as_str().map(Utf8PathBuf::from)),
    };
    let unit_folder: &Utf8Path = folder_of(&owner.file.path);
    let question = WorkingFolder {
        unit_folder: unit_folder.to_owned(),
        download_folder,
        source,
    };
    Ok(path(view.evaluation.reader.working_folder(&question)?))
}
