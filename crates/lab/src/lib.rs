//! AWS on loopback that says no: several accounts whose trust policies, permissions, signatures
//! and session lifetimes are enforced, and whose every call is recorded with its principal.
//!
//! A request passes from left to right, and whatever becomes of it ends in the record:
//!
//! ```text
//! http ──► identity ──► fault ──► service ──► policy      front.rs is the way between them
//!          who is it    does it    what is     may they
//!                       go wrong   wanted
//! world.rs ──► cloud.rs: what there is        lab.rs, control.rs: the same controls, twice
//! ```
//!
//! ```
//! use terrane_lab::{Fault, Lab, World};
//!
//! let lab = Lab::start(World::landing_zone())?;
//! lab.set_session_seconds(Some(8));
//! lab.add_fault(Fault::on("s3:PutObject").by("*state-mgmt-role*").dropping_after().once());
//! // Here runs what is tested, with lab.environment() and lab.operator().environment().
//! assert!(lab.calls().of("s3:*").not_by("state-mgmt-role").is_empty());
//! assert!(lab.locks().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Nothing here uses an AWS SDK, so that the lab and what is tested against it cannot share a
//! misunderstanding of AWS. Where AWS is known to differ from its documentation, the lab does as
//! AWS does; what it does not know it refuses with words that say so.

mod clock;
mod cloud;
mod control;
mod fault;
mod front;
mod http;
mod identity;
mod lab;
mod pattern;
mod policy;
mod record;
mod seed;
mod service;
mod world;
mod xml;

pub use crate::cloud::PolicyOf;
pub use crate::fault::{Fault, FaultEffect};
pub use crate::identity::jwt::TokenAlgorithm;
pub use crate::identity::keyring::Keys;
pub use crate::lab::{Lab, SignIn};
pub use crate::record::{Call, Calls, IssuedSession};
pub use crate::seed::{Lock, LockKind, SeedError};
pub use crate::world::{World, WorldError};
