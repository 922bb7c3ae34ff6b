//! A world in memory, and outputs in a line: what tests of reading need.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests of the example read the folder that people copy"
)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::value::RawValue;
use terrane_hcl::Diagnostics;

use super::dependency::Fetched;
use super::estate::{Estate, Preparation, Ready, UpstreamOutputs};
use super::load::load;
use super::options::LoadOptions;
use super::surroundings::{
    Command, CommandEnd, EntryKind, FolderEntry, IdentityQuestion, PathKind, Surroundings,
    WorkingFolder, WorldError,
};
use crate::model::paths::absolute;
use crate::model::{Origin, OutputValue, Outputs, RoleArn, UnitIx};

/// Files, variables and programs that are not there.
#[derive(Clone, Default, Debug)]
pub(crate) struct Twin {
    files: BTreeMap<Utf8PathBuf, Vec<u8>>,
    /// What is in each folder.
    folders: BTreeMap<Utf8PathBuf, BTreeMap<String, EntryKind>>,
    /// What a program prints, by its name.
    programs: BTreeMap<String, String>,
    pub(crate) reads: Cell<usize>,
    pub(crate) runs: Cell<usize>,
}

/// Where the files of a twin lie.
pub(crate) const TOP: &str = "/w";

impl Twin {
    /// Many files in one text; each begins with a line `//- PATH`.
    pub(crate) fn new(text: &str) -> Self {
        let mut twin = Self::default();
        for part in text.split("//- ").skip(1) {
            let (path, content) = part.split_once('\n').unwrap_or((part, ""));
            twin.add(path.trim(), content.as_bytes());
        }
        twin
    }

    /// A copy of a folder of this repository.
    pub(crate) fn of_folder(folder: &str) -> Self {
        let top = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut twin = Self::default();
        let mut folders = vec![top.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder of the repository") {
                let path = entry.expect("an entry of it").path();
                let path = Utf8PathBuf::from_path_buf(path).expect("a plain name");
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension() == Some("hcl") {
                    let name = path.strip_prefix(&top).expect("it lies below");
                    twin.add(name.as_str(), &std::fs::read(&path).expect("a file of it"));
                }
            }
        }
        twin
    }

    fn add(&mut self, path: &str, content: &[u8]) {
        let path = absolute(Utf8Path::new(TOP), path);
        let mut kind = EntryKind::File;
        for entry in path.ancestors() {
            let (Some(folder), Some(name)) = (entry.parent(), entry.file_name()) else {
                break;
            };
            let entries = self.folders.entry(folder.to_owned()).or_default();
            entries.insert(name.to_owned(), kind);
            kind = EntryKind::Folder;
        }
        self.files.insert(path, content.to_vec());
    }

    pub(crate) fn with_program(mut self, name: &str, prints: &str) -> Self {
        self.programs.insert(name.to_owned(), prints.to_owned());
        self
    }

    /// Loads from a folder of the twin.
    pub(crate) fn load(&self, start: &str) -> (Estate<'_>, Diagnostics) {
        self.load_with(start, LoadOptions::default())
    }

    pub(crate) fn load_with(&self, start: &str, options: LoadOptions) -> (Estate<'_>, Diagnostics) {
        load(&absolute(Utf8Path::new(TOP), start), self, options)
    }
}

impl Surroundings for Twin {
    fn read(&self, file: &Utf8Path) -> Result<Vec<u8>, WorldError> {
        self.reads.set(self.reads.get() + 1);
        self.files.get(file).cloned().ok_or(WorldError::NotFound)
    }

    fn look(&self, path: &Utf8Path) -> Result<Option<PathKind>, WorldError> {
        if self.files.contains_key(path) {
            return Ok(Some(PathKind::File));
        }
        Ok(self.folders.contains_key(path).then_some(PathKind::Folder))
    }

    fn list(
        &self,
        folder: &Utf8Path,
        each: &mut dyn FnMut(FolderEntry<'_>),
    ) -> Result<(), WorldError> {
        let entries = self.folders.get(folder).ok_or(WorldError::NotFound)?;
        for (name, kind) in entries {
            each(FolderEntry {
                name: Some(name),
                kind: *kind,
            });
        }
        Ok(())
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn home_folder(&self) -> Option<Utf8PathBuf> {
        Some("/home/user".into())
    }

    fn platform(&self) -> &'static str {
        "linux"
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }

    fn run(&self, command: &Command) -> Result<CommandEnd, WorldError> {
        self.runs.set(self.runs.get() + 1);
        let prints = self.programs.get(&command.program);
        Ok(CommandEnd {
            code: Some(0),
            stdout: prints.ok_or(WorldError::NotFound)?.clone().into_bytes(),
            stderr: Vec::new(),
        })
    }

    fn identity(&self, _: IdentityQuestion, role: Option<&RoleArn>) -> Result<String, WorldError> {
        match role {
            Some(role) => Ok(role.account().to_string()),
            None => Err(WorldError::NotAvailable),
        }
    }

    fn working_folder(&self, question: &WorkingFolder) -> Result<Utf8PathBuf, WorldError> {
        Ok(question.unit_folder.join(".terragrunt-cache/work"))
    }
}

/// Outputs as a state has them, from one JSON object.
pub(crate) fn outputs(json: &str) -> Fetched {
    let object: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(json).expect("the test's JSON is an object");
    let values = object.into_iter().map(|(name, value)| {
        let output = OutputValue {
            value,
            value_type: None,
            sensitive: name.contains("secret"),
            origin: Origin::State,
        };
        (name, output)
    });
    Fetched::Outputs(Rc::new(Outputs {
        values: values.collect(),
        ..Outputs::default()
    }))
}

impl Estate<'_> {
    /// The unit in a folder of the twin.
    #[track_caller]
    pub(crate) fn at(&self, folder: &str) -> UnitIx {
        let folder = absolute(Utf8Path::new(TOP), folder);
        let unit = self.units.iter().find(|(_, unit)| unit.folder == folder);
        unit.unwrap_or_else(|| panic!("no unit at {folder}")).0
    }

    /// All edges of units in scope, each as `unit <- upstream`, seen from the start folder.
    pub(crate) fn edges(&self) -> Vec<String> {
        let mut edges = Vec::new();
        for (_, unit) in self.in_scope() {
            for upstream in &unit.upstreams {
                edges.push(format!(
                    "{} <- {}",
                    self.shown(&unit.folder),
                    self.shown(&upstream.named)
                ));
            }
        }
        edges.sort();
        edges
    }

    /// Prepares a unit with the outputs of some units, given as `(folder, outputs)`; whatever else
    /// it asks for was never applied.
    pub(crate) fn prepare_with(
        &self,
        folder: &str,
        given: &[(&str, Fetched)],
    ) -> Result<Ready, Diagnostics> {
        let mut handed = UpstreamOutputs::new();
        for (upstream, fetched) in given {
            handed.insert(self.at(upstream), fetched.clone());
        }
        loop {
            match self.prepare(self.at(folder), &handed)? {
                Preparation::Ready(ready) => return Ok(*ready),
                Preparation::Wants(wants) => {
                    for unit in wants.iter().flat_map(|want| want.target.units()) {
                        assert!(
                            !handed.has(unit),
                            "{} is asked for twice",
                            self.units[unit].path
                        );
                        handed.insert(unit, Fetched::NeverApplied);
                    }
                }
            }
        }
    }
}

/// The inputs as one line of JSON for each.
pub(crate) fn inputs_of(ready: &Ready) -> String {
    let lines = ready.prepared.inputs.iter().map(|(name, value)| {
        let text = value.unmark_deep().0.to_json();
        format!("{name} = {}\n", text.expect("inputs have a JSON form"))
    });
    lines.collect()
}

/// Each problem as `PLACE: SUMMARY DETAIL`.
pub(crate) fn told(problems: &Diagnostics) -> String {
    let lines = problems.iter().map(|problem| {
        let place = problem.subject.as_ref();
        let place = place.map(ToString::to_string).unwrap_or_default();
        let help = problem.help.iter().map(|help| format!("\n  help: {help}"));
        format!(
            "{place}: {}. {}{}\n",
            problem.summary,
            problem.detail,
            help.collect::<String>()
        )
    });
    lines.collect()
}
