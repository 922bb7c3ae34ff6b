//! Who chose an option: the command line, or which variable.

use std::fmt;

use crate::cli::words::Words;

/// An option that somebody chose, and who.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// The flag's name today: `working-dir`.
    pub flag: String,
    pub by: ChosenBy,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChosenBy {
    /// As it was typed: `-C`.
    Flag(String),
    /// The variable's name.
    Variable(String),
}

impl Chosen {
    pub(super) fn all(words: &Words) -> Vec<Self> {
        let chosen = words.flags.iter().map(|flag| Self {
            flag: flag.name.clone(),
            by: if flag.spelled.starts_with('-') {
                ChosenBy::Flag(flag.spelled.clone())
            } else {
                ChosenBy::Variable(flag.spelled.clone())
            },
        });
        chosen.collect()
    }

    /// The variable that chose `flag`, as clap names flags: `--working-dir <DIR>`.
    pub(in crate::cli) fn variable_of(&self, flag: &str) -> Option<&str> {
        let named = flag.strip_prefix("--")?.split(' ').next()?;
        match &self.by {
            ChosenBy::Variable(name) if self.flag == named => Some(name),
            ChosenBy::Variable(_) | ChosenBy::Flag(_) => None,
        }
    }
}

impl fmt::Display for ChosenBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
        }
    }
}
