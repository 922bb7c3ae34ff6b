//! AWS on loopback that says no: several accounts whose trust policies, permissions, signatures
//! and session lifetimes are enforced, and whose every call is recorded with its principal.
