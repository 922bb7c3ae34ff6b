//! The folder of one run: the words of all children, and the journal.
//!
//! Below the user's state folder, readable by the user alone, since words may hold secrets. The
//! last ten of each estate are kept.
#![expect(
    clippy::disallowed_methods,
    reason = "the folders of earlier runs are listed and removed here"
)]

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::options::Launch;

/// How many runs of an estate are kept.
const KEPT: usize = 10;

/// The folder of a run.
#[derive(Clone, Debug)]
pub(super) struct RunFolder {
    pub(super) path: Utf8PathBuf,
    /// Four letters that name the run on screens and in reports.
    pub(super) run_id: String,
}

impl RunFolder {
    /// Makes a new one, and removes the oldest where there are too many.
    pub(super) fn create(launch: &Launch, estate: &Utf8Path, now: Timestamp) -> io::Result<Self> {
        let runs = runs_of(launch, estate);
        private_folder(&runs)?;
        // One more is about to come.
        remove_all_but(&runs, KEPT - 1);
        let run_id = random_id()?;
        let time = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S");
        let path = runs.join(format!("{time}-{run_id}"));
        private_folder(&path)?;
        Ok(Self { path, run_id })
    }

    /// Where the journal is kept.
    pub(super) fn journal(&self) -> Utf8PathBuf {
        self.path.join("run.jsonl")
    }

    /// Where sources are fetched to while the run goes on.
    pub(super) fn sources(&self) -> Utf8PathBuf {
        self.path.join("sources")
    }
}

/// Where the runs of an estate lie.
fn runs_of(launch: &Launch, estate: &Utf8Path) -> Utf8PathBuf {
    let named = launch.variable("XDG_STATE_HOME").map(Utf8PathBuf::from);
    let state = named.filter(|path| path.is_absolute()).or_else(|| {
        let home = launch.home()?;
        Some(home.join(".local").join("state"))
    });
    let state = state.unwrap_or_else(|| {
        let temporary = launch.variable("TMPDIR");
        temporary.map_or_else(|| "/tmp".into(), Utf8PathBuf::from)
    });
    let digest = Sha256::digest(estate.as_str());
    let name = BASE64_URL_SAFE_NO_PAD.encode(&digest[..9]);
    state.join("terrane").join("runs").join(name)
}

/// Folders begin with their time, so that the oldest come first. What cannot be removed stays.
fn remove_all_but(runs: &Utf8Path, kept: usize) {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let mut old: Vec<_> = entries.map(|entry| entry.path()).collect();
    old.sort();
    let too_many = old.len().saturating_sub(kept);
    for folder in &old[..too_many] {
        let _ = fs::remove_dir_all(folder);
    }
}

fn private_folder(path: &Utf8Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn random_id() -> io::Result<String> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{:04x}", u16::from_be_bytes(bytes)))
}
