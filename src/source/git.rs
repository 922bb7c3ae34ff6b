//! Fetching from git repositories, through the git program: it knows the user's keys, proxies and
//! helpers.
//!
//! Addresses and references reach it as arguments that it cannot take for options. It speaks only
//! the protocols of `PROTOCOLS`, runs no hooks, and asks nobody anything.

use std::ffi::OsString;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use crate::model::GitSource;
use crate::process::{CaptureError, CaptureLimits, Captured, Environment, Program, capture};

/// How git is to be called.
#[derive(Clone, Debug)]
pub struct Git {
    /// The caller's, as it was captured.
    environment: Environment,
    limits: CaptureLimits,
}

#[derive(Debug, Error)]
pub enum GitError {
    #[error("git {command} failed: {words}")]
    Failed {
        command: &'static str,
        /// What git said, without what the address keeps secret.
        words: String,
    },
    #[error("the repository has no branch, tag or commit {0}")]
    NoReference(String),
    #[error("git {command}: {error}")]
    Capture {
        command: &'static str,
        #[source]
        error: CaptureError,
    },
}

const LIMITS: CaptureLimits = CaptureLimits {
    time: Duration::from_mins(10),
    stdout_bytes: 1 << 20,
    stderr_bytes: 64 << 10,
};

/// Variables by which a git that calls us tells which repository it works on.
const OF_ANOTHER_REPOSITORY: [&str; 12] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// What every repository may be reached by. A repository of this machine only where the address
/// itself says so: its submodules may not.
const PROTOCOLS: &str = "https:http:ssh";

/// Words of git and of servers that say: not by this name, not alone.
const NOT_BY_ITSELF: [&str; 5] = [
    "couldn't find remote ref",
    "not our ref",
    "unadvertised object",
    "does not support shallow",
    "dumb http transport",
];

impl Git {
    pub fn new(inherited: &Environment) -> Self {
        let mut environment = inherited.clone();
        for name in OF_ANOTHER_REPOSITORY {
            environment.remove(name);
        }
        environment.set("GIT_TERMINAL_PROMPT", "0");
        // Its words are read below.
        environment.set("LC_ALL", "C");
        Self {
            environment,
            limits: LIMITS,
        }
    }

    /// Makes a working copy of the source in `folder`, which is there and empty.
    pub async fn fetch(&self, source: &GitSource, folder: &Utf8Path) -> Result<(), GitError> {
        let repository = Repository {
            git: self,
            source,
            folder,
        };
        repository.run("init", &["--quiet", "--template="]).await?;
        match repository.fetch_shallow().await {
            Err(GitError::Failed { words, .. })
                if NOT_BY_ITSELF.iter().any(|known| words.contains(known)) =>
            {
                repository.fetch_all().await?;
            }
            done => done?,
        }
        repository.fetch_submodules().await
    }
}

struct Repository<'a> {
    git: &'a Git,
    source: &'a GitSource,
    folder: &'a Utf8Path,
}

impl Repository<'_> {
    /// One commit is enough, and most servers give it by any name.
    async fn fetch_shallow(&self) -> Result<(), GitError> {
        let depth = format!("--depth={}", self.source.depth.unwrap_or(1));
        let reference = self.source.reference.as_deref().unwrap_or("HEAD");
        let url = self.source.url.expose();
        let args = [
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            &depth,
            "--end-of-options",
            url,
            reference,
        ];
        self.run("fetch", &args).await?;
        self.check_out("FETCH_HEAD").await
    }

    /// For what servers do not give by itself: a shortened commit, an old protocol.
    async fn fetch_all(&self) -> Result<(), GitError> {
        let args = [
            "--quiet",
            "--no-recurse-submodules",
            "--end-of-options",
            self.source.url.expose(),
            "+HEAD:refs/remotes/origin/HEAD",
            "+refs/heads/*:refs/remotes/origin/*",
            "+refs/tags/*:refs/tags/*",
        ];
        self.run("fetch", &args).await?;
        let reference = self.source.reference.as_deref().unwrap_or("HEAD");
        for prefix in ["refs/tags/", "refs/remotes/origin/", ""] {
            let name = format!("{prefix}{reference}^{{commit}}");
            let found = self
                .capture("rev-parse", &["--verify", "--quiet", &name])
                .await?;
            if found.end.is_success() {
                let commit = String::from_utf8_lossy(&found.stdout);
                return self.check_out(commit.trim()).await;
            }
        }
        Err(GitError::NoReference(reference.to_owned()))
    }

    async fn check_out(&self, commit: &str) -> Result<(), GitError> {
        self.run("checkout", &["--quiet", "--detach", commit]).await
    }

    async fn fetch_submodules(&self) -> Result<(), GitError> {
        if !self.folder.join(".gitmodules").is_file() {
            return Ok(());
        }
        // Addresses of submodules may be relative to this one.
        let url = self.source.url.expose();
        self.run("config", &["remote.origin.url", url]).await?;
        let args = ["update", "--quiet", "--init", "--recursive"];
        self.run("submodule", &args).await
    }

    async fn run(&self, command: &'static str, args: &[&str]) -> Result<(), GitError> {
        let said = self.capture(command, args).await?;
        if said.end.is_success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&said.stderr);
        let words = words
            .trim()
            .replace(self.source.url.expose(), &self.source.url.to_string());
        Err(GitError::Failed { command, words })
    }

    async fn capture(&self, command: &'static str, args: &[&str]) -> Result<Captured, GitError> {
        let safe = [
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "protocol.ext.allow=never",
        ];
        let words = safe.iter().chain([&command]).chain(args);
        let program = Program {
            executable: "git".into(),
            args: words.map(OsString::from).collect(),
            folder: Utf8PathBuf::from(self.folder),
            environment: self.environment(command),
        };
        let captured = capture(&program, &self.git.limits).await;
        captured.map_err(|error| GitError::Capture { command, error })
    }

    fn environment(&self, command: &str) -> Environment {
        let mut environment = self.git.environment.clone();
        if environment.get("GIT_ALLOW_PROTOCOL").is_none() {
            let own = match self.source.url.scheme() {
                scheme @ ("file" | "git") if command == "fetch" => format!("{PROTOCOLS}:{scheme}"),
                _ => PROTOCOLS.to_owned(),
            };
            environment.set("GIT_ALLOW_PROTOCOL", own);
        }
        environment
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests make repositories with the git program, and write into them"
)]
mod tests;
