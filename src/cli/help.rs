//! The help: clap's description of the commands, with what clap does not say by itself.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::args::Args;
use super::environment::variables_of;

/// The commands as people look for them.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Run terraform",
        &["run-all", "run", "plan", "apply", "destroy", "exec"],
    ),
    (
        "Look at units",
        &[
            "graph", "list", "find", "outputs", "render", "explain", "eval", "info",
        ],
    ),
    (
        "Look after identities",
        &["identity", "doctor", "trust", "policy"],
    ),
    ("Look after files", &["hcl", "stack"]),
    (
        "Run terraform in one unit",
        &[
            "init",
            "validate",
            "output",
            "show",
            "state",
            "refresh",
            "import",
            "test",
            "force-unlock",
        ],
    ),
];

/// The description of all commands: all that it takes to understand a command line.
pub(super) fn commands() -> Command {
    let mut commands = Args::command();
    let template = template(&commands);
    commands = commands.help_template(template).max_term_width(100);
    commands.build();
    commands
}

/// The same as people read it. Whoever asks for no help need not wait for it.
pub(super) fn commands_to_read() -> Command {
    with_variables(commands())
}

/// The top of the help, with the commands in groups.
fn template(commands: &Command) -> String {
    let mut text =
        String::from("{about-with-newline}\n{usage-heading} terrane [OPTIONS] <COMMAND> [ARGS]\n");
    for (title, names) in GROUPS {
        write!(text, "\n{title}:\n").expect("a string takes everything");
        for name in names {
            let command = commands
                .find_subcommand(name)
                .expect("every command exists");
            let about = command.get_about().map(ToString::to_string);
            let about = about.unwrap_or_default();
            writeln!(text, "  {name:<13} {about}").expect("a string takes everything");
        }
    }
    text.push_str(
        "\nOptions:\n{options}\n
Every flag is also a variable: --parallelism is TERRANE_PARALLELISM, else TG_PARALLELISM.
`terrane COMMAND --help` has the flags of a command, with examples; -h is shorter.
",
    );
    text
}

/// Names the variables at each flag of the long help.
fn with_variables(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let variables = variables_of(&arg);
        let [terrane, terragrunt, ..] = &variables[..] else {
            return arg;
        };
        let short = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let long = arg.get_long_help().map_or(short, ToString::to_string);
        let names = match variables.iter().find(|name| name.starts_with("TG_")) {
            Some(of_terragrunt) => format!("{terrane}, {of_terragrunt}"),
            None => format!("{terrane}, {terragrunt}"),
        };
        arg.long_help(format!("{long} [env: {names}]"))
    });
    command.mut_subcommands(with_variables)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::words::names_of;

    #[test]
    fn every_command_stands_in_one_group() {
        let grouped: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        for command in commands()
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
        {
            let count = grouped
                .iter()
                .filter(|name| **name == command.get_name())
                .count();
            assert_eq!(count, 1, "{}", command.get_name());
        }
    }

    #[test]
    fn the_manual_names_every_command() {
        fn visit(command: &Command, path: &str, manual: &str) {
            for next in command.get_subcommands() {
                let path = format!("{path}{}", next.get_name());
                if next.has_subcommands() {
                    visit(next, &format!("{path} "), manual);
                } else {
                    assert!(
                        manual.contains(&format!("`{path}")),
                        "docs/commands.md: {path}"
                    );
                }
            }
        }
        visit(&commands(), "", include_str!("../../docs/commands.md"));
    }

    #[test]
    fn documents_name_no_flag_that_there_is_not() {
        fn flags(command: &Command, found: &mut BTreeSet<String>) {
            let arguments = command.get_arguments();
            found.extend(arguments.flat_map(names_of).map(ToOwned::to_owned));
            command
                .get_subcommands()
                .for_each(|command| flags(command, found));
        }
        let mut known = BTreeSet::new();
        flags(&commands(), &mut known);
        // A word for any flag, and one of old times.
        known.extend(["some-flag", "terragrunt-iam-role"].map(ToOwned::to_owned));
        let documents = [
            include_str!("../../README.md"),
            include_str!("../../SECURITY.md"),
            include_str!("../../docs/commands.md"),
            include_str!("../../docs/credentials.md"),
            include_str!("../../docs/differences.md"),
            include_str!("../../docs/identity.md"),
            include_str!("../../docs/terrane-file.md"),
            include_str!("../../docs/trust-and-policy.md"),
        ];
        for document in documents {
            for rest in document.split("`--").skip(1) {
                let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
                let flag = rest.split(is_end).next().unwrap_or_default();
                assert!(flag.is_empty() || known.contains(flag), "--{flag}");
            }
        }
    }

    #[test]
    fn clap_finds_no_fault_with_the_arguments() {
        commands_to_read().debug_assert();
    }
}
