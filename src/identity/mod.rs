//! Who acts for a unit, and why.
//!
//! Claims come from flags, variables, the unit's file and the files that it includes. They are
//! merged field by field, and the result is two role chains reached from one hub: the *doer* for
//! the unit's resources and *state-management* for its state.
//!
//! Pure: it calls nobody and reads nothing. It has never heard of files of HCL or of sessions; it
//! is handed claims and gives back chains, the reason, and what lost.

mod backend_role;
mod because;
mod claims;
mod confinement;
mod merge;
pub mod policy;
mod resolve;
mod role_map;
mod spelling;

pub use backend_role::{
    BackendRole, BackendRoleError, BackendRoleForm, ROLE_ARGUMENTS as BACKEND_ROLE_ARGUMENTS,
};
pub use because::{Because, Decided, DoerReason, Rejected, StateReason, WhyRejected};
pub use claims::{
    FolderAccount, ProviderRole, ProviderStart, RoleOptions, StateFrom, StateSessions, TabledId,
    UnitClaims,
};
pub use confinement::{Confinement, NotConfined};
pub use resolve::{Acting, BackendAccess, Identity, WrongAccount, resolve};
pub use role_map::{Covers, FolderPattern, RoleMap, RoleRow, RoleTable, Takes};
pub use spelling::{
    ClaimError, ClaimField, assumer_from_environment, assumer_from_flag, claim_field,
    claims_from_environment, claims_from_flags, shadowed_profile,
};

#[cfg(test)]
mod tests;
