//! Something worth knowing that stops nothing: an old spelling, a flag without a meaning here.

use std::fmt;

/// One hint, said once on stderr before the command begins.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Note(String);

impl Note {
    pub(super) fn renamed(old: &str, now: &str) -> Self {
        Self(format!("{old} is an old spelling of {now}"))
    }

    pub(super) fn ignored(what: &str, why: &str) -> Self {
        Self(format!("{what} is passed over: {why}"))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
