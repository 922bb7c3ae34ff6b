//! The folder that a unit's commands run in: its source, its own files, and what is generated.
//!
//! Everything in it can be made again but the state of a local backend. Files are written whole,
//! only when their bytes differ, and never through a link. Whatever changes code leaves the mark
//! that asks for an `init` before it does so.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the working folder is read and written"
)]

mod generate;

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, io};

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{EncodeError, Location, Value};
use thiserror::Error;

use crate::model::ModuleAddress;
use crate::model::prepared::TerraformBlock;
use crate::source::cache::{CachePlace, INIT_REQUIRED};
use crate::source::copy_rules::{BadPattern, CopyRules};
use crate::source::fetch::{Source, SourceError, Sources, Wish};
use crate::source::fill::{Contents, FillError, SourceFiles, SourceVersion, fill, is_code};
use crate::source::listing::{ListError, Listing};
use crate::source::manifest::Manifest;
use crate::source::place_file::{holds, remove, write_atomically};
use crate::terraform::backend::InitialisedBackend;
use crate::terraform::engine::EngineKind;
use crate::terraform::environment::null_file;
use crate::terraform::init::{INIT_RECORD, InitRecord, LOCK_FILE, Traces, traces};
use crate::terraform::module_code::{KnownFiles, ModuleCode, files_read};
use crate::terraform::verdict::ERRORED_STATE;

pub use generate::{GeneratedFile, SIGNATURE};

/// A working folder that is ready for a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkDir {
    folder: Utf8PathBuf,
    unit_folder: Utf8PathBuf,
}

/// What is to lie in a working folder.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub unit_folder: &'a Utf8Path,
    pub download_folder: &'a Utf8Path,
    pub address: &'a ModuleAddress,
    pub terraform: &'a TerraformBlock,
    pub generated: &'a [GeneratedFile],
    /// Whether hooks have run that may have changed the source since another unit looked at it.
    pub look_again: bool,
}

#[derive(Debug, Error)]
pub enum WorkDirError {
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    UnitFolder(#[from] ListError),
    #[error(transparent)]
    Fill(#[from] FillError),
    /// `generate` found a file that it may not replace.
    #[error("{path} is there, and generate \"{label}\" is not to replace it ({rule})")]
    FileExists {
        path: Utf8PathBuf,
        label: String,
        /// `if_exists = "error"` and its kin.
        rule: &'static str,
        place: Option<Location>,
    },
    #[error("generate \"{label}\" writes to {path}, which leads out of the module's source")]
    LeavesSource {
        path: Utf8PathBuf,
        label: String,
        place: Option<Location>,
    },
    #[error("{folder} holds no terraform code")]
    NoCode { folder: Utf8PathBuf },
    #[error("{path}: {error}")]
    Io {
        path: Utf8PathBuf,
        #[source]
        error: io::Error,
    },
}

/// The file by which variables are null.
const NULL_FILE: &str = ".terragrunt-null-vars.auto.tfvars.json";
/// The file with which somebody can call the engine by hand, in the unit's folder.
const DEBUG_FILE: &str = "terragrunt-debug.tfvars.json";
/// What `errors.ignore` rules tell whoever comes later, in the unit's folder.
const SIGNALS_FILE: &str = "error-signals.json";

impl WorkDir {
    /// Brings the folder to what is wanted. What is up to date is left alone.
    pub async fn prepare(sources: &Sources, wanted: &Wanted<'_>) -> Result<Self, WorkDirError> {
        let place = wanted.place();
        let wish = Wish {
            address: wanted.address,
            place: &place,
            download_folder: wanted.download_folder,
            include_in_copy: &wanted.terraform.include_in_copy,
            exclude_from_copy: &wanted.terraform.exclude_from_copy,
            look_again: wanted.look_again,
        };
        let done = if wanted.unit_is_source() {
            wanted.fill_with_unit(&place)
        } else {
            let source = sources.get(&wish).await?;
            match wanted.fill_with(&place, &source) {
                Err(WorkDirError::Fill(FillError::NeedsSource(_))) => {
                    let source = sources.fetch(wanted.address).await?;
                    wanted.fill_with(&place, &source)
                }
                done => done,
            }
        };
        done?;
        let work_dir = Self {
            folder: place.working_folder(),
            unit_folder: wanted.unit_folder.to_owned(),
        };
        work_dir.check_code()?;
        Ok(work_dir)
    }

    /// Where the engine runs.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The folder of the unit that runs there.
    pub fn unit_folder(&self) -> &Utf8Path {
        &self.unit_folder
    }

    /// What the code in it says. It decides who acts for the unit, so that code which cannot be
    /// read is an error here already.
    pub fn code(&self, engine: EngineKind, known: &KnownFiles) -> Result<ModuleCode, WorkDirError> {
        let names = self.file_names()?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut texts = Vec::new();
        for name in files_read(engine, &names) {
            let path = self.folder.join(name);
            let bytes = fs::read(&path).or_io(&path)?;
            let text = String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            texts.push((name, text));
        }
        Ok(ModuleCode::read_knowing(
            known,
            texts.iter().map(|(name, text)| (*name, text.as_str())),
        ))
    }

    /// What `init` has left. `data_folder` is `.terraform`, or what `TF_DATA_DIR` says.
    pub fn traces(&self, data_folder: &Utf8Path) -> Traces {
        traces(data_folder, |path| self.folder.join(path).exists())
    }

    /// The backend that the folder was initialised for.
    pub fn initialised_backend(&self, data_folder: &Utf8Path) -> Option<InitialisedBackend> {
        let path = self.folder.join(data_folder).join("terraform.tfstate");
        InitialisedBackend::parse(&fs::read_to_string(path).ok()?)
    }

    /// The last `init` that terrane ran here.
    pub fn last_init(&self) -> Option<InitRecord> {
        let text = fs::read_to_string(self.folder.join(INIT_RECORD)).ok()?;
        text.parse().ok()
    }

    /// Whether code changed since the last `init`.
    pub fn requires_init(&self) -> bool {
        self.folder.join(INIT_REQUIRED).exists()
    }

    /// From here on, until it went well, no `init` is known.
    pub fn init_begins(&self) -> Result<(), WorkDirError> {
        let record = self.folder.join(INIT_RECORD);
        remove(&record).or_io(&record)
    }

    pub fn init_went_well(&self, record: &InitRecord) -> Result<(), WorkDirError> {
        let path = self.folder.join(INIT_RECORD);
        write_if_different(&path, record.to_string().as_bytes())?;
        let marker = self.folder.join(INIT_REQUIRED);
        remove(&marker).or_io(&marker)
    }

    /// Tells the engine which variables are null; without any, that none are any more.
    pub fn write_nulls(&self, names: &BTreeSet<String>) -> Result<(), WorkDirError> {
        let path = self.folder.join(NULL_FILE);
        if names.is_empty() {
            return remove(&path).or_io(&path);
        }
        write_if_different(&path, null_file(names).as_bytes())
    }

    /// Copies the lock file to the unit, where people commit it. `true` when it changed there.
    pub fn bring_lock_file_back(&self) -> Result<bool, WorkDirError> {
        let [from, to] = [&self.folder, &self.unit_folder].map(|folder| folder.join(LOCK_FILE));
        match fs::read(&from) {
            Ok(bytes) if holds(&to, &bytes) => Ok(false),
            Ok(bytes) => write_atomically(&to, &bytes).or_io(&to).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).or_io(&from),
        }
    }

    /// Writes the file of `--inputs-debug` and says where.
    pub fn write_debug_file(&self, text: &str) -> Result<Utf8PathBuf, WorkDirError> {
        let path = self.unit_folder.join(DEBUG_FILE);
        write_if_different(&path, text.as_bytes())?;
        Ok(path)
    }

    /// The state that the engine could not save, where it left one.
    pub fn errored_state(&self) -> Option<Utf8PathBuf> {
        let path = self.folder.join(ERRORED_STATE);
        path.is_file().then_some(path)
    }

    fn check_code(&self) -> Result<(), WorkDirError> {
        let names = self.file_names()?;
        if names.iter().any(|name| is_code(Utf8Path::new(name))) {
            return Ok(());
        }
        Err(WorkDirError::NoCode {
            folder: self.folder.clone(),
        })
    }

    /// But folders, and names that are no text, neither of which any engine reads.
    fn file_names(&self) -> Result<Vec<String>, WorkDirError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).or_io(&self.folder)? {
            let entry = entry.or_io(&self.folder)?;
            if !entry.file_type().or_io(&self.folder)?.is_dir() {
                names.extend(entry.file_name().into_string());
            }
        }
        Ok(names)
    }
}

/// Writes the signals of an `errors.ignore` rule into the unit's folder.
pub fn write_signals(
    unit_folder: &Utf8Path,
    signals: &BTreeMap<String, Value>,
) -> Result<(), WorkDirError> {
    let path = unit_folder.join(SIGNALS_FILE);
    let not_known = |error: EncodeError| io::Error::other(format!("{error:?}"));
    let text = crate::terraform::environment::indented_json(signals);
    let text = text.map_err(not_known).or_io(&path)?;
    write_if_different(&path, text.as_bytes())
}

/// Makes the folder that a file outside of the working folder is written to: a saved plan's.
pub fn make_folder_for(file: &Utf8Path) -> Result<(), WorkDirError> {
    let folder = file.parent().unwrap_or(Utf8Path::new("."));
    fs::create_dir_all(folder).or_io(folder)
}

/// Writes a saved plan as JSON to where it is wanted.
pub fn write_plan_as_json(file: &Utf8Path, json: &[u8]) -> Result<(), WorkDirError> {
    make_folder_for(file)?;
    write_if_different(file, json)
}

impl Wanted<'_> {
    pub fn place(&self) -> CachePlace {
        CachePlace::new(self.download_folder, self.unit_folder, self.address)
    }

    /// Then its files are copied once, not twice.
    fn unit_is_source(&self) -> bool {
        let folder = self.address.local_folder();
        folder == Some(self.unit_folder) && self.address.subfolder.as_str().is_empty()
    }

    fn fill_with_unit(&self, place: &CachePlace) -> Result<(), WorkDirError> {
        let listing = self.list_unit()?;
        let digest = listing.digest();
        let source = SourceFiles::Listed {
            listing: &listing,
            version: SourceVersion::OfFolder(&digest),
        };
        self.fill(place, source, None)
    }

    fn fill_with(&self, place: &CachePlace, source: &Source) -> Result<(), WorkDirError> {
        self.fill(place, source.files(), Some(&self.list_unit()?))
    }

    fn list_unit(&self) -> Result<Listing, WorkDirError> {
        let terraform = self.terraform;
        let rules = CopyRules::for_unit(&terraform.include_in_copy, &terraform.exclude_from_copy)?;
        Ok(Listing::of_local(
            self.unit_folder,
            &rules,
            self.download_folder,
        )?)
    }

    fn fill(
        &self,
        place: &CachePlace,
        source: SourceFiles<'_>,
        unit: Option<&Listing>,
    ) -> Result<(), WorkDirError> {
        let before = Manifest::load(&place.root);
        let plan = generate::plan(place, self.generated, source, unit, &before)?;
        let contents = Contents {
            source,
            unit,
            generated: plan.taken(),
        };
        let filled = fill(place, &contents, &before)?;
        plan.perform(place, filled)
    }
}

fn write_if_different(path: &Utf8Path, bytes: &[u8]) -> Result<(), WorkDirError> {
    if holds(path, bytes) {
        return Ok(());
    }
    write_atomically(path, bytes).or_io(path)
}

/// Gives an error of the system the path that it is about.
trait OrIo<T> {
    fn or_io(self, path: &Utf8Path) -> Result<T, WorkDirError>;
}

impl<T> OrIo<T> for io::Result<T> {
    fn or_io(self, path: &Utf8Path) -> Result<T, WorkDirError> {
        self.map_err(|error| WorkDirError::Io {
            path: path.to_owned(),
            error,
        })
    }
}

#[cfg(test)]
mod tests;
