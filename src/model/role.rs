//! Who acts: accounts, roles, what somebody wished for, and the chain that leads to a session.
//!
//! Values only. They know how to read and print themselves; which claim wins is decided in
//! `identity`, and sessions are taken in `aws`.

mod arn;
mod base;
mod chain;
mod claim;
mod limits;

pub use arn::{AccountId, AccountIdError, Principal, RoleArn, RoleArnError, RoleArnProblem};
pub use base::{BaseIdentity, CredentialSource, GivenKeys, MfaDevice};
pub use chain::{Assumption, RoleChain, Session, SessionLimits, SessionPolicy};
pub use claim::{ClaimSource, ClaimedRole, Purpose, RoleClaim, WebIdentityToken};
pub use limits::{ExternalId, ExternalIdError, SessionDuration, SessionDurationError, SessionName};
