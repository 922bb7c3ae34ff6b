//! What a unit's configuration says to terraform once its upstreams' outputs are known: plain
//! values, merged over all included files, with no reference left in them.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;
use terrane_hcl::{Location, Value};

/// The evaluated configuration of one unit. Every path is as written; relative ones start at the
/// unit's folder unless their field says otherwise.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    pub terraform: TerraformBlock,
    pub remote_state: Option<RemoteState>,
    pub generate: Vec<Generate>,
    /// Handed to terraform as `TF_VAR_<name>`, declared in the module or not. Their marks are kept.
    pub inputs: BTreeMap<String, Value>,
    pub errors: ErrorRules,
    /// Where it says that nothing of the unit may be destroyed.
    pub prevent_destroy: Option<Location>,
    /// Where the working copies of modules lie instead of `.terragrunt-cache` in the unit's folder.
    pub download_dir: Option<Utf8PathBuf>,
    pub terraform_binary: Option<String>,
    pub terraform_version_constraint: Option<Written>,
    pub terragrunt_version_constraint: Option<Written>,
    /// What of all this is made of mocks: `inputs.vpc_id`, `generate.provider.contents`.
    pub made_of_mocks: Vec<String>,
}

/// A text and where it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub text: String,
    pub place: Location,
}

/// The `terraform` block.
#[derive(Clone, Debug, Default)]
pub struct TerraformBlock {
    /// Without one the unit's own folder is the module.
    pub source: Option<Written>,
    pub include_in_copy: Vec<String>,
    pub exclude_from_copy: Vec<String>,
    /// `None` where the file does not say; Terragrunt's default is to copy the lock file back.
    pub copy_terraform_lock_file: Option<bool>,
    pub extra_arguments: Vec<ExtraArguments>,
    pub before_hooks: Vec<Hook>,
    pub after_hooks: Vec<Hook>,
    pub error_hooks: Vec<ErrorHook>,
}

/// Arguments and variables for certain terraform commands.
#[derive(Clone, Debug, Default)]
pub struct ExtraArguments {
    pub label: String,
    pub commands: Vec<String>,
    pub arguments: Vec<String>,
    pub required_var_files: Vec<String>,
    pub optional_var_files: Vec<String>,
    pub env_vars: BTreeMap<String, String>,
}

/// A command to run before or after certain terraform commands.
#[derive(Clone, Debug)]
pub struct Hook {
    pub label: String,
    pub commands: Vec<String>,
    /// The program and its arguments; never empty.
    pub execute: Vec<String>,
    pub working_dir: Option<Utf8PathBuf>,
    pub run_on_error: bool,
    pub suppress_stdout: bool,
    /// The block's `if`.
    pub enabled: bool,
    pub place: Location,
}

/// A command to run when a terraform command failed with certain words.
#[derive(Clone, Debug)]
pub struct ErrorHook {
    pub label: String,
    pub commands: Vec<String>,
    pub execute: Vec<String>,
    /// Regular expressions, tried against the texts of the error.
    pub on_errors: Vec<String>,
    pub working_dir: Option<Utf8PathBuf>,
    pub suppress_stdout: bool,
    pub place: Location,
}

/// The `remote_state` block or attribute.
#[derive(Clone, Debug)]
pub struct RemoteState {
    pub backend: String,
    /// As written, with the keys that only Terragrunt understands still in it.
    pub config: BTreeMap<String, Value>,
    /// Where to write the backend block; without it the module has one and init gets arguments.
    pub generate: Option<BackendFile>,
    pub disable_init: bool,
    pub encryption: Option<BTreeMap<String, Value>>,
    pub place: Location,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackendFile {
    pub path: String,
    pub if_exists: IfExists,
}

/// A file to write into the working folder before terraform starts.
#[derive(Clone, Debug)]
pub struct Generate {
    pub label: String,
    /// Relative to the working folder; an absolute path is taken as it is.
    pub path: String,
    pub contents: String,
    pub if_exists: IfExists,
    pub if_disabled: IfDisabled,
    pub comment_prefix: String,
    pub disable_signature: bool,
    pub disable: bool,
    /// `None`: format when the path ends in `.hcl`, `.tf` or `.tofu`.
    pub hcl_fmt: Option<bool>,
    pub place: Location,
}

/// What to do when a file to generate is already there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IfExists {
    Error,
    Skip,
    Overwrite,
    /// Only a file that Terragrunt or terrane generated is replaced; another one is an error.
    OverwriteTerragrunt,
}

/// What to do with the file of a `generate` block that is disabled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IfDisabled {
    Skip,
    Remove,
    RemoveTerragrunt,
}

/// The `errors` block.
#[derive(Clone, Debug, Default)]
pub struct ErrorRules {
    pub retry: Vec<Retry>,
    pub ignore: Vec<Ignore>,
}

#[derive(Clone, Debug)]
pub struct Retry {
    pub label: String,
    /// Regular expressions; one that begins with `!` excludes.
    pub retryable_errors: Vec<String>,
    pub max_attempts: u32,
    pub sleep: Duration,
}

#[derive(Clone, Debug)]
pub struct Ignore {
    pub label: String,
    pub ignorable_errors: Vec<String>,
    pub message: String,
    pub signals: BTreeMap<String, Value>,
}
