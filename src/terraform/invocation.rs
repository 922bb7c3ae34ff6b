//! A command and a unit's configuration, made into the words that the engine is called with.
//!
//! The words and their order are Terragrunt's: what the configuration adds comes first, then what
//! was typed, then what a run over many units needs, and operands last.

use camino::{Utf8Path, Utf8PathBuf};

use super::command::{Need, TerraformCommand};
use crate::model::prepared::{ErrorHook, ExtraArguments, Hook};

/// What terrane itself adds to a command.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Additions {
    /// One of many units: nobody can be asked.
    pub for_many: bool,
    /// Apply and destroy without asking.
    pub approve: bool,
    /// Where `plan` writes to, and what `apply` and `show` take.
    pub plan_file: Option<Utf8PathBuf>,
    /// For `init`: where the state lies.
    pub backend: Vec<String>,
    /// For `init`: the backend is taken over as it is, since only who reaches it has changed.
    pub reconfigure: bool,
}

/// What the engine is called for.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub command: &'a TerraformCommand,
    pub extra_arguments: &'a [ExtraArguments],
    pub additions: &'a Additions,
    pub unit_folder: &'a Utf8Path,
    pub working_folder: &'a Utf8Path,
}

/// The name of a saved plan in `--out-dir`.
const PLAN: &str = "tfplan.tfplan";
/// The name of the same plan in `--json-out-dir`.
const JSON_PLAN: &str = "tfplan.json";

impl Call<'_> {
    /// All words behind the engine's name. `exists` tells whether there is a file.
    pub fn arguments(&self, exists: impl Fn(&Utf8Path) -> bool) -> Vec<String> {
        let command = self.command;
        let mut words = vec![command.name().to_owned()];
        words.extend(command.subcommand().map(str::to_owned));
        if command.name() == "init" {
            words.extend_from_slice(&self.additions.backend);
        }
        words.extend(self.of_configuration(&exists));
        words.extend_from_slice(command.flags());
        words.extend(self.of_terrane());
        words.extend_from_slice(command.operands());
        if ["apply", "show"].contains(&command.name()) {
            words.extend(self.additions.plan_file.as_ref().map(ToString::to_string));
        }
        words
    }

    /// What the matching `extra_arguments` blocks add, in the order of the blocks.
    fn of_configuration(&self, exists: &impl Fn(&Utf8Path) -> bool) -> Vec<String> {
        let has_saved_plan = self.has_saved_plan(exists);
        let mut words = Vec::new();
        for block in matching(self.extra_arguments, self.command.name()) {
            if has_saved_plan {
                words.extend(without_variables(&block.arguments));
            } else {
                words.extend_from_slice(&block.arguments);
                words.extend(self.var_files(block, exists));
            }
        }
        words
    }

    /// Required ones whether they are there or not: the engine complains better. Of one that is
    /// named twice the last stays.
    fn var_files(
        &self,
        block: &ExtraArguments,
        exists: &impl Fn(&Utf8Path) -> bool,
    ) -> Vec<String> {
        let is_there = |file: &&String| exists(&self.working_folder.join(file));
        let optional = block.optional_var_files.iter().filter(is_there);
        let files: Vec<&String> = block.required_var_files.iter().chain(optional).collect();
        let last_of_its_kind =
            |(index, file): &(usize, &&String)| !files[index + 1..].contains(*file);
        let kept = files.iter().enumerate().filter(last_of_its_kind);
        kept.map(|(_, file)| format!("-var-file={file}")).collect()
    }

    /// A saved plan holds its variables; the engine refuses others beside it. Whether an operand
    /// is a plan is seen from the unit's folder, as Terragrunt does.
    fn has_saved_plan(&self, exists: &impl Fn(&Utf8Path) -> bool) -> bool {
        let is_file = |plan: &str| exists(&self.unit_folder.join(plan));
        self.command.name() == "apply" && self.additions.plan_file.is_some()
            || self.command.plan_operand().is_some_and(is_file)
    }

    fn of_terrane(&self) -> Vec<String> {
        let additions = self.additions;
        let command = self.command;
        let mut words = Vec::new();
        if additions.for_many {
            let approves = ["apply", "destroy"].contains(&command.name()) && additions.approve;
            if approves && !command.speaks_of("auto-approve") {
                words.push("-auto-approve".to_owned());
            }
            if command.needs(Need::Input) && !command.speaks_of("input") {
                words.push("-input=false".to_owned());
            }
        }
        if let Some(plan) = &additions.plan_file
            && command.name() == "plan"
            && !command.speaks_of("out")
        {
            words.push(format!("-out={plan}"));
        }
        if command.name() == "init" && additions.reconfigure {
            words.push("-reconfigure".to_owned());
        }
        words
    }
}

/// The blocks that are meant for a command.
pub fn matching<'a>(
    blocks: &'a [ExtraArguments],
    command: &str,
) -> impl Iterator<Item = &'a ExtraArguments> {
    blocks
        .iter()
        .filter(move |block| block.commands.iter().any(|known| known == command))
}

/// The hooks that run around a command, whatever comes before them. After a failure only those
/// with `run_on_error` still do.
pub fn hooks_for<'a>(hooks: &'a [Hook], command: &str) -> impl Iterator<Item = &'a Hook> {
    hooks
        .iter()
        .filter(move |hook| hook.enabled && hook.commands.iter().any(|known| known == command))
}

/// The error hooks that a failure of a command may call for, by its words.
pub fn error_hooks_for<'a>(
    hooks: &'a [ErrorHook],
    command: &str,
) -> impl Iterator<Item = &'a ErrorHook> {
    hooks
        .iter()
        .filter(move |hook| hook.commands.iter().any(|known| known == command))
}

/// Where a unit's saved plan lies. `unit` is its path as seen from where the run started.
pub fn plan_file(out_folder: &Utf8Path, unit: &Utf8Path) -> Utf8PathBuf {
    out_folder.join(unit).join(PLAN)
}

/// Where the same plan lies as JSON.
pub fn json_plan_file(json_out_folder: &Utf8Path, unit: &Utf8Path) -> Utf8PathBuf {
    json_out_folder.join(unit).join(JSON_PLAN)
}

/// Where a plan is kept that only its JSON is wanted of.
pub fn passing_plan_file(working_folder: &Utf8Path) -> Utf8PathBuf {
    working_folder.join(PLAN)
}

/// The saved plan that the words of a command name: the one that `plan` writes, or that `apply`
/// takes. `is_file` tells whether there is one.
pub fn saved_plan_of(
    words: &[&str],
    working_folder: &Utf8Path,
    is_file: impl Fn(&Utf8Path) -> bool,
) -> Option<Utf8PathBuf> {
    if words.first() == Some(&"plan") {
        let mut out = words.iter().enumerate().filter_map(|(index, word)| {
            let flag = word.trim_start_matches('-');
            if flag == "out" && flag.len() < word.len() {
                return words.get(index + 1).copied();
            }
            flag.strip_prefix("out=")
                .filter(|_| flag.len() < word.len())
        });
        return out.next_back().map(|file| working_folder.join(file));
    }
    let operands = words.iter().skip(1).filter(|word| !word.starts_with('-'));
    let mut files = operands.map(|word| working_folder.join(word));
    files.rfind(|file| is_file(file))
}

/// Without `-var`, `-var-file` and their values.
fn without_variables(arguments: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let name = word.trim_start_matches('-');
        if word.starts_with('-') && ["var", "var-file"].contains(&name) {
            words.next();
        } else if !(word.starts_with("-var") || word.starts_with("--var")) {
            kept.push(word.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests;
