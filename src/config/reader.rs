//! Asks each question about the world once, and parses each file once.
//!
//! One reader serves one estate. What it remembers is never forgotten: a second question gets the
//! first answer, also after the world has changed. Values that depend on nothing but their own file
//! are remembered, too, so that what a thousand units include or read is evaluated once.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{PathKind, Source, Text, Value, WorldError, parse_json};

use super::config_file::ConfigFile;
use super::options::ReadLimits;
use super::schema::{self, UNIT_FILE};
use super::surroundings::{
    Command, CommandEnd, EntryKind, IdentityQuestion, Surroundings, WorkingFolder,
};
use super::trace::FileRead;
use crate::model::RoleArn;
use crate::model::file_names::{HISTORY, UNIT_FILES};
use crate::model::paths;

/// How many parents `find_in_parent_folders` looks into.
const MOST_PARENTS: usize = 100;

pub(crate) struct Reader<'s> {
    surroundings: &'s dyn Surroundings,
    limits: ReadLimits,
    /// Names of files are shown relative to this folder.
    shown_from: Utf8PathBuf,
    next_number: Cell<u32>,
    files: Answers<String, Asked<Rc<ConfigFile>>>,
    data: Answers<String, Asked<Rc<[u8]>>>,
    looks: Answers<String, Asked<Option<PathKind>>>,
    listings: RefCell<ByPath<Listing>>,
    /// By name, then by the lowest folder in which it is looked for.
    found: RefCell<HashMap<Text, ByPath<Option<Rc<Utf8Path>>>>>,
    repositories: RefCell<ByPath<Option<Rc<Utf8Path>>>>,
    commands: Answers<Command, Asked<CommandEnd>>,
    identities: Answers<(IdentityQuestion, Option<RoleArn>), Asked<String>>,
    shared: [RefCell<Shared>; 2],
}

/// A table of clean paths. The text is the key: a path as a key is hashed name by name, which takes
/// ten times as long.
pub(crate) type ByPath<V> = HashMap<Box<str>, V>;

/// What the world answers.
type Asked<T> = Result<T, WorldError>;

/// Questions of one kind and their answers.
struct Answers<Q, A>(RefCell<HashMap<Q, A>>);

impl<Q: Eq + Hash, A: Clone> Answers<Q, A> {
    /// The answer from before, or else the one that is found now.
    fn get<R>(&self, question: &R, ask: impl FnOnce() -> A) -> A
    where
        Q: Borrow<R>,
        R: Eq + Hash + ToOwned<Owned = Q> + ?Sized,
    {
        if let Some(known) = self.0.borrow().get(question) {
            return known.clone();
        }
        let answer = ask();
        let mut answers = self.0.borrow_mut();
        answers.insert(question.to_owned(), answer.clone());
        answer
    }
}

impl<Q, A> Default for Answers<Q, A> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

/// What is in a folder; names are sorted.
#[derive(Debug)]
pub(crate) struct Listing {
    entries: Vec<(Box<str>, EntryKind)>,
    /// Whether these are all.
    is_whole: bool,
}

/// How often a program runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HowOften {
    OncePerFolder,
    Once,
    Always,
}

/// Values that are the same for every unit.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) locals: HashMap<(u32, Text), Remembered>,
    pub(crate) read_files: ByPath<Remembered>,
}

/// A value and which files it took to find it.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) value: Value,
    pub(crate) files: Rc<[FileRead]>,
}

impl Listing {
    /// Of folders with more entries than this not all names are kept.
    pub(crate) const MOST_NAMES: usize = 2_000;

    pub(crate) fn new(mut entries: Vec<(Box<str>, EntryKind)>, is_whole: bool) -> Self {
        entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Self { entries, is_whole }
    }

    fn look(&self, name: &str) -> Seen {
        let found = self
            .entries
            .binary_search_by(|(other, _)| other.as_ref().cmp(name));
        match found.map(|index| self.entries[index].1) {
            Ok(EntryKind::File) => Seen::Kind(PathKind::File),
            Ok(EntryKind::Folder) => Seen::Kind(PathKind::Folder),
            // Where a link leads only the world knows.
            Ok(EntryKind::Link | EntryKind::Other) => Seen::Unclear,
            Err(_) if !self.is_whole => Seen::Unclear,
            // A disk that does not tell upper from lower case may know better.
            Err(_) => {
                let is_similar = |(other, _): &(Box<str>, _)| other.eq_ignore_ascii_case(name);
                if self.entries.iter().any(is_similar) {
                    Seen::Unclear
                } else {
                    Seen::Nothing
                }
            }
        }
    }
}

/// What a listing tells of a name.
enum Seen {
    Kind(PathKind),
    Nothing,
    Unclear,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(
        surroundings: &'s dyn Surroundings,
        limits: ReadLimits,
        shown_from: &Utf8Path,
    ) -> Self {
        Self {
            surroundings,
            limits,
            shown_from: shown_from.to_owned(),
            next_number: Cell::new(0),
            files: Answers::default(),
            data: Answers::default(),
            looks: Answers::default(),
            listings: RefCell::default(),
            found: RefCell::default(),
            repositories: RefCell::default(),
            commands: Answers::default(),
            identities: Answers::default(),
            shared: Default::default(),
        }
    }

    pub(crate) fn surroundings(&self) -> &'s dyn Surroundings {
        self.surroundings
    }

    /// Values that are the same for every unit; lenient and strict ones are apart.
    pub(crate) fn shared(&self, lenient: bool) -> &RefCell<Shared> {
        &self.shared[usize::from(lenient)]
    }

    /// A configuration file, parsed. The error is that of the disk; what is wrong with the text is
    /// in the file's own list of problems.
    pub(crate) fn file(&self, path: &Utf8Path) -> Result<Rc<ConfigFile>, WorldError> {
        self.files.get(path.as_str(), || {
            let bytes = self.surroundings.read(path)?;
            let source = Source::from_bytes(self.shown(path).as_str(), &bytes);
            Ok(Rc::new(self.parse(path, source)))
        })
    }

    fn parse(&self, path: &Utf8Path, source: std::sync::Arc<Source>) -> ConfigFile {
        let number = self.next_number.get();
        self.next_number.set(number + 1);
        let limits = &self.limits.language;
        let parsed = if path.extension() == Some("json") {
            schema::with_json_blocks(&UNIT_FILE, |blocks| parse_json(&source, blocks, limits))
        } else {
            terrane_hcl::parse(&source, limits)
        };
        ConfigFile::new(number, path, source, parsed)
    }

    /// The name by which people know a file.
    pub(crate) fn shown(&self, path: &Utf8Path) -> Utf8PathBuf {
        paths::below(&self.shown_from, path)
            .unwrap_or(path)
            .to_owned()
    }

    /// The way to a path from where people stand.
    pub(crate) fn way_to(&self, path: &Utf8Path) -> Utf8PathBuf {
        paths::relative(&self.shown_from, path)
    }

    /// The bytes of a file that is data.
    pub(crate) fn data(&self, path: &Utf8Path) -> Result<Rc<[u8]>, WorldError> {
        self.data.get(path.as_str(), || {
            let bytes = self.surroundings.read(path)?;
            if bytes.len() as u64 > self.limits.data_bytes {
                return Err(WorldError::Other(format!(
                    "the file has {} bytes, and the limit is {}",
                    bytes.len(),
                    self.limits.data_bytes
                )));
            }
            Ok(Rc::from(bytes))
        })
    }

    /// What there is under a path; links are followed.
    pub(crate) fn look(&self, path: &Utf8Path) -> Result<Option<PathKind>, WorldError> {
        if let Some((folder, name)) = folder_and_name(path)
            && let Some(listing) = self.listings.borrow().get(folder)
        {
            match listing.look(name) {
                Seen::Kind(kind) => return Ok(Some(kind)),
                Seen::Nothing => return Ok(None),
                Seen::Unclear => {}
            }
        }
        self.looks
            .get(path.as_str(), || self.surroundings.look(path))
    }

    pub(crate) fn is_file(&self, path: &Utf8Path) -> bool {
        matches!(self.look(path), Ok(Some(PathKind::File)))
    }

    pub(crate) fn is_folder(&self, path: &Utf8Path) -> bool {
        matches!(self.look(path), Ok(Some(PathKind::Folder)))
    }

    pub(crate) fn exists(&self, path: &Utf8Path) -> bool {
        matches!(self.look(path), Ok(Some(_)))
    }

    /// The first of these names in a folder under which there is something, or may be.
    pub(crate) fn first_of(&self, folder: &Utf8Path, names: &[&str]) -> Option<Utf8PathBuf> {
        if let Some(listing) = self.listings.borrow().get(folder.as_str())
            && let all = names.iter().map(|name| listing.look(name))
            && all.into_iter().all(|seen| matches!(seen, Seen::Nothing))
        {
            return None;
        }
        let mut paths = names.iter().map(|name| folder.join(name));
        paths.find(|path| !matches!(self.look(path), Ok(None)))
    }

    /// Keeps what a walk has seen of a folder, so that questions about single names need no disk.
    pub(crate) fn remember_listing(&self, folder: &Utf8Path, listing: Listing) {
        let mut listings = self.listings.borrow_mut();
        listings.insert(folder.as_str().into(), listing);
    }

    /// The names of the folders in a folder; of a folder with very many not all.
    pub(crate) fn folders_in(&self, folder: &Utf8Path) -> Vec<Box<str>> {
        if !self.listings.borrow().contains_key(folder.as_str()) {
            let mut names: Vec<(Box<str>, EntryKind)> = Vec::new();
            let mut is_whole = true;
            let listed = self
                .surroundings
                .list(folder, &mut |entry| match entry.name {
                    Some(name) if names.len() < Listing::MOST_NAMES => {
                        names.push((name.into(), entry.kind));
                    }
                    Some(_) | None => is_whole = false,
                });
            is_whole &= listed.is_ok();
            self.remember_listing(folder, Listing::new(names, is_whole));
        }
        let listings = self.listings.borrow();
        let entries = listings[folder.as_str()].entries.iter();
        entries
            .filter(|(_, kind)| *kind == EntryKind::Folder)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The nearest file or folder of that name in the parents of a folder.
    pub(crate) fn find_in_parents(&self, folder: &Utf8Path, name: &str) -> Option<Rc<Utf8Path>> {
        let mut found = self.found.borrow_mut();
        if !found.contains_key(name) {
            found.insert(Text::from(name), ByPath::new());
        }
        let from = found.get_mut(name).expect("it was put there");
        let mut asked = Vec::new();
        let mut answer = None;
        for parent in folder.ancestors().skip(1).take(MOST_PARENTS) {
            if let Some(known) = from.get(parent.as_str()) {
                answer.clone_from(known);
                break;
            }
            asked.push(parent);
            let path = paths::absolute(parent, name);
            if self.exists(&path) {
                answer = Some(path.as_path().into());
                break;
            }
        }
        // The limit of parents is beyond all real trees.
        for parent in asked {
            from.insert(parent.as_str().into(), answer.clone());
        }
        answer
    }

    /// The top folder of the repository that a folder lies in: the nearest one with a `.git`.
    pub(crate) fn repository_of(&self, folder: &Utf8Path) -> Option<Rc<Utf8Path>> {
        if let Some(known) = self.repositories.borrow().get(folder.as_str()) {
            return known.clone();
        }
        let top = if self.exists(&folder.join(HISTORY)) {
            Some(folder.into())
        } else {
            folder
                .parent()
                .and_then(|parent| self.repository_of(parent))
        };
        let mut repositories = self.repositories.borrow_mut();
        repositories.insert(folder.as_str().into(), top.clone());
        top
    }

    /// The file of the unit in a folder: JSON first, as Terragrunt has it.
    pub(crate) fn unit_file(&self, folder: &Utf8Path) -> Option<Utf8PathBuf> {
        UNIT_FILES
            .iter()
            .map(|name| folder.join(name))
            .find(|path| self.is_file(path))
    }

    /// Runs a program, unless it ran before as often as it may.
    pub(crate) fn run(&self, command: &Command, often: HowOften) -> Result<CommandEnd, WorldError> {
        let mut key = command.clone();
        match often {
            HowOften::OncePerFolder => {}
            HowOften::Once => key.folder = Utf8PathBuf::new(),
            HowOften::Always => return self.surroundings.run(command),
        }
        self.commands.get(&key, || self.surroundings.run(command))
    }

    pub(crate) fn identity(
        &self,
        question: IdentityQuestion,
        role: Option<&RoleArn>,
    ) -> Result<String, WorldError> {
        let key = (question, role.cloned());
        self.identities
            .get(&key, || self.surroundings.identity(question, role))
    }

    pub(crate) fn working_folder(
        &self,
        question: &WorkingFolder,
    ) -> Result<Utf8PathBuf, WorldError> {
        self.surroundings.working_folder(question)
    }
}

/// A path taken apart by its text, where it is clean enough for that.
fn folder_and_name(path: &Utf8Path) -> Option<(&str, &str)> {
    let (folder, name) = path.as_str().rsplit_once('/')?;
    let folder = if folder.is_empty() { "/" } else { folder };
    (!matches!(name, "" | "." | "..")).then_some((folder, name))
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("files", &self.files.0.borrow().len())
            .finish_non_exhaustive()
    }
}
