//! Plain values that every layer speaks in: what a unit, a role, a state location is.
//!
//! No behaviour beyond parsing and printing themselves; no files, clock, network or process.

mod account;
mod changes;
mod child_end;
pub mod engine_facts;
mod line;
mod module;
mod place;
pub mod prepared;
mod secret;
mod unit;
mod version;

pub use account::AccountLabel;
pub use changes::{Changes, ResourceCounts};
pub use child_end::ChildEnd;
pub use line::{Line, Stream, harmless, without_colours};
pub use module::{
    ArchiveKind, ArchiveSource, Checksum, GitSource, ModuleAddress, ModuleAddressError,
    ModuleSource, Query, RegistrySource, RemoteUrl, S3Source, split_address,
};
pub use place::Place;
pub use secret::Secret;
pub use unit::{UnitIx, UnitMap, UnitPath};
pub use version::{Version, VersionConstraint, VersionError};
