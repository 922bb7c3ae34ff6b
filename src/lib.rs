//! terrane reads a tree of Terragrunt units that spans several AWS accounts and runs terraform in
//! each, in dependency order, with two sibling identities per unit.
//!
//! The modules form five layers, and an arrow may only point down:
//!
//! ```text
//! 5  cli        args → options → one straight pipeline per command
//! 4  report     Event → progress bars, plain lines, JSON lines, summary
//! 3  run        RunQueue (pure) ↔ dispatcher (the loop) → unit_run
//! 2  config     identity   graph   terraform   source   aws      (strangers to each other)
//! 1  model      process
//! 0  terrane-hcl, the language
//! ```
//!
//! `tests/it/tidy.rs` reads the `use` lines and refuses an upward or sideways arrow.
//! `ARCHITECTURE.md` has the invariants.
#![cfg(unix)]

pub mod aws;
pub mod cli;
pub mod config;
pub mod graph;
pub mod identity;
pub mod model;
pub mod process;
pub mod report;
pub mod run;
pub mod source;
pub mod terraform;
