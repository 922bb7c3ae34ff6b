//! What changed between two states of the repository, as git tells.

use std::ffi::OsString;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::options::Options;
use crate::graph::filter::GitRange;
use crate::model::ChildEnd;
use crate::process::{CaptureLimits, Environment, Program, capture_blocking};

const LIMITS: CaptureLimits = CaptureLimits {
    time: Duration::from_mins(2),
    stdout_bytes: 256 << 20,
    stderr_bytes: 64 << 10,
};

/// Branches that are the default one where the remote does not say.
const USUAL_BRANCHES: [&str; 2] = ["main", "master"];

/// A file of the repository.
pub(super) struct RepositoryFile {
    /// As git names it, from the top of the repository.
    pub(super) name: Utf8PathBuf,
    /// Absolute.
    pub(super) path: Utf8PathBuf,
}

/// The files that differ between two states, absolute. Those that went are among them.
pub(super) fn changed_files(
    range: &GitRange,
    options: &Options,
) -> Result<Vec<Utf8PathBuf>, String> {
    let files = differing(&[], range, options)?;
    Ok(files.into_iter().map(|file| file.path).collect())
}

/// The files that the first state has and the second has not.
pub(super) fn lost_files(
    range: &GitRange,
    options: &Options,
) -> Result<Vec<RepositoryFile>, String> {
    differing(&["--diff-filter=D"], range, options)
}

fn differing(
    which: &[&str],
    range: &GitRange,
    options: &Options,
) -> Result<Vec<RepositoryFile>, String> {
    let up = git(&["rev-parse", "--show-cdup"], options)?;
    let top = options.path(Utf8Path::new(up.trim()));
    let (from, to) = (range.from.as_str(), range.to.as_str());
    let command = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z"];
    let states = ["--end-of-options", from, to, "--"];
    let names = git(&[&command[..], which, &states].concat(), options)?;
    let names = names.split('\0').filter(|name| !name.is_empty());
    let file = |name: &str| RepositoryFile {
        name: name.into(),
        path: top.join(name),
    };
    Ok(names.map(file).collect())
}

/// The branch that changes are held against: the remote's, else `main` or `master`.
pub(super) fn default_branch(options: &Options) -> Result<String, String> {
    let head = [
        "symbolic-ref",
        "--quiet",
        "--short",
        "refs/remotes/origin/HEAD",
    ];
    if let Ok(branch) = git(&head, options) {
        return Ok(branch.trim().to_owned());
    }
    let exists = |branch: &&str| {
        let name = format!("refs/heads/{branch}");
        git(&["rev-parse", "--quiet", "--verify", &name], options).is_ok()
    };
    let branch = USUAL_BRANCHES.into_iter().find(exists);
    branch.map(str::to_owned).ok_or_else(|| {
        "the remote names no default branch, and there is neither main nor master".to_owned()
    })
}

fn git(words: &[&str], options: &Options) -> Result<String, String> {
    let mut environment: Environment = options.launch.variables.iter().collect();
    environment.set("GIT_OPTIONAL_LOCKS", "0");
    let program = Program {
        executable: "git".into(),
        args: words.iter().map(OsString::from).collect(),
        folder: options.start.clone(),
        environment,
    };
    let said = capture_blocking(&program, &LIMITS).map_err(|error| error.to_string())?;
    if said.end != ChildEnd::Code(0) {
        let complaint = String::from_utf8_lossy(&said.stderr);
        let first = complaint.lines().next().unwrap_or("git failed");
        return Err(first.trim_start_matches("fatal: ").to_owned());
    }
    Ok(String::from_utf8_lossy(&said.stdout).into_owned())
}
