//! The one test binary: the program as people run it, with real processes, signals and files, and
//! rules about the source itself.
#![expect(
    clippy::disallowed_methods,
    reason = "tests set the scene: they write trees, start the program and read what it left"
)]

mod bad_input;
mod base_identity;
mod broken_files;
mod children;
mod choosing;
mod doctor;
mod explain;
mod hcl_fmt;
mod hcl_validate;
mod hostile;
mod identity;
mod interrupts;
mod listing;
mod mocks;
mod outputs;
mod policies;
mod render;
mod role_tables;

mod runs;
mod sandbox;
mod scene;
mod stack;
mod tidy;
mod usage;
