//! From a folder to an estate.

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Diagnostics};

use super::account::AccountTable;
use super::dependency::unknown_upstream;
use super::discover::{FoundFolder, discover};
use super::estate::Estate;
use super::examine::{Examiner, unit_folder_of};
use super::nearest_unit::NearestUnits;
use super::options::LoadOptions;
use super::reader::{ByPath, Reader};
use super::stack;
use super::surroundings::Surroundings;
use super::unit::{Unit, Upstream, UpstreamTarget};
use crate::model::file_names::{GENERATED_FOLDER, STACK_FILE, UNIT_FILE, UNIT_FILES};
use crate::model::paths::{clean, relative};
use crate::model::{UnitIx, UnitMap, UnitPath};

/// Reads all units below `start`, and those elsewhere that they wait for.
///
/// It gives everything it can: a unit that is wrong is there with what could be read of it, and the
/// diagnostics say the rest. Those of single units are in the units as well.
pub fn load<'s>(
    start: &Utf8Path,
    surroundings: &'s dyn Surroundings,
    options: LoadOptions,
) -> (Estate<'s>, Diagnostics) {
    let start = clean(start);
    let reader = Reader::new(surroundings, options.limits, options.seen_from(&start));
    let walked = if options.whole_root {
        root_by_repository(&reader, &start, &options)
    } else {
        start.clone()
    };
    let found = discover(&reader, &walked, &options);
    let files = unit_files(&found.folders, &options);
    let (mut estate, problems) = build(
        reader,
        start,
        options,
        &found.folders,
        files,
        found.problems,
    );
    estate.unread_folders = found.unread;
    (estate, problems)
}

/// Reads one unit by its file, whatever that is called, and those that it waits for.
pub fn load_unit<'s>(
    file: &Utf8Path,
    surroundings: &'s dyn Surroundings,
    options: LoadOptions,
) -> (Estate<'s>, Diagnostics) {
    let file = clean(file);
    let start = crate::model::paths::folder_of(&file).to_owned();
    let reader = Reader::new(surroundings, options.limits, options.seen_from(&start));
    let mut problems = Diagnostics::new();
    if !reader.is_file(&file) {
        problems
            .push(Diagnostic::error("No unit here").detail(format!("There is no file {file}.")));
        return build(reader, start, options, &[], Vec::new(), problems);
    }
    build(reader, start, options, &[], vec![file], problems)
}

/// The file of the unit in a folder.
pub fn unit_file_in(folder: &Utf8Path, surroundings: &dyn Surroundings) -> Option<Utf8PathBuf> {
    let is_file = |path: &Utf8PathBuf| {
        matches!(
            surroundings.look(path),
            Ok(Some(terrane_hcl::PathKind::File))
        )
    };
    UNIT_FILES
        .iter()
        .map(|name| clean(folder).join(name))
        .find(is_file)
}

fn unit_files(found: &[FoundFolder], options: &LoadOptions) -> Vec<Utf8PathBuf> {
    let name = options.file_name.as_deref().unwrap_or(UNIT_FILE);
    found
        .iter()
        .filter(|folder| folder.has_unit)
        .map(|folder| folder.folder.join(name))
        .collect()
}

fn build<'s>(
    reader: Reader<'s>,
    start: Utf8PathBuf,
    options: LoadOptions,
    found: &[FoundFolder],
    files: Vec<Utf8PathBuf>,
    mut problems: Diagnostics,
) -> (Estate<'s>, Diagnostics) {
    let accounts = AccountTable::default();
    let examiner = Examiner {
        reader: &reader,
        options: &options,
        accounts: &accounts,
    };
    let mut drafts = Drafts::default();
    for file in files {
        let is_external = !file.starts_with(&start);
        drafts.add(examiner.examine(&file, is_external));
    }
    drafts.add_upstreams(&examiner, &mut problems);
    problems.extend(accounts.into_problems());
    let root = root_of(&reader, &start, &options, &drafts.units);
    let (units, targets) = drafts.numbered(&root);
    let estate = Estate {
        stacks: found
            .iter()
            .filter(|folder| folder.has_stack)
            .map(|folder| folder.folder.clone())
            .collect(),
        ambiguous_folders: found
            .iter()
            .filter(|folder| folder.has_stack && folder.has_unit)
            .map(|folder| folder.folder.clone())
            .collect(),
        unread_folders: Vec::new(),
        root,
        start,
        units,
        options,
        targets,
        reader,
        nearest: NearestUnits::default(),
    };
    estate.tell_all(&mut problems);
    (estate, problems)
}

/// Units that have no numbers yet.
#[derive(Default)]
struct Drafts {
    units: Vec<Unit>,
    by_folder: ByPath<usize>,
    /// What the paths in files mean.
    targets: ByPath<DraftTarget>,
}

#[derive(Clone)]
enum DraftTarget {
    Unit(usize),
    Stack(Vec<(String, usize)>),
    Missing,
}

impl Drafts {
    fn add(&mut self, unit: Unit) -> usize {
        let index = self.units.len();
        self.by_folder.insert(unit.folder.as_str().into(), index);
        self.units.push(unit);
        index
    }

    /// Looks at the units that others wait for and that are not known yet, and so on.
    fn add_upstreams(&mut self, examiner: &Examiner<'_>, problems: &mut Diagnostics) {
        let mut next = 0;
        while next < self.units.len() {
            let unit = &self.units[next];
            let upstreams = unit.upstreams.iter().map(|upstream| &upstream.named);
            let reads = unit.output_reads.iter().map(|read| &read.named);
            let is_new = |named: &&Utf8PathBuf| !self.targets.contains_key(named.as_str());
            let new = upstreams.chain(reads).filter(is_new).cloned();
            for named in new.collect::<Vec<_>>() {
                let target = self.find_target(&named, examiner, problems);
                self.targets.insert(named.into_string().into(), target);
            }
            next += 1;
        }
    }

    fn find_target(
        &mut self,
        named: &Utf8Path,
        examiner: &Examiner<'_>,
        problems: &mut Diagnostics,
    ) -> DraftTarget {
        let folder = unit_folder_of(examiner.reader, named);
        if let Some(index) = self.by_folder.get(folder.as_str()) {
            return DraftTarget::Unit(*index);
        }
        if let Some(file) = examiner.reader.unit_file(&folder) {
            return DraftTarget::Unit(self.add(examiner.examine(&file, true)));
        }
        let stack_file = folder.join(STACK_FILE);
        if !examiner.reader.is_file(&stack_file) {
            return DraftTarget::Missing;
        }
        let mut units = Vec::new();
        for (name, folder) in stack::units_of(examiner, &stack_file, problems) {
            let index = match self.by_folder.get(folder.as_str()) {
                Some(index) => *index,
                None => match examiner.reader.unit_file(&folder) {
                    Some(file) => self.add(examiner.examine(&file, true)),
                    None => continue,
                },
            };
            units.push((name, index));
        }
        DraftTarget::Stack(units)
    }

    /// Orders the units by path and gives them, and all that speaks of them, their numbers.
    fn numbered(self, root: &Utf8Path) -> (UnitMap<Unit>, ByPath<UpstreamTarget>) {
        let mut units: Vec<(usize, Unit)> = self.units.into_iter().enumerate().collect();
        for (_, unit) in &mut units {
            unit.path = UnitPath::new(&relative(root, &unit.folder));
        }
        units.sort_by(|(_, a), (_, b)| a.path.cmp(&b.path));
        let mut numbers = vec![UnitIx::new(0); units.len()];
        for (number, (draft, _)) in units.iter().enumerate() {
            numbers[*draft] = UnitIx::new(number);
        }
        let number = |target: &DraftTarget| match target {
            DraftTarget::Unit(draft) => UpstreamTarget::Unit(numbers[*draft]),
            DraftTarget::Stack(drafts) => {
                let named = drafts
                    .iter()
                    .map(|(name, draft)| (name.clone(), numbers[*draft]));
                UpstreamTarget::Stack(named.collect())
            }
            DraftTarget::Missing => UpstreamTarget::Missing,
        };
        let mut targets: ByPath<UpstreamTarget> = self
            .targets
            .iter()
            .map(|(named, target)| (named.clone(), number(target)))
            .collect();
        for (folder, draft) in &self.by_folder {
            let unit = UpstreamTarget::Unit(numbers[*draft]);
            targets.insert(folder.clone(), unit);
        }
        for (_, unit) in &mut units {
            for upstream in &mut unit.upstreams {
                upstream.target = targets[upstream.named.as_str()].clone();
            }
            for read in &mut unit.output_reads {
                read.target = targets[read.named.as_str()].clone();
            }
        }
        (units.into_iter().map(|(_, unit)| unit).collect(), targets)
    }
}

/// The root, before any file was read.
fn root_by_repository(reader: &Reader<'_>, start: &Utf8Path, options: &LoadOptions) -> Utf8PathBuf {
    let given = options.root.as_deref().map(clean);
    given
        .or_else(|| Some(reader.repository_of(start)?.to_path_buf()))
        .unwrap_or_else(|| start.to_owned())
}

/// The repository's top, or else the topmost folder of the start and of the files that units include.
fn root_of(
    reader: &Reader<'_>,
    start: &Utf8Path,
    options: &LoadOptions,
    units: &[Unit],
) -> Utf8PathBuf {
    if let Some(root) = &options.root {
        return clean(root);
    }
    if let Some(top) = reader.repository_of(start) {
        return top.to_path_buf();
    }
    let included = units
        .iter()
        .filter(|unit| !unit.external)
        .flat_map(|unit| &unit.includes)
        .filter_map(|include| include.path.parent());
    let above = included.filter(|folder| start.starts_with(folder));
    let top = above.min_by_key(|folder| folder.components().count());
    top.unwrap_or(start).to_owned()
}

impl Estate<'_> {
    /// All that is wrong, of the estate as a whole and of each unit.
    fn tell_all(&self, problems: &mut Diagnostics) {
        problems.extend(self.folder_problems());
        for unit in self.units.values() {
            problems.extend(unit.diagnostics.clone());
            problems.extend(self.edge_problems(unit));
        }
        problems.sort();
    }

    /// What is wrong with folders, whatever stands in their files.
    pub fn folder_problems(&self) -> impl Iterator<Item = Diagnostic> + '_ {
        self.ambiguous_folders.iter().map(|folder| {
            Diagnostic::error("Unit and stack in one folder").detail(format!(
                "{} has both a {UNIT_FILE} and a {STACK_FILE}, and may have one of them.",
                self.reader.way_to(folder)
            ))
        })
    }

    /// What is wrong with a unit's edges.
    pub fn edge_problems<'u>(&'u self, unit: &'u Unit) -> impl Iterator<Item = Diagnostic> + 'u {
        unit.upstreams.iter().filter_map(move |upstream| {
            let own = self.target_of(&unit.folder);
            match &upstream.target {
                UpstreamTarget::Missing => Some(self.missing_upstream(unit, upstream)),
                target if *target == own => Some(waits_for_itself(upstream)),
                UpstreamTarget::Unit(_) | UpstreamTarget::Stack(_) => None,
            }
        })
    }

    fn missing_upstream(&self, unit: &Unit, upstream: &Upstream) -> Diagnostic {
        let place = &upstream.place;
        let shown = self.reader.way_to(&upstream.named);
        let diagnostic = unknown_upstream(place, &shown);
        let meant = self.nearest_unit(unit, &upstream.named);
        match meant {
            Some(meant) => {
                let way = relative(&unit.folder, &meant);
                diagnostic.help(format!("did you mean \"{way}\"?"))
            }
            None if is_generated(&upstream.named) => {
                diagnostic.help("units of stacks are written by: terrane stack generate")
            }
            None => diagnostic,
        }
    }
}

/// Whether a path leads to where stacks write their units.
fn is_generated(named: &Utf8Path) -> bool {
    let mut parts = named.components();
    parts.any(|part| part.as_str() == GENERATED_FOLDER)
}

fn waits_for_itself(upstream: &Upstream) -> Diagnostic {
    let place = &upstream.place;
    Diagnostic::error("Unit waits for itself")
        .detail("A unit cannot run after itself: this path leads back to the unit's own folder.")
        .at(&place.source, place.span)
}
