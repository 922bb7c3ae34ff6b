//! One thing that was looked at, and what came of it.

use serde::Serialize;

use crate::identity::policy::Statement;

/// What came of one check. Texts are whole, without line breaks of their own but in statements.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Check {
    /// What kind of thing it is, for programs.
    pub(super) id: &'static str,
    pub(super) status: Status,
    /// What was looked at.
    pub(super) subject: String,
    /// What was found, in a few words.
    pub(super) detail: String,
    /// What else is to be known of it, each with what it is.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What would have to be added, and where.
    pub(super) statements: Vec<Addition>,
    /// What to do.
    pub(super) fix: Vec<String>,
    /// The units that cannot run because of it.
    pub(super) blocks: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Ok,
    Warn,
    Failed,
    /// It could not be looked at.
    Skipped,
}

/// A statement of a policy, and the policy that lacks it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Addition {
    pub(super) to: String,
    pub(super) statement: Statement,
}

impl Check {
    pub(super) fn new(id: &'static str, status: Status, subject: impl Into<String>) -> Self {
        Self {
            id,
            status,
            subject: subject.into(),
            detail: String::new(),
            facts: Vec::new(),
            statements: Vec::new(),
            fix: Vec::new(),
            blocks: Vec::new(),
        }
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(super) fn fact(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.facts.push((label, text.into()));
        self
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix.push(fix.into());
        self
    }

    pub(super) fn blocks(mut self, units: impl IntoIterator<Item = String>) -> Self {
        self.blocks.extend(units);
        self
    }
}

/// `1 unit`, `4 units`
pub(super) fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
