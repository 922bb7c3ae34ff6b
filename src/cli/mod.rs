//! Flags, variables and exit codes: each command a pipeline on one screen.

pub mod credentials;
