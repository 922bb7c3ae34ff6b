//! The units that a command means: those in scope, as far as filters and flags choose them.

mod answers;
mod gone;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::Diagnostic;

use super::args::Steps;
use super::disk;
use super::exit::CommandError;
use super::git;
use super::options::{Changed, FiltersFile, Options, Reach, Selection, path_filter};
use crate::config::{Estate, ExcludeRule, Facts, LoadOptions, Thoroughness};
use crate::graph::filter::{Answers, Candidate, CandidateKind, Edges, Filters, GitRange, Needs};
use crate::graph::reached;
use crate::model::UnitIx;
use answers::FromEstate;
use gone::Gone;

/// Where filters, and folders to leave out, are kept beside the command line.
const FILTERS_FILE: &str = ".terragrunt-filters";
const EXCLUDES_FILE: &str = ".terragrunt-excludes";

/// What was chosen.
#[derive(Debug, Default)]
pub(super) struct Selected {
    /// Those outside the start folder are there only where a filter reaches them along edges.
    pub(super) units: BTreeSet<UnitIx>,
    /// Folders of stacks.
    pub(super) stacks: BTreeSet<Utf8PathBuf>,
}

impl Selection {
    /// The chosen units of an estate, which was loaded as [`Selection::widen`] says.
    pub(super) fn units(
        &self,
        estate: &Estate<'_>,
        options: &Options,
    ) -> Result<BTreeSet<UnitIx>, CommandError> {
        Ok(self.choose(estate, options)?.units)
    }

    /// What must be loaded so that the choice can be made.
    pub(super) fn widen(
        &self,
        load: LoadOptions,
        options: &Options,
    ) -> Result<LoadOptions, CommandError> {
        let needs = self.filters(options)?.needs();
        let reads_files = needs.files_read || !needs.ranges.is_empty();
        let mut wide = load;
        if reads_files {
            wide.thoroughness = Thoroughness::AllLocals;
            wide.facts = wide.facts | Facts::MODULE_FILES;
        }
        if reads_files || needs.sources {
            wide.facts = wide.facts | Facts::SOURCE;
        }
        wide.whole_root |= needs.downstreams;
        Ok(wide)
    }

    /// The chosen units and stacks.
    pub(super) fn choose(
        &self,
        estate: &Estate<'_>,
        options: &Options,
    ) -> Result<Selected, CommandError> {
        let filters = self.filters(options)?;
        self.look_for_what_is_gone(&filters, options)?;
        let candidates = candidates(estate);
        let edges = edges(estate);
        let answers = FromEstate { estate, options };
        let chosen = filters.choose(&candidates, &edges, &answers);
        let chosen = chosen
            .map_err(|error| CommandError::failed("what changed cannot be told").because(&error))?;
        let mut selected = Selected::default();
        for place in chosen {
            let candidate = &candidates[place];
            match candidate.kind {
                CandidateKind::Unit(unit) => {
                    selected.units.insert(unit);
                }
                CandidateKind::Stack => {
                    selected.stacks.insert(candidate.path.clone());
                }
            }
        }
        self.widen_along_edges(estate, &edges, &mut selected.units);
        if selected.units.is_empty() && selected.stacks.is_empty() && !candidates.is_empty() {
            options.tell(&nobody_is_chosen(&filters).into());
        }
        Ok(selected)
    }

    /// Those of some folders that are chosen by their names and places, for commands that work on
    /// folders and read no configuration.
    pub(super) fn folders(
        &self,
        folders: Vec<Utf8PathBuf>,
        options: &Options,
        command: &str,
    ) -> Result<Vec<Utf8PathBuf>, CommandError> {
        if !self.is_made() {
            return Ok(folders);
        }
        let filters = self.filters(options)?;
        if filters.needs() != Needs::default() || self.reach != Reach::default() {
            return Err(CommandError::usage(format!(
                "`terrane {command}` chooses folders by their names and places"
            ))
            .detail("what units read, what they need and what has changed is not known to it")
            .help(
                "write a name, a path as in './dev/**', or what to leave out as in '!./prod/**'",
            ));
        }
        let candidate = |folder: &Utf8PathBuf| Candidate {
            path: match folder.strip_prefix(&options.start) {
                Ok(below) if !below.as_str().is_empty() => below.to_owned(),
                Ok(_) | Err(_) => Utf8PathBuf::from("."),
            },
            kind: CandidateKind::Stack,
            external: false,
        };
        let candidates: Vec<Candidate> = folders.iter().map(candidate).collect();
        let chosen = filters.choose(&candidates, &Edges::default(), &NobodyAsks);
        let chosen = chosen.expect("only changes can be unknown, and none are asked for");
        Ok(chosen
            .into_iter()
            .map(|place| folders[place].clone())
            .collect())
    }

    fn filters(&self, options: &Options) -> Result<Filters, CommandError> {
        let texts = self.all_filters(options)?;
        let mut filters = Filters::parse(&texts)
            .map_err(|error| CommandError::usage("a filter cannot be read").because(&error))?;
        if let Some(Changed { since }) = &self.changed {
            let from = match since {
                Some(since) => since.clone(),
                None => git::default_branch(options).map_err(|reason| {
                    CommandError::failed("what changed cannot be told")
                        .detail(reason)
                        .help("name the state to compare with: --base REF")
                })?,
            };
            filters.add_range(GitRange {
                from,
                to: "HEAD".to_owned(),
            });
        }
        Ok(filters)
    }

    /// Units whose files are gone cannot be chosen, but are not passed over in silence.
    fn look_for_what_is_gone(
        &self,
        filters: &Filters,
        options: &Options,
    ) -> Result<(), CommandError> {
        let gone = Gone::find(&filters.needs().ranges, options);
        // Who cannot tell what changed will say so where it is asked.
        let gone = gone.unwrap_or_default();
        if self.destroy_what_is_gone {
            return gone.refuse();
        }
        gone.tell(options);
        Ok(())
    }

    /// Filters of the command line, then those of files.
    fn all_filters(&self, options: &Options) -> Result<Vec<String>, CommandError> {
        let usual = |name: &str| Some(options.start.join(name)).filter(|file| file.is_file());
        let filters_file = match &self.filters_file {
            FiltersFile::This(file) => Some(file.clone()),
            FiltersFile::Usual => usual(FILTERS_FILE),
            FiltersFile::No => None,
        };
        let excludes_file = self.excludes_file.clone();
        let excludes_file = excludes_file.or_else(|| usual(EXCLUDES_FILE));
        let mut filters = self.filters.clone();
        if let Some(file) = filters_file {
            filters.extend(lines(&file, options)?);
        }
        if let Some(file) = excludes_file {
            let folders = lines(&file, options)?.into_iter();
            filters.extend(folders.map(|folder| format!("!{}", path_filter(&folder))));
        }
        Ok(filters)
    }

    /// Adds what the flags for upstreams and downstreams add, within the start folder.
    fn widen_along_edges(&self, estate: &Estate<'_>, edges: &Edges, units: &mut BTreeSet<UnitIx>) {
        let in_scope = |unit: &UnitIx| !estate.unit(*unit).external;
        let chosen = units.clone();
        if let Some(steps) = self.reach.upstreams {
            let next = |unit| edges.upstreams(unit).filter(in_scope);
            units.extend(reached(chosen.clone(), most(steps), next));
        }
        if let Some(steps) = self.reach.downstreams {
            let next = |unit| edges.downstreams(unit).filter(in_scope);
            units.extend(reached(chosen, most(steps), next));
        }
    }
}

fn nobody_is_chosen(filters: &Filters) -> Diagnostic {
    let mut warning = Diagnostic::warning("No unit is chosen")
        .detail("The filters choose none of the units from here down.");
    for word in filters.meaningless() {
        warning = warning.help(format!(
            "{word} is true of nothing: there are name=, type=unit, type=stack, external=true, \
             external=false, reading= and source="
        ));
    }
    if !filters.needs().ranges.is_empty() {
        warning = warning.help("changes count once they are committed");
    }
    warning.help("`terrane find` lists them; a filter is a name, a path (./dev/*) or key=value")
}

fn most(steps: Steps) -> usize {
    match steps {
        Steps::All => usize::MAX,
        Steps::AtMost(steps) => steps as usize,
    }
}

/// Answers for filters that ask nothing.
struct NobodyAsks;

impl Answers for NobodyAsks {
    fn files_read(&self, _: UnitIx) -> Vec<Utf8PathBuf> {
        Vec::new()
    }

    fn source(&self, _: UnitIx) -> Option<String> {
        None
    }

    fn changed(&self, _: &GitRange) -> Result<BTreeSet<UnitIx>, String> {
        Ok(BTreeSet::new())
    }
}

fn candidates(estate: &Estate<'_>) -> Vec<Candidate> {
    let units = estate.units.iter().map(|(number, unit)| Candidate {
        path: estate.shown(&unit.folder),
        kind: CandidateKind::Unit(number),
        external: unit.external,
    });
    let stacks = estate.stacks.iter().map(|folder| Candidate {
        path: estate.shown(folder),
        kind: CandidateKind::Stack,
        external: !folder.starts_with(&estate.start),
    });
    units.chain(stacks).collect()
}

fn edges(estate: &Estate<'_>) -> Edges {
    let pairs = estate.units.iter().flat_map(|(downstream, unit)| {
        let upstreams = unit.waits_for().into_iter();
        upstreams.map(move |upstream| (upstream, downstream))
    });
    pairs.collect()
}

fn lines(file: &Utf8Path, options: &Options) -> Result<Vec<String>, CommandError> {
    let bytes = disk::read(file).map_err(|error| {
        let shown = options.shown(file);
        CommandError::failed(format!("{shown} cannot be read")).because(&error)
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

impl ExcludeRule {
    /// Whether a run of many units leaves the unit out of this command.
    pub(super) fn leaves_out(&self, command: &str) -> bool {
        self.when
            && self.actions.iter().any(|action| {
                action.eq_ignore_ascii_case(command)
                    || action.eq_ignore_ascii_case("all")
                    || action.eq_ignore_ascii_case("all_except_output") && command != "output"
            })
    }
}
