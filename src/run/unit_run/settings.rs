//! What the command line decides about every unit of a run.

use std::collections::BTreeMap;
use std::ffi::OsString;

use camino::{Utf8Path, Utf8PathBuf};

use futures_util::future::LocalBoxFuture;

use crate::aws::{Broker, ChildCredentials, Provided, StartBrokerError, TfCliArgs};
use crate::identity::RoleOptions;
use crate::run::outcome::Failure;
use crate::source::overrides::{Extent, SourceOverrides};
use crate::terraform::command::TerraformCommand;

/// The same for all units.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// With the flags that hold for all units in it.
    pub command: TerraformCommand,
    /// For `init` and whatever else terrane runs by itself: `-no-color`.
    pub own_flags: Vec<String>,
    pub extent: Extent,
    /// Whether apply and destroy are told that somebody has said yes already.
    pub approval: Approval,
    pub plans: PlanFolders,
    pub outputs_from: OutputsFrom,
    pub automatic: Automatic,
    pub inputs_debug: bool,
    pub tf_cli_args: TfCliArgs,
    pub credentials: ChildCredentials,
    pub overrides: SourceOverrides,
    /// `--download-dir`.
    pub download_folder: Option<Utf8PathBuf>,
    pub roles: RoleOptions,
    /// What runs in the command's place.
    pub own_program: Option<OwnProgram>,
}

/// A program of the user's own: `exec`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnProgram {
    pub executable: OsString,
    pub arguments: Vec<OsString>,
    /// There, or in the unit's folder.
    pub in_working_folder: bool,
}

/// Who answers the engine's question whether to go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Approval {
    Given,
    /// The engine asks, where it can.
    ByEngine,
}

/// Folders for saved plans, one file per unit.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PlanFolders {
    pub binary: Option<Utf8PathBuf>,
    pub json: Option<Utf8PathBuf>,
}

/// Where a unit's outputs are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutputsFrom {
    /// From the state itself, where terrane can.
    State,
    /// By the engine's own `output`.
    Engine,
    /// Nowhere: mocks only.
    Mocks,
}

/// What is done around a command without being asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Automatic {
    pub init: bool,
    pub retry: bool,
    pub hooks: bool,
}

/// What a run needs of the world.
pub struct RunWorld<'w> {
    /// The variables that terrane was started with.
    pub environment: &'w BTreeMap<OsString, OsString>,
    /// What a program that the user names for it gives the unit in that folder.
    pub provide: Option<Provide<'w>>,
    /// The credentials thread, started by the first who asks.
    pub broker: &'w dyn Fn() -> Result<&'w Broker, StartBrokerError>,
    /// Where the words of children go: a folder of this run's own, one below it for each unit.
    pub words: Utf8PathBuf,
    /// Where providers are kept for all units, for engines that can share them.
    pub plugin_cache: Option<Utf8PathBuf>,
    /// Takes a finished command's stdout where it is data: the file that holds it.
    pub take_data: &'w dyn Fn(&Utf8Path),
    /// Takes sentences for the user that stop nothing.
    pub warn: &'w dyn Fn(String),
}

/// Asks that program.
pub type Provide<'w> = &'w dyn Fn(Utf8PathBuf) -> LocalBoxFuture<'w, Result<Provided, Failure>>;

impl std::fmt::Debug for RunWorld<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunWorld")
            .field("environment", &self.environment.keys())
            .field("words", &self.words)
            .finish_non_exhaustive()
    }
}
