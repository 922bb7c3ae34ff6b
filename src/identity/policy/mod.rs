//! The policies that a tree needs: who must trust whom, and what each role must be allowed to do for
//! the roles behind it and for the states.
//!
//! They follow from chains and state locations alone. What a doer needs for the resources of its
//! units stands in modules, and is known here as little as what AWS has today.

mod base_principal;
mod document;
mod footprint;
mod state_access;
#[cfg(test)]
mod tests;
mod trust;

pub use base_principal::{BasePrincipal, BasePrincipalError};
pub use document::{Condition, PolicyDocument, Principal, Statement};
pub use footprint::{Actor, Footprint, RoleKind, Touch, assume_actions};
pub use state_access::{Home, KeyShape, LOCK_ITEM_ACTIONS, ManagedSize, Workspaces, confined_to};
pub use trust::{TrustRemark, of_external_id, people_of};
