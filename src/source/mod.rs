//! "This module, in this folder": from an address to the files that terraform runs on.
//!
//! A source is fetched once in a run, whoever wants it, and copied into each unit's working folder
//! together with the unit's own files. A folder that is up to date is left alone, and a second run
//! looks at little more than names and times. Nothing here knows what the code is for, who may run
//! it, or what else will be written into the folder.

pub mod archive;
pub mod cache;
pub mod checksum;
pub mod copy_rules;
pub mod download;
pub mod fetch;
pub mod fill;
pub mod git;
pub mod http;
pub mod listing;
pub mod manifest;
pub mod overrides;
pub mod place_file;
pub mod registry;

#[cfg(test)]
mod loopback;
