//! Which units: all the ways of choosing, brought to filters.

use camino::Utf8PathBuf;

use super::Options;
use crate::cli::args;
pub use crate::cli::args::Steps;

/// Which of the units in scope are meant.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Selection {
    /// Filters as typed, and what older flags mean, in the language of filters.
    pub filters: Vec<String>,
    pub filters_file: FiltersFile,
    /// A file of folders to leave out.
    pub excludes_file: Option<Utf8PathBuf>,
    pub changed: Option<Changed>,
    pub reach: Reach,
    /// Whether units that a git filter finds gone may be destroyed.
    pub destroy_what_is_gone: bool,
}

/// Where filters are read from beside the command line.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum FiltersFile {
    /// `.terragrunt-filters` in the start folder, where there is one.
    #[default]
    Usual,
    This(Utf8PathBuf),
    No,
}

/// `--filter-affected`: what changed since a reference, by itself the default branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    pub since: Option<String>,
}

/// How far the selection reaches along the edges.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Reach {
    pub upstreams: Option<Steps>,
    pub downstreams: Option<Steps>,
}

impl Selection {
    pub(super) fn resolve(typed: args::SelectionArgs, options: &Options) -> Self {
        let include = typed
            .queue_include_dir
            .iter()
            .map(|folder| path_filter(folder));
        let exclude = typed
            .queue_exclude_dir
            .iter()
            .map(|folder| format!("!{}", path_filter(folder)));
        let reading = typed
            .queue_include_units_reading
            .iter()
            .map(|file| format!("reading={file}"));
        let external = typed.queue_include_external.then(|| "{./**}...".to_owned());
        let older: Vec<String> = include
            .chain(exclude)
            .chain(reading)
            .chain(external)
            .collect();
        Self {
            filters: typed.filter.into_iter().chain(older).collect(),
            filters_file: match (typed.filters_file, typed.no_filters_file) {
                (Some(file), _) => FiltersFile::This(options.path(&file)),
                (None, true) => FiltersFile::No,
                (None, false) => FiltersFile::Usual,
            },
            excludes_file: typed.queue_excludes_file.map(|file| options.path(&file)),
            changed: (typed.filter_affected || typed.base.is_some())
                .then_some(Changed { since: typed.base }),
            reach: Reach {
                upstreams: typed.include_dependencies,
                downstreams: typed.include_dependents,
            },
            destroy_what_is_gone: typed.filter_allow_destroy,
        }
    }

    /// Whether anybody chose at all; a run of one unit becomes one of many then, as in Terragrunt.
    pub fn is_made(&self) -> bool {
        !self.filters.is_empty()
            || self.changed.is_some()
            || self.reach != Reach::default()
            || matches!(self.filters_file, FiltersFile::This(_))
    }
}

/// A folder as a filter. In braces, so that blanks and bare words are part of a path.
pub(in crate::cli) fn path_filter(folder: &str) -> String {
    let path = folder
        .strip_prefix("./")
        .unwrap_or(folder)
        .trim_end_matches('/');
    if folder.starts_with('/') || folder.starts_with("../") {
        format!("{{{path}}}")
    } else {
        format!("{{./{path}}}")
    }
}
