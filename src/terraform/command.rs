//! A command of the engine as somebody typed it, and what kind of command it is.
//!
//! Flags stand before operands, because the engine stops looking for flags at the first operand;
//! whatever its order on the command line, `output id -json` means `output -json id`.

use thiserror::Error;

use crate::model::engine_facts::{
    COMMANDS_THAT_NEED_INPUT, COMMANDS_THAT_NEED_LOCKING, COMMANDS_THAT_NEED_PARALLELISM,
    COMMANDS_THAT_NEED_VARS,
};

/// `plan -lock=false`, `state mv A B`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerraformCommand {
    name: String,
    /// `mv` of `state mv`.
    subcommand: Option<String>,
    /// In order; a value that is a word of its own follows its flag.
    flags: Vec<String>,
    operands: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("no command for terraform is given")]
pub struct NoCommand;

/// What a command may do to the world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing is lost when it is stopped half-way.
    Reads,
    Changes,
    /// Changes by taking away: units go in reverse order.
    Destroys,
}

/// What a command reads or holds while it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    Vars,
    Input,
    Locking,
    Parallelism,
}

/// Commands that are groups of commands.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "state",
        &[
            "list",
            "mv",
            "pull",
            "push",
            "replace-provider",
            "rm",
            "show",
            "identities",
        ],
    ),
    ("workspace", &["list", "show", "select", "new", "delete"]),
    ("env", &["list", "show", "select", "new", "delete"]),
    ("providers", &["lock", "mirror", "schema"]),
    ("metadata", &["functions"]),
];

/// Flags that take a value, which may be a word of its own: `-var x=1`.
const FLAGS_WITH_VALUES: [&str; 36] = [
    "backend-config",
    "backup",
    "backup-out",
    "chdir",
    "cloud-run",
    "config",
    "deprecation",
    "exclude",
    "exclude-file",
    "filter",
    "from-module",
    "fs-mirror",
    "generate-config-out",
    "id",
    "junit-xml",
    "lock-timeout",
    "lockfile",
    "max-parallelism",
    "module",
    "module-depth",
    "net-mirror",
    "out",
    "parallelism",
    "plan",
    "platform",
    "plugin-dir",
    "provider",
    "replace",
    "state",
    "state-out",
    "target",
    "target-file",
    "test-directory",
    "type",
    "var",
    "var-file",
];

/// Commands that make no sense for many units at once.
const REFUSED_FOR_MANY: [&str; 5] = ["console", "force-unlock", "import", "taint", "untaint"];

/// Flags that are commands of their own where nothing else is typed.
const FLAGS_THAT_ARE_COMMANDS: [&str; 4] = ["-version", "-v", "-help", "-h"];

impl TerraformCommand {
    /// Reads the words that are meant for the engine.
    pub fn parse<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Result<Self, NoCommand> {
        let mut command = Self::named("");
        let mut value_follows = false;
        for word in words {
            let word = word.as_ref();
            if value_follows {
                value_follows = false;
                command.flags.push(word.to_owned());
            } else if word.len() > 1 && word.starts_with('-') {
                let flag = with_one_dash(word);
                value_follows = FLAGS_WITH_VALUES.contains(&&flag[1..]);
                command.flags.push(flag.to_owned());
            } else if command.name.is_empty() {
                word.clone_into(&mut command.name);
            } else {
                command.push_operand(word);
            }
        }
        if command.name.is_empty() {
            command.name = command.flag_that_is_a_command()?;
        }
        Ok(command)
    }

    /// `init` and whatever else terrane itself wants to run.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            subcommand: None,
            flags: Vec::new(),
            operands: Vec::new(),
        }
    }

    /// `show -json FILE`: a saved plan as JSON.
    pub fn show_plan(plan: &str) -> Self {
        Self {
            flags: vec!["-json".to_owned()],
            operands: vec![plan.to_owned()],
            ..Self::named("show")
        }
    }

    #[must_use]
    pub fn with_flag(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// What one runs in many units. `apply -destroy` is `destroy` there, in its order and in its
    /// name, which hooks and extra arguments go by.
    #[must_use]
    pub fn for_many(mut self) -> Self {
        if self.name == "apply" && self.has_flag("destroy") {
            "destroy".clone_into(&mut self.name);
            self.flags.retain(|flag| name_of(flag) != Some("destroy"));
        }
        self
    }

    /// The first word: `plan`, `state`.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn subcommand(&self) -> Option<&str> {
        self.subcommand.as_deref()
    }

    pub fn flags(&self) -> &[String] {
        &self.flags
    }

    pub fn operands(&self) -> &[String] {
        &self.operands
    }

    /// All words, flags before operands: what `get_terraform_cli_args()` gives.
    pub fn words(&self) -> Vec<String> {
        let command = std::iter::once(&self.name).chain(&self.subcommand);
        command
            .chain(&self.flags)
            .chain(&self.operands)
            .cloned()
            .collect()
    }

    /// The words behind the command's name, as a report shows them.
    pub fn arguments(&self) -> Vec<String> {
        self.words().split_off(1)
    }

    /// Whether a flag is set, with or without a value; `-x=false` is not.
    pub fn has_flag(&self, name: &str) -> bool {
        self.flags
            .iter()
            .any(|flag| name_of(flag) == Some(name) && !flag.ends_with("=false"))
    }

    /// Whether a flag is given, whatever its value.
    pub fn speaks_of(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| name_of(flag) == Some(name))
    }

    pub fn needs(&self, need: Need) -> bool {
        let commands: &[&str] = match need {
            Need::Vars => &COMMANDS_THAT_NEED_VARS,
            Need::Input => &COMMANDS_THAT_NEED_INPUT,
            Need::Locking => &COMMANDS_THAT_NEED_LOCKING,
            Need::Parallelism => &COMMANDS_THAT_NEED_PARALLELISM,
        };
        commands.contains(&self.name.as_str())
    }

    /// Whether it takes away or plans to: its units go in reverse order, and `prevent_destroy`
    /// stands in its way.
    pub fn destroys(&self) -> bool {
        match self.name.as_str() {
            "destroy" => true,
            "apply" | "plan" => self.has_flag("destroy"),
            _ => false,
        }
    }

    pub fn effect(&self) -> Effect {
        let reads = match (self.name.as_str(), self.subcommand()) {
            ("state", Some(name)) => ["identities", "list", "pull", "show"].contains(&name),
            ("workspace" | "env", Some(name)) => ["list", "show"].contains(&name),
            ("providers", Some(name)) => name == "schema",
            (name, _) => [
                "console",
                "graph",
                "metadata",
                "output",
                "plan",
                "providers",
                "show",
                "validate",
                "version",
            ]
            .contains(&name),
        };
        if reads || self.only_informs() {
            Effect::Reads
        } else if self.destroys() {
            Effect::Destroys
        } else {
            Effect::Changes
        }
    }

    /// Whether the values that it is given may end in a state or in the cloud. What only prepares
    /// the working folder looks at none of them.
    pub fn may_keep_values(&self) -> bool {
        let prepares = match (self.name.as_str(), self.subcommand()) {
            ("providers", Some(name)) => ["lock", "mirror"].contains(&name),
            (name, _) => ["init", "get"].contains(&name),
        };
        self.effect() != Effect::Reads && !prepares
    }

    /// Whether it answers from the program alone: no folder needs to be initialised for it.
    pub fn only_informs(&self) -> bool {
        FLAGS_THAT_ARE_COMMANDS.contains(&self.name.as_str())
            || ["fmt", "login", "logout", "metadata", "version"].contains(&self.name.as_str())
            || self.has_flag("help")
            || self.has_flag("h")
    }

    /// Whether its stdout is data that somebody reads by a program, to be passed on byte by byte.
    pub fn gives_data(&self) -> bool {
        self.only_informs()
            || self.has_flag("json")
            || [
                "console",
                "graph",
                "output",
                "providers",
                "show",
                "state",
                "workspace",
            ]
            .contains(&self.name.as_str())
    }

    /// Whether it cannot be run in many units at once.
    pub fn is_refused_for_many(&self) -> bool {
        REFUSED_FOR_MANY.contains(&self.name.as_str())
    }

    /// The last operand where it may be the file of a saved plan.
    pub fn plan_operand(&self) -> Option<&str> {
        let takes_plan = ["apply", "destroy"].contains(&self.name.as_str());
        let last = self.operands.last()?;
        takes_plan.then_some(last.as_str())
    }

    fn push_operand(&mut self, word: &str) {
        let is_first = self.subcommand.is_none() && self.operands.is_empty();
        let is_subcommand = GROUPS
            .iter()
            .any(|(group, members)| *group == self.name && members.contains(&word));
        if is_first && is_subcommand {
            self.subcommand = Some(word.to_owned());
        } else {
            self.operands.push(word.to_owned());
        }
    }

    fn flag_that_is_a_command(&mut self) -> Result<String, NoCommand> {
        let is_command = |flag: &String| FLAGS_THAT_ARE_COMMANDS.contains(&flag.as_str());
        let at = self.flags.iter().position(is_command).ok_or(NoCommand)?;
        Ok(self.flags.remove(at))
    }
}

/// `-x` of `--x`.
fn with_one_dash(flag: &str) -> &str {
    match flag.strip_prefix("--") {
        Some(name) if !name.is_empty() => &flag[1..],
        _ => flag,
    }
}

/// `out` of `-out=x`; nothing of a word that is a flag's value.
fn name_of(flag: &str) -> Option<&str> {
    let name = flag.strip_prefix('-')?;
    Some(name.split_once('=').map_or(name, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> TerraformCommand {
        TerraformCommand::parse(line.split(' ')).unwrap()
    }

    fn words(line: &str) -> String {
        typed(line).words().join(" ")
    }

    #[test]
    fn flags_move_before_operands() {
        assert_eq!(words("output id -json"), "output -json id");
        assert_eq!(words("-lock=false plan"), "plan -lock=false");
        assert_eq!(
            words("import aws_x.y -var a=b i-1"),
            "import -var a=b aws_x.y i-1"
        );
    }

    #[test]
    fn a_subcommand_stays_with_its_command() {
        assert_eq!(
            words("state mv -lock=false a b"),
            "state mv -lock=false a b"
        );
        assert_eq!(
            words("state -lock=false mv a b"),
            "state mv -lock=false a b"
        );
        assert_eq!(words("workspace select list"), "workspace select list");
        assert_eq!(typed("state mv a b").subcommand(), Some("mv"));
        assert_eq!(typed("output list").subcommand(), None);
    }

    #[test]
    fn two_dashes_are_one() {
        assert_eq!(
            words("plan --destroy --var-file x.tfvars"),
            "plan -destroy -var-file x.tfvars"
        );
        assert_eq!(words("show -"), "show -");
    }

    #[test]
    fn a_value_may_look_like_a_flag_or_an_operand() {
        let command = typed("plan -var -x=1 -target module.a -out tfplan");
        assert_eq!(command.operands(), [""; 0]);
        assert_eq!(
            command.words().join(" "),
            "plan -var -x=1 -target module.a -out tfplan"
        );
    }

    #[test]
    fn some_flags_are_commands() {
        assert_eq!(words("--version"), "-version");
        assert_eq!(TerraformCommand::parse(["-no-color"]), Err(NoCommand));
        assert_eq!(TerraformCommand::parse([""; 0]), Err(NoCommand));
    }

    #[test]
    fn for_many_units_apply_destroy_is_destroy() {
        let command = typed("apply -destroy -no-color").for_many();
        assert_eq!(command.words(), ["destroy", "-no-color"]);
        let command = typed("plan -destroy").for_many();
        assert_eq!(command.words(), ["plan", "-destroy"]);
        let command = typed("apply -destroy=false").for_many();
        assert_eq!(command.name(), "apply");
    }

    #[test]
    fn what_a_command_may_do() {
        let effects: Vec<String> = [
            "plan",
            "plan -destroy",
            "apply",
            "apply -destroy",
            "destroy",
            "state list",
            "state rm x",
            "state",
            "frobnicate",
            "apply -help",
            "providers lock",
        ]
        .iter()
        .map(|line| format!("{line}: {:?}", typed(line).effect()))
        .collect();
        insta::assert_snapshot!(effects.join("\n"), @r"
        plan: Reads
        plan -destroy: Reads
        apply: Changes
        apply -destroy: Destroys
        destroy: Destroys
        state list: Reads
        state rm x: Changes
        state: Changes
        frobnicate: Changes
        apply -help: Reads
        providers lock: Changes
        ");
        assert!(typed("plan -destroy").destroys());
        assert!(!typed("plan -destroy=false").destroys());
    }

    #[test]
    fn what_may_keep_its_values_is_all_but_looking_and_preparing() {
        for line in ["apply", "destroy", "refresh", "import a b", "test", "exec"] {
            assert!(typed(line).may_keep_values(), "{line}");
        }
        for line in [
            "plan",
            "validate",
            "console",
            "init",
            "get",
            "providers lock",
        ] {
            assert!(!typed(line).may_keep_values(), "{line}");
        }
    }

    #[test]
    fn data_is_passed_on_as_it_is() {
        for line in [
            "output",
            "show",
            "state pull",
            "plan -json",
            "version",
            "graph",
        ] {
            assert!(typed(line).gives_data(), "{line}");
        }
        for line in ["plan", "apply", "validate", "init"] {
            assert!(!typed(line).gives_data(), "{line}");
        }
    }

    #[test]
    fn some_commands_are_for_one_unit_only() {
        for line in ["import a b", "console", "taint x", "force-unlock 1"] {
            assert!(typed(line).is_refused_for_many(), "{line}");
        }
        assert!(!typed("plan").is_refused_for_many());
    }

    #[test]
    fn only_the_commands_that_take_a_plan_have_one() {
        assert_eq!(typed("apply -lock=false p").plan_operand(), Some("p"));
        assert_eq!(typed("destroy p").plan_operand(), Some("p"));
        assert_eq!(typed("show p").plan_operand(), None);
        assert_eq!(typed("apply").plan_operand(), None);
    }

    #[test]
    fn needs_are_those_that_the_configuration_can_ask_for() {
        assert!(typed("plan").needs(Need::Vars));
        assert!(typed("init").needs(Need::Input));
        assert!(!typed("destroy").needs(Need::Input));
        assert!(typed("taint x").needs(Need::Locking));
        assert!(!typed("refresh").needs(Need::Parallelism));
    }
}
