//! Plain values that every layer speaks in: what a unit, a role, a state location is.
//!
//! No behaviour beyond parsing and printing themselves; no files, clock, network or process.

mod secret;
mod unit;

pub use secret::Secret;
pub use unit::{UnitIx, UnitMap, UnitPath};
