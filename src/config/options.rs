//! What the caller decides about a load: everything that flags and variables may say about reading.

use std::collections::BTreeMap;
use std::ops::BitOr;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::Limits;

/// How to load. [`LoadOptions::default`] is what `graph` needs: edges, no questions to the world.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The root, where the caller knows it; else it is found.
    pub root: Option<Utf8PathBuf>,
    /// The folder that people stand in: files below it are named from there. The start folder,
    /// where there is none.
    pub seen_from: Option<Utf8PathBuf>,
    /// Units of the whole root are loaded, those outside the start folder as external ones.
    pub whole_root: bool,
    /// Whether folders whose names begin with a dot are looked into.
    pub hidden_folders: bool,
    /// What the unit files are called, where it is not `terragrunt.hcl`.
    pub file_name: Option<String>,
    pub facts: Facts,
    pub thoroughness: Thoroughness,
    pub questions: Questions,
    /// The terraform command that the user asked for, as mocks and `get_terraform_command()` see
    /// it; `render`, `find` and the like where there is none.
    pub command: String,
    /// The command with its arguments, for `get_terraform_cli_args()`.
    pub arguments: Vec<String>,
    /// `--source`.
    pub source: Option<String>,
    /// `--download-dir`.
    pub download_folder: Option<Utf8PathBuf>,
    /// `--feature NAME=VALUE`.
    pub features: BTreeMap<String, String>,
    pub experiments: Experiments,
    pub limits: ReadLimits,
}

/// Which facts about units are wanted beside their edges. What is not wanted is not evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Facts(u8);

impl Facts {
    pub const EDGES: Self = Self(0);
    /// Role claims; and the edges to those upstreams whose outputs name a role.
    pub const ROLES: Self = Self(1);
    /// Where the state lies.
    pub const STATE: Self = Self(2);
    /// The account that the unit's folder stands for.
    pub const ACCOUNT: Self = Self(4);
    /// `exclude`, `prevent_destroy`, the engine and the version constraints.
    pub const CONDITIONS: Self = Self(8);
    /// Where the module comes from.
    pub const SOURCE: Self = Self(16);
    /// Whose outputs the unit's evaluation will ask for, also by way of files that it reads. Without
    /// this fact only the units that it has edges to are sure to be known.
    pub const OUTPUT_READS: Self = Self(32);
    /// What a run needs.
    pub const ALL: Self = Self(63);
    /// The code of its module, among the files that it reads. Looks into module folders.
    pub const MODULE_FILES: Self = Self(64);

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Facts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// How much of a unit is evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Thoroughness {
    /// What the wanted facts need.
    #[default]
    AsNeeded,
    /// All locals too, as Terragrunt does before a run: a local that fails is told of although
    /// nobody needs it, and all files that a unit reads are known.
    AllLocals,
}

/// Whether functions that ask the world may do so: `run_cmd`, `sops_decrypt_file`,
/// `get_aws_account_id` and their kin.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Questions {
    /// Only where an edge, a role or a state location cannot be known otherwise; until then their
    /// results are unknown.
    #[default]
    WhenDecisive,
    Asked,
    /// Never: what needs an answer is an error.
    Refused,
}

/// Parts of the language that have to be switched on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Experiments {
    /// The function `deep_merge`.
    pub deep_merge: bool,
}

/// Bounds of what one load may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadLimits {
    /// Of one text and one unit's evaluation.
    pub language: Limits,
    /// Bytes of a file that a function reads.
    pub data_bytes: u64,
    /// Files that the evaluation of one unit reads.
    pub files_per_unit: usize,
    /// Files of code of one module that are counted as read.
    pub module_files: usize,
    /// Files that read one another, `read_terragrunt_config` within `read_terragrunt_config`.
    pub read_depth: usize,
    /// Folders within one another.
    pub folder_depth: usize,
    pub units: usize,
    pub edges_per_unit: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            language: Limits {
                source_bytes: 1 << 20,
                ..Limits::default()
            },
            data_bytes: 8 << 20,
            files_per_unit: 256,
            module_files: 10_000,
            read_depth: 16,
            folder_depth: 128,
            units: 100_000,
            edges_per_unit: 1_000,
        }
    }
}

impl LoadOptions {
    pub(super) fn seen_from<'p>(&'p self, start: &'p Utf8Path) -> &'p Utf8Path {
        self.seen_from.as_deref().unwrap_or(start)
    }
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            root: None,
            seen_from: None,
            whole_root: false,
            hidden_folders: true,
            file_name: None,
            facts: Facts::EDGES,
            thoroughness: Thoroughness::default(),
            questions: Questions::default(),
            command: String::new(),
            arguments: Vec::new(),
            source: None,
            download_folder: None,
            features: BTreeMap::new(),
            experiments: Experiments::default(),
            limits: ReadLimits::default(),
        }
    }
}
