//! What an exit of the engine means: what changed, or what kind of trouble it is in.
//!
//! The engines say it in words for people, wrapped at the width of a page, sometimes in colours,
//! boxes or JSON. Words that are not known are no verdict: then the exit code alone counts.

mod changes;
mod words;

use regex::Regex;

pub use changes::ChangesSeen;
pub use words::plain_lines;

/// What kind of failure it is, where the words tell. The gravest first: see [`troubles`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trouble {
    /// Something was changed, and the state does not know of it.
    StateNotSaved {
        /// Whether the state was kept in `errored.tfstate` in the working folder.
        kept: bool,
    },
    /// The engine itself broke down.
    EngineCrashed,
    /// A provider broke down.
    ProviderCrashed {
        /// Its program: `terraform-provider-aws_v5.100.0_x5`.
        provider: Option<String>,
    },
    /// The lock may have been left behind.
    LockNotReleased {
        /// The lock's id, where it was told.
        id: Option<String>,
    },
    /// Somebody holds the lock.
    LockHeld(Box<LockInfo>),
    /// Credentials ended while it ran.
    SessionExpired,
    /// The folder is not, or no longer, initialised for what is in it.
    NeedsInit(NeedsInit),
    /// The saved plan was made for another state.
    PlanOutdated,
    /// Variables without a value.
    NoValue { variables: Vec<String> },
    /// It was asked to stop.
    Interrupted,
}

/// What `init` would have to do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NeedsInit {
    /// The backend is new to this folder.
    Backend,
    /// The backend is another one than the folder was initialised for; `init` alone refuses.
    BackendChanged,
    Providers,
    Modules,
}

/// Who holds a lock, as the engine tells it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct LockInfo {
    pub id: String,
    pub path: String,
    pub operation: String,
    pub who: String,
    pub version: String,
    pub created: String,
    pub info: String,
}

/// The file that the engine leaves when it cannot save the state.
pub const ERRORED_STATE: &str = "errored.tfstate";

/// A phrase and what it means. Phrases are looked for in the words with all white space as one
/// blank, since they may be broken over lines anywhere.
type Sign = (&'static str, fn() -> Trouble);

const SIGNS: [Sign; 24] = [
    ("Failed to save state", || Trouble::StateNotSaved {
        kept: false,
    }),
    ("Failed to persist state", || Trouble::StateNotSaved {
        kept: false,
    }),
    ("Error saving state:", || Trouble::StateNotSaved {
        kept: false,
    }),
    ("TERRAFORM CRASH", || Trouble::EngineCrashed),
    ("OPENTOFU CRASH", || Trouble::EngineCrashed),
    ("Terraform crashed!", || Trouble::EngineCrashed),
    ("OpenTofu crashed!", || Trouble::EngineCrashed),
    ("Error releasing the state lock", || {
        Trouble::LockNotReleased { id: None }
    }),
    ("ExpiredToken", || Trouble::SessionExpired),
    ("RequestExpired", || Trouble::SessionExpired),
    ("token included in the request is expired", || {
        Trouble::SessionExpired
    }),
    ("provided token has expired", || Trouble::SessionExpired),
    ("Token has expired and refresh failed", || {
        Trouble::SessionExpired
    }),
    ("Initial configuration of the requested backend", || {
        Trouble::NeedsInit(NeedsInit::Backend)
    }),
    ("Backend configuration changed", || {
        Trouble::NeedsInit(NeedsInit::BackendChanged)
    }),
    ("Backend configuration block has changed", || {
        Trouble::NeedsInit(NeedsInit::BackendChanged)
    }),
    ("Backend type changed", || {
        Trouble::NeedsInit(NeedsInit::BackendChanged)
    }),
    ("Inconsistent dependency lock file", || {
        Trouble::NeedsInit(NeedsInit::Providers)
    }),
    ("Required plugins are not installed", || {
        Trouble::NeedsInit(NeedsInit::Providers)
    }),
    ("Error: Module not installed", || {
        Trouble::NeedsInit(NeedsInit::Modules)
    }),
    ("Error: Module source has changed", || {
        Trouble::NeedsInit(NeedsInit::Modules)
    }),
    ("Error: Module version requirements have changed", || {
        Trouble::NeedsInit(NeedsInit::Modules)
    }),
    ("Saved plan is stale", || Trouble::PlanOutdated),
    ("Interrupt received.", || Trouble::Interrupted),
];

/// Every kind of trouble that the words of a failed command tell of, the gravest first; each once.
pub fn troubles(stdout: &str, stderr: &str) -> Vec<Trouble> {
    let lines: Vec<String> = plain_lines(stdout).chain(plain_lines(stderr)).collect();
    let joined = lines.join(" ");
    let text = joined.split_whitespace().collect::<Vec<_>>().join(" ");

    let mut found: Vec<Trouble> = SIGNS
        .iter()
        .filter(|(phrase, _)| text.contains(phrase))
        .map(|(_, trouble)| trouble())
        .collect();
    for trouble in &mut found {
        if let Trouble::StateNotSaved { kept } = trouble {
            *kept = text.contains(ERRORED_STATE);
        } else if let Trouble::LockNotReleased { id } = trouble {
            *id = lock_id(&text);
        }
    }
    found.extend(crashed_provider(&text));
    found.extend(lock_held(&lines, &text));
    found.extend(missing_values(&text));
    found.sort();
    found.dedup();
    found
}

fn crashed_provider(text: &str) -> Option<Trouble> {
    let name = our_pattern(r"(?:from the|The) (\S*-provider-\S+) plugin(?: crashed!|:)");
    let provider = name.captures(text).map(|found| found[1].to_owned());
    let crashed = provider.is_some() || text.contains("Error: Plugin did not respond");
    crashed.then_some(Trouble::ProviderCrashed { provider })
}

/// The id in the words about a lock that was not released: behind `lock ID` or `ID:`.
fn lock_id(text: &str) -> Option<String> {
    let (_, words) = text.split_once("Error releasing the state lock")?;
    let id = our_pattern(r#"ID:? "?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"#);
    Some(id.captures(words)?[1].to_owned())
}

fn lock_held(lines: &[String], text: &str) -> Option<Trouble> {
    if !text.contains("Error acquiring the state lock") {
        return None;
    }
    let mut info = LockInfo::default();
    let begin = lines.iter().position(|line| line.trim() == "Lock Info:");
    for line in lines.iter().skip(begin.unwrap_or(lines.len())).take(8) {
        let Some((name, value)) = line.trim().split_once(':') else {
            continue;
        };
        let value = value.trim().to_owned();
        match name {
            "ID" => info.id = value,
            "Path" => info.path = value,
            "Operation" => info.operation = value,
            "Who" => info.who = value,
            "Version" => info.version = value,
            "Created" => info.created = value,
            "Info" => info.info = value,
            _ => {}
        }
    }
    Some(Trouble::LockHeld(Box::new(info)))
}

fn missing_values(text: &str) -> Option<Trouble> {
    let name = our_pattern(r#"input variable "([^"]+)" is not set, and has no default"#);
    let names = name.captures_iter(text).map(|found| found[1].to_owned());
    let mut variables: Vec<String> = names.collect();
    variables.sort();
    variables.dedup();
    (!variables.is_empty()).then_some(Trouble::NoValue { variables })
}

fn our_pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("our own pattern is well-formed")
}

#[cfg(test)]
mod tests;
