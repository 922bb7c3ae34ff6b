//! What the program tells whoever started it.

use std::process::ExitCode;

/// Every exit status there is, in one list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExitStatus {
    /// All is well.
    Success,
    /// Some unit failed, or the configuration is wrong.
    Failure,
    /// There are changes; only with `-detailed-exitcode`, as terraform has it.
    ChangesPresent,
    /// A safety check refused, and nothing was started.
    Refused,
    /// What is in the cloud and what is in a state may differ. Wins over all others.
    StateAtRisk,
    /// The command line was not understood.
    Usage,
    /// Ctrl-C, or the terminal went away.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// What the first failed child ended with.
    Child(u8),
}

impl ExitStatus {
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::ChangesPresent => 2,
            Self::Refused => 4,
            Self::StateAtRisk => 6,
            Self::Usage => 64,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Child(code) => code,
        }
    }

    /// What a failed child's exit code becomes: itself, where it can be one of ours and says that
    /// something failed.
    pub(super) fn of_failed_child(code: i32) -> Self {
        match u8::try_from(code) {
            Ok(0 | 1) | Err(_) => Self::Failure,
            Ok(code) => Self::Child(code),
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
