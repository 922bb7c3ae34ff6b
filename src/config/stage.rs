//! When an expression is evaluated, and hence what it may speak of.

use terrane_hcl::{Diagnostic, Reference};

use super::config_file::ConfigFile;

/// The stages of a file, each of which sees what the ones before it made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Stage {
    /// `terragrunt.values.hcl` and variable files, which speak of nothing.
    Plain,
    /// What an `include` block says, and a feature's default.
    Include,
    Locals,
    /// What edges, roles and conditions are made of: no outputs can be known yet.
    Links,
    /// Everything else.
    Full,
}

impl Stage {
    /// The names that may be used.
    pub(crate) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Include => &["values"],
            Self::Locals | Self::Links => &["local", "include", "feature", "values"],
            Self::Full => &["local", "include", "feature", "values", "dependency"],
        }
    }

    /// Why a name that exists must not be used yet.
    pub(crate) fn refusal(
        self,
        reference: &Reference<'_>,
        file: &ConfigFile,
    ) -> Option<Diagnostic> {
        let name = reference.name;
        if self.names().contains(&name) || !Self::Full.names().contains(&name) {
            return None;
        }
        let (detail, help) = match self {
            Self::Plain => (
                "A file of plain values may call functions and refer to nothing.",
                "write the value itself",
            ),
            Self::Include => (
                "Includes and features are read before locals and everything else, so they may \
                 refer to values only.",
                "use a function such as find_in_parent_folders(\"root.hcl\")",
            ),
            Self::Locals => (
                "Locals are evaluated before the outputs of dependencies are known.",
                "use the output where it is needed, in inputs for example",
            ),
            Self::Links => (
                "What decides the order of units must be known before any of them has run.",
                "an output may be used in inputs, generate, remote_state and hooks",
            ),
            Self::Full => return None,
        };
        Some(
            Diagnostic::error(format!("\"{name}\" is not known yet"))
                .detail(detail)
                .at(&file.source, reference.name_span)
                .help(help),
        )
    }
}
