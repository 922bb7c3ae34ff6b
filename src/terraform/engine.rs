//! Which program does the work, which version it is, and what that version can do.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use crate::model::{Version, VersionConstraint, VersionError};

/// The program that does the work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Engine {
    pub kind: EngineKind,
    pub version: Version,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EngineKind {
    Terraform,
    Tofu,
}

/// What to ask a program to learn its version.
pub const VERSION_ARGUMENTS: [&str; 1] = ["-version"];

/// How long it may take to answer.
pub const VERSION_TIME_LIMIT: Duration = Duration::from_secs(10);

/// The version of Terragrunt whose files terrane reads: what `terragrunt_version_constraint` is
/// held against.
pub const TERRAGRUNT_VERSION: &str = "1.1.4";

/// What a file demands of the engine where it says nothing.
pub const DEFAULT_ENGINE_CONSTRAINT: &str = ">= 0.12.0";

/// Who may say which program to use, and where to look for it.
#[derive(Clone, Copy, Debug)]
pub struct EngineWishes<'a> {
    /// By flag or variable: wins over everything.
    pub option: Option<&'a str>,
    /// `terraform_binary` of the unit.
    pub configured: Option<&'a str>,
    /// The folders of `PATH`, in order.
    pub search_path: &'a [Utf8PathBuf],
    /// Where relative paths start.
    pub start_folder: &'a Utf8Path,
}

/// A program that is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundEngine {
    /// As it was wished for: hooks are told this name.
    pub name: String,
    pub executable: Utf8PathBuf,
}

/// No program is where it should be.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{} was not found", .wanted.join(" or "))]
pub struct EngineNotFound {
    pub wanted: Vec<String>,
    /// Every path that was tried, in order.
    pub tried: Vec<Utf8PathBuf>,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("it does not tell its version")]
pub struct UnknownVersion {
    /// The first line of what it said instead.
    pub answer: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ConstraintError {
    #[error(transparent)]
    Malformed(#[from] VersionError),
    #[error("version {version} does not meet {constraint}")]
    NotMet {
        constraint: String,
        version: Version,
    },
}

impl EngineWishes<'_> {
    /// The program to use. Without any wish that is tofu where it is there, else terraform.
    pub fn find(
        &self,
        is_executable: impl Fn(&Utf8Path) -> bool,
    ) -> Result<FoundEngine, EngineNotFound> {
        let wanted: Vec<&str> = match self.option.or(self.configured) {
            Some(wish) => vec![wish],
            None => vec![EngineKind::Tofu.name(), EngineKind::Terraform.name()],
        };
        let mut tried = Vec::new();
        for name in &wanted {
            for candidate in self.candidates(name) {
                if is_executable(&candidate) {
                    return Ok(FoundEngine {
                        name: (*name).to_owned(),
                        executable: candidate,
                    });
                }
                tried.push(candidate);
            }
        }
        Err(EngineNotFound {
            wanted: wanted.into_iter().map(str::to_owned).collect(),
            tried,
        })
    }

    /// A name with a `/` is a path; another one is looked for.
    fn candidates(&self, name: &str) -> Vec<Utf8PathBuf> {
        if name.contains('/') {
            return vec![self.start_folder.join(name)];
        }
        let folders = self.search_path.iter();
        folders.map(|folder| folder.join(name)).collect()
    }
}

impl EngineKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::Tofu => "tofu",
        }
    }
}

impl Engine {
    /// Reads what `-version` or `version -json` printed. `executable` tells the kind where the
    /// answer does not.
    pub fn parse(answer: &str, executable: &Utf8Path) -> Result<Self, UnknownVersion> {
        let by_name = match executable.file_stem() {
            Some(name) if name.contains("tofu") => EngineKind::Tofu,
            _ => EngineKind::Terraform,
        };
        let from_json = || {
            let json: serde_json::Value = serde_json::from_str(answer).ok()?;
            let version = json.get("terraform_version")?.as_str()?;
            Some((by_name, version.parse().ok()?))
        };
        let from_lines = || {
            answer
                .lines()
                .find_map(|line| version_of_line(line, by_name))
        };
        let (kind, version) = from_lines()
            .or_else(from_json)
            .ok_or_else(|| UnknownVersion {
                answer: answer.lines().next().unwrap_or_default().to_owned(),
            })?;
        Ok(Self { kind, version })
    }

    /// Whether its S3 backend refuses `role_arn` and its kin outside of `assume_role`.
    pub fn refuses_flat_roles(&self) -> bool {
        self.kind == EngineKind::Terraform && self.version.is_at_least(1, 10)
    }

    /// Whether several of it may fill one plugin cache at the same time.
    pub fn locks_its_plugin_cache(&self) -> bool {
        self.kind == EngineKind::Tofu && self.version.is_at_least(1, 10)
    }
}

/// Whether a version meets a constraint as it is written in a file.
pub fn check_constraint(constraint: &str, version: &Version) -> Result<(), ConstraintError> {
    let parsed: VersionConstraint = constraint.parse()?;
    if parsed.allows(version) {
        return Ok(());
    }
    Err(ConstraintError::NotMet {
        constraint: constraint.to_owned(),
        version: version.clone(),
    })
}

/// Whether terrane reads files for the Terragrunt that a file demands.
pub fn check_terragrunt_constraint(constraint: &str) -> Result<(), ConstraintError> {
    let version = TERRAGRUNT_VERSION
        .parse()
        .expect("our own constant is a version");
    check_constraint(constraint, &version)
}

/// `Terraform v1.11.4`, `OpenTofu v1.10.6`; a wrapper's own name goes for what it is called.
fn version_of_line(line: &str, by_name: EngineKind) -> Option<(EngineKind, Version)> {
    let (product, version) = line.trim().split_once(" v")?;
    let version = version.split_whitespace().next()?.parse().ok()?;
    let kind = match product {
        "Terraform" => EngineKind::Terraform,
        "OpenTofu" => EngineKind::Tofu,
        _ => by_name,
    };
    Some((kind, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(
        option: Option<&str>,
        configured: Option<&str>,
        there: &[&str],
    ) -> Result<FoundEngine, EngineNotFound> {
        let wishes = EngineWishes {
            option,
            configured,
            search_path: &["/opt/bin".into(), "/usr/bin".into()],
            start_folder: "/live".into(),
        };
        wishes.find(|path| there.contains(&path.as_str()))
    }

    fn found(option: Option<&str>, configured: Option<&str>, there: &[&str]) -> String {
        find(option, configured, there).unwrap().executable.into()
    }

    #[test]
    fn tofu_wins_where_nothing_is_wished() {
        let both = ["/opt/bin/terraform", "/usr/bin/tofu"];
        assert_eq!(found(None, None, &both), "/usr/bin/tofu");
        assert_eq!(found(None, None, &both[..1]), "/opt/bin/terraform");
    }

    #[test]
    fn an_option_wins_over_the_file() {
        let there = ["/usr/bin/tofu", "/usr/bin/terraform", "/live/bin/tf"];
        assert_eq!(
            found(Some("./bin/tf"), Some("tofu"), &["/live/./bin/tf"]),
            "/live/./bin/tf"
        );
        assert_eq!(found(None, Some("terraform"), &there), "/usr/bin/terraform");
    }

    #[test]
    fn what_was_tried_is_told() {
        let missing = find(None, None, &[]).unwrap_err();
        assert_eq!(missing.to_string(), "tofu or terraform was not found");
        assert_eq!(
            missing.tried,
            [
                "/opt/bin/tofu",
                "/usr/bin/tofu",
                "/opt/bin/terraform",
                "/usr/bin/terraform"
            ]
        );
        let missing = find(Some("tofu"), None, &["/usr/bin/terraform"]).unwrap_err();
        assert_eq!(missing.to_string(), "tofu was not found");
    }

    #[test]
    fn both_engines_tell_their_version() {
        let read = |answer| {
            let engine = Engine::parse(answer, "/usr/bin/tf".into()).unwrap();
            format!("{} {}", engine.kind.name(), engine.version)
        };
        assert_eq!(
            read("Terraform v1.11.4\non linux_amd64\n"),
            "terraform 1.11.4"
        );
        assert_eq!(
            read("OpenTofu v1.10.0-rc1\non darwin_arm64"),
            "tofu 1.10.0-rc1"
        );
        assert_eq!(
            read("\nThere are some problems with the CLI configuration:\n\nTerraform v1.5.7\n"),
            "terraform 1.5.7"
        );
        assert_eq!(
            read("{\"terraform_version\": \"1.9.8\"}"),
            "terraform 1.9.8"
        );
    }

    #[test]
    fn a_program_that_says_something_else_is_no_engine() {
        let unknown = Engine::parse("hello\nworld", "/usr/bin/tofu".into()).unwrap_err();
        assert_eq!(unknown.answer, "hello");
        assert!(Engine::parse("", "/usr/bin/tofu".into()).is_err());
    }

    #[test]
    fn abilities_follow_kind_and_version() {
        let engine = |answer| Engine::parse(answer, "".into()).unwrap();
        assert!(engine("Terraform v1.10.0").refuses_flat_roles());
        assert!(!engine("Terraform v1.9.8").refuses_flat_roles());
        assert!(!engine("OpenTofu v1.10.6").refuses_flat_roles());
        assert!(engine("OpenTofu v1.10.6").locks_its_plugin_cache());
        assert!(!engine("Terraform v1.11.4").locks_its_plugin_cache());
    }

    #[test]
    fn constraints_are_held_against_the_version() {
        let version = "1.11.4".parse().unwrap();
        assert_eq!(check_constraint(">= 1.5, < 2.0", &version), Ok(()));
        assert_eq!(
            check_constraint("< 1.0", &version).unwrap_err().to_string(),
            "version 1.11.4 does not meet < 1.0"
        );
        assert_eq!(
            check_constraint("new", &version).unwrap_err().to_string(),
            "\"new\" is not a version constraint"
        );
        assert!(check_terragrunt_constraint(">= 0.60").is_ok());
        assert!(check_terragrunt_constraint(">= 99.0").is_err());
        assert!(check_constraint(DEFAULT_ENGINE_CONSTRAINT, &version).is_ok());
    }
}
