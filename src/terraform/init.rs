//! When a folder must be initialised before a command can run in it.
//!
//! Terragrunt goes by what lies in the folder, and so initialises units that need no provider
//! before every command: `init` leaves nothing there that it could see. terrane writes down what
//! `init` left, and does not repeat one that would do the same again.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use super::command::TerraformCommand;
use super::engine::EngineKind;

/// What lies in a working folder, and what is planned for it.
#[derive(Clone, Copy, Debug)]
pub struct InitFacts<'a> {
    /// Code was written or removed since the last one.
    pub is_required: bool,
    pub backend: BackendChange,
    pub there: &'a Traces,
    /// What terrane's last `init` in this folder was, and what it left.
    pub last: Option<&'a InitRecord>,
    /// What it would be now.
    pub planned: &'a InitPlan,
    /// Whether the code has `module` blocks.
    pub uses_modules: bool,
}

/// How the backend differs from the one that the folder was initialised for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackendChange {
    /// Not at all, or it is not known.
    None,
    /// Only in who reaches it: `init` may take the new one over without asking.
    IdentityOnly,
    /// In where the state lies. That is the user's to decide, so no `init` is run for it.
    Place,
}

/// What an `init` leaves behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trace {
    Providers,
    LockFile,
    Modules,
    /// What it remembers of the backend.
    Backend,
}

pub type Traces = BTreeSet<Trace>;

/// What decides how an `init` ends, besides the code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitPlan {
    engine: EngineKind,
    /// Of its arguments, which may hold secrets.
    digest: String,
}

/// An `init` that went well: what it was, and what it left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitRecord {
    pub plan: InitPlan,
    pub left: Traces,
}

/// Why `init` has to run first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InitReason {
    NotInitialised,
    CodeChanged,
    ArgumentsChanged,
    BackendIdentityChanged,
    /// Something that the last one left has gone.
    Incomplete,
    ModulesMissing,
}

/// The providers that were chosen, with their checksums.
pub const LOCK_FILE: &str = ".terraform.lock.hcl";

/// The file in which a record is kept, in the working folder.
pub const INIT_RECORD: &str = ".terrane-init";

/// Why `command` needs an `init` first, if it does.
pub fn reason(command: &TerraformCommand, facts: &InitFacts<'_>) -> Option<InitReason> {
    if command.name() == "init" || command.only_informs() {
        return None;
    }
    if facts.is_required {
        return Some(InitReason::CodeChanged);
    }
    if facts.backend == BackendChange::IdentityOnly {
        return Some(InitReason::BackendIdentityChanged);
    }
    match facts.last {
        Some(last) if last.plan != *facts.planned => Some(InitReason::ArgumentsChanged),
        Some(last) if !last.left.is_subset(facts.there) => Some(InitReason::Incomplete),
        Some(_) => None,
        None => reason_by_traces(facts),
    }
}

/// Where nothing is known of the last `init`: what Terragrunt goes by.
fn reason_by_traces(facts: &InitFacts<'_>) -> Option<InitReason> {
    let there = |trace| facts.there.contains(&trace);
    if !there(Trace::Providers) || !there(Trace::LockFile) {
        Some(InitReason::NotInitialised)
    } else if facts.uses_modules && !there(Trace::Modules) {
        Some(InitReason::ModulesMissing)
    } else {
        None
    }
}

impl Trace {
    const ALL: [Self; 4] = [
        Self::Providers,
        Self::LockFile,
        Self::Modules,
        Self::Backend,
    ];

    /// Where it lies: below the folder that the engine keeps its data in, or in the working folder
    /// itself.
    pub fn paths(self, data_folder: &Utf8Path) -> Vec<Utf8PathBuf> {
        match self {
            Self::Providers => vec![data_folder.join("providers"), data_folder.join("plugins")],
            Self::LockFile => vec![LOCK_FILE.into()],
            Self::Modules => vec![data_folder.join("modules")],
            Self::Backend => vec![data_folder.join("terraform.tfstate")],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Providers => "providers",
            Self::LockFile => "lock file",
            Self::Modules => "modules",
            Self::Backend => "backend",
        }
    }
}

/// The traces of a folder, by a look at which paths are there.
pub fn traces(data_folder: &Utf8Path, exists: impl Fn(&Utf8Path) -> bool) -> Traces {
    let is_there = |trace: &Trace| trace.paths(data_folder).iter().any(|path| exists(path));
    Trace::ALL.into_iter().filter(is_there).collect()
}

impl InitPlan {
    pub fn new(engine: EngineKind, arguments: &[String]) -> Self {
        let mut hash = Sha256::new();
        for argument in arguments {
            hash.update(argument.len().to_le_bytes());
            hash.update(argument);
        }
        let digest = hash.finalize();
        Self {
            engine,
            digest: URL_SAFE_NO_PAD.encode(digest),
        }
    }
}

impl fmt::Display for InitRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "engine {}", self.plan.engine.name())?;
        writeln!(f, "arguments {}", self.plan.digest)?;
        self.left
            .iter()
            .try_for_each(|trace| writeln!(f, "left {}", trace.name()))
    }
}

impl FromStr for InitRecord {
    type Err = UnreadableRecord;

    fn from_str(text: &str) -> Result<Self, UnreadableRecord> {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.ok_or(UnreadableRecord)
        };
        let engine = match value("engine ")? {
            "terraform" => EngineKind::Terraform,
            "tofu" => EngineKind::Tofu,
            _ => return Err(UnreadableRecord),
        };
        let was_left = |trace: &Trace| {
            text.lines()
                .any(|line| line.strip_prefix("left ") == Some(trace.name()))
        };
        Ok(Self {
            plan: InitPlan {
                engine,
                digest: value("arguments ")?.to_owned(),
            },
            left: Trace::ALL.into_iter().filter(was_left).collect(),
        })
    }
}

/// A record that somebody else wrote, or a later terrane: as if there was none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the record of the last init is not readable")]
pub struct UnreadableRecord;

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(arguments: &[&str]) -> InitPlan {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        InitPlan::new(EngineKind::Terraform, &arguments)
    }

    fn record(plan: InitPlan, left: &[Trace]) -> InitRecord {
        InitRecord {
            plan,
            left: left.iter().copied().collect(),
        }
    }

    /// Of a folder where nothing has changed and nothing is known of the last `init`.
    fn facts<'a>(there: &'a Traces, planned: &'a InitPlan) -> InitFacts<'a> {
        InitFacts {
            is_required: false,
            backend: BackendChange::None,
            there,
            last: None,
            planned,
            uses_modules: true,
        }
    }

    fn why(there: &[Trace], change: impl FnOnce(&mut InitFacts<'_>)) -> Option<InitReason> {
        let (there, planned) = (there.iter().copied().collect(), plan(&["init"]));
        let mut facts = facts(&there, &planned);
        change(&mut facts);
        reason(&TerraformCommand::named("plan"), &facts)
    }

    fn after(last: &InitRecord, there: &[Trace]) -> Option<InitReason> {
        let (there, planned) = (there.iter().copied().collect(), plan(&["init"]));
        let last = Some(last);
        let facts = InitFacts {
            last,
            ..facts(&there, &planned)
        };
        reason(&TerraformCommand::named("plan"), &facts)
    }

    #[test]
    fn without_a_record_the_traces_decide() {
        use Trace::{LockFile, Modules, Providers};
        assert_eq!(why(&Trace::ALL, |_| {}), None);
        assert_eq!(why(&[Providers, LockFile, Modules], |_| {}), None);
        let new = Some(InitReason::NotInitialised);
        assert_eq!(why(&[], |_| {}), new);
        assert_eq!(why(&[LockFile, Modules], |_| {}), new);
        assert_eq!(why(&[Providers, Modules], |_| {}), new);
        let traces = [Providers, LockFile];
        assert_eq!(why(&traces, |_| {}), Some(InitReason::ModulesMissing));
        assert_eq!(why(&traces, |facts| facts.uses_modules = false), None);
    }

    #[test]
    fn a_unit_without_providers_is_not_initialised_again() {
        let left = [Trace::Backend];
        let last = record(plan(&["init"]), &left);
        assert_eq!(after(&last, &left), None);
        assert_eq!(after(&last, &Trace::ALL), None);
        assert_eq!(after(&last, &[]), Some(InitReason::Incomplete));
    }

    #[test]
    fn other_arguments_or_another_engine_need_a_new_one() {
        let tofu = InitPlan::new(EngineKind::Tofu, &["init".to_owned()]);
        for other in [plan(&["init", "-upgrade"]), tofu] {
            let last = record(other, &Trace::ALL);
            assert_eq!(
                after(&last, &Trace::ALL),
                Some(InitReason::ArgumentsChanged)
            );
        }
    }

    #[test]
    fn what_changed_needs_a_new_one() {
        let why = |change: fn(&mut InitFacts<'_>)| why(&Trace::ALL, change);
        assert_eq!(
            why(|facts| facts.is_required = true),
            Some(InitReason::CodeChanged)
        );
        assert_eq!(
            why(|facts| facts.backend = BackendChange::IdentityOnly),
            Some(InitReason::BackendIdentityChanged)
        );
        assert_eq!(why(|facts| facts.backend = BackendChange::Place), None);
    }

    #[test]
    fn some_commands_never_need_one() {
        for words in [&["init"][..], &["version"], &["fmt"], &["plan", "-help"]] {
            let command = TerraformCommand::parse(words).unwrap();
            let (there, planned) = (Traces::new(), plan(&["init"]));
            assert_eq!(
                reason(&command, &facts(&there, &planned)),
                None,
                "{words:?}"
            );
        }
    }

    #[test]
    fn traces_lie_where_the_engine_keeps_its_data() {
        let there = ["data/plugins", ".terraform.lock.hcl", ".terraform/modules"];
        let found = traces("data".into(), |path| there.contains(&path.as_str()));
        assert_eq!(found, [Trace::Providers, Trace::LockFile].into());
    }

    #[test]
    fn a_record_survives_its_file() {
        let arguments = plan(&["init", "-backend-config=key=secret"]);
        let record = record(arguments, &[Trace::Providers, Trace::LockFile]);
        let text = record.to_string();
        assert!(!text.contains("secret"));
        assert_eq!(text.parse(), Ok(record));
        assert_eq!("whatever".parse::<InitRecord>(), Err(UnreadableRecord));
    }

    #[test]
    fn where_one_argument_ends_matters() {
        assert_ne!(plan(&["a", "b"]), plan(&["ab"]));
    }
}
