//! What callers may do: IAM's policy language, and the decision over all policies that apply.
//!
//! Pure. It knows no requests and no services, only actions, resources and condition keys by
//! name. What it cannot evaluate it refuses to parse: a statement that silently never applied
//! would make a lab that says yes where AWS says no, or the reverse.

pub(crate) mod condition;
pub(crate) mod decision;
mod document;

pub(crate) use self::document::{Effect, Policy, PolicyError, PolicyKind, Statement};
