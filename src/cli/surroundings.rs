//! The real world, as far as configuration may ask for it.
//!
//! It answers and remembers nothing: the reader of the configuration asks each question once. Who
//! we are in AWS is asked through the credentials thread, which is started by the first question.

use std::io;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};

use super::aws_access::{AwsAccess, wait_for};
use super::disk;
use super::options::{EngineOptions, Launch, Processes, ReadingOptions};
use super::screen;

use crate::aws::CallerQuestion;
use crate::config::surroundings::{
    Command, CommandEnd, EntryKind, FolderEntry, IdentityQuestion, PathKind, Surroundings,
    WorkingFolder, WorldError,
};
use crate::config::{Experiments, LoadOptions};
use crate::model::{ChildEnd, ModuleAddress, Principal, RoleArn};
use crate::process::{CaptureLimits, Environment, Program, capture_blocking};
use crate::source::cache::{CachePlace, download_folder};
use crate::source::overrides::{Extent, SourceOverrides};

/// A command that configuration runs may fetch something; longer than this is a mistake.
const COMMAND_LIMITS: CaptureLimits = CaptureLimits {
    time: Duration::from_mins(10),
    stdout_bytes: 64 << 20,
    stderr_bytes: 64 << 10,
};

/// Files, variables, programs and AWS as they are.
#[derive(Debug)]
pub struct World<'a> {
    launch: &'a Launch,
    processes: Processes,
    aws: &'a AwsAccess<'a>,
    sources: SourcesTyped<'a>,
}

/// What the command line says about where modules come from.
#[derive(Debug)]
struct SourcesTyped<'a> {
    overrides: SourceOverrides,
    extent: Extent,
    /// What is typed starts where the command starts.
    start: &'a Utf8Path,
}

impl<'a> World<'a> {
    pub fn new(launch: &'a Launch, processes: Processes, aws: &'a AwsAccess<'a>) -> Self {
        Self {
            launch,
            processes,
            aws,
            sources: SourcesTyped {
                overrides: SourceOverrides::default(),
                extent: Extent::Many,
                start: Utf8Path::new("/"),
            },
        }
    }

    /// The same world where modules may come from elsewhere than the files say.
    #[must_use]
    pub fn with_sources(self, engine: &EngineOptions, extent: Extent, start: &'a Utf8Path) -> Self {
        let overrides = SourceOverrides {
            source: engine.source.clone(),
            map: engine.source_map.clone(),
        };
        Self {
            sources: SourcesTyped {
                overrides,
                extent,
                start,
            },
            ..self
        }
    }
}

impl Surroundings for World<'_> {
    fn read(&self, file: &Utf8Path) -> Result<Vec<u8>, WorldError> {
        disk::read(file).map_err(|error| world_error(&error))
    }

    fn look(&self, path: &Utf8Path) -> Result<Option<PathKind>, WorldError> {
        match path.metadata() {
            Ok(found) if found.is_file() => Ok(Some(PathKind::File)),
            Ok(found) if found.is_dir() => Ok(Some(PathKind::Folder)),
            Ok(_) => Ok(Some(PathKind::Other)),
            Err(error) if is_nothing(&error) => Ok(None),
            Err(error) => Err(world_error(&error)),
        }
    }

    fn list(
        &self,
        folder: &Utf8Path,
        each: &mut dyn FnMut(FolderEntry<'_>),
    ) -> Result<(), WorldError> {
        let entries = disk::list(folder).map_err(|error| world_error(&error))?;
        for entry in entries {
            let entry = entry.map_err(|error| world_error(&error))?;
            let Ok(kind) = entry.file_type() else {
                // It went away meanwhile.
                continue;
            };
            let name = entry.file_name();
            each(FolderEntry {
                name: name.to_str(),
                kind: if kind.is_dir() {
                    EntryKind::Folder
                } else if kind.is_file() {
                    EntryKind::File
                } else if kind.is_symlink() {
                    EntryKind::Link
                } else {
                    EntryKind::Other
                },
            });
        }
        Ok(())
    }

    fn variable(&self, name: &str) -> Option<String> {
        let value = self.launch.variables.get(std::ffi::OsStr::new(name))?;
        value.to_str().map(ToOwned::to_owned)
    }

    fn gives_variables(&self) -> bool {
        self.aws.auth().is_some()
    }

    fn given_variable(&self, name: &str, unit: &Utf8Path) -> Result<Option<String>, WorldError> {
        let Some(auth) = self.aws.auth() else {
            return Ok(None);
        };
        if self.processes == Processes::Forbidden {
            return Ok(None);
        }
        let provided = auth.for_reading(unit)?;
        Ok(provided.and_then(|provided| provided.variable(name).map(ToOwned::to_owned)))
    }

    fn home_folder(&self) -> Option<Utf8PathBuf> {
        self.launch.home()
    }

    fn platform(&self) -> &str {
        match std::env::consts::OS {
            "macos" => "darwin",
            other => other,
        }
    }

    fn now(&self) -> Duration {
        let since = self.launch.now.duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default()
    }

    fn random(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system gives random bytes");
    }

    fn run(&self, command: &Command) -> Result<CommandEnd, WorldError> {
        if self.processes == Processes::Forbidden {
            let program = &command.program;
            return Err(WorldError::Other(format!(
                "{program} is not started, because of --no-exec"
            )));
        }
        let program = Program {
            executable: command.program.clone().into(),
            args: command.arguments.iter().map(Into::into).collect(),
            folder: command.folder.clone(),
            environment: self
                .launch
                .variables
                .clone()
                .into_iter()
                .collect::<Environment>(),
        };
        let said = capture_blocking(&program, &COMMAND_LIMITS)
            .map_err(|error| WorldError::Other(error.to_string()))?;
        if command.echo {
            screen::say(&String::from_utf8_lossy(&said.stdout));
        }
        Ok(CommandEnd {
            code: match said.end {
                ChildEnd::Code(code) => Some(code),
                ChildEnd::Signal(_) => None,
            },
            stdout: said.stdout,
            stderr: said.stderr,
        })
    }

    fn identity(
        &self,
        question: IdentityQuestion,
        role: Option<&RoleArn>,
    ) -> Result<String, WorldError> {
        match question {
            IdentityQuestion::AccountAlias => self.caller(role, CallerQuestion::AccountAlias),
            IdentityQuestion::UserId => self.caller(role, CallerQuestion::UserId),
            IdentityQuestion::AccountId => Ok(self.principal(role)?.account().to_string()),
            IdentityQuestion::Arn => Ok(self.principal(role)?.arn().to_owned()),
        }
    }

    fn working_folder(&self, question: &WorkingFolder) -> Result<Utf8PathBuf, WorldError> {
        let folder = &question.unit_folder;
        let SourcesTyped {
            overrides,
            extent,
            start,
        } = &self.sources;
        let source = overrides.apply(question.source.as_deref(), *extent);
        let (source, from) = match (&source, &overrides.source) {
            (None, _) => (".", folder.as_path()),
            (Some(source), None) => (&**source, folder.as_path()),
            (Some(source), Some(_)) => (&**source, *start),
        };
        let address = ModuleAddress::parse(source, from)
            .map_err(|error| WorldError::Other(error.to_string()))?;
        let downloads = download_folder(folder, question.download_folder.as_deref());
        Ok(CachePlace::new(&downloads, folder, &address).working_folder())
    }
}

impl World<'_> {
    /// What flags say about a load; each command adds which facts it wants.
    pub(super) fn load_options(&self, reading: &ReadingOptions, command: &str) -> LoadOptions {
        let file_name = reading.config.as_ref().and_then(|path| path.file_name());
        LoadOptions {
            root: reading
                .root
                .clone()
                .or_else(|| self.aws.estate_root().map(ToOwned::to_owned)),
            seen_from: Some(self.launch.folder.clone()),
            file_name: file_name.map(ToOwned::to_owned),
            command: command.to_owned(),
            features: reading.features.clone(),
            experiments: Experiments {
                deep_merge: reading.deep_merge,
            },
            ..LoadOptions::default()
        }
    }

    fn principal(&self, role: Option<&RoleArn>) -> Result<Principal, WorldError> {
        let failed = |error: &dyn std::fmt::Display| WorldError::Other(error.to_string());
        let chain = self.aws.chain_of(role).map_err(|error| failed(&error))?;
        let broker = self.aws.broker().map_err(|error| failed(&error))?;
        wait_for(broker.prove(&chain, None)).map_err(|error| failed(&error))
    }

    fn caller(
        &self,
        role: Option<&RoleArn>,
        question: CallerQuestion,
    ) -> Result<String, WorldError> {
        let failed = |error: &dyn std::fmt::Display| WorldError::Other(error.to_string());
        let chain = self.aws.chain_of(role).map_err(|error| failed(&error))?;
        let broker = self.aws.broker().map_err(|error| failed(&error))?;
        wait_for(broker.ask_caller(question, &chain)).map_err(|error| failed(&error))
    }
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        // `NotADirectory`: the path goes through a file.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn world_error(error: &io::Error) -> WorldError {
    if is_nothing(error) {
        return WorldError::NotFound;
    }
    WorldError::Other(disk::reason(error))
}
