//! Words of Terragrunt that are not terrane's: old names of flags and commands, and flags that have
//! no meaning here.
//!
//! Facts only. Who meets such a word, on the command line or in a variable, looks it up here and
//! says what the entry says.

/// What becomes of a flag that terrane itself does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It has another name.
    Renamed(&'static str),
    /// It has another name, and the opposite meaning.
    Inverted(&'static str),
    /// Nothing is lost without it, and nothing needs to be said.
    Needless,
    /// It is passed over; this is why.
    Ignored(&'static str),
    /// The command cannot go on as the user means it; this is why.
    Refused(&'static str),
}

/// Whether a flag is followed by a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    Nothing,
    Value,
}

/// A flag without its dashes, and without the `terragrunt-` of old.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OldFlag {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) fate: Fate,
}

/// A command that has another name here, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OldCommand {
    /// These words mean the same.
    Renamed(&'static [&'static str]),
    /// terrane has nothing like it; this is what to do instead.
    Refused(&'static str),
}

pub(super) fn old_flag(name: &str) -> Option<&'static OldFlag> {
    OLD_FLAGS.iter().find(|flag| flag.name == name)
}

pub(super) fn old_flags() -> &'static [OldFlag] {
    OLD_FLAGS
}

pub(super) fn old_command(name: &str) -> Option<OldCommand> {
    if let Some(command) = name.strip_suffix("-all") {
        let words = RUN_ALL.iter().find(|words| words[1] == command)?;
        return Some(OldCommand::Renamed(words));
    }
    let found = OLD_COMMANDS.iter().find(|(old, _)| *old == name)?;
    Some(found.1)
}

/// Whether a flag belongs to terraform, so that `--auto-approve` can be told from a misspelling.
pub(super) fn is_flag_of_terraform(name: &str) -> bool {
    FLAGS_OF_TERRAFORM.binary_search(&name).is_ok()
}

pub(super) fn flags_of_terraform() -> impl Iterator<Item = &'static str> {
    FLAGS_OF_TERRAFORM.iter().copied()
}

/// Whether terraform has a command of that name, so that we can say how to run it.
pub(super) fn is_command_of_terraform(name: &str) -> bool {
    COMMANDS_OF_TERRAFORM.contains(&name)
}

/// `plan-all` and its kin.
const RUN_ALL: &[&[&str]] = &[
    &["run-all", "plan"],
    &["run-all", "apply"],
    &["run-all", "destroy"],
    &["run-all", "output"],
    &["run-all", "validate"],
    &["run-all", "init"],
    &["run-all", "refresh"],
    &["run-all", "show"],
];

const OLD_COMMANDS: &[(&str, OldCommand)] = &[
    ("graph-dependencies", OldCommand::Renamed(&["dag", "graph"])),
    ("hclfmt", OldCommand::Renamed(&["hcl", "fmt"])),
    ("hclvalidate", OldCommand::Renamed(&["hcl", "validate"])),
    (
        "validate-inputs",
        OldCommand::Renamed(&["hcl", "validate", "--inputs"]),
    ),
    (
        "render-json",
        OldCommand::Renamed(&["render", "--json", "--write"]),
    ),
    ("terragrunt-info", OldCommand::Renamed(&["info", "print"])),
    (
        "output-module-groups",
        OldCommand::Refused("`terrane graph --format json` has the units and their order"),
    ),
    (
        "aws-provider-patch",
        OldCommand::Refused("it worked around a fault that terraform no longer has"),
    ),
    (
        "backend",
        OldCommand::Refused("terrane never creates, moves or deletes a state bucket"),
    ),
    (
        "catalog",
        OldCommand::Refused("copy a unit's folder instead"),
    ),
    (
        "scaffold",
        OldCommand::Refused("copy a unit's folder instead"),
    ),
    (
        "browse",
        OldCommand::Refused("`terrane list` and `terrane graph` show the units"),
    ),
];

const OLD_FLAGS: &[OldFlag] = &[
    // Old names.
    renamed("tfpath", Takes::Value, "tf-path"),
    renamed("download", Takes::Value, "download-dir"),
    renamed("debug", Takes::Nothing, "inputs-debug"),
    renamed("forward-tf-stdout", Takes::Nothing, "tf-forward-stdout"),
    renamed("iam-role", Takes::Value, "role"),
    renamed(
        "iam-web-identity-token",
        Takes::Value,
        "role-web-identity-token",
    ),
    renamed("include-dir", Takes::Value, "queue-include-dir"),
    renamed("exclude-dir", Takes::Value, "queue-exclude-dir"),
    renamed("excludes-file", Takes::Value, "queue-excludes-file"),
    renamed(
        "modules-that-include",
        Takes::Value,
        "queue-include-units-reading",
    ),
    renamed(
        "include-external-dependencies",
        Takes::Nothing,
        "queue-include-external",
    ),
    renamed(
        "ignore-dependency-errors",
        Takes::Nothing,
        "queue-ignore-errors",
    ),
    renamed(
        "ignore-dependency-order",
        Takes::Nothing,
        "queue-ignore-dag-order",
    ),
    renamed(
        "fetch-dependency-output-from-state",
        Takes::Nothing,
        "dependency-fetch-output-from-state",
    ),
    renamed("hclfmt-file", Takes::Value, "file"),
    renamed("hclfmt-exclude-dir", Takes::Value, "exclude-dir"),
    renamed("hclfmt-stdin", Takes::Nothing, "stdin"),
    renamed("hclvalidate-json", Takes::Nothing, "json"),
    renamed(
        "hclvalidate-show-config-path",
        Takes::Nothing,
        "show-config-path",
    ),
    renamed("json-out", Takes::Value, "out"),
    renamed("strict-validate", Takes::Nothing, "strict"),
    inverted("auto-init", "no-auto-init"),
    inverted("auto-retry", "no-auto-retry"),
    inverted("auto-approve", "no-auto-approve"),
    // Nothing is lost without these.
    needless("queue-exclude-external", Takes::Nothing),
    needless("ignore-external-dependencies", Takes::Nothing),
    needless("queue-strict-include", Takes::Nothing),
    needless("strict-include", Takes::Nothing),
    needless("use-partial-parse-config-cache", Takes::Nothing),
    needless("include-module-prefix", Takes::Nothing),
    needless("log-show-abs-paths", Takes::Nothing),
    needless("no-tips", Takes::Nothing),
    needless("no-tip", Takes::Value),
    needless("no-cas", Takes::Nothing),
    needless("cas-clone-depth", Takes::Value),
    needless("no-engine", Takes::Nothing),
    needless("disable-command-validation", Takes::Nothing),
    needless("strict-mode", Takes::Nothing),
    needless("strict-control", Takes::Value),
    needless("backend-require-bootstrap", Takes::Nothing),
    needless("fail-on-state-bucket-creation", Takes::Nothing),
    needless("disable-bucket-update", Takes::Nothing),
    needless("no-auto-provider-cache-dir", Takes::Nothing),
    needless("with-metadata", Takes::Nothing),
    // These mean something that terrane does otherwise.
    ignored("experiment-mode", Takes::Nothing, NO_EXPERIMENTS),
    ignored("backend-bootstrap", Takes::Nothing, NO_BOOTSTRAP),
    ignored("provider-cache", Takes::Nothing, NO_PROVIDER_CACHE),
    ignored("provider-cache-dir", Takes::Value, NO_PROVIDER_CACHE),
    ignored("provider-cache-hostname", Takes::Value, NO_PROVIDER_CACHE),
    ignored("provider-cache-port", Takes::Value, NO_PROVIDER_CACHE),
    ignored("provider-cache-token", Takes::Value, NO_PROVIDER_CACHE),
    ignored(
        "provider-cache-registry-names",
        Takes::Value,
        NO_PROVIDER_CACHE,
    ),
    ignored(
        "log-custom-format",
        Takes::Value,
        "`--log-format json` is for programs",
    ),
    ignored(
        "disable-log-formatting",
        Takes::Nothing,
        "use `--log-format plain`",
    ),
    ignored("tf-logs-to-json", Takes::Nothing, "use `--log-format json`"),
    ignored("json-log", Takes::Nothing, "use `--log-format json`"),
    ignored(
        "report-schema-file",
        Takes::Value,
        "the report has Terragrunt's columns; docs/ describes them",
    ),
    ignored(
        "version-manager-file-name",
        Takes::Value,
        "a version manager on the PATH finds its own files",
    ),
    ignored(
        "discovery-boundary",
        Takes::Value,
        "`--root` bounds what is looked at",
    ),
    ignored("engine-cache-path", Takes::Value, NO_ENGINES),
    ignored("engine-skip-check", Takes::Nothing, NO_ENGINES),
    ignored("engine-log-level", Takes::Value, NO_ENGINES),
    refused("experimental-engine", Takes::Nothing, NO_ENGINES),
    refused(
        "override-attr",
        Takes::Value,
        "it belonged to aws-provider-patch, which terraform no longer needs",
    ),
];

const NO_ENGINES: &str = "terrane runs terraform and tofu themselves, not engines of Terragrunt's";
const NO_BOOTSTRAP: &str = "terrane never creates a state bucket or a lock table by itself";
const NO_PROVIDER_CACHE: &str =
    "terrane has no cache server for providers; TF_PLUGIN_CACHE_DIR keeps them in one folder";
const NO_EXPERIMENTS: &str = "name the one that is meant with `--experiment`";

const fn renamed(name: &'static str, takes: Takes, now: &'static str) -> OldFlag {
    OldFlag {
        name,
        takes,
        fate: Fate::Renamed(now),
    }
}

const fn inverted(name: &'static str, now: &'static str) -> OldFlag {
    OldFlag {
        name,
        takes: Takes::Nothing,
        fate: Fate::Inverted(now),
    }
}

const fn needless(name: &'static str, takes: Takes) -> OldFlag {
    OldFlag {
        name,
        takes,
        fate: Fate::Needless,
    }
}

const fn ignored(name: &'static str, takes: Takes, why: &'static str) -> OldFlag {
    OldFlag {
        name,
        takes,
        fate: Fate::Ignored(why),
    }
}

const fn refused(name: &'static str, takes: Takes, why: &'static str) -> OldFlag {
    OldFlag {
        name,
        takes,
        fate: Fate::Refused(why),
    }
}

/// Sorted.
const FLAGS_OF_TERRAFORM: &[&str] = &[
    "allow-missing",
    "allow-missing-config",
    "auto-approve",
    "backend",
    "backend-config",
    "backup",
    "backup-out",
    "check",
    "cloud",
    "compact-warnings",
    "concise",
    "destroy",
    "detailed-exitcode",
    "diff",
    "draw-cycles",
    "dry-run",
    "exclude",
    "exclude-file",
    "filter",
    "force",
    "force-copy",
    "from-module",
    "generate-config-out",
    "get",
    "id",
    "ignore-remote-version",
    "input",
    "json",
    "json-into",
    "junit-xml",
    "list",
    "lock",
    "lock-timeout",
    "lockfile",
    "migrate-state",
    "module",
    "module-depth",
    "no-color",
    "no-tests",
    "or-create",
    "out",
    "parallelism",
    "plan",
    "plugin-dir",
    "provider",
    "raw",
    "reconfigure",
    "recursive",
    "refresh",
    "refresh-only",
    "replace",
    "show-sensitive",
    "state",
    "state-out",
    "target",
    "target-file",
    "test-directory",
    "type",
    "upgrade",
    "var",
    "var-file",
    "verbose",
    "write",
];

const COMMANDS_OF_TERRAFORM: &[&str] = &[
    "console",
    "env",
    "fmt",
    "get",
    "login",
    "logout",
    "metadata",
    "modules",
    "providers",
    "push",
    "query",
    "stacks",
    "taint",
    "untaint",
    "workspace",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_of_terraform_can_be_searched() {
        assert!(FLAGS_OF_TERRAFORM.is_sorted());
        assert!(is_flag_of_terraform("auto-approve"));
        assert!(!is_flag_of_terraform("auto-aprove"));
    }

    #[test]
    fn old_commands_have_words_of_today() {
        assert_eq!(
            old_command("plan-all"),
            Some(OldCommand::Renamed(&["run-all", "plan"]))
        );
        assert_eq!(
            old_command("hclfmt"),
            Some(OldCommand::Renamed(&["hcl", "fmt"]))
        );
        assert_eq!(old_command("frobnicate-all"), None);
    }
}
