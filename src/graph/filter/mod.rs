//! Filters: words that choose units, such as `vpc`, `./dev/**`, `...eks | !./prod/**`.
//!
//! Pure: an expression, the units and stacks there are, their edges, and answers about files, sources
//! and git go in; a set comes out. Whoever asks gives the answers, and learns beforehand from
//! [`Filters::needs`] which ones will be wanted, so that nothing is read for a filter that looks at
//! names alone. Edges may run in circles here.
//!
//! The language is Terragrunt's. Several filters are joined; those that only leave out are applied
//! last, to what the others chose, or to everything where there are no others.

mod parse;
mod pattern;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

pub use self::parse::FilterError;
use self::parse::{Atom, Operand, Reach};
use self::pattern::Pattern;
use super::reached;
use crate::model::UnitIx;

/// A set of filters, understood.
#[derive(Debug, Default)]
pub struct Filters {
    filters: Vec<Filter>,
}

/// One filter: operands joined by `|`, each of which narrows what the ones before it chose.
#[derive(Debug)]
struct Filter {
    operands: Vec<Operand>,
}

/// What can be chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// As seen from the start folder; `.` is the start folder itself.
    pub path: Utf8PathBuf,
    pub kind: CandidateKind,
    /// Outside the start folder: chosen only by way of edges.
    pub external: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CandidateKind {
    Unit(UnitIx),
    Stack,
}

/// What filters ask beside paths and edges.
pub trait Answers {
    /// The files that a unit reads, as seen from the start folder.
    fn files_read(&self, unit: UnitIx) -> Vec<Utf8PathBuf>;

    /// What the unit's `terraform.source` says.
    fn source(&self, unit: UnitIx) -> Option<String>;

    /// The units that differ between two states of the repository.
    fn changed(&self, range: &GitRange) -> Result<BTreeSet<UnitIx>, String>;
}

/// Two states of the repository.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct GitRange {
    pub from: String,
    pub to: String,
}

/// What has to be known to apply filters.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, asked or not"
)]
pub struct Needs {
    /// Which files units read, those of their modules as well.
    pub files_read: bool,
    pub sources: bool,
    /// Edges from units to what they need.
    pub upstreams: bool,
    /// Edges to units from what needs them, which may lie anywhere in the repository.
    pub downstreams: bool,
    pub ranges: BTreeSet<GitRange>,
}

/// Why filters cannot be applied.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{range}: {reason}", range = format_args!("[{}...{}]", range.from, range.to))]
pub struct UnknownRange {
    pub range: GitRange,
    pub reason: String,
}

/// Who needs whom.
#[derive(Clone, Default, Debug)]
pub struct Edges {
    upstreams: BTreeMap<UnitIx, Vec<UnitIx>>,
    downstreams: BTreeMap<UnitIx, Vec<UnitIx>>,
}

impl Edges {
    pub fn upstreams(&self, unit: UnitIx) -> impl Iterator<Item = UnitIx> {
        self.upstreams.get(&unit).into_iter().flatten().copied()
    }

    pub fn downstreams(&self, unit: UnitIx) -> impl Iterator<Item = UnitIx> {
        self.downstreams.get(&unit).into_iter().flatten().copied()
    }
}

impl FromIterator<(UnitIx, UnitIx)> for Edges {
    /// Pairs of an upstream and its downstream.
    fn from_iter<I: IntoIterator<Item = (UnitIx, UnitIx)>>(pairs: I) -> Self {
        let mut edges = Self::default();
        for (upstream, downstream) in pairs {
            edges
                .upstreams
                .entry(downstream)
                .or_default()
                .push(upstream);
            edges
                .downstreams
                .entry(upstream)
                .or_default()
                .push(downstream);
        }
        edges
    }
}

impl Filters {
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, FilterError> {
        let filters = texts.iter().map(|text| {
            let operands = parse::filter(text.as_ref())?;
            Ok(Filter { operands })
        });
        Ok(Self {
            filters: filters.collect::<Result<_, _>>()?,
        })
    }

    /// Adds the filter that chooses what changed between two states of the repository.
    pub fn add_range(&mut self, range: GitRange) {
        let operands = vec![Operand::of(Atom::Changed(range))];
        self.filters.push(Filter { operands });
    }

    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for operand in self.filters.iter().flat_map(|filter| &filter.operands) {
            needs.upstreams |= operand.upstreams.is_some();
            needs.downstreams |= operand.downstreams.is_some();
            match &operand.atom {
                Atom::Reading(_) => needs.files_read = true,
                Atom::Source(_) => needs.sources = true,
                Atom::Changed(range) => {
                    needs.ranges.insert(range.clone());
                }
                Atom::Name(_)
                | Atom::Path(_)
                | Atom::Stacks
                | Atom::Units
                | Atom::External(_)
                | Atom::Nothing(_) => {}
            }
        }
        needs
    }

    /// What was written as `KEY=VALUE` and is true of nothing, whatever there is.
    pub fn meaningless(&self) -> impl Iterator<Item = &str> {
        let operands = self.filters.iter().flat_map(|filter| &filter.operands);
        operands.filter_map(|operand| match &operand.atom {
            Atom::Nothing(word) => Some(word.as_str()),
            Atom::Name(_)
            | Atom::Path(_)
            | Atom::Stacks
            | Atom::Units
            | Atom::External(_)
            | Atom::Reading(_)
            | Atom::Source(_)
            | Atom::Changed(_) => None,
        })
    }

    /// The candidates that are chosen, by their places in the list.
    pub fn choose(
        &self,
        candidates: &[Candidate],
        edges: &Edges,
        answers: &dyn Answers,
    ) -> Result<BTreeSet<usize>, UnknownRange> {
        let field = Field {
            candidates,
            edges,
            answers,
            places: places(candidates),
        };
        let all: BTreeSet<usize> = (0..candidates.len())
            .filter(|place| !candidates[*place].external)
            .collect();
        let (leave_out, choose): (Vec<&Filter>, Vec<&Filter>) = self
            .filters
            .iter()
            .partition(|filter| filter.only_leaves_out());
        let mut chosen = BTreeSet::new();
        for filter in &choose {
            chosen.extend(field.filtered(filter, all.clone())?);
        }
        if choose.is_empty() {
            chosen = all;
        }
        for filter in leave_out {
            chosen = field.filtered(filter, chosen)?;
        }
        Ok(chosen)
    }
}

impl Filter {
    fn only_leaves_out(&self) -> bool {
        self.operands.iter().all(|operand| operand.negated)
    }
}

fn places(candidates: &[Candidate]) -> BTreeMap<UnitIx, usize> {
    let places = candidates.iter().enumerate();
    let units = places.filter_map(|(place, candidate)| match candidate.kind {
        CandidateKind::Unit(unit) => Some((unit, place)),
        CandidateKind::Stack => None,
    });
    units.collect()
}

/// Everything that an operand may look at.
struct Field<'f> {
    candidates: &'f [Candidate],
    edges: &'f Edges,
    answers: &'f dyn Answers,
    places: BTreeMap<UnitIx, usize>,
}

impl Field<'_> {
    fn filtered(
        &self,
        filter: &Filter,
        from: BTreeSet<usize>,
    ) -> Result<BTreeSet<usize>, UnknownRange> {
        let mut chosen = from;
        for (index, operand) in filter.operands.iter().enumerate() {
            let mut found = self.found(operand, &chosen)?;
            if operand.negated {
                found = chosen.difference(&found).copied().collect();
            } else if index > 0 {
                found = chosen.intersection(&found).copied().collect();
            }
            chosen = found;
        }
        Ok(chosen)
    }

    /// What an operand means, its `!` apart, where these are there to be chosen.
    fn found(
        &self,
        operand: &Operand,
        from: &BTreeSet<usize>,
    ) -> Result<BTreeSet<usize>, UnknownRange> {
        let targets = self.targets(&operand.atom, from)?;
        let mut found = if operand.without_target {
            BTreeSet::new()
        } else {
            targets.clone()
        };
        if let Some(reach) = operand.upstreams {
            let next = |unit| self.edges.upstreams(unit);
            found.extend(self.along(&targets, reach, next));
        }
        if let Some(reach) = operand.downstreams {
            let next = |unit| self.edges.downstreams(unit);
            found.extend(self.along(&targets, reach, next));
        }
        Ok(found)
    }

    fn targets(
        &self,
        atom: &Atom,
        from: &BTreeSet<usize>,
    ) -> Result<BTreeSet<usize>, UnknownRange> {
        let changed = match atom {
            Atom::Changed(range) => {
                let units = self.answers.changed(range).map_err(|reason| UnknownRange {
                    range: range.clone(),
                    reason,
                })?;
                Some(units)
            }
            _ => None,
        };
        let is_meant = |place: &&usize| self.is_meant(atom, **place, changed.as_ref());
        Ok(from.iter().filter(is_meant).copied().collect())
    }

    fn is_meant(&self, atom: &Atom, place: usize, changed: Option<&BTreeSet<UnitIx>>) -> bool {
        let candidate = &self.candidates[place];
        let unit = match candidate.kind {
            CandidateKind::Unit(unit) => Some(unit),
            CandidateKind::Stack => None,
        };
        match atom {
            Atom::Name(pattern) => pattern.matches(name_of(&candidate.path)),
            Atom::Path(pattern) => pattern.matches(candidate.path.as_str()),
            Atom::Units => unit.is_some(),
            Atom::Stacks => unit.is_none(),
            Atom::External(wanted) => candidate.external == *wanted,
            Atom::Reading(pattern) => unit.is_some_and(|unit| self.reads(unit, pattern)),
            Atom::Source(pattern) => {
                let source = unit.and_then(|unit| self.answers.source(unit));
                source.is_some_and(|source| pattern.matches(&source))
            }
            Atom::Changed(_) => {
                unit.is_some_and(|unit| changed.is_some_and(|units| units.contains(&unit)))
            }
            Atom::Nothing(_) => false,
        }
    }

    fn reads(&self, unit: UnitIx, pattern: &Pattern) -> bool {
        let files = self.answers.files_read(unit);
        files.iter().any(|file| pattern.matches(file.as_str()))
    }

    /// What lies along the edges of the units among the targets.
    fn along<N: Iterator<Item = UnitIx>>(
        &self,
        targets: &BTreeSet<usize>,
        reach: Reach,
        next: impl Fn(UnitIx) -> N,
    ) -> BTreeSet<usize> {
        let units = targets
            .iter()
            .filter_map(|place| match self.candidates[*place].kind {
                CandidateKind::Unit(unit) => Some(unit),
                CandidateKind::Stack => None,
            });
        let reached = reached(units, reach.steps(), next).into_iter();
        reached
            .filter_map(|unit| self.places.get(&unit).copied())
            .collect()
    }
}

/// What filters call the name of a unit: the last part of its path.
fn name_of(path: &Utf8Path) -> &str {
    path.file_name().unwrap_or(path.as_str())
}
