//! The lab from outside: by HTTP, with requests signed by hand, and by the real terraform.
//!
//! The client and the signer here share no code with the lab, so that a mistake in one of them
//! does not hide in the other.

mod client;
mod signer;

mod control;
mod dynamodb;
mod faults;
mod landing_zone;
mod signatures;
mod sources;
mod ssm;
mod storage;
mod stress;
mod terraform;
mod trust;
mod web_identity;
