//! Plain values that every layer speaks in: what a unit, a role, a state location is.
//!
//! No behaviour beyond parsing and printing themselves; no files, clock, network or process.

mod account;
mod changes;
mod child_end;
pub mod engine_facts;
pub mod file_names;
mod line;
mod module;
pub mod origin;
pub mod paths;
mod place;
pub mod prepared;
mod role;
mod secret;
mod shell_word;
mod state;
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
pub use role::{
    AccountId, AccountIdError, Assumption, BaseIdentity, ClaimSource, ClaimedRole,
    CredentialSource, ExternalId, ExternalIdError, GivenKeys, MfaDevice, Principal, Purpose,
    RoleArn, RoleArnError, RoleArnProblem, RoleChain, RoleClaim, Session, SessionDuration,
    SessionDurationError, SessionLimits, SessionName, SessionPolicy, WebIdentityToken,
};
pub use secret::Secret;
pub use shell_word::{in_quotes, shell_word};
pub use state::{
    Lock, MissingOutput, NotReadDirectly, Origin, OutputValue, Outputs, S3State, StateLocation,
    StateLocationError, StateVersion,
};
pub use unit::{UnitIx, UnitMap, UnitPath};
pub use version::{Version, VersionConstraint, VersionError};
